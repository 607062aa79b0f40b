//! Plants nobody wrote: what is compiled from them is proved equal, one rule more is not, and names do not matter.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::{file, ringwall};

/// A small generator of numbers that is the same everywhere (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// The names a plant is written with.
struct Names {
    zone: fn(u64) -> String,
    asset: fn(u64, u64) -> String,
}

const PLAIN: Names =
    Names { zone: |zone| format!("zone{zone}"), asset: |zone, asset| format!("a{zone}x{asset}") };
const SHUFFLED: Names = Names {
    zone: |zone| format!("hall-{}", 97 - zone),
    asset: |zone, asset| format!("m{}_{}", 50 - asset, (zone * 7) % 13),
};

struct Random {
    text: String,
    zones: u64,
}

/// A plant of 4 to 12 zones, some with IPv6, some with two legs, with flows of every kind between them.
fn plant(seed: u64, names: &Names) -> Random {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    let zones = 4 + numbers.below(9);
    let mut text = String::from(
        "ringwall = 1\n[plant]\nid = \"random\"\nname = \"Random\"\ntimezone = \"Europe/Berlin\"\n",
    );
    let mut v6 = Vec::new();
    for zone in 0..zones {
        let long = numbers.below(3) == 0;
        v6.push(long);
        let (networks, gateways) = if long {
            (
                format!("\"10.9.{zone}.0/24\", \"fd00:9:{zone}::/64\""),
                format!("[\"10.9.{zone}.1\", \"fd00:9:{zone}::1\"]"),
            )
        } else {
            (format!("\"10.9.{zone}.0/24\""), format!("\"10.9.{zone}.1\""))
        };
        let route = if zone == 0 { ", default-route = true" } else { "" };
        text.push_str(&format!(
            "[zones.{}]\nlegs = [{{ port = \"p{zone}\", network = [{networks}], gateway = {gateways}{route} }}]\n",
            (names.zone)(zone)
        ));
    }
    let assets = 3 + numbers.below(4);
    for zone in 0..zones {
        for asset in 0..assets {
            let address = if v6[zone as usize] && asset % 2 == 1 {
                format!("[\"10.9.{zone}.{}\", \"fd00:9:{zone}::{:x}\"]", 10 + asset, 10 + asset)
            } else {
                format!("\"10.9.{zone}.{}\"", 10 + asset)
            };
            text.push_str(&format!(
                "[assets.{}]\nzone = \"{}\"\nkind = \"server\"\naddress = {address}\n",
                (names.asset)(zone, asset),
                (names.zone)(zone)
            ));
        }
    }
    // Some machines are known under other addresses behind other legs, one perhaps behind several.
    let mut seen = std::collections::BTreeSet::new();
    for known in 0..numbers.below(5) {
        let inside = numbers.below(zones);
        let leg = (inside + 1 + numbers.below(zones - 1)) % zones;
        let asset = 2 * numbers.below(2);
        if !seen.insert((leg, inside, asset)) {
            continue;
        }
        text.push_str(&format!(
            "[[nat]]\nleg = \"p{leg}\"\noutside = \"10.9.{leg}.{}\"\ninside = \"{}\"\n",
            200 + known,
            (names.asset)(inside, asset)
        ));
    }
    let mut joined = std::collections::BTreeSet::new();
    let mut flows = String::new();
    for flow in 0..(6 + numbers.below(30)) {
        let from = numbers.below(zones);
        let to = (from + 1 + numbers.below(zones - 1)) % zones;
        joined.insert((from.min(to), from.max(to)));
        let service = match numbers.below(9) {
            0 => "https".to_owned(),
            1 => format!("udp {}", 1000 + numbers.below(50)),
            2 => format!("tcp {}-{}", 2000 + numbers.below(20), 2020 + numbers.below(20)),
            3 => "ping".to_owned(),
            4 => "ssh".to_owned(),
            5 => "ip 47".to_owned(),
            6 => "ftp".to_owned(),
            7 => "modbus unit 1\"\nallow = [\"read holding 0-9\"]\nwhy = \"commands".to_owned(),
            _ => format!("tcp {}", 3000 + numbers.below(10)),
        };
        let (a, b) = ((names.asset)(from, numbers.below(assets)), (names.asset)(to, numbers.below(assets)));
        let when = if numbers.below(5) == 0 { "when = \"daily 02:00-03:00\"\n" } else { "" };
        flows.push_str(&format!(
            "[[flows]]\nid = \"R{flow}\"\nfrom = \"{a}\"\nto = \"{b}\"\nservice = \"{service}\"\n{when}"
        ));
    }
    flows.push_str(&format!(
        "[[flows]]\nid = \"G0\"\nfrom = \"{}\"\nto = \"gateway\"\nservice = \"ntp\"\n",
        (names.asset)(1, 0)
    ));
    for (a, b) in joined {
        text.push_str(&format!(
            "[conduits.c{a}-{b}]\nbetween = [\"{}\", \"{}\"]\n",
            (names.zone)(a),
            (names.zone)(b)
        ));
    }
    text.push_str(&flows);
    Random { text, zones }
}

const PLANTS: u64 = 20;
const AT: &str = "2027-03-03T02:15+01:00";

#[test]
fn compiled_is_equal_and_one_accept_more_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (mut zones, mut translated) = (Vec::new(), 0);
    for seed in 0..PLANTS {
        let random = plant(seed, &PLAIN);
        zones.push(random.zones);
        translated += u64::from(random.text.contains("[[nat]]"));
        let text = file(&folder, "plant.toml", &random.text);
        let compiled = ringwall(&["compile", &text, "--at", AT]);
        assert_eq!(compiled.code, 0, "seed {seed}: {}\n{}", compiled.err, random.text);
        let rules = file(&folder, "rules.nft", &compiled.out);
        let proof = ringwall(&["prove", &text, "--at", AT, "--ruleset", &rules, "--format", "json"]);
        assert_eq!(proof.json()["verdict"], "equal", "seed {seed}: {}", proof.out);

        let mut numbers = Numbers(seed + 1000);
        let from = numbers.below(random.zones);
        let to = (from + 1 + numbers.below(random.zones - 1)) % random.zones;
        let rule = format!(
            "insert rule inet ringwall forward iifname \"p{from}\" oifname \"p{to}\" udp dport {} accept",
            60_000 + numbers.below(100)
        );
        let rules = file(&folder, "rules.nft", &format!("{}\n{rule}\n", compiled.out));
        let proof = ringwall(&["prove", &text, "--at", AT, "--ruleset", &rules, "--format", "json"]);
        let document = proof.json();
        assert_eq!(document["verdict"], "differs", "seed {seed}: {}", proof.out);
        assert_eq!(document["extra"][0]["iif"], format!("p{from}"), "seed {seed}: {}", proof.out);
    }
    assert!(translated > 5 && translated < PLANTS, "some translate addresses: {translated}");
    assert!(
        zones.iter().min() < Some(&7) && zones.iter().max() > Some(&9),
        "the plants differ in size: {zones:?}"
    );
}

#[test]
fn names_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..5 {
        let plain = file(&folder, "plain.toml", &plant(seed, &PLAIN).text);
        let shuffled = file(&folder, "shuffled.toml", &plant(seed, &SHUFFLED).text);
        let rules = ringwall(&["compile", &plain, "--at", AT]).out;
        let rules = file(&folder, "rules.nft", &rules);
        let proof = ringwall(&["prove", &shuffled, "--at", AT, "--ruleset", &rules, "--format", "json"]);
        assert_eq!(proof.json()["verdict"], "equal", "seed {seed}: {}{}", proof.out, proof.err);
    }
}
