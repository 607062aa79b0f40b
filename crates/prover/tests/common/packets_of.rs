//! Packets a ruleset can tell apart: every constant of the rules, and its neighbours.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nftables::{Expression, Ruleset};
use packets::{ConnectionState, Hook, Outside, Packet};

use super::{NAMES, OTHER};

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Values the rules speak of, with the values next to them.
#[derive(Debug, Default)]
pub struct Pools {
    pub v4: Vec<u32>,
    pub v6: Vec<u128>,
    pub ports: Vec<u16>,
    pub bytes: Vec<u8>,
    pub names: Vec<String>,
    /// Whether the kernel tracks connections for these rules; otherwise every packet is untracked.
    pub tracking: bool,
    /// Whether addresses are translated.
    pub translated: bool,
}

impl Pools {
    pub fn of(ruleset: &Ruleset) -> Self {
        let mut found = Found::default();
        for table in &ruleset.tables {
            for set in &table.sets {
                let lengths = if set.fields.is_empty() { vec![set.key_len] } else { set.fields.clone() };
                for element in &set.elements {
                    if let Some(nftables::Data::Value(value)) = &element.data {
                        found.add(value);
                    }
                    for key in [Some(&element.key), element.key_end.as_ref()].into_iter().flatten() {
                        let mut start = 0;
                        for len in &lengths {
                            let end = start + *len as usize;
                            if let Some(part) = key.get(start..end) {
                                found.add(part);
                            }
                            start = end.next_multiple_of(4);
                        }
                    }
                }
            }
            for expression in
                table.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.expressions)
            {
                match expression {
                    Expression::Cmp { data, .. } => found.add(data),
                    Expression::Immediate(nftables::Immediate::Value { data, .. }) => found.add(data),
                    Expression::Range { from, to, .. } => {
                        found.add(from);
                        found.add(to);
                    }
                    _ => {}
                }
            }
        }
        found.names.extend(prover::interface_names(ruleset, &[]));
        found.names.extend(NAMES.map(str::to_owned));
        found.names.insert(OTHER.to_owned());
        let around = |value: u128, highest: u128| {
            [value.wrapping_sub(1) & highest, value, value.wrapping_add(1) & highest]
        };
        let spread = |values: &BTreeSet<u128>, highest: u128| -> BTreeSet<u128> {
            values.iter().flat_map(|&value| around(value, highest)).collect()
        };
        let mut bytes = spread(&found.bytes, 0xff);
        bytes.extend([1, 6, 17, 58]);
        let mut ports = spread(&found.ports, 0xffff);
        ports.extend([0, 40_000, 65_535]);
        let mut v4 = spread(&found.v4, 0xffff_ffff);
        v4.insert(0x0a00_0001);
        let mut v6 = spread(&found.v6, u128::MAX);
        v6.insert(0xfd00 << 112 | 1);
        Pools {
            v4: v4.into_iter().map(|value| value as u32).collect(),
            v6: v6.into_iter().collect(),
            ports: ports.into_iter().map(|value| value as u16).collect(),
            bytes: bytes.into_iter().map(|value| value as u8).collect(),
            names: found.names.into_iter().collect(),
            tracking: prover::uses_tracking(ruleset),
            translated: prover::translates(ruleset),
        }
    }

    /// A packet at some boundary, on the way of some hook.
    pub fn packet(&self, dice: &mut Dice) -> (Hook, Packet) {
        let hook = match dice.below(6) {
            0 => Hook::Input,
            1 => Hook::Output,
            _ => Hook::Forward,
        };
        (hook, self.packet_at(hook, dice))
    }

    pub fn packet_at(&self, hook: Hook, dice: &mut Dice) -> Packet {
        let v6 = dice.one_in(4);
        let (destination, source) = (self.address(v6, dice), self.address(v6, dice));
        let protocol = self.protocol(v6, dice);
        let headless = dice.one_in(30);
        let mut packet = Packet {
            iif: (hook != Hook::Output).then(|| dice.pick(&self.names).clone()),
            oif: (hook != Hook::Input).then(|| dice.pick(&self.names).clone()),
            destination,
            source,
            protocol,
            destination_port: self.port(dice),
            source_port: self.port(dice),
            headless,
            tcp_flags: 0,
            state: ConnectionState::New,
            original: None,
            outside: Outside::default(),
            mark: 0,
            socket: 0,
            proxy: *dice.pick(&[0, 7502, 7503]),
            announced: 0,
        };
        if matches!(protocol, 1 | 58) {
            packet.source_port = u16::from_be_bytes([*dice.pick(&self.bytes), dice.below(4) as u8]);
        }
        packet.state = match dice.below(12) {
            _ if !self.tracking => ConnectionState::Untracked,
            0..5 => ConnectionState::New,
            5 | 6 => ConnectionState::Original,
            7 | 8 => ConnectionState::Reply,
            9 => ConnectionState::Related { reply: dice.one_in(2) },
            10 => ConnectionState::Untracked,
            _ => ConnectionState::Invalid,
        };
        if let ConnectionState::Related { .. } = packet.state {
            let (from, to) = (self.address(v6, dice), self.address(v6, dice));
            packet.original = Some((from, to, self.protocol(v6, dice), self.port(dice), self.port(dice)));
        }
        let called =
            matches!(packet.state, ConnectionState::New | ConnectionState::Original | ConnectionState::Reply);
        if self.translated && called {
            packet.outside.destination = dice.one_in(2).then(|| self.address(v6, dice));
            packet.outside.source = dice.one_in(3).then(|| self.address(v6, dice));
        }
        if protocol == 6 {
            packet.tcp_flags = match packet.state {
                ConnectionState::New => 0x02,
                _ => *dice.pick(&[0x10, 0x12, 0x18, 0x02, 0x04, 0x11, 0x00]),
            };
        }
        let announced = matches!(
            packet.state,
            ConnectionState::Original | ConnectionState::Reply | ConnectionState::Related { .. }
        );
        if announced && dice.one_in(3) {
            packet.announced = 1 + dice.below(2) as u8;
        }
        if headless {
            (packet.destination_port, packet.source_port, packet.tcp_flags) = (0, 0, 0);
        }
        if hook == Hook::Output && dice.one_in(5) {
            packet.mark = if dice.one_in(2) { 0x5257_0002 } else { dice.below(20) as u32 };
        }
        packet.socket = if dice.one_in(6) { 1 + dice.below(2) as u8 } else { 0 };
        packet
    }

    fn address(&self, v6: bool, dice: &mut Dice) -> IpAddr {
        if v6 {
            let value = if dice.one_in(12) { dice.roll().into() } else { *dice.pick(&self.v6) };
            IpAddr::V6(Ipv6Addr::from(value))
        } else {
            let value = if dice.one_in(12) { dice.roll() as u32 } else { *dice.pick(&self.v4) };
            IpAddr::V4(Ipv4Addr::from(value))
        }
    }

    fn protocol(&self, v6: bool, dice: &mut Dice) -> u8 {
        match dice.below(12) {
            0..6 => 6,
            6..9 => 17,
            9 if v6 => 58,
            9 => 1,
            _ => *dice.pick(&self.bytes),
        }
    }

    fn port(&self, dice: &mut Dice) -> u16 {
        if dice.one_in(15) { dice.roll() as u16 } else { *dice.pick(&self.ports) }
    }
}

#[derive(Default)]
struct Found {
    v4: BTreeSet<u128>,
    v6: BTreeSet<u128>,
    ports: BTreeSet<u128>,
    bytes: BTreeSet<u128>,
    names: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, data: &[u8]) {
        let number = |bytes: &[u8]| bytes.iter().fold(0u128, |sum, &byte| (sum << 8) | u128::from(byte));
        match data.len() {
            1 => drop(self.bytes.insert(number(data))),
            2 => drop(self.ports.insert(number(data))),
            // Beginnings of addresses, and two ports beside each other.
            3 => self.v4.extend([number(data) << 8, number(data) << 8 | 0xff]),
            4 => {
                self.v4.insert(number(data));
                self.ports.extend([number(&data[..2]), number(&data[2..])]);
            }
            8 => {
                self.v4.extend([number(&data[..4]), number(&data[4..])]);
                let high = number(data) << 64;
                self.v6.extend([high, high | u128::from(u64::MAX)]);
            }
            16 => drop(self.v6.insert(number(data))),
            _ => {}
        }
    }
}

/// A packet that opens a connection through the machine.
pub fn plain(iif: &str, oif: &str, source: &str, destination: &str, protocol: u8, port: u16) -> Packet {
    Packet {
        iif: Some(iif.to_owned()),
        oif: Some(oif.to_owned()),
        destination: destination.parse().unwrap(),
        source: source.parse().unwrap(),
        protocol,
        destination_port: port,
        source_port: 40_000,
        headless: false,
        tcp_flags: if protocol == 6 { 2 } else { 0 },
        state: ConnectionState::New,
        original: None,
        outside: Outside::default(),
        mark: 0,
        socket: 0,
        proxy: 0,
        announced: 0,
    }
}
