//! Sets: element by element, in the order of the dump.

use std::cmp::Ordering;

use nftables::{Element, Set};

use super::registers::{Bits, Truth, equal, order, within};

/// Elements whose keys match, or may match, in order. Catch-all elements are left out.
pub(super) fn candidates<'a>(set: &'a Set, key: &[Bits]) -> Vec<(&'a Element, Truth)> {
    set.elements
        .iter()
        .filter(|element| !element.catchall && !element.interval_end && !ended(element))
        .map(|element| (element, holds(set, element, key)))
        .filter(|&(_, truth)| truth != Truth::No)
        .collect()
}

/// The element that matches what no other does.
pub(super) fn catchall(set: &Set) -> Option<&Element> {
    set.elements.iter().find(|element| element.catchall && !ended(element))
}

fn ended(element: &Element) -> bool {
    element.expiration == Some(0)
}

fn holds(set: &Set, element: &Element, key: &[Bits]) -> Truth {
    if !set.interval() {
        return equal(key, &element.key);
    }
    match &element.key_end {
        Some(end) if set.fields.is_empty() => within(key, &element.key, end),
        Some(end) => components(&set.fields, &element.key, end, key),
        None if set.fields.is_empty() => from_start(set, element, key),
        None => components(&set.fields, &element.key, &element.key, key),
    }
}

/// Every component of a concatenation within its own range. Components begin at multiples of four bytes.
fn components(fields: &[u32], from: &[u8], to: &[u8], key: &[Bits]) -> Truth {
    let mut all = Truth::Yes;
    let mut start = 0usize;
    for &len in fields {
        let end = start + len as usize;
        let (Some(part), Some(low), Some(high)) =
            (key.get(start..end), from.get(start..end), to.get(start..end))
        else {
            return Truth::No;
        };
        match within(part, low, high) {
            Truth::No => return Truth::No,
            Truth::Open => all = Truth::Open,
            Truth::Yes => {}
        }
        start = end.next_multiple_of(4);
    }
    all
}

/// An interval given by its start: it reaches up to the next boundary of any kind, also that of an element whose
/// time is over.
fn from_start(set: &Set, element: &Element, key: &[Bits]) -> Truth {
    let above = match order(key, &element.key) {
        Some(Ordering::Less) => return Truth::No,
        known => known.is_some(),
    };
    let next = set
        .elements
        .iter()
        .filter(|other| !other.catchall && other.key > element.key)
        .map(|other| &other.key)
        .min();
    let below = match next.map(|next| order(key, next)) {
        None | Some(Some(Ordering::Less)) => true,
        Some(Some(_)) => return Truth::No,
        Some(None) => false,
    };
    if above && below { Truth::Yes } else { Truth::Open }
}
