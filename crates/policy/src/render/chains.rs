//! Chains: one per ordered pair of legs, per leg into the gateway and out of it, and those for error messages.

use std::collections::{BTreeMap, BTreeSet};

use crate::elements::{Element, End, Key, Shape, tuples};
use crate::names::Names;
use crate::path::{MARK_DELIVER, MARK_PROXY, PROXY_PORT};
use crate::permission::{Commands, Side};
use crate::policy::Policy;
use crate::render::base::refusal;
use crate::render::pieces::{Chain, Pieces, Set};
use crate::render::sets::plain;
use crate::way::{Way, by_way};

pub(crate) fn add(pieces: &mut Pieces, policy: &Policy, names: Names, tables: &BTreeMap<Key, Vec<Element>>) {
    sources(pieces, policy, names);
    let opened = by_way(&policy.permissions);
    let errors = errors(policy, names);
    let mut ways = ways(policy);
    ways.extend(errors.keys().map(|leg| Way::Out(leg.clone())));
    for way in &ways {
        let mut flows: BTreeSet<&str> =
            opened.get(way).into_iter().flatten().map(|row| row.flow.as_str()).collect();
        for Commands { row, .. } in &policy.commands {
            let ways = [Way::of(&row.iif, &Side::Local), Way::of(&Side::Local, &row.oif)];
            if ways.iter().flatten().any(|through| through == way) {
                flows.insert(row.flow.as_str());
            }
        }
        let errors = match way {
            Way::Out(leg) => errors.get(leg).map(Vec::as_slice).unwrap_or_default(),
            _ => &[],
        };
        pieces.chains.push(decide(policy, names, tables, way, &flows, errors));
    }
    maps(pieces, policy, names, &ways);
}

/// Every way that has a conduit or a permission, and the gateway's own on every leg.
fn ways(policy: &Policy) -> BTreeSet<Way> {
    let mut ways = BTreeSet::new();
    for (from, to) in policy.conduits.keys().filter(|(from, to)| from != to) {
        ways.insert(Way::Pass(from.clone(), to.clone()));
    }
    let mut add = |iif: &Side, oif: &Side| {
        if let Some(way) = Way::of(iif, oif) {
            ways.insert(way.back());
            ways.insert(way);
        }
    };
    for row in &policy.permissions {
        add(&row.iif, &row.oif);
    }
    for commands in &policy.commands {
        add(&commands.row.iif, &Side::Local);
        add(&Side::Local, &commands.row.oif);
    }
    ways
}

/// The chain of a way: connections opened along it, answers to those opened against it, errors about either, and the
/// refusal. What has ports comes first: it is nearly all there is, and no error can be among it.
fn decide(
    policy: &Policy,
    names: Names,
    tables: &BTreeMap<Key, Vec<Element>>,
    way: &Way,
    flows: &BTreeSet<&str>,
    errors: &[String],
) -> Chain {
    let (mut ports, mut related, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for v6 in [false, true] {
        let key = Key { way: way.clone(), v6, shape: Shape::Control };
        if tables.contains_key(&key) {
            ports.push(format!(
                "ct state new {} ct helper set \"{}\"",
                matched(&key, false, &names.table(&key)),
                names.only("transfers")
            ));
        }
    }
    let chain = way.clone();
    for (way, back) in [(way.clone(), false), (way.back(), true)] {
        for v6 in [false, true] {
            for shape in [Shape::Commands, Shape::Ports, Shape::Protocols, Shape::Echo] {
                let key = Key { way: way.clone(), v6, shape };
                if !tables.contains_key(&key) {
                    continue;
                }
                let rule = format!("{} accept", matched(&key, back, &names.table(&key)));
                match shape {
                    // Back and forth alike, arriving packets are for the proxy and leaving ones from it.
                    Shape::Commands => ports.push(format!("meta mark {:#x} {rule}", mark(&chain))),
                    Shape::Ports => {
                        ports.push(rule);
                        // Errors are about the packet as it was sent.
                        let called = Key { shape: Shape::Called, ..key.clone() };
                        let about = if tables.contains_key(&called) { called } else { key };
                        related.push(error(v6, back, &names.table(&about)));
                    }
                    _ => others.push(rule),
                }
            }
        }
    }
    related.extend(errors.iter().cloned());
    if !others.is_empty() {
        related.push("ct state related goto refused_related".to_owned());
    }
    let mut rules = [ports, related, others].concat();
    rules.extend(refusal(&place(policy, way)));
    Chain { name: names.chain(way), note: note(policy, way, flows), rules }
}

/// The rule that accepts errors about a connection of a table, in its direction or against it. That they are errors
/// was looked at before; nft takes the original port only after the protocol of the packet itself.
fn error(v6: bool, back: bool, set: &str) -> String {
    let (family, icmp, ip) = if v6 { ("ipv6", "icmpv6", "ip6") } else { ("ipv4", "icmp", "ip") };
    let direction = if back { "reply" } else { "original" };
    format!(
        "ct state related meta nfproto {family} meta l4proto {icmp} ct direction {direction} ct original {ip} saddr . \
         ct original {ip} daddr . ct original protocol . ct original proto-dst @{set} accept"
    )
}

/// Per leg, the rules for errors the gateway itself sends there about what it forwards: back to where a connection was
/// opened, or on to where it leads.
fn errors(policy: &Policy, names: Names) -> BTreeMap<String, Vec<String>> {
    let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for v6 in [false, true] {
        for (leg, end) in tuples(policy, v6).into_keys() {
            let rule = error(v6, end == End::Opened, &names.tuples(&leg, end, v6));
            rules.entry(leg).or_default().push(rule);
        }
    }
    rules
}

/// What a packet of a command connection carries on this way.
fn mark(way: &Way) -> u32 {
    if matches!(way, Way::Out(_)) { MARK_PROXY } else { MARK_DELIVER }
}

/// Hands connections to the proxy: those it has already, and new ones by leg.
pub(crate) fn to_proxy(names: Names, tables: &BTreeMap<Key, Vec<Element>>) -> Vec<String> {
    let mut rules = Vec::new();
    for key in tables.keys().filter(|key| key.shape == Shape::Commands) {
        let Way::In(leg) = &key.way else { continue };
        let (family, ip) = if key.v6 { ("ipv6", "ip6") } else { ("ipv4", "ip") };
        rules.push(format!(
            "iifname \"{leg}\" ct state new meta nfproto {family} meta l4proto tcp {} tproxy {ip} to :{PROXY_PORT} meta \
             mark set {MARK_DELIVER:#x} accept",
            matched(key, false, &names.table(key))
        ));
    }
    if !rules.is_empty() {
        // First: `tproxy` alone never completes a handshake.
        rules.insert(0, format!("socket transparent 1 meta mark set {MARK_DELIVER:#x} accept"));
    }
    rules
}

/// Lets the connections pass that a file transfer announces, between its two hosts and in either direction.
pub(crate) fn announced(policy: &Policy, names: Names) -> Vec<String> {
    [(false, "ip"), (true, "ip6")]
        .into_iter()
        .filter(|(v6, _)| policy.transfers.iter().any(|row| row.is_v6() == *v6))
        .map(|(v6, ip)| {
            format!(
                "ct helper \"ftp\" meta l4proto tcp iifname . oifname . {ip} saddr . {ip} daddr @{} accept",
                names.announced(v6)
            )
        })
        .collect()
}

/// The match by a table, in the direction of the connection or against it.
fn matched(key: &Key, back: bool, set: &str) -> String {
    let ip = if key.v6 { "ip6" } else { "ip" };
    let (direction, first, second, port) =
        if back { ("reply", "daddr", "saddr", "sport") } else { ("original", "saddr", "daddr", "dport") };
    let addresses = format!("{ip} {first} . {ip} {second}");
    match key.shape {
        Shape::Ports | Shape::Commands | Shape::Control | Shape::Called => {
            format!("ct direction {direction} {addresses} . meta l4proto . th {port} @{set}")
        }
        Shape::Protocols => format!("ct direction {direction} {addresses} . meta l4proto @{set}"),
        Shape::Echo => {
            let icmp = if key.v6 { "icmpv6" } else { "icmp" };
            let kind = if back { "echo-reply" } else { "echo-request" };
            format!("ct direction {direction} {icmp} type {kind} {addresses} @{set}")
        }
    }
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
