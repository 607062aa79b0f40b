//! What the proxy tells, and whom.

use std::net::{IpAddr, SocketAddr};

use inspect::{Closing, Dropped, Reason};
use jiff::Timestamp;

use crate::table::Origin;

/// Something that did not pass, for those who keep records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When; of several, when the last was counted.
    pub at: Timestamp,
    /// Who asked.
    pub client: IpAddr,
    /// Who was asked.
    pub server: SocketAddr,
    /// What it was.
    pub what: What,
    /// How many identical ones this stands for.
    pub times: u64,
    /// How many could not be recorded since the record before.
    pub lost: u64,
}

/// What did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A command was refused; the client got an exception, the device nothing.
    Refused {
        /// The unit it was for.
        unit: u8,
        /// Its function.
        function: u8,
        /// The command in the words of the plant text; empty where it was not understood.
        command: String,
        /// The exception.
        exception: u8,
        /// Why.
        reason: Reason,
        /// The flow that came closest and still forbids it.
        flow: Option<String>,
    },
    /// A message of the device was not handed on.
    Dropped {
        /// Its unit.
        unit: u8,
        /// Its function, exception bit included.
        function: u8,
        /// Why.
        why: Dropped,
    },
    /// A stream could not be cut into messages: both sides were closed.
    Broken {
        /// Whose, and why.
        closing: Closing,
    },
    /// Nobody may ask this server there: the connection was closed.
    NotPermitted,
    /// The permission ended, or was withdrawn, while the connection was open: both sides were closed.
    Ended,
    /// The device could not be reached.
    Unreachable {
        /// The system's word.
        error: String,
    },
    /// There were too many connections: this one was closed.
    TooMany {
        /// The limit it would have broken.
        limit: usize,
    },
    /// The device did not answer in time: the client was told so.
    Silent,
}

/// What the daemon says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It takes connections.
    Listening {
        /// At this port.
        port: u16,
        /// With so many rows.
        rows: usize,
        /// Most connections at the same time.
        most: usize,
        /// What the table was made from.
        of: Option<Origin>,
    },
    /// A new table is in force.
    Taken {
        /// Its rows.
        rows: usize,
        /// What it was made from.
        of: Option<Origin>,
    },
    /// The new table cannot be used: the old one stays in force.
    Kept {
        /// Why.
        error: crate::FileError,
    },
    /// It ended because it was told to.
    Ended,
}

/// One thing told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What did not pass.
    Record(Record),
    /// What the daemon says about itself.
    Notice(Notice),
}

/// Takes what the proxy tells. It must come back at once: traffic waits meanwhile.
pub trait Sink {
    /// Takes one.
    fn take(&mut self, told: Told);
}

impl<F: FnMut(Told)> Sink for F {
    fn take(&mut self, told: Told) {
        self(told);
    }
}
