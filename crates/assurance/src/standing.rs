//! Where one requirement stands at one place.

use evidence::{Basis, Machine};
use jiff::civil::Date;
use plant::Attestation;
use plant::span::Place as Written;
use standard::{Condition, Provable, ResultKind, SystemRequirement, proving_of};

use crate::assess::Input;
use crate::facts::{Facts, Place};
use crate::reason::Reason;
use crate::results::Results;

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A proof shows it, or the part of it that is named.
    Proved,
    /// What happened shows it, or the part of it that is named.
    Observed,
    /// A person vouches for it.
    Attested,
    /// Nobody knows.
    NotAssessed,
    /// It is known not to be met.
    Unmet,
}

impl State {
    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Observed => "observed",
            Self::Attested => "attested",
            Self::NotAssessed => "not_assessed",
            Self::Unmet => "unmet",
        }
    }
}

/// What a record shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The record's number in the log.
    pub record: u64,
    /// Where it was found.
    pub basis: Basis,
    /// On which machine.
    pub machine: Option<Machine>,
    /// When.
    pub date: Date,
    /// The last day it counts.
    pub until: Date,
    /// What kind of result it is.
    pub kind: ResultKind,
    /// What that shows, and what not.
    pub row: &'static standard::Row,
}

/// Who vouches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// Who.
    pub who: String,
    /// In which role.
    pub role: String,
    /// When.
    pub date: Date,
    /// The last day it counts.
    pub until: Date,
    /// What was found.
    pub why: String,
    /// Where that is written.
    pub evidence: Option<String>,
    /// Where the attestation is written.
    pub place: Written,
}

/// Where a requirement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How.
    pub state: State,
    /// Whether it is met.
    pub met: bool,
    /// What a record shows of it, wholly or in part.
    pub shown: Option<Shown>,
    /// Who vouches for it.
    pub attested: Option<Attested>,
    /// Why it is not met, or not by more.
    pub reason: Option<Reason>,
    /// Whether a result could show something of it here.
    pub measurable: bool,
}

impl Standing {
    /// Whether a design can decide it: a result could show something here, or a person vouches.
    pub(crate) fn decidable(&self) -> bool {
        self.measurable || self.attested.is_some() || self.state == State::Unmet
    }

    /// Whether the design holds up: what can be shown here is shown, or a person vouches.
    pub(crate) fn holds(&self) -> bool {
        self.state != State::Unmet && (self.shown.is_some() || self.attested.is_some())
    }
}

/// What breaks where a boundary is broken.
const BOUNDARY: [&str; 3] = ["SR 5.1", "SR 5.2", "SR 5.2 RE 1"];

/// Where a requirement stands at a place, by what these results show and who vouches.
pub(crate) fn standing(
    input: &Input<'_>,
    facts: &Facts<'_>,
    results: &Results<'_>,
    requirement: &'static SystemRequirement,
    place: Place<'_>,
) -> Standing {
    let id = requirement.id.as_str();
    let measured = measured(facts, results, id, place);
    let measurable = !matches!(measured, Measured::Never | Measured::NotHere(_));
    let (shown, missing) = match measured {
        Measured::Never => (None, None),
        Measured::NotHere(why) | Measured::Not(why) => (None, Some(why)),
        Measured::Shown(shown) => (Some(shown), None),
    };
    let vouched = vouched(input, id, place);
    let broken = BOUNDARY.contains(&id).then(|| results.broken(place)).flatten();
    let whole = shown.as_ref().is_some_and(|shown| shown.row.whole);
    let (state, met, reason) = match (&broken, &shown, &vouched) {
        (Some(reason), ..) => (State::Unmet, false, Some(reason.clone())),
        (None, Some(shown), _) if whole => (state_of(shown), true, None),
        (None, _, Vouched::By(_)) => (State::Attested, true, None),
        (None, Some(shown), _) => {
            let rest = shown.row.rest.as_ref().map(Reason::Rest);
            (state_of(shown), false, vouched.why_not().or(rest))
        }
        (None, None, _) => {
            (State::NotAssessed, false, vouched.why_not().or(missing).or(Some(Reason::NobodyVouches)))
        }
    };
    let attested = if let Vouched::By(attested) = vouched { Some(attested) } else { None };
    Standing { state, met, shown, attested, reason, measurable }
}

fn state_of(shown: &Shown) -> State {
    match shown.row.state {
        Provable::Proved => State::Proved,
        Provable::Observed => State::Observed,
    }
}

enum Measured {
    /// No result shows anything of this requirement.
    Never,
    /// None does at this place.
    NotHere(Reason),
    /// One could, and does not.
    Not(Reason),
    /// One does.
    Shown(Shown),
}

fn measured(facts: &Facts<'_>, results: &Results<'_>, id: &str, place: Place<'_>) -> Measured {
    let Some(row) = proving_of(id) else { return Measured::Never };
    for condition in &row.conditions {
        match facts.holds(*condition, place) {
            Ok(()) => {}
            Err(Some(why)) => return Measured::NotHere(why),
            Err(None) => return Measured::Never,
        }
    }
    debug_assert!(
        row.conditions.contains(&Condition::Separated),
        "a table row about a place without a gateway"
    );
    let mut first = None;
    for kind in &row.results {
        match results.shows(*kind, place) {
            Ok(current) => {
                let record = &current.evidence.record;
                return Measured::Shown(Shown {
                    record: current.evidence.number,
                    basis: record.basis,
                    machine: record.machine.clone(),
                    date: current.date,
                    until: current.until,
                    kind: *kind,
                    row,
                });
            }
            // Evidence that does not count says more than none.
            Err(why) if first.as_ref().is_none_or(|first| *first == Reason::NoResult) => first = Some(why),
            Err(_) => {}
        }
    }
    Measured::Not(first.unwrap_or(Reason::NoResult))
}

enum Vouched {
    By(Attested),
    Expired(Date),
    Future(Date),
    Nobody,
}

impl Vouched {
    fn why_not(&self) -> Option<Reason> {
        match self {
            Self::Expired(until) => Some(Reason::AttestationExpired { until: *until }),
            Self::Future(date) => Some(Reason::AttestationFuture { date: *date }),
            Self::By(_) | Self::Nobody => None,
        }
    }
}

/// Who vouches longest for a requirement at a place, today.
fn vouched(input: &Input<'_>, id: &str, place: Place<'_>) -> Vouched {
    let about = |attested: &&Attestation| {
        let here = match place {
            Place::Zone(zone) => attested.zones.contains(zone),
            Place::Conduit(conduit, _) => attested.conduits.contains(conduit),
        };
        here && attested.requirements.iter().any(|requirement| requirement == id)
    };
    let all: Vec<&Attestation> = input.plant.decisions.attested.iter().filter(about).collect();
    let begun = all.iter().filter(|attested| attested.date <= input.today);
    match begun.max_by_key(|attested| attested.until) {
        Some(attested) if attested.until < input.today => Vouched::Expired(attested.until),
        Some(attested) => Vouched::By(Attested {
            who: attested.who.clone(),
            role: attested.role.clone(),
            date: attested.date,
            until: attested.until,
            why: attested.why.clone(),
            evidence: attested.evidence.clone(),
            place: attested.place.clone(),
        }),
        None => all.iter().map(|attested| attested.date).min().map_or(Vouched::Nobody, Vouched::Future),
    }
}
