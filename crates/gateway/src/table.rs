//! What the proxy is given.

use inspect::Rule;
use ipnet::IpNet;
use jiff::Timestamp;

/// Everything that may be asked through the proxy. It takes the place of the one before it as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows, in any order: a connection has the rules of every row it falls under.
    pub rows: Vec<Row>,
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
