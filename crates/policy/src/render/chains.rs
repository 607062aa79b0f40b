//! Chains: one per ordered pair of legs, per leg into the gateway and out of it, and those for error messages.

use std::collections::{BTreeMap, BTreeSet};

use crate::elements::{Element, Key, Shape};
use crate::names::Names;
use crate::permission::Side;
use crate::policy::Policy;
use crate::render::base::refusal;
use crate::render::pieces::{Chain, Pieces, Set};
use crate::render::sets::plain;
use crate::way::{Way, by_way};

pub(crate) fn add(pieces: &mut Pieces, policy: &Policy, names: Names, tables: &BTreeMap<Key, Vec<Element>>) {
    sources(pieces, policy, names);
    let ways = ways(policy);
    let opened = by_way(&policy.permissions);
    for way in &ways {
        let flows = opened.get(way).into_iter().flatten().map(|row| row.flow.as_str()).collect();
        pieces.chains.push(decide(policy, names, tables, way, &flows));
    }
    errors(pieces, policy, names);
    maps(pieces, policy, names, &ways);
}

/// Every way that has a conduit or a permission, and the gateway's own on every leg.
fn ways(policy: &Policy) -> BTreeSet<Way> {
    let mut ways = BTreeSet::new();
    for (from, to) in policy.conduits.keys().filter(|(from, to)| from != to) {
        ways.insert(Way::Pass(from.clone(), to.clone()));
    }
    for row in &policy.permissions {
        if let Some(way) = Way::of(&row.iif, &row.oif) {
            ways.insert(way.back());
            ways.insert(way);
        }
    }
    ways
}

/// The chain of a way: connections opened along it, answers to those opened against it, and the refusal.
fn decide(
    policy: &Policy,
    names: Names,
    tables: &BTreeMap<Key, Vec<Element>>,
    way: &Way,
    flows: &BTreeSet<&str>,
) -> Chain {
    let mut rules = Vec::new();
    for (way, back) in [(way.clone(), false), (way.back(), true)] {
        for v6 in [false, true] {
            for shape in [Shape::Ports, Shape::Protocols, Shape::Echo] {
                let key = Key { way: way.clone(), v6, shape };
                if tables.contains_key(&key) {
                    rules.push(lookup(&key, back, &names.table(&key)));
                }
            }
        }
    }
    rules.extend(refusal(&place(policy, way)));
    Chain { name: names.chain(way), note: note(policy, way, flows), rules }
}

/// The rule that accepts by a table, in the direction of the connection or against it.
fn lookup(key: &Key, back: bool, set: &str) -> String {
    let ip = if key.v6 { "ip6" } else { "ip" };
    let (direction, first, second, port) =
        if back { ("reply", "daddr", "saddr", "sport") } else { ("original", "saddr", "daddr", "dport") };
    let addresses = format!("{ip} {first} . {ip} {second}");
    match key.shape {
        Shape::Ports => {
            format!("ct direction {direction} {addresses} . meta l4proto . th {port} @{set} accept")
        }
        Shape::Protocols => format!("ct direction {direction} {addresses} . meta l4proto @{set} accept"),
        Shape::Echo => {
            let icmp = if key.v6 { "icmpv6" } else { "icmp" };
            let kind = if back { "echo-reply" } else { "echo-request" };
            format!("ct direction {direction} {icmp} type {kind} {addresses} @{set} accept")
        }
    }
}

/// Per leg, whether an error message comes from or goes to the leg its connection is on. What is right returns.
fn errors(pieces: &mut Pieces, policy: &Policy, names: Names) {
    let mut maps: [Vec<String>; 2] = Default::default();
    for leg in policy.legs.values() {
        for (arriving, map) in [true, false].into_iter().zip(&mut maps) {
            let mut rules = Vec::new();
            for (v6, ip) in [(false, "ip"), (true, "ip6")] {
                if !leg.has_family(v6) {
                    continue;
                }
                let set = names.sources(&leg.port, v6);
                // An error in the direction of its connection comes from where the connection was opened.
                for (direction, from) in [("original", "saddr"), ("reply", "daddr")] {
                    let other = if from == "saddr" { "daddr" } else { "saddr" };
                    let end = if arriving { from } else { other };
                    rules.push(format!("ct direction {direction} ct original {ip} {end} @{set} return"));
                }
            }
            rules.push("goto refused_related".to_owned());
            let name = names.errors(&leg.port, arriving);
            map.push(format!("\"{}\" : jump {name}", leg.port));
            pieces.chains.push(Chain { name, note: String::new(), rules });
        }
    }
    let [from, to] = maps;
    pieces.maps.push(map(names.only("errorsfrom"), "ifname", from));
    pieces.maps.push(map(names.only("errorsto"), "ifname", to));
}

/// The chains that drop what cannot come from where it arrives.
fn sources(pieces: &mut Pieces, policy: &Policy, names: Names) {
    for leg in policy.legs.values() {
        let mut rules = Vec::new();
        for (v6, ip) in [(false, "ip"), (true, "ip6")] {
            let name = names.sources(&leg.port, v6);
            if leg.has_family(v6) {
                rules.push(format!("{ip} saddr @{name} return"));
            } else {
                let family = if v6 { "ipv6" } else { "ipv4" };
                rules.push(format!("meta nfproto {family} goto refused_family"));
            }
        }
        rules.extend(refusal(&format!("spoofed {}", leg.port)));
        let note = plain(&format!("Sources that may arrive from {} ({})", leg.title, leg.port));
        pieces.chains.push(Chain { name: names.source(&leg.port), note, rules });
    }
}

fn maps(pieces: &mut Pieces, policy: &Policy, names: Names, ways: &BTreeSet<Way>) {
    let mut maps: [Vec<String>; 3] = Default::default();
    let [pass, into, out] = &mut maps;
    for way in ways {
        let name = names.chain(way);
        match way {
            Way::Pass(from, to) => pass.push(format!("\"{from}\" . \"{to}\" : goto {name}")),
            Way::In(leg) => into.push(format!("\"{leg}\" : goto {name}")),
            Way::Out(leg) => out.push(format!("\"{leg}\" : goto {name}")),
        }
    }
    let [pass, into, out] = maps;
    let sources = policy.legs.keys().map(|leg| format!("\"{leg}\" : jump {}", names.source(leg))).collect();
    for (kind, key, elements) in [
        ("sources", "ifname", sources),
        ("pass", "ifname . ifname", pass),
        ("in", "ifname", into),
        ("out", "ifname", out),
    ] {
        pieces.maps.push(map(names.only(kind), key, elements));
    }
}

fn map(name: String, key: &str, elements: Vec<String>) -> Set {
    Set { word: "map", name, declaration: format!("type {key} : verdict"), elements }
}

/// What a refusal on a way is logged under.
fn place(policy: &Policy, way: &Way) -> String {
    match way {
        Way::Pass(from, to) => match policy.conduits.get(&(from.clone(), to.clone())) {
            Some(conduit) => conduit.to_string(),
            None => "no conduit".to_owned(),
        },
        Way::In(leg) => format!("to gateway {leg}"),
        Way::Out(leg) => format!("from gateway {leg}"),
    }
}

/// One line for people: zones and flows.
fn note(policy: &Policy, way: &Way, flows: &BTreeSet<&str>) -> String {
    let title = |port: &String| match policy.leg(&Side::Leg(port.clone())) {
        Some(leg) => format!("{} ({port})", leg.title),
        None => port.clone(),
    };
    let sides = match way {
        Way::Pass(from, to) => format!("{} to {}", title(from), title(to)),
        Way::In(from) => format!("{} to the gateway", title(from)),
        Way::Out(to) => format!("Gateway to {}", title(to)),
    };
    let mut text = sides;
    text.push_str(if flows.is_empty() { ": answers only" } else { ":" });
    for (count, flow) in flows.iter().enumerate() {
        if count == 20 {
            text.push_str(&format!(" and {} more", flows.len() - count));
            break;
        }
        text.push_str(&format!(" {flow}"));
    }
    // A line break in a title must not become a line of rules.
    text.chars()
        .map(|c| if c.is_control() || c == '\\' || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c })
        .collect()
}
