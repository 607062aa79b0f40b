//! Limits of the proxy.

use std::time::Duration;

use policy::path::{MARK_PROXY, PROXY_PORT};

/// Limits of the proxy, and the numbers of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Port of the listeners.
    pub port: u16,
    /// Mark of everything the proxy sends.
    pub mark: u32,
    /// Most connections at the same time; fewer where this process may not have two descriptors for each.
    pub most: usize,
    /// Most connections of one client at the same time.
    pub most_of_one: usize,
    /// How long a device may take to accept a connection.
    pub connecting: Duration,
    /// How long a device may take to answer before the client is told that it does not.
    pub answering: Duration,
    /// How long a connection may take to end once one side has ended it.
    pub ending: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: PROXY_PORT,
            mark: MARK_PROXY,
            most: 16_384,
            most_of_one: 256,
            connecting: Duration::from_secs(5),
            answering: Duration::from_secs(30),
            ending: Duration::from_secs(10),
        }
    }
}
