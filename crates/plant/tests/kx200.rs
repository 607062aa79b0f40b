//! The example kx200 is read without errors and says what its table says.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::path::Path;

use plant::{Plant, Severity, SourceFile, Treatment, Verdict};
use words::Language;

fn kx200() -> Plant {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/kx200");
    let files = ["plant.toml", "decisions.toml"].map(|name| SourceFile {
        name: name.to_owned(),
        text: std::fs::read(folder.join(name)).expect("the example is in the tree"),
    });
    let reading = plant::read(&files);
    let errors: Vec<_> = reading
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.sentence(Language::English))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    reading.plant.expect("no error, so a plant")
}

#[test]
fn every_asset_flow_and_row_of_the_table_is_there() {
    let plant = kx200();
    for number in (1..=18).filter(|number| *number != 16) {
        assert!(plant.assets.contains_key(format!("m{number:02}").as_str()), "M{number:02}");
    }
    for number in 1..=16 {
        let id = format!("G{number:02}");
        let flow = plant
            .flows
            .keys()
            .find(|flow| flow.as_str() == id || flow.as_str().starts_with(&format!("{id}-")));
        assert!(flow.is_some(), "{id}");
    }
    let rows: Vec<String> = (1..=13).map(|row| row.to_string()).collect();
    assert_eq!(plant.expects.iter().map(|case| case.id.clone()).collect::<Vec<_>>(), rows);
    let verdict = |id: &str| plant.expects.iter().find(|case| case.id == id).map(|case| case.verdict);
    let allowed = ["1", "6", "8"];
    for row in rows.iter().map(String::as_str) {
        let expected = match row {
            "7" => Verdict::Alarm,
            "10" => Verdict::Cut,
            row if allowed.contains(&row) => Verdict::Allow,
            _ => Verdict::Deny,
        };
        assert_eq!(verdict(row), Some(expected), "row {row}");
    }
    assert!(!plant.context.is_empty());
}

#[test]
fn the_plc_has_an_address_on_each_leg_and_cases_use_it() {
    let plant = kx200();
    let known: Vec<_> = plant
        .translations
        .iter()
        .filter(|each| each.inside.as_str() == "m01")
        .map(|each| {
            (each.leg.as_str(), each.outside.to_string(), each.address.to_string(), each.behind.as_str())
        })
        .collect();
    let own = || "192.168.100.10".to_owned();
    assert_eq!(
        known,
        [("c0", "10.20.30.41".to_owned(), own(), "m0"), ("wg0", "10.250.141.10".to_owned(), own(), "m0")]
    );
    let address = "10.250.141.10".parse().expect("an address");
    assert_eq!(plant.describe_address(address), "PLC (m01)");
    let routes = plant.routes(&plant.flows["G10"]);
    assert!(
        routes.iter().all(|route| route.to.addresses.to_string() == "192.168.100.10/32"),
        "flows name the device"
    );
}

#[test]
fn what_the_gateway_can_do_is_said() {
    let plant = kx200();
    let treated = |treatment| plant.treated(treatment).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(treated(Treatment::NotEnforced), ["G01", "G02", "G03", "G04", "G05", "G06", "G16"]);
    assert_eq!(treated(Treatment::Uninspected), ["G07"]);
    assert_eq!(treated(Treatment::Inspected), ["G12-m12"]);
    assert_eq!(treated(Treatment::Closed), Vec::<String>::new());
}

/// A device named in a case is written the way the sender has to write it.
#[test]
fn a_device_in_a_case_is_called_as_the_sender_calls_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/kx200/plant.toml");
    let text = std::fs::read_to_string(folder).expect("the example is in the tree");
    let cases =
        ["10.20.30.5 -> m01 opcua", "10.250.0.5 -> m01 rdp", "m02 -> m01 ads", "m01 -> cu-log syslog-tls"]
            .map(|say| {
                format!("\n[[expect]]\nid = \"{}\"\nsay = \"{say}\"\nverdict = \"deny\"\n", say.len() * 100)
            })
            .concat();
    let files = [SourceFile { name: "plant.toml".to_owned(), text: format!("{text}{cases}").into() }];
    let plant = plant::read(&files).plant.expect("no error, so a plant");
    let ends: Vec<_> = plant.expects.iter().rev().take(4).rev().map(|case| case.to.to_string()).collect();
    assert_eq!(ends, ["10.20.30.41", "10.250.141.10", "192.168.100.10", "10.20.30.6"]);
}
