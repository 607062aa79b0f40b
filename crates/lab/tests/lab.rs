//! A small plant through the lab, end to end. Each test runs itself again in a sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stop at the first surprise"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
            case.reason.as_ref().map(|reason| reason.text(words::Language::English)).unwrap_or_default()
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
        assert_eq!(ids(&report, |case| case.state == State::NotInspected), ["19", "20"]);
        assert_eq!(ids(&report, |case| case.verdict == Some(Seen::Cut)), ["13", "16"]);
        assert!(report.cases.iter().filter(|case| case.derived).count() > 50);
        for flow in ["A1", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "R1"] {
            let id = format!("{flow}/open");
            let case = report.cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(case.expected, Verdict::Allow, "{id}");
        }
        let closed = report.cases.iter().find(|case| case.id == "A2/open").unwrap();
        assert_eq!(closed.expected, Verdict::Deny, "what is no command does not pass a flow of commands");
        // What the proxy refused is told: the command, the flow that forbids it, the refusal.
        let refused: Vec<String> = report.refused.iter().filter_map(refusal).collect();
        assert_eq!(
            refused,
            [
                "10.62.2.10 write holding 10 = 139: 03 by A2",
                "10.62.2.10 read holding 0 count 61: 02 by A2",
                "10.62.2.10 write holding 10 = 191: 03 by A2",
                "fd62:2::10 write holding 0 = 1: 01 by A11",
            ]
        );
        assert!(report.took < Duration::from_secs(40), "{:?}", report.took);
        assert_eq!(threads_and_links(), before, "the twin leaves nothing behind");
    });
}

fn refusal(record: &gateway::Record) -> Option<String> {
    let gateway::What::Refused { command, exception, flow, .. } = &record.what else { return None };
    Some(format!("{} {command}: {exception:02X} by {}", record.client, flow.as_deref().unwrap_or_default()))
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
        let dead = "table inet dead { chain everything { type filter hook prerouting priority -500; policy drop; }; }\n";
        let options = LabOptions { after_load: Some(dead.to_owned()), derive: false, ..options() };
        let report = run(&small(), &options);
        for case in report.cases.iter().filter(|case| case.state != State::NotInspected) {
            if case.expected == Verdict::Deny && case.say.starts_with("fd62") {
                // Neighbour discovery is dead as well: the packet never leaves its host, and silence proves nothing.
                assert_eq!((case.state, case.verdict), (State::Error, None), "{case:?}");
                continue;
            }
            let wanted = if case.expected == Verdict::Deny { State::Pass } else { State::Fail };
            assert_eq!((case.state, case.verdict), (wanted, Some(Seen::Deny)), "{case:?}");
        }
    });
}

#[test]
fn a_hole_in_the_loaded_rules_fails_exactly_its_cases() {
    inside("a_hole_in_the_loaded_rules_fails_exactly_its_cases", || {
        let mut plant = small();
        plant.expects.retain(|expect| expect.verdict != Verdict::Cut && expect.at.is_none());
        // The way there and the way back, to the safety zone from anywhere.
        let hole = "insert rule inet ringwall forward oifname z0 tcp dport 102 accept\n\
                    insert rule inet ringwall forward iifname z0 tcp sport 102 accept\n";
        let report = run(&plant, &LabOptions { after_load: Some(hole.to_owned()), ..options() });
        let failed: Vec<&CaseResult> = report.cases.iter().filter(|case| case.state == State::Fail).collect();
        assert!(failed.iter().all(|case| case.say.contains("-> 10.62.0.") && case.expected == Verdict::Deny));
        assert!(failed.iter().all(|case| case.verdict == Some(Seen::Allow)), "{failed:#?}");
        let failed: Vec<&str> = failed.iter().map(|case| case.id.as_str()).collect();
        for id in ["2", "11", "A1/other source", "A1/other target", "A1/other zone"] {
            assert!(failed.contains(&id), "{id} of {failed:?}");
        }
        assert_eq!(ids(&report, |case| case.state == State::Error), [""; 0]);
    });
}

/// With no proxy, nothing of a limited flow passes: not by what other flows permit the others around it either.
#[test]
fn a_limited_flow_among_free_ones_passes_nothing_without_its_proxy() {
    inside("a_limited_flow_among_free_ones_passes_nothing_without_its_proxy", || {
        let text = r#"ringwall = 1
            plant = { id = "overlap", name = "Overlap" }
            zones.a = { title = "A", legs = [{ port = "a0", network = ["10.1.0.0/24"], gateway = "10.1.0.1" }] }
            zones.b = { title = "B", legs = [{ port = "b0", network = ["10.2.0.0/24"], gateway = "10.2.0.1" }] }
            conduits.C = { between = ["a", "b"], title = "A to B" }
            assets.hmi = { zone = "a", kind = "hmi", address = "10.1.0.10" }
            assets.eng = { zone = "a", kind = "hmi", address = "10.1.0.20" }
            assets.dev = { zone = "b", kind = "plc", address = "10.2.0.10" }
            flows = [
                { id = "L", from = "hmi", to = "dev", service = "modbus", allow = ["read any"] },
                { id = "A", from = "eng", to = "dev", service = "modbus" },
                { id = "N", from = "10.1.0.0/24", to = "dev", service = "modbus" },
            ]
        "#;
        let reading = plant::read(&[SourceFile { name: "plant.toml".to_owned(), text: text.into() }]);
        let plant = reading.plant.unwrap_or_else(|| panic!("{:#?}", reading.diagnostics));
        let report = run(&plant, &options());
        let state = |id: &str| {
            let case = report.cases.iter().find(|case| case.id == id);
            case.map(|case| (case.expected, case.verdict, case.state))
        };
        assert_eq!(state("A/other source"), Some((Verdict::Deny, Some(Seen::Deny), State::Pass)));
        assert_eq!(state("A/open"), Some((Verdict::Allow, Some(Seen::Allow), State::Pass)));
        assert_eq!(ids(&report, |case| case.state != State::Pass), [""; 0]);
    });
}

#[test]
fn the_proof_of_every_load_is_asked_for_and_the_worst_is_told() {
    inside("the_proof_of_every_load_is_asked_for_and_the_worst_is_told", || {
        let mut plant = small();
        plant.expects.retain(|expect| expect.verdict != Verdict::Cut);
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
        twin.load_besides("insert rule inet ringwall forward iifname z2 oifname z0 tcp dport 102 accept\n")
            .unwrap();
        assert!(twin.try_packet(&probe).unwrap(), "the rule made by hand lets it through");
        assert!(!twin.try_packet(&Probe { ports: (40_000, 103), ..probe.clone() }).unwrap());
        twin.load(&policy.text()).unwrap();
        assert!(!twin.try_packet(&probe).unwrap(), "loading again takes the rule away");
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
        let mut plant = small();
        plant.expects.truncate(10);
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

/// The rows of line3's packet table that layers 3 and 4 decide; the others need the inspection of commands, or never
/// pass the gateway.
const DECIDED: [&str; 21] = [
    "1", "2", "3", "6", "7", "10", "12", "14", "15", "16", "17", "17b", "18", "19", "20", "21", "24", "25",
    "26", "27", "28",
];

#[test]
fn line3_is_right_in_every_row_that_is_decided() {
    inside("line3_is_right_in_every_row_that_is_decided", || {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/line3");
        let files: Vec<SourceFile> = ["plant.toml", "decisions.toml"]
            .into_iter()
            .filter_map(|name| {
                let text = fs::read(format!("{folder}/{name}")).ok()?;
                Some(SourceFile { name: name.to_owned(), text })
            })
            .collect();
        let reading = plant::read(&files);
        let plant = reading.plant.unwrap_or_else(|| panic!("{:#?}", reading.diagnostics));
        let report = run(&plant, &options());
        let odd = ids(&report, |case| matches!(case.state, State::Fail | State::Error));
        if !odd.is_empty() {
            show(&report);
        }
        assert!(odd.is_empty(), "{odd:?}");
        for row in DECIDED {
            assert_eq!(ids(&report, |case| case.id == row && case.state == State::Pass), [row]);
        }
        let own = ids(&report, |case| !case.derived && case.state != State::NotInspected);
        assert!(own.iter().all(|id| DECIDED.contains(id)), "{own:?}");
        assert!(report.took < Duration::from_secs(40), "{:?}", report.took);
    });
}

#[test]
fn interrupted_it_leaves_nothing() {
    const VICTIM: &str = "RINGWALL_TEST_VICTIM";
    if std::env::var_os(VICTIM).is_some() {
        return inside("interrupted_it_leaves_nothing", || {
            lab::run(&small(), &options(), &|_| Proof::Equal, &mut |step| println!("STEP {step:?}")).unwrap();
        });
    }
    let links = || linux::link::list().unwrap().into_iter().map(|link| link.name).collect::<Vec<_>>();
    let before = links();
    // Once while it builds, once while cases are under way.
    for (round, step) in ["STEP Built", "STEP Proved"].into_iter().enumerate() {
        let mark = format!("{}-{round}", std::process::id());
        let mut victim = Command::new("/proc/self/exe")
            .args(["--exact", "interrupted_it_leaves_nothing", "--nocapture", "--test-threads=1"])
            .env(VICTIM, &mark)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.contains(step)));
        assert!(marked(VICTIM, &mark) >= 2, "the lab runs in a process of its own");
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(victim.id().cast_signed()),
            nix::sys::signal::Signal::SIGINT,
        )
        .unwrap();
        assert!(!victim.wait().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(10);
        while marked(VICTIM, &mark) > 0 {
            assert!(Instant::now() < deadline, "a process outlived the interrupt");
            std::thread::yield_now();
        }
    }
    assert_eq!(links(), before);
}

/// How many processes carry a mark in their environment.
fn marked(name: &str, value: &str) -> usize {
    let wanted = format!("{name}={value}");
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join("environ")).ok())
        .filter(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
        .count()
}
