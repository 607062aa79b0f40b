//! The corpus of the fuzz target `evidence`, and every prefix of each: reading returns, whatever the bytes are.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use std::path::Path;

use evidence::{Keys, Signed, bundle};
use ledger::Signer;
use words::{Language, Message};

/// As the fuzz target does it. Whether a record came out.
fn record(bytes: &[u8]) -> bool {
    let signer = Signer::new("lab", &[7; 32]).unwrap();
    let mut keys = Keys::new();
    keys.trust(signer.verifier().clone()).unwrap();
    let Some((first, rest)) = bytes.split_first() else { return false };
    let text = String::from_utf8_lossy(rest);
    let signed = match first % 3 {
        0 => rest.to_vec(),
        1 => ledger::sign(&format!("ringwall evidence 1\n{text}\n"), &signer).into_bytes(),
        _ => {
            let note = ledger::sign(&format!("ringwall bundle 1\n{text}\n"), &signer);
            format!("ringwall bundle 1 {:08}\n{note}", note.len()).into_bytes()
        }
    };
    if let Ok(opened) = bundle::open(&signed, None) {
        let bundle = opened.check();
        let parts = bundle.manifest.parts.iter().filter_map(|part| bundle.part(&part.name));
        assert!(parts.map(<[u8]>::len).sum::<usize>() <= signed.len());
    }
    match Signed::read(&signed, &keys) {
        Ok(_) => true,
        Err(reason) => {
            assert!(Language::ALL.iter().all(|language| !reason.text(*language).is_empty()));
            false
        }
    }
}

#[test]
fn the_corpus_is_read_to_its_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut read = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for end in 0..bytes.len() {
            assert!(!record(&bytes[..end]), "{} up to {end}", path.display());
        }
        if record(&bytes) {
            read.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    read.sort();
    // The others are of the site, and no key of the lab signs those; or they are no records.
    assert_eq!(read, ["check", "command", "session"]);
}
