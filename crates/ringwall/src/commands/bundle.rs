//! `bundle`: everything a proof stands on, in one signed file.

use std::collections::BTreeSet;
use std::path::Path;

use evidence::bundle::{Manifest, pack};
use evidence::{Basis, Evidence, Keys, Situation, Step, sha256};
use jiff::Timestamp;
use lab::{LabOptions, Twin};
use ledger::StoreFile;
use nftables::Dump;
use serde::Serialize;
use words::{Language, grouped};

use super::lab::Tried;
use crate::arguments::Bundle;
use crate::exit::{Exit, Failure};
use crate::files::{self, Compiled};
use crate::journal::{Journal, hashes};
use crate::kernel::{self, Running};
use crate::output::Output;
use crate::packed::{self, SurroundingDocument};
use crate::proof::{self, Lateness, Verdict};

/// What scripts read.
#[derive(Serialize)]
struct BundleDocument {
    file: String,
    bytes: usize,
    sha256: String,
    /// The public key that signed it.
    key: String,
    basis: &'static str,
    proof: &'static str,
    parts: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &Bundle, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let compiled = files::compile(&arguments.situation, language)?;
    if arguments.site.is_none()
        && let Some(exit) = kernel::sandboxed()?
    {
        return Ok(exit);
    }
    let site = arguments.site.as_deref();
    let mut journal = Journal::at(&arguments.log, arguments.sign_key.as_deref(), site, output)?;
    let mut cases = newest_cases(&arguments.log, &journal, &compiled)?;
    if cases.is_none() && site.is_none() {
        tried(&compiled, &mut journal, output)?;
        journal.seal()?;
        cases = newest_cases(&arguments.log, &journal, &compiled)?;
    }

    let late = site.is_some();
    let (running, dump) =
        if late { from_machine(&compiled, language) } else { from_twin(&compiled, language) }?;
    let lateness = if late { Lateness::OneSecond } else { Lateness::None };
    let Compiled { plant, policy, moment, given, sources } = &compiled;
    let (ruleset, surrounding) = (&running.ruleset, &running.surrounding);
    let proof = proof::prove(policy, &proof::hosts(plant), *moment, ruleset, surrounding, lateness, language);
    let verdict = proof.verdict;
    let document = proof::document(proof, policy, ruleset, &surrounding.links);
    journal.proof(&compiled, &document, surrounding)?;
    journal.seal()?;

    let own = hashes(sources);
    let manifest = Manifest {
        key: String::new(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        time: Timestamp::now(),
        basis: if late { Basis::Site } else { Basis::Lab },
        machine: journal.machine().cloned(),
        plant: plant.id.clone(),
        plant_hash: own.plant,
        decisions_hash: own.decisions,
        situation: Situation { at: *moment, given: given.iter().map(ToString::to_string).collect() },
        late,
        policy_hash: document.policy_hash.clone(),
        ruleset_hash: document.ruleset_hash.clone(),
        parts: Vec::new(),
    };
    let mut parts: Vec<(String, Vec<u8>)> = sources
        .iter()
        .map(|file| (format!("{}{}", packed::PLANT, base(&file.name)), file.text.clone()))
        .collect();
    parts.push((packed::POLICY.to_owned(), policy.text().into_bytes()));
    parts.push((packed::DUMP.to_owned(), dump.to_bytes()));
    let surrounding = serde_json::to_vec(&SurroundingDocument::from(surrounding)).unwrap_or_default();
    parts.push((packed::SURROUNDINGS.to_owned(), surrounding));
    if let Some(cases) = &cases {
        parts.push((packed::CASES.to_owned(), serde_json::to_vec(&cases.record.step).unwrap_or_default()));
    }
    // The log stays locked until it is packed: nothing comes between its records and its checkpoint.
    for (name, file) in [(packed::RECORDS, StoreFile::Records), (packed::CHECKPOINT, StoreFile::Checkpoint)] {
        let path = arguments.log.join(file.name());
        let bytes = std::fs::read(&path).map_err(|error| failed(&path, &error.to_string()))?;
        parts.push((name.to_owned(), bytes));
    }
    let too_much = || {
        let why = language.pick("too much for one bundle", "zu viel für ein Bündel");
        failed(&arguments.output, why)
    };
    if parts.iter().any(|(name, content)| name == packed::DUMP && content.len() > packed::LONGEST_DUMP) {
        return Err(too_much());
    }
    let bytes = pack(manifest, &parts, journal.signer()).map_err(|_| too_much())?;
    ledger_files::write_durably(&arguments.output, &bytes)
        .map_err(|error| failed(&arguments.output, &error.to_string()))?;

    let result = BundleDocument {
        file: arguments.output.display().to_string(),
        bytes: bytes.len(),
        sha256: sha256(&bytes),
        key: journal.key().to_string(),
        basis: if late { "site" } else { "lab" },
        proof: verdict.word(),
        parts: parts.into_iter().map(|(name, _)| name).collect(),
    };
    output.result(&result, || text(&result, cases.is_some(), language));
    journal.close(output)?;
    Ok(if verdict == Verdict::Equal { Exit::Fine } else { Exit::NotProved })
}

/// The rules of the twin's gateway, loaded for this moment.
fn from_twin(compiled: &Compiled, language: Language) -> Result<(Running, Dump), Failure> {
    let failure = |error| super::lab::failure(error, language);
    let twin = Twin::build(&compiled.plant, &[]).map_err(failure)?;
    twin.load(&compiled.policy.text()).map_err(failure)?;
    twin.gateway().run(|| kernel::running_with_dump(&legs(compiled), language))?
}

/// The rules this machine runs.
fn from_machine(compiled: &Compiled, language: Language) -> Result<(Running, Dump), Failure> {
    kernel::running_with_dump(&legs(compiled), language)
}

fn legs(compiled: &Compiled) -> BTreeSet<String> {
    compiled.policy.interfaces().into_iter().collect()
}

/// The newest run of the lab in the log that is about this very text.
fn newest_cases(log: &Path, journal: &Journal, compiled: &Compiled) -> Result<Option<Evidence>, Failure> {
    let path = log.join(StoreFile::Records.name());
    let bytes = ledger_files::records(log).map_err(|error| failed(&path, &error.to_string()))?;
    let mut keys = Keys::new();
    // The log was opened with this key, so its checkpoints are this key's.
    let _ = keys.trust(journal.key().clone());
    let records = ledger::records(&bytes).map(|record| (record.index, record.content));
    let read = evidence::read(records, &keys);
    let own = hashes(&compiled.sources);
    Ok(read.accepted.into_iter().rev().find(|evidence| {
        let record = &evidence.record;
        matches!(record.step, Step::Lab { .. })
            && record.plant_hash == own.plant
            && record.decisions_hash == own.decisions
    }))
}

/// No run of the lab is in the log yet: makes one.
fn tried(compiled: &Compiled, journal: &mut Journal, output: &Output) -> Result<(), Failure> {
    let now = Timestamp::now();
    let base = files::policy(&compiled.plant, now, &[], output.language())?;
    let Tried { report, held } = super::lab::build(&compiled.plant, &LabOptions::at(now), output)?;
    journal.lab(&compiled.plant, &compiled.sources, &base, &report, &held)
}

/// The last part of a path.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn failed(path: &Path, why: &str) -> Failure {
    Failure::new(Exit::BadInput, format!("{}: {why}", path.display()))
}

fn text(document: &BundleDocument, cases: bool, language: Language) -> String {
    let (file, bytes, proof) = (&document.file, grouped(document.bytes as u64, language), document.proof);
    let parts = document.parts.len();
    let mut text = language.pick(
        format!("{file}: {parts} parts, {bytes} bytes; proof: {proof}; basis: {}\n", document.basis),
        format!(
            "{file}: {parts} Teile, {bytes} Bytes; Beweis: {}; Grundlage: {}\n",
            german(proof),
            match document.basis {
                "site" => "vor Ort",
                _ => "Labor",
            }
        ),
    );
    if !cases {
        text.push_str(language.pick(
            "without cases: the log holds no run of the lab about this text (`ringwall lab PLANT --log DIR`)\n",
            "ohne Fälle: im Protokoll steht kein Lauf des Labors zu diesem Text (`ringwall lab ANLAGE --log ORDNER`)\n",
        ));
    }
    text.push_str(&language.pick(
        format!("signed with {}\nanybody checks it with `ringwall verify {file} --key FILE`, FILE being that key from where they keep it\n", document.key),
        format!("unterschrieben mit {}\njeder prüft es mit `ringwall verify {file} --key DATEI`, wobei in DATEI dieser Schlüssel steht, von wo er verwahrt wird\n", document.key),
    ));
    text
}

fn german(proof: &str) -> &'static str {
    match proof {
        "equal" => "gleich",
        "differs" => "verschieden",
        _ => "unbekannt",
    }
}
