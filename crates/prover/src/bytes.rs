//! Symbolic registers: every byte is a constant, a byte of a field, or something not modelled.

use std::collections::BTreeMap;

use nftables::Register;
use packets::{Field, Interfaces};

/// Where a byte of a register comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// A number of `width` bytes, most significant first.
    Number(Field, u8),
    /// A number of `width` bytes, least significant first.
    Little(Field, u8),
    /// Name of an interface: 16 bytes, zero padded.
    Name(Field),
    /// Index of an interface: 4 bytes, least significant first.
    Index(Field),
    /// Any other small field: its values are tabulated by [`crate::matching`].
    Table(TableKind),
    /// Not modelled; equal numbers are equal values.
    Opaque(u32),
}

/// Fields whose register value is a table over the field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TableKind {
    /// `ct state` as the bit mask.
    State,
    /// `meta nfproto`.
    NfProto,
    /// `meta protocol`.
    EtherType,
    /// `socket transparent`.
    Transparent,
}

/// One byte of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Byte {
    /// A known value.
    Const(u8),
    /// `(byte & mask) ^ xor`, where `byte` is the `index`th of the source.
    Of { source: Source, index: u8, mask: u8, xor: u8 },
}

/// The 64 bytes of data registers.
#[derive(Debug, Clone)]
pub(crate) struct Registers(Vec<Byte>);

/// Stands for bytes nobody wrote: not modelled.
pub(crate) const UNSET: u32 = 0;

impl Registers {
    pub(crate) fn new() -> Self {
        Registers(vec![Byte::Of { source: Source::Opaque(UNSET), index: 0, mask: 0xff, xor: 0 }; 80])
    }

    /// Writes bytes, padding the last word with zeros as the kernel does.
    pub(crate) fn write(&mut self, at: Register, bytes: impl IntoIterator<Item = Byte>) {
        let start = usize::from(at.0);
        let mut end = start;
        for byte in bytes {
            if let Some(slot) = self.0.get_mut(end) {
                *slot = byte;
            }
            end += 1;
        }
        for at in end..end.next_multiple_of(4) {
            if let Some(slot) = self.0.get_mut(at) {
                *slot = Byte::Const(0);
            }
        }
    }

    /// Writes `len` bytes of a source, from its byte `first`.
    pub(crate) fn load(&mut self, at: Register, source: Source, first: u8, len: u8) {
        self.write(
            at,
            (first..first.saturating_add(len)).map(|index| Byte::Of { source, index, mask: 0xff, xor: 0 }),
        );
    }

    pub(crate) fn read(&self, at: Register, len: usize) -> Option<&[Byte]> {
        let start = usize::from(at.0);
        self.0.get(start..start.checked_add(len)?)
    }

    /// Replaces every byte that comes from a field by an unmodelled one: the field is about to change.
    pub(crate) fn forget(&mut self, field: Field, by: u32) {
        for slot in &mut self.0 {
            if let Byte::Of { source, .. } = slot
                && source.field() == Some(field)
            {
                *source = Source::Opaque(by);
            }
        }
    }
}

impl Source {
    /// The field behind it.
    pub(crate) fn field(self) -> Option<Field> {
        match self {
            Source::Number(field, _)
            | Source::Little(field, _)
            | Source::Name(field)
            | Source::Index(field) => Some(field),
            Source::Table(kind) => Some(match kind {
                TableKind::State => Field::State,
                TableKind::NfProto | TableKind::EtherType => Field::Family,
                TableKind::Transparent => Field::Socket,
            }),
            Source::Opaque(_) => None,
        }
    }
}

/// Ranges of values per field: a conjunction.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(crate) struct Constraint(pub(crate) BTreeMap<Field, Vec<(u128, u128)>>);

/// What a test of registers comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// Exactly these values.
    Exact(Constraint),
    /// Never true.
    Never,
    /// Depends on something not modelled: what, as a key that is equal for equal predicates.
    Unknown(String),
}

impl Constraint {
    /// Adds a condition; `false` if nothing is left.
    pub(crate) fn restrict(&mut self, field: Field, ranges: Vec<(u128, u128)>) -> bool {
        let entry = self.0.entry(field).or_insert_with(|| vec![(0, u128::MAX)]);
        *entry = intersect(entry, &ranges);
        !entry.is_empty()
    }
}

fn intersect(a: &[(u128, u128)], b: &[(u128, u128)]) -> Vec<(u128, u128)> {
    let mut result = Vec::new();
    for &(low, high) in a {
        for &(from, to) in b {
            let (low, high) = (low.max(from), high.min(to));
            if low <= high {
                result.push((low, high));
            }
        }
    }
    result.sort_unstable();
    result
}

/// What the values of a small field look like in a register.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    pub(crate) interfaces: &'a Interfaces,
    /// Index of each interface value, where it exists.
    pub(crate) indexes: BTreeMap<u128, u32>,
}

impl Tables<'_> {
    /// All values of a small source with their bytes; `None` for numbers and opaque sources.
    pub(crate) fn values(&self, source: Source) -> Option<Vec<(u128, Vec<u8>)>> {
        Some(match source {
            Source::Name(_) => {
                let mut values = vec![(Interfaces::ABSENT, vec![0; 16])];
                values.extend(self.interfaces.iter().map(|(value, name)| (value, padded(name))));
                // No rule names it, so it only has to differ from every name and pattern: the names all come from
                // the rules, and no interface can be called this.
                values.push((self.interfaces.other(), padded("/other")));
                values
            }
            Source::Index(_) => {
                let mut values = vec![(Interfaces::ABSENT, vec![0; 4])];
                for value in 1..=self.interfaces.other() {
                    // An interface that does not exist has an index no rule can hold.
                    let index = self.indexes.get(&value).copied().unwrap_or(u32::MAX);
                    values.push((value, index.to_le_bytes().to_vec()));
                }
                values
            }
            Source::Table(TableKind::State) => {
                use packets::ct_state::*;
                [(INVALID, 1u32), (NEW, 8), (ESTABLISHED, 2), (RELATED, 4), (UNTRACKED, 64)]
                    .into_iter()
                    .map(|(value, bits)| (value, bits.to_le_bytes().to_vec()))
                    .collect()
            }
            Source::Table(TableKind::NfProto) => {
                vec![(packets::family::V4, vec![2]), (packets::family::V6, vec![10])]
            }
            Source::Table(TableKind::EtherType) => {
                vec![(packets::family::V4, vec![0x08, 0x00]), (packets::family::V6, vec![0x86, 0xdd])]
            }
            Source::Table(TableKind::Transparent) => {
                use packets::socket::*;
                vec![(NONE, vec![0]), (TRANSPARENT, vec![1]), (ORDINARY, vec![0])]
            }
            Source::Number(..) | Source::Little(..) | Source::Opaque(_) => return None,
        })
    }
}

fn padded(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes
}
