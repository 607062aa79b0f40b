//! Cubes: conjunctions of ranges, and sets as lists of disjoint cubes.

use std::collections::BTreeMap;

use crate::diagram::{FALSE, Node, Space, TRUE};
use crate::fields::Field;

/// A conjunction of ranges, one per field; a field that is not named is free.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cube {
    ranges: BTreeMap<Field, (u128, u128)>,
}

impl Cube {
    /// The cube without any condition.
    pub fn new() -> Self {
        Cube::default()
    }

    /// The cube with one more condition; a second range for the same field replaces the first.
    #[must_use]
    pub fn with(mut self, field: Field, low: u128, high: u128) -> Self {
        self.ranges.insert(field, (low, high));
        self
    }

    /// The range of a field, if it is bound.
    pub fn range(&self, field: Field) -> Option<(u128, u128)> {
        self.ranges.get(&field).copied()
    }
}

impl Space {
    /// The packets of a cube.
    pub fn cube(&mut self, cube: &Cube) -> Node {
        let mut node = TRUE;
        for (&field, &(low, high)) in cube.ranges.iter().rev() {
            node = self.choice(field, &[(low, high)], node, FALSE);
        }
        node
    }

    /// The packets in any of the cubes.
    pub fn cubes(&mut self, mut cubes: Vec<Cube>) -> Node {
        // Neighbours in sorted order share the upper levels, so merging them first keeps the partial results small.
        cubes.sort();
        cubes.dedup();
        let nodes = cubes.iter().map(|cube| self.cube(cube)).collect();
        self.any(nodes)
    }

    /// A set as disjoint cubes, in order of the fields; `None` when there are more than `limit`.
    pub fn disjoint(&self, set: Node, limit: usize) -> Option<Vec<Cube>> {
        let mut found = Vec::new();
        self.disjoint_inner(set, &Cube::new(), limit, &mut found).then_some(found)
    }

    fn disjoint_inner(&self, node: Node, sofar: &Cube, limit: usize, found: &mut Vec<Cube>) -> bool {
        let Some((level, edges)) = self.inspect(node) else {
            if node == TRUE {
                found.push(sofar.clone());
            }
            return found.len() <= limit;
        };
        edges.into_iter().filter(|&(_, _, child)| child != FALSE).all(|(low, high, child)| {
            let next = sofar.clone().with(Field::at(level), low, high);
            self.disjoint_inner(child, &next, limit, found)
        })
    }
}

impl Field {
    /// The field of a level.
    pub(crate) fn at(level: u16) -> Field {
        match level {
            0 => Field::Iif,
            1 => Field::Oif,
            2 => Field::Family,
            3 => Field::Destination,
            4 => Field::Source,
            5 => Field::Protocol,
            6 => Field::DestinationPort,
            7 => Field::SourcePort,
            8 => Field::Headless,
            9 => Field::TcpFlags,
            10 => Field::State,
            11 => Field::Direction,
            12 => Field::OriginalDestination,
            13 => Field::OriginalSource,
            14 => Field::OriginalProtocol,
            15 => Field::OriginalDestinationPort,
            16 => Field::OriginalSourcePort,
            17 => Field::Socket,
            18 => Field::Mark,
            19 => Field::Proxy,
            20 => Field::Announced,
            n => Field::Unknown(n.saturating_sub(crate::fields::KNOWN)),
        }
    }
}
