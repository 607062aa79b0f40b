//! Example packets: one point of a set, chosen so that a person can read it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::cubes::Cube;
use crate::diagram::{FALSE, Node, Space};
use crate::fields::{Field, ct_direction, ct_state, family};
use crate::interfaces::Interfaces;

/// Where a packet stands in its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionState {
    /// Opens a connection.
    New,
    /// From the one who opened it, after the answer.
    Original,
    /// Back to the one who opened it.
    Reply,
    /// An error message about a connection (or a connection it announced), in the connection's own direction
    /// (`reply` false) or against it.
    Related {
        /// Against the direction of the connection it is about.
        reply: bool,
    },
    /// Exempt from connection tracking.
    Untracked,
    /// Of no connection the kernel accepts.
    Invalid,
}

/// Addresses the two ends of a connection know each other by, where they are translated on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Outside {
    /// What the one who opened the connection calls the other end.
    pub destination: Option<IpAddr>,
    /// What the other end calls the one who opened the connection.
    pub source: Option<IpAddr>,
}

/// One concrete packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packet {
    /// Incoming interface; `None` where the hook has none.
    pub iif: Option<String>,
    /// Outgoing interface; `None` where the hook has none.
    pub oif: Option<String>,
    /// Destination address.
    pub destination: IpAddr,
    /// Source address.
    pub source: IpAddr,
    /// Transport protocol.
    pub protocol: u8,
    /// Bytes 2-3 of the transport header (the destination port where there are ports).
    pub destination_port: u16,
    /// Bytes 0-1 of the transport header (the source port, or type and code of ICMP).
    pub source_port: u16,
    /// No transport header can be read.
    pub headless: bool,
    /// TCP flags.
    pub tcp_flags: u8,
    /// Connection state.
    pub state: ConnectionState,
    /// Source, destination, protocol, source and destination port of the connection a related packet is about.
    pub original: Option<(IpAddr, IpAddr, u8, u16, u16)>,
    /// Addresses of the connection that others see instead.
    pub outside: Outside,
    /// Mark.
    pub mark: u32,
    /// Local socket: 0 none, 1 transparent, 2 ordinary.
    pub socket: u8,
    /// Port at which a transparent proxy listens; 0 for none.
    pub proxy: u16,
    /// Helper whose connection announced this one: 0 none, 1 file transfer, 2 another.
    pub announced: u8,
}

impl Packet {
    /// Whether the protocol has ports.
    pub fn has_ports(&self) -> bool {
        matches!(self.protocol, 6 | 17 | 33 | 132 | 136) && !self.headless
    }

    /// Type and code, for ICMP and ICMPv6.
    pub fn icmp(&self) -> Option<(u8, u8)> {
        let [kind, code] = self.source_port.to_be_bytes();
        (matches!(self.protocol, 1 | 58) && !self.headless).then_some((kind, code))
    }

    /// Value of a field in the diagram. `None` for an interface the list does not hold and for unknown predicates.
    pub fn value(&self, field: Field, interfaces: &Interfaces) -> Option<u128> {
        let interface = |name: &Option<String>| match name {
            None => Some(Interfaces::ABSENT),
            Some(name) if name == OTHER => Some(interfaces.other()),
            Some(name) => interfaces.value(name),
        };
        let original =
            |pick: fn(&(IpAddr, IpAddr, u8, u16, u16)) -> u128| self.original.as_ref().map_or(0, pick);
        Some(match field {
            Field::Iif => interface(&self.iif)?,
            Field::Oif => interface(&self.oif)?,
            Field::Family => {
                if self.destination.is_ipv6() {
                    family::V6
                } else {
                    family::V4
                }
            }
            Field::Destination => number(self.destination),
            Field::Source => number(self.source),
            Field::Protocol => self.protocol.into(),
            Field::DestinationPort => self.destination_port.into(),
            Field::SourcePort => self.source_port.into(),
            Field::Headless => self.headless.into(),
            Field::TcpFlags => self.tcp_flags.into(),
            Field::State => match self.state {
                ConnectionState::New => ct_state::NEW,
                ConnectionState::Original | ConnectionState::Reply => ct_state::ESTABLISHED,
                ConnectionState::Related { .. } => ct_state::RELATED,
                ConnectionState::Untracked => ct_state::UNTRACKED,
                ConnectionState::Invalid => ct_state::INVALID,
            },
            Field::Direction => match self.state {
                ConnectionState::Reply | ConnectionState::Related { reply: true } => ct_direction::REPLY,
                _ => ct_direction::ORIGINAL,
            },
            Field::OriginalSource if self.original.is_none() => self.outside.source.map_or(0, number),
            Field::OriginalDestination if self.original.is_none() => {
                self.outside.destination.map_or(0, number)
            }
            Field::OriginalSource => original(|tuple| number(tuple.0)),
            Field::OriginalDestination => original(|tuple| number(tuple.1)),
            Field::OriginalProtocol => original(|tuple| tuple.2.into()),
            Field::OriginalSourcePort => original(|tuple| tuple.3.into()),
            Field::OriginalDestinationPort => original(|tuple| tuple.4.into()),
            Field::Socket => self.socket.into(),
            Field::Mark => self.mark.into(),
            Field::Proxy => self.proxy.into(),
            Field::Announced => self.announced.into(),
            Field::Unknown(_) => return None,
        })
    }
}

/// Name shown for an interface nobody named.
pub(crate) const OTHER: &str = "any other interface";

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

impl Space {
    /// The terminal number of `f` for a concrete packet; unknown predicates are taken as `unknown`.
    pub fn lookup(&self, f: Node, packet: &Packet, interfaces: &Interfaces, unknown: bool) -> u32 {
        self.evaluate(f, &|level| packet.value(Field::at(level), interfaces).unwrap_or(unknown.into()))
    }

    /// One packet of a set, and the cube of the set it was taken from; `None` if the set is empty.
    pub fn example(&self, set: Node, interfaces: &Interfaces) -> Option<(Packet, Cube)> {
        let mut cube = Cube::new();
        let mut node = set;
        while let Some((level, edges)) = self.inspect(node) {
            let field = Field::at(level);
            let mut best: Option<(u128, (u128, u128, Node))> = None;
            for edge in edges {
                if edge.2 == FALSE {
                    continue;
                }
                let badness = strangeness(field, edge.0, edge.1, &expected(&cube, field, interfaces));
                if best.as_ref().is_none_or(|(least, _)| badness < *least) {
                    best = Some((badness, edge));
                }
            }
            let (_, (low, high, child)) = best?;
            cube = cube.with(field, low, high);
            node = child;
        }
        (node != FALSE).then(|| (self.packet(&cube, interfaces), cube))
    }

    fn packet(&self, cube: &Cube, interfaces: &Interfaces) -> Packet {
        let pick = |field: Field| {
            let (low, high) = cube.range(field).unwrap_or((0, field.highest()));
            expected(cube, field, interfaces)
                .into_iter()
                .find(|value| (low..=high).contains(value))
                .unwrap_or(low)
        };
        let long = pick(Field::Family) == family::V6;
        let address = |field: Field| {
            let (low, high) = cube.range(field).unwrap_or((0, u128::MAX));
            // A lone network address reads like a typing error: take the first host where there is one.
            let first = if low & 0xff == 0 && low < high { low + 1 } else { low };
            let hosts = expected(cube, field, interfaces);
            let value = hosts.into_iter().find(|value| (low..=high).contains(value)).unwrap_or(first);
            if long { IpAddr::V6(Ipv6Addr::from(value)) } else { IpAddr::V4(Ipv4Addr::from(value as u32)) }
        };
        let interface = |field: Field| match pick(field) {
            Interfaces::ABSENT => None,
            value => Some(interfaces.name(value).unwrap_or(OTHER).to_owned()),
        };
        let reply = pick(Field::Direction) == ct_direction::REPLY;
        let state = match pick(Field::State) {
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
                pick(Field::OriginalProtocol) as u8,
                pick(Field::OriginalSourcePort) as u16,
                pick(Field::OriginalDestinationPort) as u16,
            )
        });
        let known =
            matches!(state, ConnectionState::New | ConnectionState::Original | ConnectionState::Reply);
        // Nothing is called 0: that is the sign for "as it is".
        let called = |field: Field| (known && pick(field) != 0).then(|| address(field));
        let outside = Outside {
            destination: called(Field::OriginalDestination),
            source: called(Field::OriginalSource),
        };
        Packet {
            outside,
            iif: interface(Field::Iif),
            oif: interface(Field::Oif),
            destination: address(Field::Destination),
            source: address(Field::Source),
            protocol: pick(Field::Protocol) as u8,
            destination_port: pick(Field::DestinationPort) as u16,
            source_port: pick(Field::SourcePort) as u16,
            headless: pick(Field::Headless) == 1,
            tcp_flags: pick(Field::TcpFlags) as u8,
            state,
            original,
            mark: pick(Field::Mark) as u32,
            socket: pick(Field::Socket) as u8,
            proxy: pick(Field::Proxy) as u16,
            announced: pick(Field::Announced) as u8,
        }
    }
}

/// Addresses set aside for examples: whoever reads them knows that any other would do (RFC 5737, RFC 3849).
const EXAMPLES: [(u128, u128); 2] = [
    (0xc000_0201, 0x2001_0db8_0000_0000_0000_0000_0000_0001),
    (0xc633_6401, 0x2001_0db8_0000_0000_0000_0000_0000_0002),
];

/// Values a reader would expect first, for the fields above in the cube being what they are.
fn expected(cube: &Cube, field: Field, interfaces: &Interfaces) -> Vec<u128> {
    let long = cube.range(Field::Family).is_some_and(|(low, _)| low == family::V6);
    let about = cube.range(Field::State).is_some_and(|(low, _)| low == ct_state::RELATED);
    let behind = |interface: Field| cube.range(interface).map_or(interfaces.other(), |(low, _)| low);
    let [source, destination] = EXAMPLES;
    // The end of a packet is behind the interface it leaves by, and its source behind the one it came in on; an
    // error travels against the connection it is about.
    let (hosts, example) = match field {
        // What another end is called is seldom anything but its own address.
        Field::OriginalSource | Field::OriginalDestination if !about => {
            let [source, destination] =
                if long { [source.1, destination.1] } else { [source.0, destination.0] };
            return vec![0, if field == Field::OriginalSource { source } else { destination }];
        }
        Field::Source => (interfaces.hosts(behind(Field::Iif)), source),
        Field::Destination => (interfaces.hosts(behind(Field::Oif)), destination),
        Field::OriginalSource => (interfaces.hosts(behind(Field::Oif)), source),
        Field::OriginalDestination => (interfaces.hosts(behind(Field::Iif)), destination),
        field => return usual(field),
    };
    let hosts = hosts.iter().filter(|host| host.is_ipv6() == long).map(|host| number(*host));
    hosts.chain([if long { example.1 } else { example.0 }]).collect()
}

/// Values a reader would expect first, whatever the other fields are.
fn usual(field: Field) -> Vec<u128> {
    match field {
        Field::Protocol | Field::OriginalProtocol => vec![6, 17, 1, 58],
        Field::SourcePort | Field::OriginalSourcePort => vec![40_000],
        Field::State => vec![ct_state::NEW, ct_state::ESTABLISHED],
        Field::TcpFlags => vec![0x02, 0x10],
        _ => Vec::new(),
    }
}

/// How strange a range would look in an example: the lowest wins.
fn strangeness(field: Field, low: u128, high: u128, expected: &[u128]) -> u128 {
    // The earlier an expected value, the better.
    if let Some(place) = expected.iter().position(|value| (low..=high).contains(value)) {
        return place as u128;
    }
    let strange = 1000;
    match field {
        // A single host or a small range tells more than half the address space.
        Field::Destination | Field::Source | Field::DestinationPort => (high - low).saturating_add(strange),
        _ => low.saturating_add(strange),
    }
}
