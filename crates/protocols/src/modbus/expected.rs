//! What a request expects, kept small while its answer is on the way.

use super::request::{Body, Request, counter};
use super::response::{Reply, Response};

/// What must come back for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Transaction of the request.
    pub transaction: u16,
    /// Unit of the request.
    pub unit: u8,
    /// Function of the request.
    pub function: u8,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Bytes(u16),
    Echo(u64),
    Wrote(u16, u16),
    Diagnostics(u16),
    Files {
        bytes: u16,
        parts: u8,
    },
    DeviceId(u8),
    CanOpen,
    /// The device falls silent, or refuses to.
    Silence,
    /// The function says enough.
    Any,
}

/// FNV-1a: a device that answers something else by mistake is noticed. Whoever answers in bad faith may lie anyway.
fn digest(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Request<'_> {
    /// What must come back.
    pub fn expected(&self) -> Expected {
        let words = |function: u8, words: &[u16]| {
            let mut bytes = [function, 0, 0, 0, 0, 0, 0];
            let rooms = bytes.get_mut(1..).unwrap_or_default().chunks_exact_mut(2);
            rooms.zip(words).for_each(|(room, word)| room.copy_from_slice(&word.to_be_bytes()));
            Shape::Echo(digest(&[bytes.get(..1 + 2 * words.len()).unwrap_or_default()]))
        };
        let shape = match self.body {
            Body::Read { table, count, .. } => {
                let bits = matches!(table, crate::Table::Coil | crate::Table::Discrete);
                Shape::Bytes(if bits { count.div_ceil(8) } else { count.saturating_mul(2) })
            }
            Body::ReadWrite { read_count, .. } => Shape::Bytes(read_count.saturating_mul(2)),
            Body::WriteCoil { at, on } => words(5, &[at, if on { 0xFF00 } else { 0 }]),
            Body::WriteRegister { at, value } => words(6, &[at, value]),
            Body::MaskWrite { at, and, or } => words(22, &[at, and, or]),
            Body::WriteCoils { first, values } => Shape::Wrote(first, values.len()),
            Body::WriteRegisters { first, values } => Shape::Wrote(first, values.len()),
            Body::Diagnostics { sub: 4, .. } => Shape::Silence,
            Body::Diagnostics { sub, .. } if counter(sub) => Shape::Diagnostics(sub),
            Body::Diagnostics { sub, data } => Shape::Echo(digest(&[&[8], &sub.to_be_bytes(), data])),
            Body::WriteFiles(parts) => {
                let count = u8::try_from(parts.bytes().len()).unwrap_or(u8::MAX);
                Shape::Echo(digest(&[&[21, count], parts.bytes()]))
            }
            Body::ReadFiles(parts) => {
                let (count, bytes) = parts.iter().fold((0_u8, 0_u16), |(count, bytes), part| {
                    (count.saturating_add(1), bytes.saturating_add(2).saturating_add(part.count * 2))
                });
                Shape::Files { bytes, parts: count }
            }
            Body::DeviceId { code, .. } => Shape::DeviceId(code),
            Body::CanOpen(_) => Shape::CanOpen,
            Body::ExceptionStatus
            | Body::EventCounter
            | Body::EventLog
            | Body::ServerId
            | Body::ReadQueue { .. } => Shape::Any,
        };
        Expected { transaction: self.transaction, unit: self.unit, function: self.function(), shape }
    }
}

impl Expected {
    /// Whether transaction and unit are the same.
    pub fn concerns(&self, transaction: u16, unit: u8) -> bool {
        self.transaction == transaction && self.unit == unit
    }

    /// Whether the response answers the request.
    pub fn answered_by(&self, response: &Response<'_>) -> bool {
        if !self.concerns(response.transaction, response.unit) || self.function != response.function() {
            return false;
        }
        match (self.shape, response.reply) {
            (_, Reply::Exception { .. }) => true,
            (Shape::Bytes(count), Reply::Bits(bytes)) => bytes.len() == usize::from(count),
            (Shape::Bytes(count), Reply::Registers(values)) => values.bytes().len() == usize::from(count),
            (Shape::Echo(hash), Reply::Echo) => digest(&[response.pdu]) == hash,
            (Shape::Wrote(first, count), Reply::Wrote { first: f, count: c }) => (first, count) == (f, c),
            (Shape::Diagnostics(sub), Reply::Diagnostics { sub: answered, .. }) => sub == answered,
            (Shape::Files { bytes, parts }, Reply::Files { bytes: b, parts: p }) => {
                usize::from(bytes) == b.len() && parts == p
            }
            (Shape::DeviceId(code), Reply::DeviceId { code: answered, .. }) => code == answered,
            (Shape::CanOpen, Reply::CanOpen(_)) => true,
            (
                Shape::Any,
                Reply::ExceptionStatus(_)
                | Reply::EventCounter { .. }
                | Reply::EventLog(_)
                | Reply::ServerId(_)
                | Reply::Queue(_),
            ) => true,
            _ => false,
        }
    }
}
