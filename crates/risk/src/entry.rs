//! Where an attack can begin.

use std::collections::{BTreeMap, BTreeSet};

use plant::{Peer, Plant};
use words::Language;

use crate::both::Both;
use crate::effect::EffectKind;
use crate::knowledge::Class;
use crate::view::{Device, View};

/// How far an entry leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Into every zone there is a way to.
    Further,
    /// Only where it is.
    Here,
}

/// A place an attack can begin at.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What stays the same when something else changes: kind and subject.
    pub(crate) id: String,
    /// The factor it weighs with, which is also its kind.
    pub(crate) factor: &'static str,
    /// What people call it.
    pub(crate) title: Both,
    /// The first node of its paths.
    pub(crate) node: String,
    /// The zone it is in.
    pub(crate) zone: usize,
    /// The flows it can use to leave its zone; none means all.
    pub(crate) only: Option<Vec<usize>>,
    pub(crate) reach: Reach,
    /// The effects it leads to; empty means any.
    pub(crate) kinds: &'static [EffectKind],
}

/// Every entry of a plant.
pub(crate) fn entries(view: &View<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    from_networks(view, &mut entries);
    for (zone, area) in view.areas.iter().enumerate() {
        if area.zone.outside {
            continue;
        }
        let at: Vec<&Device<'_>> = area.devices.iter().filter_map(|at| view.device(*at)).collect();
        let id = &area.zone.id;
        let title = &area.zone.title;
        let mut add = |kind: &str, factor, title: Both, node: String, reach, kinds| {
            entries.push(Entry {
                id: format!("{kind}-{id}"),
                factor,
                title,
                node,
                zone,
                only: None,
                reach,
                kinds,
            });
        };
        let first = |wanted: &dyn Fn(&Device<'_>) -> bool| at.iter().find(|device| wanted(device)).copied();
        let media = |device: &Device<'_>| {
            matches!(device.class, Class::Engineering | Class::Media)
                || device.asset.marks.iter().any(|mark| mark == "removable-media")
        };
        if let Some(device) = first(&media) {
            let name = device.asset.name();
            let text = Both::new(
                format!("stick or infected files at {name}"),
                format!("Datenträger oder infizierte Dateien an {name}"),
            );
            add("media", "entry.media", text, device.asset.id.to_string(), Reach::Further, &[]);
        }
        let works = |device: &Device<'_>| matches!(device.class, Class::Engineering | Class::Panel);
        if let Some(device) = first(&works) {
            let name = device.asset.name();
            let text = Both::new(format!("slip at {name}"), format!("Versehen an {name}"));
            add(
                "mistake",
                "entry.mistake",
                text,
                device.asset.id.to_string(),
                Reach::Here,
                &[EffectKind::Stop],
            );
        }
        if let Some(device) = first(&|device| device.class == Class::Socket) {
            let name = device.asset.name();
            let text = Both::new(format!("foreign device at {name}"), format!("fremdes Gerät an {name}"));
            add("socket", "entry.socket", text, device.asset.id.to_string(), Reach::Further, &[]);
        }
        let radio = |device: &Device<'_>| {
            device.asset.marks.iter().any(|mark| mark == "wireless")
                || device.asset.interfaces.iter().any(|interface| {
                    interface.medium.as_deref().is_some_and(|medium| {
                        let medium = medium.to_lowercase();
                        ["wifi", "wlan", "radio", "funk", "wireless", "cellular", "lte", "5g", "bluetooth"]
                            .iter()
                            .any(|word| medium.contains(word))
                    })
                })
        };
        if let Some(device) = first(&radio) {
            let name = device.asset.name();
            let text = Both::new(format!("radio of {name}"), format!("Funk von {name}"));
            add("radio", "entry.radio", text, device.asset.id.to_string(), Reach::Further, &[]);
        }
        if !at.is_empty() && !area.zone.untrusted {
            let text = Both::new(
                format!("foreign device at a port of zone {title}"),
                format!("fremdes Gerät an einem Anschluss der Zone {title}"),
            );
            add("port", "entry.port", text, "port".to_owned(), Reach::Here, &[]);
        }
        if first(&|device| device.class == Class::Data).is_some() && !area.zone.untrusted {
            let text = Both::new(
                format!("somebody with access to zone {title}"),
                format!("jemand mit Zugang zur Zone {title}"),
            );
            add(
                "insider",
                "entry.insider",
                text,
                "staff".to_owned(),
                Reach::Here,
                &[EffectKind::Product, EffectKind::Data],
            );
        }
        let fetches = view
            .ways
            .get(zone)
            .is_some_and(|ways| ways.iter().any(|(to, way)| view.outside(*to) && !way.flows.is_empty()));
        if fetches {
            let text = Both::new(
                format!("tampered update fetched by zone {title}"),
                format!("manipuliertes Update, von Zone {title} geholt"),
            );
            add("supplier", "entry.supplier", text, "supplier".to_owned(), Reach::Here, &[]);
        }
    }
    entries
}

/// Networks outside, and everything that begins in an untrusted one.
fn from_networks(view: &View<'_>, entries: &mut Vec<Entry>) {
    for (zone, area) in view.areas.iter().enumerate() {
        let leads = view.ways.get(zone).is_some_and(|ways| !ways.is_empty());
        if area.zone.outside && leads {
            entries.push(Entry {
                id: format!("network-{}", area.zone.id),
                factor: "entry.outside",
                title: Both::new(
                    format!("taken-over computer in {}", area.zone.title),
                    format!("übernommener Rechner in {}", area.zone.title),
                ),
                node: area.zone.id.to_string(),
                zone,
                only: None,
                reach: Reach::Further,
                kinds: &[],
            });
        }
        if !area.zone.untrusted || area.zone.outside {
            continue;
        }
        // Who comes into one zone by several sessions is one entry: a stolen access opens all of them.
        let mut sessions: BTreeMap<(String, BTreeSet<usize>), Vec<usize>> = BTreeMap::new();
        for (at, (flow, _)) in view.flows.iter().enumerate() {
            let into: BTreeSet<usize> =
                view.hops(flow).iter().filter(|(from, _)| *from == zone).map(|(_, to)| *to).collect();
            if !into.is_empty() {
                let who = flow.remote.as_ref().map_or_else(
                    || flow.from.first().map(Peer::text).unwrap_or_default(),
                    |remote| remote.who.clone(),
                );
                sessions.entry((who, into)).or_default().push(at);
            }
        }
        let any = !sessions.is_empty();
        for ((who, _), flows) in sessions {
            let ids: Vec<String> = flows
                .iter()
                .filter_map(|at| view.flows.get(*at))
                .map(|(flow, _)| flow.id.to_string())
                .collect();
            let name = role(view.plant, &who);
            let list = |language| words::and_list(&ids, language);
            entries.push(Entry {
                id: format!("remote-{}", ids.first().map_or("", String::as_str)),
                factor: "entry.remote",
                title: Both::new(
                    format!("stolen access of {name} ({})", list(Language::English)),
                    format!("gestohlener Zugang von {name} ({})", list(Language::German)),
                ),
                node: who,
                zone,
                only: Some(flows),
                reach: Reach::Further,
                kinds: &[],
            });
        }
        if !any && leads {
            entries.push(Entry {
                id: format!("remote-{}", area.zone.id),
                factor: "entry.remote",
                title: Both::new(
                    format!("somebody in the untrusted zone {}", area.zone.title),
                    format!("jemand in der nicht vertrauenswürdigen Zone {}", area.zone.title),
                ),
                node: area.zone.id.to_string(),
                zone,
                only: None,
                reach: Reach::Further,
                kinds: &[],
            });
        }
    }
}

/// What people call who comes from afar.
fn role(plant: &Plant, who: &str) -> String {
    plant.roles.get(who).map_or_else(|| who.to_owned(), |role| role.title.clone())
}
