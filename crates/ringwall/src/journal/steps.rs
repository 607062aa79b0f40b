//! What each command leaves in the log.

use evidence::{Case, Note, Record, Situation, Step};
use plant::{Plant, Reading, Severity, SourceFile};

use super::{Journal, hashes};
use crate::document::ProofDocument;
use crate::exit::Failure;
use crate::files::Compiled;
use crate::proof::Surrounding;

/// A record is no longer than a mebibyte; with what surrounds them, cases may take this much of it.
const CASES: usize = 900 * 1024;

impl Journal {
    /// The plant text was checked.
    pub fn check(&mut self, reading: &Reading, sources: &[SourceFile]) -> Result<(), Failure> {
        let count = |severity| {
            let of = reading.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
            of.count() as u64
        };
        let step = Step::Check {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        };
        // A text with errors is no plant yet and has no id.
        let plant = reading.plant.as_ref().map(|plant| plant.id.as_str()).unwrap_or_default();
        let record = self.record(plant, hashes(sources), step);
        self.write(&record).map(|_| ())
    }

    /// A policy was compiled.
    pub fn compile(&mut self, compiled: &Compiled) -> Result<(), Failure> {
        let step = Step::Compile {
            permissions: compiled.policy.rows().count() as u64,
            lines: compiled.policy.text().lines().count() as u64,
        };
        let record = self.about(compiled, step);
        self.write(&record).map(|_| ())
    }

    /// What the kernel runs was held against the plant.
    pub fn proof(
        &mut self,
        compiled: &Compiled,
        proof: &ProofDocument,
        surrounding: &Surrounding,
    ) -> Result<(), Failure> {
        let step = prove_step(&compiled.plant, proof, surrounding);
        let ruleset_hash = Some(proof.ruleset_hash.clone());
        let record = Record { ruleset_hash, ..self.about(compiled, step) };
        self.write(&record).map(|_| ())
    }

    /// A policy was loaded, and proved.
    #[cfg(target_os = "linux")]
    pub fn load(
        &mut self,
        compiled: &Compiled,
        generation: u64,
        switched: bool,
        proof: &ProofDocument,
        surrounding: &Surrounding,
    ) -> Result<(), Failure> {
        let step = Step::Load { generation, switched, verdict: verdict(proof.verdict) };
        let ruleset_hash = Some(proof.ruleset_hash.clone());
        let record = Record { ruleset_hash, ..self.about(compiled, step) };
        self.write(&record)?;
        self.proof(compiled, proof, surrounding)
    }

    /// A record about a policy.
    pub fn about(&self, compiled: &Compiled, step: Step) -> Record {
        let Compiled { plant, policy, moment, given, sources } = compiled;
        let given = given.iter().map(ToString::to_string).collect();
        Record {
            policy_hash: Some(policy.hash()),
            situation: Some(Situation { at: *moment, given }),
            ..self.record(&plant.id, hashes(sources), step)
        }
    }
}

/// What a proof leaves behind.
pub fn prove_step(plant: &Plant, proof: &ProofDocument, surrounding: &Surrounding) -> Step {
    let zone = |leg: &String| plant.leg(leg).map(|(zone, _)| zone.id.to_string());
    let mut bridged: Vec<[String; 2]> = surrounding
        .bridged
        .iter()
        .filter_map(|[one, other]| Some([zone(one)?, zone(other)?]))
        .filter(|[one, other]| one != other)
        .collect();
    bridged.sort();
    bridged.dedup();
    let note = |note: &crate::document::NotUnderstoodDocument| Note {
        place: note.place.clone(),
        what: note.what.clone(),
    };
    Step::Prove {
        verdict: verdict(proof.verdict),
        rules: proof.rules as u64,
        assumptions: proof.assumptions.clone(),
        not_understood: proof.not_understood.iter().map(note).collect(),
        uninspected: proof.uninspected.clone(),
        bridged,
    }
}

fn verdict(word: &str) -> evidence::Verdict {
    match word {
        "equal" => evidence::Verdict::Equal,
        "differs" => evidence::Verdict::Differs,
        _ => evidence::Verdict::Unknown,
    }
}

/// The cases of a run as one step. Where they do not fit into a record, derived ones that passed are counted only.
pub fn cases(verdict: evidence::Verdict, mut cases: Vec<Case>) -> Step {
    let size = |case: &Case| serde_json::to_string(case).map_or(0, |text| text.len() + 1);
    let mut length: usize = cases.iter().map(size).sum();
    let mut more = 0;
    cases.retain(|case| {
        let leave = length > CASES && case.derived && case.state == evidence::CaseState::Pass;
        if leave {
            length -= size(case);
            more += 1;
        }
        !leave
    });
    Step::Lab { verdict, cases, more }
}
