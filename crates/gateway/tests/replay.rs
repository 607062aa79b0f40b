//! The corpus of the fuzz target, and every cut and every changed byte of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod properties;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/commands");
    let (mut read, mut refused) = (0, 0);
    for entry in fs::read_dir(corpus).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        properties::check(&bytes);
        if gateway::read(&bytes).is_ok() {
            read += 1
        } else {
            refused += 1
        }
        for at in 0..bytes.len() {
            properties::check(&bytes[..at]);
            let mut changed = bytes.clone();
            for byte in [0, b'"', b'9', 0xff] {
                changed[at] = byte;
                properties::check(&changed);
            }
        }
    }
    assert!(read >= 4 && refused >= 4, "{read} {refused}");
}
