//! Random policies over four legs, and packets near them.

use std::net::IpAddr;

use packets::{ConnectionState, Hook, Outside, Packet};
use policy::path::{MARK_DELIVER, MARK_PROXY, PROXY_PORT};
use policy::{Commands, Leg, Permission, Policy, Side, Traffic, Translation};
use proptest::prelude::*;
use proptest::sample::select;
use protocols::PortRange;

use super::{after, leg, moment};

pub fn legs() -> Vec<Leg> {
    vec![
        leg("a", "A", &["10.0.0.0/24", "fd00::/64"], &["10.0.0.1", "fd00::1"], false),
        leg("b.1", "B", &["10.0.1.0/24", "10.0.3.0/25"], &["10.0.1.1"], false),
        leg("b-1", "B again", &["10.0.2.0/28", "fd02::/64"], &["10.0.2.1", "fd02::1"], false),
        leg("out", "Outside", &["172.20.0.0/24", "fd0f::/64"], &["172.20.0.1", "fd0f::1"], true),
    ]
}

/// The same legs, behind two of which machines of the first are known under other addresses.
fn translating() -> Vec<Leg> {
    let known = |outside: &str, inside: &str| Translation {
        outside: outside.parse().unwrap(),
        inside: inside.parse().unwrap(),
    };
    let mut legs = legs();
    legs[2].translations = vec![known("10.0.2.9", "10.0.0.10")];
    legs[3].translations = vec![
        known("172.20.0.41", "10.0.0.10"),
        known("172.20.0.42", "10.0.0.11"),
        known("fd0f::41", "fd00::10"),
    ];
    legs
}

/// What a machine is called, as a packet should have it: by the one who opens the connection, and by the other end.
fn called(policy: &Policy, packet: &Packet) -> Outside {
    let known = |port: &Option<String>, inside: IpAddr| {
        let leg = policy.legs.get(port.as_deref()?)?;
        leg.translations.iter().find(|each| each.inside == inside).map(|each| each.outside)
    };
    match packet.state {
        ConnectionState::New => Outside {
            destination: known(&packet.iif, packet.destination),
            source: known(&packet.oif, packet.source),
        },
        ConnectionState::Original => {
            Outside { destination: known(&packet.iif, packet.destination), source: None }
        }
        ConnectionState::Reply => Outside { destination: known(&packet.oif, packet.source), source: None },
        _ => Outside::default(),
    }
}

/// Peers behind each leg.
fn peers(port: &str) -> Vec<&'static str> {
    match port {
        "a" => {
            vec!["10.0.0.10/32", "10.0.0.11/32", "10.0.0.0/24", "10.0.0.8/30", "fd00::10/128", "fd00::/64"]
        }
        "b.1" => vec!["10.0.1.10/32", "10.0.1.255/32", "10.0.1.0/24", "10.0.3.0/25", "10.0.3.127/32"],
        "b-1" => vec!["10.0.2.10/32", "10.0.2.0/28", "fd02::10/128", "fd02::/120"],
        _ => vec![
            "172.20.0.15/32",
            "8.8.8.8/32",
            "0.0.0.0/0",
            "8.0.0.0/7",
            "::/0",
            "2001:db8::1/128",
            "fd0f::2/128",
        ],
    }
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let ports = select(vec![(1, 65_535), (102, 102), (100, 110), (103, 103), (65_535, 65_535), (0, 0)]);
    prop_oneof![
        8 => (select(vec![6u8, 17]), ports).prop_map(|(protocol, (first, last))| Traffic::Ports {
            protocol,
            ports: PortRange { first, last },
        }),
        2 => Just(Traffic::Echo),
        1 => select(vec![6u8, 1, 47, 58, 0, 255]).prop_map(Traffic::Protocol),
        1 => Just(Traffic::Any),
    ]
}

fn permission() -> impl Strategy<Value = Permission> {
    let sides = || select(vec!["a", "b.1", "b-1", "out", "gateway"]);
    let until = prop_oneof![3 => Just(None), 2 => select(vec![500i64, 3_500, 60_000]).prop_map(Some)];
    (sides(), sides(), any::<[prop::sample::Index; 2]>(), traffic(), until, 0..6u8).prop_filter_map(
        "two sides of one family",
        |(from, to, [source, target], traffic, until, flow)| {
            if from == to {
                return None;
            }
            let end = |side: &str, other: &str, index: &prop::sample::Index| -> String {
                if side == "gateway" {
                    let legs = legs();
                    let leg = legs.iter().find(|leg| leg.port == other).unwrap();
                    format!(
                        "{0}/{1}",
                        index.get(&leg.gateways),
                        if index.get(&leg.gateways).is_ipv4() { 32 } else { 128 }
                    )
                } else {
                    (*index.get(&peers(side))).to_owned()
                }
            };
            let source: ipnet::IpNet = end(from, to, &source).parse().unwrap();
            let destination: ipnet::IpNet = end(to, from, &target).parse().unwrap();
            (source.addr().is_ipv4() == destination.addr().is_ipv4()).then(|| Permission {
                iif: super::side(from),
                oif: super::side(to),
                source,
                destination,
                traffic,
                until: until.map(after),
                flow: format!("F{flow:02}").as_str().into(),
            })
        },
    )
}

pub fn policies() -> impl Strategy<Value = Policy> {
    let parts = (prop::collection::vec(permission(), 0..14), any::<[bool; 14]>(), any::<bool>());
    parts.prop_map(|(mut permissions, aside, known)| {
        permissions.sort();
        permissions.dedup();
        let mut policy = super::policy(
            if known { translating() } else { legs() },
            &[("C1", "a", "b.1"), ("C2", "out", "a")],
            &[],
        );
        for (row, aside) in permissions.into_iter().zip(aside) {
            let tcp = matches!(row.traffic, Traffic::Ports { protocol: 6, .. });
            let legs = row.iif != Side::Local && row.oif != Side::Local;
            if !(tcp && legs && aside) {
                policy.permissions.push(row);
            } else if row.flow.as_str() < "F03" {
                policy.transfers.push(row.clone());
                policy.permissions.push(row);
            } else {
                policy.commands.push(Commands { row, unit: None, allow: Vec::new() });
            }
        }
        policy.moment = moment();
        policy
    })
}

/// Addresses at and beside every boundary.
fn addresses(v6: bool) -> Vec<IpAddr> {
    let mut list: Vec<IpAddr> = Vec::new();
    for port in ["a", "b.1", "b-1", "out"] {
        for peer in peers(port) {
            let peer: ipnet::IpNet = peer.parse().unwrap();
            list.extend([peer.network(), peer.broadcast()]);
        }
    }
    for leg in translating() {
        list.extend(leg.translations.iter().map(|each| each.outside));
        list.extend(leg.gateways);
        list.extend(leg.networks.iter().flat_map(|network| [network.network(), network.broadcast()]));
    }
    for more in [
        "127.0.0.1",
        "224.0.0.1",
        "10.0.0.12",
        "10.0.4.0",
        "9.255.255.255",
        "10.0.0.0",
        "fe80::1",
        "ff02::1",
        "::",
        "::1",
        "fd01::",
    ] {
        list.push(more.parse().unwrap());
    }
    list.retain(|address| address.is_ipv6() == v6);
    list
}

pub fn packets() -> impl Strategy<Value = (Hook, Packet)> {
    any::<bool>().prop_flat_map(|v6| {
        let interface = || select(vec!["a", "b.1", "b-1", "out", "lo", "any other interface"]);
        let address = move || select(addresses(v6));
        let protocol = || select(vec![6u8, 17, 1, 58, 47, 0, 255]);
        let port = || select(vec![0u16, 1, 99, 100, 102, 103, 110, 111, 65_534, 65_535]);
        let kind = (
            select(vec![0u8, 1, 2, 3, 4, 5, 8, 11, 12, 128, 129, 133, 134, 135, 136, 137]),
            select(vec![0u8, 4, 255]),
        )
            .prop_map(|(kind, code)| u16::from(kind) * 256 + u16::from(code));
        let state = select(vec![
            ConnectionState::New,
            ConnectionState::Original,
            ConnectionState::Reply,
            ConnectionState::Related { reply: false },
            ConnectionState::Related { reply: true },
            ConnectionState::Untracked,
            ConnectionState::Invalid,
        ]);
        let hook = select(Hook::ALL.to_vec());
        let flags = select(vec![0x02u8, 0x10, 0x12, 0xc2, 0x04, 0x00, 0x03, 0x0a]);
        let original = (address(), address(), protocol(), port());
        let outside = if v6 { ["fd0f::41", "fd0f::7"] } else { ["172.20.0.41", "10.0.2.9"] };
        let outside = move || {
            let some = outside.map(|address| Some(address.parse::<IpAddr>().unwrap()));
            prop_oneof![2 => Just(None), 1 => select(some.to_vec())]
        };
        let local = (
            select(vec![0, 1, MARK_DELIVER, MARK_PROXY]),
            0..3u8,
            select(vec![0, PROXY_PORT, PROXY_PORT + 1]),
            0..3u8,
        );
        (
            (hook, interface(), interface(), address(), address()),
            (protocol(), port(), prop_oneof![port(), kind], prop::bool::weighted(0.1), flags),
            (state, original, local, (outside(), outside())),
        )
            .prop_map(
                |(
                    (hook, iif, oif, destination, source),
                    (protocol, dport, sport, headless, flags),
                    (state, original, (mark, socket, proxy, announced), (there, back)),
                )| {
                    let related = matches!(state, ConnectionState::Related { .. });
                    let known = matches!(
                        state,
                        ConnectionState::New | ConnectionState::Original | ConnectionState::Reply
                    );
                    let outside = Outside { destination: there, source: back };
                    let packet = Packet {
                        outside: if known { outside } else { Outside::default() },
                        iif: (hook != Hook::Output).then(|| iif.to_owned()),
                        oif: (hook != Hook::Input).then(|| oif.to_owned()),
                        destination,
                        source,
                        protocol,
                        destination_port: if headless { 0 } else { dport },
                        source_port: if headless { 0 } else { sport },
                        headless,
                        tcp_flags: if protocol == 6 && !headless { flags } else { 0 },
                        state,
                        original: related.then_some((original.0, original.1, original.2, 40_000, original.3)),
                        mark: if hook == Hook::Output { mark } else { 0 },
                        socket,
                        proxy,
                        announced,
                    };
                    (hook, packet)
                },
            )
    })
}

/// A packet of the policy itself, a little off at random.
pub fn aimed(policy: &Policy) -> BoxedStrategy<(Hook, Packet)> {
    let mut rows: Vec<Permission> = policy.permissions.clone();
    for Commands { row, .. } in &policy.commands {
        // Each of the two connections; one that would be forwarded must not pass.
        rows.extend([
            Permission { oif: Side::Local, ..row.clone() },
            Permission { iif: Side::Local, ..row.clone() },
            row.clone(),
        ]);
    }
    if rows.is_empty() {
        return packets().boxed();
    }
    let policy = policy.clone();
    (select(rows), packets(), any::<[bool; 8]>(), 0..4u8)
        .prop_map(move |(row, (_, mut packet), off, state)| {
            let answer = state == 1;
            let about = state >= 2;
            let reply = state == 3;
            let (mut from, mut to) = (row.iif.clone(), row.oif.clone());
            let (mut source, mut target) = (row.source.network(), row.destination.broadcast());
            let (protocol, dport, icmp): (u8, u16, u16) = match row.traffic {
                Traffic::Ports { protocol, ports } => (protocol, ports.last, 40_000),
                Traffic::Echo if row.is_v6() => (58, 7, if answer { 129 } else { 128 } * 256),
                Traffic::Echo => (1, 7, if answer { 0 } else { 8 * 256 }),
                Traffic::Protocol(protocol) => (protocol, 5, 6),
                Traffic::Any => (132, 5, 6),
            };
            let rare = |at: usize| {
                off.get(at).copied().unwrap_or(false)
                    && off.get((at + 1) % 8).copied().unwrap_or(false)
                    && off[7]
            };
            let leg = if let Side::Leg(port) = &row.iif { policy.legs.get(port) } else { None };
            let known = leg.and_then(|leg| leg.translations.iter().find(|each| each.inside == target));
            let about_it = known.filter(|_| !rare(6)).map_or(target, |each| each.outside);
            let tuple = (source, about_it, protocol, 40_000, dport);
            if answer || reply {
                std::mem::swap(&mut from, &mut to);
                std::mem::swap(&mut source, &mut target);
            }
            let hook = match (&from, &to) {
                (Side::Local, _) => Hook::Output,
                (_, Side::Local) => Hook::Input,
                _ => Hook::Forward,
            };
            let name = |side: &Side| match side {
                Side::Leg(port) => Some(port.clone()),
                Side::Local => None,
            };
            let keep = |off: bool, right: Option<String>, wrong: &Option<String>| {
                right.map(|right| if off { wrong.clone().unwrap_or_else(|| "lo".to_owned()) } else { right })
            };
            packet.iif = keep(rare(0), name(&from), &packet.iif);
            packet.oif = keep(rare(1), name(&to), &packet.oif);
            let wrong_family = packet.source.is_ipv6() != source.is_ipv6();
            if !rare(2) || wrong_family {
                packet.source = source;
            }
            if !rare(3) || wrong_family {
                packet.destination = target;
            }
            packet.headless = false;
            packet.original = None;
            if about {
                let v6 = source.is_ipv6();
                packet.protocol = if v6 { 58 } else { 1 };
                packet.source_port = if v6 { 2 * 256 } else { 3 * 256 + 4 };
                packet.tcp_flags = 0;
                packet.state = ConnectionState::Related { reply };
                packet.original = Some(tuple);
            } else {
                packet.protocol = protocol;
                let ports = matches!(row.traffic, Traffic::Ports { .. });
                let (there, back) = (if ports { dport } else { 5 }, if ports { 40_000 } else { icmp });
                (packet.destination_port, packet.source_port) =
                    if answer { if ports { (back, there) } else { (there, icmp) } } else { (there, back) };
                if rare(4) {
                    packet.destination_port = packet.destination_port.wrapping_add(1);
                }
                packet.tcp_flags = if protocol == 6 { if rare(5) { 0x10 } else { 0x02 } } else { 0 };
                packet.state = match state {
                    1 => ConnectionState::Reply,
                    _ if off[6] => ConnectionState::New,
                    _ => ConnectionState::Original,
                };
            }
            if about {
                packet.outside = Outside::default();
            } else if !rare(6)
                || packet.outside.destination.is_some_and(|it| it.is_ipv6() != source.is_ipv6())
            {
                packet.outside = called(&policy, &packet);
            }
            (hook, packet)
        })
        .boxed()
}
