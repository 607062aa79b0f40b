//! The example line3 is read without errors and says what its table says.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::path::Path;

use plant::{Plant, Reading, Route, Severity, SourceFile, Treatment, Verdict};
use words::Language;

fn files() -> Vec<SourceFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/line3");
    ["plant.toml", "decisions.toml"]
        .map(|name| SourceFile {
            name: name.to_owned(),
            text: std::fs::read(folder.join(name)).expect("the example is in the tree"),
        })
        .into()
}

fn reading() -> Reading {
    plant::read(&files())
}

fn line3() -> Plant {
    let reading = reading();
    let errors: Vec<_> = reading
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.sentence(Language::English))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    reading.plant.expect("no error, so a plant")
}

fn ids(flows: Vec<plant::ids::FlowId>) -> Vec<String> {
    flows.iter().map(ToString::to_string).collect()
}

#[test]
fn every_asset_flow_and_row_of_the_table_is_there() {
    let plant = line3();
    assert_eq!(plant.assets.len(), 25);
    assert_eq!(plant.conduits.len(), 4);
    let cases: Vec<_> = plant.expects.iter().map(|case| case.id.as_str()).collect();
    let mut rows: Vec<String> = (1..=28).map(|row| row.to_string()).collect();
    rows.insert(17, "17b".to_owned());
    assert_eq!(cases, rows);
    let verdict =
        |id: &str| plant.expects.iter().find(|case| case.id == id).map(|case| (case.verdict, case.alarm));
    assert_eq!(verdict("9"), Some((Verdict::Blind, false)));
    assert_eq!(verdict("16"), Some((Verdict::Cut, false)));
    assert_eq!(verdict("22"), Some((Verdict::Alarm, true)));
    for number in (1..=21).filter(|number| *number != 7) {
        let id = format!("F{number:02}");
        assert!(plant.flows.contains_key(id.as_str()), "{id}");
    }
}

#[test]
fn what_the_gateway_can_do_is_said() {
    let plant = line3();
    assert_eq!(ids(plant.treated(Treatment::NotEnforced)), ["F01", "F02", "F04", "F05", "F06", "F12", "F17"]);
    assert_eq!(ids(plant.treated(Treatment::Closed)), ["F13-robot"]);
    assert_eq!(ids(plant.treated(Treatment::Uninspected)), ["F03", "F08", "F09", "F13", "F15"]);
    let reading = reading();
    let said: Vec<_> = reading
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Warning)
        .map(|diagnostic| diagnostic.sentence(Language::English))
        .collect();
    let expected = [
        "L3_PLC2 (plc2) is a fail-safe device",
        "flow `F03` is uninspected",
        "flow `F08` is uninspected",
        "flow `F09` is uninspected",
        "flow `F13`: on 2026-03-29 the clock is put forward inside `daily 02:00-03:00`: it does not open at all",
        "flow `F13` is uninspected",
        "flow `F13-robot`: on 2026-03-29",
        "flow `F13-robot` is closed",
        "flow `F15` is uninspected",
        "flow `F21`: on 2026-03-29",
    ];
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for start in expected {
        assert!(said.iter().any(|sentence| sentence.starts_with(start)), "{start}\n{said:#?}");
    }
}

#[test]
fn routes_lead_over_the_legs_of_the_table() {
    let plant = line3();
    let routes = |id: &str| -> Vec<String> {
        let flow = plant.flows.get(id).expect("a flow of the table");
        let text = |route: &Route| {
            format!(
                "{}:{} -> {}:{}",
                route.from.leg,
                route.from.addresses.addr(),
                route.to.leg,
                route.to.addresses.addr()
            )
        };
        plant.routes(flow).iter().map(text).collect()
    };
    assert_eq!(routes("F03"), ["z1:10.62.1.10 -> z0:10.62.0.10"]);
    assert_eq!(routes("F14-relay-in"), ["z0:10.62.0.10 -> z0:10.62.0.1"]);
    assert_eq!(routes("F14-relay-out"), ["z2:10.62.2.1 -> z2:10.62.2.5"]);
    assert_eq!(routes("F19"), ["wg0:10.99.0.11 -> z1:10.62.1.40"]);
    assert_eq!(routes("F20"), ["wg0:10.99.0.12 -> z3:10.62.3.20", "z3:10.62.3.20 -> z1:10.62.1.90"]);
    let leg = |address: &str| {
        let address = address.parse().expect("an address");
        plant.leg_of(address).map(|(_, leg)| leg.port.clone())
    };
    assert_eq!(leg("8.8.8.8").as_deref(), Some("x0"));
    assert_eq!(leg("10.62.3.9").as_deref(), Some("z3"));
    let text = |address: &str| plant.describe_address(address.parse().expect("an address"));
    assert_eq!(text("10.62.1.11"), "L3_PLC2 (plc2)");
    assert_eq!(text("10.62.0.1"), "gateway (z0)");
    assert_eq!(text("10.62.1.77"), "10.62.1.77");
}

#[test]
fn decisions_go_stale() {
    let day = |text: &str| text.parse().expect("a day");
    let plant = line3();
    assert_eq!(plant.stale_decisions(day("2026-11-26")), []);
    assert_eq!(plant.stale_decisions(day("2028-11-25")), []);
    assert_eq!(plant.stale_decisions(day("2028-11-26")).len(), 2);

    let mut files = files();
    let text = String::from_utf8(std::mem::take(&mut files[0].text)).expect("UTF-8");
    files[0].text =
        text.replacen("allow     = [\"read DB900\"]", "allow     = [\"read DB901\"]", 1).into_bytes();
    let plant = plant::read(&files).plant.expect("still a plant");
    let stale = plant.stale_decisions(day("2026-11-26"));
    assert_eq!(stale.len(), 1, "{stale:?}");
    assert_eq!(stale[0].flow.as_str(), "F03");
}
