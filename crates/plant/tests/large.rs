//! Ten thousand assets with fifty thousand flows are read in bounded time.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use plant::SourceFile;

/// A plant of this size: 40 zones, assets spread over them, flows between neighbours.
fn large(assets: usize, flows: usize) -> String {
    const ZONES: usize = 40;
    let mut text = String::from("ringwall = 1\n[plant]\nid = \"large\"\ntimezone = \"Europe/Berlin\"\n");
    let per_zone = assets / ZONES;
    for zone in 0..ZONES {
        writeln!(text, "[zones.zone{zone}]\nlegs = [{{ port = \"p{zone}\", network = [\"10.{zone}.0.0/16\"], gateway = \"10.{zone}.0.1\" }}]").expect("a string");
        let next = (zone + 1) % ZONES;
        writeln!(text, "[conduits.c{zone}]\nbetween = [\"zone{zone}\", \"zone{next}\"]").expect("a string");
    }
    for asset in 0..assets {
        let (zone, host) = (asset % ZONES, asset / ZONES + 2);
        writeln!(
            text,
            "[assets.a{asset}]\ntitle = \"Asset {asset}\"\nzone = \"zone{zone}\"\nkind = \"plc\"\naddress = \"10.{zone}.{}.{}\"\nservices = [\"s7comm\"]",
            host / 250,
            host % 250 + 2
        )
        .expect("a string");
    }
    for flow in 0..flows {
        let from = flow % assets;
        let zone = (from + 1) % ZONES;
        let to = (flow / assets * 7 + flow) % per_zone * ZONES + zone;
        writeln!(
            text,
            "[[flows]]\nid = \"F{flow}\"\nfrom = \"a{from}\"\nto = \"a{to}\"\nservice = \"tcp {}\"\nwhy = \"data\"",
            1000 + flow / assets
        )
        .expect("a string");
    }
    text
}

#[test]
fn a_large_plant_is_read_in_a_second() {
    let text = large(10_000, 50_000).into_bytes();
    let files = [SourceFile { name: "large.toml".to_owned(), text }];
    let start = Instant::now();
    let reading = plant::read(&files);
    let taken = start.elapsed();
    assert!(reading.plant.is_some(), "{:?}", reading.diagnostics.first());
    assert_eq!(reading.diagnostics, []);
    // The measure is one second with optimisation; a debug build on a busy machine gets many times that, which a
    // quadratic check would miss by far.
    let limit = if cfg!(debug_assertions) { 60 } else { 10 };
    assert!(taken < Duration::from_secs(limit), "{taken:?} for {} bytes", files[0].text.len());
    if std::env::var_os("RINGWALL_SHOW").is_some() {
        println!("{taken:?} for {} bytes", files[0].text.len());
    }
}
