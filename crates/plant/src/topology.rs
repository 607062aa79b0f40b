//! Where things are: legs, endpoints and routes of a plant.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::ids::ZoneId;
use crate::model::{Conduit, Endpoint, Flow, Leg, Peer, Plant, Translation, Zone};

/// One pair of ends of a flow, both of one address family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Who opens the connection.
    pub from: Endpoint,
    /// Who is spoken to.
    pub to: Endpoint,
}

impl Route {
    /// Whether the gateway stands in between (different legs) or is one of the ends.
    pub fn crosses(&self) -> bool {
        self.from.leg != self.to.leg || self.from.gateway || self.to.gateway
    }
}

impl Plant {
    /// Every leg with its zone, by zone and in the order written.
    pub fn legs(&self) -> impl Iterator<Item = (&Zone, &Leg)> {
        self.zones.values().flat_map(|zone| zone.legs.iter().map(move |leg| (zone, leg)))
    }

    /// The leg of a port.
    pub fn leg(&self, port: &str) -> Option<(&Zone, &Leg)> {
        self.legs().find(|(_, leg)| leg.port == port)
    }

    /// The leg an address is behind: the longest network that contains it, else the leg with the default route.
    pub fn leg_of(&self, address: IpAddr) -> Option<(&Zone, &Leg)> {
        self.leg_of_network(IpNet::from(address))
    }

    /// The leg a whole network is behind; none where only a part of it is.
    pub fn leg_of_network(&self, network: IpNet) -> Option<(&Zone, &Leg)> {
        let mut best: Option<(u8, (&Zone, &Leg))> = None;
        let mut apart = true;
        for (zone, leg) in self.legs() {
            for behind in &leg.networks {
                if behind.contains(&network) {
                    if best.is_none_or(|(length, _)| length < behind.prefix_len()) {
                        best = Some((behind.prefix_len(), (zone, leg)));
                    }
                } else if network.contains(behind) {
                    apart = false;
                }
            }
        }
        if !apart {
            return None;
        }
        best.map(|(_, found)| found).or_else(|| self.legs().find(|(_, leg)| leg.default_route))
    }

    /// The endpoints of one end of a flow. The gateway answers with its addresses on the legs the other end is behind.
    pub fn endpoints(&self, peer: &Peer, other: &Peer) -> Vec<Endpoint> {
        match peer {
            Peer::Asset(id) => {
                let Some(asset) = self.assets.get(id) else { return Vec::new() };
                let mut found = Vec::new();
                for interface in &asset.interfaces {
                    let Some(port) = interface.leg.as_deref() else { continue };
                    // Nearly always a leg of its own zone; the others are looked through only for second interfaces.
                    let own = self.zones.get(&asset.zone).and_then(|zone| {
                        zone.legs.iter().find(|leg| leg.port == port).map(|leg| (zone, leg))
                    });
                    let Some((zone, leg)) = own.or_else(|| self.leg(port)) else { continue };
                    found.extend(interface.addresses.iter().map(|address| Endpoint {
                        zone: zone.id.clone(),
                        leg: leg.port.clone(),
                        addresses: IpNet::from(*address),
                        gateway: false,
                    }));
                }
                found
            }
            Peer::Address(network) => self
                .leg_of_network(*network)
                .map(|(zone, leg)| Endpoint {
                    zone: zone.id.clone(),
                    leg: leg.port.clone(),
                    addresses: *network,
                    gateway: false,
                })
                .into_iter()
                .collect(),
            Peer::Gateway => {
                if *other == Peer::Gateway {
                    return Vec::new();
                }
                let mut found: Vec<Endpoint> = Vec::new();
                for end in self.endpoints(other, &Peer::Gateway) {
                    let Some((zone, leg)) = self.leg(&end.leg) else { continue };
                    for address in &leg.gateways {
                        let own = Endpoint {
                            zone: zone.id.clone(),
                            leg: leg.port.clone(),
                            addresses: IpNet::from(*address),
                            gateway: true,
                        };
                        if address.is_ipv4() == end.addresses.addr().is_ipv4() && !found.contains(&own) {
                            found.push(own);
                        }
                    }
                }
                found
            }
        }
    }

    /// All pairs of ends of a flow that speak one address family. The gateway pairs only with what is behind the leg
    /// its address is on. A session over a jump host has two hops and no way around it.
    pub fn routes(&self, flow: &Flow) -> Vec<Route> {
        let via =
            flow.remote.as_ref().and_then(|remote| remote.via.clone()).map(|via| vec![Peer::Asset(via)]);
        let mut routes = Vec::new();
        match &via {
            Some(via) => {
                self.pairs(&flow.from, via, &mut routes);
                self.pairs(via, &flow.to, &mut routes);
            }
            None => self.pairs(&flow.from, &flow.to, &mut routes),
        }
        routes
    }

    fn pairs(&self, from: &[Peer], to: &[Peer], routes: &mut Vec<Route>) {
        for from in from {
            for to in to {
                let sources = self.endpoints(from, to);
                let targets = self.endpoints(to, from);
                for source in &sources {
                    for target in &targets {
                        let one_family =
                            source.addresses.addr().is_ipv4() == target.addresses.addr().is_ipv4();
                        let own_leg = !(source.gateway || target.gateway) || source.leg == target.leg;
                        let astray = source.leg != target.leg
                            && (self.second_card(from, source) || self.second_card(to, target));
                        if one_family && own_leg && !astray && source.addresses != target.addresses {
                            routes.push(Route { from: source.clone(), to: target.clone() });
                        }
                    }
                }
            }
        }
    }

    /// Whether an end is a card of a device outside the zone it stands in. What the gateway routes for the device goes
    /// over the card in its own zone; the other one reaches only what is on its leg.
    fn second_card(&self, peer: &Peer, end: &Endpoint) -> bool {
        let Peer::Asset(id) = peer else { return false };
        let Some(asset) = self.assets.get(id).filter(|asset| asset.zone != end.zone) else { return false };
        let Some(zone) = self.zones.get(&asset.zone) else { return false };
        asset.interfaces.iter().filter(|interface| !interface.addresses.is_empty()).any(|interface| {
            interface.leg.as_deref().is_some_and(|port| zone.legs.iter().any(|leg| leg.port == port))
        })
    }

    /// The conduit between two zones, in either order.
    pub fn conduit_between(&self, a: &ZoneId, b: &ZoneId) -> Option<&Conduit> {
        self.conduits.values().find(|conduit| {
            let [one, other] = &conduit.between;
            (one == a && other == b) || (one == b && other == a)
        })
    }

    /// The device that is known under an address behind the leg that address belongs to.
    pub fn translated(&self, outside: IpAddr) -> Option<&Translation> {
        self.translations.iter().find(|each| each.outside == outside)
    }

    /// What people call an address: the asset that has it, the gateway, or the address itself.
    pub fn describe_address(&self, address: IpAddr) -> String {
        let has = |addresses: &[IpAddr]| addresses.contains(&address);
        if let Some(asset) = self
            .assets
            .values()
            .find(|asset| asset.interfaces.iter().any(|interface| has(&interface.addresses)))
        {
            return asset.name();
        }
        if let Some(asset) = self.translated(address).and_then(|known| self.assets.get(&known.inside)) {
            return asset.name();
        }
        match self.legs().find(|(_, leg)| has(&leg.gateways)) {
            Some((_, leg)) => format!("gateway ({})", leg.port),
            None => address.to_string(),
        }
    }
}
