//! An essential flow whose commands pass the proxy needs a decision for the time without it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use plant::{SourceFile, read, small_plant};

const FLOW: &str = "\
[[flows]]
id        = \"F9\"
from      = \"hist\"
to        = \"plc\"
service   = \"modbus unit 1\"
allow     = [\"read holding 0-59\"]
essential = true
why       = \"the dosing follows these values\"
";

const DECISION: &str = "\
[[proxy-loss]]
flow  = \"F9\"
then  = \"closed\"
who   = \"K. Meier\"
role  = \"lead\"
date  = \"2026-11-30\"
until = \"2028-11-30\"
why   = \"the dosing stops safely\"
";

fn codes(texts: &[(&str, &str)]) -> Vec<&'static str> {
    let file = |(name, text): &(&str, &str)| SourceFile { name: (*name).to_owned(), text: (*text).into() };
    let files: Vec<SourceFile> = texts.iter().map(file).collect();
    let mut codes: Vec<_> = read(&files).diagnostics.iter().map(|found| found.code).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn the_decision_is_asked_for_taken_and_ends() {
    let (small, flow) = (("small.toml", small_plant()), ("flow.toml", FLOW));
    assert_eq!(codes(&[small, flow]), ["RW0407", "RW0421"]);
    let decided = [small, flow, ("decisions.toml", DECISION)];
    assert_eq!(codes(&decided), ["RW0407"]);
    let files: Vec<SourceFile> = decided
        .iter()
        .map(|(name, text)| SourceFile { name: (*name).to_owned(), text: (*text).into() })
        .collect();
    let plant = read(&files).plant.unwrap();
    assert!(plant.stale_decisions(jiff::civil::date(2028, 11, 30)).is_empty());
    assert_eq!(plant.stale_decisions(jiff::civil::date(2028, 12, 1)).len(), 1);
}
