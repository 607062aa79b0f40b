//! Assessing large plants: one assessment, and one edit assessed and compared.

use std::collections::BTreeMap;

use benches::{Outcome, Phases, Shape, Stage, Table, peak_memory, plant_of, stage};
use jiff::civil::Date;
use plant::Plant;
use risk::{Assessment, Input, Knowledge, Observations, assess, compare};

fn main() -> Outcome {
    match stage() {
        Stage::First => {
            Table::new(&[
                "assets",
                "zones",
                "flows",
                "scenarios",
                "rows",
                "assess CPU s",
                "edit CPU s",
                "peak MiB",
            ])?;
            for (assets, zones) in [
                ("25", "5"),
                ("1000", "50"),
                ("2000", "100"),
                ("5000", "100"),
                ("10000", "50"),
                ("10000", "200"),
            ] {
                Stage::here(&[assets, zones])?;
            }
            Ok(())
        }
        Stage::Further(words) => match words.as_slice() {
            [assets, zones] => measured(assets.parse()?, zones.parse()?),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

fn measured(assets: usize, zones: usize) -> Outcome {
    let conduits = (4 * zones).min(zones * (zones - 1) / 2);
    let plant = plant_of(Shape { zones, conduits, assets, flows: 5 * assets, both: true, wordy: true })?;
    let mut phases = Phases::default();
    let before = phases.run("assess", || Ok(assessed(&plant)))?;
    let mut edited = plant.clone();
    if let Some(flow) = edited.flows.values_mut().next() {
        flow.allow.clear();
    }
    let found = phases.run("edit", || Ok(compare(&before, &assessed(&edited))))?;
    if found.rules.len() > 1 {
        return Err(format!("one edit changed {} rules", found.rules.len()).into());
    }
    let seconds = |name| format!("{:.3}", phases.cpu_of(&[name]).as_secs_f64());
    Table.row(&[
        assets.to_string(),
        zones.to_string(),
        plant.flows.len().to_string(),
        before.scenarios.len().to_string(),
        before.requirements.len().to_string(),
        seconds("assess"),
        seconds("edit"),
        format!("{:.0}", peak_memory()?),
    ])?;
    Ok(())
}

fn assessed(plant: &Plant) -> Assessment {
    let (hashes, observations) = (BTreeMap::new(), Observations::default());
    let today = Date::constant(2026, 11, 30);
    assess(Input {
        plant,
        hashes: &hashes,
        knowledge: Knowledge::shipped(),
        observations: &observations,
        today,
    })
}
