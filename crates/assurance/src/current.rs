//! Which records count for this text of the plant on this day.

use std::cell::RefCell;
use std::collections::BTreeMap;

use evidence::{Basis, Evidence, Situation, Step};
use jiff::ToSpan;
use jiff::civil::Date;
use standard::{ResultKind, result_days};

use crate::assess::Input;
use crate::reason::Stale;

/// A record that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Its number in the log.
    pub number: u64,
    /// Why.
    pub why: Stale,
}

/// A record with the days it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Current<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) date: Date,
    pub(crate) until: Date,
}

/// The records one may look at: those of the site, or all of them.
pub(crate) struct Pool<'a> {
    input: &'a Input<'a>,
    /// None: all.
    basis: Option<Basis>,
    passed_over: &'a RefCell<BTreeMap<u64, Stale>>,
}

impl<'a> Pool<'a> {
    pub(crate) fn new(
        input: &'a Input<'a>,
        basis: Option<Basis>,
        passed_over: &'a RefCell<BTreeMap<u64, Stale>>,
    ) -> Self {
        Self { input, basis, passed_over }
    }

    /// The newest record that shows something of this kind and counts; else the newest that would and does not.
    pub(crate) fn newest(
        &self,
        kind: ResultKind,
        shows: impl Fn(&Step) -> bool,
    ) -> Result<Current<'a>, Option<(u64, Stale)>> {
        let mut first = None;
        for evidence in self.input.evidence.iter().rev() {
            let basis = self.basis.is_none_or(|basis| evidence.record.basis == basis);
            // The lab stays the lab, whoever signed what it found.
            let lab = self.basis == Some(Basis::Site) && matches!(evidence.record.step, Step::Lab { .. });
            if !basis || lab || !shows(&evidence.record.step) {
                continue;
            }
            match self.current(evidence, kind) {
                Ok(current) => return Ok(current),
                Err(why) => {
                    self.passed_over.borrow_mut().entry(evidence.number).or_insert_with(|| why.clone());
                    // What is about another plant says nothing about this one.
                    if !matches!(why, Stale::OtherPlant { .. }) {
                        first.get_or_insert((evidence.number, why));
                    }
                }
            }
        }
        Err(first)
    }

    fn current(&self, evidence: &'a Evidence, kind: ResultKind) -> Result<Current<'a>, Stale> {
        let (input, record) = (self.input, &evidence.record);
        if record.plant != input.plant.id {
            return Err(Stale::OtherPlant { plant: record.plant.clone() });
        }
        if record.plant_hash != input.plant_hash {
            return Err(Stale::PlantChanged);
        }
        let date = input.timezone.to_datetime(record.time).date();
        if date > input.today {
            return Err(Stale::Future { date });
        }
        let until = date.checked_add(i64::from(result_days(kind)).days()).unwrap_or(Date::MAX);
        if until < input.today {
            return Err(Stale::Expired { until });
        }
        self.same_policy(evidence)?;
        Ok(Current { evidence, date, until })
    }

    /// What was found about rules counts as long as the plant would permit the same for the same moment and facts.
    fn same_policy(&self, evidence: &Evidence) -> Result<(), Stale> {
        let record = &evidence.record;
        let situation = match (&record.step, &record.situation) {
            (Step::Prove { .. } | Step::Load { .. }, None) => return Err(Stale::NoSituation),
            // A run of the lab begins with nothing given and tries many moments; its policy is the one it began with.
            (Step::Lab { .. }, None) => Situation { at: record.time, given: Vec::new() },
            (Step::Prove { .. } | Step::Load { .. } | Step::Lab { .. }, Some(situation)) => situation.clone(),
            _ => return Ok(()),
        };
        let now = (self.input.policy)(&situation);
        if record.policy_hash.is_some() && record.policy_hash == now {
            Ok(())
        } else {
            Err(Stale::PolicyChanged)
        }
    }
}
