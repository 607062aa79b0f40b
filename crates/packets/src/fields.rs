//! The fields of a packet, in the order of the diagram's levels.

/// A field. The order of the variants is the order of the levels; a bad order makes diagrams grow by orders of
/// magnitude, so it was measured, not chosen.
///
/// Addresses are those at the forward hook: after a destination was translated, before a source is.
///
/// Values are unsigned numbers. Addresses are the plain number of the address (IPv4: 32 bits). Bytes 0-1 and 2-3
/// of the transport header are [`Field::SourcePort`] and [`Field::DestinationPort`] for every protocol; for ICMP
/// the first is therefore `type * 256 + code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Incoming interface: index into [`crate::Interfaces`].
    Iif,
    /// Outgoing interface: index into [`crate::Interfaces`].
    Oif,
    /// Address family, see [`family`].
    Family,
    /// Destination address.
    Destination,
    /// Source address.
    Source,
    /// Transport protocol number.
    Protocol,
    /// Bytes 2-3 of the transport header.
    DestinationPort,
    /// Bytes 0-1 of the transport header.
    SourcePort,
    /// 1 where no transport header can be read (a later fragment, a packet cut short).
    Headless,
    /// Byte 13 of a TCP header; 0 for other protocols.
    TcpFlags,
    /// Connection state, see [`ct_state`].
    State,
    /// Connection direction, see [`ct_direction`].
    Direction,
    /// Destination of the original tuple of the connection an error message is about. Of any other packet: the address
    /// under which the one who opened the connection knows the other end; 0 where that is its own.
    OriginalDestination,
    /// Source of the same tuple. Of any other packet: the address under which the other end knows the one who opened
    /// the connection; 0 where that is its own.
    OriginalSource,
    /// Protocol of the same tuple.
    OriginalProtocol,
    /// Destination port of the same tuple.
    OriginalDestinationPort,
    /// Source port of the same tuple.
    OriginalSourcePort,
    /// Local socket the packet belongs to, see [`socket`].
    Socket,
    /// Packet mark.
    Mark,
    /// Port at which a transparent proxy of this machine listens; 0 for none.
    Proxy,
    /// Helper of connection tracking whose connection announced this one, see [`announced`].
    Announced,
    /// A predicate nobody modelled: 0 or 1. Always the last levels.
    Unknown(u16),
}

/// Values of [`Field::Family`].
pub mod family {
    /// IPv4.
    pub const V4: u128 = 0;
    /// IPv6.
    pub const V6: u128 = 1;
}

/// Values of [`Field::State`].
pub mod ct_state {
    /// Not part of any connection the kernel accepts.
    pub const INVALID: u128 = 0;
    /// Opens a connection, or repeats the opening before an answer came.
    pub const NEW: u128 = 1;
    /// Of a connection that was answered.
    pub const ESTABLISHED: u128 = 2;
    /// An error message about a connection, or a connection another one announced.
    pub const RELATED: u128 = 3;
    /// Exempt from connection tracking.
    pub const UNTRACKED: u128 = 4;
}

/// Values of [`Field::Direction`].
pub mod ct_direction {
    /// From the one who opened the connection.
    pub const ORIGINAL: u128 = 0;
    /// Back to the one who opened it.
    pub const REPLY: u128 = 1;
}

/// Values of [`Field::Socket`].
pub mod socket {
    /// No local socket.
    pub const NONE: u128 = 0;
    /// A transparent local socket.
    pub const TRANSPARENT: u128 = 1;
    /// A local socket that is not transparent.
    pub const ORDINARY: u128 = 2;
}

/// Values of [`Field::Announced`].
pub mod announced {
    /// Nothing announced the connection.
    pub const NONE: u128 = 0;
    /// The control channel of a file transfer.
    pub const FTP: u128 = 1;
    /// Another helper.
    pub const OTHER: u128 = 2;
}

/// Number of fields before the unknown ones.
pub(crate) const KNOWN: u16 = 21;

impl Field {
    /// Level in the diagram.
    pub(crate) fn level(self) -> u16 {
        match self {
            Field::Iif => 0,
            Field::Oif => 1,
            Field::Family => 2,
            Field::Destination => 3,
            Field::Source => 4,
            Field::Protocol => 5,
            Field::DestinationPort => 6,
            Field::SourcePort => 7,
            Field::Headless => 8,
            Field::TcpFlags => 9,
            Field::State => 10,
            Field::Direction => 11,
            Field::OriginalDestination => 12,
            Field::OriginalSource => 13,
            Field::OriginalProtocol => 14,
            Field::OriginalDestinationPort => 15,
            Field::OriginalSourcePort => 16,
            Field::Socket => 17,
            Field::Mark => 18,
            Field::Proxy => 19,
            Field::Announced => 20,
            Field::Unknown(n) => KNOWN.saturating_add(n),
        }
    }

    /// Highest value of the field, where values are numbered from 0. The interface fields have room for more
    /// interfaces than a machine can have; [`crate::domain`] cuts them to those that exist.
    pub fn highest(self) -> u128 {
        level_highest(self.level())
    }
}

pub(crate) fn level_highest(level: u16) -> u128 {
    match level {
        0 | 1 => 0xffff,
        2 | 8 | 11 => 1,
        3 | 4 | 12 | 13 => u128::MAX,
        5 | 9 | 14 => 0xff,
        6 | 7 | 15 | 16 => 0xffff,
        10 => ct_state::UNTRACKED,
        17 => socket::ORDINARY,
        18 => 0xffff_ffff,
        19 => 0xffff,
        20 => announced::OTHER,
        _ => 1,
    }
}

/// Which of the three ways through the machine a relation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// From one interface to another.
    Forward,
    /// To the machine itself.
    Input,
    /// From the machine itself.
    Output,
}

impl Hook {
    /// All three.
    pub const ALL: [Hook; 3] = [Hook::Forward, Hook::Input, Hook::Output];

    /// nft's word.
    pub fn word(self) -> &'static str {
        match self {
            Hook::Forward => "forward",
            Hook::Input => "input",
            Hook::Output => "output",
        }
    }
}
