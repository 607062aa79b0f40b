//! What a change of a plant means for risk.
//!
//! Two assessments are compared by the four questions of European guidance: new entry points, new scenarios, another
//! likelihood, another impact; beside them requirements, decisions gone stale and rules. Titles, comments and order
//! are no change.

use std::collections::{BTreeMap, BTreeSet};

use crate::assessment::Assessment;
use crate::both::Both;
use crate::facts::Facts;
use crate::finding::Severity;

/// What to do about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing that matters to risk has changed for the worse.
    NoNewRisk,
    /// What depends on the change has to be assessed again.
    ReAssess,
    /// A person has to say whether this is a substantial modification.
    AskAPerson,
}

impl Verdict {
    /// The words for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoNewRisk => "no new risk",
            Self::ReAssess => "re-assess",
            Self::AskAPerson => "ask a person",
        }
    }

    /// The words for people.
    pub fn text(self) -> Both {
        match self {
            Self::NoNewRisk => Both::new("no new risk", "kein neues Risiko"),
            Self::ReAssess => {
                Both::new("assess again what is named below", "das unten Genannte neu bewerten")
            }
            Self::AskAPerson => Both::new(
                "ask a person: this may be a substantial modification",
                "einen Menschen fragen: das kann eine wesentliche Änderung sein",
            ),
        }
    }
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub subject: String,
    /// What changed.
    pub text: Both,
    /// As it was, where it was.
    pub old: Option<String>,
    /// As it is, where it is.
    pub new: Option<String>,
    /// Whether it can only be for the worse.
    pub worse: bool,
}

/// The difference of two assessments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What to do.
    pub verdict: Verdict,
    /// Why a person has to be asked.
    pub why: Vec<Both>,
    /// Ways in.
    pub entry_points: Vec<Change>,
    /// Scenarios that came or went.
    pub scenarios: Vec<Change>,
    /// Scenarios that became more or less likely.
    pub likelihood: Vec<Change>,
    /// Effects that became graver or less grave, devices that are for something else.
    pub impact: Vec<Change>,
    /// Requirements gained or lost, and findings.
    pub requirements: Vec<Change>,
    /// Decisions that no longer hold.
    pub stale: Vec<Change>,
    /// Rules that change.
    pub rules: Vec<Change>,
    /// Zones to assess again.
    pub zones: BTreeSet<String>,
    /// Conduits to assess again.
    pub conduits: BTreeSet<String>,
}

/// Compares two assessments of the same plant.
pub fn compare(old: &Assessment, new: &Assessment) -> Comparison {
    let names = Names { was: &new.facts.was };
    let mut result = Comparison {
        verdict: Verdict::NoNewRisk,
        why: Vec::new(),
        entry_points: entry_points(old, new, &names),
        scenarios: Vec::new(),
        likelihood: Vec::new(),
        impact: impact(old, new, &names),
        requirements: requirements(old, new, &names),
        stale: stale(old, new, &names),
        rules: rules(old, new, &names),
        zones: BTreeSet::new(),
        conduits: BTreeSet::new(),
    };
    scenarios(old, new, &names, &mut result);
    ask(old, new, &names, &mut result);
    affected(old, new, &mut result);
    let groups = [
        &result.entry_points,
        &result.scenarios,
        &result.likelihood,
        &result.impact,
        &result.requirements,
        &result.stale,
        &result.rules,
    ];
    if !result.why.is_empty() {
        result.verdict = Verdict::AskAPerson;
    } else if groups.iter().any(|group| group.iter().any(|change| change.worse)) {
        result.verdict = Verdict::ReAssess;
    }
    result
}

/// Former ids and what they are now.
struct Names<'a> {
    was: &'a BTreeMap<String, String>,
}

impl Names<'_> {
    fn now(&self, id: &str) -> String {
        self.was.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Ids inside a text of items: `a, b`, `remote-F19.harm`, `from: a; to: b`.
    fn within(&self, text: &str) -> String {
        if self.was.is_empty() {
            return text.to_owned();
        }
        let mut result = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().chain([' ']) {
            if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
                word.push(c);
                continue;
            }
            // An id may follow the kind of an entry: `remote-F19`.
            let renamed = self.was.get(&word).cloned().or_else(|| {
                let (kind, id) = word.split_once('-')?;
                self.was.get(id).map(|now| format!("{kind}-{now}"))
            });
            result.push_str(renamed.as_deref().unwrap_or(&word));
            word.clear();
            result.push(c);
        }
        result.pop();
        result
    }
}

fn change(subject: &str, text: Both, old: Option<String>, new: Option<String>, worse: bool) -> Change {
    Change { subject: subject.to_owned(), text, old, new, worse }
}

/// What came, went or changed between two tables.
fn differing<'t>(
    old: &'t BTreeMap<String, String>,
    new: &'t BTreeMap<String, String>,
) -> impl Iterator<Item = (&'t str, Option<&'t str>, Option<&'t str>)> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter().filter_map(|key| {
        let (before, after) = (old.get(key).map(String::as_str), new.get(key).map(String::as_str));
        (before != after).then_some((key.as_str(), before, after))
    })
}

fn entry_points(old: &Assessment, new: &Assessment, names: &Names<'_>) -> Vec<Change> {
    let before: BTreeSet<(String, String)> =
        old.facts.entries.iter().map(|(id, what)| (names.now(id), what.clone())).collect();
    let mut changes = Vec::new();
    for (id, what) in new.facts.entries.difference(&before) {
        let text = Both::new(format!("{id}: new way in: {what}"), format!("{id}: neuer Weg hinein: {what}"));
        changes.push(change(id, text, None, Some(what.clone()), true));
    }
    for (id, what) in before.difference(&new.facts.entries) {
        let text = Both::new(format!("{id}: no longer: {what}"), format!("{id}: nicht mehr: {what}"));
        changes.push(change(id, text, Some(what.clone()), None, false));
    }
    let strange: BTreeSet<String> = old.facts.strange.iter().map(|id| names.now(id)).collect();
    for id in new.facts.strange.difference(&strange) {
        let text = Both::new(
            format!("{id}: new way in from outside or an untrusted zone"),
            format!("{id}: neuer Weg hinein von außen oder aus einer nicht vertrauenswürdigen Zone"),
        );
        changes.push(change(id, text, None, new.facts.rules.get(id).cloned(), true));
    }
    changes
}

fn scenarios(old: &Assessment, new: &Assessment, names: &Names<'_>, result: &mut Comparison) {
    let before: BTreeMap<String, _> =
        old.scenarios.iter().map(|scenario| (names.within(&scenario.id), scenario)).collect();
    let after: BTreeMap<&str, _> =
        new.scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario)).collect();
    for (id, scenario) in &after {
        let Some(known) = before.get(*id) else {
            let text = Both::new(
                format!("{id}: new: {}", scenario.entry.english),
                format!("{id}: neu: {}", scenario.entry.german),
            );
            result.scenarios.push(change(id, text, None, Some(scenario.path.join(" -> ")), true));
            continue;
        };
        let (was, is) = (known.residual(), scenario.residual());
        if (known.likelihood, known.likelihood_left) != (scenario.likelihood, scenario.likelihood_left) {
            let worse =
                scenario.likelihood > known.likelihood || scenario.likelihood_left > known.likelihood_left;
            let text = if worse {
                Both::new(format!("{id}: more likely"), format!("{id}: wahrscheinlicher"))
            } else {
                Both::new(format!("{id}: less likely"), format!("{id}: unwahrscheinlicher"))
            };
            result.likelihood.push(change(id, text, Some(parts(was)), Some(parts(is)), worse));
        }
        if known.consequence != scenario.consequence {
            let worse = known.consequence < scenario.consequence;
            let text = if worse {
                Both::new(format!("{id}: graver"), format!("{id}: schwerer"))
            } else {
                Both::new(format!("{id}: less grave"), format!("{id}: weniger schwer"))
            };
            let (was, is) = (known.consequence.to_string(), scenario.consequence.to_string());
            result.impact.push(change(id, text, Some(was), Some(is), worse));
        }
    }
    for (id, scenario) in &before {
        if !after.contains_key(id.as_str()) {
            let text = Both::new(format!("{id}: gone"), format!("{id}: entfällt"));
            result.scenarios.push(change(id, text, Some(scenario.path.join(" -> ")), None, false));
        }
    }
}

/// Millionths as people read them.
fn parts(millionths: u64) -> String {
    format!("{}.{:04}", millionths / 1_000_000, millionths % 1_000_000 / 100)
}

fn impact(old: &Assessment, new: &Assessment, names: &Names<'_>) -> Vec<Change> {
    let before = renamed(&old.facts.functions, names);
    let mut changes = Vec::new();
    for (id, was, is) in differing(&before, &new.facts.functions) {
        let text = match (was, is) {
            (None, _) => Both::new(format!("{id}: new device"), format!("{id}: neues Gerät")),
            (_, None) => Both::new(format!("{id}: device removed"), format!("{id}: Gerät entfällt")),
            _ => Both::new(format!("{id}: another function"), format!("{id}: andere Funktion")),
        };
        changes.push(change(id, text, was.map(ToOwned::to_owned), is.map(ToOwned::to_owned), is.is_some()));
    }
    changes
}

fn renamed(table: &BTreeMap<String, String>, names: &Names<'_>) -> BTreeMap<String, String> {
    table.iter().map(|(id, text)| (names.now(id), names.within(text))).collect()
}

/// The items of a rule in order: renaming may have changed it.
fn in_order(rule: &str) -> String {
    let parts = rule.split("; ").map(|part| {
        let Some((key, items)) = part.split_once(": ") else { return part.to_owned() };
        let mut items: Vec<&str> = items.split(", ").collect();
        items.sort_unstable();
        format!("{key}: {}", items.join(", "))
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn requirements(old: &Assessment, new: &Assessment, names: &Names<'_>) -> Vec<Change> {
    let rows = |assessment: &Assessment, now: bool| -> BTreeMap<String, String> {
        let rows = assessment.requirements.iter().filter(|row| row.of != "component");
        rows.map(|row| {
            let subjects = row.subjects.join(", ");
            let subjects = if now { subjects } else { names.within(&subjects) };
            (format!("{subjects} {}", row.id), row.state.word().to_owned())
        })
        .collect()
    };
    let mut changes = Vec::new();
    for (key, was, is) in differing(&rows(old, false), &rows(new, true)) {
        let (text, worse) = match (was, is) {
            (None, Some(is)) => {
                (Both::new(format!("{key}: gained"), format!("{key}: kommt hinzu")), is != "not applicable")
            }
            (Some(_), None) => (
                Both::new(format!("{key}: no longer needed"), format!("{key}: wird nicht mehr gebraucht")),
                false,
            ),
            _ => (
                Both::new(format!("{key}: another state"), format!("{key}: anderer Stand")),
                is == Some("open"),
            ),
        };
        changes.push(change(key, text, was.map(ToOwned::to_owned), is.map(ToOwned::to_owned), worse));
    }
    let findings = |assessment: &Assessment, now: bool| -> BTreeSet<(String, &'static str, Severity)> {
        let all = assessment.findings.iter().filter(|found| found.severity != Severity::Note);
        all.flat_map(|found| {
            found.subjects.iter().map(move |subject| {
                (if now { subject.clone() } else { names.now(subject) }, found.code, found.severity)
            })
        })
        .collect()
    };
    let (before, after) = (findings(old, false), findings(new, true));
    for (subject, code, severity) in after.difference(&before) {
        let text = Both::new(
            format!("{subject}: new finding [{code}]"),
            format!("{subject}: neue Feststellung [{code}]"),
        );
        changes.push(change(subject, text, None, Some(severity.word().to_owned()), true));
    }
    changes
}

fn stale(old: &Assessment, new: &Assessment, names: &Names<'_>) -> Vec<Change> {
    let held: BTreeMap<String, bool> =
        old.decisions.iter().map(|decision| (names.within(&decision.id), decision.holds)).collect();
    new.decisions
        .iter()
        .filter(|decision| !decision.holds && held.get(&decision.id).copied().unwrap_or(true))
        .map(|decision| {
            let text = Both::new(
                format!("{}: no longer holds, because {}", decision.id, decision.because.english),
                format!("{}: gilt nicht mehr, weil {}", decision.id, decision.because.german),
            );
            change(&decision.id, text, Some("holds".to_owned()), Some("stale".to_owned()), true)
        })
        .collect()
}

fn rules(old: &Assessment, new: &Assessment, names: &Names<'_>) -> Vec<Change> {
    let after: BTreeMap<String, String> =
        new.facts.rules.iter().map(|(id, rule)| (id.clone(), in_order(rule))).collect();
    let before: BTreeMap<String, String> =
        renamed(&old.facts.rules, names).into_iter().map(|(id, rule)| (id, in_order(&rule))).collect();
    let mut changes = Vec::new();
    for (id, was, is) in differing(&before, &after) {
        let text = match (was, is) {
            (None, _) => Both::new(format!("{id}: new rule"), format!("{id}: neue Regel")),
            (_, None) => Both::new(format!("{id}: rule removed"), format!("{id}: Regel entfällt")),
            _ => Both::new(format!("{id}: another rule"), format!("{id}: andere Regel")),
        };
        // Whether another rule is worse shows in the likelihood; a new one is to be looked at.
        changes.push(change(id, text, was.map(ToOwned::to_owned), is.map(ToOwned::to_owned), is.is_some()));
    }
    changes
}

/// Whether a person has to be asked: safety functions, ways from outside to them, somebody outside who may steer.
fn ask(old: &Assessment, new: &Assessment, names: &Names<'_>, result: &mut Comparison) {
    let now = |set: &BTreeSet<String>| -> BTreeSet<String> { set.iter().map(|id| names.now(id)).collect() };
    let facts = &new.facts;
    let guards = |facts: &Facts, id: &str| {
        facts.zones.get(id).into_iter().flatten().any(|zone| facts.safety.contains(zone))
    };
    let before = now(&old.facts.strange);
    let steered = now(&old.facts.writes);
    for id in &facts.strange {
        let fresh = !before.contains(id);
        let steers = facts.writes.contains(id) && (fresh || !steered.contains(id));
        if fresh && (facts.safety.contains(id) || guards(facts, id)) {
            result.why.push(Both::new(
                format!("{id}: somebody from outside reaches a zone with a safety function"),
                format!("{id}: jemand von außen erreicht eine Zone mit Sicherheitsfunktion"),
            ));
        } else if steers && !fresh {
            result.why.push(Both::new(
                format!("{id}: somebody from outside may now change something, not only read"),
                format!("{id}: jemand von außen darf jetzt etwas ändern, nicht nur lesen"),
            ));
        } else if steers && new.product {
            result.why.push(Both::new(
                format!("{id}: another variant of the product: somebody from outside may steer it"),
                format!("{id}: eine andere Variante des Produkts: jemand von außen darf es steuern"),
            ));
        }
    }
    let functions = renamed(&old.facts.functions, names);
    for (id, was, is) in differing(&functions, &facts.functions) {
        let speaks = |text: Option<&str>| text.is_some_and(|text| text.contains("safety"));
        if speaks(was) || speaks(is) {
            result.why.push(Both::new(
                format!("{id}: a safety function or a safety device came, went or changed"),
                format!(
                    "{id}: eine Sicherheitsfunktion oder ein Sicherheitsgerät kam, ging oder änderte sich"
                ),
            ));
        }
    }
}

/// Which zones and conduits to look at again.
fn affected(old: &Assessment, new: &Assessment, result: &mut Comparison) {
    let mut zones = BTreeSet::new();
    let mut conduits = BTreeSet::new();
    let direct = [&result.entry_points, &result.rules, &result.stale];
    let functions = result.impact.iter().filter(|change| !change.subject.contains('.'));
    for change in direct.into_iter().flatten().chain(functions).filter(|change| change.worse) {
        let id = &change.subject;
        for facts in [&new.facts, &old.facts] {
            let of = |table: &BTreeMap<String, BTreeSet<String>>| table.get(id).cloned().unwrap_or_default();
            zones.extend(of(&facts.zones));
            conduits.extend(of(&facts.conduits));
            if !of(&facts.zones).is_empty() {
                break;
            }
        }
        if new.zones.contains_key(id.as_str()) {
            zones.insert(id.clone());
        }
    }
    for change in
        result.likelihood.iter().chain(&result.impact).chain(&result.scenarios).filter(|change| change.worse)
    {
        if let Some(scenario) = new.scenarios.iter().find(|scenario| scenario.id == change.subject) {
            zones.extend(scenario.zones.last().map(ToString::to_string));
        }
    }
    result.zones = zones;
    result.conduits = conduits;
}
