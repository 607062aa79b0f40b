//! The machine as a product: addresses translated on the way, key states, approvals.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::{Run, file, kx200, ringwall};
use serde_json::Value;

const AT: &str = "2027-07-01T12:00+02:00";

/// Key on REMOTE, three sessions approved, one of them command by command.
const REMOTE: [&str; 3] = ["key = REMOTE", "G10 approved", "G12-m12 approved"];

fn run(command: &[&str], given: &[&str]) -> Run {
    let machine = kx200();
    let mut arguments = vec![command[0], machine.to_str().unwrap(), "--at", AT];
    arguments.extend(given.iter().flat_map(|fact| ["--given", *fact]));
    arguments.extend(&command[1..]);
    ringwall(&arguments)
}

fn compiled(given: &[&str]) -> String {
    let run = run(&["compile"], given);
    assert_eq!(run.code, 0, "{}", run.err);
    run.out
}

fn prove(text: &str, given: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let rules = file(&folder, "rules.nft", text);
    run(&["prove", "--ruleset", &rules, "--format", "json"], given).json()
}

#[test]
fn it_is_read_in_both_languages_and_what_bypasses_the_gateway_is_said() {
    let machine = kx200();
    for (language, words) in [
        ("en", ["around the gateway", "uninspected", "neither sees nor separates"]),
        ("de", ["um das Gateway herum", "ungeprüft", "sieht und trennt sie nicht"]),
    ] {
        let run = ringwall(&["check", machine.to_str().unwrap(), "--language", language]);
        assert!(run.code <= 1, "{}", run.out);
        for word in words {
            assert!(run.out.contains(word), "{word}: {}", run.out);
        }
    }
}

#[test]
fn it_is_equal_at_each_position_of_the_key() {
    for given in [&["key = OFF"][..], &["key = ONLINE"], &["key = REMOTE"], &REMOTE] {
        let proof = prove(&compiled(given), given);
        assert_eq!(proof["verdict"], "equal", "{given:?}: {proof}");
        assert_eq!(proof["uninspected"], serde_json::json!(["G07"]));
        let commands: &[&str] = if given == REMOTE { &["G12-m12"] } else { &[] };
        assert_eq!(proof["through_proxy"], serde_json::json!(commands));
        let assumptions = proof["assumptions"].as_array().unwrap().iter();
        assert!(assumptions.filter(|text| text.as_str().unwrap().contains("outside addresses")).count() == 1);
    }
    assert_eq!(
        prove(&compiled(&["key = REMOTE"]), &["key = ONLINE"])["verdict"],
        "equal",
        "nothing approved"
    );
    assert_eq!(prove(&compiled(&REMOTE), &["key = ONLINE", "G10 approved"])["verdict"], "differs");
}

/// The text without the lines that hold something.
fn without(text: &str, what: &str) -> String {
    assert!(text.contains(what), "{what}");
    text.lines().filter(|line| !line.contains(what)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn translations_changed_by_hand_are_found() {
    let text = compiled(&REMOTE);
    assert_eq!(prove(&text, &REMOTE)["verdict"], "equal");
    let swapped = text
        .replace("10.250.141.10 : 192.168.100.10", "10.250.141.10 : 192.168.100.x")
        .replace("10.250.141.40 : 192.168.100.40", "10.250.141.40 : 192.168.100.10")
        .replace("192.168.100.x", "192.168.100.40");
    let leg = text.replace("\"c0\" . 10.20.30.41 : ", "\"wg0\" . 10.20.30.41 : ");
    let other = text.replace("192.168.100.10 : 10.20.30.41", "192.168.100.10 : 10.20.30.42");
    let early = without(&text, "ct state new iifname . ip daddr @g1_insides_v4");
    let later = without(&text, "ct state new,established ct direction original");
    let everything = text.replace(
        "dnat ip to iifname . ip daddr map @g1_toinside_v4",
        "iifname \"c0\" dnat ip to 192.168.100.10",
    );
    for (what, changed, side) in [
        ("two machines swapped", swapped, "missing"),
        ("known behind another leg", leg, "missing"),
        ("going out as another", other, "extra"),
        ("destinations not translated", without(&text, "ct state new dnat"), "missing"),
        ("sources not translated", without(&text, "ct state new snat"), "extra"),
        ("own addresses open", without(&early, "ct state new,established ct direction original"), "extra"),
        ("running connections not held together", later, "extra"),
        ("answers not held together", without(&text, "ct state established ct direction reply"), "extra"),
        ("every address of the leg translated", everything, "missing"),
    ] {
        assert_ne!(changed, text, "{what}");
        let proof = prove(&changed, &REMOTE);
        assert_eq!(proof["verdict"], "differs", "{what}: {proof}");
        let first = &proof[side][0];
        assert!(first.is_object(), "{what}: no packet shows it: {proof}");
        assert!(first["path"].as_array().is_some_and(|path| !path.is_empty()), "{what}: {first}");
    }
    // What stands before the translation refuses nothing that the lookup behind it would let through: one of the two is
    // enough, and the proof says so.
    assert_eq!(prove(&early, &REMOTE)["verdict"], "equal");
}

#[test]
fn what_translates_otherwise_is_not_understood() {
    let text = compiled(&REMOTE);
    for (from, to, what) in [
        ("snat ip to oifname . ip saddr map @g1_tooutside_v4", "oifname \"c0\" masquerade", "masquerading"),
        (
            "dnat ip to iifname . ip daddr map @g1_toinside_v4",
            "iifname \"c0\" meta l4proto tcp dnat ip to 192.168.100.10:4840",
            "address translation",
        ),
        (
            "dnat ip to iifname . ip daddr map @g1_toinside_v4",
            "iifname \"c0\" dnat ip to 192.168.100.10-192.168.100.11",
            "nat to a range",
        ),
    ] {
        assert!(text.contains(from));
        let proof = prove(&text.replace(from, to), &REMOTE);
        assert_ne!(proof["verdict"], "equal", "{to}");
        let notes = proof["not_understood"].as_array().unwrap();
        let said = |note: &Value| note["what"].as_str().unwrap().contains(what);
        assert!(
            notes.iter().any(|note| said(note) && !note["place"].as_str().unwrap().is_empty()),
            "{proof}"
        );
    }
}

/// Rows that peers, ports, translation, key and approvals decide; the others are commands of other protocols, or never
/// pass the gateway.
const DECIDED: [&str; 9] = ["3", "4", "5", "8", "9", "10", "11", "12", "13"];

fn ids(document: &Value, state: &str) -> BTreeSet<String> {
    let cases = document["cases"].as_array().unwrap().iter();
    cases.filter(|case| case["state"] == state).map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_rows_that_are_decided_are_right_and_the_rest_is_not_inspected() {
    let machine = kx200();
    let run = ringwall(&["lab", machine.to_str().unwrap(), "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let document = run.json();
    assert_eq!(document["proof"], "equal");
    assert!(ids(&document, "fail").is_empty() && ids(&document, "error").is_empty(), "{}", run.out);
    let own = |id: &String| id.bytes().all(|byte| byte.is_ascii_digit());
    let passed: BTreeSet<String> = ids(&document, "pass").into_iter().filter(own).collect();
    assert_eq!(passed, DECIDED.iter().map(ToString::to_string).collect());
    let rest: BTreeSet<String> = ["1", "2", "6", "7"].iter().map(ToString::to_string).collect();
    assert_eq!(ids(&document, "not inspected"), rest);
    let derived = ids(&document, "pass");
    for way in ["G07/open", "G07/untranslated", "G10/open", "G10/untranslated", "G14/open"] {
        assert!(derived.contains(way), "{way}");
    }
}

/// Commands through the proxy reach a machine that is known under another address.
#[test]
fn commands_pass_to_a_translated_machine_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(kx200().join("plant.toml")).unwrap();
    let head = text.split("[[expect]]").next().unwrap();
    let mut cases = String::new();
    for (id, say, verdict) in [
        ("a", "10.250.0.5 -> 10.250.141.30 modbus unit 1 read holding 10", "allow"),
        ("b", "10.250.0.5 -> 10.250.141.30 modbus unit 1 write holding 10 = 175", "deny by command"),
        ("c", "10.250.0.5 -> 192.168.100.30 modbus unit 1 read holding 10", "deny"),
        ("d", "10.250.0.9 -> 10.250.141.30 modbus unit 1 read holding 10", "deny"),
        ("e", "192.168.100.10 -> 10.20.30.6 syslog-tls", "allow"),
        ("f", "10.250.0.6 -> m02 vnc", "allow"),
    ] {
        let given = "[\"key = REMOTE\", \"G11 approved\", \"G12-m12 approved\"]";
        cases += &format!(
            "\n[[expect]]\nid = \"{id}\"\nsay = \"{say}\"\ngiven = {given}\nverdict = \"{verdict}\"\n"
        );
    }
    let plant = file(&folder, "plant.toml", &format!("{head}{cases}"));
    let run = ringwall(&["lab", &plant, "--expects-only", "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(ids(&run.json(), "pass").len(), 6, "{}", run.out);
}
