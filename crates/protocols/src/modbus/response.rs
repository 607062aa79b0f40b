//! Understanding a response.

use super::encode;
use super::frame::{Adu, Buffer, MOST_PDU};
use super::refused::{Exception, Malformed, Refused};
use super::request::counter;
use super::view::{Cursor, FileWrites, Registers};

/// A response that was understood to its last byte. Whether it answers a request, [`super::Expected`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// Which request it answers.
    pub transaction: u16,
    /// Which device answers.
    pub unit: u8,
    /// What it says.
    pub reply: Reply<'a>,
    pub(super) pdu: &'a [u8],
}

/// What a response says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply<'a> {
    /// Refused.
    Exception {
        /// Function of the request.
        function: u8,
        /// Reason.
        exception: Exception,
    },
    /// 1, 2: bits; how many, only the request knows.
    Bits(&'a [u8]),
    /// 3, 4, 23: registers.
    Registers(Registers<'a>),
    /// 5, 6, 21, 22 and some sub-functions of 8: what was asked, once more.
    Echo,
    /// 7: the exception status.
    ExceptionStatus(u8),
    /// 8: a counter or register.
    Diagnostics {
        /// Sub-function.
        sub: u16,
        /// Its value.
        value: u16,
    },
    /// 11: state and count of events.
    EventCounter {
        /// Busy or not.
        status: u16,
        /// Count.
        events: u16,
    },
    /// 12: log of events.
    EventLog(&'a [u8]),
    /// 15, 16: what was written.
    Wrote {
        /// First address.
        first: u16,
        /// How many.
        count: u16,
    },
    /// 17: what the device says it is.
    ServerId(&'a [u8]),
    /// 20: file records, as many parts.
    Files {
        /// Parts with their lengths.
        bytes: &'a [u8],
        /// How many.
        parts: u8,
    },
    /// 24: queued registers.
    Queue(Registers<'a>),
    /// 43/13: a CANopen message, opaque.
    CanOpen(&'a [u8]),
    /// 43/14: identification.
    DeviceId {
        /// Basic, regular, extended or one object.
        code: u8,
        /// How many objects follow.
        objects: u8,
        /// Numbers, lengths and texts of the objects.
        bytes: &'a [u8],
    },
}

impl<'a> Response<'a> {
    /// Understands one ADU as a response, or says why not.
    pub fn decode(adu: Adu<'a>) -> Result<Self, Refused> {
        match Reply::decode(adu.pdu) {
            Ok(reply) => Ok(Self { transaction: adu.transaction, unit: adu.unit, reply, pdu: adu.pdu }),
            Err(reason) => Err(Refused { function: adu.function() & 0x7F, reason }),
        }
    }

    /// The function it answers, without the exception bit.
    pub fn function(&self) -> u8 {
        self.pdu.first().copied().unwrap_or(0) & 0x7F
    }

    /// The ADU of this response.
    pub fn encode<'b>(&self, out: &'b mut Buffer) -> &'b [u8] {
        encode::response(self.transaction, self.unit, self.pdu, out)
    }
}

impl<'a> Reply<'a> {
    /// Understands function and data.
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Malformed> {
        if pdu.len() > MOST_PDU {
            return Err(Malformed::Length);
        }
        let mut cursor = Cursor(pdu);
        let function = cursor.byte()?;
        if function & 0x80 != 0 {
            let exception = Exception::of(cursor.byte()?).ok_or(Malformed::Value)?;
            cursor.end()?;
            return Ok(Self::Exception { function: function & 0x7F, exception });
        }
        let reply = match function {
            1 | 2 => Self::Bits(some(cursor.counted()?, 250)?),
            3 | 4 | 23 => {
                let bytes = some(cursor.counted()?, 250)?;
                if !bytes.len().is_multiple_of(2) {
                    return Err(Malformed::ByteCount);
                }
                return Ok(Self::Registers(Registers::new(bytes)));
            }
            5 | 6 => {
                cursor.take(4)?;
                Self::Echo
            }
            7 => Self::ExceptionStatus(cursor.byte()?),
            8 => match cursor.word()? {
                sub if counter(sub) => Self::Diagnostics { sub, value: cursor.word()? },
                0 | 1 | 3 | 10 | 20 => return Ok(Self::Echo),
                _ => return Err(Malformed::SubFunction),
            },
            11 => Self::EventCounter { status: cursor.word()?, events: cursor.word()? },
            12 => {
                let bytes = cursor.counted()?;
                if !(6..=70).contains(&bytes.len()) {
                    return Err(Malformed::ByteCount);
                }
                Self::EventLog(bytes)
            }
            15 | 16 => {
                let (first, count) = (cursor.word()?, cursor.word()?);
                Self::Wrote { first, count }
            }
            17 => Self::ServerId(cursor.counted()?),
            20 => {
                let bytes = some(cursor.counted()?, 245)?;
                Self::Files { bytes, parts: parts(bytes)? }
            }
            21 => {
                FileWrites::check(cursor.counted()?)?;
                Self::Echo
            }
            22 => {
                cursor.take(6)?;
                Self::Echo
            }
            24 => {
                let (bytes, count) = (cursor.word()?, cursor.word()?);
                if count > 31 || bytes != 2 + 2 * count {
                    return Err(Malformed::Quantity);
                }
                Self::Queue(Registers::new(cursor.take(usize::from(count) * 2)?))
            }
            43 => match cursor.byte()? {
                13 => return Ok(Self::CanOpen(cursor.0)),
                14 => return device_id(cursor),
                _ => return Err(Malformed::SubFunction),
            },
            _ => return Err(Malformed::Function),
        };
        cursor.end()?;
        Ok(reply)
    }
}

fn some(bytes: &[u8], most: usize) -> Result<&[u8], Malformed> {
    if (1..=most).contains(&bytes.len()) { Ok(bytes) } else { Err(Malformed::ByteCount) }
}

/// Length, reference type and registers of each part.
fn parts(bytes: &[u8]) -> Result<u8, Malformed> {
    let (mut cursor, mut parts) = (Cursor(bytes), 0_u8);
    while !cursor.0.is_empty() {
        let length = usize::from(cursor.byte()?);
        let part = cursor.take(length).map_err(|_| Malformed::ByteCount)?;
        if length < 3 || length.is_multiple_of(2) || part.first() != Some(&6) {
            return Err(Malformed::ByteCount);
        }
        parts = parts.saturating_add(1);
    }
    Ok(parts)
}

fn device_id(mut cursor: Cursor<'_>) -> Result<Reply<'_>, Malformed> {
    let (code, conformity, more, _next) = (cursor.byte()?, cursor.byte()?, cursor.byte()?, cursor.byte()?);
    if !matches!((code, conformity & 0x7F, more), (1..=4, 1..=3, 0x00 | 0xFF)) {
        return Err(Malformed::Value);
    }
    let objects = cursor.byte()?;
    let bytes = cursor.0;
    for _ in 0..objects {
        cursor.byte()?;
        let length = usize::from(cursor.byte()?);
        cursor.take(length)?;
    }
    cursor.end()?;
    Ok(Reply::DeviceId { code, objects, bytes })
}
