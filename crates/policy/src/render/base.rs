//! What every generation hangs on: the table, its refusals, and the chains at the hooks.

use crate::names::Names;
use crate::render::pieces::Pieces;
use crate::render::sets::plain;

/// Refusals that belong to no way.
const REFUSALS: [(&str, &str); 5] = [
    ("refused_state", "untracked or invalid"),
    ("refused_opening", "not opening"),
    ("refused_related", "unrelated"),
    ("refused_family", "no such network"),
    ("refused_conduit", "no conduit"),
];

/// Log (rate-limited), count, drop.
pub(crate) fn refusal(place: &str) -> [String; 2] {
    [
        format!("limit rate 5/second burst 5 packets log prefix \"ringwall refused {} \"", plain(place)),
        "counter drop".to_owned(),
    ]
}

/// Chains that stay the same from one generation to the next.
pub(crate) fn base() -> String {
    let mut text = String::new();
    for (name, place) in REFUSALS {
        text.push_str(&format!("  chain {name} {{\n"));
        for rule in refusal(place) {
            text.push_str(&format!("    {rule}\n"));
        }
        text.push_str("  }\n\n");
    }
    text
}

/// The table as it is before the first generation: everything is dropped.
pub(crate) fn table(name: &str) -> String {
    let mut text = format!("table inet {name}\ndelete table inet {name}\n\ntable inet {name} {{\n");
    text.push_str(&base());
    for hook in HOOKS {
        text.push_str(&hook.chain(&[]));
    }
    text.push_str("}\n");
    text
}

/// What the chain at a hook is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It decides, and drops what nothing accepts.
    Decides,
    /// It hands connections to the proxy; what it does not touch goes on.
    Proxy,
    /// It refuses what must not come before addresses are translated.
    Early,
    /// It translates destinations.
    Destination,
    /// It translates sources.
    Source,
}

/// One hook: its chain, the words for its interfaces and its maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtHook {
    /// Name of the chain.
    pub name: &'static str,
    hook: &'static str,
    part: Part,
    interfaces: &'static str,
    /// Interface that may be the machine itself or have neighbours.
    own: Option<&'static str>,
    /// Interface packets arrive on.
    arriving: bool,
    ways: &'static str,
}

/// In the order a packet meets them. New connections that end at the proxy are handed over after the translation of
/// addresses.
const HOOKS: [AtHook; 4] = [
    preparing("prerouting", "prerouting", Part::Proxy),
    AtHook {
        name: "forward",
        hook: "forward",
        part: Part::Decides,
        interfaces: "iifname . oifname",
        own: None,
        arriving: true,
        ways: "pass",
    },
    AtHook {
        name: "input",
        hook: "input",
        part: Part::Decides,
        interfaces: "iifname",
        own: Some("iifname"),
        arriving: true,
        ways: "in",
    },
    AtHook {
        name: "output",
        hook: "output",
        part: Part::Decides,
        interfaces: "oifname",
        own: Some("oifname"),
        arriving: false,
        ways: "out",
    },
];

/// Besides, where addresses are translated. They come and go with the generations: a plant without translations does
/// not pay for them.
pub(crate) const TRANSLATING: [AtHook; 3] = [
    preparing("untranslated", "prerouting", Part::Early),
    preparing("destinations", "prerouting", Part::Destination),
    preparing("origins", "postrouting", Part::Source),
];

const fn preparing(name: &'static str, hook: &'static str, part: Part) -> AtHook {
    AtHook { name, hook, part, interfaces: "", own: None, arriving: false, ways: "" }
}

/// The hooks of a policy.
pub(crate) fn hooks_of(translates: bool) -> Vec<AtHook> {
    let more = if translates { &TRANSLATING[..] } else { &[] };
    HOOKS.iter().chain(more).copied().collect()
}

impl AtHook {
    /// The chain a generation is entered by: all that stands in the hook's own chain is the way there, so that
    /// switching is one rule.
    pub(crate) fn entry(&self, names: Names) -> String {
        names.only(&format!("at_{}", self.name))
    }

    /// What makes a chain the one at this hook.
    pub(crate) fn declaration(&self) -> String {
        let (kind, priority, policy) = match self.part {
            Part::Decides => ("filter", "filter", "drop"),
            Part::Proxy => ("filter", "-90", "accept"),
            Part::Early => ("filter", "-110", "accept"),
            Part::Destination => ("nat", "dstnat", "accept"),
            Part::Source => ("nat", "srcnat", "accept"),
        };
        format!("type {kind} hook {} priority {priority}; policy {policy};", self.hook)
    }

    /// The chain at the hook itself.
    pub(crate) fn chain(&self, rules: &[String]) -> String {
        let mut text = format!("  chain {} {{\n    {}\n", self.name, self.declaration());
        for rule in rules {
            text.push_str(&format!("    {rule}\n"));
        }
        text.push_str("  }\n\n");
        text
    }

    /// The rules of a generation at the hook.
    pub(crate) fn rules(&self, names: Names, pieces: &Pieces) -> Vec<String> {
        match self.part {
            Part::Decides => {}
            Part::Proxy => return pieces.to_proxy.clone(),
            Part::Early => return pieces.translating.early.clone(),
            Part::Destination => return pieces.translating.destination.clone(),
            Part::Source => return pieces.translating.source.clone(),
        }
        let mut rules = Vec::new();
        if let Some(own) = self.own {
            rules.push(format!("{own} \"lo\" accept"));
            rules.push(format!(
                "{own} @{} icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} ct state untracked accept",
                names.only("neighbours")
            ));
        }
        rules.push("ct state invalid,untracked goto refused_state".to_owned());
        rules.push("ct state new tcp flags & (fin | syn | rst | ack) != syn goto refused_opening".to_owned());
        if self.arriving {
            rules.push(format!("iifname vmap @{}", names.only("sources")));
            rules.extend(pieces.translating.along.iter().cloned());
        }
        if self.ways != "in" {
            rules.extend(pieces.translating.back.iter().cloned());
        }
        if self.ways == "pass" {
            rules.extend(pieces.announced.iter().cloned());
        }
        // Of what is related, errors alone are looked at further.
        rules.push("ct state related meta l4proto != { icmp, icmpv6 } goto refused_related".to_owned());
        for (icmp, kinds) in [
            ("icmp", "destination-unreachable, time-exceeded, parameter-problem"),
            ("icmpv6", "destination-unreachable, packet-too-big, time-exceeded, parameter-problem"),
        ] {
            rules.push(format!(
                "ct state related meta l4proto {icmp} {icmp} type != {{ {kinds} }} goto refused_related"
            ));
        }
        rules.push(format!("{} vmap @{}", self.interfaces, names.only(self.ways)));
        rules.push("goto refused_conduit".to_owned());
        rules
    }
}

/// Maps and hooks of a generation, for a file.
pub(crate) fn hooks(generation: u64, pieces: &Pieces) -> String {
    let names = Names { generation };
    let mut text = String::new();
    for map in &pieces.maps {
        text.push_str(&map.text());
    }
    for hook in hooks_of(pieces.translates) {
        text.push_str(&format!("  chain {} {{\n", hook.entry(names)));
        for rule in hook.rules(names, pieces) {
            text.push_str(&format!("    {rule}\n"));
        }
        text.push_str("  }\n\n");
    }
    for hook in hooks_of(pieces.translates) {
        text.push_str(&hook.chain(&[format!("goto {}", hook.entry(names))]));
    }
    text
}
