//! The diagrams against a plain evaluation of the same expressions, point by point.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use std::net::IpAddr;

use packets::{
    Assumed, Bounds, Comparison, ConnectionState, Cube, FALSE, Field, Hook, Interfaces, MISS, Node, Outside,
    Packet, Space, TRUE, compare, domain,
};
use proptest::prelude::*;

/// An expression over cubes: what the diagrams must agree with.
#[derive(Debug, Clone)]
enum Expr {
    Cube(Vec<(usize, u128, u128)>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Without(Box<Expr>, Box<Expr>),
    Ite(Box<Expr>, Box<Expr>, Box<Expr>),
    Assign(Box<Expr>, usize, u128),
}

/// Few fields with few values each, so that random points often lie on boundaries.
const FIELDS: [Field; 6] = [
    Field::Iif,
    Field::Destination,
    Field::Protocol,
    Field::DestinationPort,
    Field::State,
    Field::Unknown(0),
];

fn value(field: usize) -> impl Strategy<Value = u128> {
    let highest = FIELDS[field].highest();
    prop_oneof![0..=4u128.min(highest), Just(highest), Just(highest.saturating_sub(1))]
}

fn cube() -> impl Strategy<Value = Expr> {
    let condition = (0..FIELDS.len()).prop_flat_map(|field| (Just(field), value(field), value(field)));
    prop::collection::vec(condition, 0..4)
        .prop_map(|list| Expr::Cube(list.into_iter().map(|(f, a, b)| (f, a.min(b), a.max(b))).collect()))
}

fn expr() -> impl Strategy<Value = Expr> {
    cube().prop_recursive(5, 40, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| Expr::And(a.into(), b.into())),
            two.clone().prop_map(|(a, b)| Expr::Or(a.into(), b.into())),
            two.prop_map(|(a, b)| Expr::Without(a.into(), b.into())),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| Expr::Ite(
                a.into(),
                b.into(),
                c.into()
            )),
            (inner, (0..FIELDS.len()).prop_flat_map(|field| (Just(field), value(field))))
                .prop_map(|(a, (field, value))| Expr::Assign(a.into(), field, value)),
        ]
    })
}

fn build(space: &mut Space, expr: &Expr) -> Node {
    match expr {
        Expr::Cube(list) => {
            let mut node = TRUE;
            for &(field, low, high) in list {
                let part = space.range(FIELDS[field], low, high);
                node = space.and(node, part);
            }
            node
        }
        Expr::And(a, b) => {
            let (a, b) = (build(space, a), build(space, b));
            space.and(a, b)
        }
        Expr::Or(a, b) => {
            let (a, b) = (build(space, a), build(space, b));
            space.or(a, b)
        }
        Expr::Without(a, b) => {
            let (a, b) = (build(space, a), build(space, b));
            space.without(a, b)
        }
        Expr::Ite(a, b, c) => {
            let (a, b, c) = (build(space, a), build(space, b), build(space, c));
            space.ite(a, b, c)
        }
        Expr::Assign(a, field, value) => {
            let a = build(space, a);
            space.assign(a, FIELDS[*field], *value)
        }
    }
}

fn holds(expr: &Expr, point: &[u128; 6]) -> bool {
    match expr {
        Expr::Cube(list) => list.iter().all(|&(field, low, high)| (low..=high).contains(&point[field])),
        Expr::And(a, b) => holds(a, point) && holds(b, point),
        Expr::Or(a, b) => holds(a, point) || holds(b, point),
        Expr::Without(a, b) => holds(a, point) && !holds(b, point),
        Expr::Ite(a, b, c) => {
            if holds(a, point) {
                holds(b, point)
            } else {
                holds(c, point)
            }
        }
        Expr::Assign(a, field, value) => {
            let mut point = *point;
            point[*field] = *value;
            holds(a, &point)
        }
    }
}

fn points() -> impl Strategy<Value = Vec<[u128; 6]>> {
    let point = (value(0), value(1), value(2), value(3), value(4), value(5))
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f]);
    prop::collection::vec(point, 60)
}

/// A point as the evaluation of a diagram wants it: by packet, since levels are private.
fn packet(point: &[u128; 6]) -> (Packet, bool) {
    let states = [
        ConnectionState::Invalid,
        ConnectionState::New,
        ConnectionState::Original,
        ConnectionState::Related { reply: false },
        ConnectionState::Untracked,
    ];
    let packet = Packet {
        iif: (point[0] != 0).then(|| format!("i{:05}", point[0])),
        oif: None,
        destination: IpAddr::V6(point[1].into()),
        source: IpAddr::V6(1u128.into()),
        protocol: point[2] as u8,
        destination_port: point[3] as u16,
        source_port: 0,
        headless: false,
        tcp_flags: 0,
        state: states[point[4] as usize],
        original: None,
        outside: Outside::default(),
        mark: 0,
        socket: 0,
        proxy: 0,
        announced: 0,
    };
    (packet, point[5] == 1)
}

fn interfaces() -> Interfaces {
    Interfaces::new((1..=0xffff).map(|number| format!("i{number:05}")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn diagrams_agree_with_plain_evaluation(expr in expr(), points in points()) {
        let mut space = Space::default();
        let node = build(&mut space, &expr);
        let interfaces = interfaces();
        for point in &points {
            let (packet, unknown) = packet(point);
            let found = space.lookup(node, &packet, &interfaces, unknown);
            prop_assert_eq!(found == 1, holds(&expr, point), "{:?}", point);
        }
    }

    #[test]
    fn equal_functions_are_the_same_node(a in expr(), b in expr()) {
        let mut space = Space::default();
        let (a, b) = (build(&mut space, &a), build(&mut space, &b));
        let (both, only_a, only_b) = (space.and(a, b), space.without(a, b), space.without(b, a));
        let put_together = space.any(vec![only_b, both, only_a]);
        prop_assert_eq!(put_together, space.or(a, b));
        let differ = space.differ(a, b);
        let apart = space.or(only_a, only_b);
        prop_assert_eq!(differ, apart);
        let (not_a, not_b) = (space.not(a), space.not(b));
        let neither = space.and(not_a, not_b);
        let either = space.or(a, b);
        prop_assert_eq!(space.not(either), neither);
    }

    #[test]
    fn disjoint_cubes_cover_a_set_once(expr in expr()) {
        let mut space = Space::default();
        let set = build(&mut space, &expr);
        if let Some(cubes) = space.disjoint(set, 2_000) {
            let mut covered = FALSE;
            for cube in cubes {
                let cube = space.cube(&cube);
                prop_assert_eq!(space.and(covered, cube), FALSE);
                covered = space.or(covered, cube);
            }
            prop_assert_eq!(covered, set);
        }
    }

    #[test]
    fn bounds_are_all_and_some_of_the_unknown(expr in expr()) {
        let mut space = Space::default();
        let set = build(&mut space, &expr);
        let unknown = Field::Unknown(0);
        let (no, yes) = (space.assign(set, unknown, 0), space.assign(set, unknown, 1));
        let bounds = Bounds::of(&mut space, set);
        prop_assert_eq!(bounds.may, space.or(no, yes));
        prop_assert_eq!(bounds.must, space.and(no, yes));
    }

    #[test]
    fn an_example_lies_in_its_set_and_in_the_domain(expr in expr(), hook in 0..3usize) {
        let mut space = Space::default();
        let interfaces = Interfaces::new(["z0", "z1", "wg0"]);
        let assumed = Assumed { tracking: true, tcp_loose: false, translated: false };
        let domain = domain(&mut space, Hook::ALL[hook], &interfaces, assumed);
        let set = build(&mut space, &expr);
        let set = space.assign(set, Field::Unknown(0), 1);
        let set = space.and(set, domain);
        match space.example(set, &interfaces) {
            None => prop_assert_eq!(set, FALSE),
            Some((packet, cube)) => {
                prop_assert_eq!(space.lookup(set, &packet, &interfaces, false), 1, "{:?}", packet);
                let cube = space.cube(&cube);
                prop_assert_eq!(space.without(cube, set), FALSE);
            }
        }
    }
}

#[test]
fn the_first_decided_wins_and_the_rest_stays_open() {
    let mut space = Space::default();
    let low = space.range(Field::DestinationPort, 0, 99);
    let wide = space.range(Field::DestinationPort, 50, 199);
    let parts = vec![space.guard(low, FALSE), space.guard(wide, TRUE)];
    let decided = space.first(parts);
    let all = space.over(decided, Node::terminal(7));
    let port = |space: &mut Space, port| space.assign(all, Field::DestinationPort, port);
    assert_eq!(port(&mut space, 50), FALSE, "the first guard decides where both could");
    assert_eq!(port(&mut space, 150), TRUE);
    assert_eq!(port(&mut space, 200), Node::terminal(7));
    assert_eq!(space.assign(decided, Field::DestinationPort, 200), MISS);
}

#[test]
fn a_full_space_says_so() {
    let mut space = Space::with_limit(50);
    let nodes = (0..200).map(|port| {
        space.cube(&Cube::new().with(Field::Protocol, 6, 6).with(Field::SourcePort, port * 2, port * 2))
    });
    let nodes: Vec<_> = nodes.collect();
    space.any(nodes);
    assert!(space.exhausted());
    let mut comparison = Comparison::default();
    let bounds = Bounds::exact(TRUE);
    compare(&mut space, Hook::Forward, TRUE, &Interfaces::new(["z0"]), [bounds, bounds], &mut comparison);
    assert!(!comparison.equal(), "nothing is equal once results are worthless");
}

#[test]
fn examples_of_a_difference_differ_and_openings_come_first() {
    let mut space = Space::default();
    let interfaces = Interfaces::new(["z0", "z1"]);
    let assumed = Assumed { tracking: true, tcp_loose: false, translated: false };
    let domain = domain(&mut space, Hook::Forward, &interfaces, assumed);
    let ports = space.ranges(Field::DestinationPort, &[(102, 102), (502, 502), (4840, 4840)]);
    let tcp = space.value(Field::Protocol, 6);
    let extra = space.and(ports, tcp);
    let mut comparison = Comparison::default();
    compare(
        &mut space,
        Hook::Forward,
        domain,
        &interfaces,
        [Bounds::exact(extra), Bounds::exact(FALSE)],
        &mut comparison,
    );
    assert!(comparison.differs());
    let first = &comparison.first_only.first().unwrap().packet;
    assert_eq!((first.state, first.protocol), (ConnectionState::New, 6));
    let mut ports: Vec<u16> =
        comparison.first_only.iter().map(|found| found.packet.destination_port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports, [102, 502, 4840], "every service shows");
    assert!(comparison.second_only.is_empty());
}
