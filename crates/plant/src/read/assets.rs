//! Assets and their interfaces.

use std::collections::BTreeMap;
use std::net::IpAddr;

use protocols::Service;

use super::Builder;
use super::section::{Section, Text};
use super::zones::list;
use crate::ids::{AssetId, ZoneId};
use crate::model::{Asset, Interface, Product};
use crate::problem::{Kind, Network, Problem, Thing};

/// Marks of an asset that are flags in the text.
const MARKS: [&str; 3] = ["temporary", "wireless", "removable-media"];

impl Builder<'_> {
    pub(super) fn assets(&mut self, sections: &[Section<'_, '_>]) {
        let mut owners = self.gateway_addresses();
        for section in sections {
            let id = AssetId::new(section.who.id.clone());
            let zone = section.text("zone", self.sink);
            let zone =
                zone.filter(|zone| self.known(section, Kind::Zone, zone)).map(|zone| ZoneId::new(zone.text));
            let kind = section.string("kind", self.sink).unwrap_or_default();
            let mut interfaces = Vec::new();
            for text in section.texts("address", self.sink) {
                let Some(address) = self.own_address(section, &text, &mut owners) else { continue };
                let Some(zone) = &zone else { continue };
                let leg = self.place_in_zone(section, zone, address, &text);
                put(&mut interfaces, leg, address);
            }
            for (span, table, shape) in section.tables("interfaces", self.sink) {
                let interface = Section::new(section.who.clone(), table, span, shape, section.lines);
                let further = self.interface(&interface, zone.as_ref(), &mut owners);
                interfaces.extend(further);
            }
            let product = section.table("product", self.sink).map(|table| {
                let product = Product {
                    vendor: table.string("vendor", self.sink),
                    name: table.string("name", self.sink),
                    order: table.string("order", self.sink),
                    version: table.string("version", self.sink),
                };
                table.finish(self.sink);
                product
            });
            let function =
                section.words("function", self.sink).into_iter().map(|(key, text, _)| (key, text)).collect();
            let services =
                self.services(section, "services").into_iter().map(|(service, _)| service).collect();
            let asset = Asset {
                title: section.string("title", self.sink).unwrap_or_else(|| id.to_string()),
                kind,
                interfaces,
                product: product.unwrap_or_default(),
                function,
                capability: self.levels(section, "capability"),
                services,
                was: self.former_ids(section, Kind::Asset),
                marks: MARKS
                    .into_iter()
                    .filter(|mark| section.flag(mark, self.sink))
                    .map(str::to_owned)
                    .collect(),
                place: section.place(),
                zone: zone.clone().unwrap_or_else(|| ZoneId::new("")),
                id: id.clone(),
            };
            section.finish(self.sink);
            if zone.is_some() {
                self.plant.assets.insert(id, asset);
            }
        }
    }

    fn gateway_addresses(&mut self) -> BTreeMap<IpAddr, Thing> {
        let mut owners: BTreeMap<IpAddr, Thing> = BTreeMap::new();
        let mut twice = Vec::new();
        for (zone, leg) in self.plant.legs() {
            for address in &leg.gateways {
                let who = Thing::new(Kind::Leg, &leg.port);
                match owners.get(address) {
                    Some(other) => twice.push((
                        zone.place.clone(),
                        Network::SameAddress { who, address: address.to_string(), other: other.clone() },
                    )),
                    None => {
                        owners.insert(*address, who);
                    }
                }
            }
        }
        for (place, problem) in twice {
            self.add(Some(place), problem);
        }
        owners
    }

    /// An address nobody else has.
    fn own_address(
        &mut self,
        section: &Section<'_, '_>,
        text: &Text<'_>,
        owners: &mut BTreeMap<IpAddr, Thing>,
    ) -> Option<IpAddr> {
        let address = self.address(section, &section.who, "address", text)?;
        match owners.get(&address) {
            Some(other) => {
                let problem = Network::SameAddress {
                    who: section.who.clone(),
                    address: address.to_string(),
                    other: other.clone(),
                };
                self.add(section.at(&text.span), problem);
                None
            }
            None => {
                owners.insert(address, section.who.clone());
                Some(address)
            }
        }
    }

    /// The leg of the asset's zone the address is behind.
    fn place_in_zone(
        &mut self,
        section: &Section<'_, '_>,
        zone: &ZoneId,
        address: IpAddr,
        text: &Text<'_>,
    ) -> Option<String> {
        let legs = &self.plant.zones.get(zone)?.legs;
        if legs.is_empty() {
            return None;
        }
        let found = match self.index.leg_of(address) {
            Some((of, port)) => (of == zone).then(|| port.clone()),
            None => legs.iter().find(|leg| leg.default_route).map(|leg| leg.port.clone()),
        };
        if found.is_none() {
            let networks: Vec<_> = legs.iter().flat_map(|leg| leg.networks.iter().copied()).collect();
            let problem = Network::OutsideLeg {
                who: section.who.clone(),
                address: address.to_string(),
                zone: zone.to_string(),
                networks: list(&networks),
            };
            self.add(section.at(&text.span), problem);
        }
        found
    }

    fn interface(
        &mut self,
        section: &Section<'_, '_>,
        zone: Option<&ZoneId>,
        owners: &mut BTreeMap<IpAddr, Thing>,
    ) -> Vec<Interface> {
        let named = section.text("leg", self.sink);
        let mac = section.string("mac", self.sink);
        let medium = section.string("medium", self.sink);
        let mut interfaces = Vec::new();
        let mut elsewhere = None;
        if let Some(named) = &named {
            match self.plant.leg(named.text) {
                Some((of, _)) => elsewhere = (Some(&of.id) != zone).then(|| of.id.clone()),
                None => self.unknown(section, Kind::Leg, named),
            }
        }
        for text in section.texts("address", self.sink) {
            let Some(address) = self.own_address(section, &text, owners) else { continue };
            let behind = match self.index.leg_of(address) {
                Some((of, port)) => Some((of.clone(), port.clone())),
                None => self
                    .plant
                    .legs()
                    .find(|(_, leg)| leg.default_route)
                    .map(|(zone, leg)| (zone.id.clone(), leg.port.clone())),
            };
            let Some((of, port)) = behind else {
                let problem = Network::Nowhere { who: section.who.clone(), address: address.to_string() };
                self.add(section.at(&text.span), problem);
                continue;
            };
            if let Some(named) = &named
                && named.text != port
            {
                let networks =
                    self.plant.leg(named.text).map(|(_, leg)| list(&leg.networks)).unwrap_or_default();
                let problem = Network::OutsideLeg {
                    who: section.who.clone(),
                    address: address.to_string(),
                    zone: self.plant.leg(named.text).map(|(zone, _)| zone.id.to_string()).unwrap_or_default(),
                    networks,
                };
                self.add(section.at(&text.span), problem);
                continue;
            }
            if Some(&of) != zone {
                elsewhere = Some(of);
            }
            put(&mut interfaces, Some(port), address);
        }
        if let (Some(other), Some(zone)) = (elsewhere, zone) {
            let problem = Network::AroundGateway {
                who: section.who.clone(),
                zone: zone.to_string(),
                other: other.to_string(),
            };
            self.add(Some(section.place()), problem);
        }
        if interfaces.is_empty() {
            interfaces.push(Interface {
                leg: named.map(|named| named.text.to_owned()),
                addresses: Vec::new(),
                mac: None,
                medium: None,
            });
        }
        for interface in &mut interfaces {
            interface.mac.clone_from(&mac);
            interface.medium.clone_from(&medium);
        }
        section.finish(self.sink);
        interfaces
    }

    /// Services a key names, with their places.
    pub(super) fn services<'s>(&mut self, section: &Section<'s, '_>, key: &str) -> Vec<(Service, Text<'s>)> {
        let mut services = Vec::new();
        for text in section.texts(key, self.sink) {
            match Service::parse(text.text) {
                Ok(service) => services.push((service, text)),
                Err(error) => {
                    self.add(section.at(&text.span), Problem::Service(section.who.clone(), error));
                }
            }
        }
        services
    }
}

/// Addresses behind one leg share an interface.
fn put(interfaces: &mut Vec<Interface>, leg: Option<String>, address: IpAddr) {
    match interfaces.iter_mut().find(|interface| interface.leg == leg) {
        Some(interface) => interface.addresses.push(address),
        None => interfaces.push(Interface { leg, addresses: vec![address], mac: None, medium: None }),
    }
}
