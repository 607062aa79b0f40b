//! Bytes as the values people write.

use std::net::{Ipv4Addr, Ipv6Addr};

use nftables::{Comparison, Data, Element, Set, Verdict};

use super::fields::Named;
use crate::interfaces::Link;

/// How bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    V4,
    V6,
    Protocol,
    Family,
    EtherType,
    /// Most significant byte first.
    Number,
    /// In the machine's byte order.
    Host,
    Mark,
    Index,
    Name,
    State,
    Direction,
    Flags,
    Icmp,
    Icmp6,
    Raw,
}

/// A value; `whole` is the length of the field, of which `bytes` may be the beginning.
pub(super) fn show(kind: Kind, bytes: &[u8], whole: usize, links: &[Link]) -> String {
    let prefix = if bytes.len() < whole { format!("/{}", bytes.len() * 8) } else { String::new() };
    let number = bytes.iter().take(16).fold(0u128, |sum, &byte| (sum << 8) | u128::from(byte));
    match kind {
        Kind::V4 => match padded(bytes) {
            Some(bytes) => format!("{}{prefix}", Ipv4Addr::from(bytes)),
            None => raw(bytes),
        },
        Kind::V6 => match padded(bytes) {
            Some(bytes) => format!("{}{prefix}", Ipv6Addr::from(bytes)),
            None => raw(bytes),
        },
        Kind::Number => number.to_string(),
        Kind::Host => host(bytes).to_string(),
        Kind::Mark => format!("{:#010x}", host(bytes)),
        Kind::Index => {
            let index = host(bytes);
            let known = links.iter().find(|link| u128::from(link.index) == index);
            known.map_or_else(|| index.to_string(), |link| format!("{:?}", link.name))
        }
        Kind::Name => {
            let end = bytes.iter().position(|&byte| byte == 0);
            let name = String::from_utf8_lossy(bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default());
            if end.is_none() && bytes.len() < 16 { format!("\"{name}*\"") } else { format!("\"{name}\"") }
        }
        Kind::Protocol => word(number, &PROTOCOLS),
        Kind::Family => word(number, &[(2, "ipv4"), (10, "ipv6")]),
        Kind::EtherType => word(number, &[(0x800, "ip"), (0x86dd, "ip6"), (0x806, "arp")]),
        Kind::Direction => word(number, &[(0, "original"), (1, "reply")]),
        Kind::Icmp => word(number, &ICMP),
        Kind::Icmp6 => word(number, &ICMP6),
        Kind::State => flags(host(bytes), &STATES),
        Kind::Flags => flags(number, &TCP_FLAGS),
        Kind::Raw => raw(bytes),
    }
}

const PROTOCOLS: [(u128, &str); 10] = [
    (1, "icmp"),
    (6, "tcp"),
    (17, "udp"),
    (33, "dccp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (58, "icmpv6"),
    (132, "sctp"),
    (136, "udplite"),
];
const ICMP: [(u128, &str); 6] = [
    (0, "echo-reply"),
    (3, "destination-unreachable"),
    (5, "redirect"),
    (8, "echo-request"),
    (11, "time-exceeded"),
    (12, "parameter-problem"),
];
const ICMP6: [(u128, &str); 10] = [
    (1, "destination-unreachable"),
    (2, "packet-too-big"),
    (3, "time-exceeded"),
    (4, "parameter-problem"),
    (128, "echo-request"),
    (129, "echo-reply"),
    (133, "nd-router-solicit"),
    (134, "nd-router-advert"),
    (135, "nd-neighbor-solicit"),
    (136, "nd-neighbor-advert"),
];
const STATES: [(u128, &str); 5] =
    [(1, "invalid"), (2, "established"), (4, "related"), (8, "new"), (64, "untracked")];
const TCP_FLAGS: [(u128, &str); 8] =
    [(1, "fin"), (2, "syn"), (4, "rst"), (8, "psh"), (16, "ack"), (32, "urg"), (64, "ecn"), (128, "cwr")];

fn word(number: u128, words: &[(u128, &str)]) -> String {
    words
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(|| number.to_string(), |(_, word)| (*word).to_owned())
}

fn flags(bits: u128, words: &[(u128, &str)]) -> String {
    let set: Vec<&str> = words.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word).collect();
    if set.is_empty() { format!("{bits:#x}") } else { set.join(",") }
}

fn padded<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let mut bytes = bytes.to_vec();
    if bytes.len() > N {
        return None;
    }
    bytes.resize(N, 0);
    bytes.try_into().ok()
}

fn host(bytes: &[u8]) -> u128 {
    let add = |sum: u128, byte: &u8| (sum << 8) | u128::from(*byte);
    let bytes = bytes.get(..bytes.len().min(16)).unwrap_or_default();
    if cfg!(target_endian = "little") { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
}

fn raw(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

/// A comparison of a masked value: a prefix of an address, some of several flags.
pub(super) fn masked(named: &Named, mask: &[u8], op: Comparison, data: &[u8], links: &[Link]) -> String {
    let zero = data.iter().all(|&byte| byte == 0);
    if matches!(named.kind, Kind::State | Kind::Flags) && zero {
        let sign = if op == Comparison::Neq { "" } else { "! " };
        return format!("{} {sign}{}", named.text, show(named.kind, mask, named.len, links));
    }
    let ones = mask.iter().map(|byte| byte.count_ones()).sum::<u32>();
    let leading: u32 = {
        let full = mask.iter().take_while(|&&byte| byte == 0xff).count();
        8 * full as u32 + mask.get(full).map_or(0, |byte| byte.leading_ones())
    };
    let sign = if op == Comparison::Neq { "!= " } else { "" };
    let value = show(named.kind, data, data.len(), links);
    if matches!(named.kind, Kind::V4 | Kind::V6) && ones == leading {
        return format!("{} {sign}{value}/{ones}", named.text);
    }
    format!("{} & {} {sign}{value}", named.text, show(named.kind, mask, mask.len(), links))
}

/// Values of a concatenation. Components of one load stand close, others at multiples of four bytes.
pub(super) fn concatenated(named: &[Named], bytes: &[u8], links: &[Link]) -> String {
    let close = named.iter().map(|one| one.len).sum::<usize>() == bytes.len();
    let mut start = 0usize;
    let mut values = Vec::new();
    for one in named {
        let end = (start + one.len).min(bytes.len());
        values.push(show(one.kind, bytes.get(start..end).unwrap_or_default(), one.len, links));
        start = if close { end } else { end.next_multiple_of(4) };
    }
    values.join(" . ")
}

/// The elements of an anonymous set, the first `limit` of them.
pub(super) fn elements(set: &Set, named: &[Named], links: &[Link], limit: usize) -> String {
    let mut starts: Vec<&Element> = set.elements.iter().filter(|element| !element.interval_end).collect();
    // The kernel lists a hash in another order each time.
    starts.sort_by_key(|element| (element.catchall, &element.key));
    let mut shown: Vec<String> = Vec::new();
    for element in starts.iter().take(limit) {
        let mut text =
            if element.catchall { "*".to_owned() } else { concatenated(named, &element.key, links) };
        if let Some(end) = last_key(set, element) {
            text.push_str(&format!("-{}", concatenated(named, &end, links)));
        }
        match &element.data {
            Some(Data::Verdict(data)) => text.push_str(&format!(" : {}", verdict(data))),
            Some(Data::Value(data)) => text.push_str(&format!(" : {}", raw(data))),
            Some(Data::Object(name)) => text.push_str(&format!(" : {name}")),
            None => {}
        }
        shown.push(text);
    }
    if starts.len() > limit {
        shown.push("...".to_owned());
    }
    format!("{{ {} }}", shown.join(", "))
}

/// The end of an element's interval, where it is more than one key.
fn last_key(set: &Set, element: &Element) -> Option<Vec<u8>> {
    if element.catchall {
        return None;
    }
    if let Some(end) = &element.key_end {
        return (*end != element.key).then(|| end.clone());
    }
    if !set.interval() || !set.fields.is_empty() {
        return None;
    }
    let next = set.elements.iter().map(|other| &other.key).filter(|key| **key > element.key).min();
    let mut end = next.cloned().unwrap_or_else(|| vec![0; element.key.len()]);
    for byte in end.iter_mut().rev() {
        *byte = byte.wrapping_sub(1);
        if *byte != 0xff {
            break;
        }
    }
    (end != element.key).then_some(end)
}

pub(super) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accept => "accept".to_owned(),
        Verdict::Drop => "drop".to_owned(),
        Verdict::Continue => "continue".to_owned(),
        Verdict::Break => "break".to_owned(),
        Verdict::Return => "return".to_owned(),
        Verdict::Jump(chain) => format!("jump {chain}"),
        Verdict::Goto(chain) => format!("goto {chain}"),
        Verdict::Other(code) => format!("verdict {code}"),
    }
}
