//! Words of a sentence that depend on the language.

use words::{Language, grouped};

/// Something a sentence can name.
pub(crate) trait Say {
    /// Its words.
    fn say(&self, language: Language) -> String;
}

impl Say for String {
    fn say(&self, _: Language) -> String {
        // Text of the user in a message is bounded and on one line.
        const MOST: usize = 80;
        let mut text: String =
            self.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        if self.chars().nth(MOST).is_some() {
            text.push('…');
        }
        text
    }
}

/// Words of ours, as long as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own(pub String);

impl Say for Own {
    fn say(&self, _: Language) -> String {
        self.0.clone()
    }
}

impl Say for u64 {
    fn say(&self, language: Language) -> String {
        grouped(*self, language)
    }
}

impl Say for usize {
    fn say(&self, _: Language) -> String {
        self.to_string()
    }
}

/// A kind of thing with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the kinds of the language")]
pub enum Kind {
    Plant,
    Zone,
    Asset,
    Conduit,
    Flow,
    Remote,
    State,
    Role,
    Person,
    Nat,
    Case,
    Decision,
    ProxyLoss,
    Attestation,
    Leg,
    Peer,
}

impl Say for Kind {
    fn say(&self, language: Language) -> String {
        let (en, de) = match self {
            Self::Plant => ("plant", "Anlage"),
            Self::Zone => ("zone", "Zone"),
            Self::Asset => ("asset", "Gerät"),
            Self::Conduit => ("conduit", "Conduit"),
            Self::Flow => ("flow", "Fluss"),
            Self::Remote => ("remote session", "Fernzugriff"),
            Self::State => ("state", "Zustand"),
            Self::Role => ("role", "Rolle"),
            Self::Person => ("person", "Person"),
            Self::Nat => ("translation", "Umsetzung"),
            Self::Case => ("case", "Prüffall"),
            Self::Decision => ("decision", "Entscheidung"),
            Self::ProxyLoss => {
                ("decision about the loss of the proxy", "Entscheidung zum Ausfall des Proxys")
            }
            Self::Attestation => ("attestation", "Bestätigung"),
            Self::Leg => ("leg", "Anschluss"),
            Self::Peer => ("peer", "Gegenstelle"),
        };
        language.pick(en, de).to_owned()
    }
}

/// A thing of the plant: a device by its mark and id, anything else by kind and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// Kind.
    pub kind: Kind,
    /// Id as written.
    pub id: String,
    /// Title where it has one of its own.
    pub title: Option<String>,
}

impl Thing {
    /// A thing without a title.
    pub fn new(kind: Kind, id: impl ToString) -> Self {
        Self { kind, id: id.to_string(), title: None }
    }
}

impl Say for Thing {
    fn say(&self, language: Language) -> String {
        let id = self.id.say(language);
        match (&self.title, self.kind) {
            (Some(title), Kind::Asset) if *title != self.id => format!("{} ({id})", title.say(language)),
            (_, Kind::Asset) => id,
            _ if id.is_empty() => self.kind.say(language),
            _ => format!("{} `{id}`", self.kind.say(language)),
        }
    }
}

/// The name that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Near(pub Option<String>);

impl Say for Near {
    fn say(&self, language: Language) -> String {
        match &self.0 {
            Some(near) => {
                let near = near.say(language);
                language.pick(format!("did you mean `{near}`? "), format!("war `{near}` gemeint? "))
            }
            None => String::new(),
        }
    }
}

/// A type of value in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the types of TOML")]
pub enum Type {
    Text,
    Whole,
    Number,
    Flag,
    Moment,
    List,
    Texts,
    TextOrList,
    Table,
    Tables,
    TextOrTable,
}

impl Say for Type {
    fn say(&self, language: Language) -> String {
        let (en, de) = match self {
            Self::Text => ("text in quotes", "Text in Anführungszeichen"),
            Self::Whole => ("a whole number", "eine ganze Zahl"),
            Self::Number => ("a number", "eine Zahl"),
            Self::Flag => ("true or false", "true oder false"),
            Self::Moment => ("a date or time", "ein Datum oder eine Zeit"),
            Self::List => ("a list", "eine Liste"),
            Self::Texts => ("a list of texts", "eine Liste von Texten"),
            Self::TextOrList => ("text or a list of texts", "Text oder eine Liste von Texten"),
            Self::Table => ("a table", "eine Tabelle"),
            Self::Tables => ("a list of tables", "eine Liste von Tabellen"),
            Self::TextOrTable => ("text or a table", "Text oder eine Tabelle"),
        };
        language.pick(en, de).to_owned()
    }
}
