//! Real packets: bytes with true checksums, and which of them can be sent.

use std::net::IpAddr;

use packets::{ConnectionState, Packet};

/// What the last eight bytes of a packet carry.
pub fn marker(number: u32) -> [u8; 8] {
    let [a, b, c, d] = number.to_be_bytes();
    [b'R', b'w', b'a', b'l', a, b, c, d]
}

/// The number of a received packet of ours: it ends in the marker and goes where it was sent. Error messages that
/// quote one of ours do not count.
pub fn number_of(bytes: &[u8], packets: &dyn Fn(u32) -> Option<(IpAddr, IpAddr, u8)>) -> Option<u32> {
    let [b'R', b'w', b'a', b'l', a, b, c, d] = bytes.last_chunk::<8>()? else { return None };
    let number = u32::from_be_bytes([*a, *b, *c, *d]);
    (ends(bytes)? == packets(number)?).then_some(number)
}

/// Source, destination and protocol.
fn ends(bytes: &[u8]) -> Option<(IpAddr, IpAddr, u8)> {
    match bytes.first()? >> 4 {
        4 => {
            let source: [u8; 4] = bytes.get(12..16)?.try_into().ok()?;
            let destination: [u8; 4] = bytes.get(16..20)?.try_into().ok()?;
            Some((source.into(), destination.into(), *bytes.get(9)?))
        }
        6 => {
            let source: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            let destination: [u8; 16] = bytes.get(24..40)?.try_into().ok()?;
            Some((source.into(), destination.into(), *bytes.get(6)?))
        }
        _ => None,
    }
}

/// Numbers of a TCP stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stream {
    pub sequence: u32,
    pub acknowledgement: u32,
}

/// The bytes of a packet that ends in the marker of `number`. Where the header carries a checksum in bytes 2 and 3
/// (ICMP), the packet's field is set to it.
pub fn bytes(packet: &mut Packet, number: u32, stream: Stream) -> Vec<u8> {
    let identifier = (number as u16).to_be_bytes();
    let mut body = Vec::new();
    body.extend(packet.source_port.to_be_bytes());
    body.extend(packet.destination_port.to_be_bytes());
    match packet.protocol {
        6 => {
            body.extend(stream.sequence.to_be_bytes());
            body.extend(stream.acknowledgement.to_be_bytes());
            body.extend([0x50, packet.tcp_flags, 0xff, 0xff, 0, 0, 0, 0]);
        }
        17 => body.extend([0, 16, 0, 0]),
        1 | 58 => {
            body.truncate(2);
            body.extend([0, 0, identifier[0], identifier[1], 0, 1]);
        }
        _ => {}
    }
    body.extend(marker(number));
    seal(packet, body)
}

/// An error message of this kind and code that quotes the beginning of another packet.
pub fn error(packet: &mut Packet, number: u32, quoted: &[u8]) -> Vec<u8> {
    let [kind, code] = packet.source_port.to_be_bytes();
    let mut body = vec![kind, code, 0, 0, 0, 0, 0, 0];
    body.extend(quoted);
    body.extend(marker(number));
    seal(packet, body)
}

/// Checksum and network header.
fn seal(packet: &mut Packet, mut body: Vec<u8>) -> Vec<u8> {
    let place = match packet.protocol {
        6 => Some(16),
        17 => Some(6),
        1 | 58 => Some(2),
        _ => None,
    };
    if let Some(place) = place {
        let mut covered = Vec::new();
        if packet.protocol != 1 {
            match (packet.source, packet.destination) {
                (IpAddr::V4(a), IpAddr::V4(b)) => {
                    covered.extend(a.octets());
                    covered.extend(b.octets());
                }
                (IpAddr::V6(a), IpAddr::V6(b)) => {
                    covered.extend(a.octets());
                    covered.extend(b.octets());
                }
                _ => panic!("two families in one packet"),
            }
            covered.extend((body.len() as u32).to_be_bytes());
            covered.extend([0, 0, 0, packet.protocol]);
        }
        covered.extend(&body);
        let sum = match checksum(&covered) {
            0 if packet.protocol == 17 => 0xffff,
            sum => sum,
        };
        body[place..place + 2].copy_from_slice(&sum.to_be_bytes());
        if place == 2 {
            packet.destination_port = sum;
        }
    }
    let mut bytes = Vec::new();
    match (packet.source, packet.destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            bytes.extend([0x45, 0]);
            bytes.extend((20 + body.len() as u16).to_be_bytes());
            bytes.extend([0, 7, 0x40, 0, 64, packet.protocol, 0, 0]);
            bytes.extend(source.octets());
            bytes.extend(destination.octets());
            let sum = checksum(&bytes);
            bytes[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            bytes.extend([0x60, 0, 0, 0]);
            bytes.extend((body.len() as u16).to_be_bytes());
            bytes.extend([packet.protocol, 64]);
            bytes.extend(source.octets());
            bytes.extend(destination.octets());
        }
        _ => panic!("two families in one packet"),
    }
    bytes.extend(body);
    bytes
}

fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Whether a router takes such a packet at all, whatever the rules are.
pub fn routable(packet: &Packet) -> bool {
    let fine = |address: IpAddr| match address {
        IpAddr::V4(address) => {
            let first = address.octets()[0];
            first != 0 && first != 127 && first < 224
        }
        // Addresses of machines: unique local and global ones.
        IpAddr::V6(address) => matches!(address.octets()[0], 0x20..=0x3f | 0xfc | 0xfd),
    };
    // Protocols that are headers on the way to another one, or whose packets are checked by themselves.
    let plain = match packet.destination {
        IpAddr::V4(_) => !matches!(packet.protocol, 33 | 132 | 136),
        IpAddr::V6(_) => {
            !matches!(packet.protocol, 0 | 33 | 43 | 44 | 50 | 51 | 59 | 60 | 132 | 135 | 136 | 139 | 140)
        }
    };
    let all =
        [Some(packet.source), Some(packet.destination), packet.outside.source, packet.outside.destination];
    // What is called by its own name is not called otherwise.
    let called = packet.outside.source != Some(packet.source)
        && packet.outside.destination != Some(packet.destination)
        && packet.outside.destination != Some(packet.source);
    all.into_iter().flatten().all(fine)
        && called
        && packet.source != packet.destination
        && plain
        && !packet.headless
}

/// Whether the packet, sent alone, gets the connection state it has.
pub fn alone(packet: &Packet, tracking: bool) -> bool {
    let other_family = matches!((packet.protocol, packet.destination.is_ipv6()), (1, true) | (58, false));
    match packet.state {
        ConnectionState::Untracked => !tracking,
        _ if other_family => false,
        ConnectionState::New => match packet.protocol {
            6 => packet.tcp_flags & 0x17 == 2,
            1 => packet.source_port == 0x0800,
            58 => packet.source_port == 0x8000,
            // The header of GRE says which of its kinds it is.
            47 => false,
            _ => true,
        },
        // In the middle of a connection nobody opened.
        ConnectionState::Invalid => packet.protocol == 6 && packet.tcp_flags & 0x02 == 0,
        _ => false,
    }
}
