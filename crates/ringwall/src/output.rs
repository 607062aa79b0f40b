//! Where things are printed: documents and results on standard output, messages on standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use words::Language;

use crate::arguments::Format;
use crate::document::json;

/// The two streams, the format and the language.
pub struct Output {
    format: Format,
    language: Language,
}

impl Output {
    /// Output in a format; without a language, the system's.
    pub fn new(format: Format, language: Option<Language>) -> Self {
        let system = || {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(std::env::var_os)
                .find(|value| !value.is_empty())
                .and_then(|value| Language::from_tag(&value.to_string_lossy()))
        };
        Output { format, language: language.or_else(system).unwrap_or_default() }
    }

    /// The same for another thread.
    pub fn again(&self) -> Self {
        Output { format: self.format, language: self.language }
    }

    /// The reader's language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether a script reads.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// A result: the document for scripts, the text for people.
    pub fn result(&self, document: &impl Serialize, text: impl FnOnce() -> String) {
        let text = if self.json() { json(document) } else { text() };
        self.print(&text);
    }

    /// Text on standard output.
    pub fn print(&self, text: &str) {
        let mut stream = io::stdout().lock();
        // Whoever closed the pipe has read enough.
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    /// What a person reads along the way: on standard output, or beside the document where a script reads that.
    pub fn narrate(&self, text: &str) {
        if self.json() {
            self.message(text);
        } else {
            self.print(text);
        }
    }

    /// A message on standard error.
    pub fn message(&self, text: &str) {
        let mut stream = io::stderr().lock();
        let _ = writeln!(stream, "{}", text.trim_end());
    }

    /// A line about work under way, on standard error; replaced by the next on a terminal.
    pub fn progress(&self, text: &str) {
        let mut stream = io::stderr().lock();
        let _ = if stream.is_terminal() {
            write!(stream, "\r\x1b[2K{text}").and_then(|()| stream.flush())
        } else {
            writeln!(stream, "{text}")
        };
    }

    /// Ends a run of progress lines.
    pub fn progress_done(&self) {
        let mut stream = io::stderr().lock();
        if stream.is_terminal() {
            let _ = write!(stream, "\r\x1b[2K").and_then(|()| stream.flush());
        }
    }
}
