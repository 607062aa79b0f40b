//! What the evidence shows of a zone or conduit, kind by kind.

use std::cell::RefCell;
use std::collections::BTreeMap;

use evidence::{Basis, Case, CaseState, SessionEvent, Step, Verdict};
use plant::{Expect, Given};
use standard::ResultKind;

use crate::assess::Input;
use crate::current::{Current, Pool};
use crate::facts::{Facts, Place, other_of};
use crate::reason::{Reason, Stale};

/// A record that shows something, or why there is none.
pub(crate) type Found<'a> = Result<Current<'a>, Reason>;

/// What the records one may look at show.
pub(crate) struct Results<'a> {
    facts: &'a Facts<'a>,
    pool: Pool<'a>,
    proof: Found<'a>,
    log: Found<'a>,
    lab: Found<'a>,
    /// The newest look at what surrounds the rules.
    looked: Option<Current<'a>>,
}

impl<'a> Results<'a> {
    pub(crate) fn new(
        input: &'a Input<'a>,
        facts: &'a Facts<'a>,
        basis: Option<Basis>,
        passed_over: &'a RefCell<BTreeMap<u64, Stale>>,
    ) -> Self {
        let pool = Pool::new(input, basis, passed_over);
        let lab = newest(&pool, ResultKind::Cases, |step| matches!(step, Step::Lab { .. }));
        let looked = newest(&pool, ResultKind::Proof, |step| matches!(step, Step::Prove { .. })).ok();
        let proof = proof(&pool);
        let log = newest(&pool, ResultKind::Log, |_| true);
        Self { facts, pool, proof, log, lab, looked }
    }

    /// What is known to be wrong with the boundary of a place.
    pub(crate) fn broken(&self, place: Place<'_>) -> Option<Reason> {
        if let Some(with) = self.facts.flat(place) {
            return Some(Reason::Flat { with, record: None });
        }
        if let Some(looked) = &self.looked
            && let Step::Prove { bridged, .. } = &looked.evidence.record.step
            && let Some([one, other]) = bridged.iter().find(|[one, other]| place.concerns(one, other))
        {
            let with = other_of(place, [one, other]);
            return Some(Reason::Flat { with, record: Some(looked.evidence.number) });
        }
        let lab = self.lab.as_ref().ok()?;
        let case = cases(lab).iter().find(|case| passed(case) && self.about(case, place))?;
        Some(Reason::Passed { case: case.id.clone(), record: lab.evidence.number })
    }

    /// Whether a kind of result shows something of a place.
    pub(crate) fn shows(&self, kind: ResultKind, place: Place<'_>) -> Found<'a> {
        match kind {
            ResultKind::Proof => self.proof.clone(),
            ResultKind::Log => self.log.clone(),
            ResultKind::Cases => self.in_lab(place, |_| true),
            ResultKind::CommandCases => self.in_lab(place, |case| case.expected == "deny by command"),
            ResultKind::CutCases => self.in_lab(place, |case| case.expected == "cut"),
            ResultKind::ApprovalCases => self.approvals_tried(place),
            ResultKind::Refusals => newest(
                &self.pool,
                kind,
                |step| matches!(step, Step::Command { flow, allowed: false, .. } if self.facts.crosses(flow, place)),
            ),
            ResultKind::Approvals => {
                self.session(kind, place, |event| matches!(event, SessionEvent::Approved))
            }
            ResultKind::Endings => {
                self.session(kind, place, |event| matches!(event, SessionEvent::Expired | SessionEvent::Cut))
            }
        }
    }

    /// A session on approval across the place.
    fn session(
        &self,
        kind: ResultKind,
        place: Place<'_>,
        event: impl Fn(&SessionEvent) -> bool,
    ) -> Found<'a> {
        let flows = self.facts.on_approval(place);
        newest(&self.pool, kind, |step| match step {
            Step::Session { flow, event: found, .. } => {
                event(found) && flows.iter().any(|known| known.as_str() == flow)
            }
            _ => false,
        })
    }

    fn about(&self, case: &Case, place: Place<'_>) -> bool {
        match (&case.from, &case.to) {
            (Some(from), Some(to)) => from != to && place.concerns(from, to),
            _ => false,
        }
    }

    /// The lab's cases of this sort at a place: at least one came out as expected, and none otherwise.
    fn in_lab(&self, place: Place<'_>, sort: impl Fn(&Case) -> bool) -> Found<'a> {
        let lab = self.lab.clone()?;
        let mut seen = false;
        for case in cases(&lab).iter().filter(|case| self.about(case, place) && sort(case)) {
            match case.state {
                CaseState::Pass => seen = true,
                CaseState::NotInspected => {}
                CaseState::Fail | CaseState::Error => {
                    let record = lab.evidence.number;
                    return Err(Reason::Failed { case: case.id.clone(), record });
                }
            }
        }
        if seen { Ok(lab) } else { Err(Reason::NoResult) }
    }

    /// With its approval a flow passed, and between the same two without it nothing did.
    fn approvals_tried(&self, place: Place<'_>) -> Found<'a> {
        let lab = self.in_lab(place, |_| true)?;
        let plant = self.facts.plant;
        let tried: Vec<&Expect> = cases(&lab)
            .iter()
            .filter(|case| !case.derived && case.state == CaseState::Pass && self.about(case, place))
            // The same id with another sentence is another case.
            .filter_map(|case| {
                plant.expects.iter().find(|expect| expect.id == case.id && expect.say == case.say)
            })
            .collect();
        let both = self.facts.on_approval(place).into_iter().any(|flow| {
            let approved = |expect: &&&Expect| {
                let given =
                    |given: &Given| matches!(given, Given::Approved { flow: found, .. } if found == flow);
                expect.given.iter().any(given)
            };
            let mut allowed =
                tried.iter().filter(approved).filter(|with| with.verdict == plant::Verdict::Allow);
            allowed.any(|with| {
                let same = |without: &&&Expect| {
                    (without.from, without.to, &without.what) == (with.from, with.to, &with.what)
                };
                let denied = |without: &&Expect| without.verdict == plant::Verdict::Deny;
                tried.iter().filter(same).any(|without| denied(without) && !approved(&without))
            })
        });
        if both { Ok(lab) } else { Err(Reason::NoResult) }
    }
}

fn newest<'a>(pool: &Pool<'a>, kind: ResultKind, shows: impl Fn(&Step) -> bool) -> Found<'a> {
    pool.newest(kind, shows).map_err(|stale| match stale {
        Some((record, why)) => Reason::Stale { record, why },
        None => Reason::NoResult,
    })
}

/// The newest proof, unless a run of the lab that counts too came out otherwise.
fn proof<'a>(pool: &Pool<'a>) -> Found<'a> {
    let alone = newest(pool, ResultKind::Proof, |step| {
        matches!(step, Step::Prove { .. } | Step::Load { switched: true, .. })
    });
    let lab = newest(pool, ResultKind::Proof, |step| matches!(step, Step::Lab { .. }));
    let found: Vec<Current<'a>> = alone.iter().chain(lab.iter()).copied().collect();
    for current in &found {
        let record = current.evidence.number;
        match verdict(&current.evidence.record.step) {
            Some(Verdict::Equal) | None => {}
            Some(verdict) => return Err(Reason::NotEqual { verdict, record }),
        }
    }
    match (alone, lab) {
        (Ok(alone), _) => Ok(alone),
        (_, Ok(lab)) => Ok(lab),
        (Err(alone), Err(lab)) => Err(if alone == Reason::NoResult { lab } else { alone }),
    }
}

fn verdict(step: &Step) -> Option<Verdict> {
    match step {
        Step::Prove { verdict, .. } | Step::Load { verdict, .. } | Step::Lab { verdict, .. } => {
            Some(*verdict)
        }
        _ => None,
    }
}

fn cases<'a>(lab: &Current<'a>) -> &'a [Case] {
    match &lab.evidence.record.step {
        Step::Lab { cases, .. } => cases,
        _ => &[],
    }
}

/// Whether something got through, or went on, that must not.
fn passed(case: &Case) -> bool {
    let must_not = matches!(case.expected.as_str(), "deny" | "deny by command" | "cut");
    let arrived = matches!(case.verdict.as_deref(), Some("allow" | "one way"));
    case.state == CaseState::Fail && must_not && arrived
}
