//! Names of what a load puts into a register.

use nftables::{AddressKind, CtKey, Direction, MetaKey, PayloadBase};

use super::values::Kind;

/// A loaded value by name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) text: String,
    /// Bytes of the whole field.
    pub(super) len: usize,
    pub(super) kind: Kind,
    pub(super) mask: Option<Vec<u8>>,
    pub(super) constant: Option<Vec<u8>>,
}

impl Named {
    pub(super) fn new(text: impl Into<String>, len: usize, kind: Kind) -> Self {
        Named { text: text.into(), len, kind, mask: None, constant: None }
    }
}

/// Fields of the packet. One load may hold two neighbours.
pub(super) fn payload(
    base: PayloadBase,
    offset: u32,
    len: u32,
    family: Option<u8>,
    protocol: Option<u8>,
) -> Vec<Named> {
    let one = |text: &str, len, kind| vec![Named::new(text, len, kind)];
    let v6 = family == Some(6) || (family.is_none() && matches!((offset, len), (8 | 24, 16 | 32)));
    let known = match (base, v6, offset, len) {
        (PayloadBase::Network, false, 12, 8) => {
            Some([one("ip saddr", 4, Kind::V4), one("ip daddr", 4, Kind::V4)].concat())
        }
        (PayloadBase::Network, false, 12, 1..=4) => Some(one("ip saddr", 4, Kind::V4)),
        (PayloadBase::Network, false, 16, 1..=4) => Some(one("ip daddr", 4, Kind::V4)),
        (PayloadBase::Network, false, 9, 1) => Some(one("ip protocol", 1, Kind::Protocol)),
        (PayloadBase::Network, true, 8, 32) => {
            Some([one("ip6 saddr", 16, Kind::V6), one("ip6 daddr", 16, Kind::V6)].concat())
        }
        (PayloadBase::Network, true, 8, 1..=16) => Some(one("ip6 saddr", 16, Kind::V6)),
        (PayloadBase::Network, true, 24, 1..=16) => Some(one("ip6 daddr", 16, Kind::V6)),
        (PayloadBase::Network, true, 6, 1) => Some(one("ip6 nexthdr", 1, Kind::Protocol)),
        (PayloadBase::Transport, _, offset, len) => transport(offset, len, protocol),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let base = match base {
            PayloadBase::Link => "ll",
            PayloadBase::Network => "nh",
            PayloadBase::Transport => "th",
            PayloadBase::Inner => "ih",
            PayloadBase::Other(_) => "?",
        };
        let text = format!("@{base},{},{}", u64::from(offset) * 8, u64::from(len) * 8);
        vec![Named::new(text, len as usize, Kind::Raw)]
    })
}

fn transport(offset: u32, len: u32, protocol: Option<u8>) -> Option<Vec<Named>> {
    let word = match protocol {
        Some(1) => return icmp("icmp", Kind::Icmp, offset, len),
        Some(58) => return icmp("icmpv6", Kind::Icmp6, offset, len),
        Some(6) => "tcp",
        Some(17) => "udp",
        Some(33) => "dccp",
        Some(132) => "sctp",
        Some(136) => "udplite",
        _ => "th",
    };
    let port = |side: &str| Named::new(format!("{word} {side}"), 2, Kind::Number);
    match (offset, len) {
        (0, 2) => Some(vec![port("sport")]),
        (2, 2) => Some(vec![port("dport")]),
        (0, 4) => Some(vec![port("sport"), port("dport")]),
        (13, 1) if protocol == Some(6) => Some(vec![Named::new("tcp flags", 1, Kind::Flags)]),
        _ => None,
    }
}

fn icmp(word: &str, kind: Kind, offset: u32, len: u32) -> Option<Vec<Named>> {
    let kind = Named::new(format!("{word} type"), 1, kind);
    let code = Named::new(format!("{word} code"), 1, Kind::Number);
    match (offset, len) {
        (0, 1) => Some(vec![kind]),
        (1, 1) => Some(vec![code]),
        (0, 2) => Some(vec![kind, code]),
        _ => None,
    }
}

pub(super) fn meta(key: MetaKey) -> Named {
    match key {
        MetaKey::Length => Named::new("meta length", 4, Kind::Host),
        MetaKey::Protocol => Named::new("meta protocol", 2, Kind::EtherType),
        MetaKey::Mark => Named::new("meta mark", 4, Kind::Mark),
        MetaKey::Iif => Named::new("iif", 4, Kind::Index),
        MetaKey::Oif => Named::new("oif", 4, Kind::Index),
        MetaKey::IifName => Named::new("iifname", 16, Kind::Name),
        MetaKey::OifName => Named::new("oifname", 16, Kind::Name),
        MetaKey::NfProto => Named::new("meta nfproto", 1, Kind::Family),
        MetaKey::L4Proto => Named::new("meta l4proto", 1, Kind::Protocol),
        MetaKey::Other(number) => {
            let word = match number {
                2 => "meta priority",
                10 => "meta skuid",
                11 => "meta skgid",
                12 => "meta nftrace",
                19 => "meta pkttype",
                20 => "meta cpu",
                21 => "meta iifgroup",
                22 => "meta oifgroup",
                23 => "meta cgroup",
                24 => "meta random",
                30 => "meta time",
                31 => "meta day",
                32 => "meta hour",
                _ => return Named::new(format!("meta {number}"), 4, Kind::Raw),
            };
            let len = match number {
                19 | 31 => 1,
                30 => 8,
                _ => 4,
            };
            Named::new(word, len, Kind::Host)
        }
    }
}

pub(super) fn ct(key: CtKey, direction: Option<Direction>) -> Named {
    let side = match direction {
        None => "",
        Some(Direction::Original) => "original ",
        Some(Direction::Reply) => "reply ",
    };
    let address = |kind: AddressKind, end: &str| {
        let (family, len, shown) = match kind {
            AddressKind::ByFamily => ("", 16, Kind::Raw),
            AddressKind::V4 => ("ip ", 4, Kind::V4),
            AddressKind::V6 => ("ip6 ", 16, Kind::V6),
        };
        Named::new(format!("ct {side}{family}{end}"), len, shown)
    };
    match key {
        CtKey::State => Named::new("ct state", 4, Kind::State),
        CtKey::Direction => Named::new("ct direction", 1, Kind::Direction),
        CtKey::Status => Named::new("ct status", 4, Kind::Host),
        CtKey::Mark => Named::new("ct mark", 4, Kind::Mark),
        CtKey::L3Protocol => Named::new(format!("ct {side}l3proto"), 1, Kind::Family),
        CtKey::Protocol => Named::new(format!("ct {side}protocol"), 1, Kind::Protocol),
        CtKey::Source(kind) => address(kind, "saddr"),
        CtKey::Destination(kind) => address(kind, "daddr"),
        CtKey::SourcePort => Named::new(format!("ct {side}proto-src"), 2, Kind::Number),
        CtKey::DestinationPort => Named::new(format!("ct {side}proto-dst"), 2, Kind::Number),
        CtKey::Other(number) => Named::new(format!("ct {side}{number}"), 4, Kind::Raw),
    }
}
