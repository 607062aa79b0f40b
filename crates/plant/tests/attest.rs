//! What people vouch for: read with its places, refused where it names what is not there, stale after its last day.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use jiff::civil::date;
use plant::{Plant, Reading, SourceFile, small_plant};
use words::{Language, Message};

/// The small plant with an office outside and these decisions.
fn reading(decisions: &str) -> Reading {
    let office = "[zones.office]\noutside = true\n";
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.into() };
    plant::read(&[
        file("plant.toml", small_plant()),
        file("office.toml", office),
        file("decisions.toml", decisions),
    ])
}

fn read(decisions: &str) -> Plant {
    let reading = reading(decisions);
    reading.plant.unwrap_or_else(|| panic!("{:#?}", reading.diagnostics))
}

/// An attestation with these keys in place of its own.
fn attest(keys: &[(&str, &str)]) -> String {
    let own = [
        ("requirement", "\"SR 1.1\""),
        ("where", "\"machine\""),
        ("who", "\"K. Meier\""),
        ("role", "\"lead\""),
        ("date", "2026-11-30"),
        ("until", "\"2027-11-30\""),
        ("why", "\"each person has an own account\""),
    ];
    let mut lines = vec!["[[attest]]".to_owned()];
    for (key, value) in own {
        let value = keys.iter().find(|(other, _)| *other == key).map_or(value, |(_, value)| value);
        lines.push(format!("{key} = {value}"));
    }
    let more = keys.iter().filter(|(key, _)| own.iter().all(|(other, _)| other != key));
    lines.extend(more.map(|(key, value)| format!("{key} = {value}")));
    lines.join("\n") + "\n"
}

#[test]
fn an_attestation_is_read_with_its_places() {
    let rows: [(&str, &[&str], &[&str]); 4] = [
        ("\"machine\"", &["machine"], &[]),
        ("[\"data\", \"machine-data\"]", &["data"], &["machine-data"]),
        ("\"all\"", &["data", "machine"], &["machine-data"]),
        ("[\"machine\", \"office\"]", &["machine"], &[]),
    ];
    for (places, zones, conduits) in rows {
        let plant = read(&attest(&[("where", places)]));
        let found = &plant.decisions.attested[0];
        let ids: Vec<&str> = found.zones.iter().map(|id| id.as_str()).collect();
        assert_eq!(ids, zones, "{places}");
        let ids: Vec<&str> = found.conduits.iter().map(|id| id.as_str()).collect();
        assert_eq!(ids, conduits, "{places}");
    }
    let text = attest(&[("requirement", "[\"SR 1.1\", \"SR 5.1 RE 1\"]"), ("evidence", "\"report 114\"")]);
    let plant = read(&(text.clone() + &text));
    assert_eq!(plant.decisions.attested.len(), 2, "the same twice is two people or two looks");
    let found = &plant.decisions.attested[0];
    assert_eq!(found.requirements, ["SR 1.1", "SR 5.1 RE 1"]);
    assert_eq!((found.who.as_str(), found.role.as_str()), ("K. Meier", "lead"));
    assert_eq!((found.date, found.until), (date(2026, 11, 30), date(2027, 11, 30)));
    assert_eq!(found.evidence.as_deref(), Some("report 114"));
    assert_eq!(found.place.line, 1);
}

#[test]
fn what_is_not_there_is_refused() {
    type Row = (&'static [(&'static str, &'static str)], &'static str, &'static str);
    let rows: [Row; 7] = [
        (
            &[("requirement", "\"SR 1.99\"")],
            "RW0606",
            "attestation `SR 1.99`: there is no system requirement",
        ),
        (&[("requirement", "\"CR 1.1\"")], "RW0606", "`CR 1.1`"),
        (
            &[("where", "\"machin\"")],
            "RW0607",
            "attestation `SR 1.1`: there is no zone and no conduit `machin`",
        ),
        (&[("where", "\"office\"")], "RW0608", "zone `office` is outside"),
        (&[("until", "\"2026-11-29\"")], "RW0602", "attestation `SR 1.1` is dated 2026-11-30"),
        (&[("date", "\"soon\"")], "RW0507", "`date` cannot be `soon`"),
        (&[("whom", "\"me\"")], "RW0105", "whom"),
    ];
    for (keys, code, sentence) in rows {
        let found = reading(&attest(keys)).diagnostics;
        let found = found.iter().find(|diagnostic| diagnostic.code == code);
        let found = found.unwrap_or_else(|| panic!("{keys:?}: no {code}")).sentence(Language::English);
        assert!(found.contains(sentence), "{keys:?}: {found}");
    }
    let near = reading(&attest(&[("where", "\"machin\"")]));
    let near = near.diagnostics.iter().find(|found| found.code == "RW0607").unwrap();
    assert!(near.message.help(Language::German).starts_with("war `machine` gemeint?"));
}

#[test]
fn every_key_but_the_paper_is_needed() {
    for key in ["requirement", "where", "who", "role", "date", "until", "why"] {
        let text: String = attest(&[])
            .lines()
            .filter(|line| !line.starts_with(key))
            .map(|line| format!("{line}\n"))
            .collect();
        let reading = reading(&text);
        assert!(reading.plant.is_none(), "{key}");
        assert!(
            reading.diagnostics.iter().any(|found| found.code == "RW0107"),
            "{key}: {:?}",
            reading.diagnostics
        );
    }
}

#[test]
fn it_is_stale_after_its_last_day() {
    let plant = read(&attest(&[]));
    assert!(plant.stale_attestations(date(2027, 11, 30)).is_empty());
    let stale = plant.stale_attestations(date(2027, 12, 1));
    assert_eq!(stale.len(), 1);
    assert_eq!(
        stale[0].1.text(Language::English),
        "attestation `SR 1.1` is stale: its last day was 2027-11-30"
    );
    // Only what opens a flow may keep the rules from being compiled.
    assert!(plant.stale_decisions(date(2027, 12, 1)).is_empty());
}
