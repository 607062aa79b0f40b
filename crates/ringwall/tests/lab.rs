//! `ringwall lab` on the example line: every row that is decided is right, the rest is not inspected.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{file, line3, ringwall};
use serde_json::Value;

/// Rows that addresses, ports, times and approvals decide, or that the command proxy does; the others need the inspection
/// of other protocols, or never pass the gateway.
const DECIDED: [&str; 21] = [
    "1", "2", "3", "6", "7", "10", "12", "14", "15", "16", "17", "17b", "18", "19", "20", "21", "24", "25",
    "26", "27", "28",
];

fn ids(document: &Value, state: &str) -> BTreeSet<String> {
    let cases = document["cases"].as_array().unwrap().iter();
    cases.filter(|case| case["state"] == state).map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn line3_is_right_and_what_is_not_inspected_is_never_passed() {
    let run = ringwall(&["lab", line3().to_str().unwrap(), "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let document = run.json();
    assert_eq!(document["proof"], "equal");
    assert!(ids(&document, "fail").is_empty() && ids(&document, "error").is_empty(), "{}", run.out);
    let own = |id: &String| id.chars().next().is_some_and(|first| first.is_ascii_digit());
    let passed: BTreeSet<String> = ids(&document, "pass").into_iter().filter(own).collect();
    assert_eq!(passed, DECIDED.iter().map(ToString::to_string).collect());
    let not_inspected = ids(&document, "not inspected").into_iter().filter(own).count();
    assert_eq!(passed.len() + not_inspected, 29, "every row of the table is a case");
    let derived = ids(&document, "pass").len() - passed.len();
    assert!(derived > 50, "neighbours of the open flows are tried: {derived}");
}

#[test]
fn without_rules_every_deny_fails() {
    let folder = tempfile::tempdir().unwrap();
    let flush = file(&folder, "flush.nft", "flush ruleset\n");
    let run = ringwall(&[
        "lab",
        line3().to_str().unwrap(),
        "--after-load",
        &flush,
        "--expects-only",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 4, "{}", run.err);
    let document = run.json();
    assert_eq!(document["proof"], "differs");
    for case in document["cases"].as_array().unwrap() {
        if case["state"] != "not inspected" {
            // A transfer also fails where a port that nobody agreed on is open.
            let fails = matches!(case["expected"].as_str(), Some("deny" | "cut")) || case["id"] == "17b";
            assert_eq!(case["state"] == "fail", fails, "{case}");
        }
    }
}

#[test]
fn one_verdict_swapped_fails_exactly_that_case() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(line3().join("plant.toml")).unwrap();
    let decisions = std::fs::read_to_string(line3().join("decisions.toml")).unwrap();
    let case = "say     = \"172.20.0.99 -> 10.62.1.90 tcp 3389\"\nverdict = \"deny\"";
    assert!(text.contains(case), "row 20 as the example writes it");
    file(&folder, "plant.toml", &text.replace(case, &case.replace("deny", "allow")));
    file(&folder, "decisions.toml", &decisions);
    let run = ringwall(&["lab", folder.path().to_str().unwrap(), "--expects-only", "--format", "json"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_eq!(ids(&run.json(), "fail"), BTreeSet::from(["20".to_owned()]));
}
