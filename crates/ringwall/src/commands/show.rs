//! `show`: one page about a plant.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pages::model::Page;
use plant::Plant;
use serde::Serialize;
use words::Language;

use crate::arguments::Show;
use crate::believed::{self, Believed};
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::Output;
use crate::page::{self, Parts};

/// What scripts read.
#[derive(Serialize)]
struct ShowDocument {
    /// The file written.
    file: String,
    /// Its length in bytes.
    bytes: usize,
}

/// Runs the command.
pub fn run(arguments: &Show, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let compiled = files::compile(&arguments.situation, language)?;
    let sources = files::sources(&arguments.situation.plant, language)?;
    let keys = believed::keys(&arguments.key, language)?;
    let log = arguments.log.as_deref().map(|log| Believed::read(log, &keys, language)).transpose()?;
    let parts = Parts {
        plant: &compiled.plant,
        sources: &sources,
        policy: &compiled.policy,
        given: &arguments.situation.given,
        made: Timestamp::now(),
        log: log.as_ref(),
    };
    let file = arguments.output.clone().unwrap_or_else(|| default_file(&compiled.plant));
    let bytes = write(&file, &page::page(&parts, language), language)?;
    let document = ShowDocument { file: file.display().to_string(), bytes };
    output.result(&document, || {
        language.pick(
            format!("page written: {} ({bytes} bytes)\n", file.display()),
            format!("Seite geschrieben: {} ({bytes} Bytes)\n", file.display()),
        )
    });
    Ok(Exit::Fine)
}

/// The name a page has where none is asked for.
pub fn default_file(plant: &Plant) -> PathBuf {
    PathBuf::from(format!("{}.html", plant.id))
}

/// Writes the page: whole, or not at all.
pub fn write(file: &Path, page: &Page, language: Language) -> Result<usize, Failure> {
    let text = pages::render(page, language);
    ledger_files::write_durably(file, text.as_bytes()).map_err(|error| {
        let text = language.pick(
            format!("{}: the page cannot be written: {error}", file.display()),
            format!("{}: die Seite lässt sich nicht schreiben: {error}", file.display()),
        );
        Failure::new(Exit::BadInput, text)
    })?;
    Ok(text.len())
}
