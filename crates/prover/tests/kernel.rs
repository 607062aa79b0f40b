//! The kernel has the last word: raw packets through TUN interfaces, against both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use common::bench::{Bench, arriving, leaving, names_for, real_name, sendable};
use common::packets_of::{Dice, Pools, plain};
use common::replay::{Report, Tuple, on_bench, replay};
use common::wire::Stream;
use common::{Both, Symbolic, inside, regions, ruleset, rulesets};
use packets::{ConnectionState, Hook, Outside, Packet};
use prover::Outcome;

/// Regions visited, and packets at random boundaries, per ruleset.
const REGIONS: usize = 300;
const RANDOM: usize = 4_000;

/// Packets of all regions and at random boundaries that can be sent alone.
fn packets_for(both: &mut Both, hook: Hook) -> Vec<Packet> {
    let tracking = prover::uses_tracking(&both.ruleset);
    let mut packets = regions::of_opening(both, hook, REGIONS);
    packets.extend(regions::of_passing(both, hook, REGIONS));
    let pools = Pools::of(&both.ruleset);
    let mut dice = Dice::new(9);
    let names: Vec<String> = names_for(&both.ruleset).into_iter().collect();
    for _ in 0..RANDOM {
        let mut packet = pools.packet_at(hook, &mut dice);
        make_alone(&mut packet, &names, tracking, &mut dice);
        packets.push(packet);
    }
    packets.retain(|packet| sendable(hook, packet, tracking));
    packets
}

/// Turns a packet into one that needs no other before it.
fn make_alone(packet: &mut Packet, names: &[String], tracking: bool, dice: &mut Dice) {
    for interface in [&mut packet.iif, &mut packet.oif].into_iter().flatten() {
        *interface = dice.pick(names).clone();
    }
    (packet.headless, packet.socket, packet.original) = (false, 0, None);
    (packet.proxy, packet.announced) = (0, 0);
    if packet.state != ConnectionState::New {
        packet.outside = Outside::default();
    }
    packet.state = if tracking { ConnectionState::New } else { ConnectionState::Untracked };
    match packet.protocol {
        6 if tracking && dice.one_in(5) => {
            packet.tcp_flags = *dice.pick(&[0x10, 0x11, 0x04, 0x18]);
            packet.state = ConnectionState::Invalid;
            packet.outside = Outside::default();
        }
        6 => packet.tcp_flags = 2,
        1 => packet.source_port = 0x0800,
        58 => packet.source_port = 0x8000,
        _ => {}
    }
}

#[test]
fn the_kernel_does_what_both_engines_say() {
    inside("the_kernel_does_what_both_engines_say", || {
        for (name, text) in rulesets() {
            let mut both = on_bench(&text);
            let packets = packets_for(&mut both, Hook::Forward);
            let total = packets.len();
            let report = replay(&text, &both, packets);
            println!(
                "{name}: {total} packets, {} passed, {} dropped, {} left out, {} differences",
                report.passed,
                report.dropped,
                report.left_out,
                report.differences.len()
            );
            for difference in report.differences.iter().take(3) {
                println!("{name}: {difference}");
            }
            assert!(report.differences.is_empty(), "{name}");
            assert!(report.passed >= 20 && report.dropped >= 20, "{name}: too little to tell anything");
        }
    });
}

/// Generated rulesets replayed, and packets for each.
const GENERATED: u64 = 40;
const PACKETS_GENERATED: usize = 400;

#[test]
fn the_kernel_does_what_both_engines_say_of_generated_rulesets() {
    inside("the_kernel_does_what_both_engines_say_of_generated_rulesets", || {
        let mut total = Report::default();
        for seed in 5_000..5_000 + GENERATED {
            let text = common::generated::ruleset(seed);
            let mut both = on_bench(&text);
            let mut packets = packets_for(&mut both, Hook::Forward);
            let mut dice = Dice::new(seed);
            while packets.len() > PACKETS_GENERATED {
                let at = dice.below(packets.len());
                packets.swap_remove(at);
            }
            let report = replay(&text, &both, packets);
            for difference in report.differences.iter().take(2) {
                println!("ruleset {seed}\n{text}\n{difference}");
            }
            total.passed += report.passed;
            total.dropped += report.dropped;
            total.left_out += report.left_out;
            total.differences.extend(report.differences);
        }
        println!("{} passed, {} dropped, {} left out", total.passed, total.dropped, total.left_out);
        assert!(total.differences.is_empty());
        assert!(total.passed > 1_000 && total.dropped > 1_000, "too little to tell anything");
    });
}

/// Conversations: after a packet that opens a connection, its answer, what follows, and error messages about both.
#[test]
fn the_kernel_follows_conversations_as_both_engines_say() {
    inside("the_kernel_follows_conversations_as_both_engines_say", || {
        for name in ["line3", "plain", "policy", "states", "translation"] {
            let text = ruleset(name);
            let mut both = on_bench(&text);
            let openers: Vec<Packet> = packets_for(&mut both, Hook::Forward)
                .into_iter()
                .filter(|packet| packet.state == ConnectionState::New && packet.iif != packet.oif)
                .filter(|packet| matches!(packet.protocol, 1 | 6 | 17) && packet.source.is_ipv4())
                .filter(|packet| both.trace(Hook::Forward, packet).outcome == Outcome::Passes)
                .take(CONVERSATIONS)
                .collect();
            let mut report = Report::default();
            for opener in &openers {
                converse(&text, &both, opener.clone(), &mut report);
            }
            println!(
                "{name}: {} openers, {} passed, {} dropped",
                openers.len(),
                report.passed,
                report.dropped
            );
            for difference in report.differences.iter().take(3) {
                println!("{name}: {difference}");
            }
            assert!(report.differences.is_empty(), "{name}");
            // Rules that accept whatever belongs to a connection drop nothing here.
            let dropped = name == "plain" || report.dropped > 20;
            assert!(openers.len() >= 20 && report.passed > 20 && dropped, "{name}: too little");
        }
    });
}

/// Openers tried per ruleset.
const CONVERSATIONS: usize = 40;

/// One conversation on a bench of its own: the routes lead each side to its interface.
fn converse(text: &str, both: &Both, mut opener: Packet, report: &mut Report) {
    let (iif, oif) = (opener.iif.clone().unwrap(), opener.oif.clone().unwrap());
    let routes = [(opener.destination, 32, oif.as_str()), (opener.source, 32, iif.as_str())];
    let (to, from) = (opener.outside.destination, opener.outside.source);
    let mut bench = Bench::new(text, &names_for(&both.ruleset), &routes);
    let mut sent: Vec<(u32, Packet)> = Vec::new();
    let streams = [(1000, 0), (2000, 1001), (1001, 2001)]
        .map(|(sequence, acknowledgement)| Stream { sequence, acknowledgement });
    let (number, first) = bench.send(&mut opener, streams[0]);
    sent.push((number, opener.clone()));
    let mut answer = opener.clone();
    (answer.iif, answer.oif) = (opener.oif.clone(), opener.iif.clone());
    (answer.source, answer.destination) = (opener.destination, opener.source);
    (answer.source_port, answer.destination_port) = (opener.destination_port, opener.source_port);
    answer.state = ConnectionState::Reply;
    match opener.protocol {
        6 => answer.tcp_flags = 0x12,
        1 => answer.source_port = 0,
        _ => {}
    }
    // An answer to an echo request carries its identifier: the number of the packet stands for it.
    let identifier = number as u16;
    let called = arriving(&opener);
    let about = match opener.protocol {
        1 => (opener.source, called, 1, identifier, 0x0800),
        protocol => (opener.source, called, protocol, opener.source_port, opener.destination_port),
    };
    // The same packet as the other side got it.
    let first = quoted(&opener, &first, leaving(&opener), opener.destination);
    // Before any answer: somebody on the way tells the opener that it cannot be reached.
    for (kind, source) in [(0x0301u16, opener.destination), (0x0b00, opener.destination), (0x0301, NEIGHBOUR)]
    {
        let mut error = error_about(about, kind, source, opener.source, true);
        (error.iif, error.oif) = (opener.oif.clone(), opener.iif.clone());
        let number = bench.send_error(&mut error, &first, [from, to]);
        sent.push((number, error));
    }
    if opener.protocol != 1 {
        let (number, second) = bench.send(&mut answer, streams[1]);
        sent.push((number, answer.clone()));
        // Only an answer that came through makes the connection one.
        if bench.seen().iter().any(|(seen, _)| *seen == number) {
            let mut more = opener.clone();
            more.state = ConnectionState::Original;
            if more.protocol == 6 {
                more.tcp_flags = 0x10;
            }
            let (number, _) = bench.send(&mut more, streams[2]);
            sent.push((number, more));
            let mut error = error_about(about, 0x0303, opener.source, opener.destination, false);
            (error.iif, error.oif) = (opener.iif.clone(), opener.oif.clone());
            let second = quoted(&answer, &second, leaving(&answer), answer.destination);
            let number = bench.send_error(&mut error, &second, [to, from]);
            sent.push((number, error));
        }
    }
    let seen: BTreeSet<u32> = bench.seen().iter().map(|(number, _)| *number).collect();
    for (number, packet) in sent {
        report.compare(both, Hook::Forward, &packet, seen.contains(&number));
    }
}

/// A packet as sent, with the addresses it has on the other side.
fn quoted(packet: &Packet, sent: &[u8], source: IpAddr, destination: IpAddr) -> Vec<u8> {
    if (source, destination) == (packet.source, arriving(packet)) {
        return sent.to_vec();
    }
    let [IpAddr::V4(source), IpAddr::V4(destination)] = [source, destination] else { panic!("IPv4 only") };
    let mut bytes = sent.to_vec();
    bytes[12..16].copy_from_slice(&source.octets());
    bytes[16..20].copy_from_slice(&destination.octets());
    bytes
}

/// A router near the other side.
const NEIGHBOUR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 200, 0, 1));

fn error_about(about: Tuple, kind: u16, source: IpAddr, destination: IpAddr, reply: bool) -> Packet {
    Packet {
        protocol: 1,
        source_port: kind,
        tcp_flags: 0,
        state: ConnectionState::Related { reply },
        original: Some(about),
        ..plain("", "", &source.to_string(), &destination.to_string(), 1, 0)
    }
}

/// Local destinations of a batch.
const DESTINATIONS: usize = 40;

/// What reaches the machine itself.
#[test]
fn the_kernel_takes_in_what_both_engines_say() {
    inside("the_kernel_takes_in_what_both_engines_say", || {
        let mut total = Report::default();
        for (name, text) in rulesets() {
            let mut both = on_bench(&text);
            let mut packets = packets_for(&mut both, Hook::Input);
            packets.retain(|packet| packet.source.is_ipv4() && matches!(packet.protocol, 1 | 6 | 17));
            // The destinations where most gets through; no address of the machine may be a source.
            let mut own: BTreeMap<IpAddr, (usize, usize)> = BTreeMap::new();
            let mut senders: BTreeSet<IpAddr> = BTreeSet::new();
            for packet in &packets {
                let (passing, all) = own.entry(packet.destination).or_default();
                *all += 1;
                if both.symbolic(Hook::Input, packet) == Symbolic::Passes {
                    *passing += 1;
                    senders.insert(packet.source);
                }
            }
            if senders.len() < DESTINATIONS {
                own.retain(|address, _| !senders.contains(address));
            }
            let mut own: Vec<(IpAddr, (usize, usize))> = own.into_iter().collect();
            own.sort_by_key(|&(address, count)| (std::cmp::Reverse(count), address));
            own.truncate(DESTINATIONS);
            let own: BTreeSet<IpAddr> = own.into_iter().map(|(address, _)| address).collect();
            packets.retain(|packet| !own.contains(&packet.source));
            packets.retain(|packet| own.contains(&packet.destination));
            let mut bench = Bench::towards(&text, &names_for(&both.ruleset), "z0");
            let ears = bench.run(|| {
                linux::link::set_up("lo").unwrap();
                for address in &own {
                    linux::address::add("lo", *address, 32).unwrap();
                }
                common::local::Ears::new()
            });
            let (mut used, mut sent) = (BTreeSet::new(), Vec::new());
            for mut packet in packets {
                let key = common::replay::tuple(&packet);
                if !used.insert(key) || used.contains(&common::replay::mirrored(key)) {
                    total.left_out += 1;
                    continue;
                }
                let (number, _) = bench.send(&mut packet, Stream { sequence: 1000, acknowledgement: 0 });
                let arrived = bench.arrived(&ears).contains(&number);
                sent.push((packet, arrived));
            }
            let mut report = Report::default();
            for (packet, arrived) in &sent {
                report.compare(&both, Hook::Input, packet, *arrived);
            }
            total.add(&name, report);
        }
        total.judge(300);
    });
}

/// What leaves the machine itself.
#[test]
fn the_kernel_sends_out_what_both_engines_say() {
    inside("the_kernel_sends_out_what_both_engines_say", || {
        let mut total = Report::default();
        for (name, text) in rulesets() {
            let mut both = on_bench(&text);
            let mut packets = packets_for(&mut both, Hook::Output);
            packets.retain(|packet| packet.source.is_ipv4());
            let mut report = Report::default();
            let ways: BTreeSet<String> = packets.iter().filter_map(|packet| packet.oif.clone()).collect();
            for oif in ways {
                let mut bench = Bench::towards(&text, &names_for(&both.ruleset), &oif);
                let (mut used, mut sent) = (BTreeSet::new(), Vec::new());
                for packet in packets.iter().filter(|packet| packet.oif.as_ref() == Some(&oif)) {
                    let key = common::replay::tuple(packet);
                    if !used.insert(key) || used.contains(&common::replay::mirrored(key)) {
                        report.left_out += 1;
                        continue;
                    }
                    let mut packet = packet.clone();
                    sent.push((bench.emit(&mut packet), packet));
                }
                let seen = bench.finish(&oif);
                for (number, packet) in sent {
                    let passes = seen.contains(&(number, real_name(&oif)));
                    report.compare(&both, Hook::Output, &packet, passes);
                }
            }
            total.add(&name, report);
        }
        total.judge(300);
    });
}

impl Totals for Report {
    fn add(&mut self, name: &str, other: Report) {
        println!(
            "{name}: {} passed, {} dropped, {} differences",
            other.passed,
            other.dropped,
            other.differences.len()
        );
        for difference in other.differences.iter().take(2) {
            println!("{name}: {difference}");
        }
        self.passed += other.passed;
        self.dropped += other.dropped;
        self.differences.extend(other.differences);
    }

    fn judge(&self, least: usize) {
        assert!(self.differences.is_empty(), "{} differences", self.differences.len());
        assert!(self.passed >= least && self.dropped >= least, "too little to tell anything");
    }
}

/// Sums over several rulesets.
trait Totals {
    fn add(&mut self, name: &str, other: Report);
    fn judge(&self, least: usize);
}
