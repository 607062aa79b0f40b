//! A small plant through the lab, end to end. Each test runs itself again in a sandbox.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use lab::{CaseResult, LabOptions, LabReport, Probe, Proof, Seen, State, Twin};
use linux::Sandbox;
use plant::{Plant, SourceFile, Verdict};

const MARK: &str = "RINGWALL_TEST_INSIDE";

fn inside(name: &str, body: fn()) {
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let code = Sandbox::this_program(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(MARK, "1")
        .run()
        .unwrap();
    assert_eq!(code, 0, "{name} failed inside the sandbox");
}

fn small() -> Plant {
    let text = include_bytes!("small.toml").to_vec();
    let reading = plant::read(&[SourceFile { name: "small.toml".to_owned(), text }]);
    let plant = reading.plant;
    plant.unwrap_or_else(|| panic!("{:#?}", reading.diagnostics))
}

/// Wednesday noon, local time: outside every window.
fn options() -> LabOptions {
    LabOptions::at("2027-06-30T12:00:00+02:00".parse().unwrap())
}

fn run(plant: &Plant, options: &LabOptions) -> LabReport {
    let report = lab::run(plant, options, &|_| Proof::Equal, &mut |_| {}).unwrap();
    if std::env::var_os("RINGWALL_TEST_SHOW").is_some() {
        show(&report);
    }
    report
}

fn show(report: &LabReport) {
    for case in &report.cases {
        println!(
            "{:20} {:52} {:9} {:8} {:13} {}",
            case.id,
            case.say,
            format!("{:?}", case.expected),
            case.verdict.map_or("-", Seen::word),
            case.state.word(),
            case.reason.as_deref().unwrap_or_default()
        );
    }
    println!("{:?} {:?}", report.proof, report.took);
}

fn ids(report: &LabReport, keep: impl Fn(&CaseResult) -> bool) -> Vec<&str> {
    report.cases.iter().filter(|case| keep(case)).map(|case| case.id.as_str()).collect()
}

#[test]
fn every_case_of_the_plant_gets_its_verdict() {
    inside("every_case_of_the_plant_gets_its_verdict", || {
        let before = threads_and_links();
        let report = run(&small(), &options());
        let odd = ids(&report, |case| matches!(case.state, State::Fail | State::Error));
        if !odd.is_empty() {
            show(&report);
        }
        assert!(odd.is_empty(), "{odd:?}");
        assert_eq!(ids(&report, |case| case.state == State::NotInspected), ["1", "19", "20"]);
        assert_eq!(ids(&report, |case| case.verdict == Some(Seen::Cut)), ["13", "16"]);
        assert!(report.cases.iter().filter(|case| case.derived).count() > 50);
        for flow in ["A1", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "R1"] {
            let id = format!("{flow}/open");
            let case = report.cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(case.expected, Verdict::Allow, "{id}");
        }
        let closed = report.cases.iter().find(|case| case.id == "A2/open").unwrap();
        assert_eq!(closed.expected, Verdict::Deny, "limited, and nothing inspects it");
        assert!(report.took < Duration::from_secs(40), "{:?}", report.took);
        assert_eq!(threads_and_links(), before, "the twin leaves nothing behind");
    });
}

fn threads_and_links() -> (usize, Vec<String>) {
    let threads = fs::read_dir("/proc/self/task").unwrap().count();
    (threads, linux::link::list().unwrap().into_iter().map(|link| link.name).collect())
}

#[test]
fn without_rules_every_deny_fails() {
    inside("without_rules_every_deny_fails", || {
        let report = run(&small(), &LabOptions { flushed: true, derive: false, ..options() });
        let denies: Vec<&CaseResult> = report
            .cases
            .iter()
            .filter(|case| case.expected == Verdict::Deny && case.state != State::NotInspected)
            .collect();
        assert!(denies.len() >= 8);
        for case in denies {
            assert_eq!((case.state, case.verdict), (State::Fail, Some(Seen::Allow)), "{case:?}");
        }
        for case in report.cases.iter().filter(|case| case.expected == Verdict::Cut) {
            assert_eq!((case.state, case.verdict), (State::Fail, Some(Seen::Allow)), "{case:?}");
        }
    });
}

#[test]
fn a_swapped_verdict_fails_alone() {
    inside("a_swapped_verdict_fails_alone", || {
        // An allow, a deny and a cut; all together are one run, each must fail and no other.
        let mut plant = small();
        for (id, verdict) in [("4", Verdict::Deny), ("6", Verdict::Allow), ("13", Verdict::Allow)] {
            plant.expects.iter_mut().find(|expect| expect.id == id).unwrap().verdict = verdict;
        }
        let report = run(&plant, &LabOptions { derive: false, ..options() });
        assert_eq!(ids(&report, |case| case.state == State::Fail), ["4", "6", "13"]);
        assert_eq!(ids(&report, |case| case.state == State::Error), [""; 0]);
    });
}

#[test]
fn a_dead_gateway_fails_every_allow() {
    inside("a_dead_gateway_fails_every_allow", || {
        let dead =
            "table inet dead { chain all { type filter hook prerouting priority -500; policy drop; }; }\n";
        let options = LabOptions { after_load: Some(dead.to_owned()), derive: false, ..options() };
        let report = run(&small(), &options);
        for case in report.cases.iter().filter(|case| case.state != State::NotInspected) {
            let wanted = if case.expected == Verdict::Deny { State::Pass } else { State::Fail };
            assert_eq!((case.state, case.verdict), (wanted, Some(Seen::Deny)), "{case:?}");
        }
    });
}

#[test]
fn the_proof_of_every_load_is_asked_for_and_the_worst_is_told() {
    inside("the_proof_of_every_load_is_asked_for_and_the_worst_is_told", || {
        let plant = small();
        let options = LabOptions { derive: false, ..options() };
        let noon = options.at;
        let prove = |policy: &policy::Policy| {
            // Called where the rules are: the legs are there.
            assert!(linux::link::index_of("z0").is_ok());
            if policy.moment == noon { Proof::Equal } else { Proof::Differs("a rule too many".to_owned()) }
        };
        let report = lab::run(&plant, &options, &prove, &mut |_| {}).unwrap();
        assert_eq!(report.proof, Proof::Differs("a rule too many".to_owned()));
    });
}

#[test]
fn a_hole_made_by_hand_lets_its_packet_through() {
    inside("a_hole_made_by_hand_lets_its_packet_through", || {
        let plant = small();
        let mut twin = Twin::build(&plant, &[]).unwrap();
        let policy = policy::compile(&plant, options().at, &[]).unwrap();
        twin.load(&policy.text()).unwrap();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let probe = Probe {
            iif: "z2".to_owned(),
            oif: "z0".to_owned(),
            from: address("10.62.2.77"),
            to: address("10.62.0.10"),
            protocol: 6,
            ports: (40_000, 102),
        };
        assert!(!twin.try_packet(&probe).unwrap());
        assert!(!twin.try_on_wire(&probe).unwrap());
        // To an address that no asset has, as an example packet may name one.
        let elsewhere = Probe { to: address("10.62.0.44"), ..probe.clone() };
        twin.flush().unwrap();
        assert!(twin.try_packet(&probe).unwrap());
        assert!(twin.try_packet(&elsewhere).unwrap());
        twin.load(&policy.text()).unwrap();
        assert!(!twin.try_packet(&elsewhere).unwrap());
        twin.join("z0", "z2").unwrap();
        assert!(twin.try_on_wire(&probe).unwrap(), "two joined legs are one network");
    });
}

#[test]
fn the_same_run_gives_the_same_report() {
    inside("the_same_run_gives_the_same_report", || {
        let plant = small();
        let options = LabOptions { most_derived: 30, ..options() };
        let strip = |report: LabReport| {
            report
                .cases
                .into_iter()
                .map(|case| (case.id, case.say, case.verdict, case.state))
                .collect::<Vec<_>>()
        };
        let one = strip(run(&plant, &options));
        let derived: BTreeSet<&str> = one.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(derived.len(), one.len(), "ids are unique");
        assert_eq!(one, strip(run(&plant, &options)));
    });
}
