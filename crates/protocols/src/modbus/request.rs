//! Understanding a request.

use super::frame::{Adu, MOST_PDU};
use super::refused::{Malformed, Refused};
use super::view::{Bits, Cursor, FileReads, FileWrites, Registers};
use crate::object::Table;

/// A request that was understood to its last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Which request it is.
    pub transaction: u16,
    /// Which device behind the address.
    pub unit: u8,
    /// What is asked.
    pub body: Body<'a>,
}

/// What a request asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// 1 to 4: read one table.
    Read {
        /// Table, which is the function.
        table: Table,
        /// First address.
        first: u16,
        /// How many.
        count: u16,
    },
    /// 5: write one coil.
    WriteCoil {
        /// Address.
        at: u16,
        /// Value.
        on: bool,
    },
    /// 6: write one holding register.
    WriteRegister {
        /// Address.
        at: u16,
        /// Value.
        value: u16,
    },
    /// 7: read the exception status.
    ExceptionStatus,
    /// 8: diagnostics.
    Diagnostics {
        /// Sub-function.
        sub: u16,
        /// Its data.
        data: &'a [u8],
    },
    /// 11: count of events.
    EventCounter,
    /// 12: log of events.
    EventLog,
    /// 15: write coils.
    WriteCoils {
        /// First address.
        first: u16,
        /// Values.
        values: Bits<'a>,
    },
    /// 16: write holding registers.
    WriteRegisters {
        /// First address.
        first: u16,
        /// Values.
        values: Registers<'a>,
    },
    /// 17: what the device says it is.
    ServerId,
    /// 20: read file records.
    ReadFiles(FileReads<'a>),
    /// 21: write file records.
    WriteFiles(FileWrites<'a>),
    /// 22: change bits of one holding register: `(current & and) | (or & !and)`.
    MaskWrite {
        /// Address.
        at: u16,
        /// Bits that stay.
        and: u16,
        /// Values of the others.
        or: u16,
    },
    /// 23: write holding registers, then read some.
    ReadWrite {
        /// First address to read.
        read_first: u16,
        /// How many to read.
        read_count: u16,
        /// First address to write.
        first: u16,
        /// Values to write.
        values: Registers<'a>,
    },
    /// 24: read the queue whose count stands at an address.
    ReadQueue {
        /// Address of the count.
        at: u16,
    },
    /// 43/13: a CANopen message, opaque.
    CanOpen(&'a [u8]),
    /// 43/14: identification.
    DeviceId {
        /// Basic, regular, extended or one object.
        code: u8,
        /// First object.
        object: u8,
    },
}

/// Sub-functions of 8 that read a register or a counter.
pub(super) fn counter(sub: u16) -> bool {
    matches!(sub, 2 | 11..=18)
}

fn quantity(count: u16, most: u16) -> Result<u16, Malformed> {
    if (1..=most).contains(&count) { Ok(count) } else { Err(Malformed::Quantity) }
}

fn range(first: u16, count: u16) -> Result<(), Malformed> {
    if u32::from(first) + u32::from(count) > 65_536 { Err(Malformed::Address) } else { Ok(()) }
}

impl<'a> Request<'a> {
    /// Understands one ADU as a request, or says why not.
    pub fn decode(adu: Adu<'a>) -> Result<Self, Refused> {
        match Body::decode(adu.pdu) {
            Ok(body) => Ok(Self { transaction: adu.transaction, unit: adu.unit, body }),
            Err(reason) => Err(Refused { function: adu.function(), reason }),
        }
    }

    /// Its function.
    pub fn function(&self) -> u8 {
        self.body.function()
    }
}

impl<'a> Body<'a> {
    /// Understands function and data.
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Malformed> {
        if pdu.len() > MOST_PDU {
            return Err(Malformed::Length);
        }
        let mut cursor = Cursor(pdu);
        let function = cursor.byte()?;
        let body = match function {
            1..=4 => {
                let (first, count) = (cursor.word()?, cursor.word()?);
                let (table, most) = match function {
                    1 => (Table::Coil, 2_000),
                    2 => (Table::Discrete, 2_000),
                    3 => (Table::Holding, 125),
                    _ => (Table::Input, 125),
                };
                cursor.end()?;
                quantity(count, most)?;
                range(first, count)?;
                Self::Read { table, first, count }
            }
            5 => {
                let (at, value) = (cursor.word()?, cursor.word()?);
                cursor.end()?;
                match value {
                    0x0000 => Self::WriteCoil { at, on: false },
                    0xFF00 => Self::WriteCoil { at, on: true },
                    _ => return Err(Malformed::Value),
                }
            }
            6 => Self::WriteRegister { at: cursor.word()?, value: cursor.word()? },
            7 => Self::ExceptionStatus,
            8 => {
                let sub = cursor.word()?;
                let data = diagnostics(sub, cursor.0)?;
                return Ok(Self::Diagnostics { sub, data });
            }
            11 => Self::EventCounter,
            12 => Self::EventLog,
            15 => {
                let (first, count) = (cursor.word()?, cursor.word()?);
                quantity(count, 1_968)?;
                let values = Bits::new(cursor.counted()?, count).ok_or(Malformed::ByteCount)?;
                if !values.padded() {
                    return Err(Malformed::Value);
                }
                range(first, count)?;
                Self::WriteCoils { first, values }
            }
            16 => {
                let (first, count) = (cursor.word()?, cursor.word()?);
                let values = registers(&mut cursor, quantity(count, 123)?)?;
                range(first, count)?;
                Self::WriteRegisters { first, values }
            }
            17 => Self::ServerId,
            20 => Self::ReadFiles(FileReads::check(cursor.counted()?)?),
            21 => Self::WriteFiles(FileWrites::check(cursor.counted()?)?),
            22 => Self::MaskWrite { at: cursor.word()?, and: cursor.word()?, or: cursor.word()? },
            23 => {
                let (read_first, read_count) = (cursor.word()?, cursor.word()?);
                let (first, count) = (cursor.word()?, cursor.word()?);
                quantity(read_count, 125)?;
                let values = registers(&mut cursor, quantity(count, 121)?)?;
                range(read_first, read_count)?;
                range(first, count)?;
                Self::ReadWrite { read_first, read_count, first, values }
            }
            24 => Self::ReadQueue { at: cursor.word()? },
            43 => match cursor.byte()? {
                13 if cursor.0.is_empty() => return Err(Malformed::Length),
                13 => return Ok(Self::CanOpen(cursor.0)),
                14 => {
                    let (code, object) = (cursor.byte()?, cursor.byte()?);
                    cursor.end()?;
                    if !(1..=4).contains(&code) {
                        return Err(Malformed::Value);
                    }
                    Self::DeviceId { code, object }
                }
                _ => return Err(Malformed::SubFunction),
            },
            _ => return Err(Malformed::Function),
        };
        cursor.end()?;
        Ok(body)
    }

    /// Its function.
    pub fn function(&self) -> u8 {
        match self {
            Self::Read { table: Table::Coil, .. } => 1,
            Self::Read { table: Table::Discrete, .. } => 2,
            Self::Read { table: Table::Holding, .. } => 3,
            Self::Read { table: Table::Input, .. } => 4,
            Self::WriteCoil { .. } => 5,
            Self::WriteRegister { .. } => 6,
            Self::ExceptionStatus => 7,
            Self::Diagnostics { .. } => 8,
            Self::EventCounter => 11,
            Self::EventLog => 12,
            Self::WriteCoils { .. } => 15,
            Self::WriteRegisters { .. } => 16,
            Self::ServerId => 17,
            Self::ReadFiles(_) => 20,
            Self::WriteFiles(_) => 21,
            Self::MaskWrite { .. } => 22,
            Self::ReadWrite { .. } => 23,
            Self::ReadQueue { .. } => 24,
            Self::CanOpen(_) | Self::DeviceId { .. } => 43,
        }
    }
}

fn registers<'a>(cursor: &mut Cursor<'a>, count: u16) -> Result<Registers<'a>, Malformed> {
    let bytes = cursor.counted()?;
    if bytes.len() == usize::from(count) * 2 { Ok(Registers::new(bytes)) } else { Err(Malformed::ByteCount) }
}

fn diagnostics(sub: u16, data: &[u8]) -> Result<&[u8], Malformed> {
    let ok = match (sub, data) {
        // What is sent comes back; any number of words.
        (0, data) if data.is_empty() || !data.len().is_multiple_of(2) => return Err(Malformed::Length),
        (0, _) => true,
        (1..=4 | 10..=18 | 20, data) if data.len() != 2 => return Err(Malformed::Length),
        (1, [0x00 | 0xFF, 0x00]) | (3, [_, 0x00]) => true,
        (2 | 4 | 10..=18 | 20, [0, 0]) => true,
        (1..=4 | 10..=18 | 20, _) => false,
        _ => return Err(Malformed::SubFunction),
    };
    if ok { Ok(data) } else { Err(Malformed::Value) }
}
