//! Symbolic packet sets and relations: equality, difference, example packet.
//!
//! A set of packets is an interval decision diagram: one level per field of [`Field`], edges over intervals of
//! values, nodes shared. Two sets are equal exactly when they are the same node, so comparing two firewalls is
//! building both and taking the difference. Diagrams may also carry other terminals than true and false; the
//! prover uses that to keep "not decided yet" apart from "dropped".
//!
//! This crate does not know rules, zones or nft; it does no I/O.

mod compare;
mod cubes;
mod diagram;
mod domain;
mod example;
mod fields;
mod interfaces;
mod many;

pub use compare::{Bounds, Comparison, Found, LIST_LIMIT, compare, compare_may};
pub use cubes::Cube;
pub use diagram::{FALSE, MISS, Node, Space, TRUE};
pub use domain::{Assumed, domain};
pub use example::{ConnectionState, Outside, Packet};
pub use fields::{Field, Hook, announced, ct_direction, ct_state, family, socket};
pub use interfaces::Interfaces;
