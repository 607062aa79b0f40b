//! The closed table: which result may prove, or let observe, which part of which requirement.
//!
//! A proof of a part does not make a row met; only a row whose table entry is `whole` is. What is not in the table is
//! attested by a person or not assessed.

use serde::Deserialize;
use words::Language;

use crate::file::{File, embedded};

/// Requirements no result of this program may ever prove, whatever the table says.
pub const NEVER_PROVED: [&str; 4] = ["SR 1.1", "SR 2.1", "SR 3.1", "SR 5.1 RE 1"];

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    en: String,
    de: String,
}

impl Texts {
    /// The text in a language.
    pub fn text(&self, language: Language) -> &str {
        language.pick(&self.en, &self.de)
    }
}

/// How strong a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provable {
    /// Over all packets.
    Proved,
    /// In what happened.
    Observed,
}

/// A kind of result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultKind {
    /// The rules the kernel runs do what the plant says.
    Proof,
    /// The lab's cases of a zone or conduit are all as expected.
    Cases,
    /// The lab tried a session with its approval and without.
    ApprovalCases,
    /// The lab saw a command refused.
    CommandCases,
    /// The lab saw a running session cut.
    CutCases,
    /// The log verifies and holds records of this plant.
    Log,
    /// The command proxy recorded refusals.
    Refusals,
    /// Approvals of sessions were recorded.
    Approvals,
    /// Ends of sessions, by their time or by hand, were recorded.
    Endings,
}

impl ResultKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Proof,
        Self::Cases,
        Self::ApprovalCases,
        Self::CommandCases,
        Self::CutCases,
        Self::Log,
        Self::Refusals,
        Self::Approvals,
        Self::Endings,
    ];

    /// The word in documents and in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Cases => "cases",
            Self::ApprovalCases => "approval_cases",
            Self::CommandCases => "command_cases",
            Self::CutCases => "cut_cases",
            Self::Log => "log",
            Self::Refusals => "refusals",
            Self::Approvals => "approvals",
            Self::Endings => "endings",
        }
    }
}

/// What must hold of a zone or conduit in the plant text before a result says something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The gateway stands in front of it, and the text knows of no way around.
    Separated,
    /// It has to do with a zone that is untrusted or outside.
    Untrusted,
    /// A flow across it needs an approval.
    Approvals,
    /// The gateway checks the commands of a flow across it.
    Inspected,
    /// No limited flow across it is open by peer and port only.
    NothingBlind,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The requirement.
    pub requirement: String,
    /// Results, any of which is enough.
    pub results: Vec<ResultKind>,
    /// How strong.
    pub state: Provable,
    /// Whether the requirement is met by it.
    pub whole: bool,
    /// What exactly is shown.
    pub part: Texts,
    /// What is left for a person to attest; none where the whole is shown.
    pub rest: Option<Texts>,
    /// What it does not say, even of its part.
    pub limits: Texts,
    /// What must hold of the zone or conduit.
    pub conditions: Vec<Condition>,
    /// Short names of the sources.
    pub source: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Meta {
    results: Vec<Kind>,
    never_proved: Vec<Never>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: ResultKind,
    /// How long a result of it counts.
    days: u16,
    says: Texts,
}

#[derive(Debug, Deserialize)]
struct Never {
    requirement: String,
    why: Texts,
}

embedded!(data, File<Meta, Row>, "proves.json");

/// The table, in the order of the requirements.
pub fn proving() -> &'static [Row] {
    &data().records
}

/// The row of a requirement.
pub fn proving_of(requirement: &str) -> Option<&'static Row> {
    proving().iter().find(|row| row.requirement == requirement)
}

/// How many days a result of this kind counts.
pub fn result_days(kind: ResultKind) -> u16 {
    data().meta.results.iter().find(|entry| entry.kind == kind).map_or(0, |entry| entry.days)
}

/// What a result of this kind says, in words.
pub fn result_says(kind: ResultKind, language: Language) -> &'static str {
    data().meta.results.iter().find(|entry| entry.kind == kind).map_or("", |entry| entry.says.text(language))
}

/// Why a requirement is never proved, where that is so.
pub fn never_proved(requirement: &str, language: Language) -> Option<&'static str> {
    let never = data().meta.never_proved.iter().find(|entry| entry.requirement == requirement)?;
    Some(never.why.text(language))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Gateway, source, system, systems};

    #[test]
    fn every_row_is_about_a_requirement_and_says_all_it_has_to() {
        let mut last = None;
        for row in proving() {
            let id = &row.requirement;
            let at = systems().iter().position(|requirement| requirement.id == *id);
            assert!(at.is_some() && at > last, "{id}: unknown, twice, or out of order");
            last = at;
            assert!(!row.results.is_empty(), "{id}");
            assert_eq!(row.whole, row.rest.is_none(), "{id}: what is not whole leaves a rest");
            for texts in [Some(&row.part), row.rest.as_ref(), Some(&row.limits)].into_iter().flatten() {
                let [english, german] = Language::ALL.map(|language| texts.text(language));
                assert!(!english.is_empty() && english != german, "{id}: {english}");
            }
            assert!(row.source.iter().all(|short| source(short).is_some()), "{id}");
            assert!(row.conditions.contains(&Condition::Separated), "{id}: says something of any zone");
            assert_ne!(system(id).unwrap().gateway, Gateway::None, "{id}: a gateway can do nothing for it");
        }
    }

    #[test]
    fn only_a_proof_proves_and_some_things_nothing_does() {
        for row in proving() {
            let proof = row.results == [ResultKind::Proof];
            assert!(row.state == Provable::Observed || proof, "{}", row.requirement);
            assert!(!row.whole || proof, "{}: what was seen once is not the whole", row.requirement);
            assert!(!NEVER_PROVED.contains(&row.requirement.as_str()), "{}", row.requirement);
        }
        for id in NEVER_PROVED {
            assert!(system(id).is_some() && never_proved(id, Language::German).is_some(), "{id}");
        }
        let whole: Vec<&str> =
            proving().iter().filter(|row| row.whole).map(|row| row.requirement.as_str()).collect();
        assert_eq!(whole, ["SR 5.2 RE 1"], "think again before a result alone meets a row");
    }

    #[test]
    fn every_kind_of_result_has_words_and_a_life_and_is_used() {
        let used: BTreeSet<_> = proving().iter().flat_map(|row| row.results.iter().copied()).collect();
        assert_eq!(used, ResultKind::ALL.into());
        for kind in ResultKind::ALL {
            assert!((1..=366).contains(&result_days(kind)), "{kind:?}");
            let [english, german] = Language::ALL.map(|language| result_says(kind, language));
            assert!(!english.is_empty() && english != german, "{kind:?}");
        }
    }
}
