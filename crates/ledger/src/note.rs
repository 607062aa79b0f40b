//! Signed notes (C2SP signed-note): a text, an empty line, and lines with signatures.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::key::{Id, Signer, Verifier, is_name};

/// No longer note is read.
const LONGEST: usize = 64 * 1024;
/// No note with more signatures is read.
const MOST_SIGNATURES: usize = 100;
/// How a line with a signature begins.
const DASH: &str = "\u{2014} ";

/// Why a text is no signed note, or not signed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteError {
    /// Not a text, too long, or it holds control characters.
    Text,
    /// No empty line before signatures, or a line there is none.
    Form,
    /// No signature by the key asked for.
    OtherKey,
    /// The signature by the key asked for does not fit the text.
    Signature,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "not a text",
            Self::Form => "not a signed note",
            Self::OtherKey => "not signed by this key",
            Self::Signature => "the signature does not fit the text",
        })
    }
}

impl std::error::Error for NoteError {}

/// A note and its signatures, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote<'a> {
    text: &'a str,
    signatures: Vec<(&'a str, Id, Vec<u8>)>,
}

impl<'a> SignedNote<'a> {
    /// Reads a note.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoteError> {
        Self::parse_within(bytes, LONGEST)
    }

    /// Reads a note of at most this many bytes.
    pub fn parse_within(bytes: &'a [u8], longest: usize) -> Result<Self, NoteError> {
        if bytes.len() > longest {
            return Err(NoteError::Text);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(NoteError::Text);
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, rest) = note.split_at_checked(at + 1).ok_or(NoteError::Form)?;
        let lines = rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let signatures: Vec<_> = lines
            .ok_or(NoteError::Form)?
            .split('\n')
            .take(MOST_SIGNATURES + 1)
            .map(|line| signature(line).ok_or(NoteError::Form))
            .collect::<Result<_, _>>()?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(NoteError::Form);
        }
        Ok(Self { text, signatures })
    }

    /// The text, whoever signed it.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The names and ids of the keys that are said to have signed it, as they are written in front of a key.
    pub fn signers(&self) -> impl Iterator<Item = String> {
        self.signatures.iter().map(|(name, id, _)| format!("{name}+{:08x}", u32::from_be_bytes(*id)))
    }

    /// Whether this key signed it. Signatures by keys nobody asked for are passed over, as the format wants it.
    pub fn verify(&self, verifier: &Verifier) -> Result<&'a str, NoteError> {
        let mut found = NoteError::OtherKey;
        for (name, id, signature) in &self.signatures {
            if *name != verifier.name() || *id != verifier.id() {
                continue;
            }
            match <&[u8; 64]>::try_from(signature.as_slice()) {
                Ok(signature) if verifier.signed(self.text.as_bytes(), signature) => return Ok(self.text),
                _ => found = NoteError::Signature,
            }
        }
        Err(found)
    }
}

fn signature(line: &str) -> Option<(&str, Id, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(signature).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}

/// The note of a text, which ends with a line end and holds no other control characters: otherwise nobody reads it.
pub fn sign(text: &str, signer: &Signer) -> String {
    let verifier = signer.verifier();
    let mut bytes = verifier.id().to_vec();
    bytes.extend(signer.sign(text.as_bytes()));
    format!("{text}\n{DASH}{} {}\n", verifier.name(), STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyError;

    // The example of golang.org/x/mod/sumdb/note, where the format comes from.
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n\n\
                        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_example_of_the_format_is_read_and_written() {
        let verifier = Verifier::parse(PUBLIC).unwrap();
        assert_eq!(SignedNote::parse(NOTE.as_bytes()).unwrap().verify(&verifier), Ok(TEXT));
        let signer = Signer::parse(SECRET).unwrap();
        assert_eq!(signer.verifier(), &verifier);
        assert_eq!((signer.secret().as_str(), verifier.to_string().as_str()), (SECRET, PUBLIC));
        assert_eq!(sign(TEXT, &signer), NOTE);
        assert!(!format!("{signer:?}").contains("AYEKFALV"));
    }

    #[test]
    fn other_keys_and_texts_are_refused() {
        let verifier = Verifier::parse(PUBLIC).unwrap();
        let other = Signer::new("PeterNeumann", &[7; 32]).unwrap();
        let verify = |note: &str, key: &Verifier| SignedNote::parse(note.as_bytes())?.verify(key).map(|_| ());
        assert_eq!(verify(NOTE, other.verifier()), Err(NoteError::OtherKey));
        assert_eq!(verify(&NOTE.replace("answer", "Answer"), &verifier), Err(NoteError::Signature));
        // A further signature by somebody else changes nothing.
        let (_, line) = NOTE.split_once("\n\n").unwrap();
        let both = format!("{}{line}", sign(TEXT, &other));
        assert_eq!(verify(&both, &verifier), Ok(()));
        assert_eq!(verify(&both, other.verifier()), Ok(()));
        for (note, error) in [
            (TEXT, NoteError::Form),
            ("a\n\n", NoteError::Form),
            ("a\n\nb\n", NoteError::Form),
            ("a\tb\n\n\u{2014} n AAAAAAAA\n", NoteError::Text),
            ("a\n\n\u{2014} n AAAA\n", NoteError::Form),
            ("a\n\n\u{2014} n AAAAAAA\n", NoteError::Form),
            (NOTE.trim_end(), NoteError::Form),
        ] {
            assert_eq!(verify(note, &verifier), Err(error), "{note:?}");
        }
        assert_eq!(SignedNote::parse(b"\xff\n\n"), Err(NoteError::Text));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        for (text, error) in [
            ("", KeyError::Form),
            ("a+b", KeyError::Form),
            ("+c74f20a3+ARpc", KeyError::Name),
            ("Peter Neumann+c74f20a3+ARpc", KeyError::Name),
            ("PeterNeumann+c74f20a+ARpc", KeyError::Form),
            ("PeterNeumann+c74f20a3+ARpc", KeyError::Kind),
            ("PeterNeumann+c74f20a3+AhpcAhpc", KeyError::Kind),
            ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Id),
            ("PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Id),
        ] {
            assert_eq!(Verifier::parse(text), Err(error), "{text}");
        }
        assert_eq!(Signer::parse(PUBLIC).map(|_| ()), Err(KeyError::Form));
        assert_eq!(Signer::new("a b", &[0; 32]).map(|_| ()), Err(KeyError::Name));
    }
}
