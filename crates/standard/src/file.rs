//! The files: part of the program, parsed once.

use std::fmt::Write as _;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// A file with what it says about itself.
#[derive(Debug, Deserialize)]
pub(crate) struct File<Meta, Record> {
    pub(crate) meta: Meta,
    pub(crate) records: Vec<Record>,
}

/// What a file says about itself and nobody here reads.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Passed {}

impl<Meta: Default, Record> Default for File<Meta, Record> {
    fn default() -> Self {
        Self { meta: Meta::default(), records: Vec::new() }
    }
}

/// A function that gives a file, parsed once. The files are fixed with the program and a test parses every one; a
/// file that did not parse would be empty, which no count in the tests forgives.
macro_rules! embedded {
    ($name:ident, $type:ty, $file:literal) => {
        fn $name() -> &'static $type {
            static DATA: std::sync::OnceLock<$type> = std::sync::OnceLock::new();
            DATA.get_or_init(|| {
                $crate::file::parse(include_str!(concat!("../data/", $file))).unwrap_or_default()
            })
        }

        #[cfg(test)]
        mod parses {
            use super::*;

            #[test]
            fn the_file_can_be_read() {
                let read: Result<$type, _> = $crate::file::parse(include_str!(concat!("../data/", $file)));
                assert!(read.is_ok(), "{}: {:?}", $file, read.err());
            }
        }
    };
}

pub(crate) use embedded;

pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

/// The day the data was collected.
const COLLECTED: &str = "2026-11-23";

/// Every file by name.
const FILES: [(&str, &str); 16] = [
    ("attack-ics.json", include_str!("../data/attack-ics.json")),
    ("cr.json", include_str!("../data/cr.json")),
    ("crosswalk-anssi.json", include_str!("../data/crosswalk-anssi.json")),
    ("fr-sr.json", include_str!("../data/fr-sr.json")),
    ("german.json", include_str!("../data/german.json")),
    ("protocols.json", include_str!("../data/protocols.json")),
    ("proves.json", include_str!("../data/proves.json")),
    ("regulation-map.json", include_str!("../data/regulation-map.json")),
    ("roles.json", include_str!("../data/roles.json")),
    ("sdl.json", include_str!("../data/sdl.json")),
    ("sl.json", include_str!("../data/sl.json")),
    ("sources.json", include_str!("../data/sources.json")),
    ("sp24.json", include_str!("../data/sp24.json")),
    ("spe21.json", include_str!("../data/spe21.json")),
    ("threats.json", include_str!("../data/threats.json")),
    ("zcr.json", include_str!("../data/zcr.json")),
];

/// Which data this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The day it was collected.
    pub collected: &'static str,
    /// SHA-256 over all files, in hexadecimal digits.
    pub sha256: String,
}

/// Which data this program carries.
pub fn version() -> &'static Version {
    static VERSION: OnceLock<Version> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut hasher = Sha256::new();
        for part in FILES.iter().flat_map(|(name, text)| [name, text]) {
            // Lengths keep neighbouring parts apart.
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        let mut sha256 = String::with_capacity(64);
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Version { collected: COLLECTED, sha256 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_of_the_folder_is_forgotten() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".json"))
            .collect();
        there.sort();
        assert_eq!(there, FILES.map(|(name, _)| name));
    }

    #[test]
    fn the_version_is_a_day_and_a_hash() {
        assert_eq!(version().collected.len(), 10);
        assert_eq!(version().sha256.len(), 64);
    }
}
