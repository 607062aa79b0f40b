//! Whether anybody can approve: different persons, one for each role.

use crate::diagnostic::Sink;
use crate::model::{Flow, Plant};
use crate::problem::Flowing;

pub(super) fn check(plant: &Plant, flow: &Flow, sink: &mut Sink) {
    if flow.approve.is_empty() {
        return;
    }
    let holders: Vec<Vec<usize>> = flow
        .approve
        .iter()
        .map(|role| {
            plant
                .people
                .values()
                .enumerate()
                .filter(|(_, person)| person.roles.contains(role))
                .map(|(index, _)| index)
                .collect()
        })
        .collect();
    if !all_different(&holders) {
        let roles: Vec<_> = flow.approve.iter().map(ToString::to_string).collect();
        let problem = Flowing::NobodyApproves { who: super::flows::who(flow), roles: roles.join(", ") };
        sink.add(Some(flow.place.clone()), problem);
    }
}

/// A matching of roles to persons by augmenting paths; a flow has few roles.
fn all_different(holders: &[Vec<usize>]) -> bool {
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    (0..holders.len()).all(|role| assign(role, holders, &mut taken, &mut Vec::new()))
}

fn assign(
    role: usize,
    holders: &[Vec<usize>],
    taken: &mut std::collections::BTreeMap<usize, usize>,
    tried: &mut Vec<usize>,
) -> bool {
    for person in holders.get(role).into_iter().flatten() {
        if tried.contains(person) {
            continue;
        }
        tried.push(*person);
        let free = match taken.get(person).copied() {
            None => true,
            Some(other) => assign(other, holders, taken, tried),
        };
        if free {
            taken.insert(*person, role);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_needs_a_person_of_its_own() {
        for (holders, expected) in [
            (vec![vec![0]], true),
            (vec![vec![]], false),
            (vec![vec![0], vec![0]], false),
            (vec![vec![0, 1], vec![0]], true),
            (vec![vec![0], vec![0, 1], vec![1, 2]], true),
            (vec![vec![0, 1], vec![0, 1], vec![0, 1]], false),
        ] {
            assert_eq!(all_different(&holders), expected, "{holders:?}");
        }
    }
}
