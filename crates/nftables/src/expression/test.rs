//! Expressions that test or transform a register.

use crate::data::{len, need_register, need_value, register, target};
use crate::wire::{Attributes, Flaw};
use crate::{Bitwise, Comparison, Expression};

pub(super) fn cmp(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const SREG: u16 = 1;
    const OP: u16 = 2;
    const DATA: u16 = 3;
    let op = match from.need_u32(OP)? {
        0 => Comparison::Eq,
        1 => Comparison::Neq,
        2 => Comparison::Lt,
        3 => Comparison::Lte,
        4 => Comparison::Gt,
        5 => Comparison::Gte,
        other => return Err(Flaw::Value(OP, other)),
    };
    let data = need_value(from, DATA)?;
    Ok(Expression::Cmp { sreg: need_register(from, SREG, len(&data))?, op, data })
}

pub(super) fn range(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const SREG: u16 = 1;
    const OP: u16 = 2;
    const FROM: u16 = 3;
    const TO: u16 = 4;
    let negate = match from.need_u32(OP)? {
        0 => false,
        1 => true,
        other => return Err(Flaw::Value(OP, other)),
    };
    let (low, high) = (need_value(from, FROM)?, need_value(from, TO)?);
    if low.len() != high.len() {
        return Err(Flaw::Length(TO));
    }
    Ok(Expression::Range { sreg: need_register(from, SREG, len(&low))?, negate, from: low, to: high })
}

pub(super) fn bitwise(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const SREG: u16 = 1;
    const DREG: u16 = 2;
    const LEN: u16 = 3;
    const MASK: u16 = 4;
    const XOR: u16 = 5;
    const OP: u16 = 6;
    const DATA: u16 = 7;
    const SREG2: u16 = 8;
    let size = from.need_u32(LEN)?;
    let sreg = need_register(from, SREG, size)?;
    let dreg = need_register(from, DREG, size)?;
    let op = match from.u32(OP)?.unwrap_or(0) {
        0 => {
            let (mask, xor) = (need_value(from, MASK)?, need_value(from, XOR)?);
            if len(&mask) != size || len(&xor) != size {
                return Err(Flaw::Length(MASK));
            }
            Bitwise::Mask { mask, xor }
        }
        1 => Bitwise::ShiftLeft(shift(from, DATA)?),
        2 => Bitwise::ShiftRight(shift(from, DATA)?),
        other => {
            from.harmless(&[MASK, XOR, DATA]); // the operation itself is refused by whoever reads it
            register(from, SREG2, size)?;
            Bitwise::Other(other)
        }
    };
    Ok(Expression::Bitwise { sreg, dreg, len: size, op })
}

/// The kernel keeps the number of bits in its own byte order.
fn shift(from: &mut Attributes<'_>, kind: u16) -> Result<u32, Flaw> {
    let value = need_value(from, kind)?;
    value.try_into().map(u32::from_ne_bytes).map_err(|_| Flaw::Length(kind))
}

pub(super) fn byteorder(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const SREG: u16 = 1;
    const DREG: u16 = 2;
    const OP: u16 = 3;
    const LEN: u16 = 4;
    const SIZE: u16 = 5;
    let op = from.need_u32(OP)?;
    if op > 1 {
        return Err(Flaw::Value(OP, op));
    }
    let size = from.need_u32(SIZE)?;
    if !matches!(size, 2 | 4 | 8) {
        return Err(Flaw::Value(SIZE, size));
    }
    let len = from.need_u32(LEN)?;
    Ok(Expression::Byteorder {
        sreg: need_register(from, SREG, len)?,
        dreg: need_register(from, DREG, len)?,
        len,
        size,
    })
}

pub(super) fn lookup(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const SET: u16 = 1;
    const SREG: u16 = 2;
    const DREG: u16 = 3;
    const SET_ID: u16 = 4; // names the set within the transaction that made it
    const FLAGS: u16 = 5;
    let flags = from.u32(FLAGS)?.unwrap_or(0);
    if flags > 1 {
        return Err(Flaw::Value(FLAGS, flags));
    }
    from.harmless(&[SET_ID]);
    Ok(Expression::Lookup {
        set: from.need_text(SET)?,
        sreg: need_register(from, SREG, 1)?,
        dreg: target(from, DREG, 1)?,
        invert: flags == 1,
    })
}

pub(super) fn limit(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const RATE_UNIT_BURST_TYPE: [u16; 4] = [1, 2, 3, 4]; // how much: the match is stateful in any case
    const FLAGS: u16 = 5;
    const PAD: u16 = 6;
    from.harmless(&RATE_UNIT_BURST_TYPE);
    from.harmless(&[PAD]);
    let flags = from.u32(FLAGS)?.unwrap_or(0);
    if flags > 1 {
        return Err(Flaw::Value(FLAGS, flags));
    }
    Ok(Expression::Limit { invert: flags == 1 })
}

pub(super) fn quota(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const BYTES_FLAGS_PAD_CONSUMED: [u16; 4] = [1, 2, 3, 4]; // the match is stateful in any case
    from.harmless(&BYTES_FLAGS_PAD_CONSUMED);
    Ok(Expression::Quota)
}

pub(super) fn connlimit(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const COUNT_FLAGS: [u16; 2] = [1, 2]; // the match is stateful in any case
    from.harmless(&COUNT_FLAGS);
    Ok(Expression::Connlimit)
}
