//! Plants of any size and ways to measure what they cost; the benches stand beside it.
//!
//! `cargo bench -p benches` runs all of them. This crate ships with nothing; it does not know what a good figure is:
//! the targets stand in BENCHMARKS.md.

mod inside;
mod measure;
mod packet;
mod plants;
mod proving;
mod proxied;

pub use inside::{Stage, stage};
pub use measure::{Phases, Table, cpu, median, peak_memory};
pub use packet::udp;
pub use plants::{Shape, moment, plant_of, text_of};
pub use proving::{Proved, load, prove};
pub use proxied::{CLIENTS, Proxied, client};

/// What a bench returns: it stops at the first surprise and says it.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
