//! Decisions of people about risk: what they change, what they must not, when they end.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod common;

use common::{assess, levels, line3, line3_decisions, line3_text, read_with};
use plant::SourceFile;
use risk::{Assessment, State};

const METER: &str = r#"
[[compensate]]
requirement = "IAC"
where    = "mtr1"
by       = "F10 lets only reading pass"
test     = "cases 2 and 3"
residual = "low"
who      = "S. Brandt"
role     = "safety-officer"
date     = "2026-11-25"
until    = "2027-11-25"
why      = "the meter is replaced with the next overhaul"
facts    = { "F10.allow" = "read holding 0-59, identify", "mtr1.zone" = "control" }
"#;

fn with(decision: &str) -> Assessment {
    assess(&read_with(&line3_text(), &(line3_decisions() + decision)))
}

fn row<'a>(assessment: &'a Assessment, id: &str, subject: &str) -> &'a risk::Requirement {
    let rows = &mut assessment.requirements.iter();
    rows.find(|row| row.id == id && row.subjects.iter().any(|known| known == subject))
        .expect("there is such a row")
}

#[test]
fn a_compensation_makes_nothing_met() {
    let assessment = with(METER);
    let meter = row(&assessment, "CR 1.1", "mtr1");
    assert_eq!((meter.state, meter.until.as_deref()), (State::Compensated, Some("2027-11-25")));
    assert_eq!(meter.subjects, ["mtr1"], "the others are not compensated");
    assert_eq!(assessment.devices["mtr1"][0], Some(0), "its capability stays what it is");
    assert_eq!(row(&assessment, "CR 1.1", "plc1").state, State::Open);
    let finding =
        assessment.findings.iter().find(|found| found.subject() == "mtr1" && found.code == "RW1403");
    assert!(finding.expect("it stays").text.english.contains("compensated for now, not met"));
    let control = &assessment.capabilities["control"];
    assert_eq!(control.compensated.get("IAC").map(String::as_str), Some("2027-11-25"));
    assert_eq!(control.as_built[0], Some(0));
}

#[test]
fn a_compensation_ends_and_depends_on_facts() {
    let over = with(&METER.replace("2027-11-25", "2026-11-29"));
    assert_eq!(row(&over, "CR 1.1", "mtr1").state, State::Open);
    let stale = |assessment: &Assessment| {
        let decision =
            assessment.decisions.iter().find(|decision| decision.kind == "compensate").expect("it is there");
        (!decision.holds).then(|| decision.because.english.clone())
    };
    assert_eq!(stale(&over).as_deref(), Some("its last day was 2026-11-29"));
    assert_eq!(stale(&with(METER)), None);
    let changed =
        line3_text().replace("\"read holding 0-59\", \"identify\"", "\"read holding 0-99\", \"identify\"");
    let changed = assess(&read_with(&changed, &(line3_decisions() + METER)));
    assert_eq!(row(&changed, "CR 1.1", "mtr1").state, State::Open);
    assert!(stale(&changed).expect("a fact changed").contains("`F10.allow` was"));
    // A new name is no new fact.
    let text = line3_text();
    let text = text.split("[[expect]]").next().expect("the cases come last");
    let text = text.replace("id      = \"F10\"", "id = \"F10-new\"\nwas = \"F10\"");
    assert_eq!(stale(&assess(&read_with(&text, &(line3_decisions() + METER)))), None);
}

fn codes(decision: &str, plant: &str) -> Vec<&'static str> {
    let file = |name: &str, text: String| SourceFile { name: name.to_owned(), text: text.into() };
    let files = [file("plant.toml", plant.to_owned()), file("decisions.toml", line3_decisions() + decision)];
    let all = plant::read(&files).diagnostics.into_iter();
    all.filter(|found| found.severity == plant::Severity::Error).map(|found| found.code).collect()
}

#[test]
fn who_may_accept_is_a_rule_of_the_plant() {
    let text = line3_text();
    for (role, expected) in [
        ("safety-officer", vec![]),
        ("integrator", vec!["RW0621"]),
        ("robot-vendor", vec!["RW0621"]),
        ("nobody", vec!["RW0621"]),
    ] {
        assert_eq!(codes(&METER.replace("safety-officer", role), &text), expected, "{role}");
    }
    // Where the plant says who may, nobody else may, and only where it says.
    for (may, expected) in [("accept risk", vec!["RW0621"]), ("accept risk of data", vec!["RW0621"])] {
        let text =
            text.replace("may   = [\"hosts of data\"]", &format!("may = [\"hosts of data\", \"{may}\"]"));
        assert_eq!(codes(METER, &text), expected, "{may}");
        let admin = codes(&METER.replace("safety-officer", "it-admin"), &text);
        assert_eq!(admin.is_empty(), may == "accept risk", "{may}");
    }
}

#[test]
fn another_level_needs_a_person_and_ends() {
    let decision = "\n[[override]]\nwhere = \"control\"\ngroup = \"RA\"\nlevel = 3\nwho = \"S. Brandt\"\nrole = \"safety-officer\"\ndate = \"2026-11-25\"\nuntil = \"2027-11-25\"\nwhy = \"the only line for this product\"\n";
    let set = with(decision);
    assert_eq!(levels(&set, "control").expect("it has levels")[6], 3);
    let reason = &set.zones["control"].reasons[6];
    assert!(reason.why.english.contains("S. Brandt") && reason.why.english.contains("instead of 2"));
    let over = with(&decision.replace("2027", "2025").replace("2026-11-25", "2025-11-01"));
    assert_eq!(levels(&over, "control"), levels(&assess(&line3()), "control"));
    let stale: Vec<_> =
        over.decisions.iter().filter(|decision| !decision.holds).map(|decision| decision.kind).collect();
    assert_eq!(stale, ["override"]);
}

#[test]
fn an_accepted_risk_stays_what_it_is() {
    let decision = "\n[[accept]]\nscenario = [\"mistake-control.business\", \"gone.business\"]\nwho = \"S. Brandt\"\nrole = \"safety-officer\"\ndate = \"2026-11-25\"\nuntil = \"2027-11-25\"\nwhy = \"training twice a year\"\n";
    let (before, after) = (assess(&line3()), with(decision));
    let find = |assessment: &Assessment| {
        let found = assessment.scenarios.iter().find(|found| found.id == "mistake-control.business");
        found.map(|found| (found.score(), found.residual(), found.accepted.is_some())).expect("it is there")
    };
    assert_eq!(find(&before).0, find(&after).0);
    assert_eq!((find(&before).1, find(&before).2, find(&after).2), (find(&after).1, false, true));
    let decision = after.decisions.iter().find(|decision| decision.kind == "accept").expect("it is there");
    assert!(
        !decision.holds && decision.because.english.contains("`gone.business`"),
        "nothing is kept silently"
    );
}

#[test]
fn the_matrix_and_the_method_are_the_plants() {
    let text = line3_text();
    let table = "[tolerance]\ntolerable = \"low\"\ntolerable-people = \"low\"\nmatrix = [\"low, low, low, low, low\", \"low, low, low, low, low\", \"low, low, low, low, low\", \"low, low, low, low, low\", \"low, low, low, low, low\"]\n\n[zones.safety]";
    let calm = assess(&read_with(&text.replacen("[zones.safety]", table, 1), &line3_decisions()));
    assert!(calm.scenarios.iter().all(|scenario| scenario.risk == [0, 0]));
    assert_eq!(
        levels(&calm, "safety"),
        levels(&assess(&line3()), "safety"),
        "the class of attacker reads no matrix"
    );
    let method = "[method]\nlevels = \"reduction\"\n\n[tolerance]";
    let reduced = text.replacen("[zones.safety]", &table.replacen("[tolerance]", method, 1), 1);
    let reduced = assess(&read_with(&reduced, &line3_decisions()));
    assert_eq!(levels(&reduced, "safety"), Some([1; 7]));
}
