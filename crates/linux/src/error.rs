//! What can go wrong: this machine lacks something, or the kernel refused.

use std::fmt;
use std::io;

/// What this machine must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// User namespaces for whoever runs us.
    UserNamespaces,
    /// Network namespaces, and the right to configure one.
    NetworkNamespaces,
    /// The command `nft`.
    Nft,
    /// `/dev/net/tun`.
    Tun,
    /// nf_tables in the kernel.
    NfTables,
}

/// Something this machine lacks, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// What.
    pub need: Need,
    /// Where the machine says so: a file and its value, or the kernel's answer.
    pub seen: String,
    /// One sentence: what to install or enable.
    pub remedy: String,
}

impl Lacking {
    pub(crate) fn new(need: Need, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { need, seen: seen.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.need {
            Need::UserNamespaces => "user namespaces are not available",
            Need::NetworkNamespaces => "network namespaces are not available",
            Need::Nft => "the command `nft` is not installed",
            Need::Tun => "TUN interfaces are not available",
            Need::NfTables => "the kernel has no nf_tables",
        };
        write!(f, "{what} ({}): {}", self.seen, self.remedy)
    }
}

impl std::error::Error for Lacking {}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This machine lacks something.
    #[error(transparent)]
    Lacking(#[from] Lacking),
    /// The kernel refused.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// The kernel's answer.
        source: io::Error,
    },
}

impl Error {
    /// The kernel refused `what`.
    pub fn system(what: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::System { what: what.into(), source: source.into() }
    }
}
