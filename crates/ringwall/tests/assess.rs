//! `ringwall assess` and `diff`: the documents scripts read, what people read, and bad input.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use std::process::Command;

use common::{file, line3, ringwall};
use serde_json::Value;

fn copied(change: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plant.toml", "decisions.toml"] {
        let text = std::fs::read_to_string(line3().join(name)).unwrap();
        let text = if name == "plant.toml" { change(text) } else { text };
        file(&folder, name, &text);
    }
    folder
}

#[test]
fn the_document_keeps_its_contract() {
    let run = ringwall(&["assess", line3().to_str().unwrap(), "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let document = run.json();
    for (key, of) in [
        (
            "scenarios",
            &["id", "entry", "path", "effect", "likelihood", "consequence", "risk", "residual"][..],
        ),
        ("findings", &["code", "subject", "severity", "message", "requirements"]),
        ("requirements", &["id", "subject", "state", "role"]),
        ("measures", &["id", "role", "effort"]),
        ("decisions", &["id", "state", "because"]),
    ] {
        let list = document[key].as_array().unwrap();
        assert!(!list.is_empty(), "{key}");
        for (row, field) in list.iter().flat_map(|row| of.iter().map(move |field| (row, field))) {
            assert!(!row[*field].is_null(), "{key}: {field}: {row}");
        }
    }
    for what in ["plant", "decisions", "knowledge", "catalogue", "day"] {
        assert!(!document["inputs"][what].as_str().unwrap().is_empty(), "{what}");
    }
    assert_eq!(document["zones"]["safety"]["sl_t"], serde_json::json!([3, 3, 3, 1, 3, 2, 3]));
    assert_eq!(document["zones"]["office"]["sl_t"], Value::Null);
    assert_eq!(document["zones"]["control"]["sl_c"]["as_built"][0], 0, "the meter cannot authenticate");
    assert_eq!(document["conduits"]["C13"]["sl_t"][0], 3);
    assert!(document["notices"][0].as_str().unwrap().contains("MITRE"));
    assert_eq!(ringwall(&["assess", line3().to_str().unwrap(), "--format", "json"]).out, run.out);
}

#[test]
fn people_read_their_language_and_that_it_is_a_draft() {
    let german = ringwall(&["assess", line3().to_str().unwrap(), "--language", "de"]).out;
    assert!(
        german.contains("ein Entwurf") && german.contains("Feststellungen") && german.contains("L3_PLC2")
    );
    let english = ringwall(&["assess", line3().to_str().unwrap(), "--language", "en"]).out;
    assert!(english.contains("a draft") && english.contains("Findings") && !english.contains("Zeilen"));
    for text in [german, english] {
        assert!(!text.to_lowercase().contains("konform") && !text.to_lowercase().contains("compliant"));
    }
}

#[test]
fn what_was_seen_counts_and_nonsense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plant = line3();
    let assess = |text: &str| {
        let seen = file(&folder, "seen.json", text);
        ringwall(&[
            "assess",
            plant.to_str().unwrap(),
            "--observed",
            &seen,
            "--format",
            "json",
            "--language",
            "en",
        ])
    };
    let run = assess(r#"{"services":[{"asset":"sw1","service":"telnet"}]}"#);
    let found = run.json()["findings"].as_array().unwrap().iter().any(|found| found["code"] == "RW1407");
    assert!(found && run.json()["inputs"]["observations"].is_string());
    for bad in [
        "{",
        "[]",
        r#"{"service":[]}"#,
        r#"{"services":[{"asset":"nobody","service":"telnet"}]}"#,
        r#"{"services":[{"asset":"sw1","service":"telepathy"}]}"#,
        r#"{"separated":["nowhere"]}"#,
    ] {
        let run = assess(bad);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{bad}: {}", run.err);
        assert!(!run.err.contains("panicked"));
    }
    let knowledge = file(&folder, "knowledge.json", "{\"version\": 1}");
    let run = ringwall(&["assess", plant.to_str().unwrap(), "--knowledge", &knowledge]);
    assert_eq!(run.code, 2, "{}", run.err);
}

#[test]
fn a_change_is_told_as_risk() {
    let old = line3();
    let verdict = |change: &dyn Fn(String) -> String| {
        let new = copied(change);
        let run =
            ringwall(&["diff", old.to_str().unwrap(), new.path().to_str().unwrap(), "--format", "json"]);
        (run.code, run.json())
    };
    let (code, same) = verdict(&|text| text.replace("# A17: cannot authenticate anybody", "# A17"));
    assert_eq!((code, same["verdict"].as_str()), (0, Some("no new risk")));
    for group in ["entry_points", "scenarios", "likelihood", "impact", "requirements", "stale", "rules"] {
        assert_eq!(same[group], serde_json::json!([]), "{group}");
    }
    let (code, telnet) = verdict(&|text| text.replace("\"snmp\"]", "\"snmp\", \"telnet\"]"));
    assert_eq!((code, telnet["verdict"].as_str()), (1, Some("re-assess")));
    assert_eq!(telnet["zones"], serde_json::json!(["control"]));
    assert_eq!(telnet["conduits"], serde_json::json!(["C12"]));
    let (_, person) =
        verdict(&|text| text.replace("safety = \"PL d\", downtime", "safety = \"PL c\", downtime"));
    assert_eq!(person["verdict"], "ask a person");
}

#[test]
fn a_revision_of_git_is_an_old_state() {
    let folder = copied(|text| text);
    let git = |arguments: &[&str]| {
        let run = Command::new("git").arg("-C").arg(folder.path()).args(arguments).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@example.invalid", "commit", "-qm", "as it was"]);
    let plant = folder.path().join("plant.toml");
    let text = std::fs::read_to_string(&plant).unwrap();
    std::fs::write(&plant, text.replace("\"snmp\"]", "\"snmp\", \"telnet\"]")).unwrap();
    for (old, new) in [("HEAD:plant.toml", "plant.toml"), ("HEAD:.", ".")] {
        let run = Command::new(env!("CARGO_BIN_EXE_ringwall"))
            .current_dir(folder.path())
            .args(["diff", old, new, "--format", "json"])
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&run.stdout).unwrap_or(Value::Null);
        assert_eq!(document["verdict"], "re-assess", "{old}: {}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(document["stale"], serde_json::json!([]), "the decisions came along");
    }
    for wrong in ["HEAD~7:plant.toml", "--help:plant.toml", "HEAD:nothing.toml"] {
        let run = Command::new(env!("CARGO_BIN_EXE_ringwall"))
            .current_dir(folder.path())
            .args(["diff", "--", wrong, "plant.toml"])
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn decisions_end_and_belong_to_who_may_decide() {
    let assess = |role: &str, until: &str| {
        let folder = copied(|text| text);
        let decision = format!(
            "\n[[compensate]]\nrequirement = \"IAC\"\nwhere = \"mtr1\"\nby = \"F10 lets only reading pass\"\ntest = \
             \"cases 2 and 3\"\nresidual = \"low\"\nwho = \"S. Brandt\"\nrole = \"{role}\"\ndate = \
             \"2020-01-01\"\nuntil = \"{until}\"\nwhy = \"it is replaced next year\"\n"
        );
        let text = std::fs::read_to_string(folder.path().join("decisions.toml")).unwrap();
        file(&folder, "decisions.toml", &(text + &decision));
        ringwall(&["assess", folder.path().to_str().unwrap(), "--format", "json"])
    };
    let state = |document: &Value| {
        let rows = document["requirements"].as_array().unwrap().iter();
        let mut rows = rows.filter(|row| row["id"] == "CR 1.1" && row["subject"] == "mtr1");
        rows.next().unwrap()["state"].as_str().unwrap().to_owned()
    };
    let holds = assess("safety-officer", "2999-12-31");
    assert_eq!((holds.code, state(&holds.json()).as_str()), (1, "compensated"));
    assert_eq!(holds.json()["assets"]["mtr1"][0], 0);
    let over = assess("safety-officer", "2020-01-02");
    assert_eq!((over.code, state(&over.json()).as_str()), (3, "open"));
    let wrong = assess("robot-vendor", "2999-12-31");
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""), "{}", wrong.err);
    assert!(wrong.err.contains("RW0621"), "{}", wrong.err);
}
