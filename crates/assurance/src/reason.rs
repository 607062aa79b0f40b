//! Why a row is not met, or evidence does not count, in both languages.

use evidence::Verdict;
use jiff::civil::Date;
use standard::Texts;
use words::{Language, and_list};

/// Why a record does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// It is about another plant.
    OtherPlant {
        /// Which.
        plant: String,
    },
    /// The text of the plant has changed since.
    PlantChanged,
    /// What the plant permits has changed since: a decision, for one.
    PolicyChanged,
    /// It does not say for which moment and facts the rules were, so nobody can compare them.
    NoSituation,
    /// Too long ago.
    Expired {
        /// The last day it counted.
        until: Date,
    },
    /// From a day that has not come.
    Future {
        /// The day.
        date: Date,
    },
}

impl Stale {
    /// The sentence.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::OtherPlant { plant } => language.pick(
                format!("about another plant, `{plant}`"),
                format!("handelt von einer anderen Anlage, `{plant}`"),
            ),
            Self::PlantChanged => language
                .pick(
                    "the text of the plant has changed since",
                    "der Text der Anlage hat sich seither geändert",
                )
                .to_owned(),
            Self::PolicyChanged => language
                .pick(
                    "what the plant permits has changed since",
                    "was die Anlage erlaubt, hat sich seither geändert",
                )
                .to_owned(),
            Self::NoSituation => language
                .pick(
                    "does not say for which moment and facts the rules were",
                    "sagt nicht, für welchen Augenblick und welche Tatsachen die Regeln galten",
                )
                .to_owned(),
            Self::Expired { until } => {
                language.pick(format!("counted until {until}"), format!("zählte bis {until}"))
            }
            Self::Future { date } => language.pick(
                format!("dated {date}, which has not come"),
                format!("trägt das Datum {date}, das noch nicht war"),
            ),
        }
    }
}

/// Why a row is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The gateway has no leg there.
    NoLeg,
    /// A device is a way around the gateway.
    Around {
        /// The device.
        device: String,
    },
    /// Zones are one network.
    Flat {
        /// The other zone.
        with: String,
        /// The record that says so; none where the plant text does.
        record: Option<u64>,
    },
    /// Something got through that must not.
    Passed {
        /// The case.
        case: String,
        /// The record.
        record: u64,
    },
    /// A case did not come out as expected, or could not be tried.
    Failed {
        /// The case.
        case: String,
        /// The record.
        record: u64,
    },
    /// Limited flows are open by port only.
    Blind {
        /// The flows.
        flows: Vec<String>,
    },
    /// Only a part is shown; a person has to vouch for the rest.
    Rest(&'static Texts),
    /// No result can show it: a person has to vouch for it.
    NobodyVouches,
    /// A result could show it, and there is none.
    NoResult,
    /// The lab shows it, and nobody has shown it on site.
    NotOnSite,
    /// The last proof did not come out equal.
    NotEqual {
        /// What came out.
        verdict: Verdict,
        /// The record.
        record: u64,
    },
    /// There is evidence that does not count.
    Stale {
        /// The record.
        record: u64,
        /// Why not.
        why: Stale,
    },
    /// A person vouched for it until then.
    AttestationExpired {
        /// The last day.
        until: Date,
    },
    /// A person vouches for it from a day that has not come.
    AttestationFuture {
        /// The day.
        date: Date,
    },
}

impl Reason {
    /// The sentence.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::NoLeg => language
                .pick("the gateway has no leg there", "das Gateway hat dort keinen Anschluss")
                .to_owned(),
            Self::Around { device } => language.pick(
                format!("{device} has interfaces in two zones: a way around the gateway"),
                format!("{device} hat Schnittstellen in zwei Zonen: ein Weg um das Gateway herum"),
            ),
            Self::Flat { with, record: Some(record) } => language.pick(
                format!("one network with zone `{with}` (record {record})"),
                format!("ein Netz mit Zone `{with}` (Eintrag {record})"),
            ),
            Self::Flat { with, record: None } => language.pick(
                format!("one network with zone `{with}`, says the plant text"),
                format!("ein Netz mit Zone `{with}`, sagt der Text der Anlage"),
            ),
            Self::Passed { case, record } => language.pick(
                format!("something got through that must not: case `{case}` (record {record})"),
                format!("es kam etwas durch, das nicht darf: Fall `{case}` (Eintrag {record})"),
            ),
            Self::Failed { case, record } => language.pick(
                format!("case `{case}` did not come out as expected (record {record})"),
                format!("Fall `{case}` ging nicht aus wie erwartet (Eintrag {record})"),
            ),
            Self::Blind { flows } => {
                let flows = and_list(flows, language);
                language.pick(
                    format!("open by port only, commands not inspected: {flows}"),
                    format!("nur nach Port offen, Befehle nicht geprüft: {flows}"),
                )
            }
            Self::Rest(rest) => {
                let rest = rest.text(language);
                language.pick(
                    format!("a person has to vouch for the rest: {rest}"),
                    format!("für den Rest muss ein Mensch einstehen: {rest}"),
                )
            }
            Self::NobodyVouches => language
                .pick(
                    "nothing here can measure it, and nobody vouches for it",
                    "hier lässt es sich nicht messen, und niemand steht dafür ein",
                )
                .to_owned(),
            Self::NoResult => language.pick("no evidence yet", "noch kein Beleg").to_owned(),
            Self::NotOnSite => language
                .pick("shown in the lab, not yet on site", "im Labor gezeigt, vor Ort noch nicht")
                .to_owned(),
            Self::NotEqual { verdict, record } => {
                let word = verdict.word();
                language.pick(
                    format!("the last proof says `{word}` (record {record})"),
                    format!("der letzte Beweis sagt `{word}` (Eintrag {record})"),
                )
            }
            Self::Stale { record, why } => {
                let why = why.text(language);
                language.pick(
                    format!("record {record} does not count: {why}"),
                    format!("Eintrag {record} zählt nicht: {why}"),
                )
            }
            Self::AttestationExpired { until } => language.pick(
                format!("the attestation expired: its last day was {until}"),
                format!("die Bestätigung ist abgelaufen: ihr letzter Tag war {until}"),
            ),
            Self::AttestationFuture { date } => language.pick(
                format!("the attestation is dated {date}, which has not come"),
                format!("die Bestätigung trägt das Datum {date}, das noch nicht war"),
            ),
        }
    }
}
