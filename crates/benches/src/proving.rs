//! Loading a policy and proving it, part by part.

use std::time::{Duration, Instant};

use linux::{netfilter, nft};
use nftables::{Ruleset, decode};
use packets::{Assumed, Bounds, Comparison, Hook, Interfaces, Space, compare, domain};
use policy::Policy;
use prover::{Options, Unknowns, interface_names, interpret, uses_tracking};

use crate::{Outcome, Phases};

/// Loads a policy the way a gateway does: a closed table, a generation beside it in chunks, one switch.
/// Returns the number of chunks and how long the switch took.
pub fn load(policy: &Policy) -> Outcome<(usize, Duration)> {
    let generation = policy.generation(1);
    nft::load(&policy::foundation())?;
    for chunk in &generation.build {
        nft::load(chunk)?;
    }
    let start = Instant::now();
    nft::load(&generation.switch)?;
    Ok((generation.build.len(), start.elapsed()))
}

/// What a proof found.
#[derive(Debug)]
pub struct Proved {
    /// The kernel does what the policy says.
    pub equal: bool,
    /// The first packet it should not let through.
    pub extra: Option<packets::Packet>,
    /// Rules it read.
    pub rules: usize,
    /// Set elements it read.
    pub elements: usize,
    /// Nodes of the diagrams.
    pub nodes: usize,
}

/// Reads the running rules and holds them against the policy.
pub fn prove(policy: &Policy, phases: &mut Phases) -> Outcome<Proved> {
    let dump = phases.run("read", || Ok(netfilter::read_dump()?))?;
    let ruleset = phases.run("decode", || Ok(decode(&dump)))?;
    prove_ruleset(policy, &ruleset, phases)
}

fn prove_ruleset(policy: &Policy, ruleset: &Ruleset, phases: &mut Phases) -> Outcome<Proved> {
    let mut names = interface_names(ruleset, &[]);
    names.extend(policy.interfaces());
    let interfaces = Interfaces::new(names);
    let mut space = Space::default();
    let mut unknowns = Unknowns::default();
    let interpreted = phases.run("interpret", || {
        Ok(interpret(&mut space, &interfaces, &mut unknowns, ruleset, &Options::default()))
    })?;
    let wanted = phases.run("policy", || Ok(policy.relations(&mut space, &interfaces)))?;
    let mut comparison = Comparison::default();
    phases.run("compare", || {
        let assumed = Assumed { tracking: uses_tracking(ruleset), tcp_loose: false, translated: false };
        for hook in Hook::ALL {
            let packets = domain(&mut space, hook, &interfaces, assumed);
            let bounds = Bounds::of(&mut space, interpreted.of(hook));
            let wanted = Bounds::exact(wanted.get(&hook).copied().unwrap_or(packets::FALSE));
            compare(&mut space, hook, packets, &interfaces, [bounds, wanted], &mut comparison);
        }
        Ok(())
    })?;
    let chains = ruleset.tables.iter().flat_map(|table| &table.chains);
    let sets = ruleset.tables.iter().flat_map(|table| &table.sets);
    Ok(Proved {
        equal: comparison.equal() && !interpreted.not_understood.iter().any(|note| note.blocking),
        extra: comparison.first_only.first().map(|found| found.packet.clone()),
        rules: chains.map(|chain| chain.rules.len()).sum(),
        elements: sets.map(|set| set.elements.len()).sum(),
        nodes: space.size(),
    })
}
