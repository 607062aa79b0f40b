//! Levels from rows.

use standard::Fr;

use crate::assess::{Levels, Row};
use crate::standing::State;

/// How many of the rows a design was asked about it could decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DesignRows {
    /// Rows a design can decide.
    pub decided: usize,
    /// Rows needed.
    pub of: usize,
}

/// The highest level all of whose rows are met. None while level 1 is not assessed, 0 where it is known to be unmet.
pub(crate) fn achieved(rows: &[&Row], cap: u8) -> Option<u8> {
    let met = |level: u8| {
        let mut needed = rows.iter().filter(|row| row.requirement.needed_at(level));
        needed.all(|row| row.site.met)
    };
    climb(rows, cap, met, |row| row.site.state)
}

/// The same over the rows a design can decide. A level without a row of its own that a design can decide is not
/// reached by it.
pub(crate) fn designed(rows: &[&Row], cap: u8) -> Option<u8> {
    let decided: Vec<&Row> = rows.iter().copied().filter(|row| row.design.decidable()).collect();
    let met = |level: u8| {
        let own = decided.iter().any(|row| row.requirement.sl_from == level);
        own && decided
            .iter()
            .filter(|row| row.requirement.needed_at(level))
            .all(|row| row.design.met || row.design.holds())
    };
    climb(rows, cap, met, |row| row.design.state)
}

fn climb(rows: &[&Row], cap: u8, met: impl Fn(u8) -> bool, state: impl Fn(&Row) -> State) -> Option<u8> {
    let reached = (1..=cap).take_while(|level| met(*level)).last();
    let broken = rows.iter().any(|row| row.requirement.needed_at(1) && state(row) == State::Unmet);
    reached.or(broken.then_some(0))
}

/// What stands in the way of the next level on site: for each foundational requirement below its declared level, that
/// next level and the rows it still needs.
pub fn gaps(levels: &Levels) -> Vec<(Fr, u8, Vec<&Row>)> {
    let mut gaps = Vec::new();
    for fr in Fr::ALL {
        let reached = levels.sl_a(fr).unwrap_or(0);
        let next = reached.saturating_add(1);
        if next > levels.declared.map_or(1, |declared| declared.level(fr)) {
            continue;
        }
        let missing: Vec<&Row> = levels
            .rows
            .iter()
            .filter(|row| row.requirement.fr == fr && row.requirement.needed_at(next) && !row.site.met)
            .collect();
        gaps.push((fr, next, missing));
    }
    gaps
}
