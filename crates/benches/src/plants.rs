//! Plants of any size, the same for the same numbers.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use jiff::Timestamp;
use plant::{Plant, SourceFile, read};

use crate::Outcome;

/// How large a plant is.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Zones, each with one leg.
    pub zones: usize,
    /// Conduits; at most as many as there are pairs of zones.
    pub conduits: usize,
    /// Assets, each with an IPv4 and, where there is IPv6, an IPv6 address.
    pub assets: usize,
    /// Whether there is IPv6 beside IPv4.
    pub both: bool,
    /// Flows, each between two assets, hence open in every family there is.
    pub flows: usize,
    /// Whether some flows limit their commands and every entry says all that an entry can say.
    pub wordy: bool,
}

impl Shape {
    /// The shape a plant of that many flows has: 10 zones for the smallest, some 50 flows per conduit.
    pub fn of_flows(flows: usize) -> Shape {
        let zones = 10 + flows / 500;
        Shape {
            zones,
            conduits: (flows / 50).clamp(4, zones * (zones - 1) / 2),
            assets: (flows / 4).max(2 * zones),
            flows,
            both: true,
            wordy: false,
        }
    }
}

/// The moment every bench compiles for.
pub fn moment() -> Timestamp {
    Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 366 * 50)
}

/// The plant, read. Anything but warnings in it is an error of the generator.
pub fn plant_of(shape: Shape) -> Outcome<Plant> {
    let text = text_of(shape)?.into_bytes();
    let reading = read(&[SourceFile { name: "plant.toml".to_owned(), text }]);
    reading
        .plant
        .ok_or_else(|| format!("the made-up plant has errors: {:?}", reading.diagnostics.first()).into())
}

/// The text of the plant.
pub fn text_of(shape: Shape) -> Result<String, fmt::Error> {
    let mut text = String::from("ringwall = 1\n[plant]\nid = \"large\"\ntimezone = \"Europe/Berlin\"\n");
    for zone in 0..shape.zones {
        let (network, gateway) = if shape.both {
            (format!(", \"fd00:{zone:x}::/64\""), format!(", \"fd00:{zone:x}::1\""))
        } else {
            Default::default()
        };
        writeln!(
            text,
            "[zones.zone{zone}]\ntitle = \"Zone {zone}\"\nlegs = [{{ port = \"p{zone}\", network = \
             [\"10.{zone}.0.0/16\"{network}], gateway = [\"10.{zone}.0.1\"{gateway}] }}]"
        )?;
    }
    let pairs = pairs(shape);
    for (number, (one, other)) in pairs.iter().enumerate() {
        writeln!(text, "[conduits.C{number}]\nbetween = [\"zone{one}\", \"zone{other}\"]")?;
    }
    for asset in 0..shape.assets {
        let (zone, host) = (asset % shape.zones, asset / shape.zones + 10);
        let long = if shape.both { format!(", \"fd00:{zone:x}::{host:x}\"") } else { String::new() };
        writeln!(
            text,
            "[assets.a{asset}]\nzone = \"zone{zone}\"\nkind = \"plc\"\naddress = [\"10.{zone}.{}.{}\"{long}]",
            host / 256,
            host % 256
        )?;
        if shape.wordy {
            writeln!(
                text,
                "title = \"L{zone}_PLC{asset}\"\nproduct = {{ vendor = \"Siemens\", name = \"S7-1515-2\", order = \
                 \"6ES7515-2AM02-0AB0\" }}\nfunction = {{ downtime = \"1 day\", worst = \"line stands\" }}\nservices \
                 = [\"s7comm\", \"opcua\"]"
            )?;
        }
    }
    flows(&mut text, shape, &pairs)?;
    Ok(text)
}

/// Zones joined by a conduit: neighbours first, as in a plant, where most talk to few.
fn pairs(shape: Shape) -> Vec<(usize, usize)> {
    (1..shape.zones)
        .flat_map(|distance| (0..shape.zones - distance).map(move |zone| (zone, zone + distance)))
        .take(shape.conduits)
        .collect()
}

fn flows(text: &mut String, shape: Shape, pairs: &[(usize, usize)]) -> fmt::Result {
    const SERVICES: [&str; 8] =
        ["s7comm", "opcua", "https", "modbus", "tcp 1433", "udp 161", "tcp 30000-30031", "udp 34964"];
    let mut random = Random(0x5eed);
    let mut seen = BTreeSet::new();
    let per_zone = |zone: usize| (shape.assets - zone).div_ceil(shape.zones);
    let mut number = 0;
    while number < shape.flows {
        // Every conduit gets its flow before any gets another one.
        let Some(&(one, other)) = pairs.get(number % pairs.len().max(1)) else { break };
        let (from, to) = if random.below(4) == 0 { (other, one) } else { (one, other) };
        let from = from + shape.zones * random.below(per_zone(from));
        let to = to + shape.zones * random.below(per_zone(to));
        let service = random.below(SERVICES.len());
        if !seen.insert((from, to, service)) {
            continue;
        }
        let name = SERVICES.get(service).copied().unwrap_or_default();
        writeln!(
            text,
            "[[flows]]\nid = \"F{number}\"\nfrom = \"a{from}\"\nto = \"a{to}\"\nservice = \"{name}\""
        )?;
        if shape.wordy {
            writeln!(text, "why = \"the line needs it, F{number}\"")?;
            match name {
                "s7comm" => writeln!(text, "allow = [\"read DB900\", \"write DB110\"]")?,
                "modbus" => {
                    writeln!(text, "allow = [\"read holding 0-59\", \"write holding 10 = 140..190\"]")?
                }
                "https" => writeln!(text, "when = \"daily 02:00-03:00\"")?,
                _ => {}
            }
        }
        number += 1;
    }
    Ok(())
}

/// A small generator (SplitMix64): the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % end.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_plants_are_plants() {
        for flows in [1, 100, 1_000] {
            let shape = Shape::of_flows(flows);
            let plant = plant_of(shape).unwrap();
            assert_eq!(plant.flows.len(), flows);
            assert_eq!(plant.conduits.len(), shape.conduits);
            let policy = policy::compile(&plant, moment(), &[]).unwrap();
            assert_eq!(policy.permissions.len(), 2 * flows, "both families");
        }
    }
}
