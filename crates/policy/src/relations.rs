//! The policy as sets of packets, built from the permissions.
//!
//! Four relations are told apart by the state and direction fields: new and original have the connection's own
//! direction, replies the other one, related are ICMP errors whose original tuple lies in a permission.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use packets::{
    FALSE, Field, Hook, Interfaces, Node, Space, TRUE, announced, ct_direction, ct_state, family, socket,
};

use crate::arrivals::arrivals;
use crate::nat;
use crate::path::{MARK_PROXY, PROXY_PORT};
use crate::permission::{Permission, Side, Traffic};
use crate::policy::{LOOPBACK, Policy};
use crate::ranges::{self, Range};

const TCP: u128 = 6;
const ICMP: u128 = 1;
const ICMPV6: u128 = 58;
/// FIN, SYN, RST, ACK: of these an opening segment has SYN alone.
const DECISIVE_FLAGS: u128 = 0x17;
const SYN: u128 = 0x02;

/// ICMP types that report an error: unreachable, time exceeded, parameter problem.
const ERRORS_V4: [u8; 3] = [3, 11, 12];
/// The same for ICMPv6, with packet too big.
const ERRORS_V6: [u8; 4] = [1, 2, 3, 4];
/// Neighbour solicitation and advertisement.
const NEIGHBOURS: [u8; 2] = [135, 136];

impl Policy {
    /// The packets that may pass, by hook, at the moment of the policy.
    ///
    /// `interfaces` must hold what [`Policy::interfaces`] names; a permission on an interface it lacks adds nothing.
    pub fn relations(&self, space: &mut Space, interfaces: &Interfaces) -> BTreeMap<Hook, Node> {
        self.relations_of(space, interfaces, &|_| true)
    }

    /// The same with only the permissions still alive at an instant.
    pub fn relations_at(
        &self,
        space: &mut Space,
        interfaces: &Interfaces,
        instant: Timestamp,
    ) -> BTreeMap<Hook, Node> {
        self.relations_of(space, interfaces, &|row| row.alive(instant))
    }

    fn relations_of(
        &self,
        space: &mut Space,
        interfaces: &Interfaces,
        counts: &dyn Fn(&Permission) -> bool,
    ) -> BTreeMap<Hook, Node> {
        let mut builder = Builder::new(space, interfaces, self.translates());
        for row in self.permissions.iter().filter(|row| counts(row)) {
            builder.add(row);
        }
        for commands in self.commands.iter().filter(|commands| counts(&commands.row)) {
            builder.add_commands(&commands.row);
        }
        for row in self.transfers.iter().filter(|row| counts(row)) {
            builder.add_announced(row);
        }
        let mut hooks = builder.finish();
        let parts = [
            (Hook::Forward, errors_forward(self, space, interfaces, counts)),
            (Hook::Input, errors_input(self, space, interfaces, counts)),
            (Hook::Output, errors_output(self, space, interfaces, counts)),
        ];
        for (hook, errors) in parts {
            let possible = nat::possible(self, space, interfaces, hook);
            let own = own(self, space, interfaces, hook);
            let own = space.and(own, possible);
            let set = hooks.entry(hook).or_insert(FALSE);
            *set = space.or(*set, errors);
            if hook != Hook::Output {
                let guard = guard(self, space, interfaces);
                *set = space.and(*set, guard);
            }
            if self.translates() {
                *set = space.and(*set, possible);
            }
            *set = space.or(*set, own);
        }
        hooks
    }
}

/// A box of packets with what must hold of protocol, flags and state below it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Box {
    iif: u128,
    oif: u128,
    family: u128,
    destination: Range,
    source: Range,
    protocol: Range,
    destination_port: Range,
    source_port: Range,
    whole: bool,
}

impl Box {
    fn node(&self, space: &mut Space, leaf: Leaf) -> Node {
        let mut node = FALSE;
        let (low, high) = self.protocol;
        let around = [(low, high.min(TCP - 1)), (low.max(TCP + 1), high)];
        let rest: Vec<Range> = around.into_iter().filter(|(low, high)| low <= high).collect();
        for (protocols, below) in [(rest, leaf.other), (vec![(low.max(TCP), high.min(TCP))], leaf.tcp)] {
            if protocols.iter().all(|(low, high)| low > high) {
                continue;
            }
            let mut part = below;
            if self.whole {
                part = space.choice(Field::Headless, &[(0, 0)], part, FALSE);
            }
            part = space.choice(Field::SourcePort, &[self.source_port], part, FALSE);
            part = space.choice(Field::DestinationPort, &[self.destination_port], part, FALSE);
            part = space.choice(Field::Protocol, &protocols, part, FALSE);
            node = space.or(node, part);
        }
        for (field, range) in [
            (Field::Source, self.source),
            (Field::Destination, self.destination),
            (Field::Family, (self.family, self.family)),
            (Field::Oif, (self.oif, self.oif)),
            (Field::Iif, (self.iif, self.iif)),
        ] {
            node = space.choice(field, &[range], node, FALSE);
        }
        node
    }
}

/// What a packet is in its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// From the one who opened it.
    Opens,
    /// Back to that one.
    Answers,
    /// From a client to the proxy: new where the proxy listens, or of a connection the proxy has.
    Asks,
    /// From a device to the proxy, which asked in the client's name.
    Reports,
    /// From the proxy to a device.
    Forwards,
    /// From the proxy to a client.
    Replies,
    /// Of a connection that a file transfer announced.
    Announced,
}

/// What must hold of flags, state and direction, for TCP and for everything else.
#[derive(Clone, Copy)]
struct Leaf {
    tcp: Node,
    other: Node,
}

struct Builder<'a> {
    space: &'a mut Space,
    interfaces: &'a Interfaces,
    /// Addresses are translated: which of them go together is said besides.
    translates: bool,
    /// Packets per hook and what must hold of them besides.
    boxes: BTreeMap<(Hook, Kind), Vec<Box>>,
}

impl<'a> Builder<'a> {
    fn new(space: &'a mut Space, interfaces: &'a Interfaces, translates: bool) -> Self {
        Builder { space, interfaces, translates, boxes: BTreeMap::new() }
    }

    fn add(&mut self, row: &Permission) {
        let Some((iif, oif)) = ends(self.interfaces, row) else { return };
        let (there, back) = match (&row.iif, &row.oif) {
            (Side::Local, _) => (Hook::Output, Hook::Input),
            (_, Side::Local) => (Hook::Input, Hook::Output),
            _ => (Hook::Forward, Hook::Forward),
        };
        let (opening, answering) = boxes(row, iif, oif);
        self.push(there, Kind::Opens, opening);
        self.push(back, Kind::Answers, answering);
    }

    /// A connection that ends at the proxy, and the one the proxy opens in its place: the gateway is the end of both,
    /// under addresses that are not its own.
    fn add_commands(&mut self, row: &Permission) {
        let Some((client, device)) = ends(self.interfaces, row) else { return };
        let (asking, replying) = boxes(row, client, Interfaces::ABSENT);
        self.push(Hook::Input, Kind::Asks, asking);
        self.push(Hook::Output, Kind::Replies, replying);
        let (forwarding, reporting) = boxes(row, Interfaces::ABSENT, device);
        self.push(Hook::Output, Kind::Forwards, forwarding);
        self.push(Hook::Input, Kind::Reports, reporting);
    }

    /// Connections a file transfer announces: either of its hosts may open one, at any port.
    fn add_announced(&mut self, row: &Permission) {
        let Some((iif, oif)) = ends(self.interfaces, row) else { return };
        let row = Permission { traffic: Traffic::Protocol(TCP as u8), ..row.clone() };
        let (there, back) = boxes(&row, iif, oif);
        self.push(Hook::Forward, Kind::Announced, there);
        self.push(Hook::Forward, Kind::Announced, back);
    }

    fn push(&mut self, hook: Hook, kind: Kind, packets: Box) {
        self.boxes.entry((hook, kind)).or_default().push(packets);
    }

    fn finish(self) -> BTreeMap<Hook, Node> {
        let Builder { space, boxes, translates, .. } = self;
        let mut hooks: BTreeMap<Hook, Vec<Node>> = BTreeMap::new();
        for ((hook, kind), mut boxes) in boxes {
            // Neighbours in this order share the upper levels, so merging them first keeps partial results small.
            boxes.sort();
            boxes.dedup();
            let leaf = leaf(space, kind, translates);
            let nodes = boxes.iter().map(|each| each.node(space, leaf)).collect();
            let set = space.any(nodes);
            hooks.entry(hook).or_default().push(set);
        }
        hooks.into_iter().map(|(hook, sets)| (hook, space.any(sets))).collect()
    }
}

/// The packets of a row from one interface to another, and those that answer them.
fn boxes(row: &Permission, iif: u128, oif: u128) -> (Box, Box) {
    let v6 = row.is_v6();
    let family = if v6 { family::V6 } else { family::V4 };
    let (source, destination) = (ranges::of(&row.source), ranges::of(&row.destination));
    let any = (0, 0xffff);
    let icmp = |kind: u128| (kind * 256, kind * 256 + 255);
    let (protocol, port, there, back, whole) = match row.traffic {
        Traffic::Ports { protocol, ports } => {
            let ports = (ports.first.into(), ports.last.into());
            ((protocol.into(), protocol.into()), ports, any, ports, true)
        }
        Traffic::Echo if v6 => ((ICMPV6, ICMPV6), any, icmp(128), icmp(129), true),
        Traffic::Echo => ((ICMP, ICMP), any, icmp(8), icmp(0), true),
        Traffic::Protocol(number) => ((number.into(), number.into()), any, any, any, false),
        Traffic::Any => ((0, 0xff), any, any, any, false),
    };
    let opening = Box {
        iif,
        oif,
        family,
        destination,
        source,
        protocol,
        destination_port: port,
        source_port: there,
        whole,
    };
    let answering = Box {
        iif: oif,
        oif: iif,
        family,
        destination: source,
        source: destination,
        protocol,
        destination_port: any,
        source_port: back,
        whole,
    };
    (opening, answering)
}

/// What must hold below a box.
fn leaf(space: &mut Space, kind: Kind, translates: bool) -> Leaf {
    match kind {
        Kind::Opens => opening(space, translates),
        Kind::Answers => answering(space),
        Kind::Asks => {
            // The rule for packets that open a connection looks for a listener, the one before it for a socket.
            let listens = space.value(Field::Proxy, PROXY_PORT.into());
            let opens = space.choice(Field::State, &[(ct_state::NEW, ct_state::NEW)], listens, FALSE);
            let belongs = space.value(Field::Socket, socket::TRANSPARENT);
            let taken = space.or(opens, belongs);
            opening(space, translates).and(space, taken)
        }
        Kind::Reports => {
            let belongs = space.value(Field::Socket, socket::TRANSPARENT);
            answering(space).and(space, belongs)
        }
        Kind::Forwards => {
            let own = space.value(Field::Mark, MARK_PROXY.into());
            opening(space, translates).and(space, own)
        }
        Kind::Replies => {
            let own = space.value(Field::Mark, MARK_PROXY.into());
            answering(space).and(space, own)
        }
        Kind::Announced => {
            let by_ftp = space.value(Field::Announced, announced::FTP);
            let states =
                [(ct_state::ESTABLISHED, ct_state::ESTABLISHED), (ct_state::RELATED, ct_state::RELATED)];
            let set = space.choice(Field::State, &states, by_ftp, FALSE);
            Leaf { tcp: set, other: FALSE }
        }
    }
}

impl Leaf {
    fn and(self, space: &mut Space, condition: Node) -> Leaf {
        Leaf { tcp: space.and(self.tcp, condition), other: space.and(self.other, condition) }
    }
}

/// Values of the two interfaces of the opening packet.
fn ends(interfaces: &Interfaces, row: &Permission) -> Option<(u128, u128)> {
    let value = |side: &Side| match side {
        Side::Leg(port) => interfaces.value(port),
        Side::Local => Some(Interfaces::ABSENT),
    };
    let (iif, oif) = (value(&row.iif)?, value(&row.oif)?);
    (iif != oif).then_some((iif, oif))
}

/// New, or established in the direction of the one who opened; a new TCP connection opens with SYN alone.
fn opening(space: &mut Space, translates: bool) -> Leaf {
    let original = space.value(Field::Direction, ct_direction::ORIGINAL);
    let plain = if translates { TRUE } else { space.value(Field::OriginalSource, 0) };
    let plain =
        if translates { TRUE } else { space.choice(Field::OriginalDestination, &[(0, 0)], plain, FALSE) };
    let first = space.and(original, plain);
    let (new, established) = ((ct_state::NEW, ct_state::NEW), (ct_state::ESTABLISHED, ct_state::ESTABLISHED));
    let running = space.choice(Field::State, &[established], original, FALSE);
    let opens = space.choice(Field::State, &[new], first, FALSE);
    let both = space.or(opens, running);
    let syn: Vec<Range> =
        (0..=0xff).filter(|flags| flags & DECISIVE_FLAGS == SYN).map(|flags| (flags, flags)).collect();
    Leaf { tcp: space.choice(Field::TcpFlags, &syn, both, running), other: both }
}

/// Established, towards the one who opened.
fn answering(space: &mut Space) -> Leaf {
    let reply = space.value(Field::Direction, ct_direction::REPLY);
    let set = space.choice(Field::State, &[(ct_state::ESTABLISHED, ct_state::ESTABLISHED)], reply, FALSE);
    Leaf { tcp: set, other: set }
}

/// Original tuples of connections with ports, per family and sides.
type Tuples = BTreeMap<(bool, Side, Side), Node>;

fn tuples(policy: &Policy, space: &mut Space, counts: &dyn Fn(&Permission) -> bool) -> Tuples {
    let mut rows: BTreeMap<(bool, Side, Side), Vec<[Range; 4]>> = BTreeMap::new();
    for row in policy.permissions.iter().filter(|row| counts(row) && row.iif != row.oif) {
        if let Traffic::Ports { protocol, ports } = row.traffic {
            let key = (row.is_v6(), row.iif.clone(), row.oif.clone());
            let rows = rows.entry(key).or_default();
            rows.extend(policy.called(row).into_iter().map(|called| {
                [
                    called,
                    ranges::of(&row.source),
                    (protocol.into(), protocol.into()),
                    (ports.first.into(), ports.last.into()),
                ]
            }));
        }
    }
    let mut tuples = Tuples::new();
    for (key, mut rows) in rows {
        tuples.insert(key, tuple_set(space, &mut rows));
    }
    tuples
}

fn tuple_set(space: &mut Space, rows: &mut [[Range; 4]]) -> Node {
    const FIELDS: [Field; 4] = [
        Field::OriginalDestination,
        Field::OriginalSource,
        Field::OriginalProtocol,
        Field::OriginalDestinationPort,
    ];
    rows.sort_unstable();
    let mut nodes = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let mut node = TRUE;
        for (field, range) in FIELDS.iter().zip(row).rev() {
            node = space.choice(*field, &[*range], node, FALSE);
        }
        nodes.push(node);
    }
    space.any(nodes)
}

/// RELATED packets in a direction about connections of a set.
fn about(space: &mut Space, tuples: Node, direction: u128) -> Node {
    let set = space.choice(Field::Direction, &[(direction, direction)], tuples, FALSE);
    space.choice(Field::State, &[(ct_state::RELATED, ct_state::RELATED)], set, FALSE)
}

/// ICMP errors of a family from one interface to another that satisfy `below`.
fn error_packets(space: &mut Space, v6: bool, iif: u128, oif: u128, below: Node) -> Node {
    let (protocol, kinds) = if v6 { (ICMPV6, &ERRORS_V6[..]) } else { (ICMP, &ERRORS_V4[..]) };
    let below = of_types(space, protocol, kinds, below);
    packets_between(space, v6, iif, oif, below)
}

fn of_types(space: &mut Space, protocol: u128, kinds: &[u8], below: Node) -> Node {
    let kinds: Vec<Range> =
        kinds.iter().map(|&kind| (u128::from(kind) * 256, u128::from(kind) * 256 + 255)).collect();
    let node = space.choice(Field::Headless, &[(0, 0)], below, FALSE);
    let node = space.choice(Field::SourcePort, &kinds, node, FALSE);
    space.choice(Field::Protocol, &[(protocol, protocol)], node, FALSE)
}

fn packets_between(space: &mut Space, v6: bool, iif: u128, oif: u128, below: Node) -> Node {
    let family = if v6 { family::V6 } else { family::V4 };
    let node = space.choice(Field::Family, &[(family, family)], below, FALSE);
    let node = space.choice(Field::Oif, &[(oif, oif)], node, FALSE);
    space.choice(Field::Iif, &[(iif, iif)], node, FALSE)
}

/// Errors between legs: back along the way of a connection, or along with it.
fn errors_forward(
    policy: &Policy,
    space: &mut Space,
    interfaces: &Interfaces,
    counts: &dyn Fn(&Permission) -> bool,
) -> Node {
    let mut nodes = Vec::new();
    for ((v6, from, to), rows) in tuples(policy, space, counts) {
        let (Side::Leg(from), Side::Leg(to)) = (&from, &to) else { continue };
        let (Some(iif), Some(oif)) = (interfaces.value(from), interfaces.value(to)) else { continue };
        let along = about(space, rows, ct_direction::ORIGINAL);
        let back = about(space, rows, ct_direction::REPLY);
        nodes.push(error_packets(space, v6, iif, oif, along));
        nodes.push(error_packets(space, v6, oif, iif, back));
    }
    space.any(nodes)
}

/// Errors to the gateway about its own connections.
fn errors_input(
    policy: &Policy,
    space: &mut Space,
    interfaces: &Interfaces,
    counts: &dyn Fn(&Permission) -> bool,
) -> Node {
    let mut nodes = Vec::new();
    for ((v6, from, to), rows) in tuples(policy, space, counts) {
        let (leg, direction) = match (&from, &to) {
            (Side::Leg(leg), Side::Local) => (leg, ct_direction::ORIGINAL),
            (Side::Local, Side::Leg(leg)) => (leg, ct_direction::REPLY),
            _ => continue,
        };
        let Some(iif) = interfaces.value(leg) else { continue };
        let set = about(space, rows, direction);
        nodes.push(error_packets(space, v6, iif, Interfaces::ABSENT, set));
    }
    space.any(nodes)
}

/// Errors the gateway sends, about its own connections and about those it forwards: back to the leg a connection came
/// from, or on to the leg it leads to.
fn errors_output(
    policy: &Policy,
    space: &mut Space,
    interfaces: &Interfaces,
    counts: &dyn Fn(&Permission) -> bool,
) -> Node {
    let mut towards: BTreeMap<(bool, u128, u128), Vec<Node>> = BTreeMap::new();
    for ((v6, from, to), rows) in tuples(policy, space, counts) {
        for (side, direction) in [(&from, ct_direction::REPLY), (&to, ct_direction::ORIGINAL)] {
            if let Side::Leg(leg) = side
                && let Some(oif) = interfaces.value(leg)
            {
                towards.entry((v6, oif, direction)).or_default().push(rows);
            }
        }
    }
    let mut nodes = Vec::new();
    for ((v6, oif, direction), sets) in towards {
        let rows = space.any(sets);
        let set = about(space, rows, direction);
        nodes.push(error_packets(space, v6, Interfaces::ABSENT, oif, set));
    }
    space.any(nodes)
}

/// Packets whose source may arrive on the leg they come from.
fn guard(policy: &Policy, space: &mut Space, interfaces: &Interfaces) -> Node {
    let mut nodes = Vec::new();
    for leg in policy.legs.values() {
        let Some(iif) = interfaces.value(&leg.port) else { continue };
        let mut families: BTreeSet<(u128, Node)> = BTreeSet::new();
        for v6 in [false, true] {
            let sources = arrivals(&policy.legs, leg, v6);
            let sources = space.ranges(Field::Source, &sources);
            families.insert((if v6 { family::V6 } else { family::V4 }, sources));
        }
        let mut set = FALSE;
        for (family, sources) in families {
            let one = space.choice(Field::Family, &[(family, family)], sources, FALSE);
            set = space.or(set, one);
        }
        nodes.push(space.choice(Field::Iif, &[(iif, iif)], set, FALSE));
    }
    space.any(nodes)
}

/// What needs no permission: the machine talking to itself, and neighbour discovery where there is IPv6.
fn own(policy: &Policy, space: &mut Space, interfaces: &Interfaces, hook: Hook) -> Node {
    let field = match hook {
        Hook::Forward => return FALSE,
        Hook::Input => Field::Iif,
        Hook::Output => Field::Oif,
    };
    let mut nodes = Vec::new();
    if let Some(value) = interfaces.value(LOOPBACK) {
        nodes.push(space.value(field, value));
    }
    let untracked = space.value(Field::State, ct_state::UNTRACKED);
    let discovery = of_types(space, ICMPV6, &NEIGHBOURS, untracked);
    for leg in policy.legs.values().filter(|leg| leg.has_family(true)) {
        if let Some(value) = interfaces.value(&leg.port) {
            let set = space.choice(Field::Family, &[(family::V6, family::V6)], discovery, FALSE);
            nodes.push(space.choice(field, &[(value, value)], set, FALSE));
        }
    }
    space.any(nodes)
}
