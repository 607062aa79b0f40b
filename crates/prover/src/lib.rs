//! A ruleset, as the kernel runs it, to the packets it lets through.
//!
//! Two engines stand side by side and share nothing but the ruleset's types: [`interpret`] turns a whole ruleset
//! into decision diagrams, [`trace()`] runs one concrete packet through the expressions as the kernel does and tells
//! the path. Tests hold them against each other and both against the kernel.
//!
//! This crate does not know plants, policies, or how the rules came to be, and shares no code with what renders
//! rules. What it does not understand it says, with the place; it never passes over it.

mod bytes;
mod chain;
mod interfaces;
mod interpret;
mod layout;
mod loads;
mod local;
mod matching;
mod notes;
mod rule;
mod sets;
pub mod trace;
mod translation;

pub use interfaces::{Link, interface_names};
pub use interpret::{Interpreted, Options, interpret, uses_tracking};
pub use notes::{NotUnderstood, Unknowns};
pub use trace::{Outcome, Step, Trace, trace};
pub use translation::translates;
