//! What is rendered, nft and the kernel take.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use proptest::prelude::*;
use support::random::policies;
use support::{nft, small};

#[test]
fn the_text_loads_from_nothing_and_over_itself() {
    let text = small().text();
    let list = nft(&[text.clone(), text.clone()], "nft list ruleset")
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    for part in ["policy drop", "timeout 3s500ms", "comment \"F08 F09\"", "ringwall refused C12 "] {
        assert!(list.contains(part), "{part} in {list}");
    }
}

#[test]
fn the_text_is_the_same_every_time() {
    assert_eq!(small().text(), small().text());
    assert_eq!(small().generation(3), small().generation(3));
    assert_eq!(small().hash(), small().hash());
}

#[test]
fn the_text_reads_as_it_was_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/small.nft");
    let text = small().text();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let reviewed = std::fs::read_to_string(path).unwrap();
    assert!(text == reviewed, "tests/small.nft differs; review with UPDATE_SNAPSHOTS=1 and git diff");
}

#[test]
fn the_hash_is_of_what_is_permitted() {
    let policy = small();
    let mut later = policy.clone();
    later.moment = support::after(1_000);
    assert_eq!(policy.hash(), later.hash());
    let mut fewer = policy.clone();
    fewer.permissions.pop();
    assert_ne!(policy.hash(), fewer.hash());
    let mut renamed = policy.clone();
    renamed.permissions[0].flow = "F99".into();
    assert_ne!(policy.hash(), renamed.hash());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The kernel refuses a set whose elements overlap, so this is also the proof that they do not.
    #[test]
    fn random_policies_load(policy in policies()) {
        let generation = policy.generation(2);
        let mut texts = vec![policy.text(), policy::foundation()];
        texts.extend(generation.build);
        texts.push(generation.switch);
        let loaded = nft(&texts, "");
        prop_assert!(loaded.is_ok(), "{}\n{}", loaded.unwrap_err(), policy.text());
    }
}
