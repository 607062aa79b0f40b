//! What the commands leave in a log, with which key, and what they refuse to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::tiny;
use evidence::{Basis, Keys, Read, Step, Verdict, read};
use ledger::{Checkpoint, Verifier, records, verify};

/// A folder with a plant in it, and a state folder of its own for the lab's key.
struct Place {
    folder: tempfile::TempDir,
}

/// How a run ended, and what it said.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plant.toml"), tiny::PLANT).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_ringwall"))
            .current_dir(self.folder.path())
            .args(["--language", "en"])
            .args(words)
            .env("XDG_STATE_HOME", self.path("state"))
            .env_remove("RINGWALL_INSIDE")
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The log, verified as an assessor would, and its records read with these keys.
    fn read(&self, log: &str, keys: &Keys) -> Read {
        let folder = self.path(log);
        let key = key(&folder.join("key"));
        let bytes = ledger_files::records(&folder).unwrap();
        let kept =
            Checkpoint::verified(&ledger_files::note(&folder.join("checkpoint")).unwrap(), &key).unwrap();
        let report = verify(&bytes, Some(&key), &[kept]).unwrap();
        assert!(report.intact() && report.sealed == report.records, "{report:?}");
        read(records(&bytes).map(|record| (record.index, record.content)), keys)
    }

    /// The same with the key beside the log, as for the lab.
    fn lab(&self, log: &str) -> Read {
        let mut keys = Keys::new();
        keys.beside(key(&self.path(log).join("key")));
        self.read(log, &keys)
    }
}

fn key(path: &Path) -> Verifier {
    Verifier::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

fn steps(read: &Read) -> Vec<&'static str> {
    assert_eq!(read.refused, []);
    read.accepted.iter().map(|evidence| evidence.record.step.word()).collect()
}

#[test]
fn every_step_leaves_its_record_under_a_checkpoint() {
    let place = Place::new();
    let nft = place.run(&["compile", "plant.toml", "--at", "2027-07-01T10:00Z"]);
    fs::write(place.path("rules.nft"), &nft.out).unwrap();
    assert!(!place.path("state").exists(), "without --log nothing is written");

    let first = place.run(&["check", "plant.toml", "--log", "log"]);
    assert!(
        first.err.contains("made a key for the lab: ") && first.err.contains("1 records, root "),
        "{}",
        first.err
    );
    let at = ["--at", "2027-07-01T10:00Z", "--log", "log"];
    assert_eq!(
        place.run(&[&["compile", "plant.toml"], &at[..]].concat()).out,
        nft.out,
        "the output is as before"
    );
    let prove = place.run(&[&["prove", "plant.toml", "--ruleset", "rules.nft"], &at[..]].concat());
    assert_eq!(prove.code, 0, "{}", prove.err);
    let lab = place.run(&["lab", "plant.toml", "--expects-only", "--log", "log"]);
    assert_eq!(lab.code, 0, "{}{}", lab.out, lab.err);

    let read = place.lab("log");
    assert_eq!(steps(&read), ["check", "compile", "prove", "lab", "prove"]);
    let record = |number: usize| &read.accepted[number].record;
    for number in 0..5 {
        assert_eq!((record(number).basis, &record(number).machine), (Basis::Lab, &None));
        assert_eq!((&*record(number).plant, &record(number).plant_hash), ("tiny", &record(0).plant_hash));
    }
    assert!(matches!(record(0).step, Step::Check { errors: 0, .. }));
    assert!(matches!(record(2).step, Step::Prove { verdict: Verdict::Equal, rules: 1.., .. }));
    assert_eq!(record(1).policy_hash, record(2).policy_hash);
    assert_eq!(record(1).situation, record(2).situation);
    assert_eq!(record(2).situation.as_ref().unwrap().at.to_string(), "2027-07-01T10:00:00Z");
    assert!(record(2).ruleset_hash.is_some() && record(1).ruleset_hash.is_none());
    let Step::Lab { verdict: Verdict::Equal, cases, more: 0 } = &record(3).step else {
        panic!("{:?}", record(3).step)
    };
    let case = &cases[0];
    let zones = [&case.from, &case.to, &case.conduit].map(|zone| zone.as_deref().unwrap());
    assert_eq!((case.id.as_str(), zones), ("1", ["data", "control", "C"]));

    // A text with errors is a finding as well.
    fs::write(place.path("plant.toml"), tiny::PLANT.replace("\"data\"\nkind", "\"dota\"\nkind")).unwrap();
    assert_eq!(place.run(&["check", "plant.toml", "--log", "log"]).code, 2);
    let read = place.lab("log");
    let last = &read.accepted.last().unwrap().record;
    assert!(matches!(last.step, Step::Check { errors: 1.., .. }));
    assert_ne!(last.plant_hash, record_hash(&read));
}

fn record_hash(read: &Read) -> String {
    read.accepted[0].record.plant_hash.clone()
}

#[test]
fn a_bridge_between_legs_is_recorded_as_one_network() {
    const TEST: &str = "a_bridge_between_legs_is_recorded_as_one_network";
    if !common::inside(TEST) {
        return;
    }
    let place = Place::new();
    let _far = common::legs(&["z1", "z2"]);
    let load = place.run(&["load", "plant.toml", "--log", "log"]);
    assert_eq!(load.code, 0, "{}{}", load.out, load.err);
    common::bridge("br0", &["z1", "z2"]);
    let prove = place.run(&["prove", "plant.toml", "--log", "log"]);
    assert_eq!(prove.code, 4, "{}", prove.out);
    let read = place.lab("log");
    assert_eq!(steps(&read), ["load", "prove", "prove"]);
    let bridged = |number: usize| match &read.accepted[number].record.step {
        Step::Prove { bridged, verdict, .. } => (bridged.clone(), *verdict),
        other => panic!("{other:?}"),
    };
    assert!(matches!(read.accepted[0].record.step, Step::Load { generation: 1, switched: true, .. }));
    assert_eq!(bridged(1), (Vec::new(), Verdict::Equal));
    assert_eq!(bridged(2), (vec![["control".to_owned(), "data".to_owned()]], Verdict::Unknown));
}

#[test]
fn only_the_machine_itself_with_its_own_key_speaks_for_the_site() {
    const TEST: &str = "only_the_machine_itself_with_its_own_key_speaks_for_the_site";
    if !common::inside(TEST) {
        return;
    }
    let place = Place::new();
    let made = place.run(&["log", "key", "new", "--site", "0141", "site.key"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let public = Verifier::parse(&made.out).unwrap();
    assert_eq!(public.name(), "site/0141");
    assert_eq!(place.run(&["log", "key", "new", "--site", "0141", "site.key"]).code, 2, "never overwritten");
    assert_eq!(place.run(&["log", "key", "new", "--site", "a b", "other.key"]).code, 2);
    place.run(&["check", "plant.toml", "--log", "lab"]);
    fs::write(place.path("rules.nft"), place.run(&["compile", "plant.toml"]).out).unwrap();

    let lab_key = place.path("state/ringwall/lab.key");
    let lab_key = lab_key.to_str().unwrap();
    for (words, said) in [
        // In a namespace, whatever the key.
        (
            &["prove", "plant.toml", "--log", "log", "--sign-key", "site.key", "--site", "0141"][..],
            "namespace",
        ),
        (&["load", "plant.toml", "--log", "log", "--sign-key", "site.key", "--site", "0141"], "namespace"),
        (
            &["bundle", "plant.toml", "--log", "log", "--sign-key", "site.key", "--site", "0141", "-o", "b"],
            "namespace",
        ),
        // A file is not what the machine runs.
        (
            &[
                "prove",
                "plant.toml",
                "--ruleset",
                "rules.nft",
                "--log",
                "log",
                "--sign-key",
                "site.key",
                "--site",
                "0141",
            ],
            "cannot be used with",
        ),
        // No key named, no log, the lab's key.
        (&["prove", "plant.toml", "--log", "log", "--site", "0141"], "--sign-key"),
        (&["prove", "plant.toml", "--sign-key", "site.key", "--site", "0141"], "--log"),
        (&["prove", "plant.toml", "--log", "log", "--sign-key", lab_key, "--site", "0141"], "namespace"),
        (
            &["prove", "plant.toml", "--log", "log", "--sign-key", "site.key", "--site", "a b"],
            "serial number",
        ),
        (&["check", "plant.toml", "--log", "log", "--site", "0141"], "unexpected argument"),
        (&["lab", "plant.toml", "--log", "log", "--site", "0141"], "unexpected argument"),
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{words:?}: {}", ran.err);
        assert!(!place.path("log/records").exists(), "{words:?}: nothing is written");
    }
    // Without --site a machine works as a lab, and says so.
    assert_eq!(place.run(&["check", "plant.toml", "--log", "log", "--sign-key", "site.key"]).code, 0);
    let mut keys = Keys::new();
    keys.beside(public.clone());
    assert_eq!(place.read("log", &keys).refused.len(), 1, "a machine's key beside its log proves nothing");
    keys.trust(public).unwrap();
    assert_eq!(place.read("log", &keys).accepted[0].record.basis, Basis::Lab);
    // A log has one key.
    let ran = place.run(&["check", "plant.toml", "--log", "log"]);
    assert!(ran.code == 2 && ran.err.contains("is written with the key `site/0141+"), "{}", ran.err);
}

#[test]
fn a_key_others_can_read_a_log_that_is_damaged_and_one_that_is_written_are_refused() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let check = ["check", "plant.toml", "--log", "log"];
    assert_eq!(place.run(&check).code, 0);
    let key = place.path("state/ringwall/lab.key");
    let mode = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let ran = place.run(&check);
    assert!(ran.code == 2 && ran.err.contains("mode 644") && ran.err.contains("chmod 600"), "{}", ran.err);
    mode(0o600);

    let (writer, _) = ledger_files::open(&place.path("log"), ledger_files::read_key(&key).unwrap()).unwrap();
    let ran = place.run(&check);
    let process = std::process::id().to_string();
    assert!(ran.code == 2 && ran.err.contains(&process), "{}", ran.err);
    drop(writer);
    assert_eq!(place.run(&check).code, 0);

    let records = place.path("log/records");
    let mut bytes = fs::read(&records).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&records, &bytes).unwrap();
    let ran = place.run(&check);
    assert!(ran.code == 4 && ran.err.contains("damaged and is not written on"), "{}", ran.err);
    assert_eq!(fs::read(&records).unwrap(), bytes, "what is damaged is left as it is");
}
