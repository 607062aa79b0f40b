//! Limits of values: `= 140..190`, with type, word order and scale.

use std::fmt;

use crate::decimal::Decimal;
use crate::messages::PermissionError;
use crate::object::{Object, Table};
use crate::service::{shortened, split_word};

/// How a value is laid out in the objects that carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ValueType {
    /// One bit.
    Bool,
    /// 16 bits with sign; what a register is unless the text says else.
    #[default]
    Int16,
    /// 16 bits without sign.
    Uint16,
    /// 32 bits with sign, in two registers.
    Int32,
    /// 32 bits without sign, in two registers.
    Uint32,
    /// 32 bits floating point, in two registers.
    Float32,
}

impl ValueType {
    const ALL: [Self; 6] = [Self::Bool, Self::Int16, Self::Uint16, Self::Int32, Self::Uint32, Self::Float32];

    /// The word in the plant text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int16 => "int16",
            Self::Uint16 => "uint16",
            Self::Int32 => "int32",
            Self::Uint32 => "uint32",
            Self::Float32 => "float32",
        }
    }

    /// How many registers one value takes.
    pub fn registers(self) -> usize {
        match self {
            Self::Bool | Self::Int16 | Self::Uint16 => 1,
            Self::Int32 | Self::Uint32 | Self::Float32 => 2,
        }
    }

    /// The smallest and largest whole number, where the type has such bounds.
    pub fn bounds(self) -> Option<(i64, i64)> {
        match self {
            Self::Bool => Some((0, 1)),
            Self::Int16 => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
            Self::Uint16 => Some((0, i64::from(u16::MAX))),
            Self::Int32 => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            Self::Uint32 => Some((0, i64::from(u32::MAX))),
            Self::Float32 => None,
        }
    }
}

/// Which half of a 32-bit value comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum WordOrder {
    /// High half first.
    #[default]
    HighFirst,
    /// Low half first.
    LowFirst,
}

/// A limit of the values a command may write. Not a safety function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit {
    /// Smallest value.
    pub low: Decimal,
    /// Largest value.
    pub high: Decimal,
    /// Layout.
    pub kind: ValueType,
    /// Order of the halves.
    pub words: WordOrder,
    /// Value = number on the wire times this.
    pub scale: Decimal,
}

impl Limit {
    /// Reads what follows the `=`: `LOW..HIGH [type T] [words high-first|low-first] [scale S]`.
    pub(crate) fn parse(object: &Object, text: &str) -> Result<Self, PermissionError> {
        let syntax = || PermissionError::Limit { text: shortened(text) };
        let (range, mut rest) = split_word(text);
        let (low, high) = range.split_once("..").unwrap_or((range, range));
        let low = Decimal::parse(low).ok_or_else(syntax)?;
        let high = Decimal::parse(high).ok_or_else(syntax)?;
        let bits = matches!(object, Object::Modbus { table: Table::Coil, .. });
        let mut limit = Self {
            low,
            high,
            kind: if bits { ValueType::Bool } else { ValueType::Int16 },
            words: WordOrder::HighFirst,
            scale: Decimal::whole(1),
        };
        while !rest.is_empty() {
            let (key, tail) = split_word(rest);
            let (value, tail) = split_word(tail);
            match key {
                "type" => {
                    limit.kind =
                        ValueType::ALL.into_iter().find(|kind| kind.word() == value).ok_or_else(syntax)?;
                }
                "words" => {
                    limit.words = match value {
                        "high-first" => WordOrder::HighFirst,
                        "low-first" => WordOrder::LowFirst,
                        _ => return Err(syntax()),
                    };
                }
                "scale" => {
                    limit.scale =
                        Decimal::parse(value).filter(|scale| scale.is_positive()).ok_or_else(syntax)?;
                }
                _ => return Err(syntax()),
            }
            rest = tail;
        }
        limit.possible(object)?;
        Ok(limit)
    }

    /// A limit nothing can fulfil, or that does not fit its objects, is a slip.
    fn possible(&self, object: &Object) -> Result<(), PermissionError> {
        let limit = || self.to_string();
        if self.low > self.high {
            return Err(PermissionError::EmptyRange { limit: limit() });
        }
        match object {
            Object::Modbus { table, .. } => {
                if !table.writable() || (*table == Table::Coil) != (self.kind == ValueType::Bool) {
                    return Err(PermissionError::LimitOnObject { object: object.to_string() });
                }
                let registers = u32::try_from(self.kind.registers()).unwrap_or(1);
                if object.count().is_some_and(|count| count % registers != 0) {
                    return Err(PermissionError::HalfValue { object: object.to_string(), kind: self.kind });
                }
            }
            Object::Any | Object::Under(_) => {
                return Err(PermissionError::LimitOnObject { object: object.to_string() });
            }
            Object::Db { .. } | Object::Node(_) | Object::Named(_) => {}
        }
        if let Some((smallest, largest)) = self.kind.bounds() {
            let smallest = Decimal::whole(smallest).times(self.scale);
            let largest = Decimal::whole(largest).times(self.scale);
            if smallest.is_some_and(|smallest| self.low < smallest)
                || largest.is_some_and(|largest| self.high > largest)
            {
                return Err(PermissionError::OutOfType { limit: limit(), kind: self.kind });
            }
        }
        Ok(())
    }

    /// Whether every value is inside. `values` are the numbers on the wire, one per object, in order; half a value
    /// is never inside.
    pub fn admits(&self, values: &[i64]) -> bool {
        let size = self.kind.registers();
        !values.is_empty()
            && values.len().is_multiple_of(size)
            && values.chunks(size).all(|chunk| self.value(chunk).is_some_and(|ok| ok))
    }

    fn value(&self, chunk: &[i64]) -> Option<bool> {
        let register = |value: i64| {
            u16::try_from(value).ok().or_else(|| i16::try_from(value).ok().map(i16::cast_unsigned))
        };
        let number = match (self.kind, chunk) {
            (ValueType::Bool, [bit]) => (0..=1).contains(bit).then_some(*bit)?,
            (ValueType::Int16, [value]) => i64::from(register(*value)?.cast_signed()),
            (ValueType::Uint16, [value]) => i64::from(register(*value)?),
            (ValueType::Int32 | ValueType::Uint32 | ValueType::Float32, [first, second]) => {
                let (high, low) = match self.words {
                    WordOrder::HighFirst => (register(*first)?, register(*second)?),
                    WordOrder::LowFirst => (register(*second)?, register(*first)?),
                };
                let raw = (u32::from(high) << 16) | u32::from(low);
                match self.kind {
                    ValueType::Uint32 => i64::from(raw),
                    ValueType::Int32 => i64::from(raw.cast_signed()),
                    _ => {
                        // Not a number compares as outside.
                        let value = f64::from(f32::from_bits(raw)) * self.scale.to_f64();
                        return Some(self.low.to_f64() <= value && value <= self.high.to_f64());
                    }
                }
            }
            _ => return None,
        };
        let value = Decimal::whole(number).times(self.scale)?;
        Some(self.low <= value && value <= self.high)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high {
            write!(f, "= {}", self.low)?;
        } else {
            write!(f, "= {}..{}", self.low, self.high)?;
        }
        if !matches!(self.kind, ValueType::Int16 | ValueType::Bool) {
            write!(f, " type {}", self.kind.word())?;
        }
        if self.words == WordOrder::LowFirst {
            write!(f, " words low-first")?;
        }
        if self.scale != Decimal::whole(1) {
            write!(f, " scale {}", self.scale)?;
        }
        Ok(())
    }
}
