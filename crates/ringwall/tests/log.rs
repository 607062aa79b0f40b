//! `ringwall log verify`: what a script and a person learn about a log on disk.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;

use ledger::Signer;
use serde_json::Value;

fn signer(seed: u8) -> Signer {
    Signer::new("line3/evidence", &[seed; 32]).unwrap()
}

/// A log of ten records in two checkpoints; the first checkpoint's file is kept as `kept`.
fn log(folder: &Path) {
    let (mut writer, _) = ledger_files::open(&folder.join("log"), signer(7)).unwrap();
    for number in 0..10 {
        writer.append(format!("record {number}").as_bytes()).unwrap();
        if number == 4 {
            writer.checkpoint().unwrap();
        }
    }
    writer.checkpoint().unwrap();
    fs::copy(folder.join("log/checkpoint"), folder.join("kept")).unwrap();
    fs::write(folder.join("mine"), signer(7).verifier().to_string()).unwrap();
    fs::write(folder.join("other"), signer(8).verifier().to_string()).unwrap();
}

fn run(folder: &Path, words: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_ringwall"))
        .current_dir(folder)
        .args(["--format", "json", "--language", "en", "log", "verify", "log"])
        .args(words)
        .output()
        .unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// Puts other bytes in the place of the records.
fn change(folder: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.join("log/records");
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_intact_log_is_intact() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path());
    for (words, key) in [(&[][..], "log"), (&["--key", "mine", "--checkpoint", "kept"], "given")] {
        let (code, document) = run(folder.path(), words);
        assert_eq!((code, &document["verdict"], &document["ok"]), (0, &"intact".into(), &true.into()));
        assert_eq!((&document["size"], &document["checkpoints"]), (&10.into(), &3.into()));
        assert_eq!((&document["key"], &document["findings"]), (&key.into(), &Value::Array(Vec::new())));
        assert_eq!(document["root"].as_str().unwrap().len(), 64);
    }
}

#[test]
fn damage_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path());
    let bytes = fs::read(folder.path().join("log/records")).unwrap();
    let at = ledger::records(&bytes).nth(6).unwrap().offset;
    change(folder.path(), |bytes| bytes[usize::try_from(at).unwrap() + 20] ^= 1);
    let (code, document) = run(folder.path(), &["--key", "mine"]);
    assert_eq!((code, &document["verdict"], &document["first_bad"]), (4, &"damaged".into(), &6.into()));
    let finding = &document["findings"][0];
    assert_eq!(
        (&finding["record"], &finding["offset"], &finding["what"]),
        (&6.into(), &at.into(), &"record".into())
    );
}

#[test]
fn a_cut_tail_shows_against_the_kept_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path());
    let bytes = fs::read(folder.path().join("log/records")).unwrap();
    // Up to the end of the first checkpoint of five: without the later ones, a sound log.
    let fifth = ledger::records(&bytes).nth(5).unwrap().offset;
    change(folder.path(), |bytes| bytes.truncate(usize::try_from(fifth).unwrap()));
    fs::remove_file(folder.path().join("log/checkpoint")).unwrap();
    assert_eq!(run(folder.path(), &["--key", "mine"]).0, 0);
    let (code, document) = run(folder.path(), &["--key", "mine", "--checkpoint", "kept"]);
    assert_eq!(
        (code, &document["findings"][0]["what"], &document["first_bad"]),
        (4, &"cut".into(), &5.into())
    );
}

#[test]
fn a_wrong_key_and_unreadable_input_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path());
    let (code, document) = run(folder.path(), &["--key", "other"]);
    assert_eq!((code, &document["findings"][0]["what"]), (4, &"signature".into()));
    let log = "log/records";
    for words in
        [&["--key", "absent"][..], &["--key", log], &["--checkpoint", log], &["--checkpoint", "absent"]]
    {
        assert_eq!(run(folder.path(), words).0, 2, "{words:?}");
    }
    change(folder.path(), |bytes| *bytes = b"no log".to_vec());
    assert_eq!(run(folder.path(), &[]).0, 2);
    fs::remove_file(folder.path().join(log)).unwrap();
    assert_eq!(run(folder.path(), &[]).0, 2);
}
