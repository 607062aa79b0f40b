//! What one message asks a device to do.

use std::fmt;

use crate::messages::{CommandError, PermissionError};
use crate::object::{Object, Table};
use crate::service::{Service, shortened, split_word};
use crate::verb::Verb;

/// A command, as an inspector decodes it or a plant's test writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub verb: Verb,
    /// What it is about, all of it.
    pub object: Object,
    /// How many objects.
    pub count: u32,
    /// Values it carries, as on the wire, one per object; empty where it carries none.
    pub values: Vec<i64>,
}

/// Most values a written command carries: more than one Modbus message holds.
const MOST_VALUES: usize = 2_000;

impl Command {
    /// Reads a command of the service: `read holding 0 count 60`, `write holding 10 = 7`, `upload`, `read DB900`.
    pub fn parse(service: &Service, text: &str) -> Result<Self, CommandError> {
        let grammar = service.protocol.grammar;
        let (word, rest) = split_word(text);
        let verb = Verb::parse(word).filter(|verb| Verb::of(grammar).contains(verb)).ok_or_else(|| {
            PermissionError::Verb { text: shortened(word), protocol: service.protocol.word, grammar }
        })?;
        let (mut object, mut rest) = Object::take(grammar, rest)?;
        let mut count = None;
        let (word, tail) = split_word(rest);
        if word == "count" {
            let (number, tail) = split_word(tail);
            let number: u32 = number.parse().map_err(|_| CommandError::Count { text: shortened(number) })?;
            if number == 0 || number > 65_536 {
                return Err(CommandError::Count { text: number.to_string() });
            }
            count = Some(number);
            rest = tail;
        }
        let mut values = Vec::new();
        if let Some(list) = rest.strip_prefix('=') {
            for value in list.split(',') {
                let value = value.trim();
                if values.len() >= MOST_VALUES {
                    return Err(CommandError::Values { text: shortened(list) });
                }
                values.push(value.parse().map_err(|_| CommandError::Values { text: shortened(value) })?);
            }
        } else if !rest.is_empty() {
            return Err(CommandError::Trailing { text: shortened(rest) });
        }
        if !values.is_empty() && !matches!(verb, Verb::Write | Verb::Configure | Verb::Call | Verb::Any) {
            return Err(CommandError::Values { text: shortened(rest) });
        }
        let given = u32::try_from(values.len()).ok().filter(|given| *given > 0);
        if let (Some(count), Some(given)) = (count, given)
            && count != given
        {
            return Err(CommandError::Count { text: count.to_string() });
        }
        let wanted = count.or(given);
        if let (Object::Modbus { first, last, .. } | Object::Db { first, last }, Some(wanted)) =
            (&mut object, wanted)
        {
            let whole = *first == 0 && *last == u16::MAX;
            let span = u32::from(*last) - u32::from(*first) + 1;
            if whole || span == 1 {
                let end = u32::from(*first) + wanted - 1;
                *last = u16::try_from(end).map_err(|_| CommandError::Count { text: wanted.to_string() })?;
            } else if span != wanted {
                return Err(CommandError::Count { text: wanted.to_string() });
            }
        }
        if verb == Verb::Write
            && let Object::Modbus { table: table @ (Table::Input | Table::Discrete), .. } = object
        {
            return Err(PermissionError::NotWritable { table }.into());
        }
        let count = wanted.or_else(|| object.count()).unwrap_or(1);
        Ok(Self { verb, object, count, values })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verb)?;
        match &self.object {
            Object::Any => {}
            Object::Modbus { table, first, .. } if self.count > 1 => {
                let first = Object::Modbus { table: *table, first: *first, last: *first };
                write!(f, " {first} count {}", self.count)?;
            }
            object => write!(f, " {object}")?,
        }
        for (index, value) in self.values.iter().enumerate() {
            write!(f, "{} {value}", if index == 0 { " =" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(service: &str, text: &str) -> Result<Command, CommandError> {
        Command::parse(&Service::parse(service).expect(service), text)
    }

    #[test]
    fn commands_are_read_and_written() {
        for (service, text, object, count, values) in [
            ("modbus", "read holding 0 count 60", "holding 0-59", 60, vec![]),
            ("modbus", "write holding 10 = 7", "holding 10", 1, vec![7]),
            ("modbus", "write holding 10 = 7, -8", "holding 10-11", 2, vec![7, -8]),
            ("modbus", "read coil 3-5", "coil 3-5", 3, vec![]),
            ("modbus", "identify", "any", 1, vec![]),
            ("s7comm", "read DB900", "DB900", 1, vec![]),
            ("s7comm", "upload", "any", 1, vec![]),
            ("s7comm", "stop", "any", 1, vec![]),
            ("opcua", "write", "any", 1, vec![]),
        ] {
            let command = read(service, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(command.object.to_string(), object, "{text}");
            assert_eq!((command.count, &command.values), (count, &values), "{text}");
            assert_eq!(read(service, &command.to_string()), Ok(command));
        }
    }

    #[test]
    fn nonsense_is_no_command() {
        for (service, text) in [
            ("modbus", ""),
            ("modbus", "peek holding 0"),
            ("modbus", "read holding 0 count 0"),
            ("modbus", "read holding 65535 count 2"),
            ("modbus", "read holding 0 = 7"),
            ("modbus", "write holding 0-3 = 7"),
            ("modbus", "write holding 0 count 2 = 7"),
            ("modbus", "write holding 0 = x"),
            ("modbus", "write input 0 = 7"),
            ("modbus", "read holding 40001"),
            ("modbus", "read holding 0 count 60 more"),
            ("https", "read"),
        ] {
            assert!(read(service, text).is_err(), "{text}");
        }
    }
}
