//! Records in words, in both languages, and as lines for programs.

use inspect::{Closing, Dropped, Reason};
use protocols::modbus::FrameError;
use serde::Serialize;
use words::{Language, Message, grouped};

use crate::record::{Notice, Record, Told, What};

impl Told {
    /// As one sentence.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Record(record) => record.text(language),
            Self::Notice(notice) => notice.text(language),
        }
    }
}

impl Record {
    /// As one sentence: who, whom, what, and what came of it.
    pub fn text(&self, language: Language) -> String {
        let l = language;
        let mut text = format!("{} -> {}: {}", self.client, self.server, self.what.text(l));
        if self.times > 1 {
            let times = grouped(self.times, l);
            text.push_str(&l.pick(format!("; {times} times"), format!("; {times}-mal")));
        }
        if self.lost > 0 {
            let lost = grouped(self.lost, l);
            text.push_str(&l.pick(
                format!("; before it {lost} could not be recorded"),
                format!("; davor konnten {lost} nicht aufgezeichnet werden"),
            ));
        }
        text
    }

    /// As an object for programs.
    pub fn document(&self) -> impl Serialize + '_ {
        Document::of(self)
    }
}

impl What {
    /// Why it did not pass, without who and what.
    pub fn reason(&self, language: Language) -> String {
        match self {
            Self::Refused { reason, .. } => reason_in_words(*reason, language).to_owned(),
            other => other.text(language),
        }
    }

    fn text(&self, l: Language) -> String {
        match self {
            Self::Refused { unit, function, command, exception, reason, flow } => {
                let command = if command.is_empty() { String::new() } else { format!(" {command}") };
                let by = flow.as_deref().map(|flow| l.pick(format!(" by {flow}"), format!(" durch {flow}")));
                let by = by.unwrap_or_default();
                let why = reason_in_words(*reason, l);
                l.pick(
                    format!(
                        "unit {unit} FC{function}{command}: refused{by}, exception {exception:02X}: {why}"
                    ),
                    format!(
                        "Unit {unit} FC{function}{command}: abgewiesen{by}, Exception {exception:02X}: {why}"
                    ),
                )
            }
            Self::Dropped { unit, function, why } => {
                let why = match why {
                    Dropped::Unsolicited => l.pick("nobody asked", "niemand hat gefragt"),
                    Dropped::Mismatch => {
                        l.pick("it does not answer what was asked", "sie passt nicht zur Frage")
                    }
                    Dropped::Malformed(_) => l.pick("it was not understood", "sie war nicht verständlich"),
                };
                l.pick(
                    format!("answer of unit {unit} FC{function} not handed on: {why}"),
                    format!("Antwort von Unit {unit} FC{function} nicht weitergegeben: {why}"),
                )
            }
            Self::Broken { closing } => {
                let (whose, error) = match closing {
                    Closing::Client(error) => (l.pick("the client", "des Clients"), error),
                    Closing::Server(error) => (l.pick("the device", "des Geräts"), error),
                };
                let error = match error {
                    FrameError::Protocol(number) => {
                        l.pick(format!("protocol {number}"), format!("Protokoll {number}"))
                    }
                    FrameError::Length(length) => {
                        l.pick(format!("length {length}"), format!("Länge {length}"))
                    }
                };
                l.pick(
                    format!("closed: the stream of {whose} is no Modbus/TCP ({error} in a header)"),
                    format!(
                        "geschlossen: der Datenstrom {whose} ist kein Modbus/TCP ({error} in einem Kopf)"
                    ),
                )
            }
            Self::NotPermitted => l
                .pick(
                    "connection refused: no flow permits it",
                    "Verbindung abgelehnt: kein Fluss erlaubt sie",
                )
                .to_owned(),
            Self::Ended => l
                .pick(
                    "connection cut: its permission has ended",
                    "Verbindung getrennt: ihre Erlaubnis ist zu Ende",
                )
                .to_owned(),
            Self::Unreachable { error } => l.pick(
                format!("the device cannot be reached: {error}"),
                format!("das Gerät ist nicht erreichbar: {error}"),
            ),
            Self::TooMany { limit } => l.pick(
                format!("connection refused: there are {limit} already"),
                format!("Verbindung abgelehnt: es gibt schon {limit}"),
            ),
            Self::Silent => l
                .pick(
                    "the device did not answer in time, the client was told",
                    "das Gerät hat nicht rechtzeitig geantwortet, der Client weiß es",
                )
                .to_owned(),
        }
    }

    /// The word for programs.
    fn word(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Dropped { .. } => "dropped",
            Self::Broken { .. } => "broken",
            Self::NotPermitted => "not_permitted",
            Self::Ended => "ended",
            Self::Unreachable { .. } => "unreachable",
            Self::TooMany { .. } => "too_many",
            Self::Silent => "silent",
        }
    }
}

fn reason_in_words(reason: Reason, l: Language) -> &'static str {
    match reason {
        Reason::Malformed(_) => l.pick("it was not understood", "nicht verständlich"),
        Reason::Unit => l.pick("no flow carries this unit", "kein Fluss nennt diese Unit"),
        Reason::Function => l.pick("no such command is permitted", "ein solcher Befehl ist nicht erlaubt"),
        Reason::Address => l.pick("an object is in no permission", "ein Objekt steht in keiner Erlaubnis"),
        Reason::Value => l.pick(
            "a value is outside its limit, half, or not known beforehand",
            "ein Wert liegt außerhalb seiner Grenze, ist nur halb da oder vorher nicht bekannt",
        ),
        Reason::Busy => {
            l.pick("too many requests wait for an answer", "zu viele Anfragen warten auf Antwort")
        }
    }
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Malformed(_) => "malformed",
        Reason::Unit => "unit",
        Reason::Function => "function",
        Reason::Address => "address",
        Reason::Value => "value",
        Reason::Busy => "busy",
    }
}

impl Notice {
    /// As one sentence.
    pub fn text(&self, l: Language) -> String {
        match self {
            Self::Listening { port, rows, most, of: _ } => {
                let most = grouped(*most as u64, l);
                l.pick(
                    format!(
                        "command proxy: listening at port {port}, {rows} rows in force, up to {most} connections"
                    ),
                    format!(
                        "Befehls-Proxy: lauscht an Port {port}, {rows} Zeilen gelten, bis zu {most} Verbindungen"
                    ),
                )
            }
            Self::Taken { rows, of: _ } => l.pick(
                format!("command proxy: a new table is in force, {rows} rows"),
                format!("Befehls-Proxy: eine neue Tabelle gilt, {rows} Zeilen"),
            ),
            Self::Kept { error } => {
                let (code, what, help) = (error.code(), error.text(l), error.help(l));
                l.pick(
                    format!("command proxy: the new table {what}; the one in force stays; {help} [{code}]"),
                    format!(
                        "Befehls-Proxy: die neue Tabelle {what}; die bisherige gilt weiter; {help} [{code}]"
                    ),
                )
            }
            Self::Ended => l
                .pick(
                    "command proxy: ended; flows that are limited to commands are closed until it runs again",
                    "Befehls-Proxy: beendet; auf Befehle begrenzte Flüsse sind zu, bis er wieder läuft",
                )
                .to_owned(),
        }
    }
}

/// A record as programs read it.
#[derive(Serialize)]
struct Document<'a> {
    at: String,
    client: String,
    server: String,
    what: &'static str,
    flow: Option<&'a str>,
    unit: Option<u8>,
    function: Option<u8>,
    command: Option<&'a str>,
    exception: Option<u8>,
    reason: Option<&'static str>,
    detail: Option<String>,
    times: u64,
    lost: u64,
}

impl<'a> Document<'a> {
    fn of(record: &'a Record) -> Self {
        let mut document = Self {
            at: record.at.to_string(),
            client: record.client.to_string(),
            server: record.server.to_string(),
            what: record.what.word(),
            flow: None,
            unit: None,
            function: None,
            command: None,
            exception: None,
            reason: None,
            detail: None,
            times: record.times,
            lost: record.lost,
        };
        match &record.what {
            What::Refused { unit, function, command, exception, reason, flow } => {
                document.unit = Some(*unit);
                document.function = Some(*function);
                document.command = Some(command).filter(|command| !command.is_empty()).map(String::as_str);
                document.exception = Some(*exception);
                document.reason = Some(reason_word(*reason));
                document.flow = flow.as_deref();
            }
            What::Dropped { unit, function, why } => {
                document.unit = Some(*unit);
                document.function = Some(*function);
                document.reason = Some(match why {
                    Dropped::Unsolicited => "unsolicited",
                    Dropped::Mismatch => "mismatch",
                    Dropped::Malformed(_) => "malformed",
                });
            }
            What::Broken { closing } => {
                document.reason = Some(match closing {
                    Closing::Client(_) => "client",
                    Closing::Server(_) => "server",
                });
            }
            What::Unreachable { error } => document.detail = Some(error.clone()),
            What::TooMany { limit } => document.detail = Some(limit.to_string()),
            What::NotPermitted | What::Ended | What::Silent => {}
        }
        document
    }
}
