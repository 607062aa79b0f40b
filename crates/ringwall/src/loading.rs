//! Loading a policy into the running kernel: built beside what runs, proved there, then switched to.
//!
//! At no step does a packet see a half-built ruleset: until the switch the old generation decides, after it the new
//! one, and without either the table drops everything. Whoever is killed in between leaves parts nobody refers to;
//! the next load removes them.

use std::collections::{BTreeMap, BTreeSet};

use nftables::{Expression, Immediate, Rule, Ruleset, Table, Verdict};
use policy::{Generation, Policy, TABLE, foundation};

/// Lines of a transaction that removes.
const LINES: usize = 1_000;

/// The steps of a load, each one transaction of nft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Removes what earlier loads left behind, or makes the closed table.
    pub prepare: Vec<String>,
    /// The new generation, to be built.
    pub generation: Generation,
}

impl Steps {
    /// The steps from what runs to a policy.
    pub fn plan(running: &Ruleset, policy: &Policy) -> Steps {
        let Some(table) = table(running) else {
            return Steps { prepare: vec![foundation()], generation: policy.generation(1) };
        };
        let current = current(table);
        let present = generations(table);
        let unused: BTreeSet<u64> =
            present.iter().copied().filter(|number| Some(*number) != current).collect();
        let next = present.last().copied().max(current).unwrap_or(0) + 1;
        Steps { prepare: removal(table, &unused), generation: policy.generation(next) }
    }
}

/// The ruleset as it will be once the generation is switched to: what is proved before the switch.
pub fn candidate(built: &Ruleset, generation: &Generation) -> Ruleset {
    let mut ruleset = built.clone();
    let tables = ruleset.tables.iter_mut().filter(|table| is_ours(table));
    for chain in tables.flat_map(|table| {
        table.chains.retain(|chain| !generation.gone.contains(&chain.name));
        &mut table.chains
    }) {
        if let Some((_, entry)) = generation.entries.iter().find(|(hook, _)| *hook == chain.name) {
            let goto = Expression::Immediate(Immediate::Verdict(Verdict::Goto(entry.clone())));
            chain.rules = vec![Rule { handle: 0, expressions: vec![goto], comment: None }];
        }
    }
    ruleset
}

/// The transactions that remove every generation but one.
pub fn remove_others(running: &Ruleset, keep: u64) -> Vec<String> {
    let Some(table) = table(running) else { return Vec::new() };
    let others = generations(table).into_iter().filter(|number| *number != keep).collect();
    removal(table, &others)
}

fn is_ours(table: &Table) -> bool {
    table.family == nftables::Family::Inet && table.name == TABLE
}

fn table(ruleset: &Ruleset) -> Option<&Table> {
    ruleset.tables.iter().find(|table| is_ours(table))
}

/// The generation every hook goes to; none where they disagree or where somebody changed them by hand.
fn current(table: &Table) -> Option<u64> {
    // One that is empty was made for a generation that never came to decide.
    let bases = table.chains.iter().filter(|chain| chain.base.is_some() && !chain.rules.is_empty());
    let targets: BTreeSet<Option<u64>> = bases
        .map(|chain| match chain.rules.as_slice() {
            [Rule { expressions, .. }] => match expressions.as_slice() {
                [Expression::Immediate(Immediate::Verdict(Verdict::Goto(entry)))] => number(entry),
                _ => None,
            },
            _ => None,
        })
        .collect();
    match targets.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => *one,
        _ => None,
    }
}

/// The number in a name like `g7_pass_z1_to_z2`.
fn number(name: &str) -> Option<u64> {
    name.strip_prefix('g')?.split_once('_')?.0.parse().ok()
}

fn generations(table: &Table) -> BTreeSet<u64> {
    let chains = table.chains.iter().map(|chain| &chain.name);
    chains.chain(table.sets.iter().map(|set| &set.name)).filter_map(|name| number(name)).collect()
}

/// Empties everything first, so that nothing deleted is still referred to; then deletes.
/// `NFT_OBJECT_CT_HELPER`.
const CT_HELPER: u32 = 3;

fn removal(table: &Table, which: &BTreeSet<u64>) -> Vec<String> {
    let gone = |name: &str| number(name).is_some_and(|number| which.contains(&number));
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for chain in table.chains.iter().filter(|chain| gone(&chain.name) && chain.base.is_none()) {
        names.entry("chain").or_default().push(&chain.name);
    }
    for set in table.sets.iter().filter(|set| gone(&set.name)) {
        names.entry(if set.map() { "map" } else { "set" }).or_default().push(&set.name);
    }
    for object in table.objects.iter().filter(|object| object.kind == CT_HELPER && gone(&object.name)) {
        names.entry("ct helper").or_default().push(&object.name);
    }
    let mut lines = Vec::new();
    for action in ["flush", "delete"] {
        for kind in ["map", "chain", "set", "ct helper"] {
            if action == "flush" && matches!(kind, "set" | "ct helper") {
                continue;
            }
            for name in names.get(kind).into_iter().flatten() {
                lines.push(format!("{action} {kind} inet {TABLE} {name}\n"));
            }
        }
    }
    lines.chunks(LINES).map(<[String]>::concat).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use linux::{Sandbox, nft};
    use plant::{Plant, SourceFile};
    use words::Language;

    use super::*;
    use crate::kernel;
    use crate::proof::{Hosts, Lateness, Verdict, prove};

    const TEST: &str = "loading::tests::killed_after_any_step_the_old_or_the_new_policy_decides";

    fn line3() -> Plant {
        let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.into() };
        let plant = file("plant.toml", include_str!("../../../examples/line3/plant.toml"));
        let decisions = file("decisions.toml", include_str!("../../../examples/line3/decisions.toml"));
        plant::read(&[plant, decisions]).plant.unwrap()
    }

    /// The machine of the other example, known outside under other addresses or not.
    fn machine(translating: bool) -> Policy {
        let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.into() };
        let text = include_str!("../../../examples/kx200/plant.toml");
        let mut plant = plant::read(&[file("plant.toml", text)]).plant.unwrap();
        if !translating {
            plant.translations.clear();
        }
        policy::compile(&plant, "2027-07-01T10:00:00Z".parse::<Timestamp>().unwrap(), &[]).unwrap()
    }

    fn policy_at(moment: &str) -> Policy {
        policy::compile(&line3(), moment.parse::<Timestamp>().unwrap(), &[]).unwrap()
    }

    fn read(policy: &Policy) -> kernel::Running {
        let legs: BTreeSet<String> = policy.interfaces().into_iter().collect();
        kernel::running(&legs, Language::English).unwrap()
    }

    fn verdict(policy: &Policy, running: &kernel::Running) -> Verdict {
        let (ruleset, surrounding) = (&running.ruleset, &running.surrounding);
        let hosts = Hosts::new();
        prove(policy, &hosts, policy.moment, ruleset, surrounding, Lateness::OneSecond, Language::English)
            .verdict
    }

    /// Every transaction of a load, in order; the last two are the switch and the removal of what it replaced.
    fn transactions(running: &kernel::Running, policy: &Policy) -> (Vec<String>, Steps) {
        let steps = Steps::plan(&running.ruleset, policy);
        let mut texts = steps.prepare.clone();
        texts.extend(steps.generation.build.clone());
        (texts, steps)
    }

    fn complete(policy: &Policy) {
        let (texts, steps) = transactions(&read(policy), policy);
        texts.iter().for_each(|text| nft::load(text).unwrap());
        let built = read(policy);
        let seen = candidate(&built.ruleset, &steps.generation);
        let seen = kernel::Running { ruleset: seen, surrounding: built.surrounding };
        assert_eq!(verdict(policy, &seen), Verdict::Equal, "proved before the switch");
        nft::load(&steps.generation.switch).unwrap();
        let running = read(policy);
        assert_eq!(verdict(policy, &running), Verdict::Equal, "and after it");
        remove_others(&running.ruleset, steps.generation.number)
            .iter()
            .for_each(|text| nft::load(text).unwrap());
        let left = read(policy);
        assert_eq!(verdict(policy, &left), Verdict::Equal);
        let table = table(&left.ruleset).unwrap();
        assert_eq!(generations(table), BTreeSet::from([steps.generation.number]), "one generation is left");
    }

    #[test]
    fn killed_after_any_step_the_old_or_the_new_policy_decides() {
        if std::env::var_os("RINGWALL_TEST_INSIDE").is_none() {
            let arguments = ["--exact", TEST, "--nocapture"];
            let code = Sandbox::this_program(arguments).env("RINGWALL_TEST_INSIDE", "1").run().unwrap();
            assert_eq!(code, 0);
            return;
        }
        // At night one flow more is open than at noon; a machine gets other addresses outside, and loses them.
        let [plain, translating] = [false, true].map(machine);
        for (old, new) in [
            (policy_at("2027-07-01T10:00:00Z"), policy_at("2027-07-01T00:30:00Z")),
            (plain.clone(), translating.clone()),
            (translating, plain),
        ] {
            killed_at_every_step(&old, &new);
        }
    }

    fn killed_at_every_step(old: &Policy, new: &Policy) {
        let legs: BTreeSet<String> = old.interfaces().into_iter().collect();
        let mut step = 0;
        loop {
            let done = kernel::in_gateway(&legs, || {
                complete(old);
                let (mut texts, steps) = transactions(&read(new), new);
                let before_switch = texts.len();
                texts.push(steps.generation.switch.clone());
                let removal = texts.len();
                for text in texts.iter().take(step) {
                    nft::load(text).unwrap();
                }
                if step > removal {
                    let running = read(new);
                    let others = remove_others(&running.ruleset, steps.generation.number);
                    others.iter().for_each(|text| nft::load(text).unwrap());
                }
                // Killed here.
                let (decides, other) = if step <= before_switch { (old, new) } else { (new, old) };
                let running = read(decides);
                assert_eq!(verdict(decides, &running), Verdict::Equal, "after step {step}");
                assert_eq!(verdict(other, &running), Verdict::Differs, "after step {step}");
                complete(new);
                step > removal
            })
            .unwrap();
            if done {
                assert!(step >= 3, "there were steps to be killed at");
                return;
            }
            step += 1;
        }
    }
}
