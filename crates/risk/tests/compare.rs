//! What a change means for risk.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod common;

use common::{assess, line3, line3_text, read};
use risk::{Comparison, Verdict, compare};

fn changed(text: &str) -> Comparison {
    compare(&assess(&line3()), &assess(&read(text)))
}

fn edited(from: &str, to: &str) -> Comparison {
    let text = line3_text();
    assert!(text.contains(from), "{from}");
    changed(&text.replacen(from, to, 1))
}

#[test]
fn nothing_is_nothing() {
    let same = changed(&line3_text());
    assert_eq!(same.verdict, Verdict::NoNewRisk);
    for group in
        [&same.entry_points, &same.scenarios, &same.likelihood, &same.impact, &same.requirements, &same.rules]
    {
        assert_eq!(*group, []);
    }
}

#[test]
fn titles_comments_and_order_are_no_risk() {
    let text = line3_text();
    let (before, rest) = text.split_once("[assets.hmi1]").expect("it is there");
    let (hmi, rest) = rest.split_once("[assets.hmi2]").expect("it is there");
    let (other, rest) = rest.split_once("[assets.rob1]").expect("it is there");
    let text = format!("{before}[assets.hmi2]{other}# moved\n[assets.hmi1]{hmi}[assets.rob1]{rest}");
    let text = text.replace("title    = \"L3_VIS1\"", "title    = \"Camera\"");
    let same = changed(&text);
    assert_eq!((same.verdict, same.entry_points, same.rules), (Verdict::NoNewRisk, vec![], vec![]));
}

#[test]
fn telnet_on_the_switch_opens_its_zone_and_conduit_again() {
    let found = edited(
        "services = [\"ssh\", \"https\", \"snmp\"]",
        "services = [\"ssh\", \"https\", \"snmp\", \"telnet\"]",
    );
    assert_eq!(found.verdict, Verdict::ReAssess);
    assert_eq!(found.zones.iter().map(String::as_str).collect::<Vec<_>>(), ["control"]);
    assert_eq!(found.conduits.iter().map(String::as_str).collect::<Vec<_>>(), ["C12"]);
    assert_eq!(found.entry_points.len(), 1);
}

#[test]
fn a_remote_way_to_the_safety_controller_is_for_a_person() {
    let conduit = "[conduits.C03]\nbetween = [\"remote\", \"safety\"]\n\n[assets.splc]";
    let session = "[[remote]]\nid = \"F99\"\nwho = \"integrator\"\nfrom = \"10.99.0.12\"\nto = \"splc\"\nservice = \"s7comm\"\napprove = [\"shift-lead\"]\nlongest = \"1h\"\nfactor = \"second\"\n\n[[remote]]";
    let text = line3_text().replacen("[assets.splc]", conduit, 1).replacen("[[remote]]", session, 1);
    let found = changed(&text);
    assert_eq!(found.verdict, Verdict::AskAPerson);
    assert!(found.why.iter().any(|why| why.english.starts_with("F99")));
    assert!(found.scenarios.iter().any(|change| change.subject == "remote-F99.safety"));
}

#[test]
fn a_safety_function_that_changes_is_for_a_person() {
    let found = edited("safety = \"PL d\", downtime", "safety = \"PL c\", downtime");
    assert_eq!(found.verdict, Verdict::AskAPerson);
}

#[test]
fn a_device_that_is_renamed_is_the_same_device() {
    let text = line3_text();
    let text = text.split("[[expect]]").next().expect("the cases come last");
    let text = text
        .replace("[assets.rob1]", "[assets.arm]\nwas = \"rob1\"")
        .replace("\"rob1\"", "\"arm\"")
        .replace("was = \"arm\"", "was = \"rob1\"");
    let found = changed(&text);
    assert_eq!(
        found.verdict,
        Verdict::NoNewRisk,
        "{:?} {:?} {:?}",
        found.entry_points,
        found.rules,
        found.impact
    );
}

#[test]
fn less_is_no_new_risk() {
    let text = line3_text();
    let start = text.find("[[flows]]\nid      = \"F12\"").expect("it is there");
    let end = start + text[start + 1..].find("[[flows]]").expect("another follows") + 1;
    let found = changed(&format!("{}{}", &text[..start], &text[end..]));
    assert_eq!(found.verdict, Verdict::NoNewRisk, "{found:?}");
    assert_eq!(found.rules.len(), 1);
}

#[test]
fn a_looser_filter_is_to_be_assessed_again() {
    let found = edited("allow   = [\"read holding 0-59\", \"identify\"]", "allow = [\"any\"]");
    assert_eq!(found.verdict, Verdict::ReAssess);
    assert!(found.likelihood.iter().all(|change| change.worse) && !found.likelihood.is_empty());
    assert!(found.conduits.contains("C12"));
}
