//! The plant as risk looks at it: devices by class, zones by what can happen there, ways between zones.

use std::collections::{BTreeMap, BTreeSet};

use plant::ids::{AssetId, ConduitId, FlowId, ZoneId};
use plant::{Asset, EnforcedBy, Flow, Judgement, JudgementKind, Peer, Plant, Treatment};
use protocols::{Permission, Secures, Verb};

use crate::effect::{Effect, EffectKind, effects, protects};
use crate::input::Input;
use crate::knowledge::{Class, Component, Knowledge};

/// A device as risk looks at it.
pub(crate) struct Device<'a> {
    pub(crate) asset: &'a Asset,
    pub(crate) class: Class,
    pub(crate) component: Component,
    pub(crate) effects: BTreeMap<EffectKind, Effect>,
    /// Other zones it has a card in.
    pub(crate) bridges: BTreeSet<ZoneId>,
}

/// What can happen in a zone, with the device it is worst at.
#[derive(Debug, Clone)]
pub(crate) struct Worst {
    pub(crate) severity: u8,
    pub(crate) device: usize,
}

/// A zone as risk looks at it.
pub(crate) struct Area<'a> {
    pub(crate) zone: &'a plant::Zone,
    pub(crate) devices: Vec<usize>,
    pub(crate) worst: BTreeMap<EffectKind, Worst>,
    /// How open its services are: the id of the factor.
    pub(crate) open: &'static str,
    /// Whether somebody has attested or observed that it is a network of its own.
    pub(crate) separated: bool,
}

/// A way from one zone into another.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// Flows opened in this direction, with the chance in millionths that they carry an attack.
    pub(crate) flows: Vec<(usize, u64)>,
    /// Devices with a card in both.
    pub(crate) bridges: Vec<usize>,
}

pub(crate) struct View<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) plant: &'a Plant,
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) devices: Vec<Device<'a>>,
    pub(crate) index: BTreeMap<&'a AssetId, usize>,
    pub(crate) areas: Vec<Area<'a>>,
    pub(crate) area_of: BTreeMap<&'a ZoneId, usize>,
    pub(crate) flows: Vec<(&'a Flow, Treatment)>,
    /// Ways by the zone they start in.
    pub(crate) ways: Vec<BTreeMap<usize, Way>>,
    /// Whether any device has a protective function.
    pub(crate) protected: bool,
    /// Pairs of zones each flow crosses, by its place in `flows`.
    crossed: BTreeMap<&'a FlowId, BTreeSet<(usize, usize)>>,
    /// Conduits by the zones they join, the lower index first.
    conduits: BTreeMap<(usize, usize), &'a ConduitId>,
}

impl<'a> View<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        let plant = input.plant;
        let knowledge = input.knowledge;
        let leg_zone: BTreeMap<&str, &ZoneId> =
            plant.legs().map(|(zone, leg)| (leg.port.as_str(), &zone.id)).collect();
        let mut devices = Vec::with_capacity(plant.assets.len());
        let mut protected = false;
        for asset in plant.assets.values() {
            let (class, component) = knowledge.kind(&asset.kind);
            protected |= protects(asset, class);
            let bridges = asset
                .interfaces
                .iter()
                .filter_map(|interface| interface.leg.as_deref())
                .filter_map(|leg| leg_zone.get(leg).copied())
                .filter(|zone| **zone != asset.zone)
                .cloned()
                .collect();
            devices.push(Device {
                asset,
                class,
                component,
                effects: effects(asset, class, knowledge),
                bridges,
            });
        }
        let index: BTreeMap<&AssetId, usize> =
            plant.assets.keys().enumerate().map(|(at, id)| (id, at)).collect();
        let area_of: BTreeMap<&ZoneId, usize> =
            plant.zones.keys().enumerate().map(|(at, id)| (id, at)).collect();
        let mut view = View {
            input,
            plant,
            knowledge,
            devices,
            index,
            areas: Vec::new(),
            ways: Vec::new(),
            area_of,
            flows: plant.flows.values().map(|flow| (flow, plant.treatment(flow))).collect(),
            protected,
            crossed: BTreeMap::new(),
            conduits: BTreeMap::new(),
        };
        view.crossed = view.flows.iter().map(|(flow, _)| (&flow.id, view.crossing(flow))).collect();
        for conduit in plant.conduits.values() {
            let [one, other] = &conduit.between;
            if let (Some(one), Some(other)) = (view.area_of.get(one), view.area_of.get(other)) {
                view.conduits.entry((*one.min(other), *one.max(other))).or_insert(&conduit.id);
            }
        }
        view.areas = view.fill_areas();
        view.ways = view.fill_ways();
        view
    }

    pub(crate) fn device(&self, at: usize) -> Option<&Device<'a>> {
        self.devices.get(at)
    }

    pub(crate) fn area(&self, at: usize) -> Option<&Area<'a>> {
        self.areas.get(at)
    }

    pub(crate) fn by_id(&self, id: &AssetId) -> Option<&Device<'a>> {
        self.index.get(id).and_then(|at| self.devices.get(*at))
    }

    /// The zone a peer is in.
    pub(crate) fn zone_of(&self, peer: &Peer) -> Option<usize> {
        let zone = match peer {
            Peer::Asset(id) => &self.plant.assets.get(id)?.zone,
            Peer::Address(network) => &self.plant.leg_of_network(*network)?.0.id,
            Peer::Gateway => return None,
        };
        self.area_of.get(zone).copied()
    }

    /// The judgements of a kind that hold today.
    pub(crate) fn holding(&self, kind: JudgementKind) -> impl Iterator<Item = &'a Judgement> {
        let (plant, today) = (self.plant, self.input.today);
        plant
            .decisions
            .judged
            .iter()
            .filter(move |judgement| judgement.kind == kind && plant.lapsed(judgement, today).is_empty())
    }

    pub(crate) fn outside(&self, zone: usize) -> bool {
        self.areas.get(zone).is_some_and(|area| area.zone.outside)
    }

    pub(crate) fn untrusted(&self, zone: usize) -> bool {
        self.areas.get(zone).is_some_and(|area| area.zone.untrusted)
    }

    fn fill_areas(&self) -> Vec<Area<'a>> {
        let today = self.input.today;
        let mut areas: Vec<Area<'a>> = Vec::new();
        for zone in self.plant.zones.values() {
            let attested = self.plant.decisions.attested.iter().any(|attested| {
                attested.until >= today
                    && attested.zones.contains(&zone.id)
                    && attested.requirements.iter().any(|id| id == "SR 5.1")
            });
            let separated = attested || self.input.observations.separated.contains(&zone.id);
            areas.push(Area {
                zone,
                devices: Vec::new(),
                worst: BTreeMap::new(),
                open: "open.all",
                separated,
            });
        }
        for (at, device) in self.devices.iter().enumerate() {
            let Some(area) = self.area_of.get(&device.asset.zone).and_then(|zone| areas.get_mut(*zone))
            else {
                continue;
            };
            area.devices.push(at);
            for (kind, effect) in &device.effects {
                let graver = area.worst.get(kind).is_none_or(|known| known.severity < effect.severity);
                if graver {
                    area.worst.insert(*kind, Worst { severity: effect.severity, device: at });
                }
            }
            for service in &device.asset.services {
                area.open = match (service.protocol.authenticates, area.open) {
                    (Secures::No, _) | (_, "open.none") => "open.none",
                    (Secures::Optional, _) | (_, "open.some") => "open.some",
                    (Secures::Yes, open) => open,
                };
            }
        }
        areas
    }

    fn fill_ways(&self) -> Vec<BTreeMap<usize, Way>> {
        let mut ways: Vec<BTreeMap<usize, Way>> = self.areas.iter().map(|_| BTreeMap::new()).collect();
        let mut way = |from: usize, to: usize, put: &dyn Fn(&mut Way)| {
            if let Some(ways) = ways.get_mut(from) {
                put(ways.entry(to).or_default());
            }
        };
        for conduit in self.plant.conduits.values() {
            let [one, other] = &conduit.between;
            if let (Some(one), Some(other)) = (self.area_of.get(one), self.area_of.get(other)) {
                way(*one, *other, &|_| ());
                way(*other, *one, &|_| ());
            }
        }
        for (at, (flow, treatment)) in self.flows.iter().enumerate() {
            let pass = self.pass(flow, *treatment).0;
            for &(from, to) in self.hops(flow) {
                // What passes one way is answered the other way: the zones are joined in both directions.
                way(from, to, &|way| {
                    if !way.flows.iter().any(|(flow, _)| *flow == at) {
                        way.flows.push((at, pass));
                    }
                });
                way(to, from, &|_| ());
            }
        }
        for (at, device) in self.devices.iter().enumerate() {
            let Some(own) = self.area_of.get(&device.asset.zone) else { continue };
            for other in &device.bridges {
                if let Some(other) = self.area_of.get(other) {
                    way(*own, *other, &|way| way.bridges.push(at));
                    way(*other, *own, &|way| way.bridges.push(at));
                }
            }
        }
        ways
    }

    /// The conduit between two zones.
    pub(crate) fn conduit(&self, one: usize, other: usize) -> Option<&'a ConduitId> {
        self.conduits.get(&(one.min(other), one.max(other))).copied()
    }

    /// The pairs of different zones a flow crosses, in the direction it is opened; over the jump host where it has one.
    pub(crate) fn hops(&self, flow: &Flow) -> &BTreeSet<(usize, usize)> {
        const NONE: &BTreeSet<(usize, usize)> = &BTreeSet::new();
        self.crossed.get(&flow.id).unwrap_or(NONE)
    }

    fn crossing(&self, flow: &Flow) -> BTreeSet<(usize, usize)> {
        let zones = |peers: &[Peer]| -> BTreeSet<usize> {
            peers.iter().filter_map(|peer| self.zone_of(peer)).collect()
        };
        let (from, to) = (zones(&flow.from), zones(&flow.to));
        let via =
            flow.remote.as_ref().and_then(|remote| remote.via.clone()).map(|via| zones(&[Peer::Asset(via)]));
        let legs: Vec<(&BTreeSet<usize>, &BTreeSet<usize>)> = match &via {
            Some(via) => vec![(&from, via), (via, &to)],
            None => vec![(&from, &to)],
        };
        legs.into_iter()
            .flat_map(|(from, to)| from.iter().flat_map(|one| to.iter().map(|other| (*one, *other))))
            .filter(|(one, other)| one != other)
            .collect()
    }

    /// The chance in millionths that a flow carries an attack, with the ids of the factors it is made of.
    pub(crate) fn pass(&self, flow: &Flow, treatment: Treatment) -> (u64, Vec<&'static str>) {
        let first = match treatment {
            Treatment::Closed => return (0, Vec::new()),
            Treatment::Inspected if may_do_all(flow) => "pass.inspected-any",
            Treatment::Inspected if may_change(flow) => "pass.inspected-write",
            Treatment::Inspected => "pass.inspected",
            Treatment::Uninspected if flow.enforced_by == EnforcedBy::Server && may_change(flow) => {
                "pass.server-write"
            }
            Treatment::Uninspected if flow.enforced_by == EnforcedBy::Server => "pass.server",
            Treatment::Uninspected => "pass.port-only",
            Treatment::Open => "pass.open",
            Treatment::NotEnforced => "pass.layer2",
        };
        let mut ids = vec![first];
        if treatment != Treatment::NotEnforced {
            match flow.approve.len() {
                0 => {}
                1 => ids.push("with.approval"),
                _ => ids.push("with.two"),
            }
            if flow.longest.is_some() {
                ids.push("with.end");
            }
            if flow.when.is_some() {
                ids.push("with.window");
            }
            if flow.condition.is_some() {
                ids.push("with.state");
            }
            if let Some(remote) = &flow.remote {
                for (there, id) in [
                    (remote.second_factor, "with.factor"),
                    (remote.record, "with.record"),
                    (remote.via.is_some(), "with.via"),
                ] {
                    if there {
                        ids.push(id);
                    }
                }
            }
        }
        let mut millionths = 1_000_000_u64;
        for id in &ids {
            millionths = millionths * self.knowledge.permille(id) / 1000;
        }
        (millionths, ids)
    }

    /// The chance in millionths that an attack gets from one zone into another past the measures, over some of the
    /// flows or over all of them: routed ways, ways beside the gateway and cards in both zones together.
    pub(crate) fn passes(&self, from: usize, to: usize, only: Option<&[usize]>) -> Passage {
        let mut routed = false;
        let mut chances = Vec::new();
        let way = self.ways.get(from).and_then(|ways| ways.get(&to));
        let mut flows = Vec::new();
        let mut bridges = Vec::new();
        if let Some(way) = way {
            for (flow, pass) in &way.flows {
                if only.is_none_or(|only| only.contains(flow)) && *pass > 0 {
                    routed = true;
                    chances.push(*pass);
                    flows.push(*flow);
                }
            }
            bridges.clone_from(&way.bridges);
            if !way.bridges.is_empty() {
                chances.push(self.knowledge.permille("bypass") * 1000);
            }
        }
        let apart = [from, to].iter().all(|zone| self.areas.get(*zone).is_some_and(|area| area.separated));
        if !apart {
            chances.push(self.knowledge.permille("beside") * 1000);
        }
        // In one order whatever the flows are called: rounding must not depend on names.
        chances.sort_unstable();
        let held = chances
            .iter()
            .fold(1_000_000_u64, |held, chance| held * 1_000_000_u64.saturating_sub(*chance) / 1_000_000);
        Passage { chance: 1_000_000 - held, routed, apart, flows, bridges }
    }
}

/// How an attack gets from one zone into another.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    /// Chance in millionths.
    pub(crate) chance: u64,
    /// Whether a permitted flow leads there.
    pub(crate) routed: bool,
    /// Whether the separation of both zones is attested or observed.
    pub(crate) apart: bool,
    pub(crate) flows: Vec<usize>,
    pub(crate) bridges: Vec<usize>,
}

/// Whether every command is permitted.
fn may_do_all(flow: &Flow) -> bool {
    flow.allow.is_empty() || flow.allow.iter().any(Permission::is_any)
}

/// Whether a flow may change something at what it reaches.
pub(crate) fn may_change(flow: &Flow) -> bool {
    may_do_all(flow)
        || flow.allow.iter().any(|permission| {
            !matches!(
                permission.verb,
                Verb::Identify
                    | Verb::Browse
                    | Verb::Read
                    | Verb::Subscribe
                    | Verb::Upload
                    | Verb::Authenticate
            )
        })
}
