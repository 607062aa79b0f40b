//! One packet per region of the diagrams, and one just across every boundary.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use packets::{
    ConnectionState, Cube, Field, Hook, Interfaces, Node, Outside, Packet, Space, ct_direction, ct_state,
    family,
};

use super::packets_of::Dice;
use super::{Both, OTHER};

/// The fields a packet has.
pub const FIELDS: [Field; 21] = [
    Field::Iif,
    Field::Oif,
    Field::Family,
    Field::Destination,
    Field::Source,
    Field::Protocol,
    Field::DestinationPort,
    Field::SourcePort,
    Field::Headless,
    Field::TcpFlags,
    Field::State,
    Field::Direction,
    Field::OriginalDestination,
    Field::OriginalSource,
    Field::OriginalProtocol,
    Field::OriginalDestinationPort,
    Field::OriginalSourcePort,
    Field::Socket,
    Field::Mark,
    Field::Proxy,
    Field::Announced,
];

/// Packets in and around every region of what passes, at most `limit` regions; each occurs in the domain.
pub fn of_passing(both: &mut Both, hook: Hook, limit: usize) -> Vec<Packet> {
    let place = Both::place(hook);
    let (may, domain) = (both.bounds[place].may, both.domains[place]);
    let set = both.space.and(may, domain);
    of_set(&mut both.space, &both.interfaces, set, domain, limit)
}

/// The same of packets that open a connection on the wire: other states and flags would crowd them out.
pub fn of_opening(both: &mut Both, hook: Hook, limit: usize) -> Vec<Packet> {
    let place = Both::place(hook);
    let (may, domain) = (both.bounds[place].may, both.domains[place]);
    let mut set = both.space.and(may, domain);
    let state = if prover::uses_tracking(&both.ruleset) { ct_state::NEW } else { ct_state::UNTRACKED };
    for (field, values) in [
        (Field::State, vec![(state, state)]),
        (Field::TcpFlags, vec![(0, 0), (2, 2)]),
        (Field::Socket, vec![(0, 0)]),
        (Field::Headless, vec![(0, 0)]),
    ] {
        let only = both.space.ranges(field, &values);
        set = both.space.and(set, only);
    }
    if let Some(lo) = both.interfaces.value("lo") {
        for field in [Field::Iif, Field::Oif] {
            let loopback = both.space.value(field, lo);
            set = both.space.without(set, loopback);
        }
    }
    of_set(&mut both.space, &both.interfaces, set, domain, limit)
}

/// Packets in and around every region of a set.
pub fn of_set(
    space: &mut Space,
    interfaces: &Interfaces,
    set: Node,
    domain: Node,
    limit: usize,
) -> Vec<Packet> {
    let cubes = match space.disjoint(set, limit) {
        Some(cubes) => cubes,
        None => some_cubes(space, interfaces, set, limit),
    };
    let mut dice = Dice::new(5);
    let mut packets = BTreeSet::new();
    for cube in &cubes {
        for values in around(cube, &mut dice) {
            let packet = packet(&values, interfaces);
            if space.lookup(domain, &packet, interfaces, false) == 1 {
                packets.insert(packet);
            }
        }
    }
    packets.into_iter().collect()
}

/// The first cubes of a set that has too many.
fn some_cubes(space: &mut Space, interfaces: &Interfaces, set: Node, limit: usize) -> Vec<Cube> {
    let mut rest = set;
    let mut cubes = Vec::new();
    while cubes.len() < limit.min(200) {
        let Some((_, cube)) = space.example(rest, interfaces) else { break };
        let taken = space.cube(&cube);
        rest = space.without(rest, taken);
        cubes.push(cube);
    }
    cubes
}

/// Values of all fields: corners of a cube, and steps across each of its faces.
fn around(cube: &Cube, dice: &mut Dice) -> Vec<Vec<(Field, u128)>> {
    let range = |field: Field| cube.range(field).unwrap_or((0, usual_highest(field)));
    let inside: Vec<(Field, u128)> =
        FIELDS.iter().map(|&field| (field, usual(field, range(field)))).collect();
    let low: Vec<_> = FIELDS.iter().map(|&field| (field, range(field).0)).collect();
    let high: Vec<_> = FIELDS.iter().map(|&field| (field, range(field).1)).collect();
    let mut all = vec![inside.clone(), low.clone(), high.clone()];
    for _ in 0..2 {
        let mixed =
            low.iter().zip(&high).map(|(low, high)| if dice.one_in(2) { *low } else { *high }).collect();
        all.push(mixed);
    }
    for (at, &field) in FIELDS.iter().enumerate() {
        let Some((low, high)) = cube.range(field) else { continue };
        for value in [low.checked_sub(1), high.checked_add(1), Some(low), Some(high)].into_iter().flatten() {
            let mut values = inside.clone();
            values[at].1 = value;
            all.push(values);
        }
    }
    all
}

fn usual_highest(field: Field) -> u128 {
    match field {
        Field::Destination | Field::Source | Field::OriginalDestination | Field::OriginalSource => {
            0xffff_ffff
        }
        Field::Mark | Field::Proxy | Field::Announced => 0,
        field => field.highest(),
    }
}

/// A value in the range that a real packet would have.
fn usual(field: Field, (low, high): (u128, u128)) -> u128 {
    let wanted = match field {
        Field::Protocol => 6,
        Field::SourcePort | Field::OriginalSourcePort => 40_000,
        Field::TcpFlags => 2,
        Field::State => ct_state::NEW,
        Field::Destination => 0x0a00_0001,
        Field::Source => 0x0a00_0002,
        _ => low,
    };
    if (low..=high).contains(&wanted) { wanted } else { low }
}

/// The packet with these values.
pub fn packet(values: &[(Field, u128)], interfaces: &Interfaces) -> Packet {
    let of = |field: Field| values.iter().find(|(known, _)| *known == field).map_or(0, |(_, value)| *value);
    let long = of(Field::Family) == family::V6;
    let address = |field: Field| {
        if long {
            IpAddr::V6(Ipv6Addr::from(of(field)))
        } else {
            IpAddr::V4(Ipv4Addr::from(of(field) as u32))
        }
    };
    let interface = |field: Field| match of(field) {
        Interfaces::ABSENT => None,
        value => Some(interfaces.name(value).unwrap_or(OTHER).to_owned()),
    };
    let reply = of(Field::Direction) == ct_direction::REPLY;
    let state = match of(Field::State) {
        ct_state::NEW => ConnectionState::New,
        ct_state::ESTABLISHED if reply => ConnectionState::Reply,
        ct_state::ESTABLISHED => ConnectionState::Original,
        ct_state::RELATED => ConnectionState::Related { reply },
        ct_state::UNTRACKED => ConnectionState::Untracked,
        _ => ConnectionState::Invalid,
    };
    let original = matches!(state, ConnectionState::Related { .. }).then(|| {
        (
            address(Field::OriginalSource),
            address(Field::OriginalDestination),
            of(Field::OriginalProtocol) as u8,
            of(Field::OriginalSourcePort) as u16,
            of(Field::OriginalDestinationPort) as u16,
        )
    });
    let protocol = of(Field::Protocol) as u8;
    let called = |field: Field| (original.is_none() && of(field) != 0).then(|| address(field));
    let outside =
        Outside { destination: called(Field::OriginalDestination), source: called(Field::OriginalSource) };
    Packet {
        outside,
        iif: interface(Field::Iif),
        oif: interface(Field::Oif),
        destination: address(Field::Destination),
        source: address(Field::Source),
        protocol,
        destination_port: of(Field::DestinationPort) as u16,
        source_port: of(Field::SourcePort) as u16,
        headless: of(Field::Headless) == 1,
        tcp_flags: if protocol == 6 { of(Field::TcpFlags) as u8 } else { 0 },
        state,
        original,
        mark: of(Field::Mark) as u32,
        socket: of(Field::Socket) as u8,
        proxy: of(Field::Proxy) as u16,
        announced: of(Field::Announced) as u8,
    }
}
