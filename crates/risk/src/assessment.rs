//! What an assessment says.

use std::collections::BTreeMap;

use plant::ids::{AssetId, ConduitId, ZoneId};

use crate::capability::Capability;
use crate::decision::Decision;
use crate::finding::Finding;
use crate::measure::Measure;
use crate::requirement::Requirement;
use crate::scenario::Scenario;
use crate::target::Target;
use crate::tolerance::Tolerance;

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
    /// Whether the plant is a product: its builder promises levels, its owner gives targets.
    pub product: bool,
    /// The matrix that was used.
    pub tolerance: Tolerance,
    /// Target levels of the zones.
    pub zones: BTreeMap<ZoneId, Target>,
    /// Capability of the zones.
    pub capabilities: BTreeMap<ZoneId, Capability>,
    /// Capability of each device, as far as the text says.
    pub devices: BTreeMap<AssetId, [Option<u8>; 7]>,
    /// Target levels of the conduits.
    pub conduits: BTreeMap<ConduitId, Target>,
    /// Scenarios, the gravest first.
    pub scenarios: Vec<Scenario>,
    /// Findings, the gravest first.
    pub findings: Vec<Finding>,
    /// Requirements by place.
    pub requirements: Vec<Requirement>,
    /// Measures in the order to take them.
    pub measures: Vec<Measure>,
    /// Decisions and whether they hold.
    pub decisions: Vec<Decision>,
    /// What a change of the plant is compared by.
    pub facts: crate::facts::Facts,
}

impl Assessment {
    /// The target levels of a zone. The builder of a product cannot know them: its owner gives them.
    pub fn target(&self, zone: &ZoneId) -> Option<[u8; 7]> {
        let levels = self.zones.get(zone).and_then(Target::levels);
        levels.filter(|_| !self.product || !self.capabilities.contains_key(zone))
    }
}
