//! Which combinations of values a real packet can have.
//!
//! Two rulesets may differ on combinations that never occur (a TCP port of a packet without transport header, an
//! IPv4 packet with a 128-bit address). Comparing inside the domain keeps such differences out.

use crate::cubes::Cube;
use crate::diagram::{FALSE, Node, Space, TRUE};
use crate::fields::{Field, Hook, announced, ct_direction, ct_state, family};
use crate::interfaces::Interfaces;

/// What is known of the machine beside its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumed {
    /// Connections are tracked (some rule loads `ct`), so fragments are put together before the rules run.
    pub tracking: bool,
    /// `net.netfilter.nf_conntrack_tcp_loose`: a TCP packet from the middle of a connection counts as new.
    pub tcp_loose: bool,
    /// Addresses may be translated.
    pub translated: bool,
}

/// Protocols whose header connection tracking reads: without one, the packet is invalid.
const TRACKED: [u128; 7] = [1, 6, 17, 33, 58, 132, 136];
const TCP: u128 = 6;
/// FIN 1, SYN 2, RST 4, ACK 16.
const DECISIVE_FLAGS: u128 = 0x17;
const SYN: u128 = 0x02;

/// The packets that can occur at a hook.
pub fn domain(space: &mut Space, hook: Hook, interfaces: &Interfaces, assumed: Assumed) -> Node {
    let mut set = paths(space, hook, interfaces);
    for part in [addresses, headers, connections] {
        let part = part(space, assumed);
        set = space.and(set, part);
    }
    if hook != Hook::Output {
        // Nothing in front of the rules sets a mark: what could (tc, XDP) is reported as unmodelled.
        let unmarked = space.value(Field::Mark, 0);
        set = space.and(set, unmarked);
    }
    set
}

fn paths(space: &mut Space, hook: Hook, interfaces: &Interfaces) -> Node {
    let real = (Interfaces::ABSENT + 1, interfaces.other());
    let absent = (Interfaces::ABSENT, Interfaces::ABSENT);
    let (iif, oif) = match hook {
        Hook::Forward => (real, real),
        Hook::Input => (real, absent),
        Hook::Output => (absent, real),
    };
    space.cube(&Cube::new().with(Field::Iif, iif.0, iif.1).with(Field::Oif, oif.0, oif.1))
}

fn addresses(space: &mut Space, _: Assumed) -> Node {
    let v4 = u128::from(u32::MAX);
    let mut short = Cube::new().with(Field::Family, family::V4, family::V4);
    for field in [Field::Destination, Field::Source, Field::OriginalDestination, Field::OriginalSource] {
        short = short.with(field, 0, v4);
    }
    let short = space.cube(&short);
    let long = space.value(Field::Family, family::V6);
    space.or(short, long)
}

fn headers(space: &mut Space, assumed: Assumed) -> Node {
    let tcp = space.value(Field::Protocol, TCP);
    let no_flags = space.value(Field::TcpFlags, 0);
    let whole = space.value(Field::Headless, 0);
    let portless = space.cube(
        &Cube::new()
            .with(Field::Headless, 1, 1)
            .with(Field::DestinationPort, 0, 0)
            .with(Field::SourcePort, 0, 0)
            .with(Field::TcpFlags, 0, 0),
    );
    let with_header = space.ite(tcp, TRUE, no_flags);
    let with_header = space.and(whole, with_header);
    let mut set = space.or(with_header, portless);
    if assumed.tracking {
        let tracked: Vec<_> = TRACKED.iter().map(|&protocol| (protocol, protocol)).collect();
        let tracked = space.ranges(Field::Protocol, &tracked);
        let cut = space.value(Field::Headless, 1);
        let cut = space.and(tracked, cut);
        let outside = space.ranges(
            Field::State,
            &[(ct_state::INVALID, ct_state::INVALID), (ct_state::UNTRACKED, ct_state::UNTRACKED)],
        );
        let wrong = space.without(cut, outside);
        set = space.without(set, wrong);
    }
    set
}

fn connections(space: &mut Space, assumed: Assumed) -> Node {
    let mut tuple_free = Cube::new();
    for field in [
        Field::OriginalDestination,
        Field::OriginalSource,
        Field::OriginalProtocol,
        Field::OriginalDestinationPort,
        Field::OriginalSourcePort,
    ] {
        tuple_free = tuple_free.with(field, 0, 0);
    }
    let mut ends_free = tuple_free.clone();
    if assumed.translated {
        // What is new was translated by rules that run now, what is established by rules that may be gone.
        for field in [Field::OriginalDestination, Field::OriginalSource] {
            ends_free = ends_free.with(field, 0, u128::MAX);
        }
    }
    // A connection that another one announced begins as related.
    let one_way = |state: u128| {
        let from = if state == ct_state::NEW { &ends_free } else { &tuple_free };
        from.clone()
            .with(Field::State, state, state)
            .with(Field::Direction, ct_direction::ORIGINAL, ct_direction::ORIGINAL)
            .with(Field::Announced, announced::NONE, announced::NONE)
    };
    let mut cases = vec![
        one_way(ct_state::INVALID),
        one_way(ct_state::UNTRACKED),
        one_way(ct_state::NEW),
        Cube::new().with(Field::State, ct_state::RELATED, ct_state::RELATED),
        ends_free.clone().with(Field::State, ct_state::ESTABLISHED, ct_state::ESTABLISHED),
    ];
    if !assumed.tracking {
        // Nobody asks for the state; one value stands for all.
        cases = vec![one_way(ct_state::UNTRACKED)];
    }
    let mut set = FALSE;
    for case in &cases {
        let case = space.cube(case);
        set = space.or(set, case);
    }
    if assumed.tracking && !assumed.tcp_loose {
        let opening: Vec<(u128, u128)> =
            (0..=0xff).filter(|flags| flags & DECISIVE_FLAGS == SYN).map(|flags| (flags, flags)).collect();
        let opening = space.ranges(Field::TcpFlags, &opening);
        let new_tcp = space.cube(&Cube::new().with(Field::Protocol, TCP, TCP).with(
            Field::State,
            ct_state::NEW,
            ct_state::NEW,
        ));
        let wrong = space.without(new_tcp, opening);
        set = space.without(set, wrong);
    }
    set
}
