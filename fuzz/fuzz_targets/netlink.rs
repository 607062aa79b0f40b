//! Any bytes as a dump of the kernel's ruleset. Start from `crates/nftables/tests/corpus/netlink`:
//! `cargo +nightly fuzz run netlink crates/nftables/tests/corpus/netlink`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nftables::{Dump, Session, debug_text, decode};

fuzz_target!(|bytes: &[u8]| {
    let ruleset = decode(&Dump::from_bytes(bytes.to_vec()));
    let _ = debug_text(&ruleset);
    let mut session = Session::new(1);
    // Two bytes of length before each datagram.
    let mut rest = bytes;
    while let Some((head, tail)) = rest.split_first_chunk::<2>() {
        let (datagram, next) = tail.split_at(usize::from(u16::from_ne_bytes(*head)).min(tail.len()));
        let _ = session.request();
        let _ = session.feed(datagram);
        rest = next;
    }
    let _ = decode(&session.finish());
});
