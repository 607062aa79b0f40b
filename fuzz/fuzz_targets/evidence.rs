//! Any bytes as a signed record and as a bundle: reading returns, and every part it hands out lies within the bytes.
//! The first byte chooses whether the rest is put under a signature first, so that what lies behind one is reached too.
#![no_main]

use evidence::{Keys, Signed, bundle};
use ledger::Signer;
use libfuzzer_sys::fuzz_target;
use words::{Language, Message};

fuzz_target!(|bytes: &[u8]| {
    let Ok(signer) = Signer::new("lab", &[7; 32]) else { return };
    let mut keys = Keys::new();
    let _ = keys.trust(signer.verifier().clone());
    let Some((first, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let signed = match first % 3 {
        0 => rest.to_vec(),
        1 => ledger::sign(&format!("ringwall evidence 1\n{text}\n"), &signer).into_bytes(),
        _ => {
            let note = ledger::sign(&format!("ringwall bundle 1\n{text}\n"), &signer);
            format!("ringwall bundle 1 {:08}\n{note}", note.len()).into_bytes()
        }
    };
    if let Err(reason) = Signed::read(&signed, &keys) {
        for language in Language::ALL {
            let _ = (reason.text(language), reason.help(language));
        }
    }
    if let Ok(opened) = bundle::open(&signed, None) {
        let bundle = opened.check();
        let parts = bundle.manifest.parts.iter().filter_map(|part| bundle.part(&part.name));
        assert!(parts.map(<[u8]>::len).sum::<usize>() <= signed.len());
    }
});
