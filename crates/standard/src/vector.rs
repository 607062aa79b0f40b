//! Foundational requirements and level vectors.

use std::fmt;

use serde::Deserialize;
use words::Language;

/// A foundational requirement: one of the seven groups every requirement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Fr {
    /// Identification and authentication control.
    #[serde(rename = "FR 1")]
    Iac,
    /// Use control.
    #[serde(rename = "FR 2")]
    Uc,
    /// System integrity.
    #[serde(rename = "FR 3")]
    Si,
    /// Data confidentiality.
    #[serde(rename = "FR 4")]
    Dc,
    /// Restricted data flow.
    #[serde(rename = "FR 5")]
    Rdf,
    /// Timely response to events.
    #[serde(rename = "FR 6")]
    Tre,
    /// Resource availability.
    #[serde(rename = "FR 7")]
    Ra,
}

impl Fr {
    /// All of them, in the order of a level vector.
    pub const ALL: [Self; 7] = [Self::Iac, Self::Uc, Self::Si, Self::Dc, Self::Rdf, Self::Tre, Self::Ra];

    /// Its place in a level vector.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The short form: `IAC`.
    pub fn abbr(self) -> &'static str {
        match self {
            Self::Iac => "IAC",
            Self::Uc => "UC",
            Self::Si => "SI",
            Self::Dc => "DC",
            Self::Rdf => "RDF",
            Self::Tre => "TRE",
            Self::Ra => "RA",
        }
    }

    /// Its name.
    pub fn title(self, language: Language) -> &'static str {
        let (en, de) = match self {
            Self::Iac => ("Identification and authentication", "Identifizierung und Authentifizierung"),
            Self::Uc => ("Use control", "Nutzungskontrolle"),
            Self::Si => ("System integrity", "Systemintegrität"),
            Self::Dc => ("Data confidentiality", "Vertraulichkeit der Daten"),
            Self::Rdf => ("Restricted data flow", "Eingeschränkter Datenfluss"),
            Self::Tre => ("Timely response to events", "Rechtzeitige Reaktion auf Ereignisse"),
            Self::Ra => ("Resource availability", "Verfügbarkeit der Ressourcen"),
        };
        language.pick(en, de)
    }

    /// What it is about, for somebody who never read the standard.
    pub fn plain(self, language: Language) -> &'static str {
        let (en, de) = match self {
            Self::Iac => (
                "everybody and everything proves who they are before getting in",
                "wer oder was hineinwill, weist sich vorher aus",
            ),
            Self::Uc => (
                "whoever is in can do only what they may, and it is recorded",
                "wer drin ist, kann nur, was er darf, und es wird aufgezeichnet",
            ),
            Self::Si => (
                "nobody changes programs, data or messages unnoticed",
                "niemand ändert Programme, Daten oder Nachrichten unbemerkt",
            ),
            Self::Dc => {
                ("nobody reads what is not meant for them", "niemand liest, was nicht für ihn bestimmt ist")
            }
            Self::Rdf => {
                ("between zones passes only what is needed", "zwischen Zonen läuft nur, was gebraucht wird")
            }
            Self::Tre => (
                "what happens is recorded, seen and reported in time",
                "was geschieht, wird aufgezeichnet, gesehen und rechtzeitig gemeldet",
            ),
            Self::Ra => (
                "what is essential keeps running and can be restored",
                "das Wesentliche läuft weiter und lässt sich wiederherstellen",
            ),
        };
        language.pick(en, de)
    }
}

/// A level for every foundational requirement, in the order IAC UC SI DC RDF TRE RA; each from 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SlVector([u8; 7]);

impl SlVector {
    /// The highest level there is.
    pub const HIGHEST: u8 = 4;

    /// A vector, where every level is one.
    pub fn new(levels: [u8; 7]) -> Option<Self> {
        levels.iter().all(|level| *level <= Self::HIGHEST).then_some(Self(levels))
    }

    /// The level of a foundational requirement.
    pub fn level(self, fr: Fr) -> u8 {
        self.0.get(fr.index()).copied().unwrap_or_default()
    }

    /// All seven.
    pub fn levels(self) -> [u8; 7] {
        self.0
    }
}

impl fmt::Display for SlVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels = self.0.map(|level| level.to_string());
        write!(f, "{{ {} }}", levels.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_has_levels_from_0_to_4() {
        assert_eq!(SlVector::new([0, 1, 2, 3, 5, 0, 0]), None);
        let vector = SlVector::new([2, 2, 0, 1, 3, 1, 4]).unwrap();
        assert_eq!(vector.to_string(), "{ 2 2 0 1 3 1 4 }");
        assert_eq!(Fr::ALL.map(|fr| vector.level(fr)), vector.levels());
        assert_eq!((vector.level(Fr::Rdf), vector.level(Fr::Ra)), (3, 4));
    }

    #[test]
    fn every_group_has_words_in_both_languages() {
        for fr in Fr::ALL {
            let [english, german] = Language::ALL.map(|language| (fr.title(language), fr.plain(language)));
            assert!(english.0 != german.0 && english.1 != german.1, "{}", fr.abbr());
        }
    }
}
