//! Words for what loads load, as libnftnl prints them.

use super::reg;
use crate::wire::{Attributes, Flaw};
use crate::{AddressKind, CtKey, MetaKey, Register};

/// Names of `NFT_META_*`, by number.
const META: [&str; 35] = [
    "len",
    "protocol",
    "priority",
    "mark",
    "iif",
    "oif",
    "iifname",
    "oifname",
    "iiftype",
    "oiftype",
    "skuid",
    "skgid",
    "nftrace",
    "rtclassid",
    "secmark",
    "nfproto",
    "l4proto",
    "bri_iifname",
    "bri_oifname",
    "pkttype",
    "cpu",
    "iifgroup",
    "oifgroup",
    "cgroup",
    "prandom",
    "secpath",
    "iifkind",
    "oifkind",
    "bri_iifpvid",
    "bri_iifvproto",
    "time",
    "day",
    "hour",
    "sdif",
    "sdifname",
];

/// Names of `NFT_CT_*`, by number.
const CT: [&str; 24] = [
    "state",
    "direction",
    "status",
    "mark",
    "secmark",
    "expiration",
    "helper",
    "l3protocol",
    "src",
    "dst",
    "protocol",
    "proto_src",
    "proto_dst",
    "label",
    "packets",
    "bytes",
    "avgpkt",
    "zone",
    "event",
    "src_ip",
    "dst_ip",
    "src_ip6",
    "dst_ip6",
    "ct_id",
];

fn word(words: &[&str], number: u32) -> String {
    let found = usize::try_from(number).ok().and_then(|index| words.get(index));
    found.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

pub(super) fn meta_key(key: MetaKey) -> String {
    let number = match key {
        MetaKey::Length => 0,
        MetaKey::Protocol => 1,
        MetaKey::Mark => 3,
        MetaKey::Iif => 4,
        MetaKey::Oif => 5,
        MetaKey::IifName => 6,
        MetaKey::OifName => 7,
        MetaKey::NfProto => 15,
        MetaKey::L4Proto => 16,
        MetaKey::Other(number) => number,
    };
    word(&META, number)
}

pub(super) fn ct_key(key: CtKey) -> String {
    let number = match key {
        CtKey::State => 0,
        CtKey::Direction => 1,
        CtKey::Status => 2,
        CtKey::Mark => 3,
        CtKey::L3Protocol => 7,
        CtKey::Source(AddressKind::ByFamily) => 8,
        CtKey::Destination(AddressKind::ByFamily) => 9,
        CtKey::Protocol => 10,
        CtKey::SourcePort => 11,
        CtKey::DestinationPort => 12,
        CtKey::Source(AddressKind::V4) => 19,
        CtKey::Destination(AddressKind::V4) => 20,
        CtKey::Source(AddressKind::V6) => 21,
        CtKey::Destination(AddressKind::V6) => 22,
        CtKey::Other(number) => number,
    };
    word(&CT, number)
}

pub(super) fn socket_key(key: u32) -> String {
    word(&["transparent", "mark", "wildcard", "cgroupv2"], key)
}

/// The family an operand is of, with a space before it; nothing where it is left open.
pub(super) fn family(number: u32) -> String {
    match number {
        0 => String::new(),
        2 => " ip".to_owned(),
        10 => " ip6".to_owned(),
        other => format!(" family {other}"),
    }
}

/// A load whose value is not modelled, from its attributes.
pub(super) fn opaque(name: &str, raw: &[u8], dreg: Register) -> String {
    let text = Attributes::read(raw).and_then(|mut from| {
        match name {
            "fib" => fib(&mut from),
            "exthdr" => exthdr(&mut from),
            "rt" => Ok(format!(
                "load {}",
                word(&["classid", "nexthop4", "nexthop6", "tcpmss", "ipsec"], from.need_u32(2)?)
            )),
            "socket" => Ok(format!("load {}", socket_key(from.need_u32(1)?))),
            "xfrm" => xfrm(&mut from),
            "numgen" => return Ok(format!("reg {} = {}", reg(dreg), numgen(&mut from)?)),
            "hash" => return Ok(format!("reg {} = {}", reg(dreg), hash(&mut from)?)),
            "osf" => return Ok(format!("dreg {}", reg(dreg))),
            _ => Ok("load".to_owned()),
        }
        .map(|text| format!("{text} => reg {}", reg(dreg)))
    });
    match text {
        Ok(text) => format!("{name} {text}"),
        Err(flaw) => format!("{name} ({flaw}) => reg {}", reg(dreg)),
    }
}

fn fib(from: &mut Attributes<'_>) -> Result<String, Flaw> {
    let (result, flags) = (from.need_u32(2)?, from.need_u32(3)?);
    let inputs = ["saddr", "daddr", "mark", "iif", "oif"];
    let inputs = inputs.into_iter().enumerate().filter(|(bit, _)| flags >> bit & 1 == 1);
    let inputs = inputs.map(|(_, name)| name).collect::<Vec<_>>().join(" . ");
    let present = if flags & 0x20 != 0 { " present" } else { "" };
    Ok(format!("{inputs} {}{present}", word(&["", "oif", "oifname", "type"], result)))
}

fn exthdr(from: &mut Attributes<'_>) -> Result<String, Flaw> {
    let op = word(&["ipv6", "tcpopt", "ipv4", "sctp", "dccp"], from.u32(6)?.unwrap_or(0));
    let (kind, offset) = (from.u8(2)?.unwrap_or(0), from.u32(3)?.unwrap_or(0));
    let len = from.u32(4)?.unwrap_or(0);
    let present = if from.u32(5)?.unwrap_or(0) & 1 != 0 { " present" } else { "" };
    Ok(format!("load {op} {len}b @ {kind} + {offset}{present}"))
}

fn xfrm(from: &mut Attributes<'_>) -> Result<String, Flaw> {
    let key = word(&["unspec", "daddr4", "daddr6", "saddr4", "saddr6", "reqid", "spi"], from.need_u32(2)?);
    let direction = word(&["in", "out"], from.u8(3)?.unwrap_or(0).into());
    Ok(format!("load {direction} {} {key}", from.u32(4)?.unwrap_or(0)))
}

fn numgen(from: &mut Attributes<'_>) -> Result<String, Flaw> {
    let kind = word(&["inc", "random"], from.need_u32(3)?);
    Ok(format!("{kind} mod {}{}", from.need_u32(2)?, offset(from.u32(4)?)))
}

fn hash(from: &mut Attributes<'_>) -> Result<String, Flaw> {
    let modulus = from.need_u32(4)?;
    let offset = offset(from.u32(6)?);
    if from.u32(7)? == Some(1) {
        return Ok(format!("symhash() % mod {modulus}{offset}"));
    }
    let (sreg, len, seed) = (from.need_u32(1)?, from.need_u32(3)?, from.u32(5)?.unwrap_or(0));
    Ok(format!("jhash(reg {sreg}, {len}, 0x{seed:x}) % mod {modulus}{offset}"))
}

fn offset(offset: Option<u32>) -> String {
    match offset.unwrap_or(0) {
        0 => String::new(),
        offset => format!(" offset {offset}"),
    }
}
