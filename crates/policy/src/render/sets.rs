//! Lookup sets: permissions by way, sources by leg, legs with neighbour discovery.

use std::collections::BTreeMap;

use crate::arrivals::arrivals;
use crate::elements::{Element, Key, Shape, announced, tuples};
use crate::names::Names;
use crate::policy::Policy;
use crate::ranges::{self, Range};
use crate::render::pieces::{Pieces, Set};

/// nft keeps at most 128 bytes of comment with an element.
const LONGEST_COMMENT: usize = 120;

pub(crate) fn add(pieces: &mut Pieces, policy: &Policy, names: Names, tables: &BTreeMap<Key, Vec<Element>>) {
    for leg in policy.legs.values() {
        for v6 in [false, true] {
            if leg.has_family(v6) {
                let sources = arrivals(&policy.legs, leg, v6);
                pieces.sets.push(Set {
                    word: "set",
                    name: names.sources(&leg.port, v6),
                    declaration: format!("type {}; flags interval", address(v6)),
                    elements: sources.into_iter().map(|range| ranges::text(range, v6)).collect(),
                });
            }
        }
    }
    pieces.sets.push(Set {
        word: "set",
        name: names.only("neighbours"),
        declaration: "type ifname".to_owned(),
        elements: policy
            .legs
            .values()
            .filter(|leg| leg.has_family(true))
            .map(|leg| format!("\"{}\"", leg.port))
            .collect(),
    });
    for v6 in [false, true] {
        for ((leg, end), elements) in tuples(policy, v6) {
            pieces.sets.push(table(policy, names.tuples(&leg, end, v6), v6, Shape::Ports, &elements));
        }
    }
    for v6 in [false, true] {
        let pairs = announced(policy, v6);
        if !pairs.is_empty() {
            pieces.sets.push(announced_set(policy, names.announced(v6), v6, &pairs));
        }
    }
    for (key, elements) in tables {
        pieces.sets.push(table(policy, names.table(key), key.v6, key.shape, elements));
    }
}

/// The set of interfaces and hosts between which announced connections pass.
fn announced_set(
    policy: &Policy,
    name: String,
    v6: bool,
    pairs: &BTreeMap<(String, String), Vec<Element>>,
) -> Set {
    let address = address(v6);
    let elements = pairs.iter().flat_map(|((from, to), elements)| {
        elements.iter().filter_map(move |element| {
            Some(format!("\"{from}\" . \"{to}\" . {}", text(policy, v6, Shape::Echo, element)?))
        })
    });
    let exact = pairs.values().flatten().all(|element| element.exact(Shape::Echo));
    let flags = if exact { "timeout" } else { "interval, timeout" };
    Set {
        word: "set",
        name,
        declaration: format!("type ifname . ifname . {address} . {address}; flags {flags}"),
        elements: elements.collect(),
    }
}

/// A lookup set. Single keys alone make a hash set, which is quicker to fill and to look up than one of intervals.
fn table(policy: &Policy, name: String, v6: bool, shape: Shape, elements: &[Element]) -> Set {
    let address = address(v6);
    let tail = match shape {
        Shape::Ports | Shape::Commands | Shape::Control | Shape::Called => " . inet_proto . inet_service",
        Shape::Protocols => " . inet_proto",
        Shape::Echo => "",
    };
    let flags =
        if elements.iter().all(|element| element.exact(shape)) { "timeout" } else { "interval, timeout" };
    Set {
        word: "set",
        name,
        declaration: format!("type {address} . {address}{tail}; flags {flags}"),
        elements: elements.iter().filter_map(|element| text(policy, v6, shape, element)).collect(),
    }
}

fn address(v6: bool) -> &'static str {
    if v6 { "ipv6_addr" } else { "ipv4_addr" }
}

/// An element; `None` where its end has come.
fn text(policy: &Policy, v6: bool, shape: Shape, element: &Element) -> Option<String> {
    let mut text =
        format!("{} . {}", ranges::text(element.source, v6), ranges::text(element.destination, v6));
    if shape != Shape::Echo {
        text.push_str(&format!(" . {}", protocol(element.protocol)));
    }
    if shape.ports() {
        text.push_str(&format!(" . {}", numbers(element.port)));
    }
    if let Some(until) = element.until {
        text.push_str(&format!(
            " timeout {}",
            timeout(until.as_millisecond() - policy.moment.as_millisecond())?
        ));
    }
    let mut comment = String::new();
    for flow in &element.flows {
        if comment.len() + flow.as_str().len() + 5 > LONGEST_COMMENT {
            comment.push_str(" ...");
            break;
        }
        if !comment.is_empty() {
            comment.push(' ');
        }
        comment.push_str(&plain(flow.as_str()));
    }
    if !comment.is_empty() {
        text.push_str(&format!(" comment \"{comment}\""));
    }
    Some(text)
}

/// `tcp` and `udp` are words of nft itself; names of other protocols depend on a file of the machine.
fn protocol(range: Range) -> String {
    match range {
        (6, 6) => "tcp".to_owned(),
        (17, 17) => "udp".to_owned(),
        _ => numbers(range),
    }
}

fn numbers((low, high): Range) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

fn timeout(milliseconds: i64) -> Option<String> {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    match (seconds, rest) {
        _ if milliseconds <= 0 => None,
        (seconds, 0) => Some(format!("{seconds}s")),
        (0, rest) => Some(format!("{rest}ms")),
        (seconds, rest) => Some(format!("{seconds}s{rest}ms")),
    }
}

/// A text that can end no comment, string or variable of nft.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || " ._:/+()-".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_written_in_whole_milliseconds() {
        for (milliseconds, written) in [
            (3_000, Some("3s")),
            (3_500, Some("3s500ms")),
            (20, Some("20ms")),
            (7_200_000, Some("7200s")),
            (0, None),
            (-5, None),
        ] {
            assert_eq!(timeout(milliseconds).as_deref(), written);
        }
    }
}
