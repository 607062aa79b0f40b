//! What every step of the loop leaves behind: a [`Record`], signed by itself, and whom a reader believes ([`Keys`]).
//!
//! A record says what was found, when, for which text of the plant, and on what basis: in the lab, or on the machine
//! that stands in the plant. All of it is under one signature, the basis and the machine too: a record that was relabelled has none
//! that fits. [`read`] takes the records of a log that was verified and returns those that count, and beside them
//! each one that does not, with the reason.
//!
//! A [`bundle`] is all that stands for one proof, in one signed file.
//!
//! This crate deliberately knows no files, no clock and no log; it does not judge what a record proves.

pub mod bundle;
mod explain;
mod hash;
mod keys;
mod read;
mod reason;
mod record;
mod signed;
mod step;

pub use explain::{codes, explain};
pub use hash::{Hashes, is_hash, plant_hashes, sha256};
pub use keys::{KeyKind, Keys, LAB, SITE, basis_of, serial_of, site_name};
pub use read::{Evidence, Read, Refused, read};
pub use reason::Reason;
pub use record::{Basis, Machine, Record, Situation, VERSION};
pub use signed::{SignError, Signed};
pub use step::{Case, CaseState, Note, SessionEvent, Step, Verdict};
