//! Packets sent through the kernel one by one, and what it did held against both engines.

use std::collections::{BTreeMap, BTreeSet};

use packets::{ConnectionState, Hook, Packet};
use prover::Outcome;

use super::bench::{Bench, arriving, leaving, names_for, real_name};
use super::wire::Stream;
use super::{Both, Symbolic};

/// Source, destination, protocol and ports, as connection tracking tells connections apart.
pub type Tuple = (std::net::IpAddr, std::net::IpAddr, u8, u16, u16);

pub fn tuple(packet: &Packet) -> Tuple {
    let ports = matches!(packet.protocol, 6 | 17);
    let port = |port: u16| if ports { port } else { 0 };
    (
        packet.source,
        packet.destination,
        packet.protocol,
        port(packet.source_port),
        port(packet.destination_port),
    )
}

pub fn mirrored((a, b, protocol, c, d): Tuple) -> Tuple {
    (b, a, protocol, d, c)
}

/// What was compared for one ruleset.
#[derive(Debug, Default)]
pub struct Report {
    pub passed: usize,
    pub dropped: usize,
    /// Left out, because an earlier packet of the same batch would have given it another state.
    pub left_out: usize,
    pub differences: Vec<String>,
}

/// Sends packets that need no packet before them, and compares.
pub fn replay(text: &str, both: &Both, packets: Vec<Packet>) -> Report {
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
            let own = tuple(&Packet { destination: arriving(&packet), ..packet.clone() });
            // What the other end will see of it.
            let other = tuple(&Packet { source: leaving(&packet), ..packet.clone() });
            if other != own && (used.contains(&other) || used.contains(&mirrored(other))) {
                report.left_out += 1;
                continue;
            }
            let clash = used.contains(&mirrored(own))
                || (used.contains(&own) && packet.state != ConnectionState::New);
            if clash && !matches!(packet.protocol, 1 | 58) {
                report.left_out += 1;
                continue;
            }
            used.extend([own, other]);
            let (number, _) = bench.send(&mut packet, Stream { sequence: 1000, acknowledgement: 0 });
            sent.push((number, packet));
        }
        let seen = bench.finish(&oif);
        for (number, packet) in sent {
            let passes = seen.contains(&(number, real_name(&oif)));
            report.compare(both, Hook::Forward, &packet, passes);
        }
    }
    report
}

impl Report {
    /// Compares what the kernel did with what the engines say.
    pub fn compare(&mut self, both: &Both, hook: Hook, packet: &Packet, passes: bool) {
        *if passes { &mut self.passed } else { &mut self.dropped } += 1;
        let trace = both.trace(hook, packet);
        let symbolic = both.symbolic(hook, packet);
        let wrong = if passes {
            trace.outcome == Outcome::Dropped || symbolic == Symbolic::Dropped
        } else {
            trace.outcome == Outcome::Passes || symbolic == Symbolic::Passes
        };
        if wrong {
            let kernel = if passes { "passes" } else { "dropped" };
            self.differences
                .push(format!("kernel: {kernel}, diagram: {symbolic:?}, {trace:#?}\n{packet:#?}"));
        }
    }
}

/// A ruleset in both engines, on a machine like the benches.
pub fn on_bench(text: &str) -> Both {
    let names = names_for(&super::load(text));
    let bench = Bench::towards(text, &names, "z0");
    Both::new(bench.ruleset.clone(), bench.links.clone())
}
