//! Any bytes as the table of the command proxy. Start from `crates/gateway/tests/corpus/commands`:
//! `cargo +nightly fuzz run commands crates/gateway/tests/corpus/commands`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/gateway/tests/properties/mod.rs"]
mod properties;

fuzz_target!(|bytes: &[u8]| properties::check(bytes));
