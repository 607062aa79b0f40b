//! The corpus of the fuzz target `ledger_file`, and every prefix of each: reading returns, whatever the bytes are.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

use std::path::Path;

use ledger::{Checkpoint, SignedNote, Signer, Verifier, records, verify};
use words::{Language, Message};

fn read(bytes: &[u8]) {
    let signer = Signer::new("line3/evidence", &[7; 32]).unwrap();
    for key in [None, Some(signer.verifier())] {
        if let Ok(report) = verify(bytes, key, &[]) {
            for finding in &report.findings {
                assert!(finding.offset <= bytes.len() as u64);
                for language in Language::ALL {
                    assert!(!finding.text(language).is_empty() && !finding.help(language).is_empty());
                }
            }
        }
    }
    let _ = records(bytes).count();
    let _ = SignedNote::parse(bytes);
    let _ = Checkpoint::verified(bytes, signer.verifier());
    let _ =
        std::str::from_utf8(bytes).map(|text| (Verifier::parse(text).is_ok(), Signer::parse(text).is_ok()));
}

#[test]
fn the_corpus_is_read_to_its_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for end in 0..=bytes.len() {
            read(&bytes[..end]);
        }
        files += 1;
    }
    assert!(files >= 8);
}
