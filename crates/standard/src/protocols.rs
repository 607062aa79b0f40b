//! Protocols found at machines and plants: their ports, and what they can protect by themselves.

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A protocol. A port is a hint, never a proof of what is spoken there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolFact {
    /// `modbus-tcp`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where it usually listens.
    pub endpoints: Vec<Endpoint>,
    /// Whether it authenticates; own judgement.
    pub authenticates: Secures,
    /// Whether it encrypts; own judgement.
    pub encrypts: Secures,
    /// What it is for.
    pub role: Vec<String>,
    /// A secured form of it.
    pub secure_variant: Option<String>,
    /// How many independent lists agree on its ports.
    pub verified: u8,
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// A remark on the data.
    pub note: Option<String>,
}

/// Where a protocol usually listens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// `tcp`, `udp`, `ethernet`.
    pub transport: String,
    /// Port.
    pub port: Option<u16>,
    /// Type of Ethernet frames, as text.
    pub ethertype: Option<String>,
}

/// Whether a protocol secures something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secures {
    /// It cannot.
    No,
    /// It depends on settings, version or device.
    Optional,
    /// Always, or by normal use.
    Yes,
}

embedded!(data, File<Passed, ProtocolFact>, "protocols.json");

/// The protocols.
pub fn protocol_facts() -> &'static [ProtocolFact] {
    &data().records
}
