//! Reading plants from files and folders.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plant::{Diagnostic, Given, Plant, Reading, Severity, SourceFile};
use policy::Policy;
use words::Language;

use crate::arguments::Situation;
use crate::exit::{Exit, Failure};
use crate::show;

/// Files longer than this are not read to their end: the reader refuses them anyway.
const LONGEST: u64 = plant::LARGEST as u64 + 1;

/// Reads the files of a plant: a file with the `decisions.toml` beside it, or every TOML file of a folder.
pub fn sources(path: &Path, language: Language) -> Result<Vec<SourceFile>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error, language))?;
        for entry in entries {
            let file = entry.map_err(|error| unreadable(path, &error, language))?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            let text = language.pick(
                format!("{}: no plant here: the folder holds no .toml file", path.display()),
                format!("{}: hier ist keine Anlage: der Ordner enthält keine .toml-Datei", path.display()),
            );
            return Err(Failure::new(Exit::BadInput, text));
        }
    } else {
        files.push(path.to_owned());
        let beside = path.with_file_name("decisions.toml");
        if beside != path && beside.is_file() {
            files.push(beside);
        }
    }
    files
        .into_iter()
        .map(|file| {
            let mut text = Vec::new();
            let read = fs::File::open(&file).and_then(|open| open.take(LONGEST).read_to_end(&mut text));
            read.map_err(|error| unreadable(&file, &error, language))?;
            Ok(SourceFile { name: file.display().to_string(), text })
        })
        .collect()
}

/// A file as text, for nft.
pub fn text(path: &Path, language: Language) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error, language))?;
    String::from_utf8(bytes).map_err(|_| {
        let text = language.pick(
            format!("{}: the file is not text (UTF-8)", path.display()),
            format!("{}: die Datei ist kein Text (UTF-8)", path.display()),
        );
        Failure::new(Exit::BadInput, text)
    })
}

fn unreadable(path: &Path, error: &std::io::Error, language: Language) -> Failure {
    let why = match error.kind() {
        ErrorKind::NotFound => {
            language.pick("there is no such file or folder", "Datei oder Ordner gibt es nicht")
        }
        ErrorKind::PermissionDenied => language.pick("it may not be read", "sie darf nicht gelesen werden"),
        _ => return Failure::new(Exit::BadInput, format!("{}: {error}", path.display())),
    };
    Failure::new(Exit::BadInput, format!("{}: {why}", path.display()))
}

/// The plant of files that must be free of errors; otherwise all of them are printed and the command ends.
pub fn whole(files: &[SourceFile], language: Language) -> Result<Plant, Failure> {
    let Reading { plant, diagnostics, sources } = plant::read(files);
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
    match plant {
        Some(plant) if errors.is_empty() => Ok(plant),
        _ => Err(Failure::new(Exit::BadInput, show::diagnostics(&errors, &sources, language))),
    }
}

/// The moment, the facts given, and the policy that follows from both.
pub struct Compiled {
    /// The plant.
    pub plant: Plant,
    /// Its policy.
    pub policy: Policy,
    /// The moment it holds for.
    pub moment: Timestamp,
    /// What is given at that moment.
    pub given: Vec<Given>,
    /// The text all of it comes from.
    pub sources: Vec<SourceFile>,
}

/// Reads the plant and compiles it for the situation asked for.
pub fn compile(situation: &Situation, language: Language) -> Result<Compiled, Failure> {
    let sources = sources(&situation.plant, language)?;
    let plant = whole(&sources, language)?;
    let moment = moment(&plant, situation.at.as_deref(), language)?;
    let given = situation
        .given
        .iter()
        .map(|text| {
            Given::parse(text).ok_or_else(|| {
                let sentence = language.pick(
                    format!("--given `{text}`: write `FLOW approved`, `FLOW approved for 30min` or `STATE = VALUE`"),
                    format!(
                        "--given `{text}`: erwartet wird `FLOW approved`, `FLOW approved for 30min` oder `STATE = VALUE`"
                    ),
                );
                Failure::new(Exit::BadInput, sentence)
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let policy = policy(&plant, moment, &given, language)?;
    Ok(Compiled { plant, policy, moment, given, sources })
}

/// Compiles, turning errors into failures.
pub fn policy(
    plant: &Plant,
    moment: Timestamp,
    given: &[Given],
    language: Language,
) -> Result<Policy, Failure> {
    policy::compile(plant, moment, given).map_err(|error| {
        let exit = if matches!(error, policy::CompileError::Stale { .. }) {
            Exit::StaleDecision
        } else {
            Exit::BadInput
        };
        Failure::new(exit, show::message(&error, language))
    })
}

/// The moment asked for, or now.
pub fn moment(plant: &Plant, at: Option<&str>, language: Language) -> Result<Timestamp, Failure> {
    let now = Timestamp::now();
    let Some(at) = at else { return Ok(now) };
    let zone = plant.timezone.as_deref().map_or(Ok(TimeZone::UTC), TimeZone::get);
    let wrong = || {
        let sentence = language.pick(
            format!("--at `{at}`: write 2027-07-01T02:30+02:00, \"02:30\" or \"Sun 02:00\""),
            format!("--at `{at}`: erwartet wird 2027-07-01T02:30+02:00, \"02:30\" oder \"Sun 02:00\""),
        );
        Failure::new(Exit::BadInput, sentence)
    };
    let zone = zone.map_err(|_| wrong())?;
    let moment = plant::when::Moment::parse(at).ok_or_else(wrong)?;
    moment.resolve(now, &zone).map_err(|_| wrong())
}
