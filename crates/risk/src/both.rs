//! Text in both languages at once.

use words::Language;

/// A sentence in every language: one that lacks a translation does not compile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Both {
    /// English.
    pub english: String,
    /// German.
    pub german: String,
}

impl Both {
    /// The sentence in both languages.
    pub fn new(english: impl Into<String>, german: impl Into<String>) -> Self {
        Self { english: english.into(), german: german.into() }
    }

    /// The same in both: a name, an id.
    pub fn same(text: impl Into<String>) -> Self {
        let english = text.into();
        Self { german: english.clone(), english }
    }

    /// The sentence in a language.
    pub fn text(&self, language: Language) -> &str {
        language.pick(&self.english, &self.german)
    }
}
