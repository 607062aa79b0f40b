//! Where an address of a case stands in the twin.

use std::net::IpAddr;

use ipnet::IpNet;
use plant::{Leg, Plant};

/// Where an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The gateway's own address on a leg.
    Gateway(String),
    /// A host behind a leg.
    Behind(String),
}

impl Place {
    pub(crate) fn leg(&self) -> &str {
        match self {
            Self::Gateway(leg) | Self::Behind(leg) => leg,
        }
    }

    pub(crate) fn is_gateway(&self) -> bool {
        matches!(self, Self::Gateway(_))
    }
}

/// Finds the place of an address: the gateway's, a device known under it, an interface of an asset, or by the networks
/// behind the legs.
pub(crate) fn place(plant: &Plant, address: IpAddr) -> Option<Place> {
    if let Some((_, leg)) = plant.legs().find(|(_, leg)| leg.gateways.contains(&address)) {
        return Some(Place::Gateway(leg.port.clone()));
    }
    if let Some(known) = plant.translated(address) {
        return Some(Place::Behind(known.behind.clone()));
    }
    let interface = plant
        .assets
        .values()
        .flat_map(|asset| &asset.interfaces)
        .find(|interface| interface.leg.is_some() && interface.addresses.contains(&address));
    if let Some(leg) = interface.and_then(|interface| interface.leg.as_ref()) {
        return Some(Place::Behind(leg.clone()));
    }
    plant.leg_of(address).map(|(_, leg)| Place::Behind(leg.port.clone()))
}

/// What a sender has to write to reach an address: behind its leg the device may be known under another one.
pub(crate) fn called(plant: &Plant, from: IpAddr, to: IpAddr) -> IpAddr {
    let Some(place) = place(plant, from).filter(|place| !place.is_gateway()) else { return to };
    let known = plant.translations.iter().find(|each| each.leg == place.leg() && each.address == to);
    known.map_or(to, |each| each.outside)
}

/// The network of a leg an address is in.
pub(crate) fn network_of(leg: &Leg, address: IpAddr) -> Option<IpNet> {
    leg.networks.iter().copied().filter(|network| network.contains(&address)).max_by_key(IpNet::prefix_len)
}

/// An address of a network that nothing in the plant has, from the top down.
pub(crate) fn spare(plant: &Plant, network: IpNet, taken: &[IpAddr]) -> Option<IpAddr> {
    let free = |address: &IpAddr| {
        !taken.contains(address)
            && plant.translated(*address).is_none()
            && !plant.legs().any(|(_, leg)| leg.gateways.contains(address))
            && !plant
                .assets
                .values()
                .flat_map(|asset| &asset.interfaces)
                .any(|interface| interface.addresses.contains(address))
    };
    match network {
        IpNet::V4(network) => {
            let (first, last) = (u32::from(network.network()), u32::from(network.broadcast()));
            // Network and broadcast address are nobody's, where there are more than two.
            let edge = u32::from(network.prefix_len() < 31);
            (first.saturating_add(edge)..=last.saturating_sub(edge))
                .rev()
                .take(256)
                .map(|bits| IpAddr::from(std::net::Ipv4Addr::from(bits)))
                .find(free)
        }
        IpNet::V6(network) => {
            let last = u128::from(network.broadcast());
            (u128::from(network.network())..=last)
                .rev()
                .take(256)
                .map(|bits| IpAddr::from(std::net::Ipv6Addr::from(bits)))
                .find(free)
        }
    }
}
