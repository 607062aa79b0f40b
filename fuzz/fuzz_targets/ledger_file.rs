//! Any bytes as the file of a log, as a signed note, as a checkpoint and as a key: reading returns, and a finding lies
//! within the bytes. Start from `crates/ledger/tests/corpus`, which the ordinary tests replay.
#![no_main]

use ledger::{Checkpoint, SignedNote, Signer, Verifier, records, verify};
use libfuzzer_sys::fuzz_target;
use words::{Language, Message};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(report) = verify(bytes, None, &[]) {
        for finding in &report.findings {
            assert!(finding.offset <= bytes.len() as u64);
            for language in Language::ALL {
                let _ = (finding.text(language), finding.help(language));
            }
        }
    }
    let _ = records(bytes).count();
    let _ = SignedNote::parse(bytes);
    let _ = Checkpoint::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (Verifier::parse(text), Signer::parse(text).is_ok());
    }
});
