//! What can be wrong with a service, a permission or a command, in both languages.

use words::{Language, Message, or_list};

use crate::facts::Grammar;
use crate::limit::ValueType;
use crate::object::Table;
use crate::verb::Verb;

/// Why a service cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the words of the message")]
pub enum ServiceError {
    /// Nothing written.
    Empty,
    /// No protocol of that name.
    Unknown { text: String },
    /// No port or range of ports.
    Port { text: String },
    /// No IP protocol number.
    IpProtocol { text: String },
    /// No unit number.
    Unit { text: String },
    /// The protocol has no units.
    NoUnits { protocol: &'static str },
    /// The protocol has no ports.
    NoPorts { protocol: &'static str },
    /// Something follows the service.
    Trailing { service: String, rest: String },
}

impl Message for ServiceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::Unknown { .. } | Self::Trailing { .. } => "RW0901",
            Self::Port { .. } | Self::NoPorts { .. } | Self::IpProtocol { .. } => "RW0902",
            Self::Unit { .. } | Self::NoUnits { .. } => "RW0903",
        }
    }

    fn text(&self, language: Language) -> String {
        let l = language;
        match self {
            Self::Empty => l.pick("no service is named", "kein Dienst ist genannt").to_owned(),
            Self::Unknown { text } => l.pick(
                format!("`{text}` is no protocol Ringwall knows"),
                format!("`{text}` ist kein Protokoll, das Ringwall kennt"),
            ),
            Self::Port { text } => l.pick(
                format!("`{text}` is no port and no range of ports"),
                format!("`{text}` ist kein Port und kein Portbereich"),
            ),
            Self::IpProtocol { text } => l.pick(
                format!("`{text}` is no IP protocol number"),
                format!("`{text}` ist keine IP-Protokollnummer"),
            ),
            Self::Unit { text } => {
                l.pick(format!("`{text}` is no Modbus unit"), format!("`{text}` ist keine Modbus-Unit"))
            }
            Self::NoUnits { protocol } => {
                l.pick(format!("`{protocol}` has no units"), format!("`{protocol}` kennt keine Units"))
            }
            Self::NoPorts { protocol } => l.pick(
                format!("`{protocol}` has no port that could be another one"),
                format!("`{protocol}` hat keinen Port, der ein anderer sein könnte"),
            ),
            Self::Trailing { service, rest } => l.pick(
                format!("`{rest}` after the service `{service}` means nothing"),
                format!("`{rest}` nach dem Dienst `{service}` bedeutet nichts"),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        match self {
            Self::Empty | Self::Unknown { .. } | Self::Trailing { .. } => {
                let near = match self {
                    Self::Unknown { text } => {
                        words::nearest(text, crate::PROTOCOLS.iter().map(|protocol| protocol.word))
                    }
                    _ => None,
                };
                match near {
                    Some(near) => {
                        language.pick(format!("did you mean `{near}`?"), format!("war `{near}` gemeint?"))
                    }
                    None => language
                        .pick(
                            "name a known protocol (`s7comm`, `opcua`, `https` ...) or write `tcp 4711`, `udp 4711`, \
                             `ip 47`",
                            "ein bekanntes Protokoll nennen (`s7comm`, `opcua`, `https` ...) oder `tcp 4711`, \
                             `udp 4711`, `ip 47` schreiben",
                        )
                        .to_owned(),
                }
            }
            Self::Port { .. } | Self::NoPorts { .. } => language
                .pick(
                    "ports are 1 to 65535: `tcp 102`, `tcp 5000-5009`, `https port 8531`",
                    "Ports gehen von 1 bis 65535: `tcp 102`, `tcp 5000-5009`, `https port 8531`",
                )
                .to_owned(),
            Self::IpProtocol { .. } => language
                .pick("write a number from 0 to 255: `ip 47`", "eine Zahl von 0 bis 255 schreiben: `ip 47`")
                .to_owned(),
            Self::Unit { .. } | Self::NoUnits { .. } => language
                .pick(
                    "only Modbus has units, 0 to 255: `modbus unit 1`",
                    "nur Modbus hat Units, 0 bis 255: `modbus unit 1`",
                )
                .to_owned(),
        }
    }
}

/// Why a permission cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the words of the message")]
pub enum PermissionError {
    /// The protocol has no commands Ringwall knows.
    NoCommands { protocol: &'static str },
    /// No verb of the protocol.
    Verb { text: String, protocol: &'static str, grammar: Grammar },
    /// No object of the protocol.
    Object { text: String, grammar: Grammar },
    /// No number or range of objects.
    Numbers { text: String },
    /// A register number as manuals write it.
    ManualForm { table: Table, number: u32, address: u32 },
    /// A table no client can write.
    NotWritable { table: Table },
    /// No limit.
    Limit { text: String },
    /// A limit on a verb that carries no value.
    LimitOnVerb { verb: Verb },
    /// A limit on objects that carry no such value.
    LimitOnObject { object: String },
    /// The lower end is above the upper.
    EmptyRange { limit: String },
    /// The type cannot hold the limit.
    OutOfType { limit: String, kind: ValueType },
    /// The range of objects ends in the middle of a value.
    HalfValue { object: String, kind: ValueType },
    /// Something follows the permission.
    Trailing { text: String },
}

fn objects(grammar: Grammar) -> &'static str {
    match grammar {
        Grammar::None => "-",
        Grammar::Modbus => "`holding 0-59`, `input 3`, `coil 7`, `discrete 0`, `any`",
        Grammar::S7 => "`DB900`, `DB100-109`, `inputs`, `outputs`, `flags`, `any`",
        Grammar::OpcUa => "`node ns=3;s=Speed`, `under Order`, `any`",
        Grammar::Snmp => "`oid 1.3.6.1.2.1.1`, `under 1.3.6.1.2.1`, `any`",
        Grammar::Files => "`file program.src`, `under /programs`, `any`",
        Grammar::Generic => "`NAME`, `any`",
    }
}

impl Message for PermissionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCommands { .. } => "RW0904",
            Self::Verb { .. } => "RW0905",
            Self::Object { .. } | Self::Numbers { .. } | Self::Trailing { .. } => "RW0906",
            Self::ManualForm { .. } => "RW0907",
            Self::NotWritable { .. } => "RW0908",
            Self::Limit { .. } | Self::LimitOnVerb { .. } | Self::LimitOnObject { .. } => "RW0909",
            Self::EmptyRange { .. } | Self::OutOfType { .. } => "RW0910",
            Self::HalfValue { .. } => "RW0911",
        }
    }

    fn text(&self, language: Language) -> String {
        let l = language;
        match self {
            Self::NoCommands { protocol } => l.pick(
                format!("`{protocol}` has no commands Ringwall knows"),
                format!("`{protocol}` hat keine Befehle, die Ringwall kennt"),
            ),
            Self::Verb { text, protocol, .. } => l.pick(
                format!("`{text}` is no verb of `{protocol}`"),
                format!("`{text}` ist kein Verb von `{protocol}`"),
            ),
            Self::Object { text, .. } => l.pick(
                format!("`{text}` is no object of the protocol"),
                format!("`{text}` ist kein Objekt des Protokolls"),
            ),
            Self::Numbers { text } => l.pick(
                format!("`{text}` is no number and no rising range of numbers up to 65535"),
                format!("`{text}` ist keine Nummer und kein steigender Nummernbereich bis 65535"),
            ),
            Self::ManualForm { table, number, .. } => l.pick(
                format!("`{number}` can mean a register of the manual or an address on the wire ({})", table.word()),
                format!(
                    "`{number}` kann ein Register des Handbuchs oder eine Adresse auf der Leitung meinen ({})",
                    table.word()
                ),
            ),
            Self::NotWritable { table } => l.pick(
                format!("`{}` objects cannot be written", table.word()),
                format!("`{}`-Objekte lassen sich nicht schreiben", table.word()),
            ),
            Self::Limit { text } => {
                l.pick(format!("`{text}` is no limit"), format!("`{text}` ist keine Grenze"))
            }
            Self::LimitOnVerb { verb } => l.pick(
                format!("a limit after `{verb}` means nothing: it carries no value"),
                format!("eine Grenze nach `{verb}` bedeutet nichts: es trägt keinen Wert"),
            ),
            Self::LimitOnObject { object } => l.pick(
                format!("`{object}` cannot carry a value with such a limit"),
                format!("`{object}` kann keinen Wert mit solcher Grenze tragen"),
            ),
            Self::EmptyRange { limit } => l.pick(
                format!("no value lies in `{limit}`: the lower end is above the upper"),
                format!("kein Wert liegt in `{limit}`: das untere Ende liegt über dem oberen"),
            ),
            Self::OutOfType { limit, kind } => l.pick(
                format!("a value of type {} cannot reach `{limit}`", kind.word()),
                format!("ein Wert vom Typ {} kann `{limit}` nicht erreichen", kind.word()),
            ),
            Self::HalfValue { object, kind } => l.pick(
                format!("`{object}` ends in the middle of a value of type {}", kind.word()),
                format!("`{object}` endet mitten in einem Wert vom Typ {}", kind.word()),
            ),
            Self::Trailing { text } => l.pick(
                format!("`{text}` after the object means nothing"),
                format!("`{text}` nach dem Objekt bedeutet nichts"),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        let l = language;
        match self {
            Self::NoCommands { .. } => l
                .pick(
                    "leave `allow` out: the flow is opened by peer and port",
                    "`allow` weglassen: der Fluss wird nach Gegenstelle und Port geöffnet",
                )
                .to_owned(),
            Self::Verb { grammar, .. } => {
                let verbs: Vec<_> = Verb::of(*grammar).iter().map(|verb| format!("`{verb}`")).collect();
                let list = or_list(&verbs, l);
                l.pick(format!("write {list}"), format!("{list} schreiben"))
            }
            Self::Object { grammar, .. } => {
                let list = objects(*grammar);
                l.pick(format!("objects are written {list}"), format!("Objekte schreibt man {list}"))
            }
            Self::Numbers { .. } => l
                .pick("write the smaller number first: `0-59`", "die kleinere Nummer zuerst schreiben: `0-59`")
                .to_owned(),
            Self::ManualForm { table, number, address } => {
                let word = table.word();
                l.pick(
                    format!(
                        "addresses count from 0 as on the wire: write `{word} {address}` for register {number} of the \
                         manual, or `{word} 0x{number:04X}` if the wire really carries {number}"
                    ),
                    format!(
                        "Adressen zählen ab 0 wie auf der Leitung: `{word} {address}` für das Register {number} des \
                         Handbuchs schreiben, oder `{word} 0x{number:04X}`, wenn auf der Leitung wirklich {number} steht"
                    ),
                )
            }
            Self::NotWritable { .. } => l
                .pick("only `coil` and `holding` can be written", "nur `coil` und `holding` lassen sich schreiben")
                .to_owned(),
            Self::Limit { .. } | Self::LimitOnVerb { .. } | Self::LimitOnObject { .. } => l
                .pick(
                    "a limit stands after `write` and objects with a number: `write holding 10 = 140..190`, with \
                     `type uint16`, `words low-first`, `scale 0.1` where needed",
                    "eine Grenze steht nach `write` und Objekten mit Nummer: `write holding 10 = 140..190`, mit \
                     `type uint16`, `words low-first`, `scale 0.1` wo nötig",
                )
                .to_owned(),
            Self::EmptyRange { .. } => l
                .pick("write the lower end first: `= 140..190`", "das untere Ende zuerst schreiben: `= 140..190`")
                .to_owned(),
            Self::OutOfType { .. } => l
                .pick(
                    "narrow the limit, or name the type: `type uint16`, `type int32` (two registers)",
                    "die Grenze enger fassen oder den Typ nennen: `type uint16`, `type int32` (zwei Register)",
                )
                .to_owned(),
            Self::HalfValue { .. } => l
                .pick(
                    "name both registers of each value: `write holding 10-11 = 0..9 type uint32`",
                    "beide Register jedes Werts nennen: `write holding 10-11 = 0..9 type uint32`",
                )
                .to_owned(),
            Self::Trailing { .. } => l
                .pick("a limit starts with `=`: `write holding 10 = 140..190`", "eine Grenze beginnt mit `=`: `write holding 10 = 140..190`")
                .to_owned(),
        }
    }
}

/// Why a command cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the words of the message")]
pub enum CommandError {
    /// Verb or object are wrong.
    Permission(PermissionError),
    /// No count, or one that does not fit.
    Count { text: String },
    /// No values, or values where none belong.
    Values { text: String },
    /// Something follows the command.
    Trailing { text: String },
}

impl From<PermissionError> for CommandError {
    fn from(error: PermissionError) -> Self {
        Self::Permission(error)
    }
}

impl Message for CommandError {
    fn code(&self) -> &'static str {
        match self {
            Self::Permission(error) => error.code(),
            Self::Count { .. } | Self::Values { .. } | Self::Trailing { .. } => "RW0912",
        }
    }

    fn text(&self, language: Language) -> String {
        match self {
            Self::Permission(error) => error.text(language),
            Self::Count { text } => language.pick(
                format!("the count `{text}` does not fit the objects or the values"),
                format!("die Anzahl `{text}` passt nicht zu den Objekten oder Werten"),
            ),
            Self::Values { text } => {
                language.pick(format!("`{text}` is no value here"), format!("`{text}` ist hier kein Wert"))
            }
            Self::Trailing { text } => language.pick(
                format!("`{text}` after the command means nothing"),
                format!("`{text}` nach dem Befehl bedeutet nichts"),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        match self {
            Self::Permission(error) => error.help(language),
            Self::Count { .. } | Self::Values { .. } | Self::Trailing { .. } => language
                .pick(
                    "commands are written `read holding 0 count 60`, `write holding 10 = 7`, `read DB900`, `upload`",
                    "Befehle schreibt man `read holding 0 count 60`, `write holding 10 = 7`, `read DB900`, `upload`",
                )
                .to_owned(),
        }
    }
}
