//! Permissions: what a flow may carry.

use std::fmt;

use crate::command::Command;
use crate::limit::Limit;
use crate::messages::PermissionError;
use crate::object::Object;
use crate::service::{Service, shortened, split_word};
use crate::verb::Verb;

/// One permitted kind of command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// What may be done.
    pub verb: Verb,
    /// With what.
    pub object: Object,
    /// With which values.
    pub limit: Option<Limit>,
}

impl Permission {
    /// Reads a permission of the service: `VERB [OBJECT] [= LOW..HIGH ...]`.
    pub fn parse(service: &Service, text: &str) -> Result<Self, PermissionError> {
        let grammar = service.protocol.grammar;
        if !service.commands() {
            return Err(PermissionError::NoCommands { protocol: service.protocol.word });
        }
        let (word, rest) = split_word(text);
        let verb = Verb::parse(word).filter(|verb| Verb::of(grammar).contains(verb)).ok_or_else(|| {
            PermissionError::Verb { text: shortened(word), protocol: service.protocol.word, grammar }
        })?;
        let (object, rest) = Object::take(grammar, rest)?;
        if let (Verb::Write, Object::Modbus { table, .. }) = (verb, &object)
            && !table.writable()
        {
            return Err(PermissionError::NotWritable { table: *table });
        }
        let limit = match rest.strip_prefix('=') {
            None if rest.is_empty() => None,
            None => return Err(PermissionError::Trailing { text: shortened(rest) }),
            Some(limit) => {
                if verb != Verb::Write {
                    return Err(PermissionError::LimitOnVerb { verb });
                }
                Some(Limit::parse(&object, limit.trim_start())?)
            }
        };
        Ok(Self { verb, object, limit })
    }

    /// Whether the command is permitted. A command that carries no values where values are limited is not.
    pub fn covers(&self, command: &Command) -> bool {
        if self.verb != Verb::Any && (self.verb != command.verb) {
            return false;
        }
        if !self.object.contains(&command.object) {
            return false;
        }
        let Some(limit) = &self.limit else {
            return true;
        };
        let whole_values = match (&self.object, &command.object) {
            // Values of two registers start where the permission starts: anything else writes half a value.
            (Object::Modbus { first, .. }, Object::Modbus { first: at, .. }) => {
                usize::from(at.saturating_sub(*first)).is_multiple_of(limit.kind.registers())
            }
            _ => true,
        };
        let all_given = u32::try_from(command.values.len()) == Ok(command.count);
        whole_values && all_given && limit.admits(&command.values)
    }

    /// Whether it permits everything.
    pub fn is_any(&self) -> bool {
        self.verb == Verb::Any && self.object == Object::Any && self.limit.is_none()
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verb)?;
        if self.object != Object::Any {
            write!(f, " {}", self.object)?;
        }
        if let Some(limit) = &self.limit {
            write!(f, " {limit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn permission(service: &str, text: &str) -> Result<Permission, PermissionError> {
        Permission::parse(&Service::parse(service).expect(service), text)
    }

    #[test]
    fn a_permission_covers_what_it_says_and_nothing_else() {
        let modbus = "modbus unit 1";
        for (service, permitted, command, expected) in [
            (modbus, "read holding 0-59", "read holding 0 count 60", true),
            (modbus, "read holding 0-59", "read holding 40 count 60", false),
            (modbus, "read holding 0-59", "read input 0", false),
            (modbus, "read holding 0-59", "write holding 10 = 7", false),
            (modbus, "read any", "read coil 5", true),
            (modbus, "any", "write coil 5 = 1", true),
            (modbus, "write holding 10 = 140..190", "write holding 10 = 175", true),
            (modbus, "write holding 10 = 140..190", "write holding 10 = 230", false),
            (modbus, "write holding 10 = 140..190", "write holding 10 = 150, 150", false),
            (modbus, "write holding 10 = 140..190", "write holding 10", false),
            (modbus, "write holding 10 = -5..5", "write holding 10 = 65535", true),
            (modbus, "write holding 10 = 0..60000 type uint16", "write holding 10 = 50000", true),
            (modbus, "write coil 1 = 0..1", "write coil 1 = 1", true),
            (modbus, "write holding 10-13 = 0..100000 type int32", "write holding 10 = 1, 34464", true),
            (modbus, "write holding 10-13 = 0..100000 type int32", "write holding 10 = 1, 34465", false),
            (modbus, "write holding 10-13 = 0..100000 type int32", "write holding 11 = 0, 5", false),
            (modbus, "write holding 10-13 = 0..100000 type int32", "write holding 10 = 0", false),
            (
                modbus,
                "write holding 10-11 = 0..9 type uint32 words low-first",
                "write holding 10 = 9, 0",
                true,
            ),
            (modbus, "write holding 10-11 = 1..2 type float32", "write holding 10 = 16320, 0", true),
            (modbus, "write holding 10-11 = 1..2 type float32", "write holding 10 = 32704, 0", false),
            (modbus, "write holding 10 = 14..19 scale 0.1", "write holding 10 = 175", true),
            (modbus, "write holding 10 = 14..19 scale 0.1", "write holding 10 = 17", false),
            ("s7comm", "read DB900", "read DB900", true),
            ("s7comm", "read DB900", "write DB900", false),
            ("s7comm", "read DB100-109", "read DB110", false),
            ("s7comm", "read any", "upload", false),
            ("opcua", "write under Order", "write node Order/Speed", true),
            ("opcua", "read", "write", false),
        ] {
            let permission =
                permission(service, permitted).unwrap_or_else(|error| panic!("{permitted}: {error:?}"));
            let service = Service::parse(service).expect(service);
            let command =
                Command::parse(&service, command).unwrap_or_else(|error| panic!("{command}: {error:?}"));
            assert_eq!(permission.covers(&command), expected, "{permitted} / {command}");
        }
    }

    #[test]
    fn impossible_permissions_are_refused() {
        for (service, text) in [
            ("https", "read"),
            ("modbus", "reed holding 0"),
            ("modbus", "call"),
            ("modbus", "write input 3"),
            ("modbus", "write holding 10 = 190..140"),
            ("modbus", "write holding 10 = 0..40000"),
            ("modbus", "write holding 10 = 0..100000 type int32"),
            ("modbus", "write coil 1 = 0..2"),
            ("modbus", "write coil 1 = 0..1 type int16"),
            ("modbus", "read holding 10 = 1..2"),
            ("modbus", "write any = 1..2"),
            ("modbus", "write holding 10 = a..b"),
            ("modbus", "write holding 10 = 1..2 scale 0"),
            ("modbus", "write holding 10 = 1..2 colour red"),
            ("modbus", "read holding 0 count 60"),
            ("modbus", "read holding 40001"),
        ] {
            assert!(permission(service, text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_is_read_is_written_back(text in "(read|write|any|call)?[ -~]{0,40}", protocol in 0_usize..6) {
            let service = ["modbus", "s7comm", "opcua", "snmp", "ads", "https"][protocol];
            let service = Service::parse(service).expect("a known protocol");
            if let Ok(permission) = Permission::parse(&service, &text) {
                prop_assert_eq!(Permission::parse(&service, &permission.to_string()), Ok(permission));
            }
            if let Ok(command) = Command::parse(&service, &text) {
                let any = Permission { verb: Verb::Any, object: Object::Any, limit: None };
                prop_assert!(any.covers(&command));
            }
            let _ = Service::parse(&text);
        }
    }
}
