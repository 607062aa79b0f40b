//! A plant, a moment and what is given, to a policy; a policy to nft text.
//!
//! [`compile`] says which connections may be opened at a moment, as plain rows. The rows become two things that are
//! made apart from each other: the text people review and the kernel loads ([`Policy::text`],
//! [`Policy::generation`]), and the sets of packets that may pass ([`Policy::relations`]), which the prover holds
//! against what the kernel runs.
//!
//! This crate deliberately knows no kernel, no netlink and no prover; it reads no clock and does no I/O.

mod arrivals;
mod assumptions;
mod compile;
mod elements;
mod error;
mod explain;
mod generation;
mod hash;
mod names;
mod nat;
mod overlap;
pub mod path;
mod permission;
mod policy;
mod ranges;
mod relations;
mod render;
mod way;
mod why;

pub use assumptions::Assumption;
pub use compile::compile;
pub use error::CompileError;
pub use explain::{codes, explain};
pub use generation::{Generation, foundation};
pub use nat::Translation;
pub use permission::{Commands, Permission, Side, Traffic};
pub use policy::{Leg, Policy, Why};
pub use render::TABLE;
