//! `check`: everything there is to say about a plant, in one run.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plant::{Diagnostic, Reading, Severity};
use policy::CompileError;
use words::{Language, Message};

use crate::arguments::{Check, Plant};
use crate::document::{CheckDocument, DiagnosticDocument};
use crate::exit::{Exit, Failure};
use crate::files;
use crate::journal::Journal;
use crate::output::Output;
use crate::show;

/// Runs the command.
pub fn run(arguments: &Check, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let Check { plant: arguments, log } = arguments;
    let sources = files::sources(&arguments.plant, language)?;
    let journal = Journal::open(log, None, output)?;
    let reading = plant::read(&sources);
    let stale = reading.plant.as_ref().map(|plant| stale(plant, language)).unwrap_or_default();
    let exit = exit(&reading, !stale.is_empty());
    let document = CheckDocument {
        diagnostics: reading.diagnostics.iter().map(|diagnostic| describe(diagnostic, language)).collect(),
    };
    output.result(&document, || text(&reading, arguments, language));
    stale.iter().for_each(|sentence| output.message(sentence));
    if let Some(mut journal) = journal {
        journal.check(&reading, &sources)?;
        journal.close(output)?;
    }
    Ok(exit)
}

/// Decisions and attestations that no longer hold today.
fn stale(plant: &plant::Plant, language: Language) -> Vec<String> {
    let zone = plant.timezone.as_deref().and_then(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
    let today = zone.to_datetime(Timestamp::now()).date();
    let decisions = plant.stale_decisions(today);
    let decided =
        (!decisions.is_empty()).then(|| show::message(&CompileError::Stale { decisions }, language));
    let attested = plant.stale_attestations(today);
    decided.into_iter().chain(attested.iter().map(|(_, problem)| show::message(problem, language))).collect()
}

fn exit(reading: &Reading, stale: bool) -> Exit {
    let worst = reading.diagnostics.iter().map(|diagnostic| diagnostic.severity).min();
    match worst {
        _ if reading.plant.is_none() => Exit::BadInput,
        Some(Severity::Error) => Exit::BadInput,
        _ if stale => Exit::StaleDecision,
        Some(Severity::Warning) => Exit::Findings,
        _ => Exit::Fine,
    }
}

fn describe(diagnostic: &Diagnostic, language: Language) -> DiagnosticDocument {
    let place = diagnostic.place.as_ref();
    DiagnosticDocument {
        code: diagnostic.code,
        severity: diagnostic.severity.word(),
        message: diagnostic.message.text(language),
        help: diagnostic.message.help(language),
        file: place.map(|place| place.file.to_string()),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
    }
}

fn text(reading: &Reading, arguments: &Plant, language: Language) -> String {
    let all: Vec<&Diagnostic> = reading.diagnostics.iter().collect();
    let mut text = show::diagnostics(&all, &reading.sources, language);
    let count = |severity| all.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    if let Some(plant) = &reading.plant {
        text.push_str(&language.pick(
            format!(
                "{}: {} zones, {} conduits (the permitted connections between zones), {} devices, {} flows, {} cases\n",
                plant.name,
                plant.zones.len(),
                plant.conduits.len(),
                plant.assets.len(),
                plant.flows.len(),
                plant.expects.len()
            ),
            format!(
                "{}: {} Zonen, {} Conduits (die erlaubten Verbindungen zwischen Zonen), {} Geräte, {} Flüsse, {} Fälle\n",
                plant.name,
                plant.zones.len(),
                plant.conduits.len(),
                plant.assets.len(),
                plant.flows.len(),
                plant.expects.len()
            ),
        ));
    }
    let plural = |count, one: (&str, &str), many: (&str, &str)| {
        let word = if count == 1 { language.pick(one.0, one.1) } else { language.pick(many.0, many.1) };
        format!("{count} {word}")
    };
    text.push_str(&format!(
        "{}, {}, {}\n",
        plural(errors, ("error", "Fehler"), ("errors", "Fehler")),
        plural(warnings, ("warning", "Warnung"), ("warnings", "Warnungen")),
        plural(notes, ("note", "Hinweis"), ("notes", "Hinweise")),
    ));
    let place = arguments.plant.display();
    text.push_str(&if errors > 0 {
        language.pick(
            "next: mend the errors above, then check again; `ringwall explain CODE` tells more about each code\n".to_owned(),
            "als Nächstes: die Fehler oben beheben und noch einmal prüfen; `ringwall explain CODE` erklärt jeden Code\n"
                .to_owned(),
        )
    } else {
        language.pick(
            format!("next: `ringwall lab {place}` builds the plant in this machine and tries every case\n"),
            format!("als Nächstes: `ringwall lab {place}` baut die Anlage in dieser Maschine auf und probiert jeden Fall\n"),
        )
    });
    text
}
