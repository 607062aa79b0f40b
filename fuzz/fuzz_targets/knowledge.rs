//! Any bytes as a knowledge file: reading returns, and whatever is read assesses a plant to levels and shares that
//! stay within their bounds.

#![no_main]

use std::collections::BTreeMap;

use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use plant::SourceFile;
use risk::{Input, Knowledge, Observations, assess};

fuzz_target!(|bytes: &[u8]| {
    let Ok(knowledge) = Knowledge::read(bytes) else { return };
    let text = plant::small_plant().as_bytes().to_vec();
    let Some(plant) = plant::read(&[SourceFile { name: "plant.toml".to_owned(), text }]).plant else { return };
    let (hashes, observations) = (BTreeMap::new(), Observations::default());
    let today = Date::constant(2026, 11, 30);
    let input =
        Input { plant: &plant, hashes: &hashes, knowledge: &knowledge, observations: &observations, today };
    let assessment = assess(input);
    for scenario in &assessment.scenarios {
        assert!(scenario.residual() <= scenario.score() && scenario.likelihood <= 1_000_000);
        assert!((1..=5).contains(&scenario.consequence));
    }
    assert_eq!(assessment, assess(input));
});
