//! Diagnostics, and the sink that collects them.

use words::{Language, Message};

use crate::problem::Problem;
use crate::span::Place;

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text is not a plant.
    Error,
    /// The text is a plant, and somebody should look at this.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word in a language.
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Error => language.pick("error", "Fehler"),
            Self::Warning => language.pick("warning", "Warnung"),
            Self::Note => language.pick("note", "Hinweis"),
        }
    }

    /// The word in machine-readable output.
    pub fn word(self) -> &'static str {
        self.text(Language::English)
    }
}

/// One thing to say about the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Stable code; `explain` has a page for it.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub place: Option<Place>,
    /// What it says.
    pub message: Problem,
}

impl Diagnostic {
    /// The sentence, the device first and the code last.
    pub fn sentence(&self, language: Language) -> String {
        format!("{} [{}]", self.message.text(language), self.code)
    }
}

/// Most diagnostics of one run: past that a person reads no more, and a hostile file shall not fill the memory.
pub const MOST: usize = 5_000;

/// Collects diagnostics.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    list: Vec<Diagnostic>,
    errors: bool,
    left_off: u64,
}

impl Sink {
    pub(crate) fn add(&mut self, place: Option<Place>, message: impl Into<Problem>) {
        let message = message.into();
        let severity = message.severity();
        self.errors |= severity == Severity::Error;
        if self.list.len() < MOST {
            self.list.push(Diagnostic { code: message.code(), severity, place, message });
        } else {
            self.left_off += 1;
        }
    }

    /// Whether an error was among them, kept or not.
    pub(crate) fn errors(&self) -> bool {
        self.errors
    }

    /// All of them in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_cached_key(|diagnostic| {
            let order = diagnostic.place.as_ref().map_or((usize::MAX, 0, 0), Place::order);
            (order, diagnostic.severity, diagnostic.code, diagnostic.message.text(Language::English))
        });
        self.list.dedup();
        if self.left_off > 0 {
            let message = Problem::from(crate::problem::Form::MoreDiagnostics { count: self.left_off });
            let (code, severity) = (message.code(), message.severity());
            self.list.push(Diagnostic { code, severity, place: None, message });
        }
        self.list
    }
}
