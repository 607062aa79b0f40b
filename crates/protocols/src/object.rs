//! Objects: what a command is about.

use std::fmt;

use crate::facts::Grammar;
use crate::messages::PermissionError;
use crate::service::{shortened, split_word};

/// The four tables of Modbus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Coils.
    Coil,
    /// Discrete inputs.
    Discrete,
    /// Input registers.
    Input,
    /// Holding registers.
    Holding,
}

impl Table {
    /// The word in the plant text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Coil => "coil",
            Self::Discrete => "discrete",
            Self::Input => "input",
            Self::Holding => "holding",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            "coil" | "coils" => Some(Self::Coil),
            "discrete" => Some(Self::Discrete),
            "input" => Some(Self::Input),
            "holding" => Some(Self::Holding),
            _ => None,
        }
    }

    /// Whether a client can write it.
    pub fn writable(self) -> bool {
        matches!(self, Self::Coil | Self::Holding)
    }

    /// The leading digit of the numbers in manuals (`40001` is the first holding register).
    fn digit(self) -> u32 {
        match self {
            Self::Coil => 0,
            Self::Discrete => 1,
            Self::Input => 3,
            Self::Holding => 4,
        }
    }
}

/// An object, or a range of them. Numbers are what is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// All objects.
    Any,
    /// Modbus addresses, counted from 0, both ends included.
    Modbus {
        /// Table.
        table: Table,
        /// First address.
        first: u16,
        /// Last address.
        last: u16,
    },
    /// S7 data blocks, both ends included.
    Db {
        /// First block.
        first: u16,
        /// Last block.
        last: u16,
    },
    /// One node, file or object identifier.
    Node(String),
    /// A node, folder or identifier and everything below it (separated by `/` or `.`).
    Under(String),
    /// Anything else a protocol names.
    Named(String),
}

/// Memory areas of an S7 controller.
const AREAS: [&str; 6] = ["inputs", "outputs", "flags", "timers", "counters", "clock"];

impl Object {
    /// Reads the object at the start of a sentence; the rest (`count 60`, `= 7`) is handed back.
    pub(crate) fn take(grammar: Grammar, text: &str) -> Result<(Self, &str), PermissionError> {
        let (word, rest) = split_word(text);
        if word.is_empty() || word == "count" || word.starts_with('=') {
            return Ok((Self::Any, text.trim()));
        }
        if word == "any" {
            return Ok((Self::Any, rest));
        }
        let unknown = || PermissionError::Object { text: shortened(text), grammar };
        match grammar {
            Grammar::None => Err(unknown()),
            Grammar::Modbus => {
                let Some(table) = Table::parse(word) else {
                    return Err(match ambiguous(word) {
                        Some(question) => question,
                        None => unknown(),
                    });
                };
                let (numbers, rest) = split_word(rest);
                if numbers.is_empty() || numbers == "any" {
                    return Ok((Self::Modbus { table, first: 0, last: u16::MAX }, rest));
                }
                if numbers == "count" || numbers.starts_with('=') {
                    return Err(unknown());
                }
                let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
                for number in [first, last] {
                    if let Some(question) = manual_form(table, number) {
                        return Err(question);
                    }
                }
                let (first, last) = range(first, last, numbers)?;
                Ok((Self::Modbus { table, first, last }, rest))
            }
            Grammar::S7 => {
                if AREAS.contains(&word) {
                    return Ok((Self::Named(word.to_owned()), rest));
                }
                let numbers =
                    word.strip_prefix("DB").or_else(|| word.strip_prefix("db")).ok_or_else(unknown)?;
                let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
                let last = last.strip_prefix("DB").unwrap_or(last);
                let (first, last) = range(first, last, word)?;
                if first == 0 {
                    return Err(unknown());
                }
                Ok((Self::Db { first, last }, rest))
            }
            Grammar::OpcUa | Grammar::Snmp | Grammar::Files => {
                let (name, after) = name(rest);
                match word {
                    "node" | "oid" | "file" if !name.is_empty() => Ok((Self::Node(name), after)),
                    "under" if !name.is_empty() => Ok((Self::Under(name), after)),
                    _ => Err(unknown()),
                }
            }
            Grammar::Generic => {
                let (name, after) = name(text);
                if name.is_empty() { Err(unknown()) } else { Ok((Self::Named(name), after)) }
            }
        }
    }

    /// Whether every object of `other` is one of these.
    pub fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Modbus { table, first, last }, Self::Modbus { table: t, first: f, last: l }) => {
                table == t && first <= f && l <= last
            }
            (Self::Db { first, last }, Self::Db { first: f, last: l }) => first <= f && l <= last,
            (Self::Node(name), Self::Node(other)) | (Self::Named(name), Self::Named(other)) => name == other,
            (Self::Under(root), Self::Node(other) | Self::Under(other)) => below(root, other),
            _ => false,
        }
    }

    /// How many objects it is, where they are counted.
    pub fn count(&self) -> Option<u32> {
        match self {
            Self::Modbus { first, last, .. } | Self::Db { first, last } => {
                Some(u32::from(*last).saturating_sub(u32::from(*first)) + 1)
            }
            Self::Node(_) => Some(1),
            Self::Any | Self::Under(_) | Self::Named(_) => None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => write!(f, "any"),
            Self::Modbus { table, first: 0, last: u16::MAX } => write!(f, "{}", table.word()),
            Self::Modbus { table, first, last } if first == last => {
                write!(f, "{} {}", table.word(), number(*first, *table))
            }
            Self::Modbus { table, first, last } => {
                write!(f, "{} {}-{}", table.word(), number(*first, *table), number(*last, *table))
            }
            Self::Db { first, last } if first == last => write!(f, "DB{first}"),
            Self::Db { first, last } => write!(f, "DB{first}-{last}"),
            Self::Node(name) => write!(f, "node {}", quoted(name)),
            Self::Under(name) => write!(f, "under {}", quoted(name)),
            Self::Named(name) => write!(f, "{}", quoted(name)),
        }
    }
}

/// `Order/Speed` is below `Order`, `Orders` is not.
fn below(root: &str, name: &str) -> bool {
    match name.strip_prefix(root) {
        Some(rest) => rest.is_empty() || rest.starts_with(['/', '.']) || root.ends_with(['/', '.']),
        None => false,
    }
}

fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.starts_with(['=', '"']) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

/// A name: one word, or several in double quotes.
fn name(text: &str) -> (String, &str) {
    let text = text.trim_start();
    if let Some((name, rest)) = text.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        return (name.to_owned(), rest.trim_start());
    }
    let (word, rest) = split_word(text);
    (word.to_owned(), rest)
}

/// Written so that it is read back the same: an address that looks like a number of the manual is given in hex.
fn number(address: u16, table: Table) -> String {
    let decimal = address.to_string();
    if manual_form(table, &decimal).is_some() { format!("0x{address:04X}") } else { decimal }
}

fn range(first: &str, last: &str, text: &str) -> Result<(u16, u16), PermissionError> {
    let read = |number: &str| match number.strip_prefix("0x") {
        Some(hex) if !hex.starts_with('+') => u16::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
            .then(|| number.parse().ok())
            .flatten(),
    };
    match (read(first), read(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        _ => Err(PermissionError::Numbers { text: shortened(text) }),
    }
}

/// `read 40010` without a table.
fn ambiguous(word: &str) -> Option<PermissionError> {
    [Table::Holding, Table::Input, Table::Discrete].into_iter().find_map(|table| manual_form(table, word))
}

/// A number as manuals write it (5 or 6 digits, the first one names the table): nobody can know which is meant.
fn manual_form(table: Table, number: &str) -> Option<PermissionError> {
    let value: u32 = number.parse().ok()?;
    let base = match number.len() {
        5 => table.digit() * 10_000,
        6 => table.digit() * 100_000,
        _ => return None,
    };
    let span = if number.len() == 5 { 9_999 } else { 65_536 };
    let offset = value.checked_sub(base)?;
    (table != Table::Coil && (1..=span).contains(&offset)).then(|| PermissionError::ManualForm {
        table,
        number: value,
        address: offset - 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(grammar: Grammar, text: &str) -> Result<Object, PermissionError> {
        Object::take(grammar, text).map(|(object, _)| object)
    }

    #[test]
    fn objects_are_read_and_written() {
        for (grammar, text, canonical) in [
            (Grammar::Modbus, "holding 0-59", "holding 0-59"),
            (Grammar::Modbus, "coil 7", "coil 7"),
            (Grammar::Modbus, "holding 0x9C4A", "holding 0x9C4A"),
            (Grammar::Modbus, "input", "input"),
            (Grammar::S7, "DB900", "DB900"),
            (Grammar::S7, "DB100-109", "DB100-109"),
            (Grammar::S7, "flags", "flags"),
            (Grammar::OpcUa, "under Order", "under Order"),
            (Grammar::OpcUa, "node \"Line 3/Speed\"", "node \"Line 3/Speed\""),
            (Grammar::Generic, "851", "851"),
        ] {
            let object = read(grammar, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(object.to_string(), canonical);
            assert_eq!(read(grammar, canonical), Ok(object));
        }
    }

    #[test]
    fn a_number_of_the_manual_asks_which_is_meant() {
        for (text, address) in [
            ("holding 40010", 9),
            ("input 30001", 0),
            ("40100", 99),
            ("holding 400001", 0),
            ("holding 0-40001", 0),
        ] {
            match read(Grammar::Modbus, text) {
                Err(PermissionError::ManualForm { address: found, .. }) => {
                    assert_eq!(found, address, "{text}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(read(Grammar::Modbus, "holding 40000").is_ok());
        assert!(read(Grammar::Modbus, "coil 10001").is_ok());
    }

    #[test]
    fn a_subtree_ends_at_a_separator() {
        let order = Object::Under("Order".to_owned());
        for (name, expected) in [("Order", true), ("Order/Speed", true), ("Orders", false), ("Or", false)] {
            assert_eq!(order.contains(&Object::Node(name.to_owned())), expected, "{name}");
        }
    }

    #[test]
    fn nonsense_is_no_object() {
        for (grammar, text) in [
            (Grammar::Modbus, "register 5"),
            (Grammar::Modbus, "holding 5-3"),
            (Grammar::Modbus, "holding 70000"),
            (Grammar::Modbus, "holding -1"),
            (Grammar::Modbus, "holding +1"),
            (Grammar::S7, "DB"),
            (Grammar::S7, "DB0"),
            (Grammar::S7, "DB70000"),
            (Grammar::OpcUa, "node"),
            (Grammar::None, "x"),
        ] {
            assert!(read(grammar, text).is_err(), "{text}");
        }
    }
}
