//! A policy as a series of small transactions: built unreferenced, switched at once, the old one removed.

use crate::names::Names;
use crate::policy::Policy;
use crate::render::{Chain, Object, Pieces, Set, TABLE, TRANSLATING, hooks_of, table};

/// One generation of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its number.
    pub number: u64,
    /// Texts that build it beside whatever runs, in order; nothing refers to it yet.
    pub build: Vec<String>,
    /// The text that makes it the one that decides, in one transaction.
    pub switch: String,
    /// What that transaction comes to: the chain at each hook, and the chain it then goes to as its only rule.
    pub entries: Vec<(String, String)>,
    /// And the chains at hooks that are gone then.
    pub gone: Vec<String>,
    /// Texts that remove it, once another one decides.
    pub remove: Vec<String>,
}

/// Bytes one transaction may take: without root the send buffer holds 212,992, and the estimates are rough.
const ROOM: usize = 180_000;

/// The text that makes the table where there is none: closed, until a generation is switched to.
pub fn foundation() -> String {
    table(TABLE)
}

impl Policy {
    /// The policy as generation `number`. Two generations with different numbers can stand side by side.
    pub fn generation(&self, number: u64) -> Generation {
        let pieces = Pieces::of(self, number);
        let names = Names { generation: number };
        let mut packer = Packer::default();
        for object in &pieces.objects {
            packer.object(object);
        }
        for set in &pieces.sets {
            packer.set(set);
        }
        for chain in &pieces.chains {
            packer.chain(chain);
        }
        for map in &pieces.maps {
            packer.set(map);
        }
        // Entries are built last and deleted first: they refer to the rest.
        for hook in hooks_of(pieces.translates) {
            packer.chain(&Chain {
                name: hook.entry(names),
                note: String::new(),
                rules: hook.rules(names, &pieces),
            });
        }
        let mut gone = Vec::new();
        for hook in TRANSLATING {
            if pieces.translates {
                // Made while nothing is in it; where it is there already, it stays as it is.
                packer.chain(&Chain {
                    name: hook.name.to_owned(),
                    note: String::new(),
                    rules: vec![hook.declaration()],
                });
            } else {
                gone.push(hook.name.to_owned());
            }
        }
        Generation {
            number,
            build: packer.finish(),
            switch: switch(names, pieces.translates, &gone),
            gone,
            entries: hooks_of(pieces.translates)
                .iter()
                .map(|hook| (hook.name.to_owned(), hook.entry(names)))
                .collect(),
            remove: remove(&pieces, names),
        }
    }
}

/// Replaces the one rule of each hook's chain.
fn switch(names: Names, translates: bool, gone: &[String]) -> String {
    let mut text = String::new();
    for name in gone {
        // Made first, since what is not there cannot be deleted.
        for action in ["add", "flush", "delete"] {
            text.push_str(&format!("{action} chain inet {TABLE} {name}\n"));
        }
    }
    for hook in hooks_of(translates) {
        text.push_str(&format!("flush chain inet {TABLE} {}\n", hook.name));
        text.push_str(&format!("add rule inet {TABLE} {} goto {}\n", hook.name, hook.entry(names)));
    }
    text
}

/// Deletes in the reverse order of building, so that nothing deleted is still referred to.
fn remove(pieces: &Pieces, names: Names) -> Vec<String> {
    const LINES: usize = 1_000;
    let line = |word: &str, name: &str| format!("delete {word} inet {TABLE} {name}\n");
    let mut lines: Vec<String> =
        hooks_of(pieces.translates).iter().map(|hook| line("chain", &hook.entry(names))).collect();
    lines.extend(pieces.maps.iter().rev().map(|map| line("map", &map.name)));
    lines.extend(pieces.chains.iter().rev().map(|chain| line("chain", &chain.name)));
    lines.extend(pieces.sets.iter().rev().map(|set| line("set", &set.name)));
    lines.extend(pieces.objects.iter().rev().map(|object| line(Object::WORD, &object.name)));
    lines.chunks(LINES).map(<[String]>::concat).collect()
}

/// Fills transactions up to [`ROOM`].
#[derive(Default)]
struct Packer {
    done: Vec<String>,
    open: String,
    used: usize,
}

impl Packer {
    fn room(&mut self, cost: usize) {
        if self.used > 0 && self.used + cost > ROOM {
            self.close();
        }
        self.used += cost;
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let body = std::mem::take(&mut self.open);
            self.done.push(format!("table inet {TABLE} {{\n{body}}}\n"));
        }
        self.used = 0;
    }

    fn object(&mut self, object: &Object) {
        self.room(200 + object.name.len());
        self.open.push_str(&object.text());
    }

    fn chain(&mut self, chain: &Chain) {
        self.room(110 + chain.name.len() + chain.rules.iter().map(|rule| rule_cost(rule)).sum::<usize>());
        self.open.push_str(&chain.text());
    }

    fn set(&mut self, set: &Set) {
        let mut at = 0;
        loop {
            let left = set.elements.get(at..).unwrap_or_default();
            let mut cost = 250 + set.name.len();
            let mut count = 0;
            // A set that does not fit as a whole begins a transaction of its own.
            let whole: usize = cost + left.iter().map(|element| element_cost(element)).sum::<usize>();
            if self.used + whole > ROOM {
                self.close();
            }
            for element in left {
                let next = element_cost(element);
                if count > 0 && cost + next > ROOM {
                    break;
                }
                cost += next;
                count += 1;
            }
            self.room(cost);
            self.open.push_str(&set.text_with(left.get(..count).unwrap_or_default()));
            at += count;
            if at >= set.elements.len() {
                break;
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.close();
        self.done
    }
}

/// Bytes of an element on the wire, measured, with some air: keys are padded and sent twice, as first and last value.
fn element_cost(element: &str) -> usize {
    let v6 = element.contains("::") || element.matches(':').count() > 3;
    let keys = if v6 { 125 } else { 66 };
    // Comments and the names of chains are sent as they are.
    let text = element.split_once([':', '"']).map_or(0, |(_, text)| text.len());
    keys + text
}

/// Bytes of a rule on the wire, measured, with some air: a word is about one expression.
fn rule_cost(rule: &str) -> usize {
    let words = rule.split_whitespace().filter(|word| *word != ".");
    64 + words.map(|word| 28 + word.len().saturating_sub(16)).sum::<usize>()
}
