//! What `rulesets/policy.nft` should let through, written by hand as sets of packets.

use packets::{Cube, Field, Hook, Interfaces, Node, Space, ct_direction, ct_state, family};

/// Who may open what: interfaces, source, destination, protocol, port.
struct Flow {
    ways: (&'static str, &'static str),
    source: (u128, u128),
    destination: (u128, u128),
    protocol: u128,
    port: (u128, u128),
}

const fn host(net: u128, number: u128) -> u128 {
    (10 << 24) | (net << 8) | number
}

const fn one(value: u128) -> (u128, u128) {
    (value, value)
}

const FLOWS: [Flow; 4] = [
    Flow {
        ways: ("z1", "z0"),
        source: one(host(1, 10)),
        destination: one(host(0, 10)),
        protocol: 6,
        port: one(102),
    },
    Flow {
        ways: ("z1", "z0"),
        source: (host(1, 20), host(1, 29)),
        destination: (host(0, 10), host(0, 11)),
        protocol: 17,
        port: (5000, 5010),
    },
    Flow {
        ways: ("z2", "z1"),
        source: one(host(2, 20)),
        destination: (host(1, 0), host(1, 15)),
        protocol: 6,
        port: one(502),
    },
    Flow {
        ways: ("z2", "z1"),
        source: one(host(2, 30)),
        destination: one(host(1, 10)),
        protocol: 6,
        port: one(4840),
    },
];

/// The packets of one hook that should pass.
pub fn relation(space: &mut Space, interfaces: &Interfaces, hook: Hook) -> Node {
    let at = |name: &str| interfaces.value(name).unwrap();
    let whole = || fixed(fixed(Cube::new(), Field::Family, family::V4), Field::Headless, 0);
    let mut cubes = Vec::new();
    match hook {
        Hook::Forward => {
            for flow in &FLOWS {
                let (from, to) = (at(flow.ways.0), at(flow.ways.1));
                let protocol = fixed(whole(), Field::Protocol, flow.protocol);
                // The opening packet, what follows it, and the answers.
                for state in [ct_state::NEW, ct_state::ESTABLISHED] {
                    let cube = fixed(fixed(protocol.clone(), Field::Iif, from), Field::Oif, to);
                    let cube =
                        fixed(fixed(cube, Field::State, state), Field::Direction, ct_direction::ORIGINAL);
                    let cube = spread(
                        spread(cube, Field::Source, flow.source),
                        Field::Destination,
                        flow.destination,
                    );
                    cubes.push(spread(cube, Field::DestinationPort, flow.port));
                }
                let cube = fixed(fixed(protocol, Field::Iif, to), Field::Oif, from);
                let cube = fixed(
                    fixed(cube, Field::State, ct_state::ESTABLISHED),
                    Field::Direction,
                    ct_direction::REPLY,
                );
                let cube =
                    spread(spread(cube, Field::Destination, flow.source), Field::Source, flow.destination);
                cubes.push(spread(cube, Field::SourcePort, flow.port));
            }
            // Error messages about the first flow, from the side of its destination.
            for kind in [3u128, 11, 12] {
                let cube = fixed(fixed(whole(), Field::Iif, at("z0")), Field::Oif, at("z1"));
                let cube = fixed(fixed(cube, Field::Protocol, 1), Field::State, ct_state::RELATED);
                let cube = spread(cube, Field::SourcePort, (kind * 256, kind * 256 + 255));
                let cube = spread(cube, Field::OriginalSource, FLOWS[0].source);
                let cube = spread(cube, Field::OriginalDestination, FLOWS[0].destination);
                let cube = fixed(cube, Field::OriginalProtocol, FLOWS[0].protocol);
                cubes.push(spread(cube, Field::OriginalDestinationPort, FLOWS[0].port));
            }
        }
        Hook::Input => {
            let cube = fixed(fixed(whole(), Field::Iif, at("z1")), Field::Source, host(1, 90));
            cubes.push(spread(fixed(cube, Field::Protocol, 1), Field::SourcePort, (0x0800, 0x08ff)));
        }
        Hook::Output => {
            for state in [ct_state::ESTABLISHED, ct_state::RELATED] {
                let cube = fixed(fixed(whole(), Field::Oif, at("z1")), Field::Destination, host(1, 90));
                let cube = fixed(fixed(cube, Field::State, state), Field::Direction, ct_direction::REPLY);
                cubes.push(spread(fixed(cube, Field::Protocol, 1), Field::SourcePort, (0, 0xff)));
            }
        }
    }
    space.cubes(cubes)
}

fn fixed(cube: Cube, field: Field, value: u128) -> Cube {
    cube.with(field, value, value)
}

fn spread(cube: Cube, field: Field, (low, high): (u128, u128)) -> Cube {
    cube.with(field, low, high)
}
