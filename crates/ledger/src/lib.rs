//! An append-only log of records that shows when somebody changed it: a Merkle tree (RFC 6962), checkpoints of it as
//! signed notes (C2SP tlog-checkpoint and signed-note, Ed25519), and verification that needs nothing but the files.
//!
//! Records go in as bytes and come out as bytes: this crate deliberately does not know what they mean, and it knows
//! no files, no clock and no source of randomness. [`Store`] is what a shell brings; seeds of keys come in as values.
//!
//! The tree is our own, about two hundred lines: `ct-merkle` keeps every node in memory and hashes typed values,
//! `tlog_tiles` brings the tiles of a web service, a second Ed25519 stack and a source of randomness. Here one root is
//! kept while a file is read once, in memory that grows with the logarithm of the records.
//!
//! What the parts promise: a frame's check finds accidents and says where; the signed root finds intent and says
//! between which checkpoints; a checkpoint kept elsewhere finds a log that was cut or written anew.

mod checkpoint;
mod explain;
mod finding;
mod frame;
mod key;
mod note;
pub mod proof;
mod store;
mod tree;
mod verify;
mod writer;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use explain::{codes, explain};
pub use finding::{Finding, What};
pub use frame::{HEAD, Kind, LONGEST};
pub use key::{KeyError, Signer, Verifier};
pub use note::{NoteError, SignedNote, sign};
pub use store::{Store, StoreFile};
pub use tree::{Hash, Tree, hex, leaf_hash, node_hash};
pub use verify::{Check, NotALog, Record, Report, records, verify};
pub use writer::{OpenError, Recovery, WriteError, Writer};
