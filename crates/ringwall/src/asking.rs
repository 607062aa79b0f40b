//! What the command proxy is given: the table of what may be asked, as a file.

use std::path::Path;

#[cfg(target_os = "linux")]
use gateway::{Origin, Table};
use policy::Policy;
use words::Language;

use crate::exit::{Exit, Failure};
use crate::files::Compiled;
#[cfg(target_os = "linux")]
use crate::journal;
use crate::output::Output;

/// The proxy is a program for Linux, and so is what speaks its table.
#[cfg(not(target_os = "linux"))]
pub fn write(_: &Compiled, _: &Path, language: Language) -> Result<(), Failure> {
    Err(Failure::new(Exit::Lacking, language.pick("`--commands` needs Linux", "`--commands` braucht Linux")))
}

/// Writes the table of a policy where the proxy reads it: whole, or not at all.
#[cfg(target_os = "linux")]
pub fn write(compiled: &Compiled, file: &Path, language: Language) -> Result<(), Failure> {
    let hashes = journal::hashes(&compiled.sources);
    let of = Origin {
        plant: compiled.plant.id.clone(),
        plant_hash: hashes.plant,
        decisions_hash: hashes.decisions,
        policy_hash: compiled.policy.hash(),
    };
    let text = gateway::write(&Table { of: Some(of), ..Table::of(&compiled.policy) });
    ledger_files::write_durably(file, text.as_bytes()).map_err(|error| {
        let text = language.pick(
            format!("{}: the table of commands cannot be written: {error}", file.display()),
            format!("{}: die Tabelle der Befehle lässt sich nicht schreiben: {error}", file.display()),
        );
        Failure::new(Exit::BadInput, text)
    })
}

/// Says which flows stand still without the proxy, where nobody asked for its table.
pub fn remind(policy: &Policy, file: Option<&Path>, output: &Output) {
    let mut flows: Vec<String> =
        policy.commands.iter().map(|commands| commands.row.flow.to_string()).collect();
    flows.dedup();
    if flows.is_empty() || file.is_some() {
        return;
    }
    let flows = flows.join(", ");
    output.message(&output.language().pick(
        format!(
            "{flows}: passes only through the command proxy: write its table with `--commands FILE` and run \
             `ringwall gateway --commands FILE`; until then it is closed"
        ),
        format!(
            "{flows}: läuft nur durch den Befehls-Proxy: seine Tabelle mit `--commands DATEI` schreiben und `ringwall \
             gateway --commands DATEI` starten; bis dahin geschlossen"
        ),
    ));
}
