//! The list of a bundle: what it is about, and its parts.

use jiff::Timestamp;
use ledger::Verifier;
use serde::{Deserialize, Serialize};

use super::MOST_PARTS;
use super::fault::{CONTAINER, MANIFEST};
use crate::hash::{is_hash, sha256};
use crate::keys::{basis_of, serial_of};
use crate::record::{Basis, Machine, Situation};

/// Longest name of a part, in bytes.
const LONGEST_NAME: usize = 255;

/// What a bundle is about. Unlike a record it names no finding: whoever reads it comes to that again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The public key that signed it; [`super::pack`] fills it in.
    pub key: String,
    /// Version of the program that made it.
    pub program: String,
    /// When.
    pub time: Timestamp,
    /// Where its rules come from.
    pub basis: Basis,
    /// The machine: always on site, never in the lab.
    pub machine: Option<Machine>,
    /// Id of the plant.
    pub plant: String,
    /// Hash of the plant's text; see [`crate::plant_hashes`].
    pub plant_hash: String,
    /// Hash of its decisions.
    pub decisions_hash: Option<String>,
    /// The moment and the facts of the policy.
    pub situation: Situation,
    /// Whether the rules were loaded before the moment: what ends may then end up to a second late.
    pub late: bool,
    /// Hash of what the policy permits.
    pub policy_hash: String,
    /// Hash of the rules the kernel ran.
    pub ruleset_hash: String,
    /// The parts in their order; [`super::pack`] fills them in.
    pub parts: Vec<Part>,
}

/// A part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub length: u64,
    /// Their hash.
    pub sha256: String,
}

impl Part {
    pub(super) fn of(name: &str, content: &[u8]) -> Self {
        Self { name: name.to_owned(), length: content.len() as u64, sha256: sha256(content) }
    }

    fn sound(&self) -> bool {
        let name = &self.name;
        let plain = !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
        plain && name != CONTAINER && name != MANIFEST && is_hash(&self.sha256)
    }
}

impl Manifest {
    /// The one line it is written as.
    pub(super) fn line(&self) -> Option<String> {
        crate::signed::line(self)
    }

    /// Reads the line, if it is written in that one way and holds together.
    pub(super) fn read(line: &str) -> Option<Self> {
        let manifest: Self = serde_json::from_str(line).ok()?;
        (manifest.sound() && manifest.line().as_deref() == Some(line)).then_some(manifest)
    }

    /// Whether it holds together, and the key may sign it.
    pub(super) fn sound(&self) -> bool {
        let hashes = [&self.plant_hash, &self.policy_hash, &self.ruleset_hash];
        let mut names: Vec<&str> = self.parts.iter().map(|part| part.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let key = Verifier::parse(&self.key).ok();
        let name = key.as_ref().map(Verifier::name).unwrap_or_default();
        let signs = match (self.basis, &self.machine) {
            (Basis::Lab, None) => basis_of(name).is_some(),
            (Basis::Site, Some(machine)) => serial_of(name) == Some(&machine.serial),
            _ => false,
        };
        signs
            && names.len() == self.parts.len()
            && names.len() <= MOST_PARTS
            && self.parts.iter().all(Part::sound)
            && hashes.into_iter().chain(&self.decisions_hash).all(|hash| is_hash(hash))
    }
}
