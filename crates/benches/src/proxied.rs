//! A client, a gateway and a device in namespaces of their own; at port 502 the device is reached through the command
//! proxy, at port 503 by plain forwarding with the same two-way lookups.

use std::net::IpAddr;

use linux::link::{self, End};
use linux::route::{self, Route};
use linux::{NetNs, address, nft, sysctl};

use crate::Outcome;

/// Addresses the client has: one client may not have all connections.
pub const CLIENTS: u8 = 64;

/// In the sets, every client by itself.
const RULES: &str = "table inet gateway {
  set asked {
    type ipv4_addr . ipv4_addr . inet_service
    elements = { ASKED }
  }
  set open {
    type ipv4_addr . ipv4_addr . inet_service
    elements = { OPEN }
  }
  chain prerouting {
    type filter hook prerouting priority -90; policy accept;
    socket transparent 1 meta mark set 0x52570001 accept
    iifname z2 ct state new meta nfproto ipv4 meta l4proto tcp ip saddr . ip daddr . th dport @asked tproxy ip to :7502 meta mark set 0x52570001 accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state invalid,untracked drop
    iifname z2 oifname z1 ct direction original ip saddr . ip daddr . th dport @open accept
    iifname z1 oifname z2 ct direction reply ip daddr . ip saddr . th sport @open accept
  }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state invalid,untracked drop
    iifname z2 meta mark 0x52570001 ct direction original ip saddr . ip daddr . th dport @asked accept
    iifname z1 meta mark 0x52570001 ct direction reply ip daddr . ip saddr . th sport @asked accept
  }
  chain output {
    type filter hook output priority filter; policy drop;
    ct state invalid,untracked drop
    oifname z1 meta mark 0x52570002 ct direction original ip saddr . ip daddr . th dport @asked accept
    oifname z2 meta mark 0x52570002 ct direction reply ip daddr . ip saddr . th sport @asked accept
  }
}
";

/// The three namespaces.
#[derive(Debug)]
pub struct Proxied {
    /// Has 10.62.2.100 and the addresses after it.
    pub client: NetNs,
    /// Has the rules.
    pub gateway: NetNs,
    /// Has 10.62.1.70.
    pub device: NetNs,
}

/// One of the client's addresses.
pub fn client(number: u8) -> IpAddr {
    IpAddr::from([10, 62, 2, 100 + number % CLIENTS])
}

impl Proxied {
    /// Builds them. Call it inside a sandbox.
    pub fn build() -> Outcome<Self> {
        let host = || NetNs::new().and_then(|namespace| namespace.run(sysctl::host)?.map(|()| namespace));
        let (client_ns, gateway, device) = (host()?, host()?, host()?);
        gateway.run(sysctl::router)??;
        let clients: Vec<IpAddr> = (0..CLIENTS).map(client).collect();
        for (number, leg, other, addresses) in
            [(2, "z2", &client_ns, clients), (1, "z1", &device, vec![IpAddr::from([10, 62, 1, 70])])]
        {
            let end = |name, own, namespace| End { name, mac: [2, 0x57, 0, 0, number, own], namespace };
            link::add_veth(end(leg, 1, &gateway), end("eth0", 2, other))?;
            let via = IpAddr::from([10, 62, number, 1]);
            gateway.run(|| link::set_up(leg).and_then(|()| address::add(leg, via, 24)))??;
            other.run(|| {
                link::set_up("eth0")?;
                addresses.iter().try_for_each(|own| address::add("eth0", *own, 24))?;
                route::add(Route { to: (IpAddr::from([0, 0, 0, 0]), 0), via: Some(via), link: "eth0" })
            })??;
        }
        let elements = |port: u16| {
            let each = (0..CLIENTS).map(|number| format!("{} . 10.62.1.70 . {port}", client(number)));
            each.collect::<Vec<_>>().join(", ")
        };
        let rules = RULES.replace("ASKED", &elements(502)).replace("OPEN", &elements(503));
        gateway.run(|| nft::replace(&rules))??;
        Ok(Self { client: client_ns, gateway, device })
    }
}
