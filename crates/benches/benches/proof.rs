//! Equality of the loaded rules and the policy, both families; and how long an example packet takes.

use benches::{Outcome, Phases, Shape, Stage, Table, load, moment, peak_memory, plant_of, prove, stage};
use linux::nft;

/// What a proof is, from the kernel's answer to the verdict.
const PROOF: [&str; 5] = ["read", "decode", "interpret", "policy", "compare"];

fn main() -> Outcome {
    match stage() {
        Stage::First => {
            let columns = [
                "flows",
                "rules",
                "elements",
                "nodes",
                "read ms",
                "decode ms",
                "interpret ms",
                "policy ms",
                "compare ms",
                "CPU of the proof s",
                "peak MiB",
                "with an extra rule: example, compare ms",
            ];
            Table::new(&columns)?;
            let given: Vec<String> =
                std::env::args().skip(1).filter(|word| word.parse::<usize>().is_ok()).collect();
            let sizes = if given.is_empty() {
                ["1000", "2000", "5000", "10000"].map(str::to_owned).to_vec()
            } else {
                given
            };
            sizes.iter().try_for_each(|size| Stage::in_namespaces(&["load", size]))
        }
        Stage::Further(words) => match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["load", size] => {
                load(&policy_of(size)?)?;
                // A process of its own, so that the peak is the proof's and not the loading's.
                Stage::here(&["prove", size])
            }
            ["prove", size] => measured(size),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

fn policy_of(size: &str) -> Outcome<policy::Policy> {
    let plant = plant_of(Shape::of_flows(size.parse()?))?;
    policy::compile(&plant, moment(), &[]).map_err(|error| format!("{error:?}").into())
}

fn measured(size: &str) -> Outcome {
    let policy = policy_of(size)?;
    let before = peak_memory()?;
    let mut phases = Phases::default();
    let proved = prove(&policy, &mut phases)?;
    if !proved.equal {
        return Err(format!("{size} flows: not equal, extra {:?}", proved.extra).into());
    }
    let peak = peak_memory()?;

    // The same with one rule too many: the verdict must be a packet, and soon.
    nft::load("insert rule inet ringwall forward tcp dport 4711 iifname \"p1\" oifname \"p7\" accept\n")?;
    let mut with_hole = Phases::default();
    let holed = prove(&policy, &mut with_hole)?;
    if holed.equal || holed.extra.is_none() {
        return Err(format!("{size} flows: the extra rule was not found").into());
    }
    let ms = |name: &str| format!("{:.1}", phases.cpu_of(&[name]).as_secs_f64() * 1e3);
    let mut cells = vec![
        size.to_owned(),
        proved.rules.to_string(),
        proved.elements.to_string(),
        proved.nodes.to_string(),
    ];
    cells.extend(PROOF.map(ms));
    cells.push(format!("{:.3}", phases.cpu_of(&PROOF).as_secs_f64()));
    cells.push(format!("{peak:.0} ({before:.0} of it the plant)"));
    cells.push(format!("{:.1}", with_hole.cpu_of(&["compare"]).as_secs_f64() * 1e3));
    Table.row(&cells)?;
    Ok(())
}
