//! What an assessment says.

use std::collections::BTreeMap;

use plant::ids::{ConduitId, ZoneId};

use crate::scenario::Scenario;
use crate::target::Target;

/// What an assessment was made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// Hashes by what they are of.
    pub hashes: BTreeMap<String, String>,
    /// Day of the assessment.
    pub day: String,
}

/// The whole result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// What it was made from.
    pub inputs: Inputs,
    /// Levels of the zones.
    pub zones: BTreeMap<ZoneId, Target>,
    /// Levels of the conduits.
    pub conduits: BTreeMap<ConduitId, Target>,
    /// Scenarios, the gravest first.
    pub scenarios: Vec<Scenario>,
}
