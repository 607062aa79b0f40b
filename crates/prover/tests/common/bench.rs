//! A router of its own in a network namespace: TUN interfaces on all sides, rules under test between them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use linux::route::Route;
use linux::{NetNs, Tun, route, sysctl};
use nftables::Ruleset;
use packets::{ConnectionState, Hook, Packet};
use prover::Link;

use super::local;
use super::wire::{self, Stream};
use super::{NAMES, OTHER};

/// A router with rules. Packets of ours carry numbers from 1; 0 is the last one of a batch.
pub struct Bench {
    namespace: NetNs,
    /// By the names they have in the kernel.
    tuns: BTreeMap<String, Tun>,
    sent: Vec<(IpAddr, IpAddr, u8)>,
    /// Number and interface of what came out.
    seen: BTreeSet<(u32, String)>,
    pub ruleset: Ruleset,
    pub links: Vec<Link>,
}

/// A name an interface can have, for what a packet calls it: `eth*` and "any other" stand for many.
pub fn real_name(name: &str) -> String {
    match name {
        OTHER => "xother".to_owned(),
        name => name.replace('*', "99"),
    }
}

/// Whether an interface could be called this, or so.
fn ordinary(name: &str) -> bool {
    name.len() < 12 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '*')
}

/// Interfaces that exist on every bench for these rules, by the names packets use.
pub fn names_for(ruleset: &Ruleset) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = prover::interface_names(ruleset, &[]);
    // Other constants of such rules are taken for names, too.
    names.retain(|name| ordinary(name));
    names.extend(NAMES.map(str::to_owned));
    names.insert(OTHER.to_owned());
    names.remove("lo");
    names
}

impl Bench {
    /// Loads the rules on a router with these interfaces and routes.
    pub fn new(text: &str, names: &BTreeSet<String>, routes: &[(IpAddr, u8, &str)]) -> Self {
        let namespace = NetNs::new().unwrap();
        let (tuns, ruleset, links) = namespace
            .run(|| {
                sysctl::quiet_ipv6().unwrap();
                sysctl::router().unwrap();
                let tuns: BTreeMap<String, Tun> = names
                    .iter()
                    .map(|name| real_name(name))
                    .map(|name| (name.clone(), Tun::open(&name).unwrap()))
                    .collect();
                for tun in tuns.values() {
                    linux::link::set_up(tun.name()).unwrap();
                }
                for &(network, prefix, name) in routes {
                    let link = real_name(name);
                    route::add(Route { to: (network, prefix), via: None, link: &link }).unwrap();
                }
                let ruleset = super::load(text);
                // Known only once connections are tracked.
                sysctl::set_if_present("net/netfilter/nf_conntrack_tcp_loose", "0").unwrap();
                (tuns, ruleset, super::links())
            })
            .unwrap();
        Bench { namespace, tuns, sent: Vec::new(), seen: BTreeSet::new(), ruleset, links }
    }

    /// A router whose every route leads to one interface.
    pub fn towards(text: &str, names: &BTreeSet<String>, oif: &str) -> Self {
        let all: [(IpAddr, u8, &str); 2] = [([0u8; 4].into(), 0, oif), ([0u8; 16].into(), 0, oif)];
        Bench::new(text, names, &all)
    }

    /// Runs something in the router's namespace.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.namespace.run(work).unwrap()
    }

    /// Sends a packet into its incoming interface; returns its number and bytes.
    pub fn send(&mut self, packet: &mut Packet, stream: Stream) -> (u32, Vec<u8>) {
        let number = self.next(leaving(packet), packet.destination, packet.protocol);
        let mut arriving = Packet { destination: arriving(packet), ..packet.clone() };
        let bytes = wire::bytes(&mut arriving, number, stream);
        packet.destination_port = arriving.destination_port;
        self.put(packet, &bytes);
        (number, bytes)
    }

    /// Sends an error message that quotes another packet.
    ///
    /// `beyond` are the addresses under which either side of a translated connection knows the other: what the error is
    /// addressed to where it is sent, and whom it comes from where it arrives.
    pub fn send_error(&mut self, packet: &mut Packet, quoted: &[u8], beyond: [Option<IpAddr>; 2]) -> u32 {
        let [to, from] = beyond;
        let number = self.next(from.unwrap_or(packet.source), packet.destination, packet.protocol);
        let mut arriving = Packet { destination: to.unwrap_or(packet.destination), ..packet.clone() };
        let bytes = wire::error(&mut arriving, number, quoted);
        packet.destination_port = arriving.destination_port;
        self.put(packet, &bytes);
        number
    }

    /// Sends a packet as the machine itself.
    pub fn emit(&mut self, packet: &mut Packet) -> u32 {
        let number = self.next(leaving(packet), packet.destination, packet.protocol);
        let bytes = wire::bytes(packet, number, Stream { sequence: 1000, acknowledgement: 0 });
        self.run(|| local::emit(packet, &bytes));
        self.drain();
        number
    }

    /// Takes what reached the machine itself on these sockets.
    pub fn arrived(&self, ears: &local::Ears) -> BTreeSet<u32> {
        let sent = &self.sent;
        let known = |number: u32| sent.get(number.checked_sub(1)? as usize).copied();
        ears.take().iter().filter_map(|bytes| wire::number_of(bytes, &known)).collect()
    }

    fn next(&mut self, source: IpAddr, destination: IpAddr, protocol: u8) -> u32 {
        self.sent.push((source, destination, protocol));
        self.sent.len() as u32
    }

    fn put(&mut self, packet: &Packet, bytes: &[u8]) {
        let iif = real_name(packet.iif.as_ref().unwrap());
        self.tuns[&iif].send(bytes).unwrap();
        self.drain();
    }

    /// Takes what is there from all interfaces: their queues are short.
    fn drain(&mut self) {
        let mut buffer = vec![0; 2048];
        let sent = &self.sent;
        let known = |number: u32| sent.get(number.checked_sub(1)? as usize).copied();
        for (name, tun) in &self.tuns {
            while let Some(len) = tun.try_receive(&mut buffer).unwrap() {
                if let Some(number) = wire::number_of(&buffer[..len], &known) {
                    self.seen.insert((number, name.clone()));
                }
            }
        }
    }

    /// Ends a batch: the rules go, and a last packet is waited for on the way to `oif`. It comes behind all others.
    /// Returns the numbers that came out, each with its interface.
    pub fn finish(mut self, oif: &str) -> BTreeSet<(u32, String)> {
        let oif = real_name(oif);
        self.run(|| linux::nft::flush().unwrap());
        let mut last = super::packets_of::plain("z0", &oif, "203.0.113.1", "203.0.113.2", 17, 9);
        let bytes = wire::bytes(&mut last, 0, Stream::default());
        self.tuns["z0"].send(&bytes).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut buffer = vec![0; 2048];
        let ends = (last.source, last.destination, last.protocol);
        loop {
            let len = self.tuns[&oif]
                .receive(&mut buffer, deadline)
                .unwrap()
                .expect("the last packet comes through");
            let sent = &self.sent;
            let known = |number: u32| match number.checked_sub(1) {
                None => Some(ends),
                Some(at) => sent.get(at as usize).copied(),
            };
            match wire::number_of(&buffer[..len], &known) {
                Some(0) => break,
                Some(number) => drop(self.seen.insert((number, oif.clone()))),
                None => {}
            }
        }
        self.drain();
        self.seen
    }

    /// Numbers seen so far, without waiting.
    pub fn seen(&mut self) -> &BTreeSet<(u32, String)> {
        self.drain();
        &self.seen
    }
}

/// The destination of a packet where it comes in.
pub fn arriving(packet: &Packet) -> IpAddr {
    let called = match packet.state {
        ConnectionState::Reply => packet.outside.source,
        _ => packet.outside.destination,
    };
    called.unwrap_or(packet.destination)
}

/// The source of a packet where it comes out.
pub fn leaving(packet: &Packet) -> IpAddr {
    let called = match packet.state {
        ConnectionState::Reply => packet.outside.destination,
        _ => packet.outside.source,
    };
    called.unwrap_or(packet.source)
}

/// A packet of `hook` that a bench can send.
pub fn sendable(hook: Hook, packet: &Packet, tracking: bool) -> bool {
    let here = |name: &str| name == OTHER || (name != "lo" && ordinary(name));
    let (needs_iif, needs_oif) = (hook != Hook::Output, hook != Hook::Input);
    packet.iif.as_deref().map_or(!needs_iif, here)
        && packet.oif.as_deref().map_or(!needs_oif, here)
        && (packet.mark == 0 || hook == Hook::Output)
        // No proxy listens on a bench, and no connection announces another.
        && (packet.socket, packet.proxy, packet.announced) == (0, 0, 0)
        && wire::routable(packet)
        && wire::alone(packet, tracking)
}
