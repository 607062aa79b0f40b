//! The machine as a product: what its builder promises, what he cannot know, what a contract changes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod common;

use common::{assess, example_of, levels, read_with};
use risk::{Assessment, Severity, State, Verdict, compare};

fn machine(change: impl Fn(String) -> String) -> Assessment {
    let [plant, decisions] = ["plant.toml", "decisions.toml"].map(|name| example_of("kx200", name));
    assess(&read_with(&change(plant), &decisions))
}

/// Lowest and highest level a competent assessor may reach.
const BANDS: [(&str, [(u8, u8); 7]); 4] = [
    ("mz0", [(2, 2), (2, 2), (2, 3), (0, 0), (2, 2), (1, 1), (3, 3)]),
    ("mz1", [(2, 2), (2, 2), (2, 2), (1, 2), (2, 2), (2, 2), (2, 2)]),
    ("mz2", [(3, 3), (2, 2), (2, 2), (2, 2), (2, 3), (2, 2), (1, 1)]),
    ("vz", [(3, 3), (3, 3), (2, 2), (2, 2), (3, 3), (2, 3), (2, 2)]),
];

#[test]
fn a_product_has_promises_and_no_targets() {
    let assessment = machine(|text| text);
    assert!(assessment.product);
    for (zone, band) in BANDS {
        let promised = assessment.capabilities[zone].promised.expect("the builder promises");
        for (level, (low, high)) in promised.iter().zip(band) {
            assert!((low..=high).contains(level), "{zone}: {promised:?}");
        }
        assert_eq!(assessment.target(&zone.into()), None, "{zone}: only the owner knows");
    }
    assert_eq!(assessment.target(&"cz".into()), None);
    let given = machine(|text| text.replacen("[zones.cz]", "[zones.cz]\ndeclared = \"SL 2\"", 1));
    assert_eq!(given.target(&"cz".into()), Some([2; 7]), "until he gives it");
    // What nobody can address is derived as the builder promises it.
    assert_eq!(levels(&assessment, "mz0"), Some([2, 2, 3, 0, 2, 1, 3]));
    assert_eq!(levels(&assessment, "KR").map(|levels| levels[0]), Some(3));
}

#[test]
fn a_controller_that_knows_no_users_holds_its_zone_down() {
    let assessment = machine(|text| text);
    assert!(assessment.devices["m01"][0] <= Some(1));
    let zone = &assessment.capabilities["mz1"];
    assert_eq!(zone.as_built[0], Some(0), "a compensation changes no capability");
    assert!(zone.compensated.contains_key("IAC"));
    let mut rows =
        assessment.requirements.iter().filter(|row| row.subjects == ["mz1"] && row.fr.abbr() == "IAC");
    assert!(rows.all(|row| matches!(row.state, State::Compensated | State::NotApplicable)));
    assert!(assessment.decisions.iter().all(|decision| decision.holds), "{:?}", assessment.decisions);
}

#[test]
fn its_findings_are_found() {
    let assessment = machine(|text| text);
    for (number, code, subject) in [
        (1, "RW1420", "mz1"),
        (2, "RW1403", "m01"),
        (3, "RW1408", "m02"),
        (3, "RW1409", "m01"),
        (4, "RW1418", "G10"),
        (5, "RW1411", "m17"),
        (5, "RW1412", "m18"),
        (6, "RW1419", "G07"),
        (7, "RW1422", "kx200-0141"),
        (8, "RW1421", "mz1"),
    ] {
        let found = |finding: &&risk::Finding| {
            finding.code == code && finding.subjects.iter().any(|id| id == subject)
        };
        assert!(
            assessment.findings.iter().any(|finding| found(&finding)),
            "finding {number}: {code} {subject}"
        );
    }
    let critical: Vec<_> = assessment
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Critical)
        .map(|finding| (finding.code, finding.subject()))
        .collect();
    assert_eq!(critical, [("RW1411", "m17")]);
    assert!(assessment.scenarios.len() <= 25, "{}", assessment.scenarios.len());
}

#[test]
fn line_control_is_another_machine() {
    let reading = "[\"read under Status\", \"read under Admin\"]";
    let before = machine(|text| text);
    let after = machine(|text| {
        assert!(text.contains(reading));
        text.replacen(reading, "[\"read under Status\", \"read under Admin\", \"write under Command\"]", 1)
    });
    let found = compare(&before, &after);
    assert_eq!(found.verdict, Verdict::AskAPerson);
    assert!(found.why.iter().any(|why| why.english.starts_with("G07")));
    let warning = after.findings.iter().find(|finding| finding.code == "RW1419").expect("it is found");
    assert_eq!(warning.severity, Severity::Warning);
}
