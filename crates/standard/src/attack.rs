//! Techniques of MITRE ATT&CK for ICS, and the requirements that counter them.

use serde::Deserialize;

use crate::file::{File, embedded};

/// A technique.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Technique {
    /// `T0800`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Ids of tactics.
    pub tactics: Vec<String>,
    /// Ids of mitigations.
    pub mitigations: Vec<String>,
    /// Ids of kinds of assets.
    pub assets: Vec<String>,
    /// Requirements that counter it.
    pub requirements: Vec<Link>,
    /// Whether a boundary can see it: `yes`, `partly`, `no`; own judgement.
    pub wire: Answer,
    /// Version of the technique.
    pub version: String,
}

/// A requirement that counters a technique.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The requirement.
    pub id: String,
    /// `mitre`, or `own` for own judgement.
    pub source: String,
    /// The mitigations it comes by.
    #[serde(default)]
    pub via: Vec<String>,
}

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Yes,
    /// In part.
    Partly,
    /// No.
    No,
}

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A mitigation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mitigation {
    /// `M0800`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Requirements MITRE names for it.
    pub iec62443_by_mitre: Vec<String>,
    /// Requirements added by own judgement.
    pub iec62443_own: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Meta {
    licence: String,
    tactics: Vec<Named>,
    mitigations: Vec<Mitigation>,
}

embedded!(data, File<Meta, Technique>, "attack-ics.json");

/// The techniques.
pub fn techniques() -> &'static [Technique] {
    &data().records
}

/// The tactics.
pub fn tactics() -> &'static [Named] {
    &data().meta.tactics
}

/// The mitigations.
pub fn mitigations() -> &'static [Mitigation] {
    &data().meta.mitigations
}

/// The notice that must stand wherever the techniques are shown.
pub fn attack_notice() -> &'static str {
    &data().meta.licence
}
