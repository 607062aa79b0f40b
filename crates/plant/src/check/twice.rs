//! What two flows both open.

use std::collections::BTreeMap;

use crate::diagnostic::Sink;
use crate::model::{Flow, Peer, Plant};
use crate::problem::Flowing;

/// Flows that are open always, compared by peers and service; one that is open sometimes may add to another.
pub(super) fn check(plant: &Plant, sink: &mut Sink) {
    let mut seen: BTreeMap<(&Peer, &Peer, String), &Flow> = BTreeMap::new();
    for flow in plant.flows.values() {
        let always = flow.approve.is_empty() && flow.when.is_none() && flow.condition.is_none();
        if !always {
            continue;
        }
        // Different commands, or another one to enforce them, are two flows.
        let how: Vec<_> = flow.allow.iter().map(ToString::to_string).collect();
        let how = format!("{} {:?}", how.join(", "), flow.enforced_by);
        let mut reported = false;
        for service in &flow.services {
            let what = format!("{} {how}", service.text());
            for from in &flow.from {
                for to in &flow.to {
                    let Some(other) = seen.insert((from, to, what.clone()), flow) else { continue };
                    if !reported && other.id != flow.id {
                        reported = true;
                        let what = format!("{} -> {} {}", from.text(), to.text(), service.text());
                        let problem = Flowing::WrittenTwice {
                            who: super::flows::who(flow),
                            other: super::flows::who(other),
                            what,
                        };
                        sink.add(Some(flow.place.clone()), problem);
                    }
                }
            }
        }
    }
}
