//! Tests on registers: equality, order, ranges.

use std::collections::BTreeMap;

use packets::Field;

use crate::bytes::{Byte, Constraint, Source, Tables, Test};

/// Registers equal to bytes.
pub(crate) fn equal(tables: &Tables<'_>, bytes: &[Byte], data: &[u8]) -> Test {
    let mut wanted: BTreeMap<Source, Vec<(u8, u8, u8)>> = BTreeMap::new();
    for (byte, &value) in bytes.iter().zip(data) {
        match *byte {
            Byte::Const(constant) if constant == value => {}
            Byte::Const(_) => return Test::Never,
            Byte::Of { source, index, mask, xor } => {
                let value = value ^ xor;
                if value & !mask != 0 {
                    return Test::Never;
                }
                wanted.entry(source).or_default().push((index, mask, value));
            }
        }
    }
    let mut constraint = Constraint::default();
    for (source, wanted) in &wanted {
        let ranges = match source {
            Source::Opaque(_) => None,
            Source::Number(_, width) => number_bits(*width, wanted, false),
            Source::Little(_, width) => number_bits(*width, wanted, true),
            Source::Name(_) => name(tables, wanted).or_else(|| tabulated(tables, *source, wanted)),
            Source::Index(_) | Source::Table(_) => tabulated(tables, *source, wanted),
        };
        let Some(ranges) = ranges else { return Test::Unknown(describe(bytes, &format!("== {data:02x?}"))) };
        let Some(field) = source.field() else { continue };
        if !constraint.restrict(field, ranges) {
            return Test::Never;
        }
    }
    Test::Exact(constraint)
}

/// A whole name: looked up instead of tried against every interface.
fn name(tables: &Tables<'_>, wanted: &[(u8, u8, u8)]) -> Option<Vec<(u128, u128)>> {
    if wanted.len() != 16
        || wanted.iter().enumerate().any(|(i, &(index, mask, _))| usize::from(index) != i || mask != 0xff)
    {
        return None;
    }
    let bytes: Vec<u8> = wanted.iter().map(|&(_, _, value)| value).collect();
    let end = bytes.iter().position(|&byte| byte == 0)?;
    if end == 0 || bytes.get(end..)?.iter().any(|&byte| byte != 0) {
        return None;
    }
    let name = std::str::from_utf8(bytes.get(..end)?).ok()?;
    Some(tables.interfaces.value(name).map(|value| (value, value)).into_iter().collect())
}

fn tabulated(tables: &Tables<'_>, source: Source, wanted: &[(u8, u8, u8)]) -> Option<Vec<(u128, u128)>> {
    let values = tables.values(source)?;
    Some(
        values
            .into_iter()
            .filter(|(_, bytes)| {
                wanted.iter().all(|&(index, mask, value)| {
                    bytes.get(usize::from(index)).copied().unwrap_or(0) & mask == value
                })
            })
            .map(|(value, _)| (value, value))
            .collect(),
    )
}

/// Values of a number with these bits. `None` where the bits wanted are scattered over a long number: the set
/// would be too many ranges.
fn number_bits(width: u8, wanted: &[(u8, u8, u8)], little: bool) -> Option<Vec<(u128, u128)>> {
    let width = u32::from(width);
    let (mut care, mut value) = (0u128, 0u128);
    for &(index, mask, bits) in wanted {
        let index = u32::from(index);
        let shift = 8 * if little { index } else { width.checked_sub(index + 1)? };
        let (mask, bits) = (u128::from(mask) << shift, u128::from(bits) << shift);
        if care & mask & (value ^ bits) != 0 {
            return Some(Vec::new());
        }
        care |= mask;
        value |= bits;
    }
    let all = if width >= 16 { u128::MAX } else { (1u128 << (8 * width)) - 1 };
    let free = all & !care;
    // Free bits at the bottom only: one range.
    if free.wrapping_add(1) & free == 0 {
        return Some(vec![(value, value | free)]);
    }
    if width > 2 {
        return None;
    }
    Some(merge((0..=all).filter(|candidate| candidate & care == value)))
}

fn merge(values: impl Iterator<Item = u128>) -> Vec<(u128, u128)> {
    let mut ranges: Vec<(u128, u128)> = Vec::new();
    for value in values {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == value => last.1 = value,
            _ => ranges.push((value, value)),
        }
    }
    ranges
}

/// Registers within a closed range of byte strings (memcmp order).
pub(crate) fn within(tables: &Tables<'_>, bytes: &[Byte], from: &[u8], to: &[u8]) -> Test {
    if from > to {
        return Test::Never;
    }
    if from == to {
        return equal(tables, bytes, from);
    }
    let unknown = || Test::Unknown(describe(bytes, &format!("in {from:02x?}..={to:02x?}")));
    // Constant bytes in front decide by themselves, as long as both ends agree with them.
    if let (Some(Byte::Const(constant)), Some(low), Some(high)) = (bytes.first(), from.first(), to.first()) {
        if constant < low || constant > high {
            return Test::Never;
        }
        if bytes.len() == 1 {
            return Test::Exact(Constraint::default());
        }
        if low == high {
            let rest = (bytes.get(1..), from.get(1..), to.get(1..));
            return match rest {
                (Some(bytes), Some(from), Some(to)) => within(tables, bytes, from, to),
                _ => unknown(),
            };
        }
        return unknown();
    }
    // Zero padding behind a number: the ends must not cut through it.
    if let (Some((Byte::Const(0), front)), Some(0), Some(low)) =
        (bytes.split_last(), from.last(), from.split_last())
        && matches!(to.last(), Some(0 | 0xff))
        && let Some((_, high)) = to.split_last()
        && !front.is_empty()
    {
        return within(tables, front, low.1, high);
    }
    let Some(Byte::Of { source, index: first, .. }) = bytes.first().copied() else { return unknown() };
    let straight = bytes.iter().enumerate().all(|(i, byte)| {
        matches!(byte, Byte::Of { source: other, index, mask: 0xff, xor: 0 }
            if *other == source && usize::from(*index) == usize::from(first) + i)
    });
    let field = source.field();
    match (source, field) {
        (Source::Number(_, width), Some(field)) if straight && first == 0 => {
            let cut = 8 * u32::from(width.saturating_sub(bytes.len() as u8));
            let low = number(from) << cut;
            let high = (number(to) << cut) | if cut == 0 { 0 } else { (1u128 << cut) - 1 };
            exact(field, vec![(low, high)])
        }
        (Source::Number(_, width), Some(field)) if straight && width <= 2 => {
            let values = (0..1u128 << (8 * u32::from(width))).filter(|value| {
                let all = value.to_be_bytes();
                let start = 16 - usize::from(width) + usize::from(first);
                all.get(start..start + bytes.len()).is_some_and(|slice| from <= slice && slice <= to)
            });
            exact(field, merge(values))
        }
        (Source::Name(_) | Source::Index(_) | Source::Table(_), Some(field)) => {
            let Some(values) = tables.values(source) else { return unknown() };
            let of_one =
                bytes.iter().all(|byte| matches!(byte, Byte::Of { source: other, .. } if *other == source));
            if !of_one {
                return unknown();
            }
            let ranges = values.into_iter().filter(|(_, all)| {
                let seen: Vec<u8> = bytes
                    .iter()
                    .map(|byte| match byte {
                        Byte::Of { index, mask, xor, .. } => {
                            (all.get(usize::from(*index)).copied().unwrap_or(0) & mask) ^ xor
                        }
                        Byte::Const(value) => *value,
                    })
                    .collect();
                from <= seen.as_slice() && seen.as_slice() <= to
            });
            exact(field, ranges.map(|(value, _)| (value, value)).collect())
        }
        _ => unknown(),
    }
}

fn exact(field: Field, ranges: Vec<(u128, u128)>) -> Test {
    let mut constraint = Constraint::default();
    if constraint.restrict(field, ranges) { Test::Exact(constraint) } else { Test::Never }
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().take(16).fold(0, |sum, &byte| (sum << 8) | u128::from(byte))
}

/// A key that is the same for the same test of the same bytes.
pub(crate) fn describe(bytes: &[Byte], test: &str) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            Byte::Const(value) => text.push_str(&format!("{value:02x} ")),
            Byte::Of { source, index, mask, xor } => {
                text.push_str(&format!("{source:?}[{index}]&{mask:02x}^{xor:02x} "))
            }
        }
    }
    text.push_str(test);
    text
}
