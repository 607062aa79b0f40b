//! The plant itself, zones and legs.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::Builder;
use super::gather::Gathered;
use super::section::{Section, Text};
use crate::ids::ZoneId;
use crate::keys::GROUPS;
use crate::model::{Leg, Levels, Zone};
use crate::problem::{Flowing, Form, Kind, Naming, Network, Own, Thing, Timing};

/// Which leg an address is behind. Networks do not overlap, so at most one fits.
#[derive(Debug, Default)]
pub(super) struct Index {
    legs: Vec<(ZoneId, String)>,
    /// Sorted by first address.
    ranges: Vec<Range>,
}

#[derive(Debug, Clone)]
struct Range {
    first: IpAddr,
    last: IpAddr,
    network: IpNet,
    leg: usize,
    span: (usize, std::ops::Range<usize>),
}

impl Index {
    pub(super) fn leg_of(&self, address: IpAddr) -> Option<&(ZoneId, String)> {
        let after = self.ranges.partition_point(|range| range.first <= address);
        let range = self.ranges.get(after.checked_sub(1)?)?;
        (address <= range.last).then(|| self.legs.get(range.leg)).flatten()
    }
}

impl Builder<'_> {
    pub(super) fn plant_table(&mut self, gathered: &Gathered<'_, '_>) {
        let Some(section) = gathered.plants.first() else {
            let problem = Form::MissingKey {
                who: Thing::new(Kind::Plant, ""),
                key: "plant".to_owned(),
                example: Own("{ id = \"line1\", timezone = \"Europe/Berlin\" }".to_owned()),
            };
            self.add(gathered.start.clone(), problem);
            return;
        };
        for second in gathered.plants.iter().skip(1) {
            self.add(Some(second.place()), Form::DuplicateKey { key: "plant".to_owned() });
        }
        if let Some(id) = section.text("id", self.sink) {
            if !crate::ids::is_id(id.text) {
                self.add(section.at(&id.span), Naming::BadId { kind: Kind::Plant, text: id.text.to_owned() });
            }
            self.plant.id = id.text.to_owned();
        }
        self.plant.name = section.string("name", self.sink).unwrap_or_else(|| self.plant.id.clone());
        self.plant.owner = section.string("owner", self.sink);
        self.plant.builder = section.string("builder", self.sink);
        self.plant.integrator = section.string("integrator", self.sink);
        self.plant.maintainer = section.string("maintainer", self.sink);
        if let Some(zone) = section.text("timezone", self.sink) {
            if TimeZone::get(zone.text).is_err() {
                self.add(section.at(&zone.span), Timing::Timezone { text: zone.text.to_owned() });
            }
            self.plant.timezone = Some(zone.text.to_owned());
        }
        section.finish(self.sink);
    }

    pub(super) fn zones(&mut self, sections: &[Section<'_, '_>]) {
        let mut ports: std::collections::BTreeMap<String, Thing> = std::collections::BTreeMap::new();
        let mut default_route: Option<Thing> = None;
        for (order, section) in sections.iter().enumerate() {
            let id = ZoneId::new(section.who.id.clone());
            let mut legs = Vec::new();
            for (span, table, shape) in section.tables("legs", self.sink) {
                let leg = Section::new(section.who.clone(), table, span, shape, section.lines);
                let Some(leg) = self.leg(&leg, &id, order, &mut ports, &mut default_route) else { continue };
                legs.push(leg);
            }
            if !section.has("legs") {
                self.add(Some(section.place()), Network::NoLeg { who: section.who.clone() });
            }
            let zone = Zone {
                title: section.string("title", self.sink).unwrap_or_else(|| id.to_string()),
                legs,
                declared: self.levels(section, "declared"),
                owner: section.string("owner", self.sink),
                untrusted: section.flag("untrusted", self.sink),
                outside: section.flag("outside", self.sink),
                place: section.place(),
                id: id.clone(),
            };
            self.former_ids(section, Kind::Zone);
            section.finish(self.sink);
            self.plant.zones.insert(id, zone);
        }
        self.overlaps(sections);
    }

    fn leg(
        &mut self,
        section: &Section<'_, '_>,
        zone: &ZoneId,
        order: usize,
        ports: &mut std::collections::BTreeMap<String, Thing>,
        default_route: &mut Option<Thing>,
    ) -> Option<Leg> {
        let port = section.text("port", self.sink);
        let who = Thing::new(Kind::Leg, port.as_ref().map_or("", |port| port.text));
        let own = Thing { kind: Kind::Zone, ..section.who.clone() };
        if let Some(port) = &port {
            if !is_port(port.text) {
                let problem = Network::BadPort { who: own.clone(), port: port.text.to_owned() };
                self.add(section.at(&port.span), problem);
            } else if let Some(other) = ports.get(port.text) {
                let problem = Network::SamePort { who: who.clone(), other: other.clone() };
                self.add(section.at(&port.span), problem);
            } else {
                ports.insert(port.text.to_owned(), own);
            }
        }
        let number = self.index.legs.len();
        let mut networks = Vec::new();
        for text in section.texts("network", self.sink) {
            let Ok(network) = text.text.parse::<IpNet>() else {
                self.bad_address(section, &who, "network", &text);
                continue;
            };
            if network.trunc() != network {
                let problem = Network::HostBits {
                    who: who.clone(),
                    text: text.text.to_owned(),
                    network: network.trunc().to_string(),
                };
                self.add(section.at(&text.span), problem);
                continue;
            }
            networks.push(network);
            self.index.ranges.push(Range {
                first: network.network(),
                last: network.broadcast(),
                network,
                leg: number,
                span: (order, text.span),
            });
        }
        let mut gateways = Vec::new();
        for text in section.texts("gateway", self.sink) {
            let Some(address) = self.address(section, &who, "gateway", &text) else { continue };
            if !networks.is_empty() && !networks.iter().any(|network| network.contains(&address)) {
                let problem = Network::GatewayOutside {
                    who: who.clone(),
                    address: address.to_string(),
                    networks: list(&networks),
                };
                self.add(section.at(&text.span), problem);
            }
            gateways.push(address);
        }
        let default = section.flag("default-route", self.sink);
        if default {
            if let Some(other) = default_route {
                let problem = Network::SeveralDefaultRoutes { who: who.clone(), other: other.clone() };
                self.add(section.place_of("default-route"), problem);
            } else {
                *default_route = Some(who);
            }
        }
        section.finish(self.sink);
        self.index.legs.push((zone.clone(), port.as_ref().map_or("", |port| port.text).to_owned()));
        let port = port?.text.to_owned();
        Some(Leg { port, networks, gateways, default_route: default })
    }

    /// Neighbours in the order of first addresses: a network that overlaps any earlier one overlaps the one that
    /// reaches furthest.
    fn overlaps(&mut self, sections: &[Section<'_, '_>]) {
        self.index.ranges.sort_by(|a, b| (a.first, b.last).cmp(&(b.first, a.last)));
        let mut furthest: Option<Range> = None;
        let mut problems = Vec::new();
        for range in &self.index.ranges {
            if let Some(other) = &furthest
                && range.first <= other.last
                && range.first.is_ipv4() == other.first.is_ipv4()
            {
                let name = |range: &Range| {
                    Thing::new(
                        Kind::Leg,
                        self.index.legs.get(range.leg).map_or("", |(_, port)| port.as_str()),
                    )
                };
                // Reported at the one that stands later in the text.
                let (late, early) = if later(range, other) { (range, other) } else { (other, range) };
                let problem = Network::Overlap {
                    who: name(late),
                    network: late.network.to_string(),
                    other: name(early),
                    other_network: early.network.to_string(),
                };
                let (order, span) = &late.span;
                problems.push((sections.get(*order).and_then(|section| section.at(span)), problem));
            }
            if furthest.as_ref().is_none_or(|other| range.last >= other.last) {
                furthest = Some(range.clone());
            }
        }
        for (place, problem) in problems {
            self.add(place, problem);
        }
    }

    /// An address a device can have.
    pub(super) fn address(
        &mut self,
        section: &Section<'_, '_>,
        who: &Thing,
        key: &str,
        text: &Text<'_>,
    ) -> Option<IpAddr> {
        let usable = |address: &IpAddr| {
            !(address.is_loopback() || address.is_multicast() || address.is_unspecified())
                && *address != IpAddr::V4(std::net::Ipv4Addr::BROADCAST)
        };
        match text.text.parse::<IpAddr>() {
            Ok(address) if usable(&address) => Some(address),
            _ => {
                self.bad_address(section, who, key, text);
                None
            }
        }
    }

    fn bad_address(&mut self, section: &Section<'_, '_>, who: &Thing, key: &str, text: &Text<'_>) {
        let problem =
            Network::BadAddress { who: who.clone(), key: key.to_owned(), text: text.text.to_owned() };
        self.add(section.at(&text.span), problem);
    }

    /// A level: `SL 2`, or a table with a number for each group.
    pub(super) fn levels(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Levels> {
        if let Some(table) = section.table(key, self.sink) {
            let mut levels = [0; 7];
            for (level, group) in levels.iter_mut().zip(GROUPS) {
                let Some((number, span)) = table.whole(group, self.sink) else { continue };
                match u8::try_from(number) {
                    Ok(number) if number <= 4 => *level = number,
                    _ => self.bad_level(&table, group, &Text { text: &number.to_string(), span }),
                }
            }
            table.finish(self.sink);
            return Some(Levels(levels));
        }
        let text = section.text_if_text(key)?;
        let number = text.text.strip_prefix("SL").map(str::trim).and_then(|number| match number {
            "0" => Some(0),
            "1" => Some(1),
            "2" => Some(2),
            "3" => Some(3),
            "4" => Some(4),
            _ => None,
        });
        if number.is_none() {
            self.bad_level(section, key, &text);
        }
        number.map(|number| Levels([number; 7]))
    }

    fn bad_level(&mut self, section: &Section<'_, '_>, key: &str, text: &Text<'_>) {
        let problem =
            Flowing::Level { who: section.who.clone(), key: key.to_owned(), text: text.text.to_owned() };
        self.add(section.at(&text.span), problem);
    }

    /// Former ids, none of which may be in use.
    pub(super) fn former_ids(&mut self, section: &Section<'_, '_>, kind: Kind) -> Vec<String> {
        let mut former = Vec::new();
        for was in section.texts("was", self.sink) {
            if self.declared(kind, was.text) {
                let problem = Naming::WasInUse { who: section.who.clone(), was: was.text.to_owned() };
                self.add(section.at(&was.span), problem);
            }
            former.push(was.text.to_owned());
        }
        former
    }
}

fn later(one: &Range, other: &Range) -> bool {
    (one.span.0, one.span.1.start) > (other.span.0, other.span.1.start)
}

pub(super) fn list(networks: &[IpNet]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A name that Linux and nft take without quotes.
fn is_port(text: &str) -> bool {
    // `lo` and `all` mean something else to the kernel.
    const TAKEN: [&str; 3] = ["lo", "all", "default"];
    text.len() <= 15
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        && !TAKEN.contains(&text)
}
