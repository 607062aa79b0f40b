//! Measures: the fewest that close most, ranked by what each buys on this plant.

use std::collections::{BTreeMap, BTreeSet};

use crate::both::Both;
use crate::knowledge::{Knowledge, Role};
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
    /// What it buys: residual risk of the places it helps, in millionths, each place once.
    pub buys: u64,
}

/// Measures in the order to take them.
pub(crate) fn measures(
    knowledge: &Knowledge,
    rows: &[Requirement],
    scenarios: &[Scenario],
    between: &BTreeMap<String, Vec<String>>,
) -> Vec<Measure> {
    // What is at stake in a place: the gravest residual risk that ends there or crosses it.
    let mut stake: BTreeMap<&str, u64> = BTreeMap::new();
    for scenario in scenarios {
        for zone in &scenario.zones {
            let known = stake.entry(zone.as_str()).or_default();
            *known = (*known).max(scenario.residual());
        }
    }
    let worth = |place: &str| {
        stake.get(place).copied().unwrap_or_else(|| {
            between
                .get(place)
                .into_iter()
                .flatten()
                .filter_map(|zone| stake.get(zone.as_str()))
                .copied()
                .max()
                .unwrap_or_default()
        })
    };
    let mut open: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state.left() && row.of != "component") {
        for subject in &row.subjects {
            // Every row counts a little, so that measures for quiet places are ranked as well.
            open.entry(row.id).or_default().insert(subject, worth(subject).max(1000));
        }
    }
    let mut rest: Vec<_> = knowledge.measures().iter().collect();
    let mut ranked = Vec::new();
    while !rest.is_empty() {
        let value = |closes: &[String]| -> u64 {
            closes.iter().filter_map(|id| open.get(id.as_str())).flat_map(BTreeMap::values).sum()
        };
        let Some(at) = (0..rest.len())
            .max_by_key(|at| (rest.get(*at).map_or(0, |row| value(&row.closes)), std::cmp::Reverse(*at)))
        else {
            break;
        };
        let row = rest.remove(at);
        let mut closes = 0;
        let mut requirements = BTreeSet::new();
        let mut subjects: BTreeMap<String, u64> = BTreeMap::new();
        for id in &row.closes {
            for (subject, stake) in open.remove(id.as_str()).unwrap_or_default() {
                closes += 1;
                requirements.insert(id.clone());
                subjects.insert(subject.to_owned(), stake);
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
            buys: subjects.values().sum(),
            subjects: subjects.into_keys().collect(),
        });
    }
    ranked
}
