//! Findings: what a competent assessor would write down.

mod access;
mod boundary;
mod inside;
mod product;
mod responsible;

use plant::span::Place;
use words::Language;

pub(crate) use access::{Weak, weak};

use crate::both::Both;
use crate::target::Target;
use crate::view::View;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The assessment cannot be signed with it.
    Critical,
    /// Somebody has to decide.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word for scripts.
    pub fn word(self) -> &'static str {
        self.text(Language::English)
    }

    /// The word in a language.
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Critical => language.pick("critical", "kritisch"),
            Self::Warning => language.pick("warning", "Warnung"),
            Self::Note => language.pick("note", "Hinweis"),
        }
    }
}

/// One finding; one for many devices where the same is true of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code; `explain` has a page for it.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The ids it is about, at least one.
    pub subjects: Vec<String>,
    /// Where the first of them is written.
    pub place: Option<Place>,
    /// The device first, then what.
    pub text: Both,
    /// What to do.
    pub help: Both,
    /// The requirements it is about.
    pub requirements: Vec<String>,
}

impl Finding {
    /// The first subject.
    pub fn subject(&self) -> &str {
        self.subjects.first().map_or("", String::as_str)
    }
}

/// What the rules see.
pub(crate) struct Rules<'r, 'a> {
    pub(crate) view: &'r View<'a>,
    pub(crate) zones: &'r std::collections::BTreeMap<plant::ids::ZoneId, Target>,
    pub(crate) conduits: &'r std::collections::BTreeMap<plant::ids::ConduitId, Target>,
    pub(crate) product: bool,
    pub(crate) found: Vec<Finding>,
}

impl Rules<'_, '_> {
    fn add(
        &mut self,
        (code, severity): (&'static str, Severity),
        subjects: Vec<String>,
        place: Option<Place>,
        (text, help): (Both, Both),
        requirements: &[&str],
    ) {
        self.found.push(Finding {
            code,
            severity,
            subjects,
            place,
            text,
            help,
            requirements: requirements.iter().map(|id| (*id).to_owned()).collect(),
        });
    }
}

/// All findings, the gravest first.
pub(crate) fn findings(mut rules: Rules<'_, '_>) -> Vec<Finding> {
    boundary::find(&mut rules);
    inside::find(&mut rules);
    access::find(&mut rules);
    responsible::find(&mut rules);
    product::find(&mut rules);
    let mut found = rules.found;
    found.sort_by(|a, b| (a.severity, a.code, &a.subjects).cmp(&(b.severity, b.code, &b.subjects)));
    found
}

/// Names in a sentence, not more than a reader takes in.
fn names(all: &[String]) -> Both {
    const MOST: usize = 6;
    let mut shown: Vec<String> = all.iter().take(MOST).cloned().collect();
    let more = all.len().saturating_sub(MOST);
    if more == 0 {
        return Both::new(
            words::and_list(&shown, Language::English),
            words::and_list(&shown, Language::German),
        );
    }
    let mut german = shown.clone();
    shown.push(format!("{more} more"));
    german.push(format!("{more} weitere"));
    Both::new(words::and_list(&shown, Language::English), words::and_list(&german, Language::German))
}
