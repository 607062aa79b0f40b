//! Component requirements (62443-4-2).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::file::{File, embedded};
use crate::vector::Fr;

/// A component requirement, an enhancement of one, or a heading without an own requirement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentRequirement {
    /// `CR 1.1`, `NDR 5.2 RE 1`, `CCSC 1`.
    pub id: String,
    /// `CR`, `SAR`, `EDR`, `HDR`, `NDR`, `RE`, `CCSC`, `pointer` or `none`.
    pub kind: String,
    /// Where it belongs; the common constraints belong to all.
    pub fr: Option<Fr>,
    /// `all`, `software`, `embedded`, `host` or `network`.
    pub component: String,
    /// Title as commonly quoted.
    pub title: String,
    /// One sentence in own words.
    pub plain: String,
    /// The lowest level that needs it.
    pub sl_from: Option<u8>,
    /// All levels that need it.
    pub sl: Vec<u8>,
    /// The system requirements it answers to.
    pub sr: Vec<String>,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// Sources that give another lowest level, and which.
    pub disagree: BTreeMap<String, u8>,
    /// The requirement it enhances.
    #[serde(default)]
    pub parent: Option<String>,
    /// A remark on the data.
    #[serde(default)]
    pub note: Option<String>,
    /// The typed requirements a heading points at.
    #[serde(default)]
    pub see: Vec<String>,
}

/// A component requirement whose level is another one than its system twin's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelDiffers {
    /// Component requirement.
    pub component: String,
    /// Its lowest level.
    pub component_sl: u8,
    /// System requirement.
    pub system: String,
    /// Its lowest level.
    pub system_sl: u8,
}

#[derive(Debug, Default, Deserialize)]
struct Meta {
    sl_differs_from_system: Vec<LevelDiffers>,
}

embedded!(data, File<Meta, ComponentRequirement>, "cr.json");

/// All component requirements in the order of the standard.
pub fn components() -> &'static [ComponentRequirement] {
    &data().records
}

/// The component requirement of an id.
pub fn component(id: &str) -> Option<&'static ComponentRequirement> {
    components().iter().find(|requirement| requirement.id == id)
}

/// Where component and system have different levels.
pub fn component_differs() -> &'static [LevelDiffers] {
    &data().meta.sl_differs_from_system
}
