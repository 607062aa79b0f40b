//! What of a plant matters to risk when two states of it are compared.

use std::collections::{BTreeMap, BTreeSet};

use plant::{Asset, Flow, Plant};

use crate::effect::EffectKind;
use crate::view::{View, may_change};

/// Facts by subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Former ids and what they are now.
    pub was: BTreeMap<String, String>,
    /// Zones each device, flow and conduit is about.
    pub zones: BTreeMap<String, BTreeSet<String>>,
    /// Conduits each device and flow is about.
    pub conduits: BTreeMap<String, BTreeSet<String>>,
    /// Ways in: services, cards, sticks, sockets, radio, remote sessions.
    pub entries: BTreeSet<(String, String)>,
    /// What each device is for, as written.
    pub functions: BTreeMap<String, String>,
    /// Each flow as a rule.
    pub rules: BTreeMap<String, String>,
    /// Flows that come from outside or an untrusted zone.
    pub strange: BTreeSet<String>,
    /// Flows that may change something at what they reach.
    pub writes: BTreeSet<String>,
    /// Zones with a protective function, and flows that reach one.
    pub safety: BTreeSet<String>,
}

/// Collects them.
pub(crate) fn facts(view: &View<'_>) -> Facts {
    let plant = view.plant;
    let mut facts = Facts::default();
    for (zone, area) in plant.zones.keys().zip(&view.areas) {
        if area.worst.contains_key(&EffectKind::Safety) {
            facts.safety.insert(zone.to_string());
        }
    }
    let mut carried: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (flow, _) in &view.flows {
        let id = flow.id.to_string();
        let name = |zone: usize| view.area(zone).map(|area| area.zone.id.clone());
        let mut conduits = BTreeSet::new();
        let mut zones: BTreeSet<String> = flow
            .from
            .iter()
            .chain(&flow.to)
            .filter_map(|peer| view.zone_of(peer))
            .filter_map(name)
            .map(|zone| zone.to_string())
            .collect();
        for &(from, to) in view.hops(flow) {
            if view.untrusted(from) || view.outside(from) {
                facts.strange.insert(id.clone());
            }
            conduits.extend(view.conduit(from, to).map(ToString::to_string));
            if let (Some(from), Some(to)) = (name(from), name(to)) {
                if facts.safety.contains(to.as_str()) {
                    facts.safety.insert(id.clone());
                }
                zones.extend([from.to_string(), to.to_string()]);
            }
        }
        if may_change(flow) {
            facts.writes.insert(id.clone());
        }
        for peer in flow.from.iter().chain(&flow.to) {
            if let plant::Peer::Asset(asset) = peer {
                carried.entry(asset.as_str()).or_default().extend(conduits.iter().cloned());
            }
        }
        facts.rules.insert(id.clone(), rule(flow));
        facts.zones.insert(id.clone(), zones);
        facts.conduits.insert(id.clone(), conduits);
        for former in &flow.was {
            facts.was.insert(former.clone(), id.clone());
        }
    }
    for asset in plant.assets.values() {
        let id = asset.id.to_string();
        facts.zones.insert(id.clone(), BTreeSet::from([asset.zone.to_string()]));
        facts.conduits.insert(id.clone(), carried.remove(asset.id.as_str()).unwrap_or_default());
        for what in ways_in(asset) {
            facts.entries.insert((id.clone(), what));
        }
        let function: Vec<String> = asset
            .function
            .iter()
            .filter(|(key, _)| *key != "note")
            .map(|(key, text)| format!("{key} = {text}"))
            .collect();
        facts.functions.insert(id.clone(), format!("{}: {}", asset.kind, function.join(", ")));
        for former in &asset.was {
            facts.was.insert(former.clone(), id.clone());
        }
    }
    for conduit in plant.conduits.values() {
        let zones = conduit.between.iter().map(ToString::to_string).collect();
        facts.zones.insert(conduit.id.to_string(), zones);
    }
    zones_of_plant(plant, &mut facts);
    facts
}

fn zones_of_plant(plant: &Plant, facts: &mut Facts) {
    for zone in plant.zones.values() {
        let what = match (zone.outside, zone.untrusted) {
            (true, _) => "outside",
            (_, true) => "untrusted",
            _ => continue,
        };
        facts.entries.insert((zone.id.to_string(), what.to_owned()));
    }
}

/// The ways into a device, each in words that stay the same.
fn ways_in(asset: &Asset) -> Vec<String> {
    let mut ways: Vec<String> = asset.services.iter().map(protocols::Service::text).collect();
    ways.extend(asset.marks.iter().cloned());
    ways.extend(
        asset
            .interfaces
            .iter()
            .filter_map(|interface| interface.leg.as_ref())
            .map(|leg| format!("card {leg}")),
    );
    ways.extend(
        asset
            .interfaces
            .iter()
            .filter_map(|interface| interface.medium.as_ref())
            .map(|medium| format!("medium {medium}")),
    );
    ways.sort();
    ways.dedup();
    ways
}

/// A flow as the firewall and its people see it.
fn rule(flow: &Flow) -> String {
    let mut parts: Vec<String> = flow
        .facts()
        .into_iter()
        .map(|(fact, text)| {
            let mut items: Vec<&str> = text.split(", ").collect();
            items.sort_unstable();
            format!("{fact}: {}", items.join(", "))
        })
        .collect();
    let roles: Vec<String> = flow.approve.iter().map(ToString::to_string).collect();
    parts.push(format!("approve: {}", roles.join(", ")));
    parts.push(format!("longest: {:?}", flow.longest));
    parts.push(format!("enforced-by: {:?}", flow.enforced_by));
    if let Some(condition) = &flow.condition {
        let how = if condition.at_least { ">=" } else { "=" };
        parts.push(format!("while: {} {how} {}", condition.state, condition.value));
    }
    if let Some(remote) = &flow.remote {
        let via = remote.via.as_ref().map(ToString::to_string).unwrap_or_default();
        parts.push(format!(
            "who: {}, via: {via}, second factor: {}, record: {}",
            remote.who, remote.second_factor, remote.record
        ));
    }
    parts.join("; ")
}
