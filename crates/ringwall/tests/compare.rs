//! `ringwall compare`: two nft files, and the packets only one of them lets through.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::{file, ringwall};
use serde_json::Value;

const FILTER: &str = "
table inet t {
  set servers { type ipv4_addr . inet_service; flags interval; elements = { 10.0.1.0/28 . 502, 10.0.1.99 . 4840-4849 } }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established accept
    iifname \"z2\" oifname \"z1\" ip protocol tcp ip daddr . tcp dport @servers accept
    limit rate 5/second log
  }
}
";

/// One row: what is changed in the filter, and what the comparison must say.
struct Row {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    code: i32,
    check: fn(&Value) -> bool,
}

const ROWS: &[Row] = &[
    Row { name: "nothing", from: "", to: "", code: 0, check: |d| d["equal"] == true },
    Row {
        name: "the same said another way",
        from: "10.0.1.0/28 . 502,",
        to: "10.0.1.0-10.0.1.7 . 502, 10.0.1.8/29 . 502,",
        code: 0,
        check: |d| d["equal"] == true,
    },
    Row {
        name: "one port more",
        from: "4840-4849",
        to: "4840-4850",
        code: 1,
        check: |d| {
            let packet = &d["only_b"][0];
            d["only_a"].as_array().unwrap().is_empty()
                && packet["dport"] == 4850
                && packet["dst"] == "10.0.1.99"
                && packet["iif"] == "z2"
                && packet["ct"] == "new"
                && packet["path"].as_array().unwrap().iter().any(|step| step["chain"] == "forward")
        },
    },
    Row {
        name: "another interface",
        from: "oifname \"z1\"",
        to: "oifname \"z0\"",
        code: 1,
        check: |d| d["only_a"][0]["oif"] == "z1" && d["only_b"][0]["oif"] == "z0",
    },
    Row {
        name: "a rule by index of an interface that has to be made",
        from: "limit rate",
        to: "iif eth7 oif eth8 udp dport 53 accept\n limit rate",
        code: 1,
        check: |d| d["only_b"][0]["iif"] == "eth7" && d["only_b"][0]["proto"] == "udp",
    },
    Row {
        name: "established no longer accepted",
        from: "ct state established accept",
        to: "",
        code: 1,
        check: |d| matches!(d["only_a"][0]["ct"].as_str(), Some("original" | "reply")),
    },
    Row {
        name: "another rate of logging decides nothing",
        from: "rate 5/second",
        to: "rate 50/minute",
        code: 0,
        check: |d| d["equal"] == true,
    },
    Row {
        name: "a limit that decides leaves the answer open",
        from: "@servers accept",
        to: "@servers limit rate 1/second accept",
        code: 4,
        check: |d| d["equal"] == false && !d["not_understood"].as_array().unwrap().is_empty(),
    },
    Row {
        name: "a translation of addresses leads elsewhere",
        from: "table inet t {",
        to: "table inet t { chain nat { type nat hook prerouting priority dstnat; tcp dport 80 dnat ip to 10.0.1.1; }",
        code: 1,
        check: |d| {
            d["equal"] == false
                && d["only_b"][0]["dst"] == "10.0.1.1"
                && d["only_b"][0]["original_dst"].is_string()
        },
    },
    Row {
        name: "masquerading is not modelled",
        from: "table inet t {",
        to: "table inet t { chain nat { type nat hook postrouting priority srcnat; tcp dport 80 masquerade; }",
        code: 4,
        check: |d| d["equal"] == false && d["not_understood"][0]["place"].as_str().unwrap().contains("nat"),
    },
];

#[test]
fn every_row_says_what_it_must() {
    let folder = tempfile::tempdir().unwrap();
    let a = file(&folder, "a.nft", FILTER);
    for row in ROWS {
        assert!(row.from.is_empty() || FILTER.contains(row.from), "{}: nothing to change", row.name);
        let changed =
            if row.from.is_empty() { FILTER.to_owned() } else { FILTER.replacen(row.from, row.to, 1) };
        let b = file(&folder, "b.nft", &changed);
        let run = ringwall(&["compare", &a, &b, "--format", "json"]);
        assert_eq!(run.code, row.code, "{}: {}{}", row.name, run.out, run.err);
        assert!((row.check)(&run.json()), "{}: {}", row.name, run.out);
    }
}

#[test]
fn files_that_cannot_be_used_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(&folder, "good.nft", FILTER);
    let broken = file(&folder, "broken.nft", "table inet t { chain c { tcp dport } }");
    for (bad, word) in [(broken.as_str(), "broken.nft"), ("/nowhere/at-all.nft", "no such file")] {
        for order in [[good.as_str(), bad], [bad, good.as_str()]] {
            let run = ringwall(&["compare", order[0], order[1]]);
            assert_eq!(run.code, 2, "{}", run.err);
            assert!(run.err.contains(word), "{}", run.err);
        }
    }
}

#[test]
fn people_read_the_packet_and_its_rule() {
    let folder = tempfile::tempdir().unwrap();
    let a = file(&folder, "a.nft", FILTER);
    let b = file(&folder, "b.nft", &FILTER.replace("4840-4849", "4840-4850"));
    let english = ringwall(&["compare", &a, &b]);
    assert!(english.out.contains("z2 -> z1") && english.out.contains("port 4850"), "{}", english.out);
    let german = ringwall(&["compare", &a, &b, "--language", "de"]);
    assert!(german.out.starts_with("verschieden"), "{}", german.out);
}
