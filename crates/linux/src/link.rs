//! Links: veth pairs across namespaces, bridges, dummies; listing what is there.

use std::os::fd::{AsFd, AsRawFd};

use crate::netlink::{Body, CREATE, Message, Socket, attributes, attributes_after, text, u32_at};
use crate::{Error, NetNs};

const HEAD: usize = 16;
const IFLA_IFNAME: u16 = 3;
const IFLA_ADDRESS: u16 = 1;
const IFLA_MTU: u16 = 4;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_XDP: u16 = 43;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IFLA_XDP_ATTACHED: u16 = 2;
const IFF_UP: u32 = 1;

/// A link of the current namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Index.
    pub index: u32,
    /// Name.
    pub name: String,
    /// Kind (`veth`, `bridge`, `wireguard` ...); `None` for hardware and loopback.
    pub kind: Option<String>,
    /// Index of the bridge, bond or VRF it belongs to.
    pub master: Option<u32>,
    /// Switched on.
    pub up: bool,
    /// MTU.
    pub mtu: u32,
    /// Hardware address.
    pub mac: Option<[u8; 6]>,
    /// Whether an XDP program sits on it.
    pub xdp: bool,
}

/// One end of a veth pair.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// Name.
    pub name: &'a str,
    /// Hardware address.
    pub mac: [u8; 6],
    /// Namespace it is put into.
    pub namespace: &'a NetNs,
}

/// Lists all links, by index.
pub fn list() -> Result<Vec<Link>, Error> {
    let messages = open()?
        .dump(libc::RTM_GETLINK, &Body::new(&head(0, 0, 0)))
        .map_err(|error| Error::system("list links", error))?;
    let mut links: Vec<Link> = messages.iter().filter_map(link).collect();
    links.sort_by_key(|link| link.index);
    Ok(links)
}

/// The index of a link.
pub fn index_of(name: &str) -> Result<u32, Error> {
    nix::net::if_::if_nametoindex(name).map_err(|errno| Error::system(format!("find link {name}"), errno))
}

/// Creates a veth pair with its ends in two namespaces.
pub fn add_veth(one: End<'_>, other: End<'_>) -> Result<(), Error> {
    let mut body = Body::new(&head(0, 0, 0));
    end(&mut body, &one);
    body.nested(IFLA_LINKINFO, |info| {
        info.text(IFLA_INFO_KIND, "veth").nested(IFLA_INFO_DATA, |data| {
            data.nested(VETH_INFO_PEER, |peer| {
                peer.raw(&head(0, 0, 0));
                end(peer, &other);
            });
        });
    });
    request(libc::RTM_NEWLINK, CREATE, &body, || format!("create veth pair {} {}", one.name, other.name))
}

fn end(body: &mut Body, end: &End<'_>) {
    body.text(IFLA_IFNAME, end.name)
        .attribute(IFLA_ADDRESS, &end.mac)
        .attribute(IFLA_NET_NS_FD, &end.namespace.as_fd().as_raw_fd().to_ne_bytes());
}

/// Creates a bridge.
pub fn add_bridge(name: &str) -> Result<(), Error> {
    add(name, "bridge")
}

/// Creates a dummy link.
pub fn add_dummy(name: &str) -> Result<(), Error> {
    add(name, "dummy")
}

/// Creates a link of a kind that needs no further data.
pub fn add(name: &str, kind: &str) -> Result<(), Error> {
    let mut body = Body::new(&head(0, 0, 0));
    body.text(IFLA_IFNAME, name).nested(IFLA_LINKINFO, |info| {
        info.text(IFLA_INFO_KIND, kind);
    });
    request(libc::RTM_NEWLINK, CREATE, &body, || format!("create {kind} {name}"))
}

/// Deletes a link.
pub fn delete(name: &str) -> Result<(), Error> {
    let body = Body::new(&head(index_of(name)?, 0, 0));
    request(libc::RTM_DELLINK, 0, &body, || format!("delete link {name}"))
}

/// Switches a link on.
pub fn set_up(name: &str) -> Result<(), Error> {
    let body = Body::new(&head(index_of(name)?, IFF_UP, IFF_UP));
    request(libc::RTM_NEWLINK, 0, &body, || format!("switch {name} on"))
}

/// Switches a link off.
pub fn set_down(name: &str) -> Result<(), Error> {
    let body = Body::new(&head(index_of(name)?, 0, IFF_UP));
    request(libc::RTM_NEWLINK, 0, &body, || format!("switch {name} off"))
}

/// Makes a link a port of a bridge, or frees it.
pub fn set_master(name: &str, master: Option<&str>) -> Result<(), Error> {
    let master = master.map_or(Ok(0), index_of)?;
    let mut body = Body::new(&head(index_of(name)?, 0, 0));
    body.attribute(IFLA_MASTER, &master.to_ne_bytes());
    request(libc::RTM_NEWLINK, 0, &body, || format!("set master of {name}"))
}

/// Sets the MTU.
pub fn set_mtu(name: &str, mtu: u32) -> Result<(), Error> {
    let mut body = Body::new(&head(index_of(name)?, 0, 0));
    body.attribute(IFLA_MTU, &mtu.to_ne_bytes());
    request(libc::RTM_NEWLINK, 0, &body, || format!("set MTU of {name}"))
}

fn open() -> Result<Socket, Error> {
    Socket::route().map_err(|error| Error::system("open netlink socket", error))
}

fn request(kind: u16, flags: u16, body: &Body, what: impl FnOnce() -> String) -> Result<(), Error> {
    open()?.request(kind, flags, body).map_err(|error| Error::system(what(), error))
}

/// `struct ifinfomsg`.
fn head(index: u32, flags: u32, change: u32) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    let parts = [(4, index), (8, flags), (12, change)];
    for (at, value) in parts {
        if let Some(place) = head.get_mut(at..at + 4) {
            place.copy_from_slice(&value.to_ne_bytes());
        }
    }
    head
}

fn link(message: &Message) -> Option<Link> {
    let body = &message.body;
    let mut link = Link {
        index: u32_at(body, 4)?,
        name: String::new(),
        kind: None,
        master: None,
        up: u32_at(body, 8)? & IFF_UP != 0,
        mtu: 0,
        mac: None,
        xdp: false,
    };
    for (kind, value) in attributes_after(body, HEAD) {
        match kind {
            IFLA_IFNAME => link.name = text(value),
            IFLA_ADDRESS => link.mac = value.try_into().ok(),
            IFLA_MTU => link.mtu = u32_at(value, 0)?,
            IFLA_MASTER => link.master = u32_at(value, 0),
            IFLA_LINKINFO => {
                link.kind =
                    attributes(value).find(|(kind, _)| *kind == IFLA_INFO_KIND).map(|(_, value)| text(value));
            }
            IFLA_XDP => {
                link.xdp = attributes(value).any(|(kind, value)| {
                    kind == IFLA_XDP_ATTACHED && value.first().is_some_and(|mode| *mode != 0)
                });
            }
            _ => {}
        }
    }
    Some(link)
}
