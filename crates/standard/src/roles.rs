//! Roles, and which parts of the standard bind them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// `asset-owner`.
    pub id: String,
    /// Name.
    pub title: String,
    /// What it does, in own words.
    pub plain: String,
    /// Parts of the standard that address it: `3-3`.
    pub bound_by: Vec<String>,
    /// What it hands over.
    pub gives: Vec<String>,
    /// What it needs, and from which role.
    pub needs_from: BTreeMap<String, String>,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// Where it stands in which case; own judgement.
    #[serde(default)]
    pub rule_of_thumb: Vec<BTreeMap<String, String>>,
    /// A remark on the data.
    #[serde(default)]
    pub note: Option<String>,
}

embedded!(data, File<Passed, Role>, "roles.json");

/// The roles.
pub fn roles() -> &'static [Role] {
    &data().records
}
