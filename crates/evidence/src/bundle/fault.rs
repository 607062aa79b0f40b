//! What can be wrong with a bundle, in both languages.

use words::{Language, Message};

/// The name of the file around the parts, where it is at fault itself.
pub const CONTAINER: &str = "container";
/// The name of the signed list.
pub const MANIFEST: &str = "manifest";

/// What is wrong with a part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file does not begin like a bundle.
    Container,
    /// The signed list of parts was changed, or is none.
    List,
    /// The list is signed by another key than the reader named.
    OtherKey {
        /// Who signed it.
        key: String,
        /// Who should have.
        wanted: String,
    },
    /// The file ends before the part does.
    Short {
        /// Bytes there are.
        there: u64,
        /// Bytes there should be.
        wanted: u64,
    },
    /// The part does not have the hash of the list.
    Changed,
    /// Bytes after the last part.
    Appended {
        /// How many.
        bytes: u64,
    },
    /// A part that belongs to every bundle is not in the list.
    Missing,
    /// The text of the plant cannot be read, or is another than the list says.
    Plant {
        /// What the reader says of it.
        why: String,
    },
    /// The plant, compiled again, permits something else than the list says, or reads otherwise.
    Policy,
    /// The rules in the dump are others than the list says, or cannot be read.
    Ruleset,
    /// The log is damaged.
    Log {
        /// What its verification says.
        why: String,
    },
    /// The log holds no proof of these rules against this policy with this outcome.
    NoRecord {
        /// What the proof came to when it was made again.
        verdict: &'static str,
    },
    /// The cases are not those of a run in the log.
    Cases,
    /// The part is whole and cannot be read.
    Unreadable,
}

impl Message for Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::Container => "RW1311",
            Self::List => "RW1312",
            Self::OtherKey { .. } => "RW1313",
            Self::Short { .. } => "RW1314",
            Self::Changed => "RW1315",
            Self::Appended { .. } => "RW1316",
            Self::Missing => "RW1317",
            Self::Plant { .. } => "RW1318",
            Self::Policy => "RW1319",
            Self::Ruleset => "RW1320",
            Self::Log { .. } => "RW1321",
            Self::NoRecord { .. } => "RW1322",
            Self::Cases => "RW1323",
            Self::Unreadable => "RW1324",
        }
    }

    fn text(&self, language: Language) -> String {
        let plain = |english: &str, german: &str| language.pick(english, german).to_owned();
        match self {
            Self::Container => plain("not a bundle of Ringwall", "kein Bündel von Ringwall"),
            Self::List => plain(
                "the signed list of the parts was changed or is damaged",
                "die unterschriebene Liste der Teile wurde geändert oder ist beschädigt",
            ),
            Self::OtherKey { key, wanted } => language.pick(
                format!("signed by `{key}`, not by `{wanted}`"),
                format!("mit `{key}` unterschrieben, nicht mit `{wanted}`"),
            ),
            Self::Short { there, wanted } => language.pick(
                format!("cut short: {there} of {wanted} bytes are there"),
                format!("abgeschnitten: {there} von {wanted} Bytes sind da"),
            ),
            Self::Changed => plain(
                "changed since it was packed: it does not have the hash of the list",
                "seit dem Packen geändert: es hat nicht den Hash der Liste",
            ),
            Self::Appended { bytes } => language.pick(
                format!("{bytes} bytes stand after the last part"),
                format!("{bytes} Bytes stehen hinter dem letzten Teil"),
            ),
            Self::Missing => plain("not in the bundle", "fehlt im Bündel"),
            Self::Plant { why } => language.pick(
                format!("not the text the list speaks of: {why}"),
                format!("nicht der Text, von dem die Liste spricht: {why}"),
            ),
            Self::Policy => plain(
                "compiled again for the same moment, the plant gives other rules",
                "für denselben Zeitpunkt neu übersetzt ergibt die Anlage andere Regeln",
            ),
            Self::Ruleset => plain(
                "the rules in the dump are not those the list speaks of",
                "die Regeln im Auszug sind nicht die, von denen die Liste spricht",
            ),
            Self::Log { why } => language
                .pick(format!("the log is damaged: {why}"), format!("das Protokoll ist beschädigt: {why}")),
            Self::NoRecord { verdict } => language.pick(
                format!("no record in the log says `{verdict}` of these rules and this policy"),
                format!("kein Beleg im Protokoll sagt `{verdict}` über diese Regeln und diese Policy"),
            ),
            Self::Unreadable => plain(
                "whole, but this program cannot read it",
                "heil, aber dieses Programm kann es nicht lesen",
            ),
            Self::Cases => plain(
                "not the cases of a run the log tells of",
                "nicht die Fälle eines Laufs, von dem das Protokoll berichtet",
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        match self {
            Self::Container => {
                language.pick("give the file `ringwall bundle` wrote", "die Datei angeben, die `ringwall bundle` schrieb")
            }
            Self::List | Self::Short { .. } | Self::Changed | Self::Appended { .. } => language.pick(
                "fetch the file again from whoever packed it; if it stays like that, somebody changed it",
                "die Datei noch einmal von dort holen, wo sie gepackt wurde; bleibt es dabei, hat jemand sie geändert",
            ),
            Self::OtherKey { .. } => language.pick(
                "ask the owner of the machine for its public key, and who packed this bundle",
                "den Besitzer der Maschine nach ihrem öffentlichen Schlüssel fragen, und wer dieses Bündel packte",
            ),
            Self::Missing => language.pick(
                "have it packed again with `ringwall bundle`",
                "mit `ringwall bundle` noch einmal packen lassen",
            ),
            Self::Plant { .. } | Self::Policy | Self::Ruleset | Self::Unreadable => language.pick(
                "verify with the version of Ringwall that packed it; if it stays like that, do not believe the bundle",
                "mit der Version von Ringwall prüfen, die es packte; bleibt es dabei, dem Bündel nicht glauben",
            ),
            Self::Log { .. } => language.pick(
                "do not believe the bundle; `ringwall log verify` says more about the log on the machine itself",
                "dem Bündel nicht glauben; über das Protokoll auf der Maschine selbst sagt `ringwall log verify` mehr",
            ),
            Self::NoRecord { .. } | Self::Cases => language.pick(
                "do not believe the bundle: what it shows is not what was recorded when it was made",
                "dem Bündel nicht glauben: was es zeigt, ist nicht das, was beim Packen aufgezeichnet war",
            ),
        }
        .to_owned()
    }
}
