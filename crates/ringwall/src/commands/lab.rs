//! `lab`: the plant's twin in network namespaces, and every case as real traffic.

use std::collections::BTreeSet;
use std::sync::Mutex;

use jiff::Timestamp;
use lab::{CaseResult, LabError, LabOptions, LabReport, Progress, State};
use plant::Plant;
use policy::Policy;
use words::Language;

use crate::arguments::Lab;
use crate::document::{CaseDocument, LabDocument};
use crate::exit::{Exit, Failure};
use crate::journal::{Held, Journal};
use crate::output::Output;
use crate::proof::{self, Hosts, Lateness, Verdict};
use crate::{files, kernel};

/// Runs the command.
pub fn run(arguments: &Lab, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let sources = files::sources(&arguments.plant, language)?;
    let plant = files::whole(&sources, language)?;
    let after_load = arguments.after_load.as_ref().map(|path| files::text(path, language)).transpose()?;
    // What does not compile is told before anything is built.
    let now = Timestamp::now();
    let base = files::policy(&plant, now, &[], language)?;
    if let Some(exit) = kernel::sandboxed()? {
        return Ok(exit);
    }
    let journal = Journal::open(&arguments.log, None, output)?;
    let options = LabOptions { derive: !arguments.expects_only, after_load, ..LabOptions::at(now) };
    let Tried { report, held } = build(&plant, &options, output)?;
    let document = document(&report, language);
    output.result(&document, || text(&report, language));
    if let Some(mut journal) = journal {
        journal.lab(&plant, &sources, &base, &report, &held)?;
        journal.close(output)?;
    }
    Ok(exit(&report))
}

/// A run, and the proofs made on its way.
pub struct Tried {
    /// The run.
    pub report: LabReport,
    /// The proofs, in their order.
    pub held: Vec<Held>,
}

/// Builds the twin and sends the cases, with progress.
pub fn build(plant: &Plant, options: &LabOptions, output: &Output) -> Result<Tried, Failure> {
    let language = output.language();
    let hosts = proof::hosts(plant);
    let held = Mutex::new(Vec::new());
    let prove = |policy: &Policy| {
        let (proof, kept) = prove(policy, &hosts, language);
        if let (Some(kept), Ok(mut held)) = (kept, held.lock()) {
            held.push(kept);
        }
        proof
    };
    let mut progress = |progress: Progress| output.progress(&progress_text(&progress, language));
    let report = lab::run(plant, options, &prove, &mut progress);
    output.progress_done();
    let report = report.map_err(|error| failure(error, language))?;
    Ok(Tried { report, held: held.into_inner().unwrap_or_default() })
}

pub fn failure(error: LabError, language: Language) -> Failure {
    match error {
        LabError::Linux(error) => error.into(),
        LabError::Nft(error) => error.into(),
        LabError::Compile(error) => {
            let exit = if matches!(error, policy::CompileError::Stale { .. }) {
                Exit::StaleDecision
            } else {
                Exit::BadInput
            };
            Failure::new(exit, crate::show::message(&error, language))
        }
        error => Failure::new(Exit::BadInput, error.to_string()),
    }
}

/// Proves what the current namespace runs against a policy, for the moment the policy was compiled for.
pub fn prove(policy: &Policy, hosts: &Hosts, language: Language) -> (lab::Proof, Option<Held>) {
    let legs: BTreeSet<String> = policy.interfaces().into_iter().collect();
    let running = match kernel::running(&legs, language) {
        Ok(running) => running,
        Err(failure) => return (lab::Proof::Unknown(failure.message), None),
    };
    let proof = proof::prove(
        policy,
        hosts,
        policy.moment,
        &running.ruleset,
        &running.surrounding,
        Lateness::None,
        language,
    );
    let verdict = proof.verdict;
    let document = proof::document(proof, policy, &running.ruleset, &running.surrounding.links);
    let text = || crate::proof_text::text(verdict, &document, language);
    let proof = match verdict {
        Verdict::Equal => lab::Proof::Equal,
        Verdict::Differs => lab::Proof::Differs(text()),
        Verdict::Unknown => lab::Proof::Unknown(text()),
    };
    (proof, Some(Held { moment: policy.moment, document, surrounding: running.surrounding }))
}

fn progress_text(progress: &Progress, language: Language) -> String {
    match progress {
        Progress::Built { hosts, legs, cases, groups } => language.pick(
            format!("twin built: {hosts} hosts, {legs} legs; {cases} cases at {groups} moments"),
            format!(
                "Zwilling steht: {hosts} Geräte, {legs} Anschlüsse; {cases} Fälle zu {groups} Zeitpunkten"
            ),
        ),
        Progress::Loaded { group, moment } => language.pick(
            format!("moment {group}: rules for {moment} loaded"),
            format!("Zeitpunkt {group}: Regeln für {moment} geladen"),
        ),
        Progress::Proved { group, proof } => language.pick(
            format!("moment {group}: proof {}", proof.word()),
            format!("Zeitpunkt {group}: Beweis {}", german(proof)),
        ),
        Progress::Sent { done, of } => {
            language.pick(format!("{done} of {of} cases sent"), format!("{done} von {of} Fällen gesendet"))
        }
    }
}

fn german(proof: &lab::Proof) -> &'static str {
    match proof {
        lab::Proof::Equal => "gleich",
        lab::Proof::Differs(_) => "verschieden",
        lab::Proof::Unknown(_) => "unbekannt",
    }
}

fn exit(report: &LabReport) -> Exit {
    if report.proof != lab::Proof::Equal {
        Exit::NotProved
    } else if report.cases.iter().any(|case| matches!(case.state, State::Fail | State::Error)) {
        Exit::Findings
    } else {
        Exit::Fine
    }
}

/// The plant text's word for a verdict.
pub fn word(verdict: plant::Verdict) -> &'static str {
    match verdict {
        plant::Verdict::Allow => "allow",
        plant::Verdict::Deny => "deny",
        plant::Verdict::DenyByCommand => "deny by command",
        plant::Verdict::Cut => "cut",
        plant::Verdict::Blind => "blind",
        plant::Verdict::Alarm => "alarm",
    }
}

/// What scripts read.
pub fn document(report: &LabReport, language: Language) -> LabDocument {
    let case = |case: &CaseResult| CaseDocument {
        id: case.id.clone(),
        say: case.say.clone(),
        expected: word(case.expected).to_owned(),
        verdict: case.verdict.map(|seen| seen.word().to_owned()),
        state: case.state.word(),
        reason: case.reason.as_ref().map(|reason| reason.text(language)),
    };
    LabDocument { cases: report.cases.iter().map(case).collect(), proof: report.proof.word() }
}

/// The report for people: the plant's own cases one by one, the derived ones counted, and every failure.
pub fn text(report: &LabReport, language: Language) -> String {
    let mut text = String::new();
    let width = report.cases.iter().filter(|case| !case.derived).map(|case| case.say.chars().count()).max();
    let width = width.unwrap_or(0).min(70);
    for case in &report.cases {
        if case.derived && matches!(case.state, State::Pass) {
            continue;
        }
        let verdict = case.verdict.map_or_else(|| "-".to_owned(), |seen| seen.word().to_owned());
        let state = match case.state {
            State::Pass => language.pick("pass", "gut"),
            State::Fail => language.pick("FAIL", "FALSCH"),
            State::NotInspected => language.pick("not inspected", "nicht geprüft"),
            State::Error => language.pick("ERROR", "STÖRUNG"),
        };
        text.push_str(&format!(
            "  {:<14} {:<width$} {:<8} {:<7} {state}\n",
            case.id,
            case.say,
            word(case.expected),
            verdict
        ));
        if let Some(reason) = &case.reason {
            text.push_str(&format!("  {:<14}   {}\n", "", reason.text(language)));
        }
    }
    let count = |state, derived| {
        report.cases.iter().filter(|case| case.state == state && case.derived == derived).count()
    };
    let total = |derived| report.cases.iter().filter(|case| case.derived == derived).count();
    text.push_str(&language.pick(
        format!(
            "\nthe plant's own cases: {} of {} pass, {} fail, {} not inspected (they need the inspection of commands)\n",
            count(State::Pass, false),
            total(false),
            count(State::Fail, false) + count(State::Error, false),
            count(State::NotInspected, false)
        ),
        format!(
            "\neigene Fälle der Anlage: {} von {} gut, {} falsch, {} nicht geprüft (sie brauchen die Prüfung der Befehle)\n",
            count(State::Pass, false),
            total(false),
            count(State::Fail, false) + count(State::Error, false),
            count(State::NotInspected, false)
        ),
    ));
    if total(true) > 0 {
        text.push_str(&language.pick(
            format!("derived from the flows: {} of {} pass\n", count(State::Pass, true), total(true)),
            format!("aus den Flüssen abgeleitet: {} von {} gut\n", count(State::Pass, true), total(true)),
        ));
    }
    let seconds = report.took.as_secs_f64();
    match &report.proof {
        lab::Proof::Equal => text.push_str(&language.pick(
            format!("proof: equal, each time the rules were loaded; {seconds:.1} s\n"),
            format!("Beweis: gleich, bei jedem Laden der Regeln; {seconds:.1} s\n"),
        )),
        lab::Proof::Differs(why) | lab::Proof::Unknown(why) => {
            text.push_str(&language.pick(format!("proof: {why}"), format!("Beweis: {why}")));
        }
    }
    for assumption in &report.assumptions {
        text.push_str(&format!("  - {}\n", assumption.text(language)));
    }
    text
}
