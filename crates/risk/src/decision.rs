//! Decisions of people and whether they still hold.

use std::collections::BTreeMap;

use jiff::civil::Date;
use plant::{JudgementKind, Lapsed, Plant};
use words::{Language, Message};

use crate::both::Both;
use crate::scenario::Scenario;

/// A decision and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it is about.
    pub id: String,
    /// `port-only`, `attest`.
    pub kind: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// Why it no longer does; or who decided, in which role, until when.
    pub because: Both,
}

/// All decisions beside a plant.
pub(crate) fn decisions(plant: &Plant, today: Date, scenarios: &[Scenario]) -> Vec<Decision> {
    let mut stale: BTreeMap<String, Vec<Both>> = BTreeMap::new();
    for found in plant.stale_decisions(today) {
        let problem = found.problem();
        let text = Both::new(problem.text(Language::English), problem.text(Language::German));
        stale.entry(found.flow.to_string()).or_default().push(text);
    }
    let mut all = Vec::new();
    for decision in plant.decisions.port_only.values() {
        let id = decision.flow.to_string();
        let reasons = stale.remove(&id);
        let because = match &reasons {
            Some(reasons) => joined(reasons),
            None => who(&decision.who, &decision.role, &decision.until.to_string()),
        };
        all.push(Decision { id, kind: "port-only", holds: reasons.is_none(), because });
    }
    for attested in &plant.decisions.attested {
        let places: Vec<String> = attested
            .zones
            .iter()
            .map(ToString::to_string)
            .chain(attested.conduits.iter().map(ToString::to_string))
            .collect();
        let holds = attested.until >= today;
        let because = if holds {
            who(&attested.who, &attested.role, &attested.until.to_string())
        } else {
            Both::new(
                format!("its last day was {}", attested.until),
                format!("ihr letzter Tag {} war", attested.until),
            )
        };
        let id = format!("{} ({})", attested.requirements.join(", "), places.join(", "));
        all.push(Decision { id, kind: "attest", holds, because });
    }
    for judgement in &plant.decisions.judged {
        let mut reasons: Vec<Both> = plant.lapsed(judgement, today).iter().map(lapsed).collect();
        if judgement.kind == JudgementKind::Accept {
            let gone = |id: &&String| !scenarios.iter().any(|scenario| scenario.id == **id);
            reasons.extend(judgement.about.iter().filter(gone).map(|id| {
                Both::new(
                    format!("there is no scenario `{id}` any more"),
                    format!("es das Szenario `{id}` nicht mehr gibt"),
                )
            }));
        }
        let about = judgement.about.join(", ");
        let id = if judgement.places.is_empty() {
            about
        } else {
            format!("{about} ({})", judgement.places.join(", "))
        };
        let holds = reasons.is_empty();
        let because = if holds {
            who(&judgement.who, &judgement.role, &judgement.until.to_string())
        } else {
            joined(&reasons)
        };
        all.push(Decision { id, kind: judgement.kind.word(), holds, because });
    }
    all
}

fn lapsed(reason: &Lapsed) -> Both {
    match reason {
        Lapsed::Expired(until) => {
            Both::new(format!("its last day was {until}"), format!("ihr letzter Tag {until} war"))
        }
        Lapsed::Changed { fact, decided, now: Some(now) } => Both::new(
            format!("`{fact}` was `{decided}` and is `{now}`"),
            format!("`{fact}` `{decided}` war und `{now}` ist"),
        ),
        Lapsed::Changed { fact, decided, now: None } => Both::new(
            format!("`{fact}` was `{decided}` and is no more"),
            format!("`{fact}` `{decided}` war und es das nicht mehr gibt"),
        ),
    }
}

fn who(who: &str, role: &str, until: &str) -> Both {
    Both::new(format!("{who} ({role}), until {until}"), format!("{who} ({role}), bis {until}"))
}

fn joined(all: &[Both]) -> Both {
    let list = |language| all.iter().map(|text| text.text(language)).collect::<Vec<_>>().join("; ");
    Both::new(list(Language::English), list(Language::German))
}
