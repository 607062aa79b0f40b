//! The relations against a plain reading of the permissions, packet by packet.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::net::IpAddr;

use packets::{ConnectionState, Hook, Interfaces, Packet, Space};
use policy::path::{MARK_PROXY, PROXY_PORT};
use policy::{Leg, Permission, Policy, Side, Traffic, Translation};
use proptest::prelude::*;
use support::random::{aimed, packets, policies};

/// What the permissions say of a packet, without any diagram.
fn passes(policy: &Policy, hook: Hook, packet: &Packet) -> bool {
    goes_together(policy, hook, packet) && permitted(policy, hook, packet)
}

/// Whether the addresses of a packet and those others use for them go together: behind a leg a machine is called by its
/// outside address, and everything else by its own.
fn goes_together(policy: &Policy, hook: Hook, packet: &Packet) -> bool {
    let known = |port: &Option<String>, here: bool| {
        let leg = port.as_deref().filter(|_| here).and_then(|port| policy.legs.get(port));
        leg.map(|leg| leg.translations.as_slice()).unwrap_or_default()
    };
    let arriving = known(&packet.iif, hook != Hook::Output);
    let leaving = known(&packet.oif, hook != Hook::Input);
    let find = |list: &[Translation], inside: IpAddr| {
        list.iter().find(|each| each.inside == inside).map(|each| each.outside)
    };
    let (called, named) = (find(arriving, packet.destination), find(leaving, packet.source));
    match packet.state {
        ConnectionState::New => {
            let taken = arriving.iter().any(|each| each.outside == packet.destination);
            !taken && packet.outside.destination == called && packet.outside.source == named
        }
        ConnectionState::Original => called.is_none() || packet.outside.destination == called,
        ConnectionState::Reply => named.is_none() || packet.outside.destination == named,
        _ => true,
    }
}

fn permitted(policy: &Policy, hook: Hook, packet: &Packet) -> bool {
    let own = match hook {
        Hook::Forward => None,
        Hook::Input => packet.iif.as_deref(),
        Hook::Output => packet.oif.as_deref(),
    };
    if own == Some("lo") {
        return true;
    }
    let kind = packet.icmp().map(|(kind, _)| kind);
    if let Some(leg) = own.and_then(|port| policy.legs.get(port))
        && leg.networks.iter().any(|network| network.addr().is_ipv6())
        && packet.source.is_ipv6()
        && packet.protocol == 58
        && matches!(kind, Some(135 | 136))
        && packet.state == ConnectionState::Untracked
    {
        return true;
    }
    if hook != Hook::Output {
        let Some(leg) = packet.iif.as_deref().and_then(|port| policy.legs.get(port)) else { return false };
        if !behind(policy, leg, packet.source) {
            return false;
        }
    }
    let side = |port: &Option<String>| port.clone().map_or(Side::Local, Side::Leg);
    let (iif, oif) = (side(&packet.iif), side(&packet.oif));
    if policy.commands.iter().any(|commands| by_proxy(&commands.row, hook, packet, (&iif, &oif))) {
        return true;
    }
    let running = matches!(
        packet.state,
        ConnectionState::Original | ConnectionState::Reply | ConnectionState::Related { .. }
    );
    let announced = |row: &Permission| {
        let ends = [(&iif, packet.source), (&oif, packet.destination)];
        let between = |[from, to]: [(&Side, IpAddr); 2]| {
            (&row.iif, &row.oif) == (from.0, to.0)
                && row.source.contains(&from.1)
                && row.destination.contains(&to.1)
        };
        between(ends) || between([ends[1], ends[0]])
    };
    if running && packet.announced == 1 && packet.protocol == 6 && policy.transfers.iter().any(announced) {
        return true;
    }
    policy.permissions.iter().any(|row| match packet.state {
        ConnectionState::New | ConnectionState::Original => {
            let opening = packet.state == ConnectionState::Original
                || packet.protocol != 6
                || packet.tcp_flags & 0x17 == 0x02;
            opening
                && (&row.iif, &row.oif) == (&iif, &oif)
                && row.source.contains(&packet.source)
                && row.destination.contains(&packet.destination)
                && carries(row, packet, false)
        }
        ConnectionState::Reply => {
            (&row.iif, &row.oif) == (&oif, &iif)
                && row.source.contains(&packet.destination)
                && row.destination.contains(&packet.source)
                && carries(row, packet, true)
        }
        ConnectionState::Related { reply } => {
            let error = if packet.source.is_ipv6() {
                packet.protocol == 58 && matches!(kind, Some(1..=4))
            } else {
                packet.protocol == 1 && matches!(kind, Some(3 | 11 | 12))
            };
            let Some(tuple) = packet.original else { return false };
            // Where the error comes from and goes to, in terms of the connection; the gateway reports for any leg.
            let (near, far) = if reply { (&row.oif, &row.iif) } else { (&row.iif, &row.oif) };
            let way = match hook {
                Hook::Forward => *near == iif && *far == oif,
                Hook::Input => *near == iif && *far == Side::Local,
                Hook::Output => *far == oif,
            };
            error && way && about(policy, row, tuple)
        }
        ConnectionState::Untracked | ConnectionState::Invalid => false,
    })
}

/// Whether a packet is of one of the two connections that commands take, at the proxy.
fn by_proxy(row: &Permission, hook: Hook, packet: &Packet, (iif, oif): (&Side, &Side)) -> bool {
    let opens = packet.state == ConnectionState::Original
        || packet.state == ConnectionState::New && packet.tcp_flags & 0x17 == 0x02;
    let asks = opens
        && row.source.contains(&packet.source)
        && row.destination.contains(&packet.destination)
        && carries(row, packet, false);
    let answers = packet.state == ConnectionState::Reply
        && row.source.contains(&packet.destination)
        && row.destination.contains(&packet.source)
        && carries(row, packet, true);
    let belongs = packet.socket == 1;
    let taken = belongs || packet.state == ConnectionState::New && packet.proxy == PROXY_PORT;
    match hook {
        Hook::Forward => false,
        Hook::Input => (*iif == row.iif && asks && taken) || (*iif == row.oif && answers && belongs),
        Hook::Output => {
            packet.mark == MARK_PROXY && ((*oif == row.oif && asks) || (*oif == row.iif && answers))
        }
    }
}

fn carries(row: &Permission, packet: &Packet, answer: bool) -> bool {
    let kind = packet.icmp().map(|(kind, _)| kind);
    match row.traffic {
        Traffic::Ports { protocol, ports } => {
            let port = if answer { packet.source_port } else { packet.destination_port };
            packet.protocol == protocol && !packet.headless && ports.contains(port)
        }
        Traffic::Echo => match (row.is_v6(), answer) {
            (false, false) => packet.protocol == 1 && kind == Some(8),
            (false, true) => packet.protocol == 1 && kind == Some(0),
            (true, false) => packet.protocol == 58 && kind == Some(128),
            (true, true) => packet.protocol == 58 && kind == Some(129),
        },
        Traffic::Protocol(protocol) => packet.protocol == protocol,
        Traffic::Any => true,
    }
}

fn about(policy: &Policy, row: &Permission, tuple: (IpAddr, IpAddr, u8, u16, u16)) -> bool {
    let Traffic::Ports { protocol, ports } = row.traffic else { return false };
    // The error is about the packet as it was sent.
    let leg = if let Side::Leg(port) = &row.iif { policy.legs.get(port) } else { None };
    let known = leg.map(|leg| leg.translations.as_slice()).unwrap_or_default();
    let meant = match known.iter().find(|each| each.outside == tuple.1 || each.inside == tuple.1) {
        Some(each) if each.outside == tuple.1 => {
            row.destination.contains(&each.inside) || row.destination.contains(&tuple.1)
        }
        Some(_) => false,
        None => row.destination.contains(&tuple.1),
    };
    row.source.contains(&tuple.0) && meant && protocol == tuple.2 && ports.contains(tuple.4)
}

/// Whether an address may come from behind a leg.
fn behind(policy: &Policy, leg: &Leg, address: IpAddr) -> bool {
    let has = |leg: &Leg| leg.networks.iter().any(|network| network.contains(&address));
    let family = leg.networks.iter().any(|network| network.addr().is_ipv6() == address.is_ipv6());
    let unusual = match address {
        IpAddr::V4(v4) => v4.octets()[0] == 0 || v4.is_loopback() || v4.octets()[0] >= 224,
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.segments()[0] & 0xffc0 == 0xfe80
        }
    };
    let outside = leg.default_route && family && !unusual && !policy.legs.values().any(has);
    let own = |leg: &Leg| {
        leg.gateways.contains(&address) || leg.translations.iter().any(|each| each.outside == address)
    };
    (has(leg) || outside) && !policy.legs.values().any(own)
}

fn check(policy: &Policy, cases: &[(Hook, Packet)]) -> usize {
    let interfaces = Interfaces::new(policy.interfaces());
    let mut space = Space::with_limit(1_000_000);
    let relations = policy.relations(&mut space, &interfaces);
    assert!(!space.exhausted());
    let mut passed = 0;
    for (hook, packet) in cases {
        let relation = space.lookup(relations[hook], packet, &interfaces, false) == 1;
        let plain = passes(policy, *hook, packet);
        assert_eq!(relation, plain, "{hook:?} {packet:?}\n{:#?}", policy.permissions);
        passed += usize::from(plain);
    }
    passed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn relations_say_what_the_permissions_say(
        (policy, near, far) in policies().prop_flat_map(|policy| {
            let near = prop::collection::vec(aimed(&policy), 60);
            (Just(policy), near, prop::collection::vec(packets(), 60))
        })
    ) {
        check(&policy, &near);
        check(&policy, &far);
    }

    #[test]
    fn what_has_ended_passes_no_more(policy in policies()) {
        let interfaces = Interfaces::new(policy.interfaces());
        let mut space = Space::with_limit(1_000_000);
        let now = policy.relations(&mut space, &interfaces);
        let mut before = now;
        for end in policy.ends() {
            let at = policy.relations_at(&mut space, &interfaces, end);
            let left = policy.at(end).relations(&mut space, &interfaces);
            prop_assert_eq!(&at, &left);
            for hook in Hook::ALL {
                prop_assert_eq!(space.without(at[&hook], before[&hook]), packets::FALSE);
            }
            before = at;
        }
    }
}

#[test]
fn packets_near_the_policy_pass_often_enough_to_mean_something() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut passed = 0;
    for _ in 0..100 {
        let policy = policies().new_tree(&mut runner).unwrap().current();
        let case = aimed(&policy).new_tree(&mut runner).unwrap().current();
        passed += check(&policy, &[case]);
    }
    assert!((20..95).contains(&passed), "{passed} of 100 pass");
}
