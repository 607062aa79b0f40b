//! The findings a competent assessor of the line writes down.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod common;

use common::{assess, assess_seen, line3, line3_text, read};
use protocols::Service;
use risk::{Assessment, Observations, Severity};
use words::Language;

fn has(assessment: &Assessment, code: &str, subject: &str) -> bool {
    assessment
        .findings
        .iter()
        .any(|found| found.code == code && found.subjects.iter().any(|id| id == subject))
}

#[test]
fn all_nine_are_found() {
    let seen = Observations {
        services: vec![("sw1".into(), Service::parse("telnet").expect("a service"))],
        ..Observations::default()
    };
    let assessment = assess_seen(&line3(), &seen);
    for (number, code, subject) in [
        (1, "RW1401", "plc2"),
        (2, "RW1402", "safety"),
        (2, "RW1402", "remote"),
        (3, "RW1403", "mtr1"),
        (3, "RW1403", "hmi1"),
        (3, "RW1403", "hmi2"),
        (3, "RW1403", "rob1"),
        (4, "RW1404", "F01"),
        (5, "RW1405", "F05"),
        (5, "RW1405", "F06"),
        (6, "RW1406", "splc"),
        (7, "RW1407", "sw1"),
        (8, "RW1413", "C12"),
        (9, "RW1410", "C13"),
    ] {
        assert!(has(&assessment, code, subject), "finding {number}: {code} {subject}");
    }
    let critical: Vec<_> = assessment
        .findings
        .iter()
        .filter(|found| found.severity == Severity::Critical)
        .map(|found| (found.code, found.subject()))
        .collect();
    assert_eq!(critical, [("RW1401", "plc2"), ("RW1402", "control"), ("RW1407", "sw1")]);
    for found in &assessment.findings {
        let [english, german] = Language::ALL.map(|language| found.text.text(language));
        assert!(english != german && found.help.english != found.help.german, "{}", found.code);
        assert!(!found.requirements.is_empty() && !found.subjects.is_empty(), "{}", found.code);
        for id in &found.requirements {
            let known = standard::system(id).is_some()
                || standard::component(id).is_some()
                || standard::zone_requirements().iter().any(|row| row.id == *id);
            assert!(known, "{id}");
        }
    }
}

#[test]
fn order_numbers_tell_fail_safe_controllers() {
    let text = line3_text();
    for (order, expected) in [
        ("6ES7 512-1SK01-0AB0", true),
        ("6ES7 512-1DK01-0AB0", false),
        ("6ES7 214-1AF40-0XB0", true),
        ("6ES7214-1AG40-0XB0", false),
    ] {
        let assessment = assess(&read(&text.replace("6ES7512-1SK01-0AB0", order)));
        assert_eq!(has(&assessment, "RW1401", "plc2"), expected, "{order}");
    }
    let answered = text.replace(
        "function = { downtime = \"1 day\", worst = \"infeed stands\" }",
        "function = { safety = \"none\", downtime = \"1 day\", worst = \"infeed stands\" }",
    );
    assert!(!has(&assess(&read(&answered)), "RW1401", "plc2"));
}

#[test]
fn a_harmless_device_makes_no_critical_finding() {
    let critical = |assessment: &Assessment| {
        assessment.findings.iter().filter(|found| found.severity == Severity::Critical).count()
    };
    let before = critical(&assess(&line3()));
    let device =
        "[assets.lamp]\nzone = \"control\"\nkind = \"signal-lamp\"\naddress = \"10.62.1.99\"\n\n[[flows]]";
    let after = assess(&read(&line3_text().replacen("[[flows]]", device, 1)));
    assert_eq!(critical(&after), before);
}

#[test]
fn every_row_has_a_state_and_one_role() {
    let assessment = assess(&line3());
    let mut seen = std::collections::BTreeSet::new();
    for row in &assessment.requirements {
        assert!(seen.insert((row.id, row.subjects.clone())), "{} {:?} twice", row.id, row.subjects);
    }
    let row = |id: &str, subject: &str| {
        assessment
            .requirements
            .iter()
            .find(|row| row.id == id && row.subjects.iter().any(|known| known == subject))
            .unwrap_or_else(|| panic!("{id} {subject}"))
    };
    assert_eq!(row("CR 1.1", "mtr1").state.word(), "open");
    assert_eq!(row("SR 1.6", "data").state.word(), "not applicable");
    assert_eq!(row("SR 5.2", "safety").role.word(), "integration-provider");
    assert_eq!(row("SR 1.13 RE 1", "C13").role.word(), "asset-owner");
    assert!(assessment.requirements.len() < 1_500, "{}", assessment.requirements.len());
    assert_eq!(assessment.devices["mtr1"], [Some(0); 7]);
    let first = assessment.measures.first().expect("there is something to do");
    assert!(first.closes > 0);
}
