//! Many functions at once: unions and first-decided of long lists without the intermediate results that merging
//! them two by two would leave behind.

use crate::diagram::{FALSE, MISS, Node, Op, Space, TRUE};

/// Intervals of all functions of a list may overlap; where they do so much that walking them all at once costs more
/// than this many times their number, merging two by two is cheaper.
const OVERLAP: usize = 8;

impl Space {
    /// Union of many.
    pub fn any(&mut self, nodes: Vec<Node>) -> Node {
        self.many(Op::Or, nodes)
    }

    /// Many partial functions, the earlier one first where two are decided.
    pub fn first(&mut self, nodes: Vec<Node>) -> Node {
        self.many(Op::Over, nodes)
    }

    fn many(&mut self, op: Op, mut nodes: Vec<Node>) -> Node {
        let empty = tidy(op, &mut nodes);
        match *nodes.as_slice() {
            [] => return empty,
            [only] => return only,
            [a, b] => return self.apply(op, a, b),
            _ => {}
        }
        if self.exhausted() {
            return FALSE;
        }
        let top = nodes.iter().map(|&node| self.level(node)).min().unwrap_or(u16::MAX);
        if nodes.iter().any(|&node| self.level(node) != top) {
            if op != Op::Or {
                return self.fold(op, nodes, empty);
            }
            let (upper, lower): (Vec<Node>, Vec<Node>) =
                nodes.into_iter().partition(|&node| self.level(node) == top);
            let (upper, lower) = (self.many(op, upper), self.many(op, lower));
            return self.apply(op, upper, lower);
        }
        let mut spans = self.spans(&nodes, empty);
        spans.sort_by_key(|span| (span.low, span.high));
        let Some(groups) = groups(&spans).or_else(|| pieces(&spans)) else {
            return self.fold(op, nodes, empty);
        };
        let mut edges = Vec::with_capacity(2 * groups.len() + 1);
        let mut next = Some(0u128);
        for (low, high, children) in groups {
            if next.is_some_and(|next| next < low) {
                Self::push(&mut edges, low - 1, empty);
            }
            let child = self.many(op, children);
            Self::push(&mut edges, high, child);
            next = high.checked_add(1);
        }
        let end = crate::fields::level_highest(top);
        if edges.last().is_none_or(|&(high, _)| high < end) {
            Self::push(&mut edges, end, empty);
        }
        self.node(top, &edges)
    }

    /// Where the functions, all of one level, are not empty, in the order of the list.
    fn spans(&self, nodes: &[Node], empty: Node) -> Vec<Span> {
        let mut spans = Vec::with_capacity(nodes.len());
        for (place, &node) in nodes.iter().enumerate() {
            self.each_edge(node, |low, high, child| {
                if child != empty {
                    spans.push(Span { low, high, place, child });
                }
            });
        }
        spans
    }

    fn fold(&mut self, op: Op, mut nodes: Vec<Node>, empty: Node) -> Node {
        while nodes.len() > 1 {
            let mut merged = Vec::with_capacity(nodes.len().div_ceil(2));
            for pair in nodes.chunks(2) {
                merged.push(match pair {
                    [a, b] => self.apply(op, *a, *b),
                    [a] => *a,
                    _ => empty,
                });
            }
            nodes = merged;
        }
        nodes.first().copied().unwrap_or(empty)
    }
}

/// Leaves out what cannot change the result, and gives the result of nothing.
fn tidy(op: Op, nodes: &mut Vec<Node>) -> Node {
    if op == Op::Or {
        nodes.retain(|&node| node != FALSE);
        if nodes.contains(&TRUE) {
            nodes.clear();
            nodes.push(TRUE);
        }
        nodes.sort_unstable();
        nodes.dedup();
        return FALSE;
    }
    nodes.retain(|&node| node != MISS);
    nodes.dedup();
    if let Some(decided) = nodes.iter().position(|node| node.terminal_number().is_some()) {
        nodes.truncate(decided + 1);
    }
    MISS
}

#[derive(Clone, Copy)]
struct Span {
    low: u128,
    high: u128,
    /// Place of its function in the list.
    place: usize,
    child: Node,
}

type Group = (u128, u128, Vec<Node>);

/// Sorted spans with equal ends together; `None` where two overlap without being equal.
fn groups(spans: &[Span]) -> Option<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for span in spans {
        match groups.last_mut() {
            Some((low, high, children)) if (*low, *high) == (span.low, span.high) => {
                children.push(span.child)
            }
            Some((_, high, _)) if *high >= span.low => return None,
            _ => groups.push((span.low, span.high, vec![span.child])),
        }
    }
    Some(groups)
}

/// Sorted spans cut at every end of any of them; `None` where that gives too much.
fn pieces(spans: &[Span]) -> Option<Vec<Group>> {
    let mut starts: Vec<u128> = spans.iter().map(|span| span.low).collect();
    starts.extend(spans.iter().filter_map(|span| span.high.checked_add(1)));
    starts.sort_unstable();
    starts.dedup();
    let mut pieces = Vec::new();
    let mut work = 0;
    let mut waiting = spans.iter().peekable();
    // In the order of the list: where two are decided, the earlier one counts.
    let mut open: Vec<Span> = Vec::new();
    for (at, &low) in starts.iter().enumerate() {
        open.retain(|span| span.high >= low);
        while let Some(span) = waiting.next_if(|span| span.low == low) {
            open.insert(open.partition_point(|before| before.place < span.place), *span);
        }
        if open.is_empty() {
            continue;
        }
        work += open.len();
        if work > OVERLAP * spans.len() {
            return None;
        }
        let high = starts.get(at + 1).map_or(u128::MAX, |next| next - 1);
        pieces.push((low, high, open.iter().map(|span| span.child).collect()));
    }
    Some(pieces)
}
