//! The twin: one namespace per host, a switch per leg, the gateway between them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use linux::link::{self, End};
use linux::packet_socket::PacketSocket;
use linux::route::Route;
use linux::{NetNs, address, neighbour, nft, route, sysctl};
use nix::poll::{PollFd, PollFlags};
use plant::{Leg, Plant, Translation};

use crate::batch::ready;
use crate::placing::{Place, network_of, place};
use crate::report::LabError;
use crate::wire::{self, TCP, UDP, sight};

/// Ethernet type for local experiments: no stack answers it.
const HELLO: u16 = 0x88b5;
/// How long an answer to a sign of life may take; long only while a switch still starts.
const LIFE_SIGN: Duration = Duration::from_secs(3);
const SWITCH: &str = "sw";
const HOST_LINK: &str = "eth0";

/// A plant in network namespaces.
#[derive(Debug)]
pub struct Twin {
    gateway: NetNs,
    pub(crate) legs: BTreeMap<String, LegTwin>,
    pub(crate) hosts: Vec<Host>,
    at: BTreeMap<IpAddr, Spot>,
    /// Devices known under other addresses.
    translations: Vec<Translation>,
}

/// A leg of the gateway and the switch behind it.
#[derive(Debug)]
pub(crate) struct LegTwin {
    leg: Leg,
    switch: NetNs,
    pub(crate) mac: [u8; 6],
    ports: usize,
    /// Sees what comes in on the leg before any rule does.
    pub(crate) counter: PacketSocket,
}

/// A host: an interface of an asset, or an address of a case.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) leg: String,
    namespace: NetNs,
    pub(crate) mac: [u8; 6],
    pub(crate) counter: PacketSocket,
}

/// Who plays an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    Gateway,
    Host(usize),
}

/// One packet to try by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Leg it comes in on.
    pub iif: String,
    /// Leg it should go out on.
    pub oif: String,
    /// Source, which need not be the sending host's own.
    pub from: IpAddr,
    /// Destination.
    pub to: IpAddr,
    /// IP protocol number.
    pub protocol: u8,
    /// Source and destination port; of an echo the identifier comes first.
    pub ports: (u16, u16),
}

impl Twin {
    /// Builds the twin with every asset and these further addresses. Call it inside a sandbox.
    pub fn build(plant: &Plant, more: &[IpAddr]) -> Result<Self, LabError> {
        sysctl::quiet_ipv6()?;
        let gateway = NetNs::new()?;
        gateway.run(|| sysctl::quiet_ipv6().and_then(|()| sysctl::router()))??;
        let mut twin = Self {
            gateway,
            legs: BTreeMap::new(),
            hosts: Vec::new(),
            at: BTreeMap::new(),
            translations: plant.translations.clone(),
        };
        for (number, (_, leg)) in plant.legs().enumerate() {
            twin.add_leg(number, leg)?;
        }
        for asset in plant.assets.values() {
            for interface in &asset.interfaces {
                if let Some(leg) = &interface.leg
                    && twin.legs.contains_key(leg)
                {
                    twin.add_host(asset.id.as_str(), leg, &interface.addresses)?;
                }
            }
        }
        twin.answer_for_others()?;
        for address in more {
            if twin.spot(*address).is_none()
                && let Some(Place::Behind(leg)) = place(plant, *address)
            {
                twin.add_host(&address.to_string(), &leg, &[*address])?;
            }
        }
        Ok(twin)
    }

    /// The gateway has the addresses others know its machines by; what arrives for one is meant for the machine.
    fn answer_for_others(&mut self) -> Result<(), LabError> {
        let translations = &self.translations;
        self.gateway.run(|| {
            translations
                .iter()
                .try_for_each(|known| address::add(&known.leg, known.outside, full(known.outside)))
        })??;
        for known in &self.translations {
            if let Some(spot) = self.at.get(&known.address).copied() {
                self.at.insert(known.outside, spot);
            }
        }
        Ok(())
    }

    /// Source and destination of what is sent between two addresses, where it arrives.
    pub(crate) fn there(&self, from: IpAddr, to: IpAddr) -> (IpAddr, IpAddr) {
        let target = match self.spot(to) {
            Some(Spot::Host(number)) => self.hosts.get(number).map(|host| host.leg.as_str()),
            _ => None,
        };
        let outside = self
            .translations
            .iter()
            .find(|known| known.address == from && Some(known.leg.as_str()) == target);
        let inside = self.translations.iter().find(|known| known.outside == to);
        (outside.map_or(from, |known| known.outside), inside.map_or(to, |known| known.address))
    }

    /// The namespace of the gateway.
    pub fn gateway(&self) -> &NetNs {
        &self.gateway
    }

    /// How many hosts there are.
    pub fn hosts(&self) -> usize {
        self.hosts.len()
    }

    /// Loads a text as the gateway's whole ruleset.
    pub fn load(&self, text: &str) -> Result<(), LabError> {
        Ok(self.gateway.run(|| nft::replace(text))??)
    }

    /// Loads a text beside what the gateway has.
    pub fn load_besides(&self, text: &str) -> Result<(), LabError> {
        Ok(self.gateway.run(|| nft::load(text))??)
    }

    /// Removes every rule of the gateway.
    pub fn flush(&self) -> Result<(), LabError> {
        Ok(self.gateway.run(nft::flush)??)
    }

    /// Joins two legs by a bridge in the gateway, as somebody in a hurry would.
    pub fn join(&self, one: &str, other: &str) -> Result<(), LabError> {
        Ok(self.gateway.run(|| {
            link::add_bridge("br-joined")?;
            sysctl::set_if_present("net/bridge/bridge-nf-call-iptables", "0")?;
            sysctl::set_if_present("net/bridge/bridge-nf-call-ip6tables", "0")?;
            link::set_master(one, Some("br-joined"))?;
            link::set_master(other, Some("br-joined"))?;
            link::set_up("br-joined")
        })??)
    }

    pub(crate) fn spot(&self, address: IpAddr) -> Option<Spot> {
        self.at.get(&address).copied()
    }

    pub(crate) fn namespace(&self, spot: Spot) -> Option<&NetNs> {
        match spot {
            Spot::Gateway => Some(&self.gateway),
            Spot::Host(number) => self.hosts.get(number).map(|host| &host.namespace),
        }
    }

    fn add_leg(&mut self, number: usize, leg: &Leg) -> Result<(), LabError> {
        let switch = NetNs::new()?;
        let mac = mac(0x57, number);
        switch.run(|| {
            sysctl::set_if_present("net/ipv6/conf/default/disable_ipv6", "1")?;
            sysctl::set_if_present("net/bridge/bridge-nf-call-iptables", "0")?;
            sysctl::set_if_present("net/bridge/bridge-nf-call-ip6tables", "0")?;
            link::add_bridge(SWITCH)?;
            link::set_up(SWITCH)
        })??;
        link::add_veth(
            End { name: &leg.port, mac, namespace: &self.gateway },
            End { name: "uplink", mac: crate::twin::mac(0x56, number), namespace: &switch },
        )?;
        plug(&switch, "uplink")?;
        let counter = self.gateway.run(|| {
            link::set_up(&leg.port)?;
            for own in &leg.gateways {
                address::add(
                    &leg.port,
                    *own,
                    network_of(leg, *own).map_or(full(*own), |net| net.prefix_len()),
                )?;
            }
            for network in &leg.networks {
                if !leg.gateways.iter().any(|own| network.contains(own)) {
                    let to = (network.network(), network.prefix_len());
                    route::add(Route { to, via: None, link: &leg.port })?;
                }
            }
            if leg.default_route {
                for any in [IpAddr::from(Ipv4Addr::UNSPECIFIED), IpAddr::from(Ipv6Addr::UNSPECIFIED)] {
                    route::add(Route { to: (any, 0), via: None, link: &leg.port })?;
                }
            }
            PacketSocket::on(&leg.port)
        })??;
        for own in &leg.gateways {
            self.at.insert(*own, Spot::Gateway);
        }
        self.legs.insert(leg.port.clone(), LegTwin { leg: leg.clone(), switch, mac, ports: 0, counter });
        Ok(())
    }

    fn add_host(&mut self, name: &str, leg: &str, addresses: &[IpAddr]) -> Result<usize, LabError> {
        let number = self.hosts.len();
        let behind = self.legs.get_mut(leg).ok_or_else(|| LabError::NotThere(format!("leg {leg}")))?;
        let (namespace, own) = (NetNs::new()?, mac(0x58, number));
        let port = format!("p{}", behind.ports);
        behind.ports += 1;
        namespace.run(|| sysctl::host().and_then(|()| sysctl::quiet_ipv6()))??;
        link::add_veth(
            End { name: HOST_LINK, mac: own, namespace: &namespace },
            End { name: &port, mac: mac(0x59, number), namespace: &behind.switch },
        )?;
        plug(&behind.switch, &port)?;
        let counter = namespace.run(|| configure_host(&behind.leg, behind.mac, addresses))??;
        let outside: Vec<IpAddr> =
            addresses.iter().copied().filter(|address| network_of(&behind.leg, *address).is_none()).collect();
        self.gateway.run(|| {
            outside.iter().try_for_each(|address| {
                route::add(Route { to: (*address, full(*address)), via: None, link: leg })
            })
        })??;
        for address in addresses {
            self.at.entry(*address).or_insert(Spot::Host(number));
        }
        self.hosts.push(Host { name: name.to_owned(), leg: leg.to_owned(), namespace, mac: own, counter });
        Ok(number)
    }

    /// Frames of our own, from every host to its leg and back: who does not get them is dead, and silence from it
    /// would prove nothing. Returns the hosts that are.
    pub(crate) fn dead(&self) -> Result<Vec<usize>, LabError> {
        let mut down = vec![false; self.hosts.len()];
        let mut up = vec![false; self.hosts.len()];
        let deadline = Instant::now() + LIFE_SIGN;
        let mut buffer = [0_u8; 2048];
        loop {
            // Again for whom it did not reach: a switch takes a moment until it forwards on a new port.
            for (number, (host, (down, up))) in self.hosts.iter().zip(down.iter().zip(&up)).enumerate() {
                let Some(leg) = self.legs.get(&host.leg).filter(|_| !(*down && *up)) else { continue };
                let tag = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
                // A failure to send shows as silence.
                let _ = host.counter.send(&hello(leg.mac, host.mac, tag));
                let _ = leg.counter.send(&hello(host.mac, leg.mac, tag));
            }
            let counters = self.hosts.iter().map(|host| host.counter.as_fd());
            let counters = counters.chain(self.legs.values().map(|leg| leg.counter.as_fd()));
            let mut fds: Vec<_> = counters.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
            ready(&mut fds, Duration::from_millis(20))?;
            let hosts = self.hosts.iter().map(|host| (&host.counter, true));
            for (counter, at_host) in hosts.chain(self.legs.values().map(|leg| (&leg.counter, false))) {
                while let Some(length) =
                    counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
                {
                    let heard = if at_host { &mut down } else { &mut up };
                    if let Some(number) = buffer.get(..length).and_then(heard_from)
                        && let Some(place) = heard.get_mut(number)
                    {
                        *place = true;
                    }
                }
            }
            let deaf = down.iter().zip(&up).enumerate().filter(|(_, (down, up))| !(**down && **up));
            let deaf: Vec<usize> = deaf.map(|(number, _)| number).collect();
            if deaf.is_empty() || Instant::now() >= deadline {
                return Ok(deaf);
            }
        }
    }

    /// Sends one packet from a host on its leg towards the gateway; `true` if it arrives at its destination.
    pub fn try_packet(&mut self, probe: &Probe) -> Result<bool, LabError> {
        self.try_frame(probe, false)
    }

    /// Sends one packet from a host on its leg straight to the destination's hardware address; `true` if it arrives,
    /// which it does only where the two legs are one network.
    pub fn try_on_wire(&mut self, probe: &Probe) -> Result<bool, LabError> {
        self.try_frame(probe, true)
    }

    fn try_frame(&mut self, probe: &Probe, direct: bool) -> Result<bool, LabError> {
        let sender = match self.hosts.iter().position(|host| host.leg == probe.iif) {
            Some(number) => number,
            None => self.add_host(&probe.from.to_string(), &probe.iif, &[probe.from])?,
        };
        let receiver = match self.spot(probe.to) {
            Some(Spot::Host(number)) if self.hosts.get(number).is_some_and(|host| host.leg == probe.oif) => {
                number
            }
            Some(_) => return Err(LabError::NotThere(format!("host {} behind {}", probe.to, probe.oif))),
            None => self.add_host(&probe.to.to_string(), &probe.oif, &[probe.to])?,
        };
        if self.dead()?.iter().any(|number| [sender, receiver].contains(number)) {
            return Err(LabError::NotThere("living host for both ends".to_owned()));
        }
        let missing = || LabError::NotThere("host of the packet".to_owned());
        let sender = self.hosts.get(sender).ok_or_else(missing)?;
        let receiver = self.hosts.get(receiver).ok_or_else(missing)?;
        let leg = self.legs.get(&probe.iif).ok_or_else(missing)?;
        let next = if direct { receiver.mac } else { leg.mac };
        let payload = match probe.protocol {
            TCP => wire::syn(probe.from, probe.to, probe.ports),
            UDP => wire::datagram(probe.from, probe.to, probe.ports, b"ringwall"),
            wire::ICMP | wire::ICMP6 => wire::echo(probe.from, probe.to, probe.ports.0, b"ringwall"),
            _ => b"ringwall".to_vec(),
        };
        let mut buffer = [0_u8; 4096];
        while receiver.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?.is_some() {
        }
        for packet in wire::packets(probe.from, probe.to, probe.protocol, &payload, None) {
            let kind: u16 = if probe.to.is_ipv4() { 0x0800 } else { 0x86dd };
            let mut frame = [next.as_slice(), sender.mac.as_slice(), &kind.to_be_bytes()].concat();
            frame.extend(packet);
            sender.counter.send(&frame).map_err(LabError::socket("send frame"))?;
        }
        let deadline = Instant::now() + Duration::from_millis(1200);
        loop {
            while let Some(length) =
                receiver.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
            {
                let seen = buffer.get(..length).and_then(sight);
                if seen.is_some_and(|seen| {
                    (seen.from, seen.to, seen.protocol) == (probe.from, probe.to, probe.protocol)
                        && (seen.ports.is_none()
                            || !matches!(probe.protocol, TCP | UDP)
                            || seen.ports == Some(probe.ports))
                }) {
                    return Ok(true);
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            ready(&mut [PollFd::new(receiver.counter.as_fd(), PollFlags::POLLIN)], left)?;
        }
    }
}

/// Addresses and the way to the gateway; returns the host's counter.
fn configure_host(leg: &Leg, gateway: [u8; 6], addresses: &[IpAddr]) -> Result<PacketSocket, linux::Error> {
    // Bound before the link is up, so that nothing is missed.
    let counter = PacketSocket::on(HOST_LINK)?;
    link::set_up(HOST_LINK)?;
    for own in addresses {
        address::add(HOST_LINK, *own, network_of(leg, *own).map_or(full(*own), |net| net.prefix_len()))?;
    }
    for v6 in [false, true] {
        if !addresses.iter().any(|own| own.is_ipv6() == v6) {
            continue;
        }
        let via = match leg.gateways.iter().find(|via| via.is_ipv6() == v6) {
            Some(via) => *via,
            None => {
                // The gateway has no address of this family here: the host is told its hardware address, so that
                // packets still reach the gateway and are judged there.
                let nobody = if v6 {
                    IpAddr::from(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0x5757))
                } else {
                    IpAddr::from(Ipv4Addr::new(169, 254, 87, 87))
                };
                neighbour::set(HOST_LINK, nobody, gateway)?;
                nobody
            }
        };
        let any = if v6 { IpAddr::from(Ipv6Addr::UNSPECIFIED) } else { IpAddr::from(Ipv4Addr::UNSPECIFIED) };
        route::add(Route { to: (any, 0), via: Some(via), link: HOST_LINK })?;
    }
    Ok(counter)
}

fn plug(switch: &NetNs, port: &str) -> Result<(), LabError> {
    Ok(switch.run(|| {
        link::set_master(port, Some(SWITCH))?;
        link::set_up(port)
    })??)
}

fn full(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Locally administered hardware addresses, the same in every run.
fn mac(kind: u8, number: usize) -> [u8; 6] {
    let [.., high, low] = number.to_be_bytes();
    [0x02, kind, 0, 0, high, low]
}

fn hello(to: [u8; 6], from: [u8; 6], tag: [u8; 4]) -> Vec<u8> {
    let mut frame = [to.as_slice(), from.as_slice(), &HELLO.to_be_bytes(), &tag].concat();
    frame.resize(60, 0);
    frame
}

fn heard_from(frame: &[u8]) -> Option<usize> {
    if wire::u16_at(frame, 12)? != HELLO {
        return None;
    }
    let tag = u32::from_be_bytes(frame.get(14..18)?.try_into().ok()?);
    usize::try_from(tag).ok()
}
