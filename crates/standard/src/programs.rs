//! Requirements on the programs of asset owners (62443-2-1) and service providers (62443-2-4).

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A requirement on a service provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderRequirement {
    /// `SP.07.04 RE 1`.
    pub id: String,
    /// `SP.07`.
    pub area: String,
    /// One sentence in own words.
    pub plain: String,
    /// Whether it matters for a gateway of remote maintenance; own judgement.
    pub remote_maintenance: bool,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// The requirement it enhances.
    #[serde(default)]
    pub parent: Option<String>,
}

/// A requirement on the asset owner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerRequirement {
    /// `NET 3.2`.
    pub id: String,
    /// `SPE 3`.
    pub spe: String,
    /// `NET 3`.
    pub element: String,
    /// Title as commonly quoted.
    pub title: String,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
}

mod provider {
    use super::*;

    embedded!(data, File<Passed, ProviderRequirement>, "sp24.json");

    pub(super) fn records() -> &'static [ProviderRequirement] {
        &data().records
    }
}

mod owner {
    use super::*;

    embedded!(data, File<Passed, OwnerRequirement>, "spe21.json");

    pub(super) fn records() -> &'static [OwnerRequirement] {
        &data().records
    }
}

/// What binds service providers, in the order of the standard.
pub fn provider_program() -> &'static [ProviderRequirement] {
    provider::records()
}

/// What binds asset owners, in the order of the standard.
pub fn owner_program() -> &'static [OwnerRequirement] {
    owner::records()
}
