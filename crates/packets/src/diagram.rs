//! The interval decision diagram: nodes, their unique table, and the operations on them.
#![allow(clippy::indexing_slicing, reason = "node numbers and edge ranges come from this arena alone")]

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::fields::{Field, KNOWN, level_highest};

/// A function of packets: an inner node, or a terminal.
///
/// Nodes belong to the [`Space`] that made them. Equal functions have equal nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

/// No packet.
pub const FALSE: Node = Node(TERMINAL);
/// Every packet.
pub const TRUE: Node = Node(TERMINAL | 1);
/// Not decided here; see [`Space::over`].
pub const MISS: Node = Node(TERMINAL | 2);

/// Lowest and highest value, and where they lead.
pub(crate) type Edge = (u128, u128, Node);

const TERMINAL: u32 = 1 << 31;

impl Node {
    /// A terminal of its own. 0 is [`FALSE`], 1 is [`TRUE`], 2 is [`MISS`]; a caller may give the numbers from 3
    /// to 2^31 - 1 any meaning.
    pub const fn terminal(number: u32) -> Node {
        Node(TERMINAL | number)
    }

    /// The terminal's number, if it is one.
    pub fn terminal_number(self) -> Option<u32> {
        (self.0 & TERMINAL != 0).then_some(self.0 & !TERMINAL)
    }
}

#[derive(Clone, Copy)]
struct Header {
    level: u16,
    len: u16,
    start: u32,
    hash: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Op {
    And,
    Or,
    Without,
    Differ,
    Over,
    Guard,
}

/// The caches start with this many bits and grow with the nodes, since a full one makes the same work be done again and
/// again; beyond the most it gains nothing.
const CACHE_BITS: u32 = 14;
const MOST_CACHE_BITS: u32 = 22;

/// The arena all nodes of a comparison live in.
///
/// A space is bounded: when `limit` nodes are used up it is [exhausted](Space::exhausted), every further result is
/// worthless, and whoever asks it for an answer must say "unknown".
pub struct Space {
    headers: Vec<Header>,
    highs: Vec<u128>,
    children: Vec<Node>,
    unique: HashTable<u32>,
    cache: Vec<(Op, Node, Node, Node)>,
    ite_cache: Vec<[Node; 4]>,
    cache_bits: u32,
    limit: usize,
    exhausted: bool,
    spare: Vec<Vec<(u128, Node)>>,
}

impl Default for Space {
    fn default() -> Self {
        Space::with_limit(Space::DEFAULT_LIMIT)
    }
}

impl Space {
    /// Nodes in a space made with `Space::default()`: about 2 GiB at the most.
    pub const DEFAULT_LIMIT: usize = 16_000_000;

    /// A space of at most `limit` nodes.
    pub fn with_limit(limit: usize) -> Self {
        Space {
            headers: Vec::new(),
            highs: Vec::new(),
            children: Vec::new(),
            unique: HashTable::new(),
            cache: vec![(Op::And, MISS, MISS, MISS); 1 << CACHE_BITS],
            ite_cache: vec![[MISS; 4]; 1 << CACHE_BITS],
            cache_bits: CACHE_BITS,
            limit,
            exhausted: false,
            spare: Vec::new(),
        }
    }

    /// Whether the limit was reached. From then on results are worthless.
    pub fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// Nodes made so far.
    pub fn size(&self) -> usize {
        self.headers.len()
    }

    pub(crate) fn level(&self, node: Node) -> u16 {
        if node.0 & TERMINAL != 0 { u16::MAX } else { self.headers[node.0 as usize].level }
    }

    fn edges(&self, node: Node) -> std::ops::Range<usize> {
        let header = self.headers[node.0 as usize];
        header.start as usize..header.start as usize + header.len as usize
    }

    fn take(&mut self) -> Vec<(u128, Node)> {
        self.spare.pop().unwrap_or_default()
    }

    fn give(&mut self, mut edges: Vec<(u128, Node)>) {
        edges.clear();
        self.spare.push(edges);
    }

    /// Appends an edge, merging it with the one before where the child is the same.
    pub(crate) fn push(edges: &mut Vec<(u128, Node)>, high: u128, child: Node) {
        match edges.last_mut() {
            Some(last) if last.1 == child => last.0 = high,
            _ => edges.push((high, child)),
        }
    }

    /// The node with these edges: highest value and child, ascending, the last one the field's highest.
    pub(crate) fn node(&mut self, level: u16, edges: &[(u128, Node)]) -> Node {
        if let [(_, only)] = edges {
            return *only;
        }
        let hash = hash_of(level, edges);
        let (headers, highs, children) = (&self.headers, &self.highs, &self.children);
        let same = |&index: &u32| {
            let header = headers[index as usize];
            header.hash == hash
                && header.level == level
                && header.len as usize == edges.len()
                && edges.iter().enumerate().all(|(i, &(high, child))| {
                    let at = header.start as usize + i;
                    highs[at] == high && children[at] == child
                })
        };
        if let Some(&index) = self.unique.find(long(hash), same) {
            return Node(index);
        }
        if self.headers.len() >= self.limit
            || edges.len() > usize::from(u16::MAX)
            || self.highs.len() + edges.len() > u32::MAX as usize
        {
            self.exhausted = true;
            return FALSE;
        }
        let index = self.headers.len() as u32;
        self.headers.push(Header { level, len: edges.len() as u16, start: self.highs.len() as u32, hash });
        for &(high, child) in edges {
            self.highs.push(high);
            self.children.push(child);
        }
        let headers = &self.headers;
        self.unique.insert_unique(long(hash), index, |&index| long(headers[index as usize].hash));
        if self.headers.len() >> self.cache_bits != 0 && self.cache_bits < MOST_CACHE_BITS {
            self.grow_caches();
        }
        Node(index)
    }

    fn slot(&self, key: impl Hash) -> usize {
        let mut hasher = FxHasher::default();
        key.hash(&mut hasher);
        (hasher.finish() >> (64 - self.cache_bits)) as usize
    }

    /// What was in them is lost, which costs a little work and changes no result.
    fn grow_caches(&mut self) {
        self.cache_bits += 1;
        self.cache = vec![(Op::And, MISS, MISS, MISS); 1 << self.cache_bits];
        self.ite_cache = vec![[MISS; 4]; 1 << self.cache_bits];
    }

    /// Packets whose field lies in `low..=high`.
    pub fn range(&mut self, field: Field, low: u128, high: u128) -> Node {
        self.choice(field, &[(low, high)], TRUE, FALSE)
    }

    /// Packets whose field has this value.
    pub fn value(&mut self, field: Field, value: u128) -> Node {
        self.range(field, value, value)
    }

    /// Packets whose field lies in one of the ranges, in any order.
    pub fn ranges(&mut self, field: Field, ranges: &[(u128, u128)]) -> Node {
        self.choice(field, ranges, TRUE, FALSE)
    }

    /// `inside` where the field lies in one of the ranges, `outside` elsewhere. Both must not depend on this
    /// field or one above it.
    pub fn choice(&mut self, field: Field, ranges: &[(u128, u128)], inside: Node, outside: Node) -> Node {
        let level = field.level();
        let top = level_highest(level);
        let mut sorted: Vec<(u128, u128)> = ranges
            .iter()
            .map(|&(low, high)| (low, high.min(top)))
            .filter(|(low, high)| low <= high)
            .collect();
        sorted.sort_unstable();
        let mut edges = self.take();
        let mut next = Some(0u128);
        for (low, high) in sorted {
            let Some(from) = next else { break };
            if high < from {
                continue;
            }
            if low > from {
                Self::push(&mut edges, low - 1, outside);
            }
            Self::push(&mut edges, high, inside);
            next = (high < top).then(|| high + 1);
        }
        if next.is_some() {
            Self::push(&mut edges, top, outside);
        }
        let node = self.node(level, &edges);
        self.give(edges);
        node
    }

    /// `inside` where the field lies in `low..=high`, nothing elsewhere; as [`Space::choice`] with one range.
    pub fn between(&mut self, field: Field, low: u128, high: u128, inside: Node) -> Node {
        let level = field.level();
        let top = level_highest(level);
        let high = high.min(top);
        if low > high || inside == FALSE {
            return FALSE;
        }
        let mut edges = [(0, FALSE); 3];
        let mut used = 0;
        let mut push = |edge| {
            if let Some(slot) = edges.get_mut(used) {
                *slot = edge;
                used += 1;
            }
        };
        if low > 0 {
            push((low - 1, FALSE));
        }
        push((high, inside));
        if high < top {
            push((top, FALSE));
        }
        self.node(level, edges.get(..used).unwrap_or_default())
    }

    /// Packets in both.
    pub fn and(&mut self, a: Node, b: Node) -> Node {
        self.apply(Op::And, a, b)
    }

    /// Packets in either.
    pub fn or(&mut self, a: Node, b: Node) -> Node {
        self.apply(Op::Or, a, b)
    }

    /// Packets in `a` and not in `b`.
    pub fn without(&mut self, a: Node, b: Node) -> Node {
        self.apply(Op::Without, a, b)
    }

    /// Packets in exactly one of the two; for other terminals, where the two differ.
    pub fn differ(&mut self, a: Node, b: Node) -> Node {
        self.apply(Op::Differ, a, b)
    }

    /// `a` where it is decided, `b` where `a` is [`MISS`].
    pub fn over(&mut self, a: Node, b: Node) -> Node {
        self.apply(Op::Over, a, b)
    }

    /// `a` for the packets of `condition`, [`MISS`] for the rest.
    pub fn guard(&mut self, condition: Node, a: Node) -> Node {
        self.apply(Op::Guard, condition, a)
    }

    /// Packets not in `a`.
    pub fn not(&mut self, a: Node) -> Node {
        self.apply(Op::Without, TRUE, a)
    }

    fn shortcut(op: Op, a: Node, b: Node) -> Option<Node> {
        match op {
            Op::And => match (a, b) {
                (FALSE, _) | (_, FALSE) => Some(FALSE),
                (TRUE, other) | (other, TRUE) => Some(other),
                _ if a == b => Some(a),
                _ => None,
            },
            Op::Or => match (a, b) {
                (TRUE, _) | (_, TRUE) => Some(TRUE),
                (FALSE, other) | (other, FALSE) => Some(other),
                _ if a == b => Some(a),
                _ => None,
            },
            Op::Without => match (a, b) {
                (FALSE, _) | (_, TRUE) => Some(FALSE),
                (a, FALSE) => Some(a),
                _ if a == b => Some(FALSE),
                _ => None,
            },
            Op::Differ => match (a, b) {
                _ if a == b => Some(FALSE),
                (FALSE, TRUE) | (TRUE, FALSE) => Some(TRUE),
                _ if a.terminal_number().is_some() && b.terminal_number().is_some() => Some(TRUE),
                _ => None,
            },
            Op::Over => match (a, b) {
                (MISS, b) => Some(b),
                _ if a.terminal_number().is_some() || a == b => Some(a),
                _ => None,
            },
            Op::Guard => match (a, b) {
                (FALSE, _) => Some(MISS),
                (TRUE, b) => Some(b),
                (_, MISS) => Some(MISS),
                _ => None,
            },
        }
    }

    pub(crate) fn apply(&mut self, op: Op, a: Node, b: Node) -> Node {
        if let Some(result) = Self::shortcut(op, a, b) {
            return result;
        }
        if self.exhausted {
            return FALSE;
        }
        let (a, b) = match op {
            Op::And | Op::Or | Op::Differ if a > b => (b, a),
            _ => (a, b),
        };
        let slot = self.slot((op as u8, a, b));
        let cached = self.cache[slot];
        if cached.0 == op && cached.1 == a && cached.2 == b && a != b {
            return cached.3;
        }
        let (la, lb) = (self.level(a), self.level(b));
        let level = la.min(lb);
        let mut edges = self.take();
        if la == lb {
            let (mut ia, mut ib) = (self.edges(a), self.edges(b));
            while ia.start < ia.end && ib.start < ib.end {
                let (ha, hb) = (self.highs[ia.start], self.highs[ib.start]);
                let (ca, cb) = (self.children[ia.start], self.children[ib.start]);
                let child = self.apply(op, ca, cb);
                Self::push(&mut edges, ha.min(hb), child);
                if ha <= hb {
                    ia.start += 1;
                }
                if hb <= ha {
                    ib.start += 1;
                }
            }
        } else {
            let upper = if la < lb { a } else { b };
            for at in self.edges(upper) {
                let (high, child) = (self.highs[at], self.children[at]);
                let child = if la < lb { self.apply(op, child, b) } else { self.apply(op, a, child) };
                Self::push(&mut edges, high, child);
            }
        }
        let result = self.node(level, &edges);
        self.give(edges);
        // The caches may have grown meanwhile.
        let slot = self.slot((op as u8, a, b));
        self.cache[slot] = (op, a, b, result);
        result
    }

    /// `yes` for the packets of `condition`, `no` for the rest.
    pub fn ite(&mut self, condition: Node, yes: Node, no: Node) -> Node {
        if condition == TRUE || yes == no {
            return yes;
        }
        if condition == FALSE {
            return no;
        }
        if self.exhausted {
            return FALSE;
        }
        let slot = self.slot((condition, yes, no));
        let cached = self.ite_cache[slot];
        // A condition of MISS never gets here, so the empty slots match nothing.
        if cached[..3] == [condition, yes, no] {
            return cached[3];
        }
        let level = self.level(condition).min(self.level(yes)).min(self.level(no));
        let mut cursors = [condition, yes, no]
            .map(|node| if self.level(node) == level { (node, self.edges(node)) } else { (node, 0..0) });
        let top = level_highest(level);
        let mut edges = self.take();
        loop {
            let mut high = top;
            let mut now = [FALSE; 3];
            for (slot, (node, range)) in now.iter_mut().zip(&cursors) {
                if range.start >= range.end {
                    *slot = *node;
                } else {
                    *slot = self.children[range.start];
                    high = high.min(self.highs[range.start]);
                }
            }
            let child = self.ite(now[0], now[1], now[2]);
            Self::push(&mut edges, high, child);
            if high == top {
                break;
            }
            for (_, range) in &mut cursors {
                if range.start < range.end && self.highs[range.start] == high {
                    range.start += 1;
                }
            }
        }
        let result = self.node(level, &edges);
        self.give(edges);
        let slot = self.slot((condition, yes, no));
        self.ite_cache[slot] = [condition, yes, no, result];
        result
    }

    /// The function with one field fixed to a value: what `f` says of a packet after the field was set.
    pub fn assign(&mut self, f: Node, field: Field, value: u128) -> Node {
        let mut memo = FxHashMap::default();
        self.assign_inner(f, field.level(), value, &mut memo)
    }

    fn assign_inner(&mut self, f: Node, level: u16, value: u128, memo: &mut FxHashMap<Node, Node>) -> Node {
        let own = self.level(f);
        if own > level {
            return f;
        }
        if let Some(&known) = memo.get(&f) {
            return known;
        }
        let result = if own == level {
            let range = self.edges(f);
            let at = range.start + self.highs[range.clone()].partition_point(|&high| high < value);
            self.children[at.min(range.end - 1)]
        } else {
            let mut edges = self.take();
            for at in self.edges(f) {
                let (high, child) = (self.highs[at], self.children[at]);
                let child = self.assign_inner(child, level, value, memo);
                Self::push(&mut edges, high, child);
            }
            let node = self.node(own, &edges);
            self.give(edges);
            node
        };
        memo.insert(f, result);
        result
    }

    /// The function with its terminals replaced.
    pub fn map_terminals(&mut self, f: Node, map: &dyn Fn(u32) -> Node) -> Node {
        let mut memo = FxHashMap::default();
        self.map_inner(f, None, map, &mut memo)
    }

    /// Packets for which `f` may be true, whatever the unknown predicates are.
    pub fn possible(&mut self, f: Node) -> Node {
        let mut memo = FxHashMap::default();
        self.map_inner(f, Some(TRUE), &Node::terminal, &mut memo)
    }

    /// Packets for which `f` is true, whatever the unknown predicates are.
    pub fn certain(&mut self, f: Node) -> Node {
        let mut memo = FxHashMap::default();
        self.map_inner(f, Some(FALSE), &Node::terminal, &mut memo)
    }

    /// Replaces terminals, and, where `unknown` is given, every node that depends on unknown predicates alone.
    /// Such a node is never constant, so some values of the predicates make it true and others false.
    fn map_inner(
        &mut self,
        f: Node,
        unknown: Option<Node>,
        map: &dyn Fn(u32) -> Node,
        memo: &mut FxHashMap<Node, Node>,
    ) -> Node {
        if let Some(number) = f.terminal_number() {
            return map(number);
        }
        let level = self.level(f);
        if let Some(node) = unknown
            && level >= KNOWN
        {
            return node;
        }
        if let Some(&known) = memo.get(&f) {
            return known;
        }
        let mut edges = self.take();
        for at in self.edges(f) {
            let (high, child) = (self.highs[at], self.children[at]);
            let child = self.map_inner(child, unknown, map, memo);
            Self::push(&mut edges, high, child);
        }
        let result = self.node(level, &edges);
        self.give(edges);
        memo.insert(f, result);
        result
    }

    /// The unknown predicates a function depends on.
    pub fn unknowns(&self, f: Node) -> BTreeSet<u16> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), FxHashSet::default(), vec![f]);
        while let Some(node) = open.pop() {
            if node.terminal_number().is_some() || !seen.insert(node) {
                continue;
            }
            if let Some(number) = self.level(node).checked_sub(KNOWN) {
                found.insert(number);
            }
            open.extend(self.edges(node).map(|at| self.children[at]));
        }
        found
    }

    /// The value of `f` for a packet given as a function of fields.
    pub fn evaluate(&self, f: Node, packet: &dyn Fn(u16) -> u128) -> u32 {
        let mut node = f;
        loop {
            if let Some(number) = node.terminal_number() {
                return number;
            }
            let value = packet(self.level(node));
            let range = self.edges(node);
            let at = range.start + self.highs[range.clone()].partition_point(|&high| high < value);
            node = self.children[at.min(range.end - 1)];
        }
    }

    /// Calls `each` with the interval and the child of every edge.
    pub(crate) fn each_edge(&self, node: Node, mut each: impl FnMut(u128, u128, Node)) {
        let mut low = 0u128;
        for at in self.edges(node) {
            let high = self.highs[at];
            each(low, high, self.children[at]);
            low = high.wrapping_add(1);
        }
    }

    /// Outgoing edges of an inner node as (level, [(low, high, child)]).
    pub(crate) fn inspect(&self, node: Node) -> Option<(u16, Vec<Edge>)> {
        if node.terminal_number().is_some() {
            return None;
        }
        let mut edges = Vec::new();
        self.each_edge(node, |low, high, child| edges.push((low, high, child)));
        Some((self.level(node), edges))
    }
}

fn hash_of(level: u16, edges: &[(u128, Node)]) -> u32 {
    let mut hasher = FxHasher::default();
    level.hash(&mut hasher);
    for edge in edges {
        edge.hash(&mut hasher);
    }
    (hasher.finish() >> 32) as u32
}

/// The table takes its buckets from the low bits and its tags from the high ones: both must be well mixed.
fn long(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
}
