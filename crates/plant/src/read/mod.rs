//! Text to plant: every diagnostic in one run.

use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Plant;
use crate::problem::Form;
use crate::span::Source;

/// Largest file that is read. 10,000 assets with 50,000 flows take about 9 MiB.
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
    if files.is_empty() {
        sink.add(None, Form::NoText {});
    }
    let plant = (!sink.errors()).then(Plant::default);
    Reading { plant, diagnostics: sink.finish(), sources: Vec::new() }
}
