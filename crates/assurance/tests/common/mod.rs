//! A small line with everything a row of the table can be about, and records about it.
#![allow(unreachable_pub, reason = "a test has no outside")]
#![allow(dead_code, reason = "every test file uses some of these")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test helpers may stop at the first surprise"
)]

use assurance::{Assurance, Input, Levels, Row, assess};
use evidence::{
    Basis, Case, CaseState, Evidence, Hashes, Machine, Record, SessionEvent, Situation, Step, Verdict, sha256,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plant::{Plant, SourceFile};
use standard::ResultKind;

/// A line with a safe zone, a control zone, one for data and one that is exposed.
pub const PLANT: &str = r#"
ringwall = 1

[plant]
id       = "line"
timezone = "Europe/Berlin"

[zones.safe]
legs     = [{ port = "z0", network = ["10.0.0.0/24"], gateway = "10.0.0.1" }]
declared = { IAC = 3, UC = 3, SI = 3, DC = 1, RDF = 3, TRE = 2, RA = 3 }

[zones.control]
legs     = [{ port = "z1", network = ["10.0.1.0/24"], gateway = "10.0.1.1" }]
declared = "SL 2"

[zones.data]
legs     = [{ port = "z2", network = ["10.0.2.0/24"], gateway = "10.0.2.1" }]
declared = { IAC = 2, UC = 2, SI = 2, DC = 0, RDF = 2, TRE = 2, RA = 1 }

[zones.remote]
legs      = [{ port = "z3", network = ["10.0.3.0/24"], gateway = "10.0.3.1" }]
declared  = "SL 2"
untrusted = true

[zones.office]
legs    = [{ port = "x0", network = ["172.20.0.0/24"], gateway = "172.20.0.1" }]
outside = true

[conduits.C12]
between  = ["control", "data"]
declared = "SL 2"

[conduits.C13]
between  = ["remote", "control"]
declared = "SL 2"

[conduits.C01]
between  = ["control", "safe"]
declared = "SL 3"

[assets.splc]
zone    = "safe"
kind    = "safety-plc"
address = "10.0.0.10"

[assets.plc]
zone    = "control"
kind    = "plc"
address = "10.0.1.10"

[assets.hist]
zone    = "data"
kind    = "historian"
address = "10.0.2.20"

[assets.vendor]
zone    = "remote"
kind    = "computer"
address = "10.0.3.11"

[[flows]]
id      = "F1"
from    = "hist"
to      = "plc"
service = "modbus unit 1"
allow   = ["read holding 0-59"]

[[flows]]
id      = "F2"
from    = "plc"
to      = "splc"
service = "https"

[[remote]]
id      = "R1"
who     = "vendor-people"
from    = "vendor"
to      = "plc"
service = "tcp 3389"
approve = ["lead"]
longest = "2h"

[roles.lead]
[roles.vendor-people]

[people.meier]
name = "K. Meier"
role = "lead"

[[expect]]
id      = "read"
say     = "10.0.2.20 -> 10.0.1.10 modbus read holding 0 count 10"
verdict = "allow"

[[expect]]
id      = "write"
say     = "10.0.2.20 -> 10.0.1.10 modbus write holding 3 = 7"
verdict = "deny by command"

[[expect]]
id      = "with"
say     = "10.0.3.11 -> 10.0.1.10 tcp 3389"
given   = "R1 approved"
verdict = "allow"

[[expect]]
id      = "without"
say     = "10.0.3.11 -> 10.0.1.10 tcp 3389"
verdict = "deny"

[[expect]]
id      = "end"
say     = "10.0.3.11 -> 10.0.1.10 tcp 3389"
given   = "R1 approved"
after   = "3h"
verdict = "cut"
"#;

/// Zones by case.
const CASES: [(&str, &str, &str, &str, &str); 5] = [
    ("read", "data", "control", "C12", "allow"),
    ("write", "data", "control", "C12", "deny by command"),
    ("with", "remote", "control", "C13", "allow"),
    ("without", "remote", "control", "C13", "deny"),
    ("end", "remote", "control", "C13", "cut"),
];

/// Reads a plant with its decisions.
pub fn plant(text: &str, decisions: &str) -> Plant {
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.into() };
    let mut files = vec![file("plant.toml", text)];
    if !decisions.is_empty() {
        files.push(file("decisions.toml", decisions));
    }
    let reading = plant::read(&files);
    let said: Vec<_> =
        reading.diagnostics.iter().map(|found| found.sentence(words::Language::English)).collect();
    reading.plant.unwrap_or_else(|| panic!("{said:#?}"))
}

/// One attestation for these requirements everywhere.
pub fn attest(requirements: &[&str]) -> String {
    attest_until(requirements, "2027-11-30")
}

/// The same with its last day.
pub fn attest_until(requirements: &[&str], until: &str) -> String {
    format!(
        "[[attest]]\nrequirement = {requirements:?}\nwhere = \"all\"\nwho = \"K. Meier\"\nrole = \"lead\"\n\
         date = \"2026-01-02\"\nuntil = \"{until}\"\nwhy = \"looked at it\"\n"
    )
}

/// The day everything is assessed on.
pub const TODAY: &str = "2026-12-10";

/// A record with all it needs to count, found on this day.
pub fn record(basis: Basis, day: &str, step: Step) -> Record {
    let hashes = Hashes { plant: sha256(b"plant"), decisions: None };
    let time = format!("{day}T09:00:00Z").parse().unwrap();
    let machine =
        (basis == Basis::Site).then(|| Machine { serial: "0141".to_owned(), host: "gw".to_owned() });
    Record {
        basis,
        machine,
        policy_hash: Some(sha256(b"policy")),
        situation: Some(Situation { at: time, given: Vec::new() }),
        ..Record::lab(time, "line", hashes, step)
    }
}

/// The records as read from a log.
pub fn log(records: Vec<Record>) -> Vec<Evidence> {
    let number = |(number, record)| Evidence { number: number as u64, record, key: "key".to_owned() };
    records.into_iter().enumerate().map(number).collect()
}

pub fn prove(verdict: Verdict, bridged: &[[&str; 2]]) -> Step {
    Step::Prove {
        verdict,
        rules: 100,
        assumptions: Vec::new(),
        not_understood: Vec::new(),
        uninspected: Vec::new(),
        bridged: bridged.iter().map(|pair| pair.map(str::to_owned)).collect(),
    }
}

/// A run of the lab in which the cases came out as they should.
pub fn lab() -> Step {
    let plant = plant(PLANT, "");
    let case = |(id, from, to, conduit, verdict): (&str, &str, &str, &str, &str)| Case {
        id: id.to_owned(),
        say: plant.expects.iter().find(|expect| expect.id == id).unwrap().say.clone(),
        state: CaseState::Pass,
        expected: verdict.to_owned(),
        verdict: Some(verdict.to_owned()),
        derived: false,
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        conduit: Some(conduit.to_owned()),
    };
    Step::Lab { verdict: Verdict::Equal, cases: CASES.map(case).to_vec(), more: 0 }
}

/// The run with its cases changed.
pub fn lab_with(change: impl Fn(&mut Case)) -> Step {
    let Step::Lab { verdict, mut cases, more } = lab() else { panic!("a run of the lab") };
    cases.iter_mut().for_each(change);
    Step::Lab { verdict, cases, more }
}

/// The run without some of its cases.
pub fn lab_without(left_out: &[&str]) -> Step {
    let Step::Lab { verdict, mut cases, more } = lab() else { panic!("a run of the lab") };
    cases.retain(|case| !left_out.contains(&case.id.as_str()));
    Step::Lab { verdict, cases, more }
}

pub fn refusal(flow: &str, allowed: bool) -> Step {
    Step::Command {
        flow: flow.to_owned(),
        client: "10.0.2.20".to_owned(),
        server: "10.0.1.10:502".to_owned(),
        command: "write holding 3 = 7".to_owned(),
        allowed,
        exception: Some(1),
        reason: "only reading".to_owned(),
        count: 1,
        lost: 0,
    }
}

pub fn session(flow: &str, event: SessionEvent) -> Step {
    Step::Session { flow: flow.to_owned(), who: "vendor".to_owned(), event, until: None }
}

/// A step that shows a kind of result at C12 or C13, and one that is about the same and does not.
pub fn examples(kind: ResultKind) -> (Step, Step) {
    match kind {
        ResultKind::Proof => (prove(Verdict::Equal, &[]), prove(Verdict::Differs, &[])),
        ResultKind::Cases => (lab(), lab_with(|case| case.state = CaseState::NotInspected)),
        ResultKind::ApprovalCases => (lab(), lab_without(&["without"])),
        ResultKind::CommandCases => (lab(), lab_without(&["write"])),
        ResultKind::CutCases => (lab(), lab_without(&["end"])),
        ResultKind::Log => (Step::Check { errors: 0, warnings: 0, notes: 0 }, lab()),
        ResultKind::Refusals => (refusal("F1", false), refusal("F1", true)),
        ResultKind::Approvals => {
            (session("R1", SessionEvent::Approved), session("R1", SessionEvent::Requested))
        }
        ResultKind::Endings => (session("R1", SessionEvent::Expired), session("R1", SessionEvent::Closed)),
    }
}

/// The text a record is about, in place of a hash.
pub fn assessed_as(plant: &Plant, evidence: &[Evidence], plant_hash: &[u8], policy: &[u8]) -> Assurance {
    let today: Date = TODAY.parse().unwrap();
    let policy = sha256(policy);
    assess(&Input {
        plant,
        plant_hash: &sha256(plant_hash),
        evidence,
        policy: &|_| Some(policy.clone()),
        today,
        timezone: &TimeZone::get("Europe/Berlin").unwrap(),
    })
}

/// The assessment of a plant whose text the records are about.
pub fn assessed(plant: &Plant, evidence: &[Evidence]) -> Assurance {
    assessed_as(plant, evidence, b"plant", b"policy")
}

pub fn at<'a>(assurance: &'a Assurance, id: &str) -> &'a Levels {
    assurance.places().find(|levels| levels.id == id).unwrap()
}

pub fn row<'a>(levels: &'a Levels, id: &str) -> &'a Row {
    levels.rows.iter().find(|row| row.requirement.id == id).unwrap()
}
