//! Plant texts with the diagnostics they must give: every Markdown file in `cases`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::collections::BTreeSet;
use std::path::Path;

use plant::{Severity, SourceFile};
use words::{Language, Message};

struct Case {
    name: String,
    text: String,
    expected: BTreeSet<(usize, String)>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is in the tree") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        assert!(
            path.extension().is_some_and(|end| end == "md"),
            "{} is not used by any test",
            path.display()
        );
        let before = cases.len();
        for part in text.split("\n## ").skip(1) {
            let title = part.lines().next().unwrap_or_default();
            for block in part.split("```toml\n").skip(1) {
                let body = block.split("\n```").next().unwrap_or_default();
                cases.push(case(format!("{}: {title}", path.display()), body));
            }
        }
        assert!(cases.len() > before, "{} holds no case", path.display());
    }
    cases
}

fn case(name: String, body: &str) -> Case {
    let mut expected = BTreeSet::new();
    let mut text = String::new();
    for (index, line) in body.lines().enumerate() {
        let (line, codes) = line.split_once("#!").unwrap_or((line, ""));
        expected.extend(codes.split_whitespace().map(|code| (index + 1, code.to_owned())));
        text.push_str(line);
        text.push('\n');
    }
    Case { name, text, expected }
}

#[test]
fn texts_give_the_diagnostics_they_name() {
    for case in cases() {
        let file = SourceFile { name: "case.toml".to_owned(), text: case.text.clone().into_bytes() };
        let reading = plant::read(&[file]);
        let found: BTreeSet<_> = reading
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .map(|found| (found.place.as_ref().map_or(0, |place| place.line), found.code.to_owned()))
            .collect();
        let said: Vec<_> =
            reading.diagnostics.iter().map(|found| found.sentence(Language::English)).collect();
        assert_eq!(found, case.expected, "{}\n{said:#?}", case.name);
        assert_eq!(reading.plant.is_none(), !found.is_empty(), "{}", case.name);
        for diagnostic in &reading.diagnostics {
            for language in Language::ALL {
                assert!(!diagnostic.message.text(language).is_empty());
                assert!(!diagnostic.message.help(language).is_empty());
            }
            let [english, german] = Language::ALL.map(|language| diagnostic.message.help(language));
            assert_ne!(english, german, "{} says the same in both languages", diagnostic.code);
        }
    }
}

#[test]
fn a_secret_is_in_no_message_and_in_no_source() {
    let text =
        "[plant]\nid = \"p\"\npassword = \"hunter2\"\n# psk: hunter2 hunter2\n[zones]\na = \"hunter\"\n";
    let reading = plant::read(&[SourceFile { name: "p.toml".to_owned(), text: text.into() }]);
    assert!(reading.diagnostics.iter().any(|found| found.code == "RW0110"));
    for diagnostic in &reading.diagnostics {
        for language in Language::ALL {
            let said = diagnostic.sentence(language) + &diagnostic.message.help(language);
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
    for source in &reading.sources {
        assert!(!source.text.contains("hunter2"), "{}", source.text);
        assert_eq!(source.text.lines().count(), text.lines().count());
    }
}

#[test]
fn sizes_and_encodings_have_their_own_words() {
    let codes = |text: Vec<u8>| -> Vec<&str> {
        let reading = plant::read(&[SourceFile { name: "p.toml".to_owned(), text }]);
        assert!(reading.plant.is_none());
        reading.diagnostics.iter().map(|found| found.code).collect()
    };
    assert_eq!(codes(vec![b'#'; plant::LARGEST + 1]), ["RW0101"]);
    assert_eq!(codes(b"[plant]\nid = \"\xff\"\n".to_vec()), ["RW0102"]);
    let reading = plant::read(&[SourceFile {
        name: "p.toml".to_owned(),
        text: "a = 1\nü = \"ä".as_bytes().iter().copied().chain([0xC3]).collect(),
    }]);
    let place = reading.diagnostics[0].place.clone().expect("a place");
    assert_eq!((place.line, place.column), (2, 7));
    assert!(codes(Vec::new()).contains(&"RW0107"));
    assert_eq!(plant::read(&[]).diagnostics[0].code, "RW0114");
}

#[test]
fn a_hostile_number_of_mistakes_is_counted_not_listed() {
    let syntax = "=\n".repeat(200_000);
    let reading = plant::read(&[SourceFile { name: "p.toml".to_owned(), text: syntax.into() }]);
    assert!(reading.diagnostics.len() < 300);
    assert!(reading.diagnostics.iter().any(|found| found.code == "RW0111"));

    let keys: String = (0..50_000).map(|number| format!("k{number} = 1\n")).collect();
    let reading = plant::read(&[SourceFile { name: "p.toml".to_owned(), text: keys.into() }]);
    assert!(reading.diagnostics.len() <= plant::MOST_DIAGNOSTICS + 1);
    assert!(reading.diagnostics.iter().any(|found| found.code == "RW0111"));
}
