//! The verbs: one vocabulary for every protocol.

use std::fmt;

use crate::facts::Grammar;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Says what the device is.
    Identify,
    /// Lists what there is.
    Browse,
    /// Reads values.
    Read,
    /// Asks to be told of changes.
    Subscribe,
    /// Writes values.
    Write,
    /// Calls a method.
    Call,
    /// Program from the device to the tool.
    Upload,
    /// Program from the tool to the device.
    Download,
    /// Starts the program.
    Start,
    /// Stops the program.
    Stop,
    /// Changes settings.
    Configure,
    /// Changes the firmware.
    Firmware,
    /// Logs in.
    Authenticate,
    /// Every verb. As a command: one whose verb does not matter to the case.
    Any,
}

impl Verb {
    /// All verbs, in the order of the language.
    pub const ALL: [Self; 14] = [
        Self::Identify,
        Self::Browse,
        Self::Read,
        Self::Subscribe,
        Self::Write,
        Self::Call,
        Self::Upload,
        Self::Download,
        Self::Start,
        Self::Stop,
        Self::Configure,
        Self::Firmware,
        Self::Authenticate,
        Self::Any,
    ];

    /// The word in the plant text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Browse => "browse",
            Self::Read => "read",
            Self::Subscribe => "subscribe",
            Self::Write => "write",
            Self::Call => "call",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Configure => "configure",
            Self::Firmware => "firmware",
            Self::Authenticate => "authenticate",
            Self::Any => "any",
        }
    }

    /// Reads a verb.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.word() == word)
    }

    /// The verbs a protocol has.
    pub fn of(grammar: Grammar) -> &'static [Self] {
        match grammar {
            Grammar::None => &[],
            Grammar::Modbus => &[Self::Identify, Self::Read, Self::Write, Self::Configure, Self::Any],
            Grammar::S7 => &[
                Self::Identify,
                Self::Browse,
                Self::Read,
                Self::Subscribe,
                Self::Write,
                Self::Upload,
                Self::Download,
                Self::Start,
                Self::Stop,
                Self::Configure,
                Self::Firmware,
                Self::Authenticate,
                Self::Any,
            ],
            Grammar::OpcUa => &[
                Self::Identify,
                Self::Browse,
                Self::Read,
                Self::Subscribe,
                Self::Write,
                Self::Call,
                Self::Configure,
                Self::Authenticate,
                Self::Any,
            ],
            Grammar::Snmp => &[Self::Browse, Self::Read, Self::Write, Self::Any],
            Grammar::Files => &[Self::Browse, Self::Read, Self::Write, Self::Authenticate, Self::Any],
            Grammar::Generic => &Self::ALL,
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
