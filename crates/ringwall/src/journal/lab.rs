//! What a run of the lab leaves in the log: its cases with the zones they concern, and the proofs made on its way.

use std::collections::BTreeSet;
use std::net::IpAddr;

use evidence::{Case, CaseState, Record, Situation, Step};
use jiff::Timestamp;
use lab::{CaseResult, LabReport, State};
use plant::ids::ZoneId;
use plant::{Plant, SourceFile};
use policy::Policy;

use super::blocked::refusal;
use super::steps::{cases, prove_step};
use super::{Journal, hashes};
use crate::commands::lab::word;
use crate::document::ProofDocument;
use crate::exit::Failure;
use crate::proof::Surrounding;

/// Refused commands of a run that are kept.
const REFUSED: usize = 1_000;

/// A proof made while the lab ran.
pub struct Held {
    /// Moment of the policy.
    pub moment: Timestamp,
    /// The proof.
    pub document: ProofDocument,
    /// What surrounded the rules.
    pub surrounding: Surrounding,
}

impl Journal {
    /// The cases were sent. `base` is the policy of the run's own moment with nothing given: the one a plant stands for, and the
    /// only one whose situation is known here; it comes last.
    pub fn lab(
        &mut self,
        plant: &Plant,
        sources: &[SourceFile],
        base: &Policy,
        report: &LabReport,
        held: &[Held],
    ) -> Result<(), Failure> {
        let verdict = match report.proof {
            lab::Proof::Equal => evidence::Verdict::Equal,
            lab::Proof::Differs(_) => evidence::Verdict::Differs,
            lab::Proof::Unknown(_) => evidence::Verdict::Unknown,
        };
        let (own, hash) = (hashes(sources), base.hash());
        let step = lab_step(plant, report, verdict);
        let record = self.record(&plant.id, own.clone(), step);
        self.write(&Record { policy_hash: Some(hash.clone()), ..record })?;

        let mut seen = BTreeSet::new();
        let is_base = |held: &&Held| held.document.policy_hash == hash;
        let others = held.iter().filter(|held| !is_base(held));
        for held in others.chain(held.iter().filter(is_base).take(1)) {
            // Groups of cases may share a policy; where they do, a proof that was not equal is not the one to leave out.
            if !seen.insert((held.document.policy_hash.clone(), held.document.verdict)) {
                continue;
            }
            let step = prove_step(plant, &held.document, &held.surrounding);
            let known = held.moment == base.moment && held.document.policy_hash == hash;
            let record = Record {
                ruleset_hash: Some(held.document.ruleset_hash.clone()),
                policy_hash: Some(held.document.policy_hash.clone()),
                situation: known.then(|| Situation { at: held.moment, given: Vec::new() }),
                ..self.record(&plant.id, own.clone(), step)
            };
            self.write(&record)?;
        }
        // Which of the run's policies was in force is not told with a refusal; the plant is the same for all.
        for refused in report.refused.iter().take(REFUSED) {
            let record = self.record(&plant.id, own.clone(), refusal(refused, self.language));
            self.write(&Record { time: refused.at, ..record })?;
        }
        Ok(())
    }
}

/// The cases of a run.
pub fn lab_step(plant: &Plant, report: &LabReport, verdict: evidence::Verdict) -> Step {
    cases(verdict, report.cases.iter().map(|result| case(plant, result)).collect())
}

fn case(plant: &Plant, result: &CaseResult) -> Case {
    let ends = if result.derived { of_flow(plant, &result.id) } else { of_expect(plant, &result.id) };
    let conduit = ends.as_ref().and_then(|[from, to]| plant.conduit_between(from, to));
    let [from, to] = match &ends {
        Some([from, to]) => [Some(from.to_string()), Some(to.to_string())],
        None => [None, None],
    };
    Case {
        id: result.id.clone(),
        say: result.say.clone(),
        state: match result.state {
            State::Pass => CaseState::Pass,
            State::Fail => CaseState::Fail,
            State::NotInspected => CaseState::NotInspected,
            State::Error => CaseState::Error,
        },
        expected: word(result.expected).to_owned(),
        verdict: result.verdict.map(|seen| seen.word().to_owned()),
        derived: result.derived,
        from,
        to,
        conduit: conduit.map(|conduit| conduit.id.to_string()),
    }
}

/// The zones of a case of the plant's own.
fn of_expect(plant: &Plant, id: &str) -> Option<[ZoneId; 2]> {
    let expect = plant.expects.iter().find(|expect| expect.id == id)?;
    Some([zone(plant, expect.from)?, zone(plant, expect.to)?])
}

/// The zones of a case that was derived from a flow, where the flow has one pair of them.
fn of_flow(plant: &Plant, id: &str) -> Option<[ZoneId; 2]> {
    let (flow, _) = id.split_once('/')?;
    let routes = plant.routes(plant.flows.get(flow)?);
    let pairs: BTreeSet<[ZoneId; 2]> =
        routes.into_iter().map(|route| [route.from.zone, route.to.zone]).collect();
    let mut pairs = pairs.into_iter();
    pairs.next().filter(|_| pairs.next().is_none())
}

fn zone(plant: &Plant, address: IpAddr) -> Option<ZoneId> {
    let has = |asset: &&plant::Asset| {
        asset.interfaces.iter().any(|interface| interface.addresses.contains(&address))
    };
    match plant.assets.values().find(has) {
        Some(asset) => Some(asset.zone.clone()),
        None => plant.leg_of(address).map(|(zone, _)| zone.id.clone()),
    }
}
