//! What each level means.

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A level and the attacker it stands against.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelMeaning {
    /// `SL 0` to `SL 4`.
    pub id: String,
    /// In a word or two.
    pub title: String,
    /// What kind of violation.
    pub violation: String,
    /// By which means.
    pub means: Option<String>,
    /// With which resources.
    pub resources: Option<String>,
    /// With which skills.
    pub skills: Option<String>,
    /// With which motivation.
    pub motivation: Option<String>,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
}

embedded!(data, File<Passed, LevelMeaning>, "sl.json");

/// The levels from 0 to 4.
pub fn level_meanings() -> &'static [LevelMeaning] {
    &data().records
}
