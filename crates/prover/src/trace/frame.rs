//! The packet's own bytes, as far as a [`Packet`] tells them.

use std::net::IpAddr;

use nftables::PayloadBase;

use super::registers::{Bits, Origins, sure};
use super::wire::Wire;

/// What a load yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Load {
    /// Nothing: the rule does not match.
    Fails,
    /// These bytes.
    Bytes(Vec<Bits>),
    /// These bytes, unless there is nothing to load: the packet does not tell.
    Perhaps(Vec<Bits>),
}

const TCP: u8 = 6;
const FLAGS: usize = 13;

/// Bytes a header has at least.
fn header_len(protocol: u8) -> usize {
    match protocol {
        TCP => 20,
        17 | 136 => 8,
        33 | 132 => 12,
        _ => 4,
    }
}

/// Loads bytes of the packet.
pub(super) fn load(wire: &Wire, origins: &mut Origins, base: PayloadBase, offset: u32, len: u32) -> Load {
    let packet = wire.packet();
    let (offset, len) = (offset as usize, (len as usize).min(64));
    let (bytes, sure_len) = match base {
        PayloadBase::Network => {
            let bytes = network(wire);
            let len = bytes.len();
            (bytes, len)
        }
        PayloadBase::Transport if packet.headless => return Load::Fails,
        PayloadBase::Transport => (transport(wire), header_len(packet.protocol)),
        PayloadBase::Link | PayloadBase::Inner | PayloadBase::Other(_) => (Vec::new(), 0),
    };
    let loaded = (offset..offset + len)
        .map(|at| match bytes.get(at) {
            Some(Some((value, known))) if *known == 0xff => sure(*value),
            other => {
                let (value, known) = other.copied().flatten().unwrap_or((0, 0));
                let origin = origins.of(format!("{base:?} header byte {at}"));
                Bits { value, known, origin }
            }
        })
        .collect();
    if offset + len <= sure_len { Load::Bytes(loaded) } else { Load::Perhaps(loaded) }
}

/// Value and mask of known bits.
type Told = Option<(u8, u8)>;

fn network(wire: &Wire) -> Vec<Told> {
    let packet = wire.packet();
    let source_mask = if wire.source_is_sure() { 0xff } else { 0 };
    let destination_mask = if wire.destination_is_sure() { 0xff } else { 0 };
    let source_byte = |byte: u8| Some((byte & source_mask, source_mask));
    let destination_byte = |byte: u8| Some((byte & destination_mask, destination_mask));
    let whole = |byte: u8| Some((byte, 0xff));
    let mut bytes: Vec<Told>;
    match (packet.source, packet.destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            bytes = vec![None; 12];
            // Options may make the header longer, so the low half is open.
            put(&mut bytes, 0, Some((0x40, 0xf0)));
            put(&mut bytes, 9, whole(packet.protocol));
            bytes.extend(source.octets().into_iter().map(source_byte));
            bytes.extend(destination.octets().into_iter().map(destination_byte));
        }
        (source, destination) => {
            // Between the fixed header and the transport header other headers may stand: byte 6 is open.
            bytes = vec![None; 8];
            put(&mut bytes, 0, Some((0x60, 0xf0)));
            let long = |address: IpAddr| match address {
                IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                IpAddr::V6(address) => address.octets(),
            };
            bytes.extend(long(source).into_iter().map(source_byte));
            bytes.extend(long(destination).into_iter().map(destination_byte));
        }
    }
    bytes
}

fn transport(wire: &Wire) -> Vec<Told> {
    let packet = wire.packet();
    let [a, b] = packet.source_port.to_be_bytes();
    let [c, d] = packet.destination_port.to_be_bytes();
    let mask = |sure: bool| if sure { 0xff } else { 0 };
    let (first, second) = (mask(wire.source_port_is_sure()), mask(wire.destination_port_is_sure()));
    let told = |byte: u8, mask: u8| Some((byte & mask, mask));
    let mut bytes: Vec<Told> = vec![told(a, first), told(b, first), told(c, second), told(d, second)];
    if packet.protocol == TCP {
        bytes.resize(FLAGS, None);
        bytes.push(Some((packet.tcp_flags, 0xff)));
    }
    bytes
}

fn put(bytes: &mut [Told], at: usize, value: Told) {
    if let Some(slot) = bytes.get_mut(at) {
        *slot = value;
    }
}
