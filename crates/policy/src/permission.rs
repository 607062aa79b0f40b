//! What a policy permits: plain rows.

use std::fmt;

use ipnet::IpNet;
use jiff::Timestamp;
use plant::ids::FlowId;
use protocols::PortRange;

/// One side of the gateway a packet comes from or goes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// An interface.
    Leg(String),
    /// The gateway itself.
    Local,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Side::Leg(port) => f.write_str(port),
            Side::Local => f.write_str("gateway"),
        }
    }
}

/// Which packets between two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Traffic {
    /// A protocol with ports, by destination port.
    Ports {
        /// IP protocol number: TCP or UDP.
        protocol: u8,
        /// Destination ports.
        ports: PortRange,
    },
    /// Echo request and its reply.
    Echo,
    /// Every packet of an IP protocol.
    Protocol(u8),
    /// Every packet.
    Any,
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Traffic::Ports { protocol: 6, ports } => write!(f, "tcp {ports}"),
            Traffic::Ports { protocol: 17, ports } => write!(f, "udp {ports}"),
            Traffic::Ports { protocol, ports } => write!(f, "ip {protocol} port {ports}"),
            Traffic::Echo => f.write_str("ping"),
            Traffic::Protocol(protocol) => write!(f, "ip {protocol}"),
            Traffic::Any => f.write_str("any"),
        }
    }
}

/// One permission: connections from `source` to `destination`, opened from the side `iif` towards the side `oif`, and
/// their answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// Where the connection is opened from.
    pub iif: Side,
    /// Where it leads.
    pub oif: Side,
    /// Who opens it.
    pub source: IpNet,
    /// Who is spoken to; of the family of `source`.
    pub destination: IpNet,
    /// Which packets.
    pub traffic: Traffic,
    /// End, for a window or an approval.
    pub until: Option<Timestamp>,
    /// Flow it comes from.
    pub flow: FlowId,
}

impl Permission {
    /// Whether it is about IPv6.
    pub fn is_v6(&self) -> bool {
        matches!(self.destination, IpNet::V6(_))
    }

    /// Whether it is still alive at an instant.
    pub fn alive(&self, instant: Timestamp) -> bool {
        self.until.is_none_or(|until| until > instant)
    }
}

/// What may be asked of one peer by another, command by command. Such a connection ends at the command proxy, which opens
/// another one to the device: no packet of it is forwarded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commands {
    /// Who connects to whom, at which ports, until when.
    pub row: Permission,
    /// Address of the device on the line behind it, where the flow names one.
    pub unit: Option<u8>,
    /// What may be asked.
    pub allow: Vec<protocols::Permission>,
}
