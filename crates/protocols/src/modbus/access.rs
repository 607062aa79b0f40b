//! What a request touches, in the words of the plant text.

use super::request::{Body, Request, counter};
use super::view::{Bits, Registers};
use crate::command::Command;
use crate::object::{Object, Table};
use crate::verb::Verb;

/// Objects of one table, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Table.
    pub table: Table,
    /// First address.
    pub first: u16,
    /// How many, at least one, none of them past 65535.
    pub count: u16,
}

impl Span {
    /// Last address.
    pub fn last(&self) -> u16 {
        self.first.saturating_add(self.count.saturating_sub(1))
    }

    fn object(&self) -> Object {
        Object::Modbus { table: self.table, first: self.first, last: self.last() }
    }
}

/// Values on their way to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    /// One coil.
    Coil(bool),
    /// Coils.
    Bits(Bits<'a>),
    /// One register.
    Register(u16),
    /// Registers.
    Registers(Registers<'a>),
    /// One register, of which only some bits change: what it will hold is the device's to know.
    Mask {
        /// Bits that stay as they are.
        and: u16,
        /// Values of the others.
        or: u16,
    },
}

impl Values<'_> {
    /// One value as on the wire, counted from 0; nothing where the device alone knows the result.
    pub fn get(&self, index: u16) -> Option<i64> {
        match self {
            Self::Coil(on) => (index == 0).then_some(i64::from(*on)),
            Self::Bits(bits) => bits.get(index).map(i64::from),
            Self::Register(value) => (index == 0).then_some(i64::from(*value)),
            Self::Registers(values) => values.get(index).map(i64::from),
            Self::Mask { .. } => None,
        }
    }
}

/// Objects and the values they are to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'a> {
    /// Where.
    pub span: Span,
    /// What.
    pub values: Values<'a>,
}

/// One thing a request does. A request that reads and writes does two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access<'a> {
    /// Reads objects of a table.
    Read(Span),
    /// Writes objects of a table.
    Write(Written<'a>),
    /// Reads or writes something that has no address in a table. Only a permission for all objects carries it.
    Whole(Verb),
}

impl<'a> Request<'a> {
    /// What is read from a table.
    pub fn reads(&self) -> Option<Span> {
        match self.body {
            Body::Read { table, first, count } => Some(Span { table, first, count }),
            Body::ReadWrite { read_first, read_count, .. } => {
                Some(Span { table: Table::Holding, first: read_first, count: read_count })
            }
            // The count stands at the address, up to 31 queued registers behind it.
            Body::ReadQueue { at } => {
                let count = (u16::MAX - at).min(31) + 1;
                Some(Span { table: Table::Holding, first: at, count })
            }
            _ => None,
        }
    }

    /// What is written to a table.
    pub fn writes(&self) -> Option<Written<'a>> {
        let written =
            |table, first, count, values| Some(Written { span: Span { table, first, count }, values });
        match self.body {
            Body::WriteCoil { at, on } => written(Table::Coil, at, 1, Values::Coil(on)),
            Body::WriteRegister { at, value } => written(Table::Holding, at, 1, Values::Register(value)),
            Body::WriteCoils { first, values } => {
                written(Table::Coil, first, values.len(), Values::Bits(values))
            }
            Body::WriteRegisters { first, values } | Body::ReadWrite { first, values, .. } => {
                written(Table::Holding, first, values.len(), Values::Registers(values))
            }
            Body::MaskWrite { at, and, or } => written(Table::Holding, at, 1, Values::Mask { and, or }),
            _ => None,
        }
    }

    /// What is done besides reading and writing tables.
    pub fn whole(&self) -> Option<Verb> {
        match self.body {
            Body::ExceptionStatus | Body::EventCounter | Body::EventLog | Body::ReadFiles(_) => {
                Some(Verb::Read)
            }
            Body::Diagnostics { sub, .. } if sub == 0 || counter(sub) => Some(Verb::Read),
            // Restarts, silences or resets the device's communication.
            Body::Diagnostics { .. } => Some(Verb::Configure),
            Body::ServerId | Body::DeviceId { .. } => Some(Verb::Identify),
            Body::WriteFiles(_) => Some(Verb::Write),
            // Nobody but the device knows what is in it.
            Body::CanOpen(_) => Some(Verb::Any),
            _ => None,
        }
    }

    /// Everything the request does; at least one.
    pub fn accesses(&self) -> impl Iterator<Item = Access<'a>> + use<'a> {
        let read = self.reads().map(Access::Read);
        let write = self.writes().map(Access::Write);
        let whole = self.whole().map(Access::Whole);
        [read, write, whole].into_iter().flatten()
    }

    /// The commands of the request, one per access; file records one per part.
    pub fn commands(&self) -> Vec<Command> {
        let record = |verb, file, record, values: Vec<i64>, count: u16| {
            let object = Object::Named(format!("file {file} record {record}"));
            Command { verb, object, count: u32::from(count), values }
        };
        match self.body {
            Body::ReadFiles(parts) => parts
                .iter()
                .map(|part| record(Verb::Read, part.file, part.record, Vec::new(), part.count))
                .collect(),
            Body::WriteFiles(parts) => parts
                .iter()
                .map(|part| {
                    let values = part.values.iter().map(i64::from).collect();
                    record(Verb::Write, part.file, part.record, values, part.values.len())
                })
                .collect(),
            _ => self.accesses().map(|access| access.command()).collect(),
        }
    }
}

impl Access<'_> {
    /// The verb.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Read(_) => Verb::Read,
            Self::Write(_) => Verb::Write,
            Self::Whole(verb) => *verb,
        }
    }

    /// As a command. Where the result of a write is not known beforehand it carries no values, which no limit permits.
    pub fn command(&self) -> Command {
        match self {
            Self::Read(span) => Command {
                verb: Verb::Read,
                object: span.object(),
                count: u32::from(span.count),
                values: Vec::new(),
            },
            Self::Write(Written { span, values }) => Command {
                verb: Verb::Write,
                object: span.object(),
                count: u32::from(span.count),
                values: (0..span.count).map_while(|index| values.get(index)).collect(),
            },
            Self::Whole(verb) => Command { verb: *verb, object: Object::Any, count: 1, values: Vec::new() },
        }
    }
}
