//! What can go wrong: this machine lacks something, or the kernel refused.

use std::io;

use crate::messages::Lacking;

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
