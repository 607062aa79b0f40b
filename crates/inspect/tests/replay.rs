//! The corpus of the fuzz target, and bytes at random, against its properties.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test stops at the first surprise; the fuzz target shares the properties"
)]

mod properties;
mod traffic;

use std::path::Path;

use proptest::prelude::*;

#[test]
fn the_corpus_holds_the_properties() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/modbus");
    let corpus: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert!(corpus.len() > 30);
    for file in corpus {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        properties::check(&bytes);
        // And with each byte changed.
        for at in 0..bytes.len().min(48) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            properties::check(&changed);
        }
    }
}

/// Messages whose bodies are near something real.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let function = prop_oneof![
        proptest::sample::select(vec![1_u8, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43]),
        any::<u8>(),
    ];
    let byte = prop_oneof![3 => Just(0_u8), 2 => 0_u8..32, 1 => any::<u8>()];
    (0_u16..4, 0_u8..3, function, proptest::collection::vec(byte, 0..20)).prop_map(
        |(transaction, unit, function, data)| {
            traffic::adu(transaction, &[&[unit, function][..], &data].concat())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn messages_hold_the_properties(split: u8, messages in proptest::collection::vec(message(), 0..8)) {
        properties::check(&[&[split][..], &messages.concat()].concat());
    }

    #[test]
    fn any_bytes_hold_the_properties(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        properties::check(&bytes);
    }
}
