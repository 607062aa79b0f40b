//! What connection tracking knows of the packet.

use std::net::IpAddr;

use nftables::{AddressKind, CtKey, Direction};
use packets::{ConnectionState, Packet, announced};

use super::frame::Load;
use super::registers::{Bits, Origins, all_sure};

/// Source, destination, protocol, source port, destination port.
type Tuple = (IpAddr, IpAddr, u8, u16, u16);

const INVALID: u32 = 1;
const ESTABLISHED: u32 = 2;
const RELATED: u32 = 4;
const NEW: u32 = 8;
const UNTRACKED: u32 = 64;

/// What the hook sees of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// Connection tracking has not run yet.
    TooEarly,
    /// Some rule has exempted the packet.
    Exempt,
    /// As the packet says.
    Whole,
}

/// Loads a property of the connection.
pub(super) fn load(
    packet: &Packet,
    view: View,
    origins: &mut Origins,
    key: CtKey,
    direction: Option<Direction>,
) -> Load {
    let state = state(packet, view);
    if key == CtKey::State {
        return Load::Bytes(all_sure(&state.to_ne_bytes()));
    }
    if matches!(state, INVALID | UNTRACKED) {
        return Load::Fails;
    }
    let reply = matches!(packet.state, ConnectionState::Reply | ConnectionState::Related { reply: true });
    let original = original(packet, reply);
    let tuple = match direction {
        Some(Direction::Reply) => mirrored(original),
        _ => original,
    };
    let of_error = packet.original.is_some();
    match key {
        CtKey::Direction => Load::Bytes(all_sure(&[u8::from(reply)])),
        CtKey::L3Protocol => Load::Bytes(all_sure(&[if original.0.is_ipv6() { 10 } else { 2 }])),
        CtKey::Protocol => Load::Bytes(all_sure(&[original.2])),
        CtKey::Source(kind) => address(tuple.0, kind),
        CtKey::Destination(kind) => address(tuple.1, kind),
        CtKey::SourcePort if of_error || ports(tuple.2) => Load::Bytes(all_sure(&tuple.3.to_be_bytes())),
        CtKey::DestinationPort if of_error || ports(tuple.2) => Load::Bytes(all_sure(&tuple.4.to_be_bytes())),
        CtKey::SourcePort | CtKey::DestinationPort => {
            Load::Bytes(origins.open(&format!("ct {key:?} {direction:?}"), 2))
        }
        CtKey::Status => Load::Bytes(origins.open("ct status", 4)),
        CtKey::Mark => Load::Bytes(origins.open("ct mark", 4)),
        CtKey::State => Load::Fails,
        // The helper of the connection that announced this one; the load fails where nothing did.
        CtKey::Other(6) => match u128::from(packet.announced) {
            announced::NONE => Load::Fails,
            announced::FTP => Load::Bytes(all_sure(b"ftp\0\0\0\0\0\0\0\0\0\0\0\0\0")),
            _ => Load::Bytes(origins.open("the helper that announced the connection", 16)),
        },
        CtKey::Other(number) => {
            let bytes: Vec<Bits> = origins.open(&format!("ct key {number} {direction:?}"), other_len(number));
            Load::Perhaps(bytes)
        }
    }
}

fn state(packet: &Packet, view: View) -> u32 {
    match (view, packet.state) {
        (View::TooEarly, _) => INVALID,
        (View::Exempt, _) => UNTRACKED,
        (View::Whole, ConnectionState::New) => NEW,
        (View::Whole, ConnectionState::Original | ConnectionState::Reply) => ESTABLISHED,
        (View::Whole, ConnectionState::Related { .. }) => RELATED,
        (View::Whole, ConnectionState::Untracked) => UNTRACKED,
        (View::Whole, ConnectionState::Invalid) => INVALID,
    }
}

/// The tuple of the packet that opened the connection.
fn original(packet: &Packet, reply: bool) -> Tuple {
    let own =
        (packet.source, packet.destination, packet.protocol, packet.source_port, packet.destination_port);
    if let Some(tuple) = packet.original {
        return tuple;
    }
    let (source, destination, protocol, source_port, destination_port) =
        if reply { mirrored(own) } else { own };
    // The one who opened the connection may call the other end by another address.
    let called = packet.outside.destination.unwrap_or(destination);
    (source, called, protocol, source_port, destination_port)
}

fn mirrored((source, destination, protocol, source_port, destination_port): Tuple) -> Tuple {
    (destination, source, protocol, destination_port, source_port)
}

fn ports(protocol: u8) -> bool {
    matches!(protocol, 6 | 17 | 33 | 132 | 136)
}

fn address(address: IpAddr, kind: AddressKind) -> Load {
    match (address, kind) {
        (IpAddr::V4(address), AddressKind::ByFamily | AddressKind::V4) => {
            Load::Bytes(all_sure(&address.octets()))
        }
        (IpAddr::V6(address), AddressKind::ByFamily | AddressKind::V6) => {
            Load::Bytes(all_sure(&address.octets()))
        }
        _ => Load::Fails,
    }
}

/// Bytes of the keys that have no name here.
fn other_len(key: u32) -> usize {
    match key {
        13 => 16,
        14..=16 => 8,
        17 => 2,
        _ => 4,
    }
}
