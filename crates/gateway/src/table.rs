//! What the proxy is given.

use inspect::Rule;
use ipnet::IpNet;
use jiff::Timestamp;

/// Everything that may be asked through the proxy. It takes the place of the one before it as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What it was made from, for those who keep records.
    pub of: Option<Origin>,
    /// The rows, in any order: a connection has the rules of every row it falls under.
    pub rows: Vec<Row>,
}

/// The plant and the policy a table was made from; the proxy only hands it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Id of the plant.
    pub plant: String,
    /// Hash of its text.
    pub plant_hash: String,
    /// Hash of its decisions, where there are some.
    pub decisions_hash: Option<String>,
    /// Hash of the policy.
    pub policy_hash: String,
}

/// What one client may ask of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who asks.
    pub client: IpNet,
    /// Who is asked.
    pub server: IpNet,
    /// At which TCP port.
    pub port: u16,
    /// When this ends; connections that stand on it alone are cut then.
    pub until: Option<Timestamp>,
    /// What may be asked.
    pub rules: Vec<Rule>,
}
