//! What the assessment is made from.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use plant::Plant;
use plant::ids::{AssetId, ConduitId, ZoneId};
use protocols::Service;

use crate::knowledge::Knowledge;

/// Everything an assessment is made from. The same input gives the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The plant, with the decisions beside it.
    pub plant: &'a Plant,
    /// Hashes of the files the plant was read from, by what they are.
    pub hashes: &'a BTreeMap<String, String>,
    /// What is known beside the catalogue.
    pub knowledge: &'a Knowledge,
    /// What was seen.
    pub observations: &'a Observations,
    /// The day of the assessment: decisions end.
    pub today: Date,
}

/// What was seen at the plant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observations {
    /// Services seen open.
    pub services: Vec<(AssetId, Service)>,
    /// Zones that were seen to be networks of their own.
    pub separated: BTreeSet<ZoneId>,
    /// Requirements somebody or something has shown to be met.
    pub evidence: Vec<Shown>,
}

/// A requirement shown to be met somewhere, by a proof or an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where.
    pub place: ShownAt,
    /// Requirement.
    pub requirement: String,
    /// `true`: proved; `false`: observed.
    pub proved: bool,
    /// The record that shows it.
    pub record: String,
}

/// Where something was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownAt {
    /// A zone.
    Zone(ZoneId),
    /// A conduit.
    Conduit(ConduitId),
}
