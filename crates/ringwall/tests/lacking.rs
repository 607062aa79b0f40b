//! A machine without what is needed: exit code 5 and the sentence that says what to install or enable.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use std::process::Command;

use common::{file, inside, line3, ringwall};

/// Hides a file from the rest of this test's namespace.
fn hide(path: &str) {
    let status = Command::new("mount").args(["--bind", "/dev/null", path]).status().unwrap();
    assert!(status.success(), "hiding {path}");
}

#[test]
fn without_nft_the_commands_that_load_say_so() {
    if !inside("without_nft_the_commands_that_load_say_so") {
        return;
    }
    for folder in ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"] {
        let path = format!("{folder}/nft");
        if std::path::Path::new(&path).is_file() {
            hide(&path);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let rules = file(&folder, "rules.nft", "table inet t { }\n");
    let plant = line3();
    let plant = plant.to_str().unwrap();
    for arguments in [
        vec!["compare", &rules, &rules],
        vec!["prove", plant, "--ruleset", &rules],
        vec!["lab", plant],
        vec!["load", plant],
        vec!["demo"],
    ] {
        for (language, word) in [("en", "remedy: install the package `nftables`"), ("de", "Abhilfe: ")] {
            let mut all = arguments.clone();
            all.extend(["--language", language]);
            let run = ringwall(&all);
            assert_eq!(run.code, 5, "{all:?}: {}{}", run.out, run.err);
            assert!(run.err.contains(word), "{all:?}: {}", run.err);
        }
    }
    // What needs no kernel still works.
    assert_eq!(ringwall(&["check", plant]).code, 1);
    assert_eq!(ringwall(&["compile", plant]).code, 0);
}
