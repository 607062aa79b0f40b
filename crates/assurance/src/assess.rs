//! The assessment of a whole plant.

use std::cell::RefCell;
use std::collections::BTreeMap;

use evidence::{Basis, Evidence, Situation};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plant::ids::FlowId;
use plant::{Plant, Treatment};
use standard::{Fr, SlVector, SystemRequirement, systems};

use crate::current::PassedOver;
use crate::facts::{Facts, Place};
use crate::level::{DesignRows, achieved, designed};
use crate::reason::{Reason, Stale};
use crate::results::Results;
use crate::standing::{Standing, State, standing};

/// What is assessed, and by what.
pub struct Input<'a> {
    /// The plant, with what people vouch for.
    pub plant: &'a Plant,
    /// The hash of its text, as records carry it.
    pub plant_hash: &'a str,
    /// Records whose signatures hold, of a log that was verified, in its order.
    pub evidence: &'a [Evidence],
    /// The hash of what this plant permits in a situation; none where that cannot be said.
    pub policy: &'a dyn Fn(&Situation) -> Option<String>,
    /// Today, in the plant's time.
    pub today: Date,
    /// The plant's time.
    pub timezone: &'a TimeZone,
}

/// The assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assurance {
    /// The zones that are assessed, by id.
    pub zones: Vec<Levels>,
    /// The conduits, by id.
    pub conduits: Vec<Levels>,
    /// Records that do not count and that were looked at on the way, by number.
    pub passed_over: Vec<PassedOver>,
}

impl Assurance {
    /// All zones and conduits.
    pub fn places(&self) -> impl Iterator<Item = &Levels> {
        self.zones.iter().chain(&self.conduits)
    }

    /// Whether every declared level is reached on site.
    pub fn reached(&self) -> bool {
        self.places().all(Levels::reached)
    }
}

/// The levels of a zone or conduit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The level somebody wants.
    pub declared: Option<SlVector>,
    /// The level shown on site.
    pub sl_a: [Option<u8>; 7],
    /// What it would be if the evidence of the lab were the site's.
    pub design: [Option<u8>; 7],
    /// How many of the rows that are needed a design could decide.
    pub design_rows: [DesignRows; 7],
    /// Limited flows across it that are open by peer and port only.
    pub blind: Vec<FlowId>,
    /// The requirements, in the order of the standard: those its declared level needs, and those of level 1.
    pub rows: Vec<Row>,
}

/// How many needed rows are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Proved, wholly or in part.
    pub proved: usize,
    /// Observed, wholly or in part.
    pub observed: usize,
    /// Attested.
    pub attested: usize,
    /// Not assessed.
    pub not_assessed: usize,
    /// Known to be unmet.
    pub unmet: usize,
}

impl Levels {
    /// The level shown on site.
    pub fn sl_a(&self, fr: Fr) -> Option<u8> {
        self.sl_a.get(fr.index()).copied().flatten()
    }

    /// Whether every declared level is reached on site.
    pub fn reached(&self) -> bool {
        let declared = self.declared.unwrap_or_default();
        Fr::ALL.into_iter().all(|fr| self.sl_a(fr).unwrap_or(0) >= declared.level(fr))
    }

    /// How many needed rows are in which state.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in self.rows.iter().filter(|row| row.needed) {
            let count = match row.standing().state {
                State::Proved => &mut counts.proved,
                State::Observed => &mut counts.observed,
                State::Attested => &mut counts.attested,
                State::NotAssessed => &mut counts.not_assessed,
                State::Unmet => &mut counts.unmet,
            };
            *count += 1;
        }
        counts
    }
}

/// A requirement at a zone or conduit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The requirement.
    pub requirement: &'static SystemRequirement,
    /// Whether the declared level needs it.
    pub needed: bool,
    /// By evidence of the site and what people vouch for.
    pub site: Standing,
    /// With the evidence of the lab besides.
    pub design: Standing,
}

impl Row {
    /// What is shown of it: by the site where the site shows anything, else by the lab.
    pub fn standing(&self) -> &Standing {
        let site = self.site.state != State::NotAssessed || self.design.state == State::NotAssessed;
        if site { &self.site } else { &self.design }
    }

    /// Why it is not met on site, or not by more.
    pub fn reason(&self) -> Option<Reason> {
        let reason = self.standing().reason.clone();
        reason.or_else(|| (!self.site.met).then_some(Reason::NotOnSite))
    }
}

/// Assesses a plant.
pub fn assess(input: &Input<'_>) -> Assurance {
    let facts = Facts::of(input.plant);
    let passed_over = RefCell::new(BTreeMap::<u64, Stale>::new());
    let site = Results::new(input, &facts, Some(Basis::Site), &passed_over);
    let design = Results::new(input, &facts, None, &passed_over);
    let levels = |id: &str, title: &str, declared: Option<plant::Levels>, place: Place<'_>| {
        let declared = declared.and_then(|levels| SlVector::new(levels.0));
        let level = |fr: Fr| declared.map_or(0, |declared| declared.level(fr));
        let cap = |fr: Fr| level(fr).max(1);
        let rows: Vec<Row> = systems()
            .iter()
            .filter(|requirement| requirement.needed_at(cap(requirement.fr)))
            .map(|requirement| Row {
                requirement,
                needed: declared.is_none() || requirement.needed_at(level(requirement.fr)),
                site: standing(input, &facts, &site, requirement, place),
                design: standing(input, &facts, &design, requirement, place),
            })
            .collect();
        let of = |fr: Fr| rows.iter().filter(|row| row.requirement.fr == fr).collect::<Vec<_>>();
        Levels {
            id: id.to_owned(),
            title: title.to_owned(),
            declared,
            sl_a: Fr::ALL.map(|fr| achieved(&of(fr), cap(fr))),
            design: Fr::ALL.map(|fr| designed(&of(fr), cap(fr))),
            design_rows: Fr::ALL.map(|fr| {
                let rows = of(fr);
                let decided = rows.iter().filter(|row| row.design.decidable()).count();
                DesignRows { decided, of: rows.len() }
            }),
            blind: facts.treated(place, Treatment::Uninspected),
            rows,
        }
    };
    let zones = input
        .plant
        .zones
        .values()
        .filter(|zone| !zone.outside)
        .map(|zone| levels(zone.id.as_str(), &zone.title, zone.declared, Place::Zone(&zone.id)))
        .collect();
    let conduits = input
        .plant
        .conduits
        .values()
        .map(|conduit| {
            let place = Place::Conduit(&conduit.id, &conduit.between);
            levels(conduit.id.as_str(), &conduit.title, conduit.declared, place)
        })
        .collect();
    let passed_over =
        passed_over.take().into_iter().map(|(number, why)| PassedOver { number, why }).collect();
    Assurance { zones, conduits, passed_over }
}
