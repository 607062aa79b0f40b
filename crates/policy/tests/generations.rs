//! Generations: built in chunks beside what runs, switched at once, the old one removed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use policy::{Policy, foundation};
use support::{large, nft, small};

/// Foundation, the first policy as generation 7, the second as generation 8, the first removed.
fn succession(first: &Policy, second: &Policy) -> Vec<String> {
    let (old, new) = (first.generation(7), second.generation(8));
    let mut texts = vec![foundation()];
    texts.extend(old.build);
    texts.push(old.switch);
    texts.extend(new.build);
    texts.push(new.switch);
    texts.extend(old.remove);
    texts
}

/// The ruleset as nft lists it, without what is new with every listing.
fn list(texts: &[String]) -> String {
    nft(texts, "nft list ruleset | sed 's/ expires [0-9a-z]*//g'").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn one_generation_is_left_and_it_is_the_text() {
    let mut first = small();
    first.permissions.truncate(5);
    first.legs.remove("wg0");
    let second = small();
    let left = list(&succession(&first, &second));
    assert!(!left.contains("g7_"), "{left}");
    let text = list(&[second.text().replace("g1_", "g8_")]);
    let sorted = |text: &str| {
        let mut blocks: Vec<String> = text
            .split("\n\n")
            .map(|block| block.trim_start_matches("table inet ringwall {\n").to_owned())
            .collect();
        blocks.iter_mut().for_each(|block| *block = block.trim_end_matches("\n}\n").to_owned());
        blocks.sort();
        blocks
    };
    assert_eq!(sorted(&left), sorted(&text));
}

#[test]
fn a_thousand_conduits_load_in_small_transactions() {
    let policy = large(46, 1_000, 4);
    assert_eq!(policy.permissions.len(), 4_000);
    let texts = succession(&policy, &policy);
    let chunks = policy.generation(8).build.len();
    assert!(chunks < 80, "{chunks} chunks");
    let left =
        nft(&texts, "nft list ruleset | grep -c 'chain g'; nft list ruleset | grep -c g7_ || true").unwrap();
    assert_eq!(left.lines().last(), Some("0"), "{left}");
}

#[test]
fn a_large_set_is_filled_in_parts() {
    let policy = large(2, 1, 10_000);
    let texts = succession(&policy, &policy);
    let count = nft(&texts, "nft list ruleset | grep -cE ' [.] (tcp|6) [.] '").unwrap();
    // Each connection (listed by number where the machine knows no names) stands in the set of its way, and among the tuples of either leg.
    assert_eq!(count.trim(), "30000");
}

#[test]
fn a_large_set_of_the_long_family_is_filled_in_parts() {
    let legs = vec![
        support::leg("a.long-name.001", "A", &["fd00:1::/64"], &["fd00:1::1"], false),
        support::leg("b.long-name.001", "B", &["fd00:2::/64"], &["fd00:2::1"], false),
    ];
    let (a, b) = (legs[0].port.clone(), legs[1].port.clone());
    let rows: Vec<String> = (0..4_000)
        .map(|at| {
            format!(
                "F{at} {a} {b} fd00:1::{:x}/128 fd00:2::{:x}/128 udp {}",
                at + 16,
                at * 3 + 16,
                1_000 + at
            )
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let policy = support::policy(legs, &[("C1", &a, &b)], &rows);
    let texts = succession(&policy, &policy);
    let count = nft(&texts, "nft list ruleset | grep -cE ' [.] (udp|17) [.] '")
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(count.trim(), "12000");
}
