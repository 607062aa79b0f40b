//! Knowledge nobody meant well: refused with a place, or used without leaving its bounds.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeMap;

use common::{TODAY, line3};
use risk::{Input, Knowledge, Observations};

const SHIPPED: &str = include_str!("../data/knowledge.json");

#[test]
fn every_cut_and_every_changed_byte_is_survived() {
    let bytes = SHIPPED.as_bytes();
    for end in (0..bytes.len()).step_by(97) {
        assert!(Knowledge::read(&bytes[..end]).is_err(), "{end}");
    }
    let plant = line3();
    let (hashes, observations) = (BTreeMap::new(), Observations::default());
    for at in (0..bytes.len()).step_by(131) {
        for byte in [b'9', b'"', b'-', b'x', 0xff] {
            let mut changed = bytes.to_vec();
            changed[at] = byte;
            let Ok(knowledge) = Knowledge::read(&changed) else { continue };
            let input = Input {
                plant: &plant,
                hashes: &hashes,
                knowledge: &knowledge,
                observations: &observations,
                today: TODAY,
            };
            for scenario in &risk::assess(input).scenarios {
                assert!(
                    scenario.likelihood <= 1_000_000 && scenario.residual() <= scenario.score(),
                    "byte {at}"
                );
                assert!((1..=5).contains(&scenario.consequence), "byte {at}");
            }
        }
    }
}

#[test]
fn numbers_out_of_bounds_are_refused() {
    for (from, to) in [
        ("\"severity\": 5, \"words\": [\"death\"", "\"severity\": 6, \"words\": [\"death\""),
        ("\"severity\": 5, \"words\": [\"death\"", "\"severity\": 0, \"words\": [\"death\""),
        ("\"permille\": 700", "\"permille\": -1"),
        ("\"permille\": 700", "\"permille\": 4294967296"),
        ("\"level\": 4 }", "\"level\": 5 }"),
        ("[30, 100, 250, 500]", "[30, 100, 50, 500]"),
        ("[30, 100, 250, 500]", "[30, 100]"),
        ("{\"entry.media\": 300}", "{\"entry.media\": 3000}"),
        ("{\"entry.media\": 300}", "{\"entry.moon\": 300}"),
        ("\"class\": \"panel\"", "\"class\": \"spaceship\""),
    ] {
        assert!(SHIPPED.contains(from), "{from}");
        assert!(Knowledge::read(SHIPPED.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Knowledge::read(deep.as_bytes()).is_err());
}
