//! The example line3: what is open when, until when, and why the rest is not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use plant::{Given, Plant, SourceFile};
use policy::{CompileError, Policy, Side, Traffic, Why, compile};

fn line3_with(change: impl Fn(&str, String) -> String) -> Plant {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/line3");
    let files = ["plant.toml", "decisions.toml"].map(|name| SourceFile {
        name: name.to_owned(),
        text: change(name, std::fs::read_to_string(folder.join(name)).unwrap()).into_bytes(),
    });
    let reading = plant::read(&files);
    let says: Vec<_> =
        reading.diagnostics.iter().map(|found| found.sentence(words::Language::English)).collect();
    reading.plant.unwrap_or_else(|| panic!("{says:#?}"))
}

fn line3() -> Plant {
    line3_with(|_, text| text)
}

const DAY: &str = "2027-07-01T12:00:00+02:00";
const NIGHT: &str = "2027-07-01T02:30:00+02:00";

fn given(facts: &[&str]) -> Vec<Given> {
    facts.iter().map(|fact| Given::parse(fact).unwrap()).collect()
}

fn at(moment: &str, facts: &[&str]) -> Result<Policy, CompileError> {
    compile(&line3(), moment.parse().unwrap(), &given(facts))
}

/// Milliseconds a flow's permissions last, `None` for ever; empty where it is closed.
fn lives(policy: &Policy, flow: &str) -> BTreeSet<Option<i64>> {
    let rows = policy.rows().filter(|row| row.flow.as_str() == flow);
    rows.map(|row| row.until.map(|until| until.as_millisecond() - policy.moment.as_millisecond())).collect()
}

#[test]
fn flows_open_and_end() {
    const MINUTE: i64 = 60_000;
    let for_ever = Some(None);
    let ends = |minutes: i64| Some(Some(minutes * MINUTE));
    for (flow, moment, facts, life) in [
        ("F08", DAY, &[][..], for_ever),
        ("F03", DAY, &[], for_ever),
        // One hour a night, in summer and in winter, local time.
        ("F13", NIGHT, &[], ends(30)),
        ("F13", "2027-07-01T03:30:00+02:00", &[], None),
        ("F13", "2027-01-15T02:30:00+01:00", &[], ends(30)),
        ("F13", "2027-01-15T03:30:00+01:00", &[], None),
        ("F13", "2027-07-01T03:00:00+02:00", &[], None),
        // Limited, and looked at command by command.
        ("F10", DAY, &[], for_ever),
        // Limited, without inspector, nobody decided.
        ("F13-robot", NIGHT, &[], None),
        ("F18", DAY, &[], None),
        ("F18", DAY, &["F18 approved"], ends(30)),
        ("F18", DAY, &["F18 approved for 5min"], ends(5)),
        ("F18", DAY, &["F18 approved for 3h"], ends(30)),
        ("F18", DAY, &["F18 approved for 0s"], None),
        ("F18", DAY, &["F18 approved for 5min", "F18 approved for 9min"], ends(9)),
        ("F19", DAY, &["F19 approved", "key = ONLINE"], ends(120)),
        ("F19", DAY, &["F19 approved", "key = REMOTE"], ends(120)),
        ("F19", DAY, &["F19 approved", "key = OFF"], None),
        ("F19", DAY, &["F19 approved"], None),
        ("F19", DAY, &["key = ONLINE"], None),
        ("F19", DAY, &["F18 approved", "key = ONLINE"], None),
        ("F21", "2027-07-04T02:00:00+02:00", &[], ends(180)),
        ("F21", "2027-07-05T02:00:00+02:00", &[], None),
        // Inside a zone or below IP: not the gateway's.
        ("F01", DAY, &[], None),
        ("F05", DAY, &[], None),
    ] {
        let policy = at(moment, facts).unwrap();
        let expected: BTreeSet<Option<i64>> = life.into_iter().collect();
        assert_eq!(lives(&policy, flow), expected, "{flow} at {moment} given {facts:?}");
        let closed = policy.closed.iter().any(|(id, _)| id.as_str() == flow);
        assert!(life.is_some() || closed, "{flow} is closed and nothing says why");
    }
}

#[test]
fn what_is_closed_says_why() {
    let policy = at(DAY, &["key = OFF"]).unwrap();
    for (flow, reasons) in [
        ("F01", &[Why::SameLeg][..]),
        ("F05", &[Why::Layer2]),
        ("F10", &[]),
        ("F13", &[Why::OutsideWindow]),
        ("F13-robot", &[Why::NotInspected, Why::OutsideWindow]),
        ("F18", &[Why::NotApproved]),
        ("F19", &[Why::NotApproved, Why::State]),
        ("F08", &[]),
    ] {
        let said: Vec<Why> =
            policy.closed.iter().filter(|(id, _)| id.as_str() == flow).map(|(_, why)| *why).collect();
        for reason in reasons {
            assert!(said.contains(reason), "{flow}: {said:?}");
        }
        assert_eq!(said.is_empty(), reasons.is_empty(), "{flow}: {said:?}");
    }
    let uninspected: Vec<&str> = policy.uninspected.iter().map(|flow| flow.as_str()).collect();
    assert_eq!(uninspected, ["F03", "F08", "F09", "F15"]);
}

#[test]
fn both_hops_over_a_jump_host_open_together() {
    let policy = at(DAY, &["F20 approved", "key = ONLINE"]).unwrap();
    let hops: BTreeSet<(String, String, String, String)> = policy
        .permissions
        .iter()
        .filter(|row| row.flow.as_str() == "F20" && matches!(row.traffic, Traffic::Ports { protocol: 6, .. }))
        .map(|row| {
            (
                row.iif.to_string(),
                row.oif.to_string(),
                row.source.addr().to_string(),
                row.destination.addr().to_string(),
            )
        })
        .collect();
    let hop = |iif: &str, oif: &str, from: &str, to: &str| (iif.into(), oif.into(), from.into(), to.into());
    assert_eq!(
        hops,
        BTreeSet::from([
            hop("wg0", "z3", "10.99.0.12", "10.62.3.20"),
            hop("z3", "z1", "10.62.3.20", "10.62.1.90")
        ])
    );
    assert_eq!(lives(&policy, "F20"), BTreeSet::from([Some(4 * 3_600_000)]));
}

#[test]
fn the_gateways_own_services_are_local() {
    let policy = at(DAY, &[]).unwrap();
    let way = |flow: &str| {
        let row = policy.permissions.iter().find(|row| row.flow.as_str() == flow).unwrap();
        (row.iif.clone(), row.oif.clone(), row.source.addr().to_string(), row.destination.addr().to_string())
    };
    let leg = |port: &str| Side::Leg(port.to_owned());
    assert_eq!(way("F14-relay-in"), (leg("z0"), Side::Local, "10.62.0.10".into(), "10.62.0.1".into()));
    assert_eq!(way("F14-relay-out"), (Side::Local, leg("z2"), "10.62.2.1".into(), "10.62.2.5".into()));
}

#[test]
fn what_makes_no_policy_is_said() {
    for (facts, code) in [
        (&["F99 approved"][..], "RW1101"),
        (&["F08 approved"], "RW1102"),
        (&["door = OPEN"], "RW1103"),
        (&["key = SIDEWAYS"], "RW1104"),
        (&["key = OFF", "key = ONLINE"], "RW1105"),
    ] {
        let error = at(DAY, facts).unwrap_err();
        assert_eq!(words::Message::code(&error), code, "{error}");
    }
    assert!(
        matches!(at("2029-01-01T00:00:00Z", &[]), Err(CompileError::Stale { decisions }) if decisions.len() == 2)
    );
    let changed = line3_with(|name, text| {
        if name == "plant.toml" {
            text.replace("allow     = [\"read DB900\"]", "allow     = [\"read DB901\"]")
        } else {
            text
        }
    });
    let moment: Timestamp = DAY.parse().unwrap();
    assert!(matches!(compile(&changed, moment, &[]), Err(CompileError::Stale { .. })));
}

#[test]
fn a_decision_opens_nothing_before_its_day() {
    let early: Timestamp = "2026-11-24T12:00:00+01:00".parse().unwrap();
    let policy = compile(&line3(), early, &[]).unwrap();
    assert_eq!(lives(&policy, "F03"), BTreeSet::new());
}

#[test]
fn windows_and_grants_become_timeouts() {
    for (moment, facts, parts) in [
        (NIGHT, &[][..], &["10.62.2.30 . 10.62.1.10/31 . tcp . 102 timeout 1800s comment \"F13\""][..]),
        (
            DAY,
            &["F19 approved for 3s", "key = ONLINE"],
            &["10.99.0.11 . 10.62.1.40 . tcp . 21 timeout 3s comment \"F19\""],
        ),
        (DAY, &["F18 approved"], &["10.62.1.90 . 10.62.0.10 . tcp . 102 timeout 1800s comment \"F18\""]),
    ] {
        let text = at(moment, facts).unwrap().text();
        for part in parts {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        support::nft(&[text.clone(), text], "").unwrap_or_else(|error| panic!("{error}"));
    }
}
