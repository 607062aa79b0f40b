//! Two engines, one answer: diagrams against the walk of single packets, on rulesets the kernel took.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::collections::BTreeMap;

use common::packets_of::{Dice, Pools, plain};
use common::{Agreement, Both, inside, load, regions, rulesets};
use packets::{Hook, Packet};
use prover::Outcome;

/// Packets tried per ruleset.
const PACKETS: usize = 20_000;

/// Regions of what passes that are visited, per hook.
const REGIONS: usize = 2_000;

type Counts = BTreeMap<&'static str, usize>;

/// Holds both engines against each other; returns how often each kind of agreement came.
fn compare(name: &str, both: &mut Both, packets: usize, regions: usize) -> Counts {
    let pools = Pools::of(&both.ruleset);
    let mut dice = Dice::new(1);
    let mut counts = Counts::new();
    for _ in 0..packets {
        let (hook, packet) = pools.packet(&mut dice);
        compare_one(name, both, hook, &packet, &mut counts);
    }
    for hook in Hook::ALL {
        for packet in regions::of_passing(both, hook, regions) {
            compare_one(name, both, hook, &packet, &mut counts);
        }
    }
    counts
}

fn compare_one(name: &str, both: &Both, hook: Hook, packet: &Packet, counts: &mut Counts) {
    let kind = if !both.possible(hook, packet) {
        "impossible"
    } else {
        match both.agree(hook, packet) {
            Agreement::Same(Outcome::Passes) => "both pass",
            Agreement::Same(_) => "both drop",
            Agreement::BothOpen => "both open",
            Agreement::DiagramOpen => "diagram open",
            Agreement::TraceOpen => "trace open",
            Agreement::Differ(how) => panic!("{name}: {how}"),
        }
    };
    *counts.entry(kind).or_insert(0) += 1;
}

#[test]
fn engines_agree_on_written_rulesets() {
    inside("engines_agree_on_written_rulesets", || {
        for (name, text) in rulesets() {
            let mut both = Both::load(&text);
            assert!(both.blocking().is_empty(), "{name}: {:?}", both.blocking());
            let counts = compare(&name, &mut both, PACKETS, REGIONS);
            println!("{name}: {counts:?}");
            let count = |kind: &str| counts.get(kind).copied().unwrap_or(0);
            assert!(count("both pass") > 50, "{name}: too few packets pass to tell anything");
            assert!(count("both drop") > 50, "{name}: too few packets are dropped to tell anything");
            // Scattered bits of a long number are open to the diagrams; nothing else is, outside `unknowns`.
            if name != "unknowns" {
                // Whether a chain of kind `nat` is asked about the first packet of an announced connection
                // depends on what came before; what an error message is addressed to before it is translated does so too.
                let some = match name.as_str() {
                    "priorities" => 20,
                    "translation" => 500,
                    _ => 0,
                };
                let open = count("both open") + count("trace open");
                assert!(open <= some, "{name}: nothing in it is open");
                assert!(count("diagram open") * 20 < PACKETS, "{name}: too much is open");
            }
        }
    });
}

/// Random rulesets, and packets per ruleset.
const GENERATED: u64 = 300;
const PACKETS_GENERATED: usize = 1_000;

#[test]
fn engines_agree_on_generated_rulesets() {
    inside("engines_agree_on_generated_rulesets", || {
        let (mut taken, mut total) = (0, BTreeMap::new());
        for seed in 0..GENERATED {
            let text = common::generated::ruleset(seed);
            if let Err(error) = linux::nft::replace(&text) {
                println!("ruleset {seed} is refused: {error}\n{text}");
                continue;
            }
            taken += 1;
            let mut both = Both::load(&text);
            // Chains of one priority in two tables: said, and asked both ways by the second engine.
            let order = |note: &&&prover::NotUnderstood| note.what.contains("runs first is not known");
            let unexpected: Vec<_> = both.blocking().into_iter().filter(|note| !order(&note)).collect();
            assert!(unexpected.is_empty(), "{seed}: {unexpected:?}\n{text}");
            let counts = compare(&format!("ruleset {seed}\n{text}"), &mut both, PACKETS_GENERATED, 50);
            for (kind, count) in counts {
                *total.entry(kind).or_insert(0) += count;
            }
        }
        println!("{taken} of {GENERATED} rulesets: {total:?}");
        assert!(taken * 10 >= GENERATED * 9, "nft refuses too many rulesets");
        assert!(total["both pass"] > 10_000 && total["both drop"] > 10_000, "{total:?}");
    });
}

/// Where an interface does not exist, the kernel loads number 0 and an empty name, and does not fail: a rule with
/// `!=` matches there. Seen with counters on packets of the machine itself.
#[test]
fn an_absent_interface_is_unequal_to_every_other() {
    inside("an_absent_interface_is_unequal_to_every_other", || {
        linux::link::set_up("lo").unwrap();
        let text = "table inet t {
            chain output { type filter hook output priority 0;
                iifname != \"z0\" counter comment \"7\"
                iifname \"z0\" counter comment \"0\"
                iif != 77 counter comment \"7\"
                iif 77 counter comment \"0\"
                oifname \"lo\" counter comment \"7\"
            }
            chain input { type filter hook input priority 0;
                oifname != \"z0\" counter comment \"7\"
                oifname \"lo\" counter comment \"0\"
                iifname . oifname != { \"lo\" . \"lo\" } counter comment \"7\"
            }
        }";
        let ruleset = load(text);
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..7 {
            socket.send_to(b"x", to.local_addr().unwrap()).unwrap();
        }
        let listed = linux::nft::list().unwrap();
        let mut seen = 0;
        for line in listed.lines().filter(|line| line.contains("comment")) {
            let wanted = line.split("comment \"").nth(1).unwrap().trim_end_matches('"');
            assert!(line.contains(&format!("counter packets {wanted} ")), "{line}");
            seen += 1;
        }
        assert_eq!(seen, ruleset.tables[0].chains.iter().map(|chain| chain.rules.len()).sum::<usize>());
    });
}

/// A catch-all element holds every key, so nothing is outside such a set.
#[test]
fn nothing_is_outside_a_set_with_a_catch_all() {
    inside("nothing_is_outside_a_set_with_a_catch_all", || {
        let text = "table ip t {
            set every { type ipv4_addr; elements = { 10.0.0.1, * } }
            chain forward { type filter hook forward priority 0; policy accept; ip saddr != @every drop; }
        }";
        let both = Both::load(text);
        for source in ["10.0.0.1", "10.0.0.2"] {
            let packet = opening(source, "10.0.1.1", 80);
            assert_eq!(both.trace(Hook::Forward, &packet).outcome, Outcome::Passes);
            assert_eq!(both.agree(Hook::Forward, &packet), Agreement::Same(Outcome::Passes));
        }
    });
}

/// A TCP packet that opens a connection from z0 to z1.
fn opening(source: &str, destination: &str, port: u16) -> Packet {
    plain("z0", "z1", source, destination, 6, port)
}

/// What moves or changes packets in ways neither engine follows: both say so, neither answers.
#[test]
fn statements_that_are_not_modelled_are_refused_by_both() {
    inside("statements_that_are_not_modelled_are_refused_by_both", || {
        let forward = "type filter hook forward priority 0";
        let pre = "type filter hook prerouting priority 0";
        let cases = [
            (forward, "queue"),
            (forward, "queue num 3 bypass"),
            (forward, "ip ttl set 3"),
            (forward, "ip daddr set 10.0.0.9"),
            (forward, "meta pkttype set broadcast"),
            (forward, "ct label set 3"),
            (forward, "dup to 10.0.0.9"),
            (forward, "synproxy mss 1460 wscale 7"),
            (forward, "tcp option maxseg size set 1200"),
            (pre, "tproxy ip to 127.0.0.1:50080"),
            ("type nat hook prerouting priority dstnat", "dnat to 10.0.0.9:80"),
            ("type nat hook prerouting priority dstnat", "dnat to 10.0.0.8-10.0.0.9"),
            (
                "type nat hook prerouting priority dstnat",
                "dnat to ip saddr map { 10.0.0.1 : 10.0.0.8-10.0.0.9 }",
            ),
            ("type nat hook prerouting priority dstnat", "redirect to :8080"),
            ("type nat hook postrouting priority srcnat", "masquerade"),
            ("type nat hook postrouting priority srcnat", "snat to 10.0.0.9:1024-2048"),
            ("type nat hook postrouting priority srcnat", "snat to 10.0.0.8/30"),
        ];
        let mut tried = 0;
        for (hook, statement) in cases {
            let text = format!(
                "table ip t {{ chain c {{ {hook}; policy accept; ip daddr 10.0.1.1 tcp dport 80 {statement}; }}\n}}"
            );
            if let Err(error) = linux::nft::replace(&text) {
                println!("{statement}: refused here: {}", error.to_string().lines().next().unwrap());
                continue;
            }
            tried += 1;
            let both = Both::load(&text);
            assert!(!both.blocking().is_empty(), "{statement} is not reported");
            let outcome = both.trace(Hook::Forward, &opening("10.0.0.1", "10.0.1.1", 80)).outcome;
            assert!(matches!(outcome, Outcome::Undecided(_)), "{statement}: {outcome:?}");
            let elsewhere = both.trace(Hook::Forward, &opening("10.0.0.1", "10.0.1.1", 81)).outcome;
            assert_eq!(elsewhere, Outcome::Passes, "{statement} is not reached");
        }
        assert!(tried >= 8, "too few of them load here");
    });
}

/// Whatever hangs beside the way of routed packets is not modelled, and said.
#[test]
fn hooks_beside_the_way_are_reported_by_both() {
    inside("hooks_beside_the_way_are_reported_by_both", || {
        let packet = opening("10.0.0.1", "10.0.1.1", 80);
        for text in [
            "table bridge t { chain c { type filter hook forward priority 0; policy drop; }\n}",
            "table netdev t { chain c { type filter hook ingress device lo priority 0; policy drop; }\n}",
            "table arp t { chain c { type filter hook input priority 0; policy drop; }\n}",
            "table inet t { chain c { type filter hook ingress device lo priority 0; policy drop; }\n}",
        ] {
            if linux::nft::replace(text).is_err() {
                println!("refused here: {text}");
                continue;
            }
            let both = Both::load(text);
            assert!(!both.blocking().is_empty(), "{text}");
            let mut here = packet.clone();
            here.iif = Some("lo".to_owned());
            let outcome = both.trace(Hook::Forward, &here).outcome;
            assert!(matches!(outcome, Outcome::Undecided(_)), "{text}: {outcome:?}");
        }
    });
}

/// The path of a packet reads like the rules that were written.
#[test]
fn a_path_names_the_rules_that_decided() {
    inside("a_path_names_the_rules_that_decided", || {
        let cases = [
            (
                "policy",
                opening_from("z1", "z0", "10.0.1.10", "10.0.0.10", 102),
                vec![
                    "inet ringwall forward iifname . oifname vmap { *",
                    "inet ringwall open_safety ct direction original ip saddr . ip daddr . meta l4proto . th dport @safety accept",
                ],
            ),
            (
                "policy",
                opening_from("z1", "z0", "10.0.1.10", "10.0.0.10", 103),
                vec!["inet ringwall forward policy drop"],
            ),
            (
                "plain",
                opening_from("z0", "z1", "10.0.0.1", "10.0.2.1", 22),
                vec!["inet plain forward ip saddr 10.0.0.0/9 ip daddr != 10.0.1.0/24 tcp dport 22 accept"],
            ),
            (
                "plain",
                opening_from("z0", "z1", "192.168.0.1", "10.0.7.1", 999),
                vec!["inet plain forward tcp dport 1-1023 reject"],
            ),
            (
                "jumps",
                opening_from("z0", "z1", "10.0.0.1", "10.0.1.3", 10),
                vec![
                    "ip jumps forward ip daddr 10.0.1.3 jump deep1",
                    "ip jumps deep1 jump deep2",
                    "ip jumps deep2 tcp dport 10 accept",
                ],
            ),
            (
                "priorities",
                opening_from("z0", "z2", "10.0.0.1", "10.0.1.3", 22),
                vec![
                    "inet raw early policy accept",
                    "inet mangle pre policy accept",
                    "inet filter forward ct state { established, new } tcp dport { 22, 80, 4002, 4003, ... } accept",
                    "ip late forward policy accept",
                    "inet mangle post meta mark 0x00000011 oifname \"z2\" drop",
                ],
            ),
        ];
        for (name, packet, wanted) in cases {
            let both = Both::load(&common::ruleset(name));
            let path = both.trace(Hook::Forward, &packet).path;
            let lines: Vec<String> =
                path.iter().map(|step| format!("{} {} {}", step.table, step.chain, step.rule)).collect();
            let fits = |line: &String, wanted: &str| match wanted.strip_suffix('*') {
                Some(start) => line.starts_with(start),
                None => line == wanted,
            };
            let same = lines.len() == wanted.len()
                && lines.iter().zip(&wanted).all(|(line, wanted)| fits(line, wanted));
            assert!(same, "{name}: {lines:#?}\nwanted {wanted:#?}");
        }
    });
}

fn opening_from(iif: &str, oif: &str, source: &str, destination: &str, port: u16) -> Packet {
    plain(iif, oif, source, destination, 6, port)
}

/// Rules in a circle are no way out: the walk ends and says so.
#[test]
fn rules_in_a_circle_end_the_walk() {
    inside("rules_in_a_circle_end_the_walk", || {
        let text = "table ip t {
            chain b { accept; }
            chain a { goto b; }
            chain forward { type filter hook forward priority 0; policy drop; jump a; }
        }";
        let mut both = Both::load(text);
        for chain in &mut both.ruleset.tables[0].chains {
            if chain.name == "b" {
                let verdict = nftables::Verdict::Goto("a".to_owned());
                chain.rules[0].expressions =
                    vec![nftables::Expression::Immediate(nftables::Immediate::Verdict(verdict))];
            }
        }
        let outcome = both.trace(Hook::Forward, &opening("10.0.0.1", "10.0.1.1", 80)).outcome;
        assert!(matches!(outcome, Outcome::Undecided(_)), "{outcome:?}");
    });
}
