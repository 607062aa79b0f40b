//! The data path: what one forwarded packet costs through the compiled rules, through the same permissions as one
//! list, and without rules. Packets enter and leave through TUN interfaces in a namespace of their own; what counts
//! is the CPU time of handing them to the kernel, which forwards them in the same call.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use benches::{Outcome, Shape, Stage, Table, cpu, load, median, moment, plant_of, stage, udp};
use linux::{Tun, address, link, nft, sysctl};
use policy::{Permission, Policy, Side, Traffic};

/// Connections the packets belong to, spread evenly over all permissions.
const CONNECTIONS: usize = 100;
/// Times every connection sends a packet, per measurement.
const TURNS: usize = 100;
/// Measurements, of which the middle one counts.
const MEASUREMENTS: usize = 7;

fn main() -> Outcome {
    match stage() {
        Stage::First => {
            Table::new(&[
                "flows",
                "no rules us",
                "tracking alone us",
                "compiled us",
                "one list us",
                "list / compiled",
            ])?;
            ["10", "1000", "10000"].iter().try_for_each(|size| Stage::in_namespaces(&[size]))
        }
        Stage::Further(words) => match words.as_slice() {
            [size] => measured(size),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

/// A connection: the packet, and the interfaces it enters and leaves by.
struct Connection {
    iif: String,
    oif: String,
    there: Vec<u8>,
    back: Vec<u8>,
}

fn measured(size: &str) -> Outcome {
    let plant = plant_of(Shape::of_flows(size.parse()?))?;
    let policy = policy::compile(&plant, moment(), &[]).map_err(|error| format!("{error:?}"))?;
    let mut tuns = BTreeMap::new();
    for (name, leg) in &policy.legs {
        tuns.insert(name.clone(), Tun::open(name)?);
        link::set_up(name)?;
        for gateway in leg.gateways.iter().filter(|address| address.is_ipv4()) {
            address::add(name, *gateway, 16)?;
        }
    }
    sysctl::router()?;
    let connections = connections(&policy);
    let mut micros = Vec::new();
    for rules in [Rules::None, Rules::Tracking, Rules::Compiled, Rules::List] {
        nft::flush()?;
        rules.load(&policy)?;
        micros.push(
            packet_time(&connections, &tuns).map_err(|error| format!("{size} flows, {rules:?}: {error}"))?,
        );
    }
    let mut cells = vec![size.to_owned()];
    cells.extend(micros.iter().map(|micros| format!("{micros:.2}")));
    if let [.., compiled, list] = micros.as_slice() {
        cells.push(format!("{:.1}", list / compiled));
    }
    Table.row(&cells)?;
    Ok(())
}

fn connections(policy: &Policy) -> Vec<Connection> {
    let all: Vec<Connection> = policy.permissions.iter().filter_map(connection).collect();
    let step = (all.len() / CONNECTIONS).max(1);
    all.into_iter().step_by(step).take(CONNECTIONS).collect()
}

fn connection(row: &Permission) -> Option<Connection> {
    let (Side::Leg(iif), Side::Leg(oif)) = (&row.iif, &row.oif) else { return None };
    let Traffic::Ports { protocol: 17, ports } = row.traffic else { return None };
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (row.source.addr(), row.destination.addr()) else {
        return None;
    };
    let (client, server): ((Ipv4Addr, u16), (Ipv4Addr, u16)) = ((source, 40_000), (destination, ports.first));
    Some(Connection {
        iif: iif.clone(),
        oif: oif.clone(),
        there: udp(client, server),
        back: udp(server, client),
    })
}

#[derive(Debug, Clone, Copy)]
enum Rules {
    None,
    Tracking,
    Compiled,
    List,
}

impl Rules {
    fn load(self, policy: &Policy) -> Outcome {
        match self {
            Rules::None => {}
            Rules::Tracking => nft::load(
                "table inet tracking {\n chain forward {\n type filter hook forward priority 0; policy accept;\n ct \
                 state invalid drop\n }\n}\n",
            )?,
            Rules::Compiled => {
                load(policy)?;
            }
            Rules::List => list(policy)?,
        }
        Ok(())
    }
}

/// The IPv4 permissions as one chain with two rules each, as lists of rules are written by hand: those of the opening
/// direction first, which is the direction measured.
fn list(policy: &Policy) -> Outcome {
    /// Rules in one transaction: without root the send buffer takes no more.
    const CHUNK: usize = 150;
    nft::load(
        "table inet listed {\n chain forward {\n type filter hook forward priority 0; policy drop;\n }\n}\n",
    )?;
    let mut rules: Vec<String> = Vec::new();
    for answers in [false, true] {
        for row in policy.permissions.iter().filter(|row| !row.is_v6()) {
            let (Side::Leg(iif), Side::Leg(oif)) = (&row.iif, &row.oif) else { continue };
            let Traffic::Ports { protocol, ports } = row.traffic else { continue };
            let protocol = if protocol == 6 { "tcp" } else { "udp" };
            let (source, destination) = (row.source, row.destination);
            let ports = format!("{}-{}", ports.first, ports.last);
            rules.push(if answers {
                format!(
                    "add rule inet listed forward iifname {oif} oifname {iif} ip saddr {destination} ip daddr {source} \
                     {protocol} sport {ports} ct direction reply accept\n"
                )
            } else {
                format!(
                    "add rule inet listed forward iifname {iif} oifname {oif} ip saddr {source} ip daddr {destination} \
                     {protocol} dport {ports} ct direction original accept\n"
                )
            });
        }
    }
    for chunk in rules.chunks(CHUNK) {
        nft::load(&chunk.concat())?;
    }
    Ok(())
}

/// Microseconds of CPU time per packet of a connection that is established, in the direction it was opened in.
fn packet_time(connections: &[Connection], tuns: &BTreeMap<String, Tun>) -> Outcome<f64> {
    let tun = |name: &String| tuns.get(name).ok_or_else(|| format!("no interface {name}"));
    for connection in connections {
        tun(&connection.iif)?.send(&connection.there)?;
        tun(&connection.oif)?.send(&connection.back)?;
    }
    let passed = drain(tuns)?;
    if passed != 2 * connections.len() {
        return Err(format!("{passed} of {} packets passed", 2 * connections.len()).into());
    }
    let ways: Vec<(&Tun, &[u8])> = connections
        .iter()
        .map(|connection| Ok((tun(&connection.iif)?, connection.there.as_slice())))
        .collect::<Outcome<_>>()?;
    let mut measurements = Vec::new();
    for _ in 0..MEASUREMENTS {
        let mut used = 0.0;
        let mut passed = 0;
        for _ in 0..TURNS {
            let before = cpu()?;
            for (tun, packet) in &ways {
                tun.send(packet)?;
            }
            used += (cpu()? - before).as_secs_f64();
            passed += drain(tuns)?;
        }
        if passed != TURNS * ways.len() {
            return Err(format!("{passed} of {} packets passed", TURNS * ways.len()).into());
        }
        measurements.push(used * 1e6 / passed as f64);
    }
    Ok(median(measurements))
}

/// Takes what the kernel forwarded out of the interfaces.
fn drain(tuns: &BTreeMap<String, Tun>) -> Outcome<usize> {
    let mut buffer = [0u8; 2048];
    let mut packets = 0;
    for tun in tuns.values() {
        while let Some(length) = tun.try_receive(&mut buffer)? {
            // Everything else (router solicitations) is the kernel's own.
            packets += usize::from(length == 92 && buffer.starts_with(&[0x45]));
        }
    }
    Ok(packets)
}
