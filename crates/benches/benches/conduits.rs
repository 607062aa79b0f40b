//! A plant of many conduits: compiled, loaded in generations without root, and proved.

use std::time::Instant;

use benches::{Outcome, Phases, Shape, Stage, Table, load, moment, plant_of, prove, stage};
use policy::Policy;

/// Everything from the plant to the verdict, without the work of `nft` and the kernel.
const ALL: [&str; 7] = ["compile", "text", "read", "decode", "interpret", "policy", "compare"];

fn main() -> Outcome {
    match stage() {
        Stage::First => {
            Table::new(&[
                "conduits",
                "flows",
                "compile ms",
                "text ms",
                "proof ms",
                "CPU in all s",
                "chunks",
                "loaded in s (wall)",
                "of it the switch ms",
            ])?;
            let sizes = ["100", "200", "500", "1000", "1000/IPv4"];
            sizes.iter().try_for_each(|size| Stage::in_namespaces(&["load", size]))
        }
        Stage::Further(words) => match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["load", size] => {
                let policy = compiled(size, &mut Phases::default())?;
                let start = Instant::now();
                let (chunks, switch) = load(&policy)?;
                let wall = format!("{:.2}", start.elapsed().as_secs_f64());
                Stage::here(&[
                    "prove",
                    size,
                    &chunks.to_string(),
                    &wall,
                    &format!("{:.0}", switch.as_secs_f64() * 1e3),
                ])
            }
            ["prove", size, loading @ ..] => measured(size, loading),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

fn compiled(size: &str, phases: &mut Phases) -> Outcome<Policy> {
    // "1000": two flows per conduit in both families; "1000/IPv4": one, in IPv4 alone.
    let (conduits, both) = match size.split_once('/') {
        Some((conduits, _)) => (conduits, false),
        None => (size, true),
    };
    let conduits: usize = conduits.parse()?;
    let flows = if both { 2 * conduits } else { conduits };
    // As few zones as have that many pairs.
    let zones = (2..).find(|zones| zones * (zones - 1) / 2 >= conduits).unwrap_or(2);
    let plant = plant_of(Shape { zones, conduits, assets: 10 * zones, flows, both, wordy: false })?;
    phases.run("compile", || {
        policy::compile(&plant, moment(), &[]).map_err(|error| format!("{error:?}").into())
    })
}

fn measured(size: &str, loading: &[&str]) -> Outcome {
    let mut phases = Phases::default();
    let policy = compiled(size, &mut phases)?;
    phases.run("text", || Ok(policy.generation(1)))?;
    let proved = prove(&policy, &mut phases)?;
    if !proved.equal {
        return Err(format!("{size} conduits: not equal, extra {:?}", proved.extra).into());
    }
    let ms = |names: &[&str]| format!("{:.0}", phases.cpu_of(names).as_secs_f64() * 1e3);
    let flows = policy.permissions.len() / if size.contains('/') { 1 } else { 2 };
    let mut cells = vec![size.to_owned(), flows.to_string(), ms(&["compile"]), ms(&["text"])];
    cells.push(ms(&["read", "decode", "interpret", "policy", "compare"]));
    cells.push(format!("{:.2}", phases.cpu_of(&ALL).as_secs_f64()));
    cells.extend(loading.iter().map(ToString::to_string));
    Table.row(&cells)?;
    Ok(())
}
