//! What the short names of sources mean.

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name.
    pub id: String,
    /// What it is.
    pub title: String,
    /// `repo`, `page` ...
    pub kind: String,
    /// Where it is; none for own judgement.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// How good it is.
    pub quality: String,
    /// A remark.
    pub note: String,
    /// When it was read.
    pub retrieved: String,
}

embedded!(data, File<Passed, Source>, "sources.json");

/// The sources.
pub fn sources() -> &'static [Source] {
    &data().records
}

/// The source of a short name.
pub fn source(id: &str) -> Option<&'static Source> {
    sources().iter().find(|source| source.id == id)
}
