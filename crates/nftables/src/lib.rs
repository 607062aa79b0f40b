//! Bytes of netlink messages to a [`Ruleset`]: a total decoder, sans I/O.
//!
//! Every rule comes out exact, or with the name and the place of what is not understood. This crate does not
//! know what the rules are for, where the bytes come from, or what a packet is.
//!
//! [`Session`] says what to ask the kernel for and when its answer is complete; [`decode`] turns what came
//! into a [`Ruleset`].

mod data;
mod debug;
mod decode;
mod dump;
mod expression;
mod number;
mod ruleset;
mod wire;

pub use debug::debug_text;
pub use decode::decode;
pub use dump::{Dump, Interruption, Progress, Session};
pub use ruleset::*;
