//! Views of values inside a message.

use super::refused::Malformed;

/// Reads fields one after the other; nothing left is an error of length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn word(&mut self) -> Result<u16, Malformed> {
        let (first, rest) = self.0.split_first_chunk().ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(u16::from_be_bytes(*first))
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (first, rest) = self.0.split_at_checked(count).ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(first)
    }

    /// A byte count that must fit exactly, and the bytes.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let count = usize::from(self.byte()?);
        if count != self.0.len() {
            return Err(Malformed::ByteCount);
        }
        self.take(count)
    }

    /// Nothing may follow.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed::Length) }
    }
}

/// Registers, high byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registers<'a>(&'a [u8]);

impl<'a> Registers<'a> {
    /// A view of the bytes; an odd one at the end is no register.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes on the wire.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// How many.
    pub fn len(&self) -> u16 {
        u16::try_from(self.0.len() / 2).unwrap_or(u16::MAX)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.len() < 2
    }

    /// One of them, counted from 0.
    pub fn get(&self, index: u16) -> Option<u16> {
        let chunk = self.0.get(usize::from(index) * 2..)?.first_chunk()?;
        Some(u16::from_be_bytes(*chunk))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.0.chunks_exact(2).filter_map(|chunk| chunk.first_chunk().copied().map(u16::from_be_bytes))
    }
}

/// Coils or discrete inputs, lowest bit first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    count: u16,
}

impl<'a> Bits<'a> {
    /// `count` bits in exactly as many bytes as they need; bits past the last one are not checked.
    pub fn new(bytes: &'a [u8], count: u16) -> Option<Self> {
        (bytes.len() == usize::from(count.div_ceil(8))).then_some(Self { bytes, count })
    }

    /// The bytes on the wire.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many.
    pub fn len(&self) -> u16 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One of them, counted from 0.
    pub fn get(&self, index: u16) -> Option<bool> {
        if index >= self.count {
            return None;
        }
        self.bytes.get(usize::from(index / 8)).map(|byte| byte >> (index % 8) & 1 == 1)
    }

    /// Whether the bits past the last one are zero, as the specification asks.
    pub fn padded(&self) -> bool {
        let used = self.count % 8;
        used == 0 || self.bytes.last().is_none_or(|last| last >> used == 0)
    }
}

/// The only reference type there is.
const REFERENCE: u8 = 6;
/// Records of a file are numbered 0 to 9999.
const RECORDS: u32 = 10_000;

fn place(file: u16, record: u16, count: u16) -> Result<(), Malformed> {
    if count == 0 {
        return Err(Malformed::Quantity);
    }
    let end = u32::from(record) + u32::from(count);
    if file == 0 || end > RECORDS { Err(Malformed::Address) } else { Ok(()) }
}

/// One part of a request to read file records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRead {
    /// File.
    pub file: u16,
    /// First record.
    pub record: u16,
    /// How many registers.
    pub count: u16,
}

/// The parts of a request to read file records, all of them checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileReads<'a>(&'a [u8]);

impl<'a> FileReads<'a> {
    /// The longest answer that still fits.
    const MOST_ANSWER: usize = 245;

    pub(super) fn check(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() || bytes.len() > 245 || !bytes.len().is_multiple_of(7) {
            return Err(Malformed::ByteCount);
        }
        let (mut cursor, mut answer) = (Cursor(bytes), 0);
        while !cursor.0.is_empty() {
            let part = Self::part(&mut cursor)?;
            answer += 2 + 2 * usize::from(part.count);
        }
        if answer > Self::MOST_ANSWER { Err(Malformed::Quantity) } else { Ok(Self(bytes)) }
    }

    fn part(cursor: &mut Cursor<'_>) -> Result<FileRead, Malformed> {
        if cursor.byte()? != REFERENCE {
            return Err(Malformed::Address);
        }
        let part = FileRead { file: cursor.word()?, record: cursor.word()?, count: cursor.word()? };
        place(part.file, part.record, part.count)?;
        Ok(part)
    }

    /// The bytes on the wire, after their count.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The parts in order.
    pub fn iter(&self) -> impl Iterator<Item = FileRead> + use<'a> {
        let mut cursor = Cursor(self.0);
        std::iter::from_fn(move || Self::part(&mut cursor).ok())
    }
}

/// One part of a request to write file records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileWrite<'a> {
    /// File.
    pub file: u16,
    /// First record.
    pub record: u16,
    /// What is written.
    pub values: Registers<'a>,
}

/// The parts of a request to write file records, all of them checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileWrites<'a>(&'a [u8]);

impl<'a> FileWrites<'a> {
    pub(super) fn check(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if !(9..=251).contains(&bytes.len()) {
            return Err(Malformed::ByteCount);
        }
        let mut cursor = Cursor(bytes);
        while !cursor.0.is_empty() {
            Self::part(&mut cursor)?;
        }
        Ok(Self(bytes))
    }

    fn part(cursor: &mut Cursor<'a>) -> Result<FileWrite<'a>, Malformed> {
        if cursor.byte()? != REFERENCE {
            return Err(Malformed::Address);
        }
        let (file, record, count) = (cursor.word()?, cursor.word()?, cursor.word()?);
        place(file, record, count)?;
        let values = cursor.take(usize::from(count) * 2).map_err(|_| Malformed::ByteCount)?;
        Ok(FileWrite { file, record, values: Registers(values) })
    }

    /// The bytes on the wire, after their count.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The parts in order.
    pub fn iter(&self) -> impl Iterator<Item = FileWrite<'a>> + use<'a> {
        let mut cursor = Cursor(self.0);
        std::iter::from_fn(move || Self::part(&mut cursor).ok())
    }
}
