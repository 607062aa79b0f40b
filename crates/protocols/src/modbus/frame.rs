//! Cutting a byte stream into ADUs.

/// Most bytes of one ADU: header of 7, function, 252 of data.
pub const MOST_ADU: usize = 260;

/// Most bytes of function and data.
pub(super) const MOST_PDU: usize = 253;

/// Room for one ADU.
pub type Buffer = [u8; MOST_ADU];

/// Transaction, protocol and length.
const HEAD: usize = 6;

/// One ADU, cut but not yet understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adu<'a> {
    /// Which request it is, or answers.
    pub transaction: u16,
    /// Which device behind the address.
    pub unit: u8,
    /// Function and data, 1 to 253 bytes.
    pub pdu: &'a [u8],
}

/// Why a stream ends. Past such a header nobody knows where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameError {
    /// The protocol in the header is not Modbus.
    Protocol(u16),
    /// A length no ADU has: it counts the unit and 1 to 253 bytes of PDU.
    Length(u16),
}

/// The length of the whole ADU that starts here, once its header is complete.
fn length(bytes: &[u8]) -> Result<Option<usize>, FrameError> {
    let Some(&[_, _, p0, p1, l0, l1]) = bytes.first_chunk::<HEAD>() else {
        return Ok(None);
    };
    let (protocol, length) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([l0, l1]));
    if protocol != 0 {
        return Err(FrameError::Protocol(protocol));
    }
    if !(2..=254).contains(&length) {
        return Err(FrameError::Length(length));
    }
    Ok(Some(HEAD + usize::from(length)))
}

impl<'a> Adu<'a> {
    /// Reads the whole ADU at the start of `bytes` and hands back what follows; nothing while it is incomplete.
    pub fn take(bytes: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, FrameError> {
        let Some(length) = length(bytes)? else {
            return Ok(None);
        };
        Ok(bytes.split_at_checked(length).and_then(|(adu, rest)| Some((Self::whole(adu)?, rest))))
    }

    fn whole(adu: &'a [u8]) -> Option<Self> {
        let (&[t0, t1, _, _, _, _, unit], pdu) = adu.split_first_chunk()?;
        Some(Self { transaction: u16::from_be_bytes([t0, t1]), unit, pdu })
    }

    /// The function, exception bit included.
    pub fn function(&self) -> u8 {
        self.pdu.first().copied().unwrap_or(0)
    }
}

/// Cuts one direction of a connection into ADUs, however it arrives in pieces.
///
/// Whole ADUs are views of the input; only one that is spread over pieces is copied, into a buffer of its own size.
/// After an error it yields that error for ever, whatever follows.
#[derive(Debug, Clone)]
pub struct Frames {
    held: Buffer,
    filled: usize,
    /// What is held was handed out.
    done: bool,
    broken: Option<FrameError>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { held: [0; MOST_ADU], filled: 0, done: false, broken: None }
    }
}

impl Frames {
    /// The next ADU of the stream. `input` is what arrived; what is used up is cut off it. Call until it yields
    /// nothing: then all of `input` is used up.
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Option<Result<Adu<'a>, FrameError>> {
        if let Some(error) = self.broken {
            *input = &[];
            return Some(Err(error));
        }
        if self.done {
            self.filled = 0;
            self.done = false;
        }
        if self.filled == 0 {
            match Adu::take(input) {
                Ok(Some((adu, rest))) => {
                    *input = rest;
                    return Some(Ok(adu));
                }
                Ok(None) => {}
                Err(error) => return Some(Err(self.end(error, input))),
            }
        }
        if !self.fill(HEAD, input) {
            return None;
        }
        let whole = match length(self.held.get(..self.filled).unwrap_or_default()) {
            Ok(whole) => whole?,
            Err(error) => return Some(Err(self.end(error, input))),
        };
        if !self.fill(whole, input) {
            return None;
        }
        self.done = true;
        Adu::whole(self.held.get(..whole)?).map(Ok)
    }

    /// Whether a part of an ADU is waiting for its rest.
    pub fn partial(&self) -> bool {
        self.filled > 0 && !self.done
    }

    /// Copies until `wanted` bytes are held; whether they are.
    fn fill(&mut self, wanted: usize, input: &mut &[u8]) -> bool {
        let missing = wanted.saturating_sub(self.filled).min(input.len());
        let (head, rest) = input.split_at(missing);
        if let Some(room) = self.held.get_mut(self.filled..self.filled + missing) {
            room.copy_from_slice(head);
            self.filled += missing;
        }
        *input = rest;
        self.filled >= wanted
    }

    fn end(&mut self, error: FrameError, input: &mut &[u8]) -> FrameError {
        self.broken = Some(error);
        *input = &[];
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Result<(u16, u8, Vec<u8>), FrameError>;

    fn cut(pieces: &[&[u8]]) -> Vec<Seen> {
        let mut frames = Frames::default();
        let mut seen = Vec::new();
        for piece in pieces {
            let mut input = *piece;
            while let Some(next) = frames.next(&mut input) {
                let next = next.map(|adu| (adu.transaction, adu.unit, adu.pdu.to_vec()));
                let stop = next.is_err();
                if seen.last() != Some(&next) || !stop {
                    seen.push(next);
                }
                if stop {
                    break;
                }
            }
            assert!(input.is_empty());
        }
        seen
    }

    const THREE: &[u8] = &[
        0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 60, // a read
        0, 2, 0, 0, 0, 2, 9, 7, // the shortest
        0, 3, 0, 0, 0, 5, 1, 43, 14, 1, 0,
    ];

    #[test]
    fn cut_anywhere_it_is_the_same_stream() {
        let whole = cut(&[THREE]);
        assert_eq!(whole.len(), 3);
        assert_eq!(whole[1], Ok((2, 9, vec![7])));
        for first in 0..=THREE.len() {
            for second in first..=THREE.len() {
                let pieces = [&THREE[..first], &THREE[first..second], &THREE[second..]];
                assert_eq!(cut(&pieces), whole, "{first} {second}");
            }
        }
        let single: Vec<&[u8]> = THREE.chunks(1).collect();
        assert_eq!(cut(&single), whole);
    }

    #[test]
    fn an_impossible_header_ends_the_stream_for_good() {
        for (head, error) in [
            ([0, 9, 0, 0, 0, 0], FrameError::Length(0)),
            ([0, 9, 0, 0, 0, 1], FrameError::Length(1)),
            ([0, 9, 0, 0, 0, 255], FrameError::Length(255)),
            ([0, 9, 0, 0, 255, 255], FrameError::Length(0xFFFF)),
            ([0, 9, 1, 0, 0, 6], FrameError::Protocol(256)),
        ] {
            let mut bytes = THREE.to_vec();
            bytes.extend(head);
            bytes.extend([1, 1, 1, 1]);
            bytes.extend(THREE);
            for at in 0..=bytes.len() {
                let seen = cut(&[&bytes[..at], &bytes[at..]]);
                assert_eq!(seen.len(), 4, "{error:?} cut at {at}");
                assert_eq!(seen[3], Err(error), "{error:?} cut at {at}");
            }
        }
    }

    #[test]
    fn the_longest_adu_fits() {
        let mut bytes = vec![0, 1, 0, 0, 0, 254, 1, 3];
        bytes.resize(MOST_ADU, 7);
        for at in [0, 1, 6, 7, 100, 259, 260] {
            let seen = cut(&[&bytes[..at], &bytes[at..]]);
            assert_eq!(seen.len(), 1);
            assert_eq!(seen[0].as_ref().map(|(_, _, pdu)| pdu.len()), Ok(253));
        }
    }
}
