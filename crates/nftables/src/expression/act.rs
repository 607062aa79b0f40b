//! Expressions that act: verdicts, logging, translation, sets changed by packets.

use super::test;
use crate::data::{Datum, len, need_datum, need_register, register, target};
use crate::number::LIST_ELEM;
use crate::wire::{self, Attributes, Flaw};
use crate::{Expression, Immediate, NatKind, Register, Target};

/// `NF_NAT_RANGE_*`: addresses, ports, random, persistent, fully random. The other bits (offset, prefix to
/// prefix) change what the operands mean.
const PLAIN_NAT_FLAGS: u32 = 0b1_1111;

pub(super) fn immediate(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const DATA: u16 = 2;
    let datum = need_datum(from, DATA)?;
    let size = match &datum {
        Datum::Value(value) => len(value),
        Datum::Verdict(_) => 1,
    };
    let immediate = match (target(from, DREG, size)?.ok_or(Flaw::Missing(DREG))?, datum) {
        (Target::Data(dreg), Datum::Value(value)) => Immediate::Value { dreg, data: value.to_vec() },
        (Target::Verdict, Datum::Verdict(verdict)) => Immediate::Verdict(verdict),
        (Target::Data(_), Datum::Verdict(_)) | (Target::Verdict, Datum::Value(_)) => {
            return Err(Flaw::Length(DATA));
        }
    };
    Ok(Expression::Immediate(immediate))
}

pub(super) fn counter(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    from.harmless(&[1, 2, 3]); // bytes, packets, padding
    Ok(Expression::Counter)
}

pub(super) fn last(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    from.harmless(&[1, 2, 3]); // whether and when it was used, padding
    Ok(Expression::Last)
}

pub(super) fn log(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    from.harmless(&[1, 2, 3, 4, 5, 6]); // where to and what: none of it touches the packet
    Ok(Expression::Log)
}

pub(super) fn reject(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    from.harmless(&[1, 2]); // kind and code of the answer: the packet is gone in any case
    Ok(Expression::Reject)
}

pub(super) fn queue(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    from.harmless(&[1, 2, 3, 4]); // which queue, and whether it may be absent: it leaves the kernel in any case
    Ok(Expression::Queue)
}

pub(super) fn nat(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const KIND: u16 = 1;
    const FAMILY: u16 = 2;
    const ADDRESS: [u16; 2] = [3, 4];
    const PORT: [u16; 2] = [5, 6];
    const FLAGS: u16 = 7;
    let kind = match from.need_u32(KIND)? {
        0 => NatKind::Source,
        1 => NatKind::Destination,
        other => return Err(Flaw::Value(KIND, other)),
    };
    let family = from.need_u32(FAMILY)?;
    let (address, wide_address) = bounds(from, ADDRESS)?;
    let (port, wide_port) = bounds(from, PORT)?;
    let flags = from.u32(FLAGS)?.unwrap_or(0);
    if wide_address || wide_port || flags & !PLAIN_NAT_FLAGS != 0 {
        // `Nat` means "to this one address and port"; a range or a prefix is something else.
        return Ok(Expression::Statement { name: "nat to a range".to_owned() });
    }
    Ok(Expression::Nat { kind, address, port, family })
}

pub(super) fn masquerade(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const FLAGS: u16 = 1;
    from.harmless(&[FLAGS]); // how a source port is picked
    bounds(from, [2, 3])?;
    Ok(Expression::Masquerade)
}

pub(super) fn redirect(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const PORT: [u16; 2] = [1, 2];
    const FLAGS: u16 = 3;
    let (port, wide) = bounds(from, PORT)?;
    let flags = from.u32(FLAGS)?.unwrap_or(0);
    if wide || flags & !PLAIN_NAT_FLAGS != 0 {
        return Ok(Expression::Statement { name: "redirect to a range".to_owned() });
    }
    Ok(Expression::Redirect { port })
}

/// Lowest and highest register of a range: the lowest, and whether the highest is another one.
fn bounds(from: &mut Attributes<'_>, [lowest, highest]: [u16; 2]) -> Result<(Option<Register>, bool), Flaw> {
    let lowest = register(from, lowest, 2)?;
    let highest = register(from, highest, 2)?;
    Ok((lowest, highest.is_some() && highest != lowest))
}

pub(super) fn tproxy(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const FAMILY: u16 = 1;
    const ADDRESS: u16 = 2;
    const PORT: u16 = 3;
    Ok(Expression::Tproxy {
        family: from.u32(FAMILY)?.unwrap_or(0),
        address: register(from, ADDRESS, 4)?,
        port: register(from, PORT, 2)?,
    })
}

pub(super) fn dynset(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const NAME: u16 = 1;
    const SET_ID: u16 = 2; // names the set within the transaction that made it
    const OP: u16 = 3;
    const SREG_KEY: u16 = 4;
    const SREG_DATA: u16 = 5;
    const TIMEOUT: u16 = 6; // of elements that do not exist yet
    const EXPR: u16 = 7;
    const PAD: u16 = 8;
    const FLAGS: u16 = 9;
    const EXPRESSIONS: u16 = 10;
    const INVERT: u32 = 1;
    const WITH_EXPRESSIONS: u32 = 2;
    from.harmless(&[SET_ID, TIMEOUT, PAD]);
    let op = from.need_u32(OP)?;
    if op > 2 {
        return Err(Flaw::Value(OP, op));
    }
    need_register(from, SREG_KEY, 1)?;
    register(from, SREG_DATA, 1)?;
    let flags = from.u32(FLAGS)?.unwrap_or(0);
    if flags & !(INVERT | WITH_EXPRESSIONS) != 0 {
        return Err(Flaw::Value(FLAGS, flags));
    }
    if let Some(bytes) = from.take(EXPR) {
        stateful(bytes).map_err(|flaw| flaw.inside(EXPR))?;
    }
    for entry in wire::list(from.take(EXPRESSIONS).unwrap_or_default()) {
        match entry? {
            (LIST_ELEM, bytes) => stateful(bytes).map_err(|flaw| flaw.inside(EXPRESSIONS))?,
            (kind, _) => return Err(Flaw::Attribute(kind).inside(EXPRESSIONS)),
        }
    }
    Ok(Expression::Dynset { set: from.need_text(NAME)?, invert: flags & INVERT != 0 })
}

/// What a new element may carry: nothing but counters and stateful matches.
fn stateful(bytes: &[u8]) -> Result<(), Flaw> {
    let (name, data) = super::split(bytes)?;
    let mut from = Attributes::read(data)?;
    match name.as_str() {
        "counter" => counter(&mut from)?,
        "last" => last(&mut from)?,
        "limit" => test::limit(&mut from)?,
        "quota" => test::quota(&mut from)?,
        "connlimit" => test::connlimit(&mut from)?,
        _ => return Err(Flaw::Name(name)),
    };
    from.finish()
}

pub(super) fn objref(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const KIND: u16 = 1;
    const NAME: u16 = 2;
    const MAP_SREG: u16 = 3;
    const MAP_NAME: u16 = 4;
    const MAP_ID: u16 = 5; // names the map within the transaction that made it
    from.harmless(&[MAP_ID]);
    if let Some(name) = from.text(MAP_NAME)? {
        need_register(from, MAP_SREG, 1)?;
        return Ok(Expression::Objref { kind: None, name });
    }
    Ok(Expression::Objref { kind: Some(from.need_u32(KIND)?), name: from.need_text(NAME)? })
}

pub(super) fn xtables(name: &str, from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const NAME: u16 = 1;
    const REVISION_AND_INFO: [u16; 2] = [2, 3];
    from.harmless(&REVISION_AND_INFO); // kept in the raw bytes
    Ok(Expression::Xtables { kind: name.to_owned(), name: from.need_text(NAME)?, raw: data.to_vec() })
}
