//! Hashes of the plant's text.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The file whose text is not the plant's but what people decided about it.
const DECISIONS: &str = "decisions.toml";

/// What a record says of the text it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    /// Of the plant.
    pub plant: String,
    /// Of the decisions, where there are some.
    pub decisions: Option<String>,
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Whether a text is SHA-256 as this crate writes it.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hashes of a plant's files, each a name and its text. The folder they lie in does not count, nor their order.
pub fn plant_hashes<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Hashes {
    let mut files: Vec<_> = files.into_iter().map(|(name, text)| (file_name(name), text)).collect();
    files.sort_unstable();
    let (decisions, plant): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| *name == DECISIONS);
    let of = |files: Vec<(&str, &[u8])>| {
        let mut hasher = Sha256::new();
        hasher.update("ringwall plant 1\n");
        for part in files.into_iter().flat_map(|(name, text)| [name.as_bytes(), text]) {
            // Lengths keep neighbouring parts apart.
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hex(&hasher.finalize())
    };
    Hashes { plant: of(plant), decisions: (!decisions.is_empty()).then(|| of(decisions)) }
}

/// The last part of a path, written in the way of any system.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(files: &[(&str, &str)]) -> Hashes {
        plant_hashes(files.iter().map(|(name, text)| (*name, text.as_bytes())))
    }

    #[test]
    fn the_text_counts_and_the_folder_does_not() {
        let one = hashes(&[("plant.toml", "a"), ("decisions.toml", "b")]);
        assert_eq!(one, hashes(&[("/elsewhere/decisions.toml", "b"), ("C:\\here\\plant.toml", "a")]));
        assert!(is_hash(&one.plant) && one.decisions.as_deref().is_some_and(is_hash));
        assert_ne!(one.plant, hashes(&[("plant.toml", "b")]).plant);
        assert_ne!(one.plant, hashes(&[("other.toml", "a")]).plant);
        // An attestation changes the decisions and leaves the plant as it is.
        let attested = hashes(&[("plant.toml", "a"), ("decisions.toml", "bb")]);
        assert_eq!(attested.plant, one.plant);
        assert_ne!(attested.decisions, one.decisions);
        assert_ne!(hashes(&[("a", "bc")]), hashes(&[("ab", "c")]));
    }

    #[test]
    fn a_hash_is_the_usual_one() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(!is_hash("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
    }
}
