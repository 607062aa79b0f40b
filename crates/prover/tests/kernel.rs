//! The kernel has the last word: raw packets through TUN interfaces, against both engines.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::bench::{Bench, names_for, real_name, sendable};
use common::packets_of::{Dice, Pools};
use common::wire::Stream;
use common::{Both, Symbolic, inside, regions, rulesets};
use packets::{ConnectionState, Hook, Packet};
use prover::Outcome;

/// Regions visited, and packets at random boundaries, per ruleset.
const REGIONS: usize = 300;
const RANDOM: usize = 4_000;

/// Source, destination, protocol and ports, as connection tracking tells connections apart.
type Tuple = (std::net::IpAddr, std::net::IpAddr, u8, u16, u16);

fn tuple(packet: &Packet) -> Tuple {
    let ports = matches!(packet.protocol, 6 | 17);
    let port = |port: u16| if ports { port } else { 0 };
    (packet.source, packet.destination, packet.protocol, port(packet.source_port), port(packet.destination_port))
}

fn mirrored((a, b, protocol, c, d): Tuple) -> Tuple {
    (b, a, protocol, d, c)
}

/// What was compared for one ruleset.
#[derive(Debug, Default)]
struct Report {
    passed: usize,
    dropped: usize,
    /// Left out, because an earlier packet of the same batch would have given it another state.
    left_out: usize,
    differences: Vec<String>,
}

/// Sends packets that need no packet before them, and compares.
fn replay(text: &str, both: &Both, packets: Vec<Packet>) -> Report {
    let names = names_for(&both.ruleset);
    let mut by_way: BTreeMap<String, Vec<Packet>> = BTreeMap::new();
    for packet in packets {
        by_way.entry(packet.oif.clone().unwrap()).or_default().push(packet);
    }
    let mut report = Report::default();
    for (oif, packets) in by_way {
        let mut bench = Bench::towards(text, &names, &oif);
        assert_eq!(bench.links, both.links, "the benches are alike");
        let mut used: BTreeSet<Tuple> = BTreeSet::new();
        let mut sent: Vec<(u32, Packet)> = Vec::new();
        for mut packet in packets {
            let own = tuple(&packet);
            let clash = used.contains(&mirrored(own))
                || (used.contains(&own) && packet.state != ConnectionState::New);
            if clash && !matches!(packet.protocol, 1 | 58) {
                report.left_out += 1;
                continue;
            }
            used.insert(own);
            let (number, _) = bench.send(&mut packet, Stream { sequence: 1000, acknowledgement: 0 });
            sent.push((number, packet));
        }
        let seen = bench.finish(&oif);
        for (number, packet) in sent {
            let passes = seen.contains(&(number, real_name(&oif)));
            report.compare(both, &packet, passes);
        }
    }
    report
}

impl Report {
    /// Compares what the kernel did with what the engines say.
    fn compare(&mut self, both: &Both, packet: &Packet, passes: bool) {
        *if passes { &mut self.passed } else { &mut self.dropped } += 1;
        let trace = both.trace(Hook::Forward, packet);
        let symbolic = both.symbolic(Hook::Forward, packet);
        let wrong = match (passes, &trace.outcome, symbolic) {
            (true, Outcome::Dropped, _) | (true, _, Symbolic::Dropped) => true,
            (false, Outcome::Passes, _) | (false, _, Symbolic::Passes) => true,
            _ => false,
        };
        if wrong {
            let kernel = if passes { "passes" } else { "dropped" };
            self.differences.push(format!("kernel: {kernel}, diagram: {symbolic:?}, {trace:#?}\n{packet:#?}"));
        }
    }
}

/// A ruleset in both engines, on a machine like the benches.
fn on_bench(text: &str) -> Both {
    let names = names_for(&common::load(text));
    let bench = Bench::towards(text, &names, "z0");
    Both::new(bench.ruleset.clone(), bench.links.clone())
}

/// Packets of all regions and at random boundaries that can be sent alone.
fn packets_for(both: &mut Both) -> Vec<Packet> {
    let tracking = prover::uses_tracking(&both.ruleset);
    let mut packets = regions::of_passing(both, Hook::Forward, REGIONS);
    let pools = Pools::of(&both.ruleset);
    let mut dice = Dice::new(9);
    let names: Vec<String> = names_for(&both.ruleset).into_iter().collect();
    for _ in 0..RANDOM {
        let mut packet = pools.packet_at(Hook::Forward, &mut dice);
        make_alone(&mut packet, &names, tracking, &mut dice);
        packets.push(packet);
    }
    packets.retain(|packet| sendable(Hook::Forward, packet, tracking));
    packets
}

/// Turns a packet into one that needs no other before it.
fn make_alone(packet: &mut Packet, names: &[String], tracking: bool, dice: &mut Dice) {
    packet.iif = Some(dice.pick(names).clone());
    packet.oif = Some(dice.pick(names).clone());
    (packet.headless, packet.socket, packet.original) = (false, 0, None);
    packet.state = if tracking { ConnectionState::New } else { ConnectionState::Untracked };
    match packet.protocol {
        6 if tracking && dice.one_in(5) => {
            packet.tcp_flags = *dice.pick(&[0x10, 0x11, 0x04, 0x18]);
            packet.state = ConnectionState::Invalid;
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
            let packets = packets_for(&mut both);
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
