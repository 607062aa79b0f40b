//! Any bytes as both directions of a Modbus/TCP connection. Start from `crates/inspect/tests/corpus/modbus`:
//! `cargo +nightly fuzz run modbus crates/inspect/tests/corpus/modbus`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/inspect/tests/properties/mod.rs"]
mod properties;

fuzz_target!(|bytes: &[u8]| properties::check(bytes));
