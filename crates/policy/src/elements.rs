//! Permissions as the disjoint elements of lookup tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use packets::{Cube, FALSE, Field, Node, Space};
use plant::ids::FlowId;

use crate::permission::{Permission, Side, Traffic};
use crate::policy::Policy;
use crate::ranges::{self, Range};
use crate::way::{Way, by_way};

/// Which fields a table looks at beside the two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Protocol and destination port.
    Ports,
    /// Protocol.
    Protocols,
    /// Nothing: echo requests.
    Echo,
    /// Protocol and destination port, of connections that end at the proxy or begin there.
    Commands,
    /// Protocol and destination port, of connections that announce others.
    Control,
    /// Protocol and destination port, and the destination as the one who opens the connection calls it: what errors are
    /// about where addresses are translated.
    Called,
}

impl Shape {
    /// Whether destination ports are looked at.
    pub(crate) fn ports(self) -> bool {
        matches!(self, Shape::Ports | Shape::Commands | Shape::Control | Shape::Called)
    }
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub way: Way,
    pub v6: bool,
    pub shape: Shape,
}

/// One element: a box of packets, with the flows that lie in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub source: Range,
    pub destination: Range,
    pub protocol: Range,
    pub port: Range,
    pub until: Option<Timestamp>,
    pub flows: BTreeSet<FlowId>,
}

impl Element {
    /// Whether it is one single key of a table of this shape.
    pub(crate) fn exact(&self, shape: Shape) -> bool {
        let one = |range: Range| range.0 == range.1;
        let addresses = one(self.source) && one(self.destination);
        match shape {
            Shape::Ports | Shape::Commands | Shape::Control | Shape::Called => {
                addresses && one(self.protocol) && one(self.port)
            }
            Shape::Protocols => addresses && one(self.protocol),
            Shape::Echo => addresses,
        }
    }
}

/// The protocol announced connections have.
const TCP: u8 = 6;

/// More elements than any kernel would take; a table that needs more stays closed.
const MOST: usize = 4_000_000;

/// All tables that are not empty.
pub(crate) fn tables(policy: &Policy) -> BTreeMap<Key, Vec<Element>> {
    let mut rows: BTreeMap<Key, Vec<Row<'_>>> = BTreeMap::new();
    for (way, permissions) in by_way(&policy.permissions) {
        for permission in permissions {
            let row = Row::new(permission);
            let v6 = permission.is_v6();
            let from = policy.leg(&permission.iif);
            if row.shape == Shape::Ports && from.is_some_and(|leg| !leg.translations.is_empty()) {
                let key = Key { way: way.clone(), v6, shape: Shape::Called };
                rows.entry(key).or_default().extend(Row::called(policy, permission));
            }
            let key = Key { way: way.clone(), v6, shape: row.shape };
            rows.entry(key).or_default().push(row);
        }
    }
    for commands in &policy.commands {
        // Two connections: from the client to the proxy, from the proxy to the device.
        let row = &commands.row;
        let ways = [Way::of(&row.iif, &Side::Local), Way::of(&Side::Local, &row.oif)];
        for way in ways.into_iter().flatten() {
            let key = Key { way, v6: row.is_v6(), shape: Shape::Commands };
            rows.entry(key).or_default().push(Row::new(row));
        }
    }
    for row in &policy.transfers {
        let Some(way) = Way::of(&row.iif, &row.oif) else { continue };
        let key = Key { way, v6: row.is_v6(), shape: Shape::Control };
        rows.entry(key).or_default().push(Row::new(row));
    }
    let mut space = Space::default();
    rows.into_iter().map(|(key, rows)| (key, disjoint(&mut space, &rows))).collect()
}

/// Pairs of hosts between which an announced connection may be opened, in either direction, by the interfaces it goes from
/// and to.
pub(crate) fn announced(policy: &Policy, v6: bool) -> BTreeMap<(String, String), Vec<Element>> {
    let mut back: Vec<Permission> = Vec::new();
    let any = Traffic::Protocol(TCP);
    for row in policy.transfers.iter().filter(|row| row.is_v6() == v6) {
        back.push(Permission { traffic: any, ..row.clone() });
        back.push(Permission {
            iif: row.oif.clone(),
            oif: row.iif.clone(),
            source: row.destination,
            destination: row.source,
            traffic: any,
            ..row.clone()
        });
    }
    let mut rows: BTreeMap<(String, String), Vec<Row<'_>>> = BTreeMap::new();
    for row in &back {
        if let Some(Way::Pass(from, to)) = Way::of(&row.iif, &row.oif) {
            rows.entry((from, to)).or_default().push(Row::new(row));
        }
    }
    let mut space = Space::default();
    rows.into_iter().map(|(key, rows)| (key, disjoint(&mut space, &rows))).collect()
}

/// Which end of a forwarded connection is behind a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// It was opened from there.
    Opened,
    /// It leads there.
    Leads,
}

/// Original tuples of forwarded connections by a leg one of their ends is behind: what errors the gateway itself sends
/// to that leg may be about.
pub(crate) fn tuples(policy: &Policy, v6: bool) -> BTreeMap<(String, End), Vec<Element>> {
    let mut rows: BTreeMap<(String, End), Vec<Row<'_>>> = BTreeMap::new();
    for (way, permissions) in by_way(&policy.permissions) {
        let Way::Pass(from, to) = way else { continue };
        for permission in permissions.into_iter().filter(|permission| permission.is_v6() == v6) {
            if Row::new(permission).shape == Shape::Ports {
                let called = || Row::called(policy, permission);
                rows.entry((from.clone(), End::Opened)).or_default().extend(called());
                rows.entry((to.clone(), End::Leads)).or_default().extend(called());
            }
        }
    }
    let mut space = Space::default();
    rows.into_iter().map(|(key, rows)| (key, boxes(&mut space, &rows))).collect()
}

struct Row<'a> {
    permission: &'a Permission,
    shape: Shape,
    source: Range,
    destination: Range,
    protocol: Range,
    port: Range,
}

impl<'a> Row<'a> {
    fn new(permission: &'a Permission) -> Self {
        let every = (0, 0xff);
        let (shape, protocol, port) = match permission.traffic {
            Traffic::Ports { protocol, ports } => {
                let protocol = u128::from(protocol);
                (Shape::Ports, (protocol, protocol), (ports.first.into(), ports.last.into()))
            }
            Traffic::Echo => (Shape::Echo, every, (0, 0xffff)),
            Traffic::Protocol(protocol) => {
                (Shape::Protocols, (protocol.into(), protocol.into()), (0, 0xffff))
            }
            Traffic::Any => (Shape::Protocols, every, (0, 0xffff)),
        };
        let (source, destination) = (ranges::of(&permission.source), ranges::of(&permission.destination));
        Row { permission, shape, source, destination, protocol, port }
    }

    /// The row with the destinations the one who opens the connection calls, one for each range of them.
    fn called(policy: &Policy, permission: &'a Permission) -> Vec<Self> {
        let row = |destination| Row { destination, ..Row::new(permission) };
        policy.called(permission).into_iter().map(row).collect()
    }

    fn cube(&self) -> Cube {
        Cube::new()
            .with(Field::Destination, self.destination.0, self.destination.1)
            .with(Field::Source, self.source.0, self.source.1)
            .with(Field::Protocol, self.protocol.0, self.protocol.1)
            .with(Field::DestinationPort, self.port.0, self.port.1)
    }

    fn meets(&self, element: &Element) -> bool {
        let meet = |a: Range, b: Range| a.0 <= b.1 && b.0 <= a.1;
        meet(self.destination, element.destination)
            && meet(self.source, element.source)
            && meet(self.protocol, element.protocol)
            && meet(self.port, element.port)
    }
}

/// Rows by end, the longest life first.
fn by_end<'a, 'b>(rows: &'a [Row<'b>]) -> BTreeMap<(bool, i128), Vec<&'a Row<'b>>> {
    let mut by_end: BTreeMap<(bool, i128), Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        let key = match row.permission.until {
            None => (false, 0),
            Some(until) => (true, -until.as_nanosecond()),
        };
        by_end.entry(key).or_default().push(row);
    }
    by_end
}

/// The union of the rows as disjoint boxes, each with the flows that lie in it.
fn disjoint(space: &mut Space, rows: &[Row<'_>]) -> Vec<Element> {
    let index = Index::new(rows);
    let mut elements = boxes(space, rows);
    for element in &mut elements {
        element.flows = index.flows(element);
    }
    elements
}

/// The union of the rows as disjoint boxes. What lives longer goes first; what ends earlier only adds what is new.
fn boxes(space: &mut Space, rows: &[Row<'_>]) -> Vec<Element> {
    let mut covered: Node = FALSE;
    let mut elements = Vec::new();
    for group in by_end(rows).values() {
        let all = space.cubes(group.iter().map(|row| row.cube()).collect());
        let until = group.first().and_then(|row| row.permission.until);
        let v6 = group.first().is_some_and(|row| row.permission.is_v6());
        let Some(boxes) = new_boxes(space, all, &mut covered, until, v6) else { return Vec::new() };
        elements.extend(boxes);
    }
    elements
}

/// What of a set is not covered yet, as boxes; `None` where it is too much for anybody.
fn new_boxes(
    space: &mut Space,
    all: Node,
    covered: &mut Node,
    until: Option<Timestamp>,
    v6: bool,
) -> Option<Vec<Element>> {
    let new = space.without(all, *covered);
    *covered = space.or(*covered, all);
    let cubes = space.disjoint(new, MOST).filter(|_| !space.exhausted())?;
    let top = ranges::all(v6).1;
    let element = |cube: Cube| {
        let range = |field: Field, high: u128| cube.range(field).unwrap_or((0, high));
        Element {
            source: range(Field::Source, top),
            destination: range(Field::Destination, top),
            protocol: range(Field::Protocol, 0xff),
            port: range(Field::DestinationPort, 0xffff),
            until,
            flows: BTreeSet::new(),
        }
    };
    Some(cubes.into_iter().map(element).collect())
}

/// Finds the rows an element touches without looking at all of them.
struct Index<'a, 'b> {
    hosts: BTreeMap<u128, Vec<&'a Row<'b>>>,
    wide: Vec<&'a Row<'b>>,
}

impl<'a, 'b> Index<'a, 'b> {
    fn new(rows: &'a [Row<'b>]) -> Self {
        let mut index = Index { hosts: BTreeMap::new(), wide: Vec::new() };
        for row in rows {
            if row.destination.0 == row.destination.1 {
                index.hosts.entry(row.destination.0).or_default().push(row);
            } else {
                index.wide.push(row);
            }
        }
        index
    }

    fn flows(&self, element: &Element) -> BTreeSet<FlowId> {
        let (low, high) = element.destination;
        self.hosts
            .range(low..=high)
            .flat_map(|(_, rows)| rows)
            .chain(&self.wide)
            .filter(|row| row.meets(element))
            .map(|row| row.permission.flow.clone())
            .collect()
    }
}
