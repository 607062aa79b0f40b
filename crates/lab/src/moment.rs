//! When cases happen: the moment and what is given, and how a session's length is scaled down.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plant::{Expect, Flow, Given, Plant, Verdict};

use crate::report::{LabError, LabOptions};

/// How long a flow stays open before it is cut in the lab.
pub(crate) const CUT_AFTER: Duration = Duration::from_secs(3);

/// The circumstances a group of cases shares: each needs one load of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) moment: Timestamp,
    pub(crate) given: Vec<Given>,
    /// Whether flows end after [`CUT_AFTER`] here.
    pub(crate) cut: bool,
}

pub(crate) fn time_zone(plant: &Plant) -> Result<TimeZone, LabError> {
    match &plant.timezone {
        Some(name) => TimeZone::get(name).map_err(|_| LabError::TimeZone(name.clone())),
        None => Ok(TimeZone::UTC),
    }
}

/// The setting of one of the plant's own cases, or why there is none.
pub(crate) fn of_case(
    plant: &Plant,
    zone: &TimeZone,
    options: &LabOptions,
    case: &Expect,
    flow: Option<&Flow>,
) -> Result<Setting, String> {
    let mut moment = match &case.at {
        Some(at) => at.resolve(options.at, zone).map_err(|_| format!("there is no {at}"))?,
        None => options.at,
    };
    // What a case itself gives goes before what holds for all.
    let mut given: Vec<Given> = options
        .given
        .iter()
        .filter(|fact| !case.given.iter().any(|own| same_subject(own, fact)))
        .cloned()
        .collect();
    given.extend(case.given.iter().cloned());
    if case.verdict == Verdict::Cut {
        // The end of the window, where there is one; an approval is shortened below.
        if let Some(end) =
            flow.and_then(|flow| flow.when.as_ref()).and_then(|when| when.open_until(moment, zone))
        {
            moment = end.checked_sub(CUT_AFTER).map_err(|_| "no such moment".to_owned())?;
        }
        given = given
            .into_iter()
            .map(|fact| match fact {
                Given::Approved { flow: approved, .. } if flow.is_some_and(|flow| flow.id == approved) => {
                    Given::Approved { flow: approved, lasting: Some(CUT_AFTER) }
                }
                other => other,
            })
            .collect();
        return Ok(Setting { moment, given, cut: true });
    }
    if let Some(after) = case.after {
        moment = moment.checked_add(after).map_err(|_| "no such moment".to_owned())?;
        given = given.into_iter().filter_map(|fact| aged(plant, fact, after)).collect();
    }
    Ok(Setting { moment, given, cut: false })
}

fn same_subject(one: &Given, other: &Given) -> bool {
    match (one, other) {
        (Given::Approved { flow: one, .. }, Given::Approved { flow: other, .. }) => one == other,
        (Given::State { state: one, .. }, Given::State { state: other, .. }) => one == other,
        _ => false,
    }
}

/// What is left of an approval after some time.
fn aged(plant: &Plant, fact: Given, after: Duration) -> Option<Given> {
    let Given::Approved { flow, lasting } = fact else { return Some(fact) };
    let longest = plant.flows.get(&flow).and_then(|flow| flow.longest);
    match [lasting, longest].into_iter().flatten().min() {
        None => Some(Given::Approved { flow, lasting: None }),
        Some(life) if life > after => {
            Some(Given::Approved { flow, lasting: Some(life.saturating_sub(after)) })
        }
        Some(_) => None,
    }
}
