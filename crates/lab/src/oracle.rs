//! What the plant says about a packet, worked out from its flows alone and apart from the policy's code.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use plant::{Flow, Given, Peer, Plant, Treatment};
use protocols::Transport;

use crate::moment::Setting;
use crate::placing::{Place, called, place};
use crate::wire::Wire;

/// Answers questions about packets in a setting.
pub(crate) struct Oracle<'a> {
    pub(crate) plant: &'a Plant,
    pub(crate) zone: &'a TimeZone,
}

impl<'a> Oracle<'a> {
    /// Whether the gateway must let it through as a packet. What a flow limits command by command goes no further than
    /// the proxy, whichever other flow permits every command between the same two; ports that a flow opens for a
    /// protocol nobody looks at stay open.
    pub(crate) fn allows(&self, setting: &Setting, from: IpAddr, to: IpAddr, wire: Wire) -> bool {
        let inspected = self
            .naming(from, to, wire)
            .any(|flow| self.plant.treatment(flow) == Treatment::Inspected && self.now(setting, flow));
        self.naming(from, to, wire).filter(|flow| self.open(setting, flow)).any(|flow| {
            let mut services = flow.services.iter();
            !inspected
                || services.any(|service| {
                    let mut transports = service.transports.iter();
                    !service.inspector()
                        && transports.any(|transport| carries(*transport, wire, from.is_ipv6()))
                })
        })
    }

    /// The flows that name both ends and what is sent, open or not.
    pub(crate) fn naming(&self, from: IpAddr, to: IpAddr, wire: Wire) -> impl Iterator<Item = &'a Flow> {
        self.plant.flows.values().filter(move |flow| {
            let transports = flow.services.iter().flat_map(|service| &service.transports);
            transports.into_iter().any(|transport| carries(*transport, wire, from.is_ipv6()))
                && self.joins(flow, from, to)
        })
    }

    /// Whether a flow is opened by peer and port in this setting.
    pub(crate) fn open(&self, setting: &Setting, flow: &Flow) -> bool {
        matches!(self.plant.treatment(flow), Treatment::Open | Treatment::Uninspected)
            && self.now(setting, flow)
    }

    /// Whether window, approval and state of a flow are fulfilled, whatever becomes of its commands.
    pub(crate) fn now(&self, setting: &Setting, flow: &Flow) -> bool {
        let in_window =
            flow.when.as_ref().is_none_or(|when| when.open_until(setting.moment, self.zone).is_some());
        let approved = flow.approve.is_empty()
            || setting
                .given
                .iter()
                .any(|fact| matches!(fact, Given::Approved { flow: approved, .. } if *approved == flow.id));
        let in_state = flow.condition.as_ref().is_none_or(|condition| {
            let values = self.plant.states.get(&condition.state).map(|state| state.values.as_slice());
            let rank = |value: &str| values.unwrap_or_default().iter().position(|known| known == value);
            setting.given.iter().any(|fact| match fact {
                Given::State { state, value } if *state == condition.state => {
                    match (rank(value), rank(&condition.value)) {
                        (Some(now), Some(wanted)) => now == wanted || (condition.at_least && now > wanted),
                        _ => false,
                    }
                }
                _ => false,
            })
        });
        in_window && approved && in_state
    }

    /// Whether a flow leads from one address to the other; over a jump host, on either hop.
    fn joins(&self, flow: &Flow, from: IpAddr, to: IpAddr) -> bool {
        let Some((source, target)) = place(self.plant, from).zip(place(self.plant, to)) else { return false };
        let Some(to) = self.meant(&source, from, to) else { return false };
        if source.leg() == target.leg() && !source.is_gateway() && !target.is_gateway() {
            return false;
        }
        // The gateway speaks on the leg its peer is behind.
        if (source.is_gateway() || target.is_gateway()) && source.leg() != target.leg() {
            return false;
        }
        let family = |leg: &str| {
            self.plant
                .leg(leg)
                .is_some_and(|(_, leg)| leg.networks.iter().any(|net| net.addr().is_ipv6() == from.is_ipv6()))
        };
        if from.is_ipv6() != to.is_ipv6() || !family(source.leg()) || !family(target.leg()) {
            return false;
        }
        let is = |peers: &[Peer], address| peers.iter().any(|peer| self.is(peer, address));
        match flow.remote.as_ref().and_then(|remote| remote.via.as_ref()) {
            None => is(&flow.from, from) && is(&flow.to, to),
            Some(via) => {
                let via = Peer::Asset(via.clone());
                is(&flow.from, from) && self.is(&via, to) || self.is(&via, from) && is(&flow.to, to)
            }
        }
    }

    /// The address of the device that is meant by one: a translated device is known behind a leg under its outside
    /// address alone, and nobody else is.
    fn meant(&self, source: &Place, from: IpAddr, to: IpAddr) -> Option<IpAddr> {
        if self.plant.translated(from).is_some() {
            return None;
        }
        if let Some(known) = self.plant.translated(to) {
            let there = !source.is_gateway() && source.leg() == known.leg;
            return there.then_some(known.address);
        }
        (source.is_gateway() || called(self.plant, from, to) == to).then_some(to)
    }

    fn is(&self, peer: &Peer, address: IpAddr) -> bool {
        match peer {
            Peer::Asset(id) => self.plant.assets.get(id).is_some_and(|asset| {
                asset.interfaces.iter().any(|interface| interface.addresses.contains(&address))
            }),
            Peer::Gateway => self.plant.legs().any(|(_, leg)| leg.gateways.contains(&address)),
            Peer::Address(network) => network.contains(&address),
        }
    }
}

fn carries(transport: Transport, wire: Wire, v6: bool) -> bool {
    match (transport, wire) {
        (Transport::Any, _) => true,
        (Transport::Tcp(ports), Wire::Tcp(port)) | (Transport::Udp(ports), Wire::Udp(port)) => {
            ports.contains(port)
        }
        (Transport::Icmp { kind: 8 }, Wire::Echo) => !v6,
        (Transport::Icmp6 { kind: 128 }, Wire::Echo) => v6,
        (Transport::Ip(number), wire) => number == wire.number(v6),
        _ => false,
    }
}
