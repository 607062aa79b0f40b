//! A bundle: everything that stands for a proof, in one file that is signed as a whole.
//!
//! A line `ringwall bundle 1` with the length of what follows it; a signed note, whose text is that there is a list of the
//! parts with the length and SHA-256 of each; then the parts, one after another, and nothing else. Every byte of
//! the file is under the one signature: the list directly, the parts through their hashes. A tar archive has modes, times, padding
//! and names twice, none of which a hash of the parts covers, and a reader of paths that nobody needs here.

mod fault;
mod manifest;

use ledger::{SignedNote, Signer, Verifier};

pub use fault::{CONTAINER, Fault, MANIFEST};
pub use manifest::{Manifest, Part};

use crate::hash::sha256;

/// How a bundle begins; eight digits and a line end follow.
const START: &str = "ringwall bundle 1 ";
/// Digits of the length.
const DIGITS: usize = 8;
/// The first line of the list.
const FIRST: &str = "ringwall bundle 1\n";
/// No longer list is read or written.
const LONGEST_LIST: usize = 1 << 20;
/// No more parts are read or written.
pub(crate) const MOST_PARTS: usize = 1000;
/// No longer bundle is written; a reader need not read further.
pub const LONGEST: usize = 512 << 20;

/// Why there is no bundle: a name that is none, or too much for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPacked;

/// Packs parts, each a name and its content, under what the manifest says of them.
pub fn pack(manifest: Manifest, parts: &[(String, Vec<u8>)], signer: &Signer) -> Result<Vec<u8>, NotPacked> {
    let list = parts.iter().map(|(name, content)| Part::of(name, content)).collect();
    let manifest = Manifest { key: signer.verifier().to_string(), parts: list, ..manifest };
    let line = manifest.line().filter(|_| manifest.sound()).ok_or(NotPacked)?;
    let note = ledger::sign(&format!("{FIRST}{line}\n"), signer);
    let mut bytes = format!("{START}{:0width$}\n{note}", note.len(), width = DIGITS).into_bytes();
    let length = parts.iter().fold(bytes.len(), |sum, (_, content)| sum.saturating_add(content.len()));
    if note.len() > LONGEST_LIST || length > LONGEST {
        return Err(NotPacked);
    }
    parts.iter().for_each(|(_, content)| bytes.extend(content));
    Ok(bytes)
}

/// A bundle whose list holds.
#[derive(Debug)]
pub struct Bundle<'a> {
    /// The list and what it says.
    pub manifest: Manifest,
    /// Who signed it.
    pub key: Verifier,
    /// The parts that are what the list says, by name, in its order; the others stand below.
    parts: Vec<(&'a str, &'a [u8])>,
    /// What is wrong, with the name of the part.
    pub faults: Vec<(String, Fault)>,
}

impl<'a> Bundle<'a> {
    /// The content of a part that is there and whole.
    pub fn part(&self, name: &str) -> Option<&'a [u8]> {
        self.parts.iter().find(|(own, _)| *own == name).map(|(_, content)| *content)
    }
}

/// The start of a bundle: its signed list, and where the parts begin.
fn start(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(START.as_bytes())?;
    let (digits, rest) = rest.split_at_checked(DIGITS)?;
    let rest = rest.strip_prefix(b"\n")?;
    let digits = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    rest.split_at_checked(digits.parse().ok().filter(|length| *length <= LONGEST_LIST)?)
}

/// Reads a bundle. With a key, that one must have signed it; without, the one it names, which says only that nothing was
/// changed since.
pub fn open<'a>(bytes: &'a [u8], key: Option<&Verifier>) -> Result<Opened<'a>, (&'static str, Fault)> {
    let (note, rest) = start(bytes).ok_or((CONTAINER, Fault::Container))?;
    let list = || (MANIFEST, Fault::List);
    let note = SignedNote::parse_within(note, LONGEST_LIST).map_err(|_| list())?;
    let line = note.text().strip_prefix(FIRST).and_then(|line| line.strip_suffix('\n')).ok_or_else(list)?;
    let signers: Vec<String> = note.signers().collect();
    let manifest = Manifest::read(line).ok_or_else(list)?;
    let own = Verifier::parse(&manifest.key).map_err(|_| list())?;
    // One signature, by the key the list names: another beside it would be bytes nobody vouches for.
    if signers != [own.short()] || note.verify(&own).is_err() {
        return Err(list());
    }
    if let Some(key) = key.filter(|key| **key != own) {
        return Err((MANIFEST, Fault::OtherKey { key: own.short(), wanted: key.short() }));
    }
    Ok(Opened { manifest, key: own, rest })
}

/// A bundle whose list was read, and the bytes behind it.
#[derive(Debug)]
pub struct Opened<'a> {
    manifest: Manifest,
    key: Verifier,
    rest: &'a [u8],
}

impl Opened<'_> {
    /// Holds every part against the list.
    pub fn check(&self) -> Bundle<'_> {
        let (mut rest, mut parts, mut faults) = (self.rest, Vec::new(), Vec::new());
        for part in &self.manifest.parts {
            let length = usize::try_from(part.length).unwrap_or(usize::MAX);
            let Some((content, behind)) = rest.split_at_checked(length) else {
                let there = rest.len() as u64;
                faults.push((part.name.clone(), Fault::Short { there, wanted: part.length }));
                rest = &[];
                continue;
            };
            rest = behind;
            if sha256(content) == part.sha256 {
                parts.push((part.name.as_str(), content));
            } else {
                faults.push((part.name.clone(), Fault::Changed));
            }
        }
        if !rest.is_empty() {
            faults.push((CONTAINER.to_owned(), Fault::Appended { bytes: rest.len() as u64 }));
        }
        Bundle { manifest: self.manifest.clone(), key: self.key.clone(), parts, faults }
    }
}
