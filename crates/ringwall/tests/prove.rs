//! `ringwall prove` on the example line: equal to what it compiles, and never equal to anything else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::{LINE3_LEGS, Run, file, inside, legs, line3, ringwall};
use linux::{link, nft};

/// A summer night: the backup window (F13) is open.
const NIGHT: &str = "2027-07-01T02:30+02:00";

fn compiled(at: &str) -> String {
    let plant = line3();
    let run = ringwall(&["compile", plant.to_str().unwrap(), "--at", at]);
    assert_eq!(run.code, 0, "{}", run.err);
    run.out
}

fn prove_text(text: &str, at: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let rules = file(&folder, "rules.nft", text);
    let plant = line3();
    ringwall(&["prove", plant.to_str().unwrap(), "--ruleset", &rules, "--at", at, "--format", "json"])
}

fn prove_running(at: &str) -> Run {
    let plant = line3();
    ringwall(&["prove", plant.to_str().unwrap(), "--at", at, "--format", "json"])
}

#[test]
fn what_is_compiled_is_equal_at_any_moment() {
    for at in [
        NIGHT,
        "2027-07-01T12:00+02:00",
        "2027-01-15T02:30+01:00",
        "2027-01-15T03:30+01:00",
        "2027-06-06T02:00+02:00",
    ] {
        let run = prove_text(&compiled(at), at);
        let proof = run.json();
        assert_eq!(proof["verdict"], "equal", "{at}: {}", run.out);
        assert_eq!(run.code, 0);
        assert!(proof["rules"].as_u64().unwrap() > 10);
        assert!(proof["uninspected"].as_array().unwrap().iter().any(|flow| flow == "F08"));
        assert_eq!(proof["through_proxy"], serde_json::json!(["F10"]));
    }
}

#[test]
fn the_window_is_local_time_and_ends_on_time() {
    // The backup server may upload from the PLC only at night: 10.62.2.30 to 10.62.1.10, port 102.
    let open = |at: &str| {
        compiled(at).lines().any(|line| line.contains("10.62.2.30 . 10.62.1.10") && line.contains("102"))
    };
    assert!(open("2027-07-01T02:30+02:00"), "a summer night");
    assert!(open("2027-01-15T02:30+01:00"), "a winter night");
    assert!(!open("2027-07-01T03:30+02:00"), "an hour later in summer");
    assert!(!open("2027-01-15T03:30+01:00"), "an hour later in winter");
    let night = compiled(NIGHT);
    let line = night.lines().find(|line| line.contains("10.62.2.30 . 10.62.1.10")).unwrap();
    assert!(line.contains("timeout 1800s") || line.contains("timeout 30m"), "{line}");
}

/// A change by hand, and what the first example packet must show.
type Change = (&'static str, fn(&str) -> String, fn(&serde_json::Value) -> bool);

#[test]
fn every_change_by_hand_is_found() {
    let changes: &[Change] = &[
        (
            "a rule that opens the safety zone",
            |text| format!("{text}\ninsert rule inet ringwall forward iif z2 oif z0 tcp dport 102 accept\n"),
            |proof| {
                let packet = &proof["extra"][0];
                proof["verdict"] == "differs"
                    && packet["iif"] == "z2"
                    && packet["oif"] == "z0"
                    && packet["dport"] == 102
                    && packet["proto"] == "tcp"
                    && packet["path"]
                        .as_array()
                        .unwrap()
                        .last()
                        .is_some_and(|step| step["rule"].as_str().unwrap().contains("accept"))
            },
        ),
        (
            "a window that stays open",
            |text| text.replace("timeout 1800s ", ""),
            |proof| proof["verdict"] == "differs" && proof["extra"][0]["src"] == "10.62.2.30",
        ),
        (
            "a second table that translates addresses first",
            |text| {
                format!(
                    "{text}\ntable ip other {{ chain c {{ type nat hook prerouting priority -150; tcp dport 443 dnat to 10.62.0.10; }}; }}\n"
                )
            },
            |proof| proof["verdict"] != "equal",
        ),
        (
            "a second table that drops",
            |text| {
                format!(
                    "{text}\ntable ip other {{ chain c {{ type filter hook forward priority 10; udp dport 123 drop; }}; }}\n"
                )
            },
            |proof| proof["verdict"] == "differs" && proof["missing"][0]["dport"] == 123,
        ),
        (
            "answers to connections nobody may open",
            |text| format!("{text}\ninsert rule inet ringwall forward ct state established accept\n"),
            |proof| proof["verdict"] == "differs",
        ),
        (
            "a chain on a device, before everything",
            |text| {
                format!(
                    "{text}\ntable netdev early {{ chain c {{ type filter hook ingress device \"z2\" priority 0; udp dport 9 drop; }}; }}\n"
                )
            },
            |proof| proof["verdict"] != "equal" && !proof["not_understood"].as_array().unwrap().is_empty(),
        ),
        (
            "commands that are forwarded past the proxy",
            |text| {
                format!(
                    "{text}\ninsert rule inet ringwall forward ip saddr 10.62.2.20 ip daddr 10.62.1.70 tcp dport 502 accept\n"
                )
            },
            |proof| {
                let packet = &proof["extra"][0];
                proof["verdict"] == "differs"
                    && packet["via"] == "forward"
                    && packet["dst"] == "10.62.1.70"
                    && proof["through_proxy"].as_array().unwrap().is_empty()
            },
        ),
        (
            "commands handed to another program",
            |text| text.replace("tproxy ip to :7502", "tproxy ip to :7503"),
            |proof| proof["verdict"] == "differs" && proof["missing"][0]["via"] == "proxy",
        ),
        (
            "commands of one more client handed to the proxy",
            |text| {
                format!(
                    "{text}\nadd element inet ringwall g1_in_z2_v4_commands {{ 10.62.2.21 . 10.62.1.70 . tcp . 502 }}\n"
                )
            },
            |proof| proof["verdict"] == "differs" && proof["extra"][0]["src"] == "10.62.2.21",
        ),
        (
            "a program that is not the proxy may ask in a client's name",
            |text| text.replace("meta mark 0x52570002 ct direction original", "ct direction original"),
            |proof| {
                let packet = &proof["extra"][0];
                proof["verdict"] == "differs" && packet["hook"] == "output" && packet["via"] == "local"
            },
        ),
        (
            "the connections of the proxy are not found again",
            |text| text.replace("socket transparent 1 meta mark set 0x52570001 accept", ""),
            |proof| proof["verdict"] == "differs" && proof["missing"][0]["via"] == "proxy",
        ),
        (
            "the policy of the chain turned over",
            |text| format!("{text}\nchain inet ringwall forward {{ policy accept; }};\n"),
            |proof| proof["verdict"] != "unknown",
        ),
    ];
    let text = compiled(NIGHT);
    assert!(text.contains("timeout 1800s "), "the text has the window in it");
    for (name, change, holds) in changes {
        let run = prove_text(&change(&text), NIGHT);
        let proof = run.json();
        assert!(holds(&proof), "{name}: {}", run.out);
        assert_eq!(run.code, if proof["verdict"] == "equal" { 0 } else { 4 }, "{name}");
    }
}

#[test]
fn running_rules_are_proved_in_place() {
    if !inside("running_rules_are_proved_in_place") {
        return;
    }
    let _far = legs(&LINE3_LEGS);
    let noon = "2027-07-01T12:00+02:00";
    nft::load(&compiled(noon)).unwrap();
    let run = prove_running(noon);
    assert_eq!(run.json()["verdict"], "equal", "{}", run.out);
    nft::flush().unwrap();
    let run = prove_running(noon);
    assert_eq!(run.json()["verdict"], "differs", "{}", run.out);
    assert_eq!(run.code, 4);
}

#[test]
fn two_legs_bridged_are_never_equal() {
    if !inside("two_legs_bridged_are_never_equal") {
        return;
    }
    let _far = legs(&LINE3_LEGS);
    let noon = "2027-07-01T12:00+02:00";
    nft::load(&compiled(noon)).unwrap();
    link::add_bridge("br0").unwrap();
    link::set_master("z0", Some("br0")).unwrap();
    link::set_master("z2", Some("br0")).unwrap();
    let run = prove_running(noon);
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(run.out.contains("interface z0") && run.out.contains("br0"), "{}", run.out);
}

#[test]
fn a_foreign_leg_is_never_equal() {
    if !inside("a_foreign_leg_is_never_equal") {
        return;
    }
    let mut names = LINE3_LEGS.to_vec();
    names.push("eth9");
    let _far = legs(&names);
    let noon = "2027-07-01T12:00+02:00";
    nft::load(&compiled(noon)).unwrap();
    let run = prove_running(noon);
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(run.out.contains("interface eth9"), "{}", run.out);
}

#[test]
fn a_machine_that_does_not_forward_does_not_do_what_the_plant_says() {
    if !inside("a_machine_that_does_not_forward_does_not_do_what_the_plant_says") {
        return;
    }
    let _far = legs(&LINE3_LEGS);
    linux::sysctl::set("net/ipv4/ip_forward", "0").unwrap();
    let noon = "2027-07-01T12:00+02:00";
    nft::load(&compiled(noon)).unwrap();
    let run = prove_running(noon);
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(!run.json()["missing"].as_array().unwrap().is_empty(), "{}", run.out);
}
