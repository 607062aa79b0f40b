//! The file: a fixed start, then frames, each a record or a checkpoint.
//!
//! A frame is `kind, index (8), length (4), CRC-32 of these (4), content, SHA-256 of the content as a leaf (32)`, numbers
//! with the most significant byte first. The index of a checkpoint is the number of records before it. The head has a
//! check of its own because a wrong length would hide where the next frame begins; the hash stands there in full so
//! that the tree can be followed past a content that was damaged.

use crate::tree::{Hash, leaf_hash};

/// How every file begins.
pub(crate) const START: &[u8; 16] = b"ringwall log 1\n\0";
/// Bytes of a frame before its content.
pub const HEAD: usize = 17;
/// Bytes of a frame after its content.
pub(crate) const TAIL: usize = 32;
/// No longer record is written or read.
pub const LONGEST: usize = 1 << 20;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A record.
    Record,
    /// A checkpoint.
    Checkpoint,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Record => b'r',
            Self::Checkpoint => b'c',
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::Record, Self::Checkpoint].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// A head whose check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    pub(crate) index: u64,
    pub(crate) length: usize,
}

impl Head {
    /// The head these bytes begin with, if they do.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let kind = Kind::of(*bytes.first()?)?;
        let (covered, rest) = bytes.split_first_chunk::<13>()?;
        let check = u32::from_be_bytes(*rest.first_chunk()?);
        let [_, rest @ ..] = covered;
        let (index, length) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u32::from_be_bytes(*length.first_chunk()?)).ok()?;
        let head = Self { kind, index: u64::from_be_bytes(*index), length };
        (length <= LONGEST && crc32(covered) == check).then_some(head)
    }

    /// Bytes of the whole frame.
    pub(crate) fn frame(&self) -> usize {
        HEAD + self.length + TAIL
    }
}

/// A complete frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) head: Head,
    pub(crate) content: &'a [u8],
    pub(crate) hash: &'a Hash,
}

/// Why there is no complete frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The head is not one.
    Head,
    /// The bytes end within the frame.
    Cut,
}

impl<'a> Frame<'a> {
    /// The frame these bytes begin with. Its hash is not yet compared.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Broken> {
        let head = match Head::read(bytes) {
            Some(head) => head,
            None if bytes.len() < HEAD => return Err(Broken::Cut),
            None => return Err(Broken::Head),
        };
        let content = bytes.get(HEAD..HEAD + head.length).ok_or(Broken::Cut)?;
        let tail = bytes.get(HEAD + head.length..).ok_or(Broken::Cut)?;
        let hash = tail.first_chunk::<TAIL>().ok_or(Broken::Cut)?;
        Ok(Self { head, content, hash })
    }
}

/// Appends a frame and returns the hash of its content. The content is no longer than [`LONGEST`].
pub(crate) fn write(buffer: &mut Vec<u8>, kind: Kind, index: u64, content: &[u8]) -> Hash {
    let hash = leaf_hash(content);
    let mut head = [0; 13];
    let [first, rest @ ..] = &mut head;
    *first = kind.byte();
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    for (to, from) in rest.iter_mut().zip(index.to_be_bytes().into_iter().chain(length)) {
        *to = from;
    }
    buffer.extend(head);
    buffer.extend(crc32(&head).to_be_bytes());
    buffer.extend(content);
    buffer.extend(hash);
    hash
}

/// The CRC of Ethernet and zip: it notices every single wrong bit for sure, not only most likely.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = (crc ^ u32::from(*byte)).to_le_bytes();
        (crc >> 8) ^ TABLE.get(usize::from(low)).copied().unwrap_or_default()
    })
}

const TABLE: [u32; 256] = table();

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse a place outside")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_frame_is_read_as_written_and_never_beyond_its_bytes() {
        let mut bytes = Vec::new();
        let hash = write(&mut bytes, Kind::Record, 7, b"content");
        let frame = Frame::read(&bytes).unwrap();
        assert_eq!((frame.head.kind, frame.head.index, frame.content), (Kind::Record, 7, &b"content"[..]));
        assert_eq!((*frame.hash, frame.head.frame()), (hash, bytes.len()));
        for end in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..end]), Err(Broken::Cut), "{end}");
        }
        for bit in 0..HEAD * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::read(&bytes), Err(Broken::Head), "{bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
