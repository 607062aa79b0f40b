//! Threats to machines and plants, for the first pass of an assessment.

use serde::Deserialize;

use crate::file::{File, Passed, embedded};
use crate::vector::Fr;

/// A threat; own judgement but for the list of the BSI.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threat {
    /// `TH-01`.
    pub id: String,
    /// What happens.
    pub title: String,
    /// Who.
    pub threat_source: String,
    /// The level whose attacker fits.
    pub attacker_level: u8,
    /// Numbers in the list of the BSI.
    pub bsi_top10_2022: Vec<u8>,
    /// Techniques of ATT&CK for ICS.
    pub techniques: Vec<String>,
    /// Where its requirements belong.
    pub fr: Vec<Fr>,
    /// Requirements that counter it.
    pub requirements: Vec<String>,
    /// Marks for matching a plant.
    pub tags: Vec<String>,
    /// When it applies, in words.
    pub when: String,
    /// What suffers.
    pub impact: Vec<String>,
    /// Short names of the sources.
    pub sources: Vec<String>,
}

embedded!(data, File<Passed, Threat>, "threats.json");

/// The threats.
pub fn threats() -> &'static [Threat] {
    &data().records
}
