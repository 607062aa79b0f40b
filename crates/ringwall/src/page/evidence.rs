//! What the log adds to the page: cases as they came out, the newest proof, commands that were blocked.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ::evidence::{Basis, CaseState, Step, Verdict, plant_hashes};
use assurance::PassedOver;
use pages::model::{self, Blocked, Case, CaseResult, Log, Outcome, Page, Proof, Tried};
use plant::Plant;
use words::{Language, Message};

use super::{Clock, Parts, sentences};
use crate::believed::Believed;

/// Records that do not count and are shown.
const MOST_REFUSED: usize = 50;

/// Blocked commands that are shown, newest first.
const MOST_BLOCKED: usize = 500;

/// Fills in what the log knows.
pub(super) fn fill(
    page: &mut Page,
    parts: &Parts<'_>,
    log: &Believed,
    passed_over: &[PassedOver],
    clock: &Clock,
    language: Language,
) {
    let plant = parts.plant;
    let hash =
        plant_hashes(parts.sources.iter().map(|source| (source.name.as_str(), source.text.as_slice()))).plant;
    let refused = log.refused.iter().map(|refused| (refused.number, refused.reason.clone()));
    let passed_over = passed_over.iter().map(|over| (over.number, over.why.text(language)));
    page.log = Some(Log {
        records: log.records,
        fault: log.fault.clone(),
        refused: refused
            .chain(passed_over)
            .take(MOST_REFUSED)
            .map(|(number, why)| {
                language.pick(format!("record {number}: {why}"), format!("Eintrag {number}: {why}"))
            })
            .collect(),
    });
    let newest = log.of(&plant.id).rev().find_map(|evidence| match &evidence.record.step {
        Step::Lab { cases, more, .. } => Some((evidence, cases, *more)),
        _ => None,
    });
    if let Some((evidence, cases, more)) = newest {
        page.tried = Some(Tried {
            when: clock.text(evidence.record.time),
            of_this_text: evidence.record.plant_hash == hash,
        });
        results(page, cases, more, language);
    }
    page.proof = proof(parts, log, &hash, clock, language);
    page.blocked = blocked(plant, log, clock);
}

fn results(page: &mut Page, cases: &[::evidence::Case], more: u64, language: Language) {
    let result = |case: &::evidence::Case| {
        let (outcome, reason) = match case.state {
            CaseState::Pass => (Outcome::Pass, None),
            CaseState::Fail => (Outcome::Fail, None),
            CaseState::Error => (Outcome::Error, None),
            CaseState::NotInspected => (
                Outcome::NotInspected,
                Some(language.pick(
                    "the gateway does not read these commands yet, or the traffic never passes it",
                    "das Gateway liest diese Befehle noch nicht, oder der Verkehr läuft nicht über das Gateway",
                )),
            ),
        };
        CaseResult {
            seen: case.verdict.as_deref().map(|word| sentences::seen(word, language)),
            outcome,
            reason: reason.map(str::to_owned),
        }
    };
    let own: BTreeMap<&str, &::evidence::Case> =
        cases.iter().filter(|case| !case.derived).map(|case| (case.id.as_str(), case)).collect();
    for case in &mut page.cases {
        // The same id with another sentence is another case.
        case.result =
            own.get(case.id.as_str()).filter(|tried| tried.say == case.say).map(|tried| result(tried));
    }
    let derived: Vec<&::evidence::Case> = cases.iter().filter(|case| case.derived).collect();
    let passed = derived.iter().filter(|case| case.state == CaseState::Pass).count() as u64 + more;
    if !derived.is_empty() || more > 0 {
        page.derived = Some((passed, derived.len() as u64 + more));
    }
    for case in derived.into_iter().filter(|case| matches!(case.state, CaseState::Fail | CaseState::Error)) {
        page.cases.push(Case {
            id: case.id.clone(),
            say: case.say.clone(),
            circumstances: vec![language.pick("derived by the lab", "vom Labor abgeleitet").to_owned()],
            expected: sentences::word_expected(&case.expected, language),
            result: Some(result(case)),
        });
    }
}

/// The newest proof: of this text before any other, from the site before the lab.
fn proof(parts: &Parts<'_>, log: &Believed, hash: &str, clock: &Clock, language: Language) -> Option<Proof> {
    let verdict = |step: &Step| match step {
        Step::Prove { verdict, .. } | Step::Lab { verdict, .. } | Step::Load { verdict, .. } => {
            Some(*verdict)
        }
        _ => None,
    };
    let (evidence, found) = log
        .of(&parts.plant.id)
        .filter_map(|evidence| verdict(&evidence.record.step).map(|verdict| (evidence, verdict)))
        .max_by_key(|(evidence, _)| {
            let record = &evidence.record;
            (record.plant_hash == hash, record.basis == Basis::Site, evidence.number)
        })?;
    let record = &evidence.record;
    let (assumptions, not_understood, uninspected) = match &record.step {
        Step::Prove { assumptions, not_understood, uninspected, .. } => (
            assumptions.iter().map(|said| translated(said, parts, language)).collect(),
            not_understood.iter().map(|note| format!("{}: {}", note.place, note.what)).collect(),
            uninspected.clone(),
        ),
        _ => (
            parts.policy.assumptions().iter().map(|assumption| assumption.text(language)).collect(),
            Vec::new(),
            parts.policy.uninspected.iter().map(ToString::to_string).collect(),
        ),
    };
    Some(Proof {
        verdict: match found {
            Verdict::Equal => model::Verdict::Equal,
            Verdict::Differs => model::Verdict::Differs,
            Verdict::Unknown => model::Verdict::Unknown,
        },
        when: clock.text(record.time),
        basis: match &record.machine {
            Some(machine) => model::Basis::Site(format!("{} ({})", machine.serial, machine.host)),
            None => model::Basis::Lab,
        },
        record: Some(evidence.number),
        of_this_text: record.plant_hash == hash,
        assumptions,
        not_understood,
        uninspected,
    })
}

/// A record is written in the language of its run; what this program says itself it can say in both.
fn translated(said: &str, parts: &Parts<'_>, language: Language) -> String {
    parts
        .policy
        .assumptions()
        .into_iter()
        .find(|assumption| Language::ALL.iter().any(|language| assumption.text(*language) == said))
        .map_or_else(|| said.to_owned(), |assumption| assumption.text(language))
}

fn blocked(plant: &Plant, log: &Believed, clock: &Clock) -> Vec<Blocked> {
    let name = |text: &str| {
        text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |address| plant.describe_address(address))
    };
    log.of(&plant.id)
        .rev()
        .filter_map(|evidence| match &evidence.record.step {
            Step::Command { flow, client, server, command, allowed: false, reason, count, .. } => {
                Some(Blocked {
                    when: clock.text(evidence.record.time),
                    client: name(client),
                    server: name(server),
                    command: command.clone(),
                    flow: flow.clone(),
                    reason: reason.clone(),
                    times: *count,
                })
            }
            _ => None,
        })
        .take(MOST_BLOCKED)
        .collect()
}

/// Fills in what a run of the lab has just found, of which no log knows.
#[cfg(target_os = "linux")]
pub fn fresh(page: &mut Page, parts: &Parts<'_>, report: &lab::LabReport, language: Language) {
    let when = Clock::of(parts.plant, language).text(parts.policy.moment);
    let cases: Vec<::evidence::Case> = report
        .cases
        .iter()
        .map(|case| ::evidence::Case {
            id: case.id.clone(),
            say: case.say.clone(),
            state: match case.state {
                lab::State::Pass => CaseState::Pass,
                lab::State::Fail => CaseState::Fail,
                lab::State::NotInspected => CaseState::NotInspected,
                lab::State::Error => CaseState::Error,
            },
            expected: crate::commands::lab::word(case.expected).to_owned(),
            verdict: case.verdict.map(|seen| seen.word().to_owned()),
            derived: case.derived,
            from: None,
            to: None,
            conduit: None,
        })
        .collect();
    results(page, &cases, 0, language);
    page.tried = Some(Tried { when: when.clone(), of_this_text: true });
    page.proof = Some(Proof {
        verdict: match report.proof {
            lab::Proof::Equal => model::Verdict::Equal,
            lab::Proof::Differs(_) => model::Verdict::Differs,
            lab::Proof::Unknown(_) => model::Verdict::Unknown,
        },
        when,
        basis: model::Basis::Lab,
        record: None,
        of_this_text: true,
        assumptions: parts.policy.assumptions().iter().map(|assumption| assumption.text(language)).collect(),
        not_understood: Vec::new(),
        uninspected: parts.policy.uninspected.iter().map(ToString::to_string).collect(),
    });
}
