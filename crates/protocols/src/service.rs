//! Services: a protocol with its transports, as a flow names it.

use std::fmt;

use crate::facts::{ANY, Grammar, IP, PING, Protocol, TCP, UDP};
use crate::messages::ServiceError;

/// Ports from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// First port.
    pub first: u16,
    /// Last port, not below the first.
    pub last: u16,
}

impl PortRange {
    /// One port.
    pub const fn single(port: u16) -> Self {
        Self { first: port, last: port }
    }

    /// Whether the port is in the range.
    pub fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

/// What a packet of a service looks like below the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP to these destination ports.
    Tcp(PortRange),
    /// UDP to these destination ports.
    Udp(PortRange),
    /// ICMP request of this type.
    Icmp {
        /// ICMP type.
        kind: u8,
    },
    /// ICMPv6 request of this type.
    Icmp6 {
        /// ICMPv6 type.
        kind: u8,
    },
    /// Any packet of this IP protocol.
    Ip(u8),
    /// Any packet.
    Any,
    /// Below IP: no router and no IP firewall carries or filters it.
    Layer2,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(ports) => write!(f, "tcp {ports}"),
            Self::Udp(ports) => write!(f, "udp {ports}"),
            Self::Icmp { kind } => write!(f, "icmp type {kind}"),
            Self::Icmp6 { kind } => write!(f, "icmpv6 type {kind}"),
            Self::Ip(number) => write!(f, "ip {number}"),
            Self::Any => write!(f, "any"),
            Self::Layer2 => write!(f, "layer 2"),
        }
    }
}

/// A service of a flow or an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Protocol.
    pub protocol: &'static Protocol,
    /// Transports, at least one.
    pub transports: Vec<Transport>,
    /// Unit behind the address (Modbus), where the text names one.
    pub unit: Option<u8>,
    /// Whether the text names the port itself.
    own_port: bool,
}

impl Service {
    /// Reads a service: `s7comm`, `modbus unit 1`, `https 8531`, `opcua port 4841`, `tcp 1-5`, `ip 47`, `any`.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let (service, rest) = Self::take(text)?;
        if rest.is_empty() {
            Ok(service)
        } else {
            Err(ServiceError::Trailing { service: service.text(), rest: shortened(rest) })
        }
    }

    /// Reads the service at the start of a sentence; the rest is handed back.
    pub fn take(text: &str) -> Result<(Self, &str), ServiceError> {
        let (word, mut rest) = split_word(text);
        if word.is_empty() {
            return Err(ServiceError::Empty);
        }
        let lower = word.to_ascii_lowercase();
        let bare = |protocol: &'static Protocol, transports: Vec<Transport>| Self {
            protocol,
            transports,
            unit: None,
            own_port: false,
        };
        match lower.as_str() {
            "tcp" | "udp" => {
                let (ports, rest) = split_word(rest);
                let range = ports_of(ports).ok_or_else(|| ServiceError::Port { text: shortened(ports) })?;
                let service = if lower == "tcp" {
                    bare(&TCP, vec![Transport::Tcp(range)])
                } else {
                    bare(&UDP, vec![Transport::Udp(range)])
                };
                return Ok((service, rest));
            }
            "ip" => {
                let (number, rest) = split_word(rest);
                let number =
                    number.parse().map_err(|_| ServiceError::IpProtocol { text: shortened(number) })?;
                return Ok((bare(&IP, vec![Transport::Ip(number)]), rest));
            }
            "ping" => {
                let echo = vec![Transport::Icmp { kind: 8 }, Transport::Icmp6 { kind: 128 }];
                return Ok((bare(&PING, echo), rest));
            }
            "any" => return Ok((bare(&ANY, vec![Transport::Any]), rest)),
            _ => {}
        }
        let Some(protocol) = Protocol::by_word(word) else {
            return Err(ServiceError::Unknown { text: shortened(word) });
        };
        let mut service =
            Self { protocol, transports: protocol.transports.to_vec(), unit: None, own_port: false };
        loop {
            let (word, tail) = split_word(rest);
            if word == "unit" && service.unit.is_none() {
                let (number, tail) = split_word(tail);
                if protocol.grammar != Grammar::Modbus {
                    return Err(ServiceError::NoUnits { protocol: protocol.word });
                }
                let unit = number.parse().map_err(|_| ServiceError::Unit { text: shortened(number) })?;
                service.unit = Some(unit);
                rest = tail;
            } else if word == "port" && !service.own_port {
                let (ports, tail) = split_word(tail);
                service.move_to(ports)?;
                rest = tail;
            } else if word.starts_with(|c: char| c.is_ascii_digit()) && !service.own_port {
                service.move_to(word)?;
                rest = tail;
            } else {
                return Ok((service, rest));
            }
        }
    }

    fn move_to(&mut self, ports: &str) -> Result<(), ServiceError> {
        let range = ports_of(ports).ok_or_else(|| ServiceError::Port { text: shortened(ports) })?;
        let mut moved = Vec::new();
        for transport in &self.transports {
            let new = match transport {
                Transport::Tcp(_) => Transport::Tcp(range),
                Transport::Udp(_) => Transport::Udp(range),
                _ => return Err(ServiceError::NoPorts { protocol: self.protocol.word }),
            };
            if !moved.contains(&new) {
                moved.push(new);
            }
        }
        self.transports = moved;
        self.own_port = true;
        Ok(())
    }

    /// Whether the service runs below IP, where no gateway filters.
    pub fn layer2(&self) -> bool {
        self.transports.contains(&Transport::Layer2)
    }

    /// Whether Ringwall can look at the commands of the protocol on the wire: Modbus over TCP, in clear text.
    pub fn inspector(&self) -> bool {
        self.protocol.word == "modbus"
            && self.transports.iter().all(|transport| matches!(transport, Transport::Tcp(_)))
    }

    /// Whether the control connection announces others that belong to it: file transfer.
    pub fn announces(&self) -> bool {
        self.protocol.word == "ftp"
    }

    /// Whether commands can be written for the protocol at all.
    pub fn commands(&self) -> bool {
        self.protocol.grammar != Grammar::None
    }

    /// The service as a plant text writes it.
    pub fn text(&self) -> String {
        let mut text = match self.transports.first() {
            Some(transport) if self.protocol.transports.is_empty() && self.protocol != &PING => {
                transport.to_string()
            }
            _ => self.protocol.word.to_owned(),
        };
        if let Some(unit) = self.unit {
            text.push_str(&format!(" unit {unit}"));
        }
        if let (true, Some(Transport::Tcp(ports) | Transport::Udp(ports))) =
            (self.own_port, self.transports.first())
        {
            text.push_str(&format!(" port {ports}"));
        }
        text
    }
}

fn ports_of(text: &str) -> Option<PortRange> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = PortRange { first: number_of(first)?, last: number_of(last)? };
    (range.first >= 1 && range.first <= range.last).then_some(range)
}

/// Only digits: `+80` is no port.
fn number_of(text: &str) -> Option<u16> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// The first word and what follows it.
pub(crate) fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

/// User text for a message, bounded: a message is no place for a megabyte.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MOST).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_and_written() {
        for (text, canonical, transports) in [
            ("s7comm", "s7comm", "tcp 102"),
            ("modbus unit 1", "modbus unit 1", "tcp 502"),
            ("modbus unit 1 port 5020", "modbus unit 1 port 5020", "tcp 5020"),
            ("modbus-tcp", "modbus", "tcp 502"),
            ("opcua", "opcua", "tcp 4840"),
            ("https 8531", "https port 8531", "tcp 8531"),
            ("https port 8531", "https port 8531", "tcp 8531"),
            ("http", "http", "tcp 80"),
            ("ftp", "ftp", "tcp 21"),
            ("rdp", "rdp", "tcp 3389, udp 3389"),
            ("ntp", "ntp", "udp 123"),
            ("syslog-tls", "syslog-tls", "tcp 6514"),
            ("snmp", "snmp", "udp 161"),
            ("ssh", "ssh", "tcp 22"),
            ("smb", "smb", "tcp 445"),
            ("mssql", "mssql", "tcp 1433"),
            ("raw9100", "raw9100", "tcp 9100"),
            ("wireguard", "wireguard", "udp 51820"),
            ("profinet", "profinet", "layer 2"),
            ("profisafe", "profisafe", "layer 2"),
            ("ping", "ping", "icmp type 8, icmpv6 type 128"),
            ("tcp 49152", "tcp 49152", "tcp 49152"),
            ("udp 1-65535", "udp 1-65535", "udp 1-65535"),
            ("ip 47", "ip 47", "ip 47"),
            ("any", "any", "any"),
            ("S7comm", "s7comm", "tcp 102"),
            ("fl-net", "fl-net", "udp 55000-55003"),
        ] {
            let service = Service::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(service.text(), canonical, "{text}");
            let wire: Vec<_> = service.transports.iter().map(ToString::to_string).collect();
            assert_eq!(wire.join(", "), transports, "{text}");
            assert_eq!(Service::parse(canonical).as_ref(), Ok(&service));
        }
    }

    #[test]
    fn nonsense_is_no_service() {
        for text in [
            "",
            "   ",
            "s7",
            "tcp",
            "tcp 0",
            "tcp 65536",
            "tcp 5-1",
            "tcp +80",
            "tcp 80 443",
            "ip 256",
            "ip",
            "modbus unit",
            "modbus unit 256",
            "https unit 1",
            "profinet port 5",
            "https 1 port 2",
            "any any",
        ] {
            assert!(Service::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_protocol_is_read_by_its_word_and_its_id() {
        for protocol in crate::PROTOCOLS {
            for word in [protocol.word, protocol.id] {
                let service = Service::parse(word).unwrap_or_else(|error| panic!("{word}: {error:?}"));
                assert_eq!(service.protocol, protocol, "{word}");
                assert!(!service.transports.is_empty(), "{word}");
            }
        }
    }
}
