//! Packets as bytes: what is sent by hand, and what a counter recognises.

use std::net::IpAddr;

/// IP protocol numbers used here.
pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMP6: u8 = 58;
const FRAGMENT: u8 = 44;

/// What a case puts on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wire {
    /// TCP to a port.
    Tcp(u16),
    /// UDP to a port.
    Udp(u16),
    /// Echo request, of the addresses' family.
    Echo,
    /// Another IP protocol.
    Ip(u8),
}

impl Wire {
    pub(crate) fn number(self, v6: bool) -> u8 {
        match self {
            Self::Tcp(_) => TCP,
            Self::Udp(_) => UDP,
            Self::Echo if v6 => ICMP6,
            Self::Echo => ICMP,
            Self::Ip(number) => number,
        }
    }

    /// As a case says it.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Tcp(port) => format!("tcp {port}"),
            Self::Udp(port) => format!("udp {port}"),
            Self::Echo => "ping".to_owned(),
            Self::Ip(number) => format!("ip {number}"),
        }
    }
}

/// What a counter saw of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    pub(crate) protocol: u8,
    /// Source and destination port, or twice the identifier of an echo; `None` in later fragments.
    pub(crate) ports: Option<(u16, u16)>,
    /// Low half of the identification of a fragment.
    pub(crate) fragment: Option<u16>,
}

/// Reads an Ethernet frame; `None` where it carries no IP or is cut short.
pub(crate) fn sight(frame: &[u8]) -> Option<Sighting> {
    let packet = frame.get(14..)?;
    match u16_at(frame, 12)? {
        0x0800 => sight_v4(packet),
        0x86dd => sight_v6(packet),
        _ => None,
    }
}

fn sight_v4(packet: &[u8]) -> Option<Sighting> {
    let protocol = *packet.get(9)?;
    let flags = u16_at(packet, 6)?;
    let (more, offset) = (flags & 0x2000 != 0, flags & 0x1fff);
    let head = usize::from(packet.first()? & 0x0f) * 4;
    Some(Sighting {
        from: IpAddr::from(<[u8; 4]>::try_from(packet.get(12..16)?).ok()?),
        to: IpAddr::from(<[u8; 4]>::try_from(packet.get(16..20)?).ok()?),
        protocol,
        ports: if offset == 0 { ports(protocol, packet.get(head..)?) } else { None },
        fragment: (more || offset > 0).then_some(u16_at(packet, 4)?),
    })
}

fn sight_v6(packet: &[u8]) -> Option<Sighting> {
    let mut protocol = *packet.get(6)?;
    let mut payload = packet.get(40..)?;
    let mut fragment = None;
    let mut first = true;
    if protocol == FRAGMENT {
        protocol = *payload.first()?;
        first = u16_at(payload, 2)? & 0xfff8 == 0;
        fragment = Some(u16_at(payload, 6)?);
        payload = payload.get(8..)?;
    }
    Some(Sighting {
        from: IpAddr::from(<[u8; 16]>::try_from(packet.get(8..24)?).ok()?),
        to: IpAddr::from(<[u8; 16]>::try_from(packet.get(24..40)?).ok()?),
        protocol,
        ports: if first { ports(protocol, payload) } else { None },
        fragment,
    })
}

fn ports(protocol: u8, payload: &[u8]) -> Option<(u16, u16)> {
    match protocol {
        TCP | UDP => Some((u16_at(payload, 0)?, u16_at(payload, 2)?)),
        // Echo request and reply carry an identifier.
        ICMP if matches!(payload.first()?, 0 | 8) => u16_at(payload, 4).map(|tag| (tag, tag)),
        ICMP6 if matches!(payload.first()?, 128 | 129) => u16_at(payload, 4).map(|tag| (tag, tag)),
        _ => None,
    }
}

/// An echo request or, for a reply, what one looks like.
pub(crate) fn echo(from: IpAddr, to: IpAddr, tag: u16, payload: &[u8]) -> Vec<u8> {
    let kind = if to.is_ipv4() { 8 } else { 128 };
    let mut bytes = vec![kind, 0, 0, 0];
    bytes.extend(tag.to_be_bytes());
    bytes.extend([0, 1]);
    bytes.extend(payload);
    let sum = if to.is_ipv4() { checksum(&[&bytes]) } else { with_pseudo_head(from, to, ICMP6, &bytes) };
    put(&mut bytes, 2, sum);
    bytes
}

/// A TCP segment with only SYN set.
pub(crate) fn syn(from: IpAddr, to: IpAddr, (source, destination): (u16, u16)) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(20);
    bytes.extend(source.to_be_bytes());
    bytes.extend(destination.to_be_bytes());
    bytes.extend([0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]);
    let sum = with_pseudo_head(from, to, TCP, &bytes);
    put(&mut bytes, 16, sum);
    bytes
}

/// A TCP segment of a connection that stands, with these numbers and payload.
pub(crate) fn segment(
    from: IpAddr,
    to: IpAddr,
    (source, destination): (u16, u16),
    (sequence, acknowledged): (u32, u32),
    payload: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(20 + payload.len());
    bytes.extend(source.to_be_bytes());
    bytes.extend(destination.to_be_bytes());
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(acknowledged.to_be_bytes());
    // Twenty bytes of head; PSH and ACK.
    bytes.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.extend(payload);
    let sum = with_pseudo_head(from, to, TCP, &bytes);
    put(&mut bytes, 16, sum);
    bytes
}

/// The payload of the TCP segment in an Ethernet frame, without what fills a short frame up.
pub(crate) fn tcp_payload(frame: &[u8]) -> Option<&[u8]> {
    let packet = frame.get(14..)?;
    let segment = match u16_at(frame, 12)? {
        0x0800 => {
            let whole = packet.get(..usize::from(u16_at(packet, 2)?))?;
            whole.get(usize::from(packet.first()? & 0x0f) * 4..)?
        }
        0x86dd => packet.get(40..)?.get(..usize::from(u16_at(packet, 4)?))?,
        _ => return None,
    };
    segment.get(usize::from(segment.get(12)? >> 4) * 4..)
}

/// A UDP datagram.
pub(crate) fn datagram(
    from: IpAddr,
    to: IpAddr,
    (source, destination): (u16, u16),
    payload: &[u8],
) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).unwrap_or(u16::MAX);
    let mut bytes = Vec::with_capacity(8 + payload.len());
    bytes.extend(source.to_be_bytes());
    bytes.extend(destination.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(payload);
    let sum = match with_pseudo_head(from, to, UDP, &bytes) {
        0 => 0xffff,
        sum => sum,
    };
    put(&mut bytes, 6, sum);
    bytes
}

/// Whole IP packets that carry `payload`: one, or two fragments with this identification.
pub(crate) fn packets(
    from: IpAddr,
    to: IpAddr,
    protocol: u8,
    payload: &[u8],
    fragments: Option<u16>,
) -> Vec<Vec<u8>> {
    let Some(id) = fragments else { return vec![packet(from, to, protocol, payload, None)] };
    // Eight bytes, the least a first fragment can carry: the ports are in it, the rest of the head is not.
    let (first, rest) = payload.split_at(8.min(payload.len()));
    vec![
        packet(from, to, protocol, first, Some((id, 0, true))),
        packet(from, to, protocol, rest, Some((id, 1, false))),
    ]
}

fn packet(from: IpAddr, to: IpAddr, protocol: u8, payload: &[u8], part: Option<(u16, u16, bool)>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(48 + payload.len());
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let length = u16::try_from(20 + payload.len()).unwrap_or(u16::MAX);
            let (id, offset, more) = part.unwrap_or((0, 0, false));
            bytes.extend([0x45, 0]);
            bytes.extend(length.to_be_bytes());
            bytes.extend(id.to_be_bytes());
            bytes.extend((offset | if more { 0x2000 } else { 0 }).to_be_bytes());
            bytes.extend([64, protocol, 0, 0]);
            bytes.extend(from.octets());
            bytes.extend(to.octets());
            let sum = checksum(&[&bytes]);
            put(&mut bytes, 10, sum);
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let extra = if part.is_some() { 8 } else { 0 };
            let length = u16::try_from(extra + payload.len()).unwrap_or(u16::MAX);
            bytes.extend([0x60, 0, 0, 0]);
            bytes.extend(length.to_be_bytes());
            bytes.extend([if part.is_some() { FRAGMENT } else { protocol }, 64]);
            bytes.extend(from.octets());
            bytes.extend(to.octets());
            if let Some((id, offset, more)) = part {
                bytes.extend([protocol, 0]);
                bytes.extend((offset << 3 | u16::from(more)).to_be_bytes());
                bytes.extend([0, 0]);
                bytes.extend(id.to_be_bytes());
            }
        }
        // Nothing has ends of two families.
        _ => return bytes,
    }
    bytes.extend(payload);
    bytes
}

fn with_pseudo_head(from: IpAddr, to: IpAddr, protocol: u8, bytes: &[u8]) -> u16 {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let octets = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    checksum(&[&octets(from), &octets(to), &length, &[0, 0, 0, protocol], bytes])
}

/// The Internet checksum over parts of even length (the last may be odd).
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u64 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            let high = pair.first().copied().unwrap_or(0);
            let low = pair.get(1).copied().unwrap_or(0);
            sum += u64::from(u16::from_be_bytes([high, low]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

fn put(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(place) = bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&value.to_be_bytes());
    }
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(packet: &[u8], v6: bool) -> Vec<u8> {
        let mut frame = vec![0; 12];
        frame.extend(if v6 { [0x86, 0xdd] } else { [0x08, 0x00] });
        frame.extend(packet);
        frame
    }

    #[test]
    fn the_payload_of_a_segment_comes_back() {
        for (from, to) in [("10.0.0.1", "10.0.1.2"), ("fd00::1", "fd01::2")] {
            let (from, to): (IpAddr, IpAddr) = (from.parse().unwrap(), to.parse().unwrap());
            let segment = segment(from, to, (4000, 502), (7, 9), b"asked");
            let mut frame = framed(&packets(from, to, TCP, &segment, None)[0], to.is_ipv6());
            frame.extend([0; 6]);
            assert_eq!(tcp_payload(&frame), Some(&b"asked"[..]));
            for end in 0..frame.len() {
                let _ = tcp_payload(&frame[..end]);
            }
        }
    }

    #[test]
    fn what_is_built_is_recognised() {
        for (from, to) in [("10.0.0.1", "10.0.1.2"), ("fd00::1", "fd01::2")] {
            let (from, to): (IpAddr, IpAddr) = (from.parse().unwrap(), to.parse().unwrap());
            let v6 = to.is_ipv6();
            for (protocol, payload) in
                [(TCP, syn(from, to, (4000, 102))), (UDP, datagram(from, to, (4000, 102), b"hello there"))]
            {
                let whole = packets(from, to, protocol, &payload, None);
                let seen = sight(&framed(&whole[0], v6)).unwrap();
                assert_eq!((seen.from, seen.to, seen.protocol), (from, to, protocol));
                assert_eq!((seen.ports, seen.fragment), (Some((4000, 102)), None));
                let parts = packets(from, to, protocol, &payload, Some(77));
                let seen: Vec<_> = parts.iter().map(|part| sight(&framed(part, v6)).unwrap()).collect();
                assert_eq!((seen[0].ports, seen[0].fragment), (Some((4000, 102)), Some(77)));
                assert_eq!((seen[1].ports, seen[1].fragment), (None, Some(77)));
                for end in 0..parts[0].len() + 14 {
                    let _ = sight(&framed(&parts[0], v6)[..end]);
                }
            }
        }
    }
}
