//! `ringwall explain`: the codes of every crate, in both languages.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::{line3, ringwall};

#[test]
fn codes_of_every_crate_are_explained_in_both_languages() {
    for (code, english, german) in [
        ("RW0402", "## Remedy", "## Abhilfe"),
        ("RW1003", "Install the package `nftables`", "Das Paket `nftables` installieren"),
        ("RW1104", "Given for a small plant:", "Für eine kleine Anlage gegeben:"),
        ("RW1113", "the kernel counts from loading", "der Kernel zählt ab dem Laden"),
    ] {
        for (language, words) in [("en", english), ("de", german)] {
            let run = ringwall(&["explain", code, "--language", language]);
            assert_eq!(run.code, 0, "{code}: {}", run.err);
            assert!(run.out.starts_with(&format!("# {code}\n")), "{code}: {}", run.out);
            assert!(run.out.contains(words), "{code} in {language}: {}", run.out);
        }
    }
    assert!(ringwall(&["explain", "rw1003"]).out.contains("RW1003"), "small letters do too");
}

#[test]
fn a_code_the_program_has_just_printed_is_explained() {
    let plant = line3();
    let run = ringwall(&["compile", plant.to_str().unwrap(), "--given", "key = SIDEWAYS"]);
    assert_eq!(run.code, 2);
    let code = run.err.split(['[', ']']).find(|part| part.starts_with("RW")).unwrap();
    assert_eq!(code, "RW1104");
    assert_eq!(ringwall(&["explain", code]).code, 0);
}

#[test]
fn the_list_has_every_code_once_and_in_order() {
    let run = ringwall(&["explain"]);
    let codes: Vec<&str> = run.out.lines().map(|line| line.trim_start_matches("# ")).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    for code in ["RW0101", "RW1001", "RW1005", "RW1101", "RW1114"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}

#[test]
fn other_codes_are_refused() {
    for code in ["RW9999", "RW1099", "RW1110", "", "RW", "# RW0101"] {
        for (language, word) in [("en", "no such code"), ("de", "diesen Code gibt es nicht")] {
            let run = ringwall(&["explain", code, "--language", language]);
            assert_eq!(run.code, 2, "{code}: {}", run.out);
            assert!(run.err.contains(word), "{code}: {}", run.err);
        }
    }
}
