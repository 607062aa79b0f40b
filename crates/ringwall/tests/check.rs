//! `ringwall check`, `compile` and `explain`: what people and scripts get, and what bad input gets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::{file, line3, ringwall};

#[test]
fn the_example_line_has_findings_and_no_error() {
    let run = ringwall(&["check", line3().to_str().unwrap(), "--format", "json"]);
    assert_eq!(run.code, 1, "warnings only: {}", run.err);
    let document = run.json();
    let list = document["diagnostics"].as_array().unwrap();
    assert!(list.iter().all(|diagnostic| diagnostic["severity"] != "error"));
    for diagnostic in list {
        for text in ["code", "message", "help", "file"] {
            assert!(!diagnostic[text].as_str().unwrap().is_empty(), "{diagnostic}");
        }
        assert!(diagnostic["line"].as_u64() > Some(0) && diagnostic["column"].as_u64() > Some(0));
    }
    // L3_PLC2 is a fail-safe CPU in the control zone: somebody must look at that.
    assert!(
        list.iter().any(|diagnostic| diagnostic["message"].as_str().unwrap().contains("L3_PLC2")),
        "{}",
        run.out
    );
    assert!(list.iter().any(|diagnostic| diagnostic["message"].as_str().unwrap().contains("F08")));
}

#[test]
fn people_read_their_language_and_the_next_step() {
    let plant = line3();
    let german = ringwall(&["check", plant.to_str().unwrap(), "--language", "de"]);
    assert!(german.out.contains("Warnung") && german.out.contains("als Nächstes"), "{}", german.out);
    let english = ringwall(&["check", plant.to_str().unwrap(), "--language", "en"]);
    assert!(english.out.contains("warning") && english.out.contains("next: "), "{}", english.out);
}

/// Files that are no plant: name, content, and a word the answer must hold.
const BAD: &[(&str, &[u8], &str)] = &[
    ("empty", b"", "plant"),
    ("broken", b"[plant\nid = ", ""),
    ("wrong types", b"ringwall = \"one\"\n[plant]\nid = 3\n", "id"),
    ("not UTF-8", b"ringwall = 1\n[plant]\nid = \"\xff\xfe\"\n", "UTF-8"),
    ("unknown keys", b"ringwall = 1\n[plant]\nid = \"a\"\nname = \"a\"\ncolour = \"red\"\n", "colour"),
];

#[test]
fn bad_input_is_told_and_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content, word) in BAD {
        let path = folder.path().join("plant.toml");
        std::fs::write(&path, content).unwrap();
        let run = ringwall(&["check", path.to_str().unwrap(), "--format", "json"]);
        assert_eq!(run.code, 2, "{name}: {}{}", run.out, run.err);
        assert!(run.out.contains(word), "{name}: {}", run.out);
        let compile = ringwall(&["compile", path.to_str().unwrap()]);
        assert_eq!(compile.code, 2, "{name}");
        assert!(!compile.err.is_empty(), "{name}: there is a sentence");
    }
    for missing in ["/nowhere/plant.toml", folder.path().join("no-such-folder").to_str().unwrap()] {
        let run = ringwall(&["check", missing]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(missing), "{}", run.err);
    }
}

#[test]
fn huge_and_deep_files_end_soon() {
    let folder = tempfile::tempdir().unwrap();
    let huge = file(&folder, "huge.toml", &format!("ringwall = 1\nx = \"{}\"\n", "a".repeat(100 << 20)));
    let deep = file(
        &folder,
        "deep.toml",
        &format!("ringwall = 1\nx = {}{}\n", "[".repeat(200_000), "]".repeat(200_000)),
    );
    let keys = file(&folder, "keys.toml", &format!("ringwall = 1\n{}x = 1\n", "a.".repeat(200_000)));
    for path in [huge, deep, keys] {
        let run = ringwall(&["check", &path, "--format", "json"]);
        assert_eq!(run.code, 2, "{path}: {}", run.err);
        assert!(!run.json()["diagnostics"].as_array().unwrap().is_empty(), "{path}");
    }
}

#[test]
fn moments_and_facts_that_make_no_sense_are_told() {
    let plant = line3();
    let plant = plant.to_str().unwrap();
    for (arguments, word) in [
        (vec!["--at", "yesterday"], "--at"),
        (vec!["--given", "please"], "--given"),
        (vec!["--given", "F99 approved"], "F99"),
        (vec!["--given", "key = SIDEWAYS"], "SIDEWAYS"),
    ] {
        let mut all = vec!["compile", plant];
        all.extend(arguments);
        let run = ringwall(&all);
        assert_eq!(run.code, 2, "{all:?}: {}", run.err);
        assert!(run.err.contains(word), "{all:?}: {}", run.err);
    }
}

#[test]
fn a_decision_past_its_day_is_stale() {
    let run = ringwall(&["compile", line3().to_str().unwrap(), "--at", "2035-01-01T12:00+01:00"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
}

#[test]
fn approvals_open_for_as_long_as_they_say() {
    let plant = line3();
    let given = ["F19 approved", "key = ONLINE"];
    let with = ringwall(&["compile", plant.to_str().unwrap(), "--given", given[0], "--given", given[1]]);
    let line =
        with.out.lines().find(|line| line.contains("10.99.0.11 . 10.62.1.40") && line.contains(". 21"));
    assert!(line.is_some_and(|line| line.contains("timeout 7200s")), "{line:?}");
    let without = ringwall(&["compile", plant.to_str().unwrap(), "--given", given[0]]);
    assert!(!without.out.contains("10.99.0.11 . 10.62.1.40"), "the key switch is not where it must be");
}

#[test]
fn every_code_explains_itself() {
    let list = ringwall(&["explain"]);
    assert_eq!(list.code, 0);
    let codes: Vec<&str> =
        list.out.split_whitespace().filter(|word| word.starts_with("RW") && word.len() == 6).collect();
    assert!(codes.len() > 40, "{}", list.out);
    for code in codes.iter().take(5) {
        for language in ["en", "de"] {
            let page = ringwall(&["explain", code, "--language", language]);
            assert_eq!(page.code, 0);
            assert!(page.out.len() > 80, "{}", page.out);
        }
    }
    assert_eq!(ringwall(&["explain", "RW9999"]).code, 2);
}
