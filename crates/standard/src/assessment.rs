//! Requirements on zones, conduits and the assessment of their risk (62443-3-2).

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A requirement on the way from a system to zones with levels.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneRequirement {
    /// `ZCR 5.6`.
    pub id: String,
    /// `ZCR 5`.
    pub group: String,
    /// Title as commonly quoted.
    pub title: String,
    /// What it needs, in own words.
    pub inputs: String,
    /// What comes out, in own words.
    pub outputs: String,
    /// `shall` or `should`.
    pub strength: String,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// Who says so about what goes in and comes out.
    pub io_by: String,
}

embedded!(data, File<Passed, ZoneRequirement>, "zcr.json");

/// All of them in the order of the standard.
pub fn zone_requirements() -> &'static [ZoneRequirement] {
    &data().records
}
