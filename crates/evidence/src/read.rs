//! The records of a log: those that count, and those that do not.

use crate::keys::Keys;
use crate::reason::Reason;
use crate::record::Record;
use crate::signed::Signed;

/// A record that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its number in the log.
    pub number: u64,
    /// The record.
    pub record: Record,
    /// Name and id of the key that signed it.
    pub key: String,
}

/// A record that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number in the log.
    pub number: u64,
    /// Why.
    pub reason: Reason,
}

/// All records of a log; none is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    /// Those that count, in the order of the log.
    pub accepted: Vec<Evidence>,
    /// Those that do not.
    pub refused: Vec<Refused>,
}

/// Reads the records of a log that was verified: number and content of each.
pub fn read<'a>(records: impl IntoIterator<Item = (u64, &'a [u8])>, keys: &Keys) -> Read {
    let mut read = Read::default();
    for (number, bytes) in records {
        match Signed::read(bytes, keys) {
            Ok(signed) => {
                let key = signed.key.short();
                read.accepted.push(Evidence { number, record: signed.record, key });
            }
            Err(reason) => read.refused.push(Refused { number, reason }),
        }
    }
    read
}
