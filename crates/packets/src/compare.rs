//! Comparing what may pass with what should.

use crate::cubes::Cube;
use crate::diagram::{FALSE, Node, Space};
use crate::example::Packet;
use crate::fields::{Field, Hook, ct_state};
use crate::interfaces::Interfaces;

/// Examples listed per side.
pub const LIST_LIMIT: usize = 20;

/// What one side lets through at a hook: certainly, and possibly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Passes whatever the unknown predicates are.
    pub must: Node,
    /// Passes for some values of the unknown predicates.
    pub may: Node,
}

impl Bounds {
    /// A side without unknowns.
    pub fn exact(set: Node) -> Bounds {
        Bounds { must: set, may: set }
    }

    /// The bounds of a verdict function over known and unknown fields.
    pub fn of(space: &mut Space, passes: Node) -> Bounds {
        Bounds { must: space.certain(passes), may: space.possible(passes) }
    }
}

/// A packet that shows a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Way through the machine.
    pub hook: Hook,
    /// The packet.
    pub packet: Packet,
}

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Packets that certainly pass the first side and certainly not the second; at most [`LIST_LIMIT`] + 1.
    pub first_only: Vec<Found>,
    /// The reverse.
    pub second_only: Vec<Found>,
    /// Packets whose fate depends on what nobody modelled.
    pub undecided: Vec<Found>,
    /// The space ran out of nodes: nothing was compared.
    pub exhausted: bool,
}

impl Comparison {
    /// Whether both sides let the same packets through, with nothing left open.
    pub fn equal(&self) -> bool {
        !self.exhausted
            && self.first_only.is_empty()
            && self.second_only.is_empty()
            && self.undecided.is_empty()
    }

    /// Whether a difference was shown.
    pub fn differs(&self) -> bool {
        let shown = !self.first_only.is_empty() || !self.second_only.is_empty();
        shown && !self.exhausted
    }
}

/// Compares two sides over the packets of `domain` at one hook, adding what is found to `into`.
pub fn compare(
    space: &mut Space,
    hook: Hook,
    domain: Node,
    interfaces: &Interfaces,
    sides: [Bounds; 2],
    into: &mut Comparison,
) {
    let [first, second] = sides;
    let first_only = space.without(first.must, second.may);
    let second_only = space.without(second.must, first.may);
    let may_differ = {
        let a = space.without(first.may, second.must);
        let b = space.without(second.may, first.must);
        let both = space.or(a, b);
        let both = space.without(both, first_only);
        space.without(both, second_only)
    };
    for (set, list) in [
        (first_only, &mut into.first_only),
        (second_only, &mut into.second_only),
        (may_differ, &mut into.undecided),
    ] {
        let set = space.and(set, domain);
        list_examples(space, hook, set, interfaces, list);
    }
    into.exhausted |= space.exhausted();
}

/// What the first side may let through at a moment when only `allowed` should pass: the question of security
/// alone.
pub fn compare_may(
    space: &mut Space,
    hook: Hook,
    domain: Node,
    interfaces: &Interfaces,
    may: Node,
    allowed: Node,
    into: &mut Comparison,
) {
    let extra = space.without(may, allowed);
    let extra = space.and(extra, domain);
    list_examples(space, hook, extra, interfaces, &mut into.first_only);
    into.exhausted |= space.exhausted();
}

/// Takes examples until the list is full: packets that open connections first, since they tell most; each from
/// another corner of the set, so after a packet is found, packets on the same path to the same host and service are
/// left out.
fn list_examples(space: &mut Space, hook: Hook, set: Node, interfaces: &Interfaces, list: &mut Vec<Found>) {
    let mut rest = set;
    for state in
        [ct_state::NEW, ct_state::ESTABLISHED, ct_state::RELATED, ct_state::UNTRACKED, ct_state::INVALID]
    {
        let state = space.value(Field::State, state);
        let mut part = space.and(rest, state);
        rest = space.without(rest, state);
        while part != FALSE && !space.exhausted() && list.len() <= LIST_LIMIT {
            let Some((packet, cube)) = space.example(part, interfaces) else { break };
            list.push(Found { hook, packet });
            let mut seen = Cube::new();
            for field in [
                Field::Iif,
                Field::Oif,
                Field::Family,
                Field::Destination,
                Field::Source,
                Field::Protocol,
                Field::DestinationPort,
                Field::SourcePort,
            ] {
                if let Some((low, high)) = cube.range(field) {
                    seen = seen.with(field, low, high);
                }
            }
            let seen = space.cube(&seen);
            part = space.without(part, seen);
            rest = space.without(rest, seen);
        }
    }
}
