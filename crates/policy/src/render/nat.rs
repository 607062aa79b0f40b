//! Translation of addresses as rules, sets and maps.

use crate::names::Names;
use crate::nat::Translation;
use crate::policy::Policy;
use crate::render::base::refusal;
use crate::render::pieces::{Chain, Pieces, Set};

/// Rules of a policy that translates; without translations there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Translating {
    /// Before destinations are translated.
    pub early: Vec<String>,
    /// What comes in under an outside address.
    pub destination: Vec<String>,
    /// What a machine opens towards a leg where it has one.
    pub source: Vec<String>,
    /// Along the connection, where packets arrive.
    pub along: Vec<String>,
    /// Against it, where packets leave.
    pub back: Vec<String>,
}

/// Maps and sets of one family, and the rules that look into them.
pub(crate) fn add(pieces: &mut Pieces, policy: &Policy, names: Names) {
    let refused = names.only("refused_translation");
    for v6 in [false, true] {
        let known: Vec<(&str, Translation)> = policy
            .legs
            .values()
            .flat_map(|leg| leg.translations.iter().map(|each| (leg.port.as_str(), *each)))
            .filter(|(_, each)| each.inside.is_ipv6() == v6)
            .collect();
        if known.is_empty() {
            continue;
        }
        let (ip, address) = if v6 { ("ip6", "ipv6_addr") } else { ("ip", "ipv4_addr") };
        let element = |parts: &[&dyn std::fmt::Display], (port, _): &(&str, Translation)| {
            let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
            format!("\"{port}\" . {}", parts.join(" . "))
        };
        let set = |kind: &str, tail: &str, elements: Vec<String>| Set {
            word: "set",
            name: names.translation(kind, v6),
            declaration: format!("type ifname . {address}{tail}"),
            elements,
        };
        let map = |kind: &str, elements: Vec<String>| Set {
            word: "map",
            name: names.translation(kind, v6),
            declaration: format!("type ifname . {address} : {address}"),
            elements,
        };
        let mut insides = Vec::new();
        let mut called = Vec::new();
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for each in &known {
            let Translation { outside: there, inside: here } = &each.1;
            insides.push(element(&[here], each));
            called.push(element(&[here, there], each));
            inside.push(format!("{} : {here}", element(&[there], each)));
            outside.push(format!("{} : {there}", element(&[here], each)));
        }
        pieces.sets.push(set("insides", "", insides));
        pieces.sets.push(set("called", &format!(" . {address}"), called));
        pieces.sets.push(map("toinside", inside));
        pieces.sets.push(map("tooutside", outside));
        let [insides, called, inside, outside] =
            ["insides", "called", "toinside", "tooutside"].map(|kind| names.translation(kind, v6));
        let rules = &mut pieces.translating;
        rules.early.push(format!("ct state new iifname . {ip} daddr @{insides} goto {refused}"));
        rules.destination.push(format!("ct state new dnat {ip} to iifname . {ip} daddr map @{inside}"));
        rules.source.push(format!("ct state new snat {ip} to oifname . {ip} saddr map @{outside}"));
        rules.along.push(format!(
            "ct state new,established ct direction original iifname . {ip} daddr @{insides} iifname . {ip} daddr . ct \
             original {ip} daddr != @{called} goto {refused}"
        ));
        rules.back.push(format!(
            "ct state established ct direction reply oifname . {ip} saddr @{insides} oifname . {ip} saddr . ct original \
             {ip} daddr != @{called} goto {refused}"
        ));
    }
    if policy.translates() {
        pieces.chains.push(Chain {
            name: refused,
            note: "Machines are known under another address there".to_owned(),
            rules: refusal("not translated").to_vec(),
        });
    }
}
