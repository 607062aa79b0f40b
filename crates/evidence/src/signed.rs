//! A record under a signature: a signed note (C2SP) whose text is a line that says so, and the record as one line of JSON.
//!
//! The first line keeps the signature from meaning anything else: no checkpoint and no list of a bundle begins like it.

use std::fmt;

use ledger::{LONGEST, NoteError, SignedNote, Signer, Verifier};
use serde::Serialize;

use crate::keys::{Keys, basis_of, serial_of};
use crate::reason::Reason;
use crate::record::{Basis, Record};

/// The first line.
const FIRST: &str = "ringwall evidence 1\n";
/// The part of it that later forms keep.
const FAMILY: &str = "ringwall evidence ";

/// Why a record is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignError {
    /// It is longer than a log takes.
    TooLong,
    /// The key may not sign it: a key of the lab signs nothing of the site, and a machine signs only for itself.
    Key,
    /// It does not hold together.
    Unsound,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the record is longer than a log takes",
            Self::Key => "the key may not sign this record",
            Self::Unsound => "the record does not hold together",
        })
    }
}

impl std::error::Error for SignError {}

/// Whether a key of this name may sign a record: what the lab found any key, what was found on site only the key of
/// that machine.
fn may_sign(name: &str, record: &Record) -> bool {
    match (basis_of(name), record.basis) {
        (None, _) | (Some(Basis::Lab), Basis::Site) => false,
        (Some(_), Basis::Lab) => true,
        (Some(Basis::Site), Basis::Site) => {
            record.machine.as_ref().is_some_and(|machine| serial_of(name) == Some(&machine.serial))
        }
    }
}

/// A value as one line of JSON, the only way it is written: characters a note may not hold are escaped.
pub(crate) fn line(value: &impl Serialize) -> Option<String> {
    let json = serde_json::to_string(value).ok()?;
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        // Within JSON they stand in strings only, and serde leaves some of them as they are.
        if c.is_control() {
            line.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            line.push(c);
        }
    }
    Some(line)
}

impl Record {
    /// The record under a signature, as it goes into a log.
    pub fn sign(&self, signer: &Signer) -> Result<Vec<u8>, SignError> {
        if !self.sound() {
            return Err(SignError::Unsound);
        }
        if !may_sign(signer.verifier().name(), self) {
            return Err(SignError::Key);
        }
        let line = line(self).ok_or(SignError::Unsound)?;
        let note = ledger::sign(&format!("{FIRST}{line}\n"), signer).into_bytes();
        if note.len() > LONGEST { Err(SignError::TooLong) } else { Ok(note) }
    }
}

/// A record and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed, byte by byte.
    pub text: String,
    /// The record.
    pub record: Record,
    /// The key.
    pub key: Verifier,
}

impl Signed {
    /// Reads a record and checks who signed it.
    pub fn read(bytes: &[u8], keys: &Keys) -> Result<Self, Reason> {
        let note = SignedNote::parse_within(bytes, LONGEST).map_err(|_| Reason::Form)?;
        let rest = note.text().strip_prefix(FAMILY).ok_or(Reason::Form)?;
        // The signature comes first: what nobody vouches for is not looked into.
        let mut found = Err(Reason::UnknownKey { key: note.signers().next().unwrap_or_default() });
        for key in keys.iter() {
            match note.verify(key) {
                Ok(_) => {
                    found = Ok(key);
                    break;
                }
                Err(NoteError::Signature) => found = Err(Reason::Signature { key: key.short() }),
                Err(_) => {}
            }
        }
        let key = found?;
        let (version, line) = rest.split_once('\n').ok_or(Reason::Form)?;
        if version != "1" {
            return Err(Reason::Version { version: version.chars().take(16).collect() });
        }
        let line = line.strip_suffix('\n').ok_or(Reason::Form)?;
        let record: Record = serde_json::from_str(line).map_err(|_| Reason::Form)?;
        // One way to write a record: nothing unknown, nothing twice.
        if !record.sound() || self::line(&record).as_deref() != Some(line) {
            return Err(Reason::Form);
        }
        if !may_sign(key.name(), &record) {
            return Err(Reason::Basis { key: key.short(), basis: record.basis });
        }
        Ok(Self { text: note.text().to_owned(), record, key: key.clone() })
    }
}
