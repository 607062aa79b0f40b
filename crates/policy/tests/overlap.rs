//! Flows that share connections: each connection is inspected or forwarded, never both, whatever overlaps.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;
use std::net::IpAddr;

use plant::SourceFile;
use policy::{Permission, Policy, Traffic, Why, compile};
use proptest::prelude::*;

/// Who asks, whom, how, and what may be asked.
#[derive(Debug, Clone, Copy)]
struct Flow(&'static str, &'static str, &'static str, Option<&'static str>);

const CLIENTS: [&str; 5] = ["10.1.0.10", "10.1.0.20", "10.1.0.16/28", "10.1.0.0/25", "10.1.0.0/24"];
const DEVICES: [&str; 3] = ["10.2.0.10", "10.2.0.8/29", "10.2.0.0/24"];
/// Only the first is a protocol the proxy speaks.
const SERVICES: [&str; 4] = ["modbus", "tcp 502", "tcp 400-600", "tcp 503"];

fn policy(flows: &[Flow]) -> Policy {
    let mut text = r#"ringwall = 1
        [plant]
        id = "overlap"
        name = "Overlap"
        [zones.a]
        title = "A"
        legs = [{ port = "a0", network = ["10.1.0.0/24"], gateway = "10.1.0.1" }]
        [zones.b]
        title = "B"
        legs = [{ port = "b0", network = ["10.2.0.0/24"], gateway = "10.2.0.1" }]
        [conduits.C]
        between = ["a", "b"]
        title = "A to B"
        [assets.plc]
        zone = "b"
        kind = "plc"
        address = "10.2.0.10"
    "#
    .to_owned();
    for (number, Flow(from, to, service, allow)) in flows.iter().enumerate() {
        text.push_str(&format!("\n[[flows]]\nid = \"F{number}\"\nfrom = \"{from}\"\nto = \"{to}\"\n"));
        text.push_str(&format!("service = \"{service}\"\n"));
        if let Some(allow) = allow {
            text.push_str(&format!("allow = [\"{allow}\"]\n"));
        }
    }
    let reading =
        plant::read(&[SourceFile { name: "plant.toml".to_owned(), text: text.clone().into_bytes() }]);
    let Some(plant) = reading.plant else {
        let says: Vec<_> =
            reading.diagnostics.iter().map(|found| found.sentence(words::Language::English)).collect();
        panic!("{says:#?}\n{text}");
    };
    compile(&plant, "2027-07-01T00:30:00Z".parse().unwrap(), &[]).unwrap()
}

fn carries(row: &Permission, client: IpAddr, device: IpAddr, port: u16) -> bool {
    let Traffic::Ports { protocol: 6, ports } = row.traffic else { return false };
    row.source.contains(&client)
        && row.destination.contains(&device)
        && ports.first <= port
        && port <= ports.last
}

/// Every connection that some edge of the flows tells from another, as the plant reads and as the policy has it.
fn holds(flows: &[Flow]) {
    let policy = policy(flows);
    let within = |network: &str, address: IpAddr| {
        network.parse::<ipnet::IpNet>().map_or_else(
            |_| network.parse::<IpAddr>().unwrap() == address,
            |network| network.contains(&address),
        )
    };
    let ports = |service: &str| match service {
        "tcp 503" => 503..=503,
        "tcp 400-600" => 400..=600,
        _ => 502..=502u16,
    };
    for client in ["10.1.0.9", "10.1.0.10", "10.1.0.16", "10.1.0.20", "10.1.0.31", "10.1.0.32", "10.1.0.200"]
    {
        for device in ["10.2.0.10", "10.2.0.8", "10.2.0.15", "10.2.0.16"] {
            for port in [399, 400, 501, 502, 503, 600, 601] {
                let (client, device): (IpAddr, IpAddr) = (client.parse().unwrap(), device.parse().unwrap());
                let about: Vec<&Flow> = flows
                    .iter()
                    .filter(|Flow(from, to, service, _)| {
                        within(from, client) && within(to, device) && ports(service).contains(&port)
                    })
                    .collect();
                let plain = about.iter().any(|flow| flow.2 != "modbus");
                let limited = about.iter().any(|flow| flow.3.is_some());
                let asked: BTreeSet<&str> = policy
                    .commands
                    .iter()
                    .filter(|commands| carries(&commands.row, client, device, port))
                    .map(|commands| commands.row.flow.as_str())
                    .collect();
                let forwarded = policy.permissions.iter().any(|row| carries(row, client, device, port));
                let what = format!("{client} {device} {port} {flows:?}");
                assert_eq!(forwarded, plain || (!limited && !about.is_empty()), "forwarded: {what}");
                assert_eq!(asked.is_empty(), plain || !limited, "inspected: {what}");
                if limited && !plain {
                    assert_eq!(asked.len(), about.len(), "{what}");
                }
                for (number, flow) in flows.iter().enumerate() {
                    let told = policy.uninspected.iter().any(|id| id.as_str() == format!("F{number}"));
                    let here = within(flow.0, client) && within(flow.1, device) && port == 502;
                    assert!(told || !(plain && here && flow.3.is_some()), "untold: F{number} {what}");
                }
            }
        }
    }
}

/// A limited client within a network that may ask anything, and another client of it that may as well: what the two
/// others share says nothing about the limited one.
#[test]
fn what_others_share_forwards_no_limited_flow() {
    const LIMITED: Flow = Flow("10.1.0.10", "10.2.0.10", "modbus", Some("read any"));
    const NETWORK: Flow = Flow("10.1.0.0/24", "10.2.0.10", "modbus", None);
    holds(&[LIMITED, NETWORK, Flow("10.1.0.20", "10.2.0.10", "modbus", None)]);
    // By a plain port, and with the wider flow limited itself.
    let wide = Flow("10.1.0.0/24", "10.2.0.10", "modbus", Some("read holding 1"));
    holds(&[LIMITED, wide, Flow("10.1.0.20", "10.2.0.10", "tcp 400-600", None)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_connection_is_inspected_or_forwarded(
        flows in prop::collection::vec((0usize..5, 0usize..3, 0usize..7), 1..6)
    ) {
        let flow = |&(client, device, service): &(usize, usize, usize)| {
            let limited = service >= 4;
            let service = if limited { "modbus" } else { SERVICES[service] };
            Flow(CLIENTS[client], DEVICES[device], service, limited.then_some("read any"))
        };
        let flows: Vec<Flow> = flows.iter().map(flow).collect();
        // A plant does not name one flow twice.
        let mut named: Vec<_> = flows.iter().map(|flow| (flow.0, flow.1, flow.2, flow.3)).collect();
        named.sort_unstable();
        named.dedup();
        let flows: Vec<Flow> = named.into_iter().map(|(from, to, service, allow)| Flow(from, to, service, allow)).collect();
        holds(&flows);
    }
}

/// The ends of a transfer choose the port it announces: it must not be the one of their limited commands.
#[test]
fn a_transfer_announces_nothing_beside_limited_commands() {
    let transfer = |from, to| Flow(from, to, "ftp", None);
    let limited = Flow("10.1.0.10", "10.2.0.10", "modbus", Some("read any"));
    for (name, flows, announces) in [
        ("the same two", vec![limited, transfer("10.1.0.10", "10.2.0.10")], 0),
        ("the other way", vec![limited, transfer("10.2.0.10", "10.1.0.10")], 0),
        ("a network they are in", vec![limited, transfer("10.1.0.0/24", "10.2.0.0/24")], 0),
        ("two others", vec![limited, transfer("10.1.0.20", "10.2.0.10")], 1),
        ("no commands", vec![transfer("10.1.0.10", "10.2.0.10")], 1),
    ] {
        let policy = policy(&flows);
        assert_eq!(policy.transfers.len(), announces, "{name}");
        let said = policy.closed.iter().any(|(_, why)| *why == Why::AnnouncesBeside);
        assert_eq!(said, announces == 0, "{name}");
    }
}
