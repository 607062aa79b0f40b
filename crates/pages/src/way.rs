//! What stands between two zones: the shortest chain of flows that leads from one to the other.
//!
//! A device in somebody's hands can use every flow its zone opens. So the question is asked of zones: from here, which
//! flow is opened to the next zone, and from there. Answers on connections opened the other way are not counted.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::map::Tier;
use crate::model::{Flow, Page};

/// One crossing of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing<'a> {
    /// Zone the connections are opened from.
    pub from: &'a str,
    /// Zone they lead to.
    pub to: &'a str,
    /// Flows opened that way.
    pub flows: Vec<&'a Flow>,
}

/// The way from one zone to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way<'a> {
    /// Where it starts.
    pub from: &'a str,
    /// The crossings of the shortest chain of flows; empty where there is none.
    pub crossings: Vec<Crossing<'a>>,
    /// Zones that can be reached from the start at all, without it.
    pub reached: BTreeSet<&'a str>,
}

/// Flows opened from one zone to another.
fn opened(page: &Page) -> BTreeMap<(&str, &str), Vec<&Flow>> {
    let mut opened: BTreeMap<(&str, &str), Vec<&Flow>> = BTreeMap::new();
    for flow in &page.flows {
        let pairs: BTreeSet<(&str, &str)> = flow
            .hops
            .iter()
            .filter(|hop| hop.from.asset.is_some() && hop.to.asset.is_some() && hop.from.zone != hop.to.zone)
            .map(|hop| (hop.from.zone.as_str(), hop.to.zone.as_str()))
            .collect();
        for pair in pairs {
            opened.entry(pair).or_default().push(flow);
        }
    }
    opened
}

/// The shortest chain of flows between two zones, the first by name of those of one length.
pub fn way<'a>(page: &'a Page, from: &'a str, to: &str) -> Way<'a> {
    let opened = opened(page);
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(at) = waiting.pop_front() {
        for (one, next) in opened.keys().copied() {
            if one == at && next != from && !came.contains_key(next) {
                came.insert(next, at);
                waiting.push_back(next);
            }
        }
    }
    let mut crossings = Vec::new();
    let mut at = to;
    // No chain is longer than there are zones.
    for _ in 0..came.len() {
        let Some((next, previous)) = came.get_key_value(at) else { break };
        let flows = opened.get(&(*previous, *next)).cloned().unwrap_or_default();
        crossings.push(Crossing { from: previous, to: next, flows });
        at = previous;
    }
    crossings.reverse();
    Way { from, crossings, reached: came.into_keys().collect() }
}

/// The zone with most to lose: the safety zone, or the one with the highest declared level.
pub fn innermost(page: &Page) -> Option<usize> {
    let inside = page.zones.iter().enumerate().filter(|(_, zone)| !zone.outside && !zone.untrusted);
    let key = |(at, zone): &(usize, &crate::model::Zone)| {
        let levels = zone.declared.unwrap_or_default();
        let sum: u32 = levels.iter().map(|level| u32::from(*level)).sum();
        (Tier::of(zone), levels.iter().max().copied(), sum, std::cmp::Reverse(*at))
    };
    inside.max_by_key(key).map(|(at, _)| at)
}

/// The zones trouble comes from: those outside, and the exposed ones.
pub fn sources(page: &Page) -> Vec<usize> {
    crate::map::order(&page.zones)
        .into_iter()
        .filter(|at| page.zones.get(*at).is_some_and(|zone| zone.outside || zone.untrusted))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Hop, Spot, Zone};

    fn flow(id: &str, from: &str, to: &str) -> Flow {
        let spot = |zone: &str| Spot {
            zone: zone.to_owned(),
            leg: zone.to_owned(),
            asset: Some(format!("{zone}-device")),
        };
        Flow { id: id.to_owned(), hops: vec![Hop { from: spot(from), to: spot(to) }], ..Flow::default() }
    }

    fn page(flows: Vec<Flow>) -> Page {
        let zone = |id: &str| Zone { id: id.to_owned(), ..Zone::default() };
        Page { zones: ["a", "b", "c", "d"].map(zone).to_vec(), flows, ..Page::default() }
    }

    #[test]
    fn the_shortest_chain_is_found() {
        let page =
            page(vec![flow("1", "a", "b"), flow("2", "b", "c"), flow("3", "c", "d"), flow("4", "a", "c")]);
        let ids: Vec<_> = way(&page, "a", "d")
            .crossings
            .iter()
            .map(|crossing| {
                (crossing.from, crossing.flows.iter().map(|flow| flow.id.as_str()).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(ids, [("a", vec!["4"]), ("c", vec!["3"])]);
    }

    #[test]
    fn flows_opened_the_other_way_lead_nowhere() {
        let page = page(vec![flow("1", "b", "a"), flow("2", "b", "d")]);
        let way = way(&page, "a", "d");
        assert!(way.crossings.is_empty() && way.reached.is_empty());
    }

    #[test]
    fn circles_end() {
        let page =
            page(vec![flow("1", "a", "b"), flow("2", "b", "a"), flow("3", "b", "c"), flow("4", "c", "b")]);
        assert!(way(&page, "a", "d").crossings.is_empty());
        assert!(way(&page, "a", "a").crossings.is_empty());
        assert_eq!(way(&page, "a", "c").crossings.len(), 2);
    }
}
