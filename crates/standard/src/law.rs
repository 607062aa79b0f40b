//! EU law and measures of agencies, and the requirements that help with them. No legal advice.

use serde::Deserialize;

use crate::file::{File, Passed, embedded};

/// A duty of EU law in short words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalDuty {
    /// `CRA I.1 (1)`.
    pub id: String,
    /// `CRA`, `Machinery Regulation` or `NIS2`.
    pub law: String,
    /// In short words.
    pub title: String,
    /// Requirements that help.
    pub maps_to: Vec<String>,
    /// How they help.
    pub hint: String,
    /// Where the wording was read.
    pub text_source: String,
    /// Where the links are from.
    pub map_sources: Vec<String>,
    /// How sure the links are; 0 is own judgement only.
    pub map_verified: u8,
}

/// A date of EU law.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LegalDate {
    /// What begins.
    pub id: String,
    /// When; none where nobody knows.
    #[serde(default)]
    pub date: Option<String>,
    /// How sure it is.
    #[serde(default)]
    pub verified: u8,
}

/// A measure of the French agency, by number; its text is not reproduced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgencyMeasure {
    /// `ANSSI R1`.
    pub id: String,
    /// `R1`.
    #[serde(rename = "ref")]
    pub number: String,
    /// Requirements it names.
    pub maps_to: Vec<String>,
    /// Short names of the sources.
    pub sources: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Meta {
    dates: Vec<LegalDate>,
}

mod duties {
    use super::*;

    embedded!(data, File<Meta, LegalDuty>, "regulation-map.json");

    pub(super) fn whole() -> &'static File<Meta, LegalDuty> {
        data()
    }
}

mod agency {
    use super::*;

    embedded!(data, File<Passed, AgencyMeasure>, "crosswalk-anssi.json");

    pub(super) fn records() -> &'static [AgencyMeasure] {
        &data().records
    }
}

/// The duties.
pub fn legal_duties() -> &'static [LegalDuty] {
    &duties::whole().records
}

/// The dates.
pub fn legal_dates() -> &'static [LegalDate] {
    &duties::whole().meta.dates
}

/// The measures of the agency.
pub fn agency_measures() -> &'static [AgencyMeasure] {
    agency::records()
}
