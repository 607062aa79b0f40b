//! Why a record does not count, in both languages.

use words::{Language, Message};

use crate::record::Basis;

/// Why a record does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is no signed record.
    Form,
    /// It has a form from a later time.
    Version {
        /// Which.
        version: String,
    },
    /// Nobody the reader believes signed it.
    UnknownKey {
        /// Who is said to have signed it.
        key: String,
    },
    /// The signature does not fit what it stands under.
    Signature {
        /// Whose.
        key: String,
    },
    /// The key may not sign what was found there.
    Basis {
        /// Which key.
        key: String,
        /// Where it says it was found.
        basis: Basis,
    },
}

impl Message for Reason {
    fn code(&self) -> &'static str {
        match self {
            Self::Form => "RW1301",
            Self::Version { .. } => "RW1302",
            Self::UnknownKey { .. } => "RW1303",
            Self::Signature { .. } => "RW1304",
            Self::Basis { .. } => "RW1305",
        }
    }

    fn text(&self, language: Language) -> String {
        match self {
            Self::Form => language
                .pick("not a signed record of evidence", "kein unterschriebener Beleg")
                .to_owned(),
            Self::Version { version } => language.pick(
                format!("written in form `{version}`, which this program does not read"),
                format!("in der Form `{version}` geschrieben, die dieses Programm nicht liest"),
            ),
            Self::UnknownKey { key } => language.pick(
                format!("signed by `{key}`, a key that was not named as trusted"),
                format!("mit `{key}` unterschrieben, einem Schlüssel, der nicht als vertraut genannt wurde"),
            ),
            Self::Signature { key } => language.pick(
                format!("the signature of `{key}` does not fit: the record was changed after it was signed"),
                format!("die Unterschrift von `{key}` passt nicht: der Beleg wurde nach dem Unterschreiben geändert"),
            ),
            Self::Basis { key, basis: Basis::Site } => language.pick(
                format!("says it was found on site, but `{key}` is not the key of that machine"),
                format!("soll vor Ort gefunden worden sein, aber `{key}` ist nicht der Schlüssel dieser Maschine"),
            ),
            Self::Basis { key, basis: Basis::Lab } => language.pick(
                format!("says it was found in the lab, but `{key}` is no key for that"),
                format!("soll im Labor gefunden worden sein, aber `{key}` ist kein Schlüssel dafür"),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        match self {
            Self::Form => language.pick(
                "find out who writes other things into this log; the rest of it still counts",
                "klären, wer anderes in dieses Protokoll schreibt; der Rest zählt weiter",
            ),
            Self::Version { .. } => {
                language.pick("read it with a newer Ringwall", "mit einem neueren Ringwall lesen")
            }
            Self::UnknownKey { .. } => language.pick(
                "name the public key with --key FILE, as its owner handed it over, not as it lies beside the log",
                "den öffentlichen Schlüssel mit --key DATEI nennen, so wie ihn sein Besitzer übergab, nicht wie er beim Protokoll liegt",
            ),
            Self::Signature { .. } => language.pick(
                "keep the log as it is, and ask who could write there; the record counts for nothing",
                "das Protokoll unverändert aufheben und fragen, wer dort schreiben kann; der Beleg zählt nicht",
            ),
            Self::Basis { .. } => language.pick(
                "prove it again on the machine itself, with the machine's own key; a lab never vouches for a site",
                "auf der Maschine selbst noch einmal beweisen, mit deren eigenem Schlüssel; ein Labor bürgt nie für einen Ort",
            ),
        }
        .to_owned()
    }
}
