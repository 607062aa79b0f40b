//! A record: the envelope of a step.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hash::{Hashes, is_hash};
use crate::step::Step;

/// The form of records this crate writes and reads.
pub const VERSION: u32 = 1;

/// Where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// In the lab: the twin, a throwaway namespace, or no machine at all.
    Lab,
    /// On the machine that stands in the plant.
    Site,
}

impl Basis {
    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Site => "site",
        }
    }
}

/// The machine in the plant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Machine {
    /// Its serial number, which is also in the name of its key.
    pub serial: String,
    /// Its host name.
    pub host: String,
}

/// What a policy was compiled for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// The moment.
    pub at: Timestamp,
    /// Approvals and states, as they are given on the command line.
    pub given: Vec<String>,
}

/// What a step found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// [`VERSION`].
    pub version: u32,
    /// When.
    pub time: Timestamp,
    /// Where.
    pub basis: Basis,
    /// Id of the plant.
    pub plant: String,
    /// Hash of the plant's text; see [`crate::plant_hashes`].
    pub plant_hash: String,
    /// Hash of its decisions, where there are some. It is apart because an attestation written there makes no
    /// earlier finding about the plant stale; what a decision opens shows in the hash of the policy.
    pub decisions_hash: Option<String>,
    /// The machine: always on site, never in the lab.
    pub machine: Option<Machine>,
    /// Hash of the rules the kernel ran.
    pub ruleset_hash: Option<String>,
    /// Hash of what the policy permits.
    pub policy_hash: Option<String>,
    /// The moment and the facts of the policy.
    pub situation: Option<Situation>,
    /// The step.
    #[serde(flatten)]
    pub step: Step,
}

impl Record {
    /// A record of the lab with nothing but the plant.
    pub fn lab(time: Timestamp, plant: impl Into<String>, hashes: Hashes, step: Step) -> Self {
        Self {
            version: VERSION,
            time,
            basis: Basis::Lab,
            plant: plant.into(),
            plant_hash: hashes.plant,
            decisions_hash: hashes.decisions,
            machine: None,
            ruleset_hash: None,
            policy_hash: None,
            situation: None,
            step,
        }
    }

    /// Whether it holds together: the right version, hashes that are some, and a machine exactly on site.
    pub(crate) fn sound(&self) -> bool {
        let hashes = [&self.decisions_hash, &self.ruleset_hash, &self.policy_hash];
        self.version == VERSION
            && is_hash(&self.plant_hash)
            && hashes.into_iter().flatten().all(|hash| is_hash(hash))
            && (self.basis == Basis::Site) == self.machine.is_some()
    }
}
