//! Data registers as bytes, some bits of which may be open.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use nftables::Register;

/// One byte of which some bits are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits {
    /// The bits; 0 where they are not known.
    pub(super) value: u8,
    /// Which bits are known.
    pub(super) known: u8,
    /// What the other bits are, as a number of [`Origins`]; equal numbers are equal bits.
    pub(super) origin: u32,
}

/// A byte all of whose bits are known.
pub(super) fn sure(value: u8) -> Bits {
    Bits { value, known: 0xff, origin: 0 }
}

/// Bytes all of whose bits are known.
pub(super) fn all_sure(bytes: &[u8]) -> Vec<Bits> {
    bytes.iter().map(|&byte| sure(byte)).collect()
}

/// Names of open values.
#[derive(Debug)]
pub(super) struct Origins {
    numbers: BTreeMap<String, u32>,
    next: u32,
}

impl Origins {
    pub(super) fn new() -> Self {
        Origins { numbers: BTreeMap::new(), next: 1 }
    }

    /// The number of a name.
    pub(super) fn of(&mut self, name: String) -> u32 {
        let next = self.next;
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.next += 1;
        }
        number
    }

    /// A number that was never given before.
    pub(super) fn fresh(&mut self) -> u32 {
        let name = format!("open {}", self.next);
        self.of(name)
    }

    /// `len` open bytes of one value.
    pub(super) fn open(&mut self, name: &str, len: usize) -> Vec<Bits> {
        (0..len).map(|i| Bits { value: 0, known: 0, origin: self.of(format!("{name}[{i}]")) }).collect()
    }

    /// The same bits after an operation.
    pub(super) fn changed(&mut self, bits: Bits, value: u8, known: u8, how: &str) -> Bits {
        let origin = if known == 0xff { 0 } else { self.of(format!("{} {how}", bits.origin)) };
        Bits { value: value & known, known, origin }
    }
}

/// A test that may have no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Open,
}

/// The registers of one walk through a base chain.
#[derive(Debug, Clone)]
pub(super) struct Registers(Vec<Bits>);

/// The kernel has 16 words of data registers.
const SIZE: usize = 64;

impl Registers {
    pub(super) fn new() -> Self {
        Registers(vec![sure(0); SIZE])
    }

    /// Writes bytes and fills the last word with zeros, as the kernel does.
    pub(super) fn write(&mut self, at: Register, bytes: &[Bits]) {
        let start = usize::from(at.0);
        let padded = start + bytes.len().next_multiple_of(4);
        for (place, byte) in (start..padded).zip(bytes.iter().copied().chain(std::iter::repeat(sure(0)))) {
            if let Some(slot) = self.0.get_mut(place) {
                *slot = byte;
            }
        }
    }

    /// Reads bytes; `None` beyond the end.
    pub(super) fn read(&self, at: Register, len: usize) -> Option<&[Bits]> {
        let start = usize::from(at.0);
        self.0.get(start..start.checked_add(len)?)
    }
}

/// Whether bytes are equal to constants.
pub(super) fn equal(bytes: &[Bits], data: &[u8]) -> Truth {
    let mut open = bytes.len() != data.len();
    for (bits, &wanted) in bytes.iter().zip(data) {
        if (bits.value ^ wanted) & bits.known != 0 {
            return Truth::No;
        }
        open |= bits.known != 0xff;
    }
    if open { Truth::Open } else { Truth::Yes }
}

/// The order of bytes and constants as `memcmp` sees it; `None` if open bits decide.
pub(super) fn order(bytes: &[Bits], data: &[u8]) -> Option<Ordering> {
    for (bits, wanted) in bytes.iter().zip(data) {
        let (low, high) = (bits.value, bits.value | !bits.known);
        if high < *wanted {
            return Some(Ordering::Less);
        }
        if low > *wanted {
            return Some(Ordering::Greater);
        }
        if low != high {
            return None;
        }
    }
    Some(Ordering::Equal)
}

/// Whether bytes lie in a closed range.
pub(super) fn within(bytes: &[Bits], from: &[u8], to: &[u8]) -> Truth {
    match (order(bytes, from), order(bytes, to)) {
        (Some(Ordering::Less), _) | (_, Some(Ordering::Greater)) => Truth::No,
        (Some(_), Some(_)) => Truth::Yes,
        _ => Truth::Open,
    }
}

/// A text that is equal for equal bytes.
pub(super) fn describe(bytes: &[Bits]) -> String {
    bytes.iter().map(|bits| format!("{:02x}/{:02x}/{} ", bits.value, bits.known, bits.origin)).collect()
}
