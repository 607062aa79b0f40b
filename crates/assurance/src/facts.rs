//! What the plant text says about a zone or conduit, as far as evidence about it is concerned.

use std::collections::{BTreeMap, BTreeSet};

use plant::ids::{ConduitId, FlowId, ZoneId};
use plant::{Plant, Treatment};
use standard::Condition;

use crate::reason::Reason;

/// A zone or conduit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Zone(&'a ZoneId),
    Conduit(&'a ConduitId, &'a [ZoneId; 2]),
}

impl Place<'_> {
    /// Whether something between these zones concerns it.
    pub(crate) fn concerns(&self, one: &str, other: &str) -> bool {
        match self {
            Self::Zone(id) => [one, other].contains(&id.as_str()),
            Self::Conduit(_, [a, b]) => {
                (a.as_str(), b.as_str()) == (one, other) || (b.as_str(), a.as_str()) == (one, other)
            }
        }
    }

    fn zones(&self) -> Vec<&ZoneId> {
        match self {
            Self::Zone(id) => vec![id],
            Self::Conduit(_, between) => between.iter().collect(),
        }
    }
}

/// What the plant text says, gathered once.
pub(crate) struct Facts<'a> {
    pub(crate) plant: &'a Plant,
    /// The flows that cross the gateway from or to a zone.
    of_zone: BTreeMap<ZoneId, BTreeSet<&'a FlowId>>,
    /// The flows that cross the gateway between two zones, smaller id first.
    between: BTreeMap<[ZoneId; 2], BTreeSet<&'a FlowId>>,
    /// What becomes of each flow.
    treatments: BTreeMap<&'a FlowId, Treatment>,
    /// Devices with interfaces in two zones.
    around: Vec<(String, [ZoneId; 2])>,
    /// Zones that share a network by their own text.
    flat: Vec<[ZoneId; 2]>,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(plant: &'a Plant) -> Self {
        let mut of_zone = BTreeMap::<ZoneId, BTreeSet<&FlowId>>::new();
        let mut between = BTreeMap::<[ZoneId; 2], BTreeSet<&FlowId>>::new();
        for flow in plant.flows.values() {
            for route in plant.routes(flow).into_iter().filter(plant::Route::crosses) {
                let pair = sorted([route.from.zone, route.to.zone]);
                for zone in &pair {
                    of_zone.entry(zone.clone()).or_default().insert(&flow.id);
                }
                between.entry(pair).or_default().insert(&flow.id);
            }
        }
        let treatments = plant.flows.values().map(|flow| (&flow.id, plant.treatment(flow))).collect();
        Self { plant, of_zone, between, treatments, around: around(plant), flat: flat(plant) }
    }

    /// The flows that cross a place at the gateway.
    fn across(&self, place: Place<'_>) -> impl Iterator<Item = &'a FlowId> {
        let flows = match place {
            Place::Zone(id) => self.of_zone.get(id),
            Place::Conduit(_, between) => self.between.get(&sorted(between.clone())),
        };
        flows.into_iter().flatten().copied()
    }

    /// Whether a flow crosses a place at the gateway.
    pub(crate) fn crosses(&self, flow: &str, place: Place<'_>) -> bool {
        self.across(place).any(|across| across.as_str() == flow)
    }

    /// The flows across a place with this treatment.
    pub(crate) fn treated(&self, place: Place<'_>, treatment: Treatment) -> Vec<FlowId> {
        let of = self.across(place).filter(|flow| self.treatments.get(flow) == Some(&treatment));
        of.cloned().collect()
    }

    /// The flows across a place that need an approval.
    pub(crate) fn on_approval(&self, place: Place<'_>) -> Vec<&'a FlowId> {
        let needs = |flow: &&FlowId| self.plant.flows.get(*flow).is_some_and(|flow| !flow.approve.is_empty());
        self.across(place).filter(needs).collect()
    }

    /// The zone a place is one network with, where the text itself says so.
    pub(crate) fn flat(&self, place: Place<'_>) -> Option<String> {
        let pair = self.flat.iter().find(|[one, other]| place.concerns(one.as_str(), other.as_str()))?;
        Some(other_of(place, pair.each_ref().map(|zone| zone.as_str())))
    }

    /// Whether what a result needs holds: `Ok`, or why not. Where the reason is none, the requirement is simply about
    /// something else there.
    pub(crate) fn holds(&self, condition: Condition, place: Place<'_>) -> Result<(), Option<Reason>> {
        let met = |holds: bool| if holds { Ok(()) } else { Err(None) };
        match condition {
            Condition::Separated => {
                let zone = |id: &ZoneId| self.plant.zones.get(id);
                if place.zones().iter().any(|id| zone(id).is_none_or(|zone| zone.legs.is_empty())) {
                    return Err(Some(Reason::NoLeg));
                }
                let around =
                    self.around.iter().find(|(_, [one, other])| place.concerns(one.as_str(), other.as_str()));
                match around {
                    Some((device, _)) => Err(Some(Reason::Around { device: device.clone() })),
                    None => Ok(()),
                }
            }
            Condition::Untrusted => met(self.untrusted(place)),
            Condition::Approvals => met(!self.on_approval(place).is_empty()),
            Condition::Inspected => met(!self.treated(place, Treatment::Inspected).is_empty()),
            Condition::NothingBlind => {
                let flows = self.treated(place, Treatment::Uninspected);
                if flows.is_empty() {
                    return Ok(());
                }
                Err(Some(Reason::Blind { flows: flows.iter().map(ToString::to_string).collect() }))
            }
        }
    }

    fn untrusted(&self, place: Place<'_>) -> bool {
        let exposed =
            |id: &ZoneId| self.plant.zones.get(id).is_some_and(|zone| zone.untrusted || zone.outside);
        let neighbour = |id: &ZoneId| {
            let conduits = self.plant.conduits.values().filter(|conduit| conduit.between.contains(id));
            conduits.flat_map(|conduit| &conduit.between).any(exposed)
        };
        match place {
            Place::Zone(id) => exposed(id) || neighbour(id),
            Place::Conduit(_, between) => between.iter().any(exposed),
        }
    }
}

fn sorted(mut pair: [ZoneId; 2]) -> [ZoneId; 2] {
    pair.sort();
    pair
}

/// Of a pair of zones, the one a place has to do with the other.
pub(crate) fn other_of(place: Place<'_>, [one, other]: [&str; 2]) -> String {
    match place {
        Place::Zone(id) if id.as_str() == other => one.to_owned(),
        _ => other.to_owned(),
    }
}

fn around(plant: &Plant) -> Vec<(String, [ZoneId; 2])> {
    let mut found = Vec::new();
    for asset in plant.assets.values() {
        for port in asset.interfaces.iter().filter_map(|interface| interface.leg.as_deref()) {
            if let Some((zone, _)) = plant.leg(port)
                && zone.id != asset.zone
            {
                found.push((asset.name(), [asset.zone.clone(), zone.id.clone()]));
            }
        }
    }
    found
}

/// A zone without a leg whose devices have addresses of another zone's network stands in that network.
fn flat(plant: &Plant) -> Vec<[ZoneId; 2]> {
    let mut found = BTreeSet::new();
    for asset in plant.assets.values() {
        if plant.zones.get(&asset.zone).is_none_or(|zone| !zone.legs.is_empty()) {
            continue;
        }
        for address in asset.interfaces.iter().flat_map(|interface| &interface.addresses) {
            let within = |(_, leg): &(&plant::Zone, &plant::Leg)| {
                leg.networks.iter().any(|network| network.contains(address))
            };
            if let Some((zone, _)) = plant.legs().find(within) {
                found.insert([asset.zone.clone(), zone.id.clone()]);
            }
        }
    }
    found.into_iter().collect()
}
