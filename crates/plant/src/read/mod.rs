//! Text to plant: every diagnostic in one run.
//!
//! `text` makes a tree of the bytes, `section` reads tables by the keys of the language, `gather` collects the tables
//! of all files, the other modules turn them into the plant one kind after the other, and `crate::check` looks at the
//! whole.

mod assets;
mod cases;
mod conduits;
mod decisions;
mod flows;
mod gather;
mod judgements;
mod nat;
mod people;
mod secret;
mod section;
mod text;
mod zones;

use std::collections::BTreeSet;

use crate::check;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Plant;
use crate::problem::{Form, Kind, Naming, Near, Problem};
use crate::span::{Place, Source};

use gather::Gathered;
use section::{Section, Text};
use zones::Index;

/// Largest file that is read, and largest sum of all files. 10,000 assets with 50,000 flows take about 9 MiB.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// A file of a plant, as the edge read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Name for diagnostics. `decisions.toml` (in any folder) holds decisions.
    pub name: String,
    /// Bytes.
    pub text: Vec<u8>,
}

/// What reading gives.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The plant; only where no diagnostic is an error.
    pub plant: Option<Plant>,
    /// All diagnostics in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for showing lines; secrets are masked.
    pub sources: Vec<Source>,
}

/// Reads the files of one plant.
pub fn read(files: &[SourceFile]) -> Reading {
    let mut sink = Sink::default();
    let mut sources = Vec::new();
    if files.is_empty() {
        sink.add(None, Form::NoText {});
    }
    let mut parsed = Vec::new();
    let mut total = 0_usize;
    for (index, file) in files.iter().enumerate() {
        let Some(file) = text::parse(file, index, &mut sources, &mut sink) else { continue };
        total = total.saturating_add(file.length);
        if total > LARGEST {
            let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
            let place = file.lines.place(0..0);
            let name = place.file.to_string();
            sink.add(Some(place), Form::TooLarge { file: name, bytes: size(total), limit: size(LARGEST) });
            break;
        }
        parsed.push(file);
    }
    let complete = parsed.len() == files.len() && parsed.iter().all(|file| file.root.is_some());
    let mut plant = None;
    // What is missing from a file nobody could read would be reported as unknown everywhere else.
    if complete && !parsed.is_empty() {
        let gathered = gather::gather(&parsed, &mut sink);
        plant = Some(build(&gathered, &mut sink));
    }
    let plant = plant.filter(|_| !sink.errors());
    Reading { plant, diagnostics: sink.finish(), sources }
}

fn build(gathered: &Gathered<'_, '_>, sink: &mut Sink) -> Plant {
    let mut builder = Builder { plant: Plant::default(), ids: &gathered.ids, index: Index::default(), sink };
    builder.plant_table(gathered);
    builder.plant.context.clone_from(&gathered.context);
    builder.zones(&gathered.zones);
    builder.states(&gathered.states);
    builder.roles(&gathered.roles);
    builder.people(&gathered.people);
    builder.assets(&gathered.assets);
    builder.conduits(&gathered.conduits);
    builder.flows(&gathered.flows);
    builder.remotes(&gathered.remotes);
    builder.translations(&gathered.translations);
    builder.port_only(&gathered.port_only);
    builder.proxy_loss(&gathered.proxy_loss);
    builder.attested(&gathered.attested);
    builder.judgements(&gathered.judged);
    builder.method(&gathered.methods);
    builder.tolerance(&gathered.tolerances);
    builder.cases(&gathered.cases);
    let Builder { plant, sink, .. } = builder;
    check::check(&plant, sink);
    plant
}

/// A plant in the making.
struct Builder<'b> {
    plant: Plant,
    /// Every id that is written, whether or not what it names could be read: a thing with a slip in it exists.
    ids: &'b BTreeSet<(Kind, String)>,
    index: Index,
    sink: &'b mut Sink,
}

impl Builder<'_> {
    fn add(&mut self, place: Option<Place>, problem: impl Into<Problem>) {
        self.sink.add(place, problem);
    }

    fn declared(&self, kind: Kind, id: &str) -> bool {
        self.ids.contains(&(kind, id.to_owned()))
    }

    /// Whether the id a text names is written somewhere; reports it if not.
    fn known(&mut self, section: &Section<'_, '_>, kind: Kind, id: &Text<'_>) -> bool {
        if self.declared(kind, id.text) {
            return true;
        }
        self.unknown(section, kind, id);
        false
    }

    fn unknown(&mut self, section: &Section<'_, '_>, kind: Kind, id: &Text<'_>) {
        // A plant with thousands of ids and thousands of slips: looking at every pair would take too long.
        const MOST: usize = 2_000;
        let first = (kind, String::new());
        let names =
            self.ids.range(first..).take_while(|(of, _)| *of == kind).take(MOST).map(|(_, id)| id.as_str());
        let near = words::nearest(id.text, names).map(str::to_owned);
        let problem =
            Naming::UnknownId { who: section.who.clone(), kind, id: id.text.to_owned(), near: Near(near) };
        self.add(section.at(&id.span), problem);
    }
}
