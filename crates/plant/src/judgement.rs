//! What people decide about risk: acceptances, compensations, other levels, what does not apply.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::ids::RoleId;
use crate::model::{Asset, Plant};
use crate::span::Place;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JudgementKind {
    /// A risk stays as it is.
    Accept,
    /// Something else holds for a requirement until a day.
    Compensate,
    /// A requirement has nothing to be about.
    NotApplicable,
    /// A zone or conduit gets another target level than the one derived.
    Override,
}

impl JudgementKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Compensate, Self::NotApplicable, Self::Override];

    /// The name of its table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Compensate => "compensate",
            Self::NotApplicable => "not-applicable",
            Self::Override => "override",
        }
    }

    /// The key that says what it is about.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Accept => "scenario",
            Self::Compensate | Self::NotApplicable => "requirement",
            Self::Override => "group",
        }
    }
}

/// A decision about risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What is decided.
    pub kind: JudgementKind,
    /// Scenarios, requirements or groups of requirements.
    pub about: Vec<String>,
    /// Zones, conduits and devices.
    pub places: Vec<String>,
    /// The level, for an override.
    pub level: Option<u8>,
    /// What compensates.
    pub by: Option<String>,
    /// How that is tested.
    pub test: Option<String>,
    /// The risk that is left, in the words of the matrix.
    pub residual: Option<String>,
    /// Who decided.
    pub who: String,
    /// In which role.
    pub role: String,
    /// When.
    pub date: Date,
    /// Last day it holds.
    pub until: Date,
    /// Why.
    pub why: String,
    /// Facts it rests on, `ID.fact` as written.
    pub facts: BTreeMap<String, String>,
    /// Where it is written.
    pub place: Place,
}

/// Which method of the assessment the plant is fixed to, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Method {
    /// Levels follow the reduction needed, not the class of attacker.
    pub by_reduction: bool,
    /// The plant is a product: its builder promises levels.
    pub product: bool,
}

/// The plant's own matrix and what may stay; 0 low to 3 very high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToleranceTable {
    /// Rows by consequence, columns by likelihood.
    pub matrix: [[u8; 5]; 5],
    /// The highest risk that may stay.
    pub tolerable: u8,
    /// The highest risk to people that may stay.
    pub tolerable_people: u8,
}

/// Words of a matrix, the lowest first.
pub const RISKS: [&str; 4] = ["low", "medium", "high", "very high"];

/// Why a judgement no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lapsed {
    /// Its last day is over.
    Expired(Date),
    /// A fact it rests on has changed.
    Changed {
        /// Fact.
        fact: String,
        /// As the decision has it.
        decided: String,
        /// As it is; none where there is no such thing any more.
        now: Option<String>,
    },
}

/// What a role must be allowed to do, to decide about risk.
pub(crate) const MAY: &str = "accept risk";

impl Plant {
    /// Whether a role may decide about the risk of a zone. Where a role says `accept risk` or `accept risk of ZONE`
    /// only such roles may. Where none does, every role may that visits nobody: who comes by remote session cannot
    /// accept for the owner.
    pub fn may_judge(&self, role: &str, zone: &str) -> bool {
        let Some(known) = self.roles.get(&RoleId::new(role)) else { return false };
        let says = |may: &String| may.as_str() == MAY || may.strip_prefix("accept risk of ") == Some(zone);
        let stated = |may: &String| may.starts_with(MAY);
        if self.roles.values().any(|role| role.may.iter().any(stated)) {
            return known.may.iter().any(says);
        }
        !self.flows.values().filter_map(|flow| flow.remote.as_ref()).any(|remote| remote.who == role)
    }

    /// Why a judgement no longer holds on that day: every reason.
    pub fn lapsed(&self, judgement: &Judgement, today: Date) -> Vec<Lapsed> {
        let mut reasons = Vec::new();
        if judgement.until < today {
            reasons.push(Lapsed::Expired(judgement.until));
        }
        for (fact, decided) in &judgement.facts {
            let now = self.fact(fact);
            if now.as_deref().map(items) != Some(items(decided)) {
                reasons.push(Lapsed::Changed { fact: fact.clone(), decided: decided.clone(), now });
            }
        }
        reasons
    }

    /// A fact by its name: `F10.allow`, `mtr1.zone`, `mtr1.function.worst`. The thing may have been called otherwise.
    pub fn fact(&self, name: &str) -> Option<String> {
        let (id, fact) = name.split_once('.')?;
        let flow = self
            .flows
            .get(id)
            .or_else(|| self.flows.values().find(|flow| flow.was.iter().any(|was| was == id)));
        if let Some(flow) = flow {
            return flow.facts().get(fact).cloned();
        }
        let asset = self
            .assets
            .get(id)
            .or_else(|| self.assets.values().find(|asset| asset.was.iter().any(|was| was == id)));
        asset.and_then(|asset| asset.fact(fact))
    }
}

impl Asset {
    fn fact(&self, fact: &str) -> Option<String> {
        let list = |items: Vec<String>| items.join(", ");
        Some(match fact {
            "zone" => self.zone.to_string(),
            "kind" => self.kind.clone(),
            "services" => list(self.services.iter().map(protocols::Service::text).collect()),
            "marks" => list(self.marks.clone()),
            "order" => self.product.order.clone().unwrap_or_default(),
            "version" => self.product.version.clone().unwrap_or_default(),
            other => self.function.get(other.strip_prefix("function.")?).cloned().unwrap_or_default(),
        })
    }
}

/// The items of a fact in one order.
fn items(text: &str) -> Vec<&str> {
    let mut items: Vec<&str> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    items.sort_unstable();
    items
}
