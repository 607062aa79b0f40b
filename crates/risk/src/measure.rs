//! Measures: the fewest that close most, ranked by what each buys on this plant.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::both::Both;
use crate::knowledge::{Knowledge, MeasureRow, Role};
use crate::requirement::Requirement;
use crate::scenario::Scenario;

/// A measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Id in the knowledge.
    pub id: String,
    /// What to do.
    pub text: Both,
    /// Who has to do it.
    pub role: Role,
    /// `minutes`, `hours`, `days`, `weeks`.
    pub effort: String,
    /// Rows it can close that no better measure before it closes.
    pub closes: usize,
    /// The requirements among them.
    pub requirements: BTreeSet<String>,
    /// Where.
    pub subjects: BTreeSet<String>,
    /// What it buys: the residual risk it takes away, in millionths, summed over scenarios.
    pub buys: u64,
}

/// The measure that is worked out by assessing again with every zone separated.
const SEPARATION: &str = "attest-separation";

/// Measures in the order to take them.
pub(crate) fn measures(
    knowledge: &Knowledge,
    rows: &[Requirement],
    scenarios: &[Scenario],
    separation: u64,
) -> Vec<Measure> {
    // What a measure buys: the residual risk it takes away from the scenarios its entries stand for.
    let buys = |row: &MeasureRow| -> u64 {
        let taken = scenarios.iter().filter_map(|scenario| {
            let stays = u64::from(*row.lowers.get(&scenario.kind)?);
            Some(scenario.residual() * (1000 - stays.min(1000)) / 1000)
        });
        let separated = if row.id == SEPARATION { separation } else { 0 };
        taken.sum::<u64>() + separated
    };
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state.left() && row.of != "component") {
        for subject in &row.subjects {
            open.entry(row.id).or_default().insert(subject);
        }
    }
    let mut rest: Vec<_> = knowledge.measures().iter().collect();
    let mut ranked = Vec::new();
    while !rest.is_empty() {
        let closes = |row: &MeasureRow| -> usize {
            row.closes.iter().filter_map(|id| open.get(id.as_str())).map(BTreeSet::len).sum()
        };
        let worth = |at: &usize| rest.get(*at).map(|row| (buys(row), closes(row), Reverse(*at)));
        let Some(at) = (0..rest.len()).max_by_key(worth) else { break };
        let row = rest.remove(at);
        let mut closes = 0;
        let mut requirements = BTreeSet::new();
        let mut subjects = BTreeSet::new();
        for id in &row.closes {
            for subject in open.remove(id.as_str()).unwrap_or_default() {
                closes += 1;
                requirements.insert(id.clone());
                subjects.insert(subject.to_owned());
            }
        }
        if closes == 0 {
            continue;
        }
        ranked.push(Measure {
            id: row.id.clone(),
            text: Both::new(row.en.clone(), row.de.clone()),
            role: row.role,
            effort: row.effort.clone(),
            closes,
            requirements,
            buys: buys(row),
            subjects,
        });
    }
    ranked
}
