//! Requirements on the development of products (62443-4-1).

use serde::Deserialize;

use crate::file::{File, embedded};

/// A requirement on how a product is developed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleRequirement {
    /// `SM-1`.
    pub id: String,
    /// `SM`.
    pub practice: String,
    /// Title as commonly quoted.
    pub title: String,
    /// One sentence in own words.
    pub plain: String,
    /// How sure it is.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
}

/// A practice: a group of such requirements.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Practice {
    /// `SM`.
    pub id: String,
    /// `Practice 1`.
    pub number: String,
    /// Title as commonly quoted.
    pub title: String,
    /// How many requirements it has.
    pub count: usize,
}

#[derive(Debug, Default, Deserialize)]
struct Meta {
    practices: Vec<Practice>,
}

embedded!(data, File<Meta, LifecycleRequirement>, "sdl.json");

/// All of them in the order of the standard.
pub fn lifecycle() -> &'static [LifecycleRequirement] {
    &data().records
}

/// The practices.
pub fn practices() -> &'static [Practice] {
    &data().meta.practices
}
