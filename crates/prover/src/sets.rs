//! Sets and maps: membership, verdict maps, data maps.

use std::collections::BTreeMap;

use nftables::{Data, Element, Expression, Register, Set, Target, Verdict};
use packets::{FALSE, MISS, Node};

use crate::bytes::{Byte, Source, Test};
use crate::chain::RulePlace;
use crate::interpret::{Context, Engine};
use crate::layout::Layout;
use crate::matching;
use crate::rule::{After, Path};

/// Distinct values of a data map followed one by one; a larger map counts as not modelled.
const VALUES: usize = 4096;

/// Keys of a set, made ready for tests: closed ranges of byte strings, component by component.
struct Entry<'a> {
    from: &'a [u8],
    /// `None`: exactly `from`.
    to: Option<Vec<u8>>,
    element: &'a Element,
}

impl Engine<'_> {
    pub(crate) fn lookup(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (name, sreg, target, invert): (&str, Register, Option<Target>, bool),
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let found = self.names.set(place.t, name).and_then(|set| {
            let bytes = path.registers.read(sreg, set.key_len as usize)?.to_vec();
            Some((set, bytes))
        });
        let Some((set, bytes)) = found else {
            self.block(place.text(), format!("a lookup in set {name}, which is not there"));
            return self.undecided();
        };
        match target {
            None => {
                let nodes = self.members(place, set, &bytes, |_| Some(()));
                let mut inside = FALSE;
                for (node, ()) in nodes {
                    inside = self.space.or(inside, node);
                }
                let condition = if !invert {
                    inside
                } else if doubtful(set, &bytes) {
                    // Not the opposite of the doubt: a load that failed makes both fail.
                    self.unknown_member(place, set, &bytes, "not in")
                } else {
                    self.space.not(inside)
                };
                let yes = self.expressions(context, place, rest, path, after);
                self.space.ite(condition, yes, after.next)
            }
            Some(Target::Verdict) => {
                let groups = self.members(place, set, &bytes, |element| match &element.data {
                    Some(Data::Verdict(verdict)) => Some(verdict_key(verdict)),
                    _ => None,
                });
                let mut parts = Vec::new();
                for (node, (_, verdict)) in groups {
                    let after = self.narrowed(node, after);
                    let leads = match &verdict {
                        Verdict::Continue => self.expressions(context, place, rest, path.clone(), after),
                        verdict => self.verdict(context, place, verdict, after),
                    };
                    parts.push(self.space.guard(node, leads));
                }
                let decided = self.space.first(parts);
                self.space.over(decided, after.next)
            }
            Some(Target::Data(dreg)) => {
                let groups = self.members(place, set, &bytes, |element| match &element.data {
                    Some(Data::Value(value)) => Some(value.clone()),
                    _ => None,
                });
                if groups.len() > VALUES {
                    self.block(place.text(), format!("map {name} with more than {VALUES} values"));
                    return self.undecided();
                }
                let mut parts = Vec::new();
                for (node, value) in groups {
                    let mut path = path.clone();
                    path.registers.write(dreg, value.into_iter().map(Byte::Const));
                    let after = self.narrowed(node, after);
                    let leads = self.expressions(context, place, rest, path, after);
                    parts.push(self.space.guard(node, leads));
                }
                let decided = if parts.is_empty() { MISS } else { self.space.first(parts) };
                self.space.over(decided, after.next)
            }
        }
    }

    /// What follows, for the packets of one group only: whatever the rest of the rule does to what follows, it is done
    /// to the group's part of it and not to the whole, once per group.
    fn narrowed(&mut self, group: Node, after: After) -> After {
        if after.next == MISS {
            return after;
        }
        After { next: self.space.and(group, after.next), ..after }
    }

    /// The packets of each group of elements; elements that match nothing else (catch-all) get the rest.
    fn members<G: Ord + Clone>(
        &mut self,
        place: &RulePlace<'_>,
        set: &Set,
        bytes: &[Byte],
        group: impl Fn(&Element) -> Option<G>,
    ) -> Vec<(Node, G)> {
        let mut groups: BTreeMap<G, Vec<Node>> = BTreeMap::new();
        let mut rest = None;
        if doubtful(set, bytes) {
            for (i, group) in set.elements.iter().filter_map(&group).enumerate() {
                groups.entry(group).or_insert_with(|| {
                    vec![self.unknown_member(place, set, bytes, &format!("group {i} of"))]
                });
            }
            if groups.is_empty() && set.changed_by_packets() && !set.map() {
                // Empty now, but packets may fill it.
                return group(&Element::default())
                    .map(|group| (self.unknown_member(place, set, bytes, "in"), group))
                    .into_iter()
                    .collect();
            }
        } else {
            for element in set.elements.iter().filter(|element| element.catchall && self.alive(element)) {
                rest = group(element).map(|group| (group, element));
            }
            let layout = Layout::of(set, bytes);
            for entry in entries(set) {
                if !self.alive(entry.element) {
                    continue;
                }
                let Some(group) = group(entry.element) else { continue };
                let quick = layout.as_ref().and_then(|layout| {
                    let to = entry.to.as_deref().unwrap_or(entry.from);
                    layout.node(self.space, self.tables.interfaces, entry.from, to)
                });
                let mut node = match quick {
                    Some(node) => node,
                    None => {
                        let test = self.test(set, bytes, &entry);
                        self.condition(place, test, false)
                    }
                };
                if !entry.element.conditions.is_empty() {
                    let field = self.unknowns.fresh();
                    let open =
                        self.doubt(place.text(), format!("a stateful element of set {}", set.name), field);
                    node = self.space.and(node, open);
                }
                if node != FALSE {
                    groups.entry(group).or_default().push(node);
                }
            }
        }
        let mut result: Vec<(Node, G)> =
            groups.into_iter().map(|(group, nodes)| (self.space.any(nodes), group)).collect();
        if let Some((group, _)) = rest {
            let all = result.iter().map(|(node, _)| *node).collect();
            let all = self.space.any(all);
            let others = self.space.not(all);
            result.push((others, group));
        }
        result
    }

    fn alive(&self, element: &Element) -> bool {
        element.expiration.is_none_or(|left| left > self.elapsed)
    }

    fn test(&self, set: &Set, bytes: &[Byte], entry: &Entry<'_>) -> Test {
        let Some(to) = &entry.to else { return matching::equal(&self.tables, bytes, entry.from) };
        if set.fields.is_empty() {
            return matching::within(&self.tables, bytes, entry.from, to);
        }
        let mut whole = crate::bytes::Constraint::default();
        let mut offset = 0usize;
        for &length in &set.fields {
            let end = offset + length as usize;
            let slices = (bytes.get(offset..end), entry.from.get(offset..end), to.get(offset..end));
            let (Some(part), Some(from), Some(to)) = slices else {
                return Test::Unknown(format!("a key of set {} that is too short", set.name));
            };
            match matching::within(&self.tables, part, from, to) {
                Test::Exact(constraint) => {
                    for (field, ranges) in constraint.0 {
                        if !whole.restrict(field, ranges) {
                            return Test::Never;
                        }
                    }
                }
                other => return other,
            }
            offset = end.next_multiple_of(4);
        }
        Test::Exact(whole)
    }

    /// Membership nobody can tell: one predicate for the whole set, of its own at every evaluation if packets
    /// change the set.
    fn unknown_member(&mut self, place: &RulePlace<'_>, set: &Set, bytes: &[Byte], how: &str) -> Node {
        let field = if set.changed_by_packets() {
            self.unknowns.fresh()
        } else {
            let keys: Vec<_> = set.elements.iter().map(|e| (&e.key, &e.key_end, e.interval_end)).collect();
            let key = matching::describe(bytes, &format!("{how} {keys:?}"));
            self.unknowns.pure(key)
        };
        let what =
            if set.changed_by_packets() { "filled by packets" } else { "looked up by what is not modelled" };
        self.doubt(place.text(), format!("set {}, {what}", set.name), field)
    }
}

/// Whether membership cannot be read off the fields.
fn doubtful(set: &Set, bytes: &[Byte]) -> bool {
    set.changed_by_packets()
        || bytes.iter().any(|byte| matches!(byte, Byte::Of { source: Source::Opaque(_), .. }))
}

/// The keys of a set as closed ranges. A set with intervals but without concatenation comes as starts and open
/// ends, in any order.
fn entries(set: &Set) -> Vec<Entry<'_>> {
    let plain = set.elements.iter().filter(|element| !element.catchall);
    let split = set.interval() && set.elements.iter().all(|element| element.key_end.is_none());
    if !split || !set.fields.is_empty() {
        return plain
            .filter(|element| !element.interval_end)
            .map(|element| Entry { from: &element.key, to: element.key_end.clone(), element })
            .collect();
    }
    let mut sorted: Vec<&Element> = plain.collect();
    // Where one interval ends another may start: the end comes first.
    sorted.sort_by(|a, b| a.key.cmp(&b.key).then(b.interval_end.cmp(&a.interval_end)));
    let mut result = Vec::new();
    let mut open: Option<&Element> = None;
    for element in sorted {
        if let Some(start) = open.take() {
            result.push(Entry { from: &start.key, to: Some(before(&element.key)), element: start });
        }
        if !element.interval_end {
            open = Some(element);
        }
    }
    if let Some(start) = open {
        result.push(Entry { from: &start.key, to: Some(vec![0xff; start.key.len()]), element: start });
    }
    result
}

/// The byte string just below.
fn before(key: &[u8]) -> Vec<u8> {
    let mut bytes = key.to_vec();
    for byte in bytes.iter_mut().rev() {
        let (less, borrow) = byte.overflowing_sub(1);
        *byte = less;
        if !borrow {
            break;
        }
    }
    bytes
}

/// Verdicts in an order: grouping needs one.
fn verdict_key(verdict: &Verdict) -> (String, Verdict) {
    (format!("{verdict:?}"), verdict.clone())
}
