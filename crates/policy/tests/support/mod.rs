//! Policies to test with, and nft in a network of its own.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

pub mod random;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use plant::ids::ConduitId;
use policy::{Commands, Leg, Permission, Policy, Side, Traffic};
use protocols::PortRange;

/// The moment of all policies here.
pub fn moment() -> Timestamp {
    "2027-07-01T00:30:00Z".parse().unwrap()
}

pub fn after(milliseconds: i64) -> Timestamp {
    moment() + SignedDuration::from_millis(milliseconds)
}

pub fn leg(port: &str, title: &str, networks: &[&str], gateways: &[&str], default_route: bool) -> Leg {
    Leg {
        port: port.to_owned(),
        title: title.to_owned(),
        networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        gateways: gateways.iter().map(|text| text.parse().unwrap()).collect(),
        default_route,
        translations: Vec::new(),
    }
}

pub fn side(text: &str) -> Side {
    if text == "gateway" { Side::Local } else { Side::Leg(text.to_owned()) }
}

/// `F08 z2 z1 10.62.2.20/32 10.62.1.10/32 tcp 4840`, optionally `for MILLISECONDS`.
pub fn row(text: &str) -> Permission {
    let words: Vec<&str> = text.split_whitespace().collect();
    let ports = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        PortRange { first: first.parse().unwrap(), last: last.parse().unwrap() }
    };
    let (traffic, rest) = match words[5] {
        "tcp" => (Traffic::Ports { protocol: 6, ports: ports(words[6]) }, 7),
        "udp" => (Traffic::Ports { protocol: 17, ports: ports(words[6]) }, 7),
        "ping" => (Traffic::Echo, 6),
        "ip" => (Traffic::Protocol(words[6].parse().unwrap()), 7),
        _ => (Traffic::Any, 6),
    };
    Permission {
        iif: side(words[1]),
        oif: side(words[2]),
        source: words[3].parse().unwrap(),
        destination: words[4].parse().unwrap(),
        traffic,
        until: words.get(rest + 1).map(|text| after(text.parse().unwrap())),
        flow: words[0].into(),
    }
}

pub fn policy(legs: Vec<Leg>, conduits: &[(&str, &str, &str)], rows: &[&str]) -> Policy {
    let mut joined = BTreeMap::new();
    for (id, one, other) in conduits {
        joined.insert(((*one).to_owned(), (*other).to_owned()), ConduitId::from(*id));
        joined.insert(((*other).to_owned(), (*one).to_owned()), ConduitId::from(*id));
    }
    let mut permissions: Vec<Permission> = rows.iter().map(|text| row(text)).collect();
    permissions.sort();
    permissions.dedup();
    Policy {
        moment: moment(),
        legs: legs.into_iter().map(|leg| (leg.port.clone(), leg)).collect(),
        conduits: joined,
        permissions,
        commands: Vec::new(),
        transfers: Vec::new(),
        uninspected: Vec::new(),
        closed: Vec::new(),
    }
}

/// Four legs, both families, every kind of traffic, ends, overlaps.
pub fn small() -> Policy {
    let mut small = policy(
        vec![
            leg("z1", "Control / HMI", &["10.62.1.0/24", "fd62:1::/64"], &["10.62.1.1", "fd62:1::1"], false),
            leg("z2", "MES / data", &["10.62.2.0/24", "fd62:2::/64"], &["10.62.2.1", "fd62:2::1"], false),
            leg("wg0", "Remote", &["10.99.0.0/24"], &["10.99.0.1"], false),
            leg("x.1-a_b", "Office \"IT\"\nflush ruleset # \\", &["172.20.0.0/24"], &["172.20.0.1"], true),
        ],
        &[("C12", "z1", "z2"), ("C13", "wg0", "z1"), ("C2X", "z2", "x.1-a_b")],
        &[
            "F08 z2 z1 10.62.2.20/32 10.62.1.10/32 tcp 4840",
            "F08 z2 z1 10.62.2.20/32 10.62.1.11/32 tcp 4840",
            "F09 z2 z1 10.62.2.0/24 10.62.1.10/32 tcp 4840 for 3500",
            "F11 z1 z2 10.62.1.50/32 10.62.2.10/32 tcp 443",
            "F08v z2 z1 fd62:2::20/128 fd62:1::10/128 tcp 4840-4850",
            "P1 z2 z1 10.62.2.20/32 10.62.1.10/32 ping",
            "P2 z2 z1 fd62:2::20/128 fd62:1::/64 ping for 60000",
            "F19 wg0 z1 10.99.0.11/32 10.62.1.40/32 tcp 21 for 7200000",
            "F19 wg0 z1 10.99.0.11/32 10.62.1.40/32 tcp 49152 for 7200000",
            "G1 wg0 z1 10.99.0.12/32 10.62.1.41/32 ip 47",
            "A1 z2 x.1-a_b 10.62.2.10/32 0.0.0.0/0 any",
            "F16 z2 x.1-a_b 10.62.2.10/32 172.20.0.15/32 tcp 443",
            "F16 z2 x.1-a_b 10.62.2.0/28 8.0.0.0/7 udp 1-65535",
            "L1 z1 gateway 10.62.1.0/24 10.62.1.1/32 udp 123",
            "L1 z2 gateway fd62:2::/64 fd62:2::1/128 udp 123",
            "L2 gateway z2 10.62.2.1/32 10.62.2.5/32 tcp 6514",
            "L3 gateway z2 10.62.2.1/32 10.62.2.5/32 ping",
            "L4 x.1-a_b gateway 0.0.0.0/0 172.20.0.1/32 udp 51820",
        ],
    );
    small.transfers = vec![row("F19 wg0 z1 10.99.0.11/32 10.62.1.40/32 tcp 21 for 7200000")];
    small.commands = [
        "F10 z2 z1 10.62.2.20/32 10.62.1.70/32 tcp 502",
        "F10 z2 z1 10.62.2.0/28 10.62.1.70/32 tcp 502 for 3500",
        "F10v z2 z1 fd62:2::20/128 fd62:1::70/128 tcp 502-503 for 60000",
    ]
    .iter()
    .map(|text| Commands { row: row(text), unit: Some(1), allow: Vec::new() })
    .collect();
    small
}

/// Loads texts one after the other into one new network, then prints what the script says; what went wrong else.
pub fn nft(texts: &[String], script: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = String::from("set -e\n");
    for (index, text) in texts.iter().enumerate() {
        let path = folder.path().join(format!("{index}.nft"));
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        all.push_str(&format!("nft -f {}\n", path.display()));
    }
    all.push_str(script);
    let output = Command::new("unshare")
        .args(["-Urn", "sh", "-c", &all])
        .env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// `legs` legs, each joined with each other by a conduit until there are `conduits`, `each` flows per conduit.
pub fn large(legs: usize, conduits: usize, each: usize) -> Policy {
    let name = |leg: usize| format!("p{leg}");
    let all: Vec<Leg> = (0..legs)
        .map(|at| {
            let (network, gateway) = (format!("10.{at}.0.0/16"), format!("10.{at}.0.1"));
            leg(&name(at), &format!("Zone {at}"), &[&network], &[&gateway], false)
        })
        .collect();
    let mut pairs: Vec<(String, String, String)> = Vec::new();
    'all: for one in 0..legs {
        for other in one + 1..legs {
            if pairs.len() == conduits {
                break 'all;
            }
            pairs.push((format!("C{}", pairs.len()), name(one), name(other)));
        }
    }
    let mut rows = Vec::new();
    for (number, (_, one, other)) in pairs.iter().enumerate() {
        for flow in 0..each {
            let (from, to) = if flow % 4 == 3 { (other, one) } else { (one, other) };
            let ends = if flow % 5 == 4 { " for 3600000" } else { "" };
            rows.push(format!(
                "F{number}-{flow} {from} {to} 10.{}.{}.{}/32 10.{}.{}.{}/32 tcp {}{ends}",
                &from[1..],
                flow / 200,
                flow % 200 + 10,
                &to[1..],
                flow / 200,
                (flow * 7) % 200 + 10,
                1_000 + flow,
            ));
        }
    }
    let pairs: Vec<(&str, &str, &str)> =
        pairs.iter().map(|(id, one, other)| (id.as_str(), one.as_str(), other.as_str())).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    policy(all, &pairs, &rows)
}
