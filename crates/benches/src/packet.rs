//! UDP packets, as bytes.

use std::net::Ipv4Addr;

/// An IPv4 packet with a UDP datagram of 64 bytes.
pub fn udp(source: (Ipv4Addr, u16), destination: (Ipv4Addr, u16)) -> Vec<u8> {
    const DATA: usize = 64;
    let length = (20 + 8 + DATA) as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
    packet.extend(source.0.octets());
    packet.extend(destination.0.octets());
    let sum = checksum(&packet).to_be_bytes();
    for (at, byte) in packet.iter_mut().skip(10).zip(sum) {
        *at = byte;
    }
    packet.extend(source.1.to_be_bytes());
    packet.extend(destination.1.to_be_bytes());
    packet.extend(((8 + DATA) as u16).to_be_bytes());
    // No UDP checksum: IPv4 allows it.
    packet.extend([0; 2 + DATA]);
    packet
}

fn checksum(header: &[u8]) -> u16 {
    let sum = header.chunks_exact(2).fold(0u32, |sum, pair| match pair {
        [high, low] => sum + u32::from(u16::from_be_bytes([*high, *low])),
        _ => sum,
    });
    let sum = (sum & 0xffff) + (sum >> 16);
    !((sum & 0xffff) + (sum >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_sums_to_nothing() {
        let packet = udp((Ipv4Addr::new(10, 62, 2, 20), 40_000), (Ipv4Addr::new(10, 62, 1, 70), 161));
        assert_eq!(packet.len(), 92);
        assert_eq!(checksum(&packet[..20]), 0);
    }
}
