//! Routes.

use std::net::IpAddr;

use crate::Error;
use crate::address::{family, octets};
use crate::link::index_of;
use crate::netlink::{Body, CREATE, Socket};

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTNH_F_ONLINK: u32 = 4;

/// A route to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// Network and its prefix; a prefix of 0 is the default route.
    pub to: (IpAddr, u8),
    /// Next hop; `None` = directly on the link.
    pub via: Option<IpAddr>,
    /// Link.
    pub link: &'a str,
}

/// Adds a route. The next hop need not lie in a network of the link.
pub fn add(route: Route<'_>) -> Result<(), Error> {
    let (network, prefix) = route.to;
    let scope = match (route.via, network) {
        (None, IpAddr::V4(_)) => libc::RT_SCOPE_LINK,
        _ => libc::RT_SCOPE_UNIVERSE,
    };
    let flags = if route.via.is_some() { RTNH_F_ONLINK } else { 0 };
    let [a, b, c, d] = flags.to_ne_bytes();
    let head = [
        family(network),
        prefix,
        0,
        0,
        libc::RT_TABLE_MAIN,
        libc::RTPROT_STATIC,
        scope,
        libc::RTN_UNICAST,
        a,
        b,
        c,
        d,
    ];
    let mut body = Body::new(&head);
    if prefix > 0 {
        body.attribute(RTA_DST, &octets(network));
    }
    if let Some(via) = route.via {
        body.attribute(RTA_GATEWAY, &octets(via));
    }
    body.attribute(RTA_OIF, &index_of(route.link)?.to_ne_bytes());
    Socket::route()
        .and_then(|mut socket| socket.request(libc::RTM_NEWROUTE, CREATE, &body))
        .map_err(|error| Error::system(format!("add route to {network}/{prefix} on {}", route.link), error))
}
