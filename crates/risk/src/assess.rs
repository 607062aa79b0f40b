//! The one function.

use std::collections::BTreeMap;

use crate::assessment::{Assessment, Inputs};
use plant::JudgementKind;

use crate::capability;
use crate::decision::decisions;
use crate::facts::facts;
use crate::finding::{Rules, findings};
use crate::input::Input;
use crate::measure::measures;
use crate::requirement::{Place, requirements};
use crate::scenario::{Scenario, scenarios};
use crate::target::{Target, targets};
use crate::tolerance::Tolerance;
use crate::view::View;

/// Assesses a plant.
pub fn assess(input: Input<'_>) -> Assessment {
    let mut view = View::new(input);
    let plant = input.plant;
    let tolerance = plant.tolerance.map(Tolerance::from).unwrap_or_default();
    let mut scenarios = scenarios(&view, &tolerance);
    accepted(&view, &mut scenarios);
    let (zones, conduits) = targets(&view, &scenarios, &tolerance);
    // Who writes down the surroundings he takes for granted delivers a product into them.
    let product =
        plant.method.product || !plant.context.is_empty() || plant.owner.is_none() && plant.builder.is_some();
    let promised = |declared: Option<plant::Levels>, target: &Target| {
        declared.map(|levels| levels.0).or_else(|| target.levels()).filter(|_| product)
    };
    let mut places = Vec::new();
    let mut capabilities = BTreeMap::new();
    for (at, area) in view.areas.iter().enumerate() {
        let zone = area.zone;
        let Some(target) = zones.get(&zone.id) else { continue };
        if zone.outside {
            continue;
        }
        let promised = promised(zone.declared, target);
        if let Some(levels) = promised.or_else(|| target.levels()) {
            places.push(Place { id: zone.id.to_string(), of: "zone", levels, zones: vec![at] });
        }
        capabilities.insert(zone.id.clone(), capability::of_zone(&view, &zone.id, promised));
    }
    for conduit in plant.conduits.values() {
        let Some(target) = conduits.get(&conduit.id) else { continue };
        if let Some(levels) = promised(conduit.declared, target).or_else(|| target.levels()) {
            let sides = conduit.between.iter().filter_map(|zone| view.area_of.get(zone).copied()).collect();
            places.push(Place { id: conduit.id.to_string(), of: "conduit", levels, zones: sides });
        }
    }
    let rules = Rules { view: &view, zones: &zones, conduits: &conduits, product, found: Vec::new() };
    let findings = findings(rules);
    let requirements = requirements(&view, &places, &findings);
    let measures =
        measures(input.knowledge, &requirements, &scenarios, separation(&mut view, &scenarios, &tolerance));
    let mut hashes = input.hashes.clone();
    let (version, sha256) = input.knowledge.version();
    hashes.insert("knowledge".to_owned(), format!("{version} {sha256}"));
    let catalogue = standard::version();
    hashes.insert("catalogue".to_owned(), format!("{} {}", catalogue.collected, catalogue.sha256));
    Assessment {
        inputs: Inputs { hashes, day: input.today.to_string() },
        product,
        tolerance,
        devices: view
            .devices
            .iter()
            .map(|device| (device.asset.id.clone(), capability::of_device(device)))
            .collect(),
        facts: facts(&view),
        decisions: decisions(plant, input.today, &scenarios),
        zones,
        capabilities,
        conduits,
        scenarios,
        findings,
        requirements,
        measures,
    }
}

/// Marks the scenarios somebody has accepted.
fn accepted(view: &View<'_>, scenarios: &mut [Scenario]) {
    for judgement in view.holding(JudgementKind::Accept) {
        for scenario in scenarios.iter_mut().filter(|scenario| judgement.about.contains(&scenario.id)) {
            scenario.accepted = Some(format!("{} ({}), {}", judgement.who, judgement.role, judgement.until));
        }
    }
}

/// What it would buy if every zone were shown to be a network of its own.
fn separation(view: &mut View<'_>, now: &[Scenario], tolerance: &Tolerance) -> u64 {
    for area in &mut view.areas {
        area.separated = true;
    }
    let left = |scenarios: &[Scenario]| scenarios.iter().map(Scenario::residual).sum::<u64>();
    left(now).saturating_sub(left(&scenarios(view, tolerance)))
}
