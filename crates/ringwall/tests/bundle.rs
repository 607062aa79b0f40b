//! A bundle: packed, verified where there is no kernel to ask, and every lie in one named.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use common::tiny;
use evidence::bundle::{Manifest, open, pack};
use evidence::{Basis, Machine, Record, Signed, Step, sha256};
use ledger::{Signer, Verifier, records};
use serde_json::Value;

/// A bundle of the tiny plant, packed once; the key that signed it, and the folder it was made in.
struct Packed {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
    signer: Signer,
}

fn packed() -> &'static Packed {
    static PACKED: OnceLock<Packed> = OnceLock::new();
    PACKED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plant.toml"), tiny::PLANT).unwrap();
        let decisions = "# nothing is decided yet\n";
        fs::write(folder.path().join("decisions.toml"), decisions).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_ringwall"))
            .current_dir(folder.path())
            .args(["--format", "json", "bundle", ".", "--log", "log", "-o", "tiny.bundle"])
            .args(["--at", "2027-07-01T10:00:00Z"])
            .env("XDG_STATE_HOME", folder.path().join("state"))
            .env_remove("RINGWALL_INSIDE")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&document["proof"], &document["basis"]), (&"equal".into(), &"lab".into()));
        let bytes = fs::read(folder.path().join("tiny.bundle")).unwrap();
        assert_eq!((&document["bytes"], &document["sha256"]), (&bytes.len().into(), &sha256(&bytes).into()));
        let signer = ledger_files::read_key(&folder.path().join("state/ringwall/lab.key")).unwrap();
        assert_eq!(document["key"], signer.verifier().to_string());
        Packed { folder, bytes, signer }
    })
}

const PARTS: [&str; 10] = [
    "container",
    "manifest",
    "plant/decisions.toml",
    "plant/plant.toml",
    "policy.nft",
    "kernel/dump",
    "kernel/surroundings.json",
    "cases.json",
    "log/records",
    "log/checkpoint",
];

/// Verifies bytes as a script does, with nothing around it: no nft, no home, no environment at all.
fn verify(bytes: &[u8], key: Option<&Verifier>) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("bundle"), bytes).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringwall"));
    command.env_clear().args(["--format", "json", "--language", "en", "verify"]).arg(path("bundle"));
    if let Some(key) = key {
        fs::write(path("key"), key.to_string()).unwrap();
        command.arg("--key").arg(path("key"));
    }
    let output = command.output().unwrap();
    let document = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), document)
}

/// The parts at fault, each with its code.
fn bad(document: &Value) -> Vec<(String, String)> {
    let parts = document["parts"].as_array().unwrap();
    let bad: Vec<_> = parts.iter().filter(|part| part["ok"] == false).collect();
    assert!(bad.iter().all(|part| !part["reason"].as_str().unwrap().is_empty()));
    bad.iter()
        .map(|part| (part["name"].as_str().unwrap().to_owned(), part["code"].as_str().unwrap().to_owned()))
        .collect()
}

fn named(document: &Value) -> Vec<String> {
    bad(document).into_iter().map(|(name, _)| name).collect()
}

/// What is in the bundle, to be packed anew by somebody who has a key and lies.
fn opened() -> (Manifest, Vec<(String, Vec<u8>)>) {
    let opened = open(&packed().bytes, None).unwrap();
    let bundle = opened.check();
    let parts = bundle.manifest.parts.iter();
    let parts = parts.map(|part| (part.name.clone(), bundle.part(&part.name).unwrap().to_vec())).collect();
    (bundle.manifest.clone(), parts)
}

fn part<'a>(parts: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    &mut parts.iter_mut().find(|(own, _)| own == name).unwrap().1
}

/// Packs anew with the very key, after a change.
fn lying(change: impl FnOnce(&mut Manifest, &mut Vec<(String, Vec<u8>)>)) -> Value {
    let (mut manifest, mut parts) = opened();
    change(&mut manifest, &mut parts);
    let bytes = pack(manifest, &parts, &packed().signer).unwrap();
    let (code, document) = verify(&bytes, Some(packed().signer.verifier()));
    assert_eq!((code, &document["ok"]), (4, &false.into()), "{document}");
    document
}

#[test]
fn a_bundle_is_proved_again_where_there_is_nothing_but_the_file() {
    for (key, source) in [(None, "bundle"), (Some(packed().signer.verifier()), "given")] {
        let (code, document) = verify(&packed().bytes, key);
        assert_eq!(
            (code, &document["ok"], &document["proof"]),
            (0, &true.into(), &"equal".into()),
            "{document}"
        );
        let names: Vec<&str> =
            document["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
        assert_eq!(names, PARTS);
        assert!(bad(&document).is_empty());
        assert_eq!((&document["key"], &document["basis"]), (&source.into(), &"lab".into()));
        assert_eq!((&document["plant"], &document["at"]), (&"tiny".into(), &"2027-07-01T10:00:00Z".into()));
    }
}

#[test]
fn it_is_told_in_both_languages() {
    let path = packed().folder.path().join("tiny.bundle");
    let run = |language: &str, path: &PathBuf| {
        let output = Command::new(env!("CARGO_BIN_EXE_ringwall"))
            .args(["--language", language, "verify"])
            .arg(path)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("en", &path).contains("good: every part is whole"));
    assert!(run("de", &path).contains("gut: jeder Teil ist heil"));
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed");
    let mut bytes = packed().bytes.clone();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&changed, bytes).unwrap();
    let text = run("de", &changed);
    assert!(text.contains("FALSCH  log/checkpoint\n            seit dem Packen geändert"), "{text}");
    assert!(text.contains("[RW1315]") && text.contains("NICHT gut"), "{text}");
}

/// Where each part lies in the file.
fn places() -> Vec<(String, Range<usize>)> {
    let bytes = &packed().bytes;
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let length: usize = std::str::from_utf8(&bytes[line - 9..line - 1]).unwrap().parse().unwrap();
    let mut at = line + length;
    let mut places = vec![("container".to_owned(), 0..line), ("manifest".to_owned(), line..at)];
    for (name, content) in opened().1 {
        places.push((name, at..at + content.len()));
        at += content.len();
    }
    assert_eq!(at, bytes.len());
    places
}

/// Every byte of the head and every 61st of each part, its first and its last: in this process, since each run of the program
/// takes its time. Every bit of a smaller bundle is changed in the tests of `evidence`.
#[test]
fn a_changed_byte_is_found_in_every_part() {
    let mut bytes = packed().bytes.clone();
    for (name, range) in places() {
        let step = if matches!(name.as_str(), "container" | "manifest") { 1 } else { 61 };
        for at in range.clone().step_by(step).chain([range.end - 1]) {
            bytes[at] ^= 0x20;
            let found = match open(&bytes, None) {
                Err((part, _)) => vec![part.to_owned()],
                Ok(opened) => opened.check().faults.into_iter().map(|(part, _)| part).collect(),
            };
            let list = name == "container" && found == ["manifest"];
            assert!(found == [name.clone()] || list, "byte {at} in {name}: {found:?}");
            bytes[at] ^= 0x20;
        }
    }
}

#[test]
fn the_command_names_the_part_that_was_changed_cut_or_swapped() {
    let places = places();
    for (name, range) in &places {
        let mut bytes = packed().bytes.clone();
        bytes[range.start + range.len() / 2] ^= 1;
        let (code, document) = verify(&bytes, None);
        assert_eq!(
            (code, &document["ok"], &document["proof"]),
            (4, &false.into(), &"unknown".into()),
            "{name}"
        );
        assert_eq!(named(&document), [name.as_str()]);
    }
    let (code, document) = verify(&packed().bytes[..places[6].1.start], None);
    assert_eq!((code, named(&document)), (4, PARTS[6..].iter().map(|name| (*name).to_owned()).collect()));
    let (code, document) = verify(&[&packed().bytes[..], b"more"].concat(), None);
    assert_eq!((code, bad(&document)), (4, vec![("container".to_owned(), "RW1316".to_owned())]));
    let (one, other) = (places[4].1.clone(), places[5].1.clone());
    let bytes = &packed().bytes;
    let swapped = [&bytes[..one.start], &bytes[other.clone()], &bytes[one], &bytes[other.end..]].concat();
    assert_eq!(named(&verify(&swapped, None).1), ["policy.nft", "kernel/dump"]);
    for nothing in [&b""[..], b"ringwall bundle 1 ", &[0xff; 5000]] {
        assert_eq!(named(&verify(nothing, None).1), ["container"]);
    }
}

#[test]
fn a_bundle_of_somebody_else_is_whole_and_still_refused() {
    let (manifest, parts) = opened();
    let other = Signer::new("lab", &[9; 32]).unwrap();
    let bytes = pack(manifest, &parts, &other).unwrap();
    let (code, document) = verify(&bytes, Some(packed().signer.verifier()));
    assert_eq!((code, bad(&document)), (4, vec![("manifest".to_owned(), "RW1313".to_owned())]));
    // Without the reader's key its own log gives it away: that is signed by another key.
    assert_eq!(named(&verify(&bytes, None).1), ["log/checkpoint"]);
}

#[test]
fn whoever_has_the_key_and_lies_is_found_out_by_doing_it_again() {
    let only = |document: &Value, name: &str, code: &str| {
        assert_eq!(bad(document), [(name.to_owned(), code.to_owned())], "{document}");
    };
    // Another plant under the same name, with and without its hash.
    let wider = tiny::PLANT.replace("tcp 4840\"\nwhy", "tcp 1-65535\"\nwhy").into_bytes();
    assert_ne!(wider, tiny::PLANT.as_bytes());
    let document = lying(|_, parts| *part(parts, "plant/plant.toml") = wider.clone());
    only(&document, "plant/decisions.toml", "RW1318");
    let document = lying(|manifest, parts| {
        part(parts, "plant/plant.toml").clone_from(&wider);
        manifest.plant_hash = evidence::plant_hashes([("plant.toml", wider.as_slice())]).plant;
    });
    only(&document, "policy.nft", "RW1319");
    let document = lying(|manifest, parts| {
        *part(parts, "plant/plant.toml") = b"ringwall = 1\n[".to_vec();
        manifest.plant_hash = evidence::plant_hashes([("plant.toml", &b"ringwall = 1\n["[..])]).plant;
    });
    only(&document, "plant/decisions.toml", "RW1318");
    // Rules that were not compiled, and another moment, which the text of the rules names.
    let document = lying(|_, parts| part(parts, "policy.nft").extend(b"# accept\n"));
    only(&document, "policy.nft", "RW1319");
    let document = lying(|manifest, _| manifest.situation.given = vec!["F9 approved".to_owned()]);
    only(&document, "policy.nft", "RW1319");
    let document = lying(|manifest, _| manifest.situation.at = "2027-07-01T11:00:00Z".parse().unwrap());
    only(&document, "policy.nft", "RW1319");
    // A dump that is another, with and without its hash; one that is no dump.
    let document = lying(|_, parts| part(parts, "kernel/dump").truncate(2000));
    only(&document, "kernel/dump", "RW1320");
    for garbage in [Vec::new(), vec![0; 5000], vec![0xff; 5000], packed().bytes.clone()] {
        let document = lying(|manifest, parts| {
            let ruleset = nftables::decode(&nftables::Dump::from_bytes(garbage.clone()));
            manifest.ruleset_hash = hash_of(&ruleset);
            *part(parts, "kernel/dump") = garbage;
        });
        assert_ne!(document["proof"], "equal");
        only(&document, "log/records", "RW1322");
    }
    // Surroundings that hide, or are none.
    let document = lying(|_, parts| {
        let text = String::from_utf8(part(parts, "kernel/surroundings.json").clone()).unwrap();
        let changed = text.replace("\"forwards_v4\":true", "\"forwards_v4\":false");
        assert_ne!(text, changed);
        *part(parts, "kernel/surroundings.json") = changed.into_bytes();
    });
    assert_eq!(document["proof"], "differs");
    only(&document, "log/records", "RW1322");
    let document = lying(|_, parts| *part(parts, "kernel/surroundings.json") = b"{}".to_vec());
    only(&document, "kernel/surroundings.json", "RW1324");
    // Cases nobody recorded.
    let document = lying(|_, parts| {
        let text = String::from_utf8(part(parts, "cases.json").clone()).unwrap();
        *part(parts, "cases.json") = text.replacen("\"pass\"", "\"fail\"", 1).into_bytes();
    });
    only(&document, "cases.json", "RW1323");
    // A part that is not there.
    for name in ["policy.nft", "kernel/dump", "kernel/surroundings.json", "log/records", "log/checkpoint"] {
        let document = lying(|_, parts| parts.retain(|(own, _)| own != name));
        assert!(bad(&document).contains(&(name.to_owned(), "RW1317".to_owned())), "{name}: {document}");
    }
    let document = lying(|_, parts| parts.retain(|(own, _)| own != "plant/plant.toml"));
    only(&document, "plant/decisions.toml", "RW1318");
}

/// As `proof::hash` makes it, which no test can reach, for rulesets with nothing in them.
fn hash_of(ruleset: &nftables::Ruleset) -> String {
    let mut plain = ruleset.clone();
    plain.generation = None;
    assert!(plain.tables.is_empty(), "garbage has no tables");
    sha256(format!("{plain:?}").as_bytes())
}

#[test]
fn the_log_in_a_bundle_is_verified_as_well() {
    let only = |document: &Value, name: &str, code: &str| {
        assert_eq!(bad(document), [(name.to_owned(), code.to_owned())], "{document}");
    };
    let document = lying(|_, parts| {
        let records = part(parts, "log/records");
        let middle = records.len() / 2;
        records[middle] ^= 1;
    });
    only(&document, "log/records", "RW1321");
    // Cut at its first checkpoint: whole by itself, and shorter than the checkpoint beside it says.
    let document = lying(|_, parts| {
        let log = part(parts, "log/records");
        let first = records(log).next().unwrap().offset;
        log.truncate(usize::try_from(first).unwrap());
    });
    only(&document, "log/records", "RW1321");
    // A log of the same key that tells nothing of this proof.
    let folder = tempfile::tempdir().unwrap();
    let (writer, _) = ledger_files::open(folder.path(), packed().signer.clone()).unwrap();
    drop(writer);
    let document = lying(|_, parts| {
        *part(parts, "log/records") = fs::read(folder.path().join("records")).unwrap();
        *part(parts, "log/checkpoint") = fs::read(folder.path().join("checkpoint")).unwrap();
    });
    assert_eq!(document["proof"], "equal");
    assert_eq!(
        bad(&document),
        [("cases.json", "RW1323"), ("log/records", "RW1322")]
            .map(|(name, code)| (name.to_owned(), code.to_owned()))
    );
}

/// The machine's key packs a bundle that says `site`. It holds only with a record that key signed as one of the site.
#[test]
fn what_the_lab_proved_is_no_proof_of_the_site() {
    let site = Signer::new("site/0141", &[4; 32]).unwrap();
    let machine = Some(Machine { serial: "0141".to_owned(), host: "gw".to_owned() });
    let bundle = |on_site: bool| {
        let (manifest, mut parts) = opened();
        let mut keys = evidence::Keys::new();
        keys.trust(packed().signer.verifier().clone()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, _) = ledger_files::open(folder.path(), site.clone()).unwrap();
        for record in records(part(&mut parts, "log/records")) {
            let record = Signed::read(record.content, &keys).unwrap().record;
            let proof = matches!(record.step, Step::Prove { .. }) && on_site;
            let record = if proof {
                Record { basis: Basis::Site, machine: machine.clone(), ..record }
            } else {
                record
            };
            writer.append(&record.sign(&site).unwrap()).unwrap();
        }
        writer.checkpoint().unwrap();
        *part(&mut parts, "log/records") = fs::read(folder.path().join("records")).unwrap();
        *part(&mut parts, "log/checkpoint") = fs::read(folder.path().join("checkpoint")).unwrap();
        let manifest = Manifest { basis: Basis::Site, machine: machine.clone(), ..manifest };
        pack(manifest, &parts, &site).unwrap()
    };
    let (code, document) = verify(&bundle(true), Some(site.verifier()));
    assert_eq!(
        (code, &document["basis"], &document["serial"]),
        (0, &"site".into(), &"0141".into()),
        "{document}"
    );
    let (code, document) = verify(&bundle(false), Some(site.verifier()));
    assert_eq!((code, bad(&document)), (4, vec![("log/records".to_owned(), "RW1322".to_owned())]));
}
