//! Addresses of links.

use std::net::IpAddr;

use crate::Error;
use crate::link::index_of;
use crate::netlink::{Body, CREATE, Socket, attributes_after, u32_at};

const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_FLAGS: u16 = 8;
/// Usable at once, without looking for duplicates.
const IFA_F_NODAD: u32 = 2;

/// An address of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Index of the link.
    pub link: u32,
    /// Address.
    pub address: IpAddr,
    /// Length of the network's prefix.
    pub prefix: u8,
}

/// Gives a link an address.
pub fn add(link: &str, address: IpAddr, prefix: u8) -> Result<(), Error> {
    let mut body = Body::new(&head(address, prefix, index_of(link)?));
    let bytes = octets(address);
    body.attribute(IFA_LOCAL, &bytes).attribute(IFA_ADDRESS, &bytes);
    if address.is_ipv6() {
        body.attribute(IFA_FLAGS, &IFA_F_NODAD.to_ne_bytes());
    }
    Socket::route()
        .and_then(|mut socket| socket.request(libc::RTM_NEWADDR, CREATE, &body))
        .map_err(|error| Error::system(format!("add {address}/{prefix} to {link}"), error))
}

/// Lists all addresses.
pub fn list() -> Result<Vec<Address>, Error> {
    let messages = Socket::route()
        .and_then(|mut socket| socket.dump(libc::RTM_GETADDR, &Body::new(&[0; 8])))
        .map_err(|error| Error::system("list addresses", error))?;
    Ok(messages
        .iter()
        .filter_map(|message| {
            let body = &message.body;
            let mut address = None;
            for (kind, value) in attributes_after(body, 8) {
                // On a point-to-point link IFA_ADDRESS is the other end; the own address comes in IFA_LOCAL.
                if kind == IFA_LOCAL || (kind == IFA_ADDRESS && address.is_none()) {
                    address = from_octets(value);
                }
            }
            Some(Address { link: u32_at(body, 4)?, address: address?, prefix: *body.get(1)? })
        })
        .collect())
}

/// `struct ifaddrmsg`.
fn head(address: IpAddr, prefix: u8, link: u32) -> [u8; 8] {
    let [a, b, c, d] = link.to_ne_bytes();
    [family(address), prefix, 0, 0, a, b, c, d]
}

pub(crate) fn family(address: IpAddr) -> u8 {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    u8::try_from(family).unwrap_or_default()
}

pub(crate) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

pub(crate) fn from_octets(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(octets));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}
