//! The elements of a set or map.

use super::object::comment;
use crate::data::{Datum, need_datum, need_value};
use crate::number::LIST_ELEM;
use crate::wire::{self, Attributes, Flaw};
use crate::{Data, Element, Expression, Set, expression};

/// Reads a list of elements into `set`. One that cannot be read is left out, and its flaw kept.
pub(super) fn read_list(bytes: &[u8], set: &mut Set, flaws: &mut Vec<Flaw>) {
    for entry in wire::list(bytes) {
        match entry {
            Ok((LIST_ELEM, inside)) => match read(inside, set, flaws) {
                Ok(element) => set.elements.push(element),
                Err(flaw) => flaws.push(Flaw::Element(set.elements.len(), Box::new(flaw))),
            },
            Ok((kind, _)) => flaws.push(Flaw::Attribute(kind)),
            Err(flaw) => flaws.push(flaw),
        }
    }
}

fn read(bytes: &[u8], set: &Set, flaws: &mut Vec<Flaw>) -> Result<Element, Flaw> {
    const KEY: u16 = 1;
    const DATA: u16 = 2;
    const FLAGS: u16 = 3;
    const TIMEOUT: u16 = 4;
    const EXPIRATION: u16 = 5;
    const USERDATA: u16 = 6;
    const EXPRESSION: u16 = 7;
    const PAD: u16 = 8;
    const OBJECT: u16 = 9;
    const KEY_END: u16 = 10;
    const EXPRESSIONS: u16 = 11;
    const INTERVAL_END: u32 = 1;
    const CATCHALL: u32 = 2;
    const COMMENT: u8 = 0;
    let mut from = Attributes::read(bytes)?;
    from.harmless(&[PAD]);
    let flags = from.u32(FLAGS)?.unwrap_or(0);
    if flags & !(INTERVAL_END | CATCHALL) != 0 {
        return Err(Flaw::Value(FLAGS, flags));
    }
    let catchall = flags & CATCHALL != 0;
    let mut element = Element {
        interval_end: flags & INTERVAL_END != 0,
        catchall,
        key: if catchall { Vec::new() } else { key(&mut from, KEY, set)? },
        timeout: from.u64(TIMEOUT)?,
        expiration: from.u64(EXPIRATION)?,
        comment: from.take(USERDATA).and_then(|bytes| comment(bytes, COMMENT)),
        ..Element::default()
    };
    if from.has(KEY_END) {
        element.key_end = Some(key(&mut from, KEY_END, set)?);
    }
    element.data = data(&mut from, DATA, OBJECT)?;
    if let Some(bytes) = from.take(EXPRESSION) {
        condition(&mut element, bytes, flaws);
    }
    for entry in wire::list(from.take(EXPRESSIONS).unwrap_or_default()) {
        match entry? {
            (LIST_ELEM, bytes) => condition(&mut element, bytes, flaws),
            (kind, _) => return Err(Flaw::Attribute(kind).inside(EXPRESSIONS)),
        }
    }
    from.finish()?;
    Ok(element)
}

/// A key as long as the set says.
fn key(from: &mut Attributes<'_>, kind: u16, set: &Set) -> Result<Vec<u8>, Flaw> {
    let key = need_value(from, kind)?;
    if u32::try_from(key.len()).ok() == Some(set.key_len) { Ok(key) } else { Err(Flaw::Length(kind)) }
}

fn data(from: &mut Attributes<'_>, data: u16, object: u16) -> Result<Option<Data>, Flaw> {
    if let Some(name) = from.text(object)? {
        return Ok(Some(Data::Object(name)));
    }
    if !from.has(data) {
        return Ok(None);
    }
    Ok(Some(match need_datum(from, data)? {
        Datum::Value(value) => Data::Value(value.to_vec()),
        Datum::Verdict(verdict) => Data::Verdict(verdict),
    }))
}

/// Counters say nothing about a match; anything else on an element may.
fn condition(element: &mut Element, bytes: &[u8], flaws: &mut Vec<Flaw>) {
    let (expression, flaw) = expression::read(bytes);
    if !matches!(expression, Expression::Counter | Expression::Last) {
        element.conditions.push(expression);
    }
    flaws.extend(flaw);
}
