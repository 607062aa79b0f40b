//! Nothing that can stand in a file makes the reader panic or hang.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::path::Path;

use plant::SourceFile;
use proptest::prelude::*;
use words::{Language, Message};

fn read(text: &[u8]) {
    for name in ["plant.toml", "decisions.toml"] {
        let reading = plant::read(&[SourceFile { name: name.to_owned(), text: text.to_vec() }]);
        for diagnostic in &reading.diagnostics {
            for language in Language::ALL {
                let _ = diagnostic.sentence(language);
                let _ = diagnostic.message.help(language);
            }
        }
        if let Some(plant) = reading.plant {
            for flow in plant.flows.values() {
                let _ = plant.routes(flow);
                let _ = plant.treatment(flow);
            }
            let _ = plant.stale_decisions(jiff::civil::Date::constant(2027, 1, 1));
        }
    }
}

fn example() -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/line3/plant.toml");
    std::fs::read(file).expect("the example is in the tree")
}

/// The corpus of the fuzz target `plant_text`.
#[test]
fn the_corpus_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is in the tree") {
        let text = std::fs::read(entry.expect("an entry").path()).expect("a file");
        read(&text);
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn shapes_that_grow_are_read() {
    let many = 20_000;
    for text in [
        "[".repeat(many),
        "a.".repeat(many) + "b = 1",
        format!("a = {}", "{a=".repeat(many)),
        format!("[{}]", vec!["a"; many].join(".")),
        format!("a = \"{}", "x".repeat(many)),
        format!("flows = [{}]", "{},".repeat(many)),
        format!("flows = [{}]", "{id=\"F1\"},".repeat(many)),
        "[[flows]]\n".repeat(many),
        "[plant]\n".repeat(many),
        "# password: x\n".repeat(many),
        "password=".repeat(many),
        "://a:b@".repeat(many),
        "PRIVATE KEY-----".repeat(many),
        "ü".repeat(many) + " = 1",
        "\u{feff}ringwall = 1".to_owned(),
        "\0".repeat(many),
        "\r".repeat(many),
        format!("[plant]\nid = \"x\"\nname = '''{}'''", "\n".repeat(many)),
        format!("ringwall = {}", "9".repeat(many)),
        format!("zones = {{ a = {{ legs = [{{ port = \"z1\", network = [{}] }}] }} }}", "\"10.0.0.0/8\",".repeat(many)),
        "[zones.a]\nlegs = [{ port = \"z1\", network = [\"::/0\", \"0.0.0.0/0\"], gateway = \"::1\", default-route = true }]".to_owned(),
    ] {
        read(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes);
    }

    /// The example with pieces cut out, doubled, swapped for words of the language or for noise.
    #[test]
    fn a_mutated_example_is_read(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0_usize..14, any::<u8>()), 1..12),
    ) {
        const WORDS: [&str; 12] = [
            "gateway", "0.0.0.0/0", "::/0", "\"", "[", "}", "= 5..3", "SL 9", "holding 40001", "any", "\n[[flows]]\n", "ü",
        ];
        let mut text = example();
        for (at, length, what, byte) in edits {
            let at = at.index(text.len().max(1)).min(text.len());
            let end = (at + length).min(text.len());
            let new: Vec<u8> = match what {
                0 => vec![byte],
                1 => text[at..end].repeat(2),
                word => WORDS[word - 2].as_bytes().to_vec(),
            };
            text.splice(at..end, new);
        }
        read(&text);
    }
}
