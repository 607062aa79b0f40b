//! Neighbours: which hardware address an address of the same network has.

use std::net::IpAddr;

use crate::Error;
use crate::address::{family, octets};
use crate::link::index_of;
use crate::netlink::{Body, REPLACE, Socket};

const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
const NUD_PERMANENT: u16 = 0x80;

/// Fixes the hardware address of a neighbour, so that nobody has to be asked for it.
pub fn set(link: &str, address: IpAddr, mac: [u8; 6]) -> Result<(), Error> {
    let [a, b, c, d] = index_of(link)?.to_ne_bytes();
    let [e, f] = NUD_PERMANENT.to_ne_bytes();
    let mut body = Body::new(&[family(address), 0, 0, 0, a, b, c, d, e, f, 0, 0]);
    body.attribute(NDA_DST, &octets(address)).attribute(NDA_LLADDR, &mac);
    Socket::route()
        .and_then(|mut socket| socket.request(libc::RTM_NEWNEIGH, REPLACE, &body))
        .map_err(|error| Error::system(format!("set neighbour {address} on {link}"), error))
}
