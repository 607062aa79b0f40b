//! The assembly line: levels within the bands, scenarios, and what changes change.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod common;

use common::{assess, line3, line3_text, read};

/// Lowest and highest level a competent assessor may reach, by zone and conduit.
const BANDS: [(&str, [(u8, u8); 7]); 8] = [
    ("safety", [(3, 3), (3, 3), (3, 3), (0, 1), (3, 3), (2, 3), (3, 3)]),
    ("control", [(2, 2), (2, 2), (2, 2), (1, 2), (2, 2), (2, 2), (2, 3)]),
    ("data", [(2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (1, 2)]),
    ("remote", [(2, 3), (2, 2), (1, 2), (2, 2), (2, 2), (2, 2), (1, 1)]),
    ("C01", [(3, 3), (3, 3), (3, 3), (1, 1), (3, 3), (2, 2), (3, 3)]),
    ("C12", [(2, 2), (2, 2), (2, 2), (1, 2), (2, 2), (2, 2), (2, 2)]),
    ("C13", [(3, 3), (2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (1, 1)]),
    ("C2X", [(2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (1, 1)]),
];

#[test]
fn every_level_is_within_its_band() {
    let assessment = assess(&line3());
    for (id, band) in BANDS {
        let levels = common::levels(&assessment, id).unwrap_or_else(|| panic!("{id} has no levels"));
        for (at, (level, (low, high))) in levels.iter().zip(band).enumerate() {
            assert!(
                (low..=high).contains(level),
                "{id} group {at}: {level} is not in {low}..={high}: {levels:?}"
            );
        }
    }
    assert_eq!(common::levels(&assessment, "office"), None);
    for target in assessment.zones.values().chain(assessment.conduits.values()) {
        for reason in &target.reasons {
            assert!(!reason.why.english.is_empty() && reason.why.english != reason.why.german);
        }
    }
}

#[test]
fn a_line_has_about_two_dozen_scenarios() {
    let assessment = assess(&line3());
    for scenario in &assessment.scenarios {
        assert!(scenario.residual() <= scenario.score());
        assert!(!scenario.techniques.is_empty());
    }
    assert!((15..=25).contains(&assessment.scenarios.len()), "{}", assessment.scenarios.len());
}

#[test]
fn the_safety_function_forces_the_level() {
    let text = line3_text();
    let function = r#"function = { safety = "PL d", downtime = "1 day", worst = "irreversible injury" }"#;
    assert!(text.contains(function));
    let before = assess(&line3());
    let scrap =
        assess(&read(&text.replace(function, r#"function = { downtime = "1 day", worst = "scrap" }"#)));
    let si = |assessment: &risk::Assessment| assessment.zones["safety"].reasons[2].clone();
    assert!(si(&scrap).level <= 2, "{:?}", si(&scrap));
    assert_ne!(si(&scrap).why, si(&before).why);
    let wrong_zone: Vec<_> = scrap.findings.iter().filter(|found| found.code == "RW1401").collect();
    assert_eq!(wrong_zone.len(), 1, "it still stands among devices that protect: {wrong_zone:?}");
    let death = assess(&read(&text.replace(function, &function.replace("irreversible injury", "death"))));
    for (id, _) in BANDS {
        let (before, death) = (common::levels(&before, id).unwrap(), common::levels(&death, id).unwrap());
        assert!(before.iter().zip(&death).all(|(before, death)| before <= death), "{id}");
    }
}
