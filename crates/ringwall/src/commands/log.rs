//! `log verify`: whether a log is still what was written.

use std::path::Path;

use ledger::{Checkpoint, CheckpointError, Finding, StoreFile, Verifier, What, hex, verify};
use serde::Serialize;
use words::{Language, Message, grouped};

use crate::arguments::{LogCommand, LogKey, LogKeyNew, LogVerify};
use crate::exit::{Exit, Failure};
use crate::journal::made_key;
use crate::output::Output;
use crate::show;

#[derive(Serialize)]
struct LogDocument {
    verdict: &'static str,
    size: u64,
    root: Option<String>,
    checkpoints: u64,
    /// Records a checkpoint vouches for.
    sealed: u64,
    /// Where the key came from: `given`, or `log` where it lay beside what it should vouch for, or none.
    key: Option<&'static str>,
    adopted: Vec<[u64; 2]>,
    findings: Vec<FindingDocument>,
    further: u64,
    ok: bool,
    records: u64,
    first_bad: Option<u64>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct FindingDocument {
    record: Option<u64>,
    offset: u64,
    what: &'static str,
    records: u64,
    code: &'static str,
    message: String,
}

/// Runs the command.
pub fn run(command: &LogCommand, output: &Output) -> Result<Exit, Failure> {
    match command {
        LogCommand::Verify(arguments) => verified(arguments, output),
        LogCommand::Key(LogKey::New(arguments)) => new_key(arguments, output),
    }
}

#[derive(Serialize)]
struct KeyDocument {
    file: String,
    /// The public half: what to hand over.
    key: String,
}

/// Makes the key of a machine. It signs what is found on that machine and nothing else.
fn new_key(arguments: &LogKeyNew, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let signer = made_key(&arguments.file, &arguments.site, language)?;
    let file = arguments.file.display().to_string();
    let document = KeyDocument { file, key: signer.verifier().to_string() };
    output.result(&document, || format!("{}\n", document.key));
    if !output.json() {
        output.message(&language.pick(
            format!("private key: {}; it never leaves this machine\nthe line above is its public half: hand it to whoever has to believe this machine's log", document.file),
            format!("privater Schlüssel: {}; er verlässt diese Maschine nie\ndie Zeile oben ist seine öffentliche Hälfte: sie bekommt, wer dem Protokoll dieser Maschine glauben soll", document.file),
        ));
    }
    Ok(Exit::Fine)
}

fn verified(arguments: &LogVerify, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let folder = &arguments.log;
    let read = |path: &Path| ledger_files::note(path).map_err(|error| unusable(path, &error.to_string()));
    let bytes = ledger_files::records(folder)
        .map_err(|error| unusable(&folder.join(StoreFile::Records.name()), &error.to_string()))?;

    // A key beside the log shows damage; only a key from elsewhere shows who wrote it.
    let beside = folder.join(ledger_files::KEY);
    let (source, place) = match &arguments.key {
        Some(path) => (Some("given"), path.clone()),
        None if beside.is_file() => (Some("log"), beside),
        None => (None, beside),
    };
    let key = match source {
        Some(_) => {
            let text = read(&place)?;
            let key = std::str::from_utf8(&text).ok().and_then(|text| Verifier::parse(text).ok());
            let what = language.pick("not a public key", "kein öffentlicher Schlüssel");
            Some(key.ok_or_else(|| unusable(&place, what))?)
        }
        None => None,
    };
    let (mut kept, mut unsigned) = (Vec::new(), Vec::new());
    let own = folder.join(StoreFile::Checkpoint.name());
    let own = if own.is_file() { Some(&own) } else { None };
    for path in own.into_iter().chain(&arguments.checkpoint) {
        let note = read(path)?;
        let checkpoint = match &key {
            Some(key) => Checkpoint::verified(&note, key),
            None => Checkpoint::parse(&note),
        };
        let given = arguments.checkpoint.as_ref() == Some(path);
        match checkpoint {
            Ok(checkpoint) if kept.contains(&checkpoint) => {}
            Ok(checkpoint) => kept.push(checkpoint),
            Err(CheckpointError::Form) if given => return Err(not_a_checkpoint(path, language)),
            Err(CheckpointError::Note(_)) if given && Checkpoint::parse(&note).is_err() => {
                return Err(not_a_checkpoint(path, language));
            }
            Err(_) => {
                unsigned.push(Finding { what: What::KeptSignature, record: None, offset: 0, records: 0 });
            }
        }
    }
    let mut report = verify(&bytes, key.as_ref(), &kept).map_err(|_| {
        unusable(folder, language.pick("not a log of Ringwall", "kein Protokoll von Ringwall"))
    })?;
    report.findings.extend(unsigned);

    let document = LogDocument {
        verdict: if report.intact() { "intact" } else { "damaged" },
        size: report.records,
        root: report.root.as_ref().map(hex),
        checkpoints: report.checkpoints,
        sealed: report.sealed,
        key: source,
        adopted: report.adopted.iter().map(|(first, end)| [*first, *end]).collect(),
        findings: report.findings.iter().map(|finding| describe(finding, language)).collect(),
        further: report.further,
        ok: report.intact(),
        records: report.records,
        first_bad: report.findings.iter().find_map(|finding| finding.record),
        reason: report.findings.first().map(|finding| finding.text(language)),
    };
    output.result(&document, || text(&report, &document, language));
    Ok(if report.intact() { Exit::Fine } else { Exit::NotProved })
}

fn describe(finding: &Finding, language: Language) -> FindingDocument {
    FindingDocument {
        record: finding.record,
        offset: finding.offset,
        what: finding.what.word(),
        records: finding.records,
        code: finding.code(),
        message: finding.text(language),
    }
}

fn text(report: &ledger::Report, document: &LogDocument, language: Language) -> String {
    let mut text: String =
        report.findings.iter().map(|finding| format!("{}\n\n", show::message(finding, language))).collect();
    if report.further > 0 {
        let further = report.further;
        text.push_str(
            &language.pick(format!("{further} further findings\n"), format!("{further} weitere Befunde\n")),
        );
    }
    for (first, end) in &report.adopted {
        let last = end.saturating_sub(1);
        text.push_str(&language.pick(
            format!("records {first} to {last}: found unsigned after a crash and adopted\n"),
            format!("Datensätze {first} bis {last}: nach einem Absturz ohne Unterschrift gefunden und übernommen\n"),
        ));
    }
    let (records, sealed) = (grouped(report.records, language), grouped(report.sealed, language));
    let checkpoints = report.checkpoints;
    let verdict = if report.intact() {
        language.pick("intact", "unversehrt")
    } else {
        language.pick("damaged", "beschädigt")
    };
    text.push_str(&language.pick(
        format!("{verdict}: {records} records, {sealed} of them under {checkpoints} checkpoints that hold\n"),
        format!(
            "{verdict}: {records} Datensätze, davon {sealed} unter {checkpoints} Prüfpunkten, die halten\n"
        ),
    ));
    if let Some(root) = &document.root {
        text.push_str(&language.pick(format!("root: {root}\n"), format!("Wurzel: {root}\n")));
    }
    match document.key {
        Some("given") => {}
        Some(_) => text.push_str(language.pick(
            "the key was taken from the log's own folder: give yours with --key to know who wrote it\n",
            "der Schlüssel stammt aus dem Ordner des Protokolls: mit --key den eigenen angeben, um zu wissen, wer schrieb\n",
        )),
        None => text.push_str(language.pick(
            "no key: signatures were not checked\n",
            "kein Schlüssel: Unterschriften wurden nicht geprüft\n",
        )),
    }
    text
}

fn not_a_checkpoint(path: &Path, language: Language) -> Failure {
    unusable(path, language.pick("not a checkpoint", "kein Prüfpunkt"))
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::new(Exit::BadInput, format!("{}: {why}", path.display()))
}
