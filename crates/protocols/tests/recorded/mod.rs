//! Captures to the bytes of TCP streams: as much of pcap, pcapng, Ethernet, IPv4 and TCP as the recordings need.

use std::collections::BTreeMap;
use std::path::Path;

/// Source and destination, address and port.
pub(crate) type Key = ([u8; 6], [u8; 6]);

/// The payload of one frame.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Number of the frame, from 1.
    pub(crate) frame: usize,
    /// From where to where.
    pub(crate) key: Key,
    /// Whether it goes to port 502.
    pub(crate) to_server: bool,
    /// Opens the stream.
    pub(crate) syn: bool,
    /// Place in the stream.
    pub(crate) sequence: u32,
    /// Bytes.
    pub(crate) data: Vec<u8>,
}

fn u32_le(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

fn u16_be(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]))
}

/// The frames of a little-endian pcap or pcapng file.
fn frames(file: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    if file[..4] == [0x0a, 0x0d, 0x0d, 0x0a] {
        let mut at = 0;
        while at + 12 <= file.len() {
            if u32_le(file, at) == 6 {
                frames.push(&file[at + 28..at + 28 + u32_le(file, at + 20)]);
            }
            at += u32_le(file, at + 4);
        }
    } else {
        assert_eq!(file[..4], [0xd4, 0xc3, 0xb2, 0xa1]);
        let mut at = 24;
        while at + 16 <= file.len() {
            let length = u32_le(file, at + 8);
            frames.push(&file[at + 16..at + 16 + length]);
            at += 16 + length;
        }
    }
    frames
}

/// All TCP segments of a capture, in order.
pub(crate) fn segments(path: &Path) -> Vec<Segment> {
    let file = std::fs::read(path).unwrap();
    let frames = frames(&file).into_iter().enumerate();
    frames.filter_map(|(index, frame)| segment(index + 1, frame)).collect()
}

fn segment(number: usize, frame: &[u8]) -> Option<Segment> {
    let ip = frame.get(14..)?;
    if frame[12..14] != [8, 0] || *ip.get(9)? != 6 {
        return None;
    }
    let ip = ip.get(..u16_be(ip, 2))?;
    let tcp = &ip[usize::from(ip[0] & 15) * 4..];
    let end = |address: usize, port: usize| {
        let mut end = [0; 6];
        end[..4].copy_from_slice(&ip[address..address + 4]);
        end[4..].copy_from_slice(&tcp[port..port + 2]);
        end
    };
    Some(Segment {
        frame: number,
        key: (end(12, 0), end(16, 2)),
        to_server: u16_be(tcp, 2) == 502,
        syn: tcp[13] & 2 != 0,
        sequence: u32::from_be_bytes(tcp[4..8].try_into().unwrap()),
        data: tcp[usize::from(tcp[12] >> 4) * 4..].to_vec(),
    })
}

/// One state per direction of a connection, fed in order: what was there already is left out, a gap starts afresh.
#[derive(Default)]
pub(crate) struct Streams<T>(BTreeMap<Key, (u32, T)>);

impl<T: Default> Streams<T> {
    /// The state and the new bytes of the segment.
    pub(crate) fn next<'s>(&'s mut self, segment: &'s Segment) -> (&'s mut T, &'s [u8]) {
        let Segment { key, syn, sequence, data, .. } = segment;
        let start = sequence.wrapping_add(u32::from(*syn));
        let (expected, state) = self.0.entry(*key).or_insert_with(|| (start, T::default()));
        let known = expected.wrapping_sub(start) as usize;
        let new = match known {
            // Sent again, as a whole or in part.
            _ if !*syn && known > 0 && known < 1 << 20 => data.get(known..).unwrap_or_default(),
            0 => data,
            _ => {
                *state = T::default();
                data
            }
        };
        if !new.is_empty() || *syn {
            *expected = start.wrapping_add(u32::try_from(data.len()).unwrap());
        }
        (state, new)
    }
}
