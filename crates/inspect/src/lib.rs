//! Streams of commands and permissions to verdicts.
//!
//! A [`ModbusInspector`] holds what the flows between two peers permit; a [`Connection`] takes the bytes of both
//! directions and says what goes on, what is answered in the device's place, and why.
//! This crate deliberately knows no socket, no clock, no plant and no policy: who speaks is a word it hands through.

mod connection;
mod decision;
mod inspector;

pub use connection::{Connection, Event, MOST_WAITING};
pub use decision::{Closing, Decision, Dropped, Reason, Verdict};
pub use inspector::{ModbusInspector, Rule};
