//! Translations: which device is known under another address behind a leg.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Builder;
use super::section::{Section, Text};
use super::zones::list;
use crate::ids::AssetId;
use crate::model::{Leg, Translation};
use crate::problem::{Kind, Network, Thing};

impl Builder<'_> {
    pub(super) fn translations(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let leg = section.text("leg", self.sink);
            let outside = section.text("outside", self.sink);
            let inside = section.text("inside", self.sink);
            section.finish(self.sink);
            let inside = inside.filter(|inside| self.known(section, Kind::Asset, inside));
            let leg = leg.and_then(|leg| {
                let found = self.plant.leg(leg.text).map(|(_, leg)| leg.clone());
                if found.is_none() {
                    self.unknown(section, Kind::Leg, &leg);
                }
                found
            });
            let who = self.device(section, inside.as_ref());
            let address = outside
                .as_ref()
                .and_then(|text| Some((text, self.address(section, &who, "outside", text)?)))
                .filter(|(text, address)| {
                    leg.as_ref().is_none_or(|leg| self.outside_is_free(section, &who, (text, *address), leg))
                });
            let (Some(leg), Some((_, outside)), Some(inside)) = (leg, address, inside) else { continue };
            self.translation(section, &who, &leg, outside, &inside);
        }
    }

    /// The device a message is about: an entry is named after it.
    fn device(&self, section: &Section<'_, '_>, inside: Option<&Text<'_>>) -> Thing {
        match inside.and_then(|inside| self.plant.assets.get(inside.text)) {
            Some(asset) => {
                Thing { kind: Kind::Asset, id: asset.id.to_string(), title: Some(asset.title.clone()) }
            }
            None => section.who.clone(),
        }
    }

    /// Whether an address lies behind the leg and is nobody's.
    fn outside_is_free(
        &mut self,
        section: &Section<'_, '_>,
        who: &Thing,
        (text, address): (&Text<'_>, IpAddr),
        leg: &Leg,
    ) -> bool {
        let network = leg.networks.iter().find(|network| network.contains(&address));
        let Some(network) = network else {
            let problem = Network::NatOutside {
                who: who.clone(),
                address: address.to_string(),
                leg: leg.port.clone(),
                networks: list(&leg.networks),
            };
            self.add(section.at(&text.span), problem);
            return false;
        };
        if edge(network, address) {
            let problem = Network::BadAddress {
                who: who.clone(),
                key: "outside".to_owned(),
                text: text.text.to_owned(),
            };
            self.add(section.at(&text.span), problem);
            return false;
        }
        let Some(other) = self.owner(address) else { return true };
        let problem = Network::NatTaken { who: who.clone(), address: address.to_string(), other };
        self.add(section.at(&text.span), problem);
        false
    }

    /// Who has an address, or is known under it.
    fn owner(&self, address: IpAddr) -> Option<Thing> {
        if let Some((_, leg)) = self.plant.legs().find(|(_, leg)| leg.gateways.contains(&address)) {
            return Some(Thing::new(Kind::Leg, &leg.port));
        }
        let asset =
            self.plant.assets.values().find(|asset| {
                asset.interfaces.iter().any(|interface| interface.addresses.contains(&address))
            });
        let known = || {
            let known = self.plant.translations.iter().find(|each| each.outside == address)?;
            self.plant.assets.get(&known.inside)
        };
        asset.or_else(known).map(|asset| Thing {
            kind: Kind::Asset,
            id: asset.id.to_string(),
            title: Some(asset.title.clone()),
        })
    }

    fn translation(
        &mut self,
        section: &Section<'_, '_>,
        who: &Thing,
        leg: &Leg,
        outside: IpAddr,
        inside: &Text<'_>,
    ) {
        // An asset that could not be read was reported there.
        let Some(asset) = self.plant.assets.get(inside.text) else { return };
        let mut own: Vec<(String, IpAddr)> = Vec::new();
        for interface in &asset.interfaces {
            let Some(port) = interface.leg.as_ref().filter(|port| **port != leg.port) else { continue };
            let family = interface.addresses.iter().filter(|own| own.is_ipv4() == outside.is_ipv4());
            own.extend(family.map(|address| (port.clone(), *address)));
        }
        let place = section.at(&inside.span);
        let (who, leg, address) = (who.clone(), leg.port.clone(), outside.to_string());
        let (behind, own) = match own.as_slice() {
            [] => return self.add(place, Network::NatInside { who, leg, address }),
            [(behind, own)] => (behind.clone(), *own),
            several => {
                let addresses = several.iter().map(|(_, own)| own.to_string()).collect::<Vec<_>>().join(", ");
                return self.add(place, Network::NatSeveral { who, address, addresses });
            }
        };
        if let Some(other) =
            self.plant.translations.iter().find(|each| each.leg == leg && each.address == own)
        {
            let other = other.outside.to_string();
            return self.add(place, Network::NatTwice { who, leg, address, other });
        }
        self.plant.translations.push(Translation {
            leg,
            outside,
            inside: AssetId::new(inside.text),
            address: own,
            behind,
            place: section.place(),
        });
    }
}

/// The first and the last address of a network are nobody's, where there are more than two.
fn edge(network: &IpNet, address: IpAddr) -> bool {
    match network {
        IpNet::V4(network) if network.prefix_len() < 31 => {
            address == IpAddr::from(network.network()) || address == IpAddr::from(network.broadcast())
        }
        IpNet::V4(_) | IpNet::V6(_) => false,
    }
}
