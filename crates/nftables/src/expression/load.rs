//! Expressions that fill a register, and their twins that write it back.

use crate::data::{need_register, register};
use crate::wire::{self, Attributes, Flaw};
use crate::{AddressKind, CtKey, Direction, Expression, MetaKey, PayloadBase};

pub(super) fn payload(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const BASE: u16 = 2;
    const OFFSET: u16 = 3;
    const LEN: u16 = 4;
    const SREG: u16 = 5;
    const CHECKSUM: [u16; 3] = [6, 7, 8];
    let base = match from.need_u32(BASE)? {
        0 => PayloadBase::Link,
        1 => PayloadBase::Network,
        2 => PayloadBase::Transport,
        3 => PayloadBase::Inner,
        other => PayloadBase::Other(other),
    };
    let offset = from.need_u32(OFFSET)?;
    let len = from.need_u32(LEN)?;
    if register(from, SREG, len)?.is_some() {
        from.harmless(&CHECKSUM);
        return Ok(Expression::Statement { name: "payload write".to_owned() });
    }
    Ok(Expression::Payload { base, offset, len, dreg: need_register(from, DREG, len)? })
}

pub(super) fn meta(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const KEY: u16 = 2;
    const SREG: u16 = 3;
    let key = match from.need_u32(KEY)? {
        0 => MetaKey::Length,
        1 => MetaKey::Protocol,
        3 => MetaKey::Mark,
        4 => MetaKey::Iif,
        5 => MetaKey::Oif,
        6 => MetaKey::IifName,
        7 => MetaKey::OifName,
        15 => MetaKey::NfProto,
        16 => MetaKey::L4Proto,
        other => MetaKey::Other(other),
    };
    if let Some(sreg) = register(from, SREG, 1)? {
        return Ok(Expression::MetaSet { key, sreg });
    }
    Ok(Expression::Meta { key, dreg: need_register(from, DREG, 1)? })
}

pub(super) fn ct(from: &mut Attributes<'_>) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const KEY: u16 = 2;
    const DIRECTION: u16 = 3;
    const SREG: u16 = 4;
    let key = match from.need_u32(KEY)? {
        0 => CtKey::State,
        1 => CtKey::Direction,
        2 => CtKey::Status,
        3 => CtKey::Mark,
        7 => CtKey::L3Protocol,
        8 => CtKey::Source(AddressKind::ByFamily),
        9 => CtKey::Destination(AddressKind::ByFamily),
        10 => CtKey::Protocol,
        11 => CtKey::SourcePort,
        12 => CtKey::DestinationPort,
        19 => CtKey::Source(AddressKind::V4),
        20 => CtKey::Destination(AddressKind::V4),
        21 => CtKey::Source(AddressKind::V6),
        22 => CtKey::Destination(AddressKind::V6),
        other => CtKey::Other(other),
    };
    let direction = match from.u8(DIRECTION)? {
        None => None,
        Some(0) => Some(Direction::Original),
        Some(1) => Some(Direction::Reply),
        Some(other) => return Err(Flaw::Value(DIRECTION, other.into())),
    };
    match (register(from, SREG, 1)?, direction) {
        (Some(sreg), None) => Ok(Expression::CtSet { key, sreg }),
        (Some(_), Some(_)) => Ok(Expression::Statement { name: "ct set with a direction".to_owned() }),
        (None, _) => Ok(Expression::Ct { key, direction, dreg: need_register(from, DREG, 1)? }),
    }
}

pub(super) fn socket(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const KEY: u16 = 1;
    const DREG: u16 = 2;
    const LEVEL: u16 = 3;
    const CGROUP: u32 = 3;
    let key = from.need_u32(KEY)?;
    let level = from.u32(LEVEL)?;
    if key == CGROUP {
        // The level decides the value, and `Socket` has no room for it.
        return opaque("socket", true, from, DREG, 8, data);
    }
    if level.is_some_and(|level| level != 0) {
        return Err(Flaw::Attribute(LEVEL));
    }
    Ok(Expression::Socket { key, dreg: need_register(from, DREG, 1)? })
}

pub(super) fn exthdr(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const TYPE: u16 = 2;
    const OFFSET: u16 = 3;
    const LEN: u16 = 4;
    const FLAGS: u16 = 5;
    const OP: u16 = 6;
    const SREG: u16 = 7;
    let len = from.u32(LEN)?.unwrap_or(0);
    from.harmless(&[TYPE, OFFSET, FLAGS, OP]); // kept in the raw bytes
    if register(from, SREG, len)?.is_some() {
        return Ok(Expression::Statement { name: "exthdr write".to_owned() });
    }
    match register(from, DREG, len)? {
        Some(dreg) => Ok(Expression::OpaqueLoad {
            name: "exthdr".to_owned(),
            pure: true,
            dreg,
            // A presence test writes one byte whatever the length says.
            len: len.max(1),
            raw: without(data, DREG),
        }),
        None => Ok(Expression::Statement { name: "exthdr reset".to_owned() }),
    }
}

pub(super) fn fib(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const RESULT: u16 = 2;
    const FLAGS: u16 = 3;
    let len = match from.need_u32(RESULT)? {
        2 => 16,
        1 | 3 => 4,
        other => return Err(Flaw::Value(RESULT, other)),
    };
    from.need_u32(FLAGS)?;
    opaque("fib", true, from, DREG, len, data)
}

pub(super) fn rt(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const KEY: u16 = 2;
    let len = match from.need_u32(KEY)? {
        0 | 1 => 4,
        2 => 16,
        3 => 2,
        4 => 1,
        other => return Err(Flaw::Value(KEY, other)),
    };
    opaque("rt", true, from, DREG, len, data)
}

pub(super) fn osf(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const TTL_AND_FLAGS: [u16; 2] = [2, 3];
    from.harmless(&TTL_AND_FLAGS); // kept in the raw bytes
    opaque("osf", true, from, DREG, 16, data)
}

pub(super) fn numgen(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const MODULUS_TYPE_OFFSET: [u16; 3] = [2, 3, 4];
    from.harmless(&MODULUS_TYPE_OFFSET); // kept in the raw bytes
    opaque("numgen", false, from, DREG, 4, data)
}

/// A hash over registers depends on what is in them, which its own attributes do not tell, and one without a
/// seed attribute has a seed of its own: only the symmetric hash of the packet is a function of the packet.
pub(super) fn hash(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const SREG: u16 = 1;
    const DREG: u16 = 2;
    const LEN: u16 = 3;
    const MODULUS_SEED_OFFSET: [u16; 3] = [4, 5, 6];
    const TYPE: u16 = 7;
    const SYMMETRIC: u32 = 1;
    let len = from.u32(LEN)?.unwrap_or(0);
    register(from, SREG, len)?;
    from.harmless(&MODULUS_SEED_OFFSET); // kept in the raw bytes
    let symmetric = from.u32(TYPE)? == Some(SYMMETRIC);
    opaque("hash", symmetric, from, DREG, 4, data)
}

pub(super) fn xfrm(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const DREG: u16 = 1;
    const KEY: u16 = 2;
    const DIR: u16 = 3;
    const SPNUM: u16 = 4;
    let len = match from.need_u32(KEY)? {
        2 | 4 => 16,
        1 | 3 | 5 | 6 => 4,
        other => return Err(Flaw::Value(KEY, other)),
    };
    from.harmless(&[DIR, SPNUM]); // kept in the raw bytes
    opaque("xfrm", true, from, DREG, len, data)
}

pub(super) fn tunnel(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const KEY: u16 = 1;
    const DREG: u16 = 2;
    const MODE: u16 = 3;
    let len = match from.need_u32(KEY)? {
        0 => 1,
        1 => 4,
        other => return Err(Flaw::Value(KEY, other)),
    };
    from.harmless(&[MODE]); // kept in the raw bytes
    opaque("tunnel", true, from, DREG, len, data)
}

/// A `payload` or `meta` load inside a tunnel header. The target register sits in the inner expression, and is
/// taken out of the raw bytes there.
pub(super) fn inner(from: &mut Attributes<'_>, data: &[u8]) -> Result<Expression, Flaw> {
    const NUM_TYPE_FLAGS_HDRSIZE: [u16; 4] = [1, 2, 3, 4];
    const EXPR: u16 = 5;
    from.harmless(&NUM_TYPE_FLAGS_HDRSIZE); // kept in the raw bytes
    let bytes = from.take(EXPR).ok_or(Flaw::Missing(EXPR))?;
    let (name, inside) = super::split(bytes).map_err(|flaw| flaw.inside(EXPR))?;
    let mut attributes = Attributes::read(inside).map_err(|flaw| flaw.inside(EXPR))?;
    let load = match name.as_str() {
        "payload" => payload(&mut attributes),
        "meta" => meta(&mut attributes),
        _ => Err(Flaw::Attribute(EXPR)),
    };
    let (dreg, len) = match load.map_err(|flaw| flaw.inside(EXPR))? {
        Expression::Payload { len, dreg, .. } => (dreg, len),
        Expression::Meta { dreg, .. } => (dreg, 4),
        _ => return Err(Flaw::Attribute(EXPR)),
    };
    attributes.finish().map_err(|flaw| flaw.inside(EXPR))?;
    let mut raw = without(data, EXPR);
    raw.extend_from_slice(name.as_bytes());
    raw.extend_from_slice(&without(inside, 1));
    Ok(Expression::OpaqueLoad { name: "inner".to_owned(), pure: true, dreg, len, raw })
}

fn opaque(
    name: &str,
    pure: bool,
    from: &mut Attributes<'_>,
    dreg: u16,
    len: u32,
    data: &[u8],
) -> Result<Expression, Flaw> {
    let register = need_register(from, dreg, len)?;
    Ok(Expression::OpaqueLoad { name: name.to_owned(), pure, dreg: register, len, raw: without(data, dreg) })
}

/// The attributes of `data` except number `left_out`, in their order.
fn without(data: &[u8], left_out: u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    for (kind, payload) in wire::list(data).flatten() {
        if kind != left_out {
            wire::put(&mut out, kind, payload);
        }
    }
    out
}
