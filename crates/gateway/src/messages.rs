//! Why a table or the proxy cannot be used, in both languages.

use std::fmt;

use protocols::PermissionError;
use words::{Language, Message};

/// Why a file with a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the words of the message")]
pub enum FileError {
    /// It cannot be read.
    Unreadable { error: String },
    /// It is larger than any table.
    TooLarge { most: usize },
    /// It has more rows than any table.
    TooMany { most: usize },
    /// It is no table in JSON.
    Form { line: usize, column: usize, error: String },
    /// It is of a version this program does not know.
    Version { version: u32, known: u32 },
    /// No address and no network.
    Network { row: usize, text: String },
    /// No moment.
    Time { row: usize, text: String },
    /// Client and server are of different families.
    Families { row: usize },
    /// No port, or no rule.
    Empty { row: usize },
    /// A permission that cannot be read.
    Permission { row: usize, flow: String, error: Box<PermissionError> },
}

impl Message for FileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "RW1501",
            Self::TooLarge { .. } | Self::TooMany { .. } | Self::Form { .. } | Self::Version { .. } => {
                "RW1502"
            }
            Self::Network { .. }
            | Self::Time { .. }
            | Self::Families { .. }
            | Self::Empty { .. }
            | Self::Permission { .. } => "RW1503",
        }
    }

    fn text(&self, language: Language) -> String {
        let l = language;
        match self {
            Self::Unreadable { error } => {
                l.pick(format!("cannot be read: {error}"), format!("ist nicht lesbar: {error}"))
            }
            Self::TooLarge { most } => l.pick(
                format!("is larger than {most} bytes, no table is"),
                format!("ist größer als {most} Bytes, das ist keine Tabelle"),
            ),
            Self::TooMany { most } => {
                l.pick(format!("has more than {most} rows"), format!("hat mehr als {most} Zeilen"))
            }
            // The reader's own sentence already names line and column.
            Self::Form { error, .. } => l.pick(
                format!("is no table of commands: {error}"),
                format!("ist keine Tabelle von Befehlen: {error}"),
            ),
            Self::Version { version, known } => l.pick(
                format!("is a table of version {version}, this program knows version {known}"),
                format!("ist eine Tabelle der Version {version}, dieses Programm kennt Version {known}"),
            ),
            Self::Network { row, text } => l.pick(
                format!("row {row}: `{text}` is no address and no network"),
                format!("Zeile {row}: `{text}` ist keine Adresse und kein Netz"),
            ),
            Self::Time { row, text } => l.pick(
                format!("row {row}: `{text}` is no moment as in 2027-07-01T02:30:00Z"),
                format!("Zeile {row}: `{text}` ist kein Zeitpunkt wie 2027-07-01T02:30:00Z"),
            ),
            Self::Families { row } => l.pick(
                format!("row {row}: client and server are not both IPv4 or both IPv6"),
                format!("Zeile {row}: Client und Server sind nicht beide IPv4 oder beide IPv6"),
            ),
            Self::Empty { row } => l.pick(
                format!("row {row}: names no port or no rule"),
                format!("Zeile {row}: nennt keinen Port oder keine Regel"),
            ),
            Self::Permission { row, flow, error } => l.pick(
                format!("row {row}, flow {flow}: {}", error.text(l)),
                format!("Zeile {row}, Fluss {flow}: {}", error.text(l)),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        let help = match self {
            Self::Unreadable { .. } => language.pick(
                "name the file that `ringwall load` writes, and let this user read it",
                "die Datei nennen, die `ringwall load` schreibt, und diesem Benutzer das Lesen erlauben",
            ),
            Self::Permission { error, .. } => return error.help(language),
            _ => language.pick(
                "do not edit it by hand: change the plant and run `ringwall load` again",
                "nicht von Hand bearbeiten: die Anlage ändern und `ringwall load` erneut ausführen",
            ),
        };
        help.to_owned()
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text(Language::English))
    }
}

impl std::error::Error for FileError {}

/// Why the proxy does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The table cannot be used, and there is none before it.
    #[error(transparent)]
    File(#[from] FileError),
    /// The machine lacks something, or the kernel refused.
    #[error(transparent)]
    Linux(#[from] linux::Error),
    /// The port of the listeners is taken.
    #[error("{}", self.text(Language::English))]
    Port {
        /// The port.
        port: u16,
    },
}

impl Message for RunError {
    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Linux(linux::Error::Lacking(lacking)) => lacking.code(),
            Self::Linux(_) => "RW1505",
            Self::Port { .. } => "RW1504",
        }
    }

    fn text(&self, language: Language) -> String {
        match self {
            Self::File(error) => error.text(language),
            Self::Linux(linux::Error::Lacking(lacking)) => lacking.text(language),
            Self::Linux(error) => language
                .pick(format!("the kernel refuses: {error}"), format!("der Kernel verweigert: {error}")),
            Self::Port { port } => language.pick(
                format!("port {port} is taken: another program listens there"),
                format!("Port {port} ist belegt: ein anderes Programm lauscht dort"),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        let help = match self {
            Self::File(error) => return error.help(language),
            Self::Linux(linux::Error::Lacking(lacking)) => return lacking.help(language),
            Self::Linux(_) => language.pick(
                "run it as root on the gateway, with the limits of open files as the service file sets them",
                "als root auf dem Gateway ausführen, mit den Grenzen offener Dateien, wie die Dienstdatei sie setzt",
            ),
            Self::Port { .. } => language.pick(
                "one gateway runs one proxy: end the one that runs, or send it SIGHUP to read its table again",
                "auf einem Gateway läuft ein Proxy: den laufenden beenden oder ihm SIGHUP schicken, damit er seine \
                 Tabelle neu liest",
            ),
        };
        help.to_owned()
    }
}
