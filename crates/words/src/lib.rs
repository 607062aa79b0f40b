//! Languages, lists, durations, numbers, pages about codes and the [`Message`] trait.
//!
//! Every crate keeps its own codes with both languages next to them; the edge only picks the language.
//! This crate deliberately knows no message, no plant and no way to print.

pub mod duration;
mod list;
mod near;
mod number;
pub mod pages;

pub use list::{and_list, or_list};
pub use near::nearest;
pub use number::{grouped, plural};

/// A language people read messages in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Chooses the value for this language.
    pub fn pick<T>(self, english: T, german: T) -> T {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }

    /// Reads a language tag as found in settings: `de`, `de_DE.UTF-8`, `en-GB`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("de") {
            Some(Self::German)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// The tag of the language: `en` or `de`.
    pub fn tag(self) -> &'static str {
        self.pick("en", "de")
    }
}

/// Something said to a person: a stable code, a sentence and a remedy in every language.
///
/// The sentence is lower case without a full stop and names the device first; the edge adds the code.
pub trait Message {
    /// Stable code, `RW` and four digits.
    fn code(&self) -> &'static str;
    /// What is the matter.
    fn text(&self, language: Language) -> String;
    /// What to do about it.
    fn help(&self, language: Language) -> String;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_settings_are_read() {
        for (tag, expected) in [
            ("de", Some(Language::German)),
            ("de_DE.UTF-8", Some(Language::German)),
            ("EN-gb", Some(Language::English)),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(Language::from_tag(tag), expected, "{tag}");
        }
    }
}
