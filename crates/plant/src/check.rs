//! What only the whole plant shows: flows against conduits, legs and inspectors, windows against the clock, approvals
//! against people.

mod approvals;
mod findings;
mod flows;
mod nat;
mod twice;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Sink;
use crate::ids::{ConduitId, ZoneId};
use crate::model::Plant;
use crate::problem::{Flowing, Kind, Thing};

/// Looks at a plant. Parts of it that could not be read are missing; what rests on them is passed over.
pub(crate) fn check(plant: &Plant, sink: &mut Sink) {
    let mut used = BTreeSet::new();
    let conduits = pairs(plant);
    for flow in plant.flows.values() {
        flows::check(plant, flow, &conduits, &mut used, sink);
        flows::clock(plant, flow, sink);
        approvals::check(plant, flow, sink);
        nat::check(plant, flow, sink);
    }
    twice::check(plant, sink);
    for conduit in plant.conduits.values() {
        if !used.contains(&conduit.id) {
            let who = Thing::new(Kind::Conduit, &conduit.id);
            sink.add(Some(conduit.place.clone()), Flowing::UnusedConduit { who });
        }
    }
    flows::decisions(plant, sink);
    findings::check(plant, sink);
}

/// Conduits by their zones, in both orders.
fn pairs(plant: &Plant) -> BTreeMap<(&ZoneId, &ZoneId), &ConduitId> {
    plant
        .conduits
        .values()
        .flat_map(|conduit| {
            let [one, other] = &conduit.between;
            [((one, other), &conduit.id), ((other, one), &conduit.id)]
        })
        .collect()
}
