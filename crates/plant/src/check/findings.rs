//! What a careful reader would point out.

use std::collections::BTreeSet;

use crate::diagnostic::Sink;
use crate::fail_safe;
use crate::model::{Asset, Plant};
use crate::problem::{Finding, Kind, Thing};

pub(super) fn check(plant: &Plant, sink: &mut Sink) {
    // A zone is a safety zone if nothing else stands in it.
    let mixed: BTreeSet<_> =
        plant.assets.values().filter(|asset| !for_safety(asset)).map(|asset| &asset.zone).collect();
    for asset in plant.assets.values() {
        if !mixed.contains(&asset.zone) || asset.function.get("safety").is_some_and(|safety| safety == "none")
        {
            continue;
        }
        if let Some(order) = fail_safe::sign(&asset.product) {
            let who = Thing { kind: Kind::Asset, id: asset.id.to_string(), title: Some(asset.title.clone()) };
            let problem =
                Finding::FailSafe { who, order, kind: asset.kind.clone(), zone: asset.zone.to_string() };
            sink.add(Some(asset.place.clone()), problem);
        }
    }
}

fn for_safety(asset: &Asset) -> bool {
    asset.kind == "safety" || asset.kind.starts_with("safety-")
}
