//! What was not understood, and the predicates that stand for it.

use std::collections::BTreeMap;

use packets::Field;

/// Something in the ruleset that is not modelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotUnderstood {
    /// Table, chain and handle, or whatever place there is.
    pub place: String,
    /// What stands there.
    pub what: String,
    /// It may move or change packets in ways the diagrams do not show: nothing may be called equal over it. Where
    /// this is false, the diagrams carry the doubt themselves.
    pub blocking: bool,
    /// The unknown predicate that carries the doubt, where one does.
    pub predicate: Option<u16>,
}

/// Unknown predicates by what they test. Shared between two rulesets under comparison, the same pure predicate is
/// the same Boolean in both.
#[derive(Debug, Default)]
pub struct Unknowns {
    pure: BTreeMap<String, u16>,
    values: BTreeMap<String, u32>,
    next_value: u32,
    next: u16,
    overflow: bool,
}

/// More predicates than this and the answer is unknown: every one of them is a level of the diagram.
const LIMIT: u16 = 1024;

impl Unknowns {
    /// The predicate that tests the same thing every time it is evaluated on the same packet.
    pub(crate) fn pure(&mut self, key: String) -> Field {
        if let Some(&known) = self.pure.get(&key) {
            return Field::Unknown(known);
        }
        let Field::Unknown(number) = self.fresh() else { return Field::Unknown(0) };
        self.pure.insert(key, number);
        Field::Unknown(number)
    }

    /// A predicate that may come out differently at every evaluation.
    pub(crate) fn fresh(&mut self) -> Field {
        if self.next >= LIMIT {
            self.overflow = true;
            return Field::Unknown(LIMIT - 1);
        }
        self.next += 1;
        Field::Unknown(self.next - 1)
    }

    /// The number of a value that is not modelled: the same for the same description.
    pub(crate) fn opaque(&mut self, key: String) -> u32 {
        if let Some(&known) = self.values.get(&key) {
            return known;
        }
        let number = self.fresh_opaque();
        self.values.insert(key, number);
        number
    }

    /// The number of a value that is never the same again.
    pub(crate) fn fresh_opaque(&mut self) -> u32 {
        self.next_value = self.next_value.saturating_add(1);
        self.next_value
    }

    /// Whether there were more predicates than can be told apart; then nothing may be called equal.
    pub fn overflow(&self) -> bool {
        self.overflow
    }
}
