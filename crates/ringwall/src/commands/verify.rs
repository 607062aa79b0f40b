//! `verify`: a bundle, checked and proved again by somebody who trusts nobody who made it.
//!
//! It needs no kernel, no network and no Linux: the plant is read from its text, the policy compiled from it for the
//! moment in the list, the rules decoded from the kernel's own bytes, and one held against the other.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use evidence::bundle::{Bundle, CONTAINER, Fault, LONGEST, MANIFEST, Manifest, open};
use evidence::{Keys, Record, Step, plant_hashes, read};
use ledger::{Checkpoint, Verifier};
use nftables::{Dump, decode};
use plant::{Given, Plant, Severity, SourceFile};
use policy::Policy;
use serde::Serialize;
use words::{Language, Message};

use crate::arguments::Verify;
use crate::document::ProofDocument;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::packed::{self, SurroundingDocument};
use crate::proof::{self, Lateness, Surrounding, Verdict};
use crate::{proof_text, show};

/// What scripts read.
#[derive(Debug, Serialize)]
struct VerifyDocument {
    ok: bool,
    proof: &'static str,
    parts: Vec<PartDocument>,
    /// Where the key came from: `given`, or `bundle` where it lay within what it should vouch for.
    key: &'static str,
    /// Name and id of the key that signed it, where that is known.
    signed_by: Option<String>,
    /// `lab` or `site`.
    basis: Option<&'static str>,
    serial: Option<String>,
    plant: Option<String>,
    at: Option<String>,
    given: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PartDocument {
    name: String,
    ok: bool,
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip)]
    shown: Option<String>,
}

/// Runs the command.
pub fn run(arguments: &Verify, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let bytes = bytes(&arguments.bundle)?;
    let key = arguments.key.as_deref().map(|path| key(path, language)).transpose()?;
    let source = if key.is_some() { "given" } else { "bundle" };
    let mut document = VerifyDocument {
        ok: false,
        proof: Verdict::Unknown.word(),
        parts: Vec::new(),
        key: source,
        signed_by: None,
        basis: None,
        serial: None,
        plant: None,
        at: None,
        given: Vec::new(),
    };
    let mut proof = None;
    match open(&bytes, key.as_ref()) {
        Err((name, fault)) => {
            // Whatever stands behind a list nobody vouches for is not looked at.
            let names = if name == CONTAINER { &[CONTAINER][..] } else { &[CONTAINER, MANIFEST] };
            document.parts =
                names.iter().map(|own| part(own, (*own == name).then_some(&fault), language)).collect();
        }
        Ok(opened) => {
            let bundle = opened.check();
            about(&mut document, &bundle.manifest, &bundle.key);
            let mut faults = bundle.faults.clone();
            proof = again(&bundle, &mut faults, language);
            let verdict = proof.as_ref().map_or(Verdict::Unknown, |(verdict, _)| *verdict);
            document.ok = faults.is_empty() && verdict == Verdict::Equal;
            document.proof = verdict.word();
            document.parts = parts(&bundle.manifest, &faults, language);
        }
    }
    output.result(&document, || text(&document, proof.as_ref(), language));
    Ok(if document.ok { Exit::Fine } else { Exit::NotProved })
}

/// The file, no further than any bundle goes.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(Exit::BadInput, format!("{}: {error}", path.display())))?;
    Ok(bytes)
}

fn key(path: &Path, language: Language) -> Result<Verifier, Failure> {
    let failed = |why: &str| Failure::new(Exit::BadInput, format!("{}: {why}", path.display()));
    let text = ledger_files::note(path).map_err(|error| failed(&error.to_string()))?;
    let key = std::str::from_utf8(&text).ok().and_then(|text| Verifier::parse(text).ok());
    key.ok_or_else(|| failed(language.pick("not a public key", "kein öffentlicher Schlüssel")))
}

fn about(document: &mut VerifyDocument, manifest: &Manifest, key: &Verifier) {
    document.signed_by = Some(key.short());
    document.basis = Some(manifest.basis.word());
    document.serial = manifest.machine.as_ref().map(|machine| machine.serial.clone());
    document.plant = Some(manifest.plant.clone());
    document.at = Some(manifest.situation.at.to_string());
    document.given.clone_from(&manifest.situation.given);
}

/// Every part with what is wrong with it; first the file and its list, then those that are missing.
fn parts(manifest: &Manifest, faults: &[(String, Fault)], language: Language) -> Vec<PartDocument> {
    let mut names: Vec<&str> = vec![CONTAINER, MANIFEST];
    names.extend(manifest.parts.iter().map(|part| part.name.as_str()));
    let missing = faults.iter().map(|(name, _)| name.as_str());
    let missing: Vec<&str> = missing.filter(|name| !names.contains(name)).collect();
    names.extend(missing);
    let fault = |name: &str| faults.iter().find(|(own, _)| own == name).map(|(_, fault)| fault);
    names.into_iter().map(|name| part(name, fault(name), language)).collect()
}

fn part(name: &str, fault: Option<&Fault>, language: Language) -> PartDocument {
    PartDocument {
        name: name.to_owned(),
        ok: fault.is_none(),
        reason: fault.map(|fault| fault.text(language)),
        code: fault.map(Message::code),
        shown: fault.map(|fault| show::message(fault, language)),
    }
}

/// Comes to the proof again, and holds it against the log. Adds to the faults; none where it cannot be come to.
fn again(
    bundle: &Bundle<'_>,
    faults: &mut Vec<(String, Fault)>,
    language: Language,
) -> Option<(Verdict, ProofDocument)> {
    let manifest = &bundle.manifest;
    for name in packed::NEEDED {
        if !manifest.parts.iter().any(|part| part.name == name) {
            faults.push((name.to_owned(), Fault::Missing));
        }
    }
    // The log says something even where the rest does not.
    let records = log(bundle, faults, language);
    if !bundle.faults.is_empty() {
        return None;
    }
    let plant = plant(bundle, faults, language)?;
    let policy = policy(bundle, &plant, faults)?;
    let dump = bundle.part(packed::DUMP)?;
    if dump.len() > packed::LONGEST_DUMP {
        faults.push((packed::DUMP.to_owned(), Fault::Unreadable));
        return None;
    }
    let ruleset = decode(&Dump::from_bytes(dump.to_vec()));
    if proof::hash(&ruleset) != manifest.ruleset_hash {
        faults.push((packed::DUMP.to_owned(), Fault::Ruleset));
        return None;
    }
    let surrounding = bundle.part(packed::SURROUNDINGS)?;
    let Ok(surrounding) = serde_json::from_slice::<SurroundingDocument>(surrounding) else {
        faults.push((packed::SURROUNDINGS.to_owned(), Fault::Unreadable));
        return None;
    };
    let mut surrounding = Surrounding::from(surrounding);
    surrounding.assumptions.push(
        language
            .pick(
                "what else decides about packets on that machine is as it told when the bundle was packed",
                "was auf jener Maschine sonst über Pakete entscheidet, ist so, wie sie es beim Packen angab",
            )
            .to_owned(),
    );
    let lateness = if manifest.late { Lateness::OneSecond } else { Lateness::None };
    let hosts = proof::hosts(&plant);
    let moment = manifest.situation.at;
    let proof = proof::prove(&policy, &hosts, moment, &ruleset, &surrounding, lateness, language);
    let verdict = proof.verdict;
    // Of a log that is damaged it is said that it is; that it lacks something then follows.
    if let Some(records) = records {
        recorded(manifest, &records, verdict, faults);
        cases(bundle, &records, faults);
    }
    Some((verdict, proof::document(proof, &policy, &ruleset, &surrounding.links)))
}

/// The plant from its text.
fn plant(bundle: &Bundle<'_>, faults: &mut Vec<(String, Fault)>, language: Language) -> Option<Plant> {
    let names = bundle.manifest.parts.iter().map(|part| part.name.as_str());
    let files: Vec<SourceFile> = names
        .filter_map(|name| Some((name.strip_prefix(packed::PLANT)?, bundle.part(name)?)))
        .map(|(name, text)| SourceFile { name: name.to_owned(), text: text.to_vec() })
        .collect();
    let first = files.first().map(|file| format!("{}{}", packed::PLANT, file.name));
    let mut wrong = |why: String| {
        faults.push((first.clone().unwrap_or_else(|| packed::PLANT.to_owned()), Fault::Plant { why }));
        None
    };
    let hashes = plant_hashes(files.iter().map(|file| (file.name.as_str(), file.text.as_slice())));
    if hashes.plant != bundle.manifest.plant_hash || hashes.decisions != bundle.manifest.decisions_hash {
        return wrong(language.pick("it has another hash", "er hat einen anderen Hash").to_owned());
    }
    let reading = plant::read(&files);
    let error = reading.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    match (reading.plant, error) {
        (Some(plant), None) if plant.id == bundle.manifest.plant => Some(plant),
        (_, Some(error)) => wrong(error.sentence(language)),
        _ => wrong(language.pick("it is of another plant", "er ist der einer anderen Anlage").to_owned()),
    }
}

/// The policy, compiled again for the same moment.
fn policy(bundle: &Bundle<'_>, plant: &Plant, faults: &mut Vec<(String, Fault)>) -> Option<Policy> {
    let situation = &bundle.manifest.situation;
    let given: Option<Vec<Given>> = situation.given.iter().map(|text| Given::parse(text)).collect();
    let policy = given.and_then(|given| policy::compile(plant, situation.at, &given).ok());
    let same = |policy: &Policy| {
        policy.hash() == bundle.manifest.policy_hash
            && bundle.part(packed::POLICY) == Some(policy.text().as_bytes())
    };
    let policy = policy.filter(same);
    if policy.is_none() {
        faults.push((packed::POLICY.to_owned(), Fault::Policy));
    }
    policy
}

/// The records of the log that count, once the log is verified.
fn log(bundle: &Bundle<'_>, faults: &mut Vec<(String, Fault)>, language: Language) -> Option<Vec<Record>> {
    let (Some(bytes), Some(note)) = (bundle.part(packed::RECORDS), bundle.part(packed::CHECKPOINT)) else {
        return None;
    };
    let mut damaged = |name: &str, why: String| {
        faults.push((name.to_owned(), Fault::Log { why }));
        None
    };
    let checkpoint = match Checkpoint::verified(note, &bundle.key) {
        Ok(checkpoint) => checkpoint,
        Err(_) => {
            let why = language.pick(
                "its last checkpoint is not signed by the key of the bundle",
                "sein letzter Prüfpunkt ist nicht mit dem Schlüssel des Bündels unterschrieben",
            );
            return damaged(packed::CHECKPOINT, why.to_owned());
        }
    };
    match ledger::verify(bytes, Some(&bundle.key), &[checkpoint]) {
        Ok(report) if report.intact() => {}
        Ok(report) => {
            let first = report.findings.first().map(|finding| finding.text(language));
            return damaged(packed::RECORDS, first.unwrap_or_default());
        }
        Err(_) => {
            let why = language.pick("not a log of Ringwall", "kein Protokoll von Ringwall");
            return damaged(packed::RECORDS, why.to_owned());
        }
    }
    let mut keys = Keys::new();
    // The reader named this key, or is told that nobody vouches for it.
    let _ = keys.trust(bundle.key.clone());
    let records = ledger::records(bytes).map(|record| (record.index, record.content));
    Some(read(records, &keys).accepted.into_iter().map(|evidence| evidence.record).collect())
}

/// The log must say of these rules and this policy what was come to here.
fn recorded(manifest: &Manifest, records: &[Record], verdict: Verdict, faults: &mut Vec<(String, Fault)>) {
    let says = |record: &&Record| {
        matches!(&record.step, Step::Prove { verdict: told, .. } if told.word() == verdict.word())
            && record.basis == manifest.basis
            && record.machine == manifest.machine
            && record.plant == manifest.plant
            && record.plant_hash == manifest.plant_hash
            && record.decisions_hash == manifest.decisions_hash
            && record.policy_hash.as_ref() == Some(&manifest.policy_hash)
            && record.ruleset_hash.as_ref() == Some(&manifest.ruleset_hash)
            && record.situation.as_ref() == Some(&manifest.situation)
    };
    if !records.iter().any(|record| says(&record)) {
        faults.push((packed::RECORDS.to_owned(), Fault::NoRecord { verdict: verdict.word() }));
    }
}

/// The cases are those of a run in the log, about the same text.
fn cases(bundle: &Bundle<'_>, records: &[Record], faults: &mut Vec<(String, Fault)>) {
    let Some(cases) = bundle.part(packed::CASES) else { return };
    let manifest = &bundle.manifest;
    let told = serde_json::from_slice::<Step>(cases).ok().filter(|step| matches!(step, Step::Lab { .. }));
    let run = told.is_some_and(|told| {
        records.iter().any(|record| {
            record.step == told
                && record.plant_hash == manifest.plant_hash
                && record.decisions_hash == manifest.decisions_hash
        })
    });
    if !run {
        faults.push((packed::CASES.to_owned(), Fault::Cases));
    }
}

fn text(document: &VerifyDocument, proof: Option<&(Verdict, ProofDocument)>, language: Language) -> String {
    let mut text = String::new();
    for part in &document.parts {
        let state = if part.ok { language.pick("good", "gut") } else { language.pick("BAD", "FALSCH") };
        text.push_str(&format!("  {state:<7} {}\n", part.name));
        if let Some(shown) = &part.shown {
            shown.lines().for_each(|line| text.push_str(&format!("            {line}\n")));
        }
    }
    text.push('\n');
    if let Some((verdict, proof)) = proof {
        text.push_str(&proof_text::text(*verdict, proof, language));
        text.push('\n');
    }
    text.push_str(match (document.ok, proof.is_some()) {
        (true, _) => language.pick(
            "good: every part is whole, and proved again it comes to the same\n",
            "gut: jeder Teil ist heil, und noch einmal bewiesen kommt dasselbe heraus\n",
        ),
        (false, true) if document.parts.iter().all(|part| part.ok) => language.pick(
            "NOT good: every part is whole, and proved again these rules are not what the plant says\n",
            "NICHT gut: jeder Teil ist heil, und noch einmal bewiesen sind diese Regeln nicht, was die Anlage sagt\n",
        ),
        (false, true) => language
            .pick("NOT good: see above what does not fit\n", "NICHT gut: oben steht, was nicht passt\n"),
        (false, false) => language.pick(
            "NOT good: a part is not what it should be, so nothing was proved\n",
            "NICHT gut: ein Teil ist nicht, was er sein soll; also wurde nichts bewiesen\n",
        ),
    });
    if let (Some(key), Some(basis)) = (&document.signed_by, document.basis) {
        let machine = document.serial.clone().unwrap_or_default();
        text.push_str(&match basis {
            "site" => language.pick(
                format!("found on the machine {machine}, signed with {key}\n"),
                format!("gefunden auf der Maschine {machine}, unterschrieben mit {key}\n"),
            ),
            _ => language.pick(
                format!("found in the lab, not on the machine in the plant; signed with {key}\n"),
                format!(
                    "gefunden im Labor, nicht auf der Maschine in der Anlage; unterschrieben mit {key}\n"
                ),
            ),
        });
    }
    if document.key == "bundle" && document.signed_by.is_some() {
        text.push_str(language.pick(
            "the key was taken from the bundle itself: give yours with --key to know who packed it\n",
            "der Schlüssel stammt aus dem Bündel selbst: mit --key den eigenen angeben, um zu wissen, wer packte\n",
        ));
    }
    text
}
