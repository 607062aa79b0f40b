//! `diff`: what a change of a plant means for risk.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use plant::SourceFile;
use risk::{Change, Comparison, Verdict};
use serde::Serialize;
use words::Language;

use super::assess::{assessed, knowledge, seen};
use crate::arguments::Diff;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::Output;

/// Runs the command.
pub fn run(arguments: &Diff, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let knowledge = knowledge(arguments.knowledge.as_deref(), language)?;
    let nothing = seen(None, language)?;
    let observed = seen(arguments.observed.as_deref(), language)?;
    let old = sources(&arguments.old, language)?;
    let new = sources(&arguments.new, language)?;
    let (_, old) = assessed(&old, &knowledge, &nothing, language)?;
    let (name, new) = assessed(&new, &knowledge, &observed, language)?;
    let found = risk::compare(&old, &new);
    output.result(&document(&found, language), || text(&name, &found, language));
    Ok(match found.verdict {
        Verdict::NoNewRisk if found.stale.is_empty() => Exit::Fine,
        _ if !found.stale.is_empty() => Exit::StaleDecision,
        _ => Exit::Findings,
    })
}

/// A file or folder, or `REVISION:PATH` of the repository one stands in.
fn sources(what: &str, language: Language) -> Result<Vec<SourceFile>, Failure> {
    let path = Path::new(what);
    match what.split_once(':') {
        Some((revision, inside)) if !path.exists() && !revision.is_empty() => {
            revision_of(revision, inside, language)
        }
        _ => files::sources(path, language),
    }
}

fn revision_of(revision: &str, inside: &str, language: Language) -> Result<Vec<SourceFile>, Failure> {
    if revision.starts_with('-') {
        return Err(no_revision(revision, "", language));
    }
    // A path is counted from where one stands, as everywhere else on a command line.
    let inside =
        if inside.starts_with("./") || inside.is_empty() { inside.to_owned() } else { format!("./{inside}") };
    let inside = inside.trim_end_matches('/');
    let listed = git(&["ls-tree", "--name-only", revision, "--", &format!("{inside}/")], revision, language)?;
    let mut files: Vec<String> =
        listed.lines().filter(|name| name.ends_with(".toml")).map(|name| format!("./{name}")).collect();
    if files.is_empty() {
        files.push(inside.to_owned());
        let beside = Path::new(inside).with_file_name("decisions.toml").display().to_string();
        if beside != inside
            && git(&["cat-file", "-e", &format!("{revision}:{beside}")], revision, language).is_ok()
        {
            files.push(beside);
        }
    }
    files
        .into_iter()
        .map(|file| {
            let text = git(&["show", &format!("{revision}:{file}")], revision, language)?.into_bytes();
            Ok(SourceFile { name: format!("{revision}:{file}"), text })
        })
        .collect()
}

fn git(arguments: &[&str], revision: &str, language: Language) -> Result<String, Failure> {
    let output = Command::new("git").args(arguments).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(no_revision(revision, &String::from_utf8_lossy(&output.stderr), language)),
        Err(_) => {
            let why =
                language.pick("git is needed to read a revision", "um einen Stand zu lesen, braucht es git");
            Err(Failure::new(Exit::Lacking, why))
        }
    }
}

fn no_revision(revision: &str, why: &str, language: Language) -> Failure {
    let said =
        language.pick("there is no such file, folder or revision", "Datei, Ordner oder Stand gibt es nicht");
    let why = why.lines().next().unwrap_or_default();
    Failure::new(Exit::BadInput, format!("{revision}: {said} {why}").trim_end().to_owned())
}

#[derive(Serialize)]
struct Document<'a> {
    verdict: &'static str,
    why: Vec<&'a str>,
    entry_points: Vec<ChangeDocument<'a>>,
    scenarios: Vec<ChangeDocument<'a>>,
    likelihood: Vec<ChangeDocument<'a>>,
    impact: Vec<ChangeDocument<'a>>,
    requirements: Vec<ChangeDocument<'a>>,
    stale: Vec<ChangeDocument<'a>>,
    rules: Vec<ChangeDocument<'a>>,
    zones: &'a BTreeSet<String>,
    conduits: &'a BTreeSet<String>,
}

#[derive(Serialize)]
struct ChangeDocument<'a> {
    subject: &'a str,
    change: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    worse: bool,
}

fn document(found: &Comparison, language: Language) -> Document<'_> {
    Document {
        verdict: found.verdict.word(),
        why: found.why.iter().map(|why| why.text(language)).collect(),
        entry_points: changes_of(&found.entry_points, language),
        scenarios: changes_of(&found.scenarios, language),
        likelihood: changes_of(&found.likelihood, language),
        impact: changes_of(&found.impact, language),
        requirements: changes_of(&found.requirements, language),
        stale: changes_of(&found.stale, language),
        rules: changes_of(&found.rules, language),
        zones: &found.zones,
        conduits: &found.conduits,
    }
}

fn changes_of(changes: &[Change], language: Language) -> Vec<ChangeDocument<'_>> {
    changes
        .iter()
        .map(|change| ChangeDocument {
            subject: &change.subject,
            change: change.text.text(language),
            old: change.old.as_deref(),
            new: change.new.as_deref(),
            worse: change.worse,
        })
        .collect()
}

fn text(name: &str, found: &Comparison, language: Language) -> String {
    let mut text = format!("{name}: {}\n", found.verdict.text().text(language));
    for why in &found.why {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}", why.text(language));
    }
    for (heading, changes) in [
        (language.pick("Ways in", "Wege hinein"), &found.entry_points),
        (language.pick("Scenarios", "Szenarien"), &found.scenarios),
        (language.pick("Likelihood", "Wahrscheinlichkeit"), &found.likelihood),
        (language.pick("Impact", "Auswirkung"), &found.impact),
        (language.pick("Requirements and findings", "Anforderungen und Feststellungen"), &found.requirements),
        (
            language.pick("Decisions that no longer hold", "Entscheidungen, die nicht mehr gelten"),
            &found.stale,
        ),
        (language.pick("Rules", "Regeln"), &found.rules),
    ] {
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{heading}");
        for change in changes {
            let _ = write!(text, "  {}", change.text.text(language));
            match (&change.old, &change.new) {
                (Some(old), Some(new)) => {
                    let _ = writeln!(text, "\n    - {old}\n    + {new}");
                }
                _ => text.push('\n'),
            }
        }
    }
    if !found.zones.is_empty() || !found.conduits.is_empty() {
        let all: Vec<&str> = found.zones.iter().chain(&found.conduits).map(String::as_str).collect();
        let _ =
            writeln!(text, "\n{}: {}", language.pick("to assess again", "neu zu bewerten"), all.join(", "));
    }
    text
}
