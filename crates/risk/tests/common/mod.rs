//! Reading and assessing plants.

#![allow(dead_code, unreachable_pub, reason = "not every test uses every helper")]

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use plant::{Plant, Severity, SourceFile};
use risk::{Assessment, Input, Knowledge, Observations};

/// The day of every test.
pub const TODAY: Date = Date::constant(2026, 11, 30);

fn example(name: &str) -> String {
    example_of("line3", name)
}

/// A file of an example.
pub fn example_of(plant: &str, name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(plant).join(name);
    std::fs::read_to_string(file).expect("the example is in the tree")
}

/// The text of the line.
pub fn line3_text() -> String {
    example("plant.toml")
}

/// The decisions beside it.
pub fn line3_decisions() -> String {
    example("decisions.toml")
}

/// The line.
pub fn line3() -> Plant {
    read(&line3_text())
}

/// A plant with the decisions of the line.
pub fn read(text: &str) -> Plant {
    read_with(text, &line3_decisions())
}

/// A plant with decisions.
pub fn read_with(text: &str, decisions: &str) -> Plant {
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.into() };
    let mut files = vec![file("plant.toml", text)];
    if !decisions.is_empty() {
        files.push(file("decisions.toml", decisions));
    }
    let reading = plant::read(&files);
    let errors: Vec<_> = reading
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| found.sentence(words::Language::English))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    reading.plant.expect("no error, so a plant")
}

/// Its assessment, with nothing seen.
pub fn assess(plant: &Plant) -> Assessment {
    assess_seen(plant, &Observations::default())
}

/// Its assessment, with what was seen.
pub fn assess_seen(plant: &Plant, observations: &Observations) -> Assessment {
    let hashes = BTreeMap::new();
    risk::assess(Input {
        plant,
        hashes: &hashes,
        knowledge: Knowledge::shipped(),
        observations,
        today: TODAY,
    })
}

/// The levels of a zone or conduit.
pub fn levels(assessment: &Assessment, id: &str) -> Option<[u8; 7]> {
    let zone = assessment.zones.get(id).map(risk::Target::levels);
    zone.or_else(|| assessment.conduits.get(id).map(risk::Target::levels)).flatten()
}
