//! System requirements (62443-3-3) and the levels from which they are needed.

use std::collections::BTreeMap;

use serde::Deserialize;
use words::Language;

use crate::file::{File, embedded};
use crate::vector::{Fr, SlVector};

/// A system requirement or an enhancement of one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemRequirement {
    /// `SR 5.2`, `SR 5.2 RE 1`.
    pub id: String,
    /// Requirement or enhancement.
    pub kind: Kind,
    /// Where it belongs.
    pub fr: Fr,
    /// Title as commonly quoted.
    title: String,
    /// One sentence in own words.
    plain: String,
    /// The lowest level that needs it.
    pub sl_from: u8,
    /// All levels that need it.
    pub sl: Vec<u8>,
    /// How sure title and levels are: 2 = two independent sources, 1 = one.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// Sources that give another lowest level, and which.
    pub disagree: BTreeMap<String, u8>,
    /// What a gateway at the boundary can do for it; own judgement.
    pub gateway: Gateway,
    /// The best way to measure it; own judgement.
    pub evidence: Measure,
    /// The requirement it enhances.
    #[serde(default)]
    pub parent: Option<String>,
    /// A remark on the data.
    #[serde(default)]
    pub note: Option<String>,
}

/// Requirement or enhancement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Kind {
    /// A requirement.
    #[serde(rename = "SR")]
    Base,
    /// An enhancement.
    #[serde(rename = "RE")]
    Enhancement,
}

/// What a gateway at the boundary can do for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// Enforce it.
    Enforce,
    /// Help with it.
    Assist,
    /// Nothing.
    None,
}

/// The best way to measure a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// From traffic.
    Traffic,
    /// From a log.
    Log,
    /// From settings.
    Config,
    /// By a test.
    Test,
    /// By asking.
    Interview,
}

impl SystemRequirement {
    /// The title: in English as commonly quoted, in German in own words.
    pub fn title(&self, language: Language) -> &str {
        language.pick(self.title.as_str(), german(&self.id).map_or(self.title.as_str(), |(title, _)| title))
    }

    /// One sentence in own words.
    pub fn plain(&self, language: Language) -> &str {
        language.pick(self.plain.as_str(), german(&self.id).map_or(self.plain.as_str(), |(_, plain)| plain))
    }

    /// Whether a level needs it.
    pub fn needed_at(&self, level: u8) -> bool {
        self.sl.contains(&level)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Meta {
    fr: Vec<Group>,
}

/// A foundational requirement as the file counts it.
#[derive(Debug, Deserialize)]
struct Group {
    id: Fr,
    plain: String,
}

embedded!(data, File<Meta, SystemRequirement>, "fr-sr.json");

/// All system requirements in the order of the standard.
pub fn systems() -> &'static [SystemRequirement] {
    &data().records
}

/// The system requirement of an id.
pub fn system(id: &str) -> Option<&'static SystemRequirement> {
    systems().iter().find(|requirement| requirement.id == id)
}

/// What a vector of levels needs, in the order of the standard.
pub fn applicable(vector: SlVector) -> impl Iterator<Item = &'static SystemRequirement> {
    systems().iter().filter(move |requirement| requirement.needed_at(vector.level(requirement.fr)))
}

/// What a foundational requirement is about, as the data says it.
pub fn foundational(fr: Fr) -> Option<&'static str> {
    data().meta.fr.iter().find(|group| group.id == fr).map(|group| group.plain.as_str())
}

/// Title and sentence in German.
fn german(id: &str) -> Option<(&'static str, &'static str)> {
    german::texts().get(id).map(|[title, plain]| (title.as_str(), plain.as_str()))
}

mod german {
    use super::*;

    type Texts = BTreeMap<String, [String; 2]>;
    embedded!(read, Texts, "german.json");

    pub(super) fn texts() -> &'static Texts {
        read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_has_german_words_and_no_others_have() {
        let ids: std::collections::BTreeSet<&str> =
            systems().iter().map(|requirement| requirement.id.as_str()).collect();
        let german: std::collections::BTreeSet<&str> = german::texts().keys().map(String::as_str).collect();
        assert_eq!(ids, german);
        for requirement in systems() {
            let [english, german] = Language::ALL.map(|language| requirement.plain(language));
            assert_ne!(english, german, "{}", requirement.id);
            assert!(german.ends_with('.') && !requirement.title(Language::German).ends_with('.'));
        }
    }

    #[test]
    fn a_requirement_is_found_by_its_id() {
        assert_eq!(system("SR 5.2 RE 1").map(|found| found.fr), Some(Fr::Rdf));
        assert_eq!(system("SR 5.2 RE 9"), None);
        assert!(foundational(Fr::Dc).is_some());
    }
}
