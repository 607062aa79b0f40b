//! Registers, values and verdicts: what expressions and elements are made of.

use crate::number::VALUE_MAX;
use crate::wire::{Attributes, Flaw};
use crate::{Register, Target, Verdict};

/// A data register that holds `len` bytes, from attribute `kind`, which must be there.
pub(crate) fn need_register(from: &mut Attributes<'_>, kind: u16, len: u32) -> Result<Register, Flaw> {
    register(from, kind, len)?.ok_or(Flaw::Missing(kind))
}

/// A data register that holds `len` bytes, from attribute `kind`.
pub(crate) fn register(from: &mut Attributes<'_>, kind: u16, len: u32) -> Result<Option<Register>, Flaw> {
    let Some(number) = from.u32(kind)? else { return Ok(None) };
    match data_register(number, len) {
        Some(register) => Ok(Some(register)),
        None => Err(Flaw::Value(kind, number)),
    }
}

/// The target of a load: a data register for `len` bytes, or the verdict register.
pub(crate) fn target(from: &mut Attributes<'_>, kind: u16, len: u32) -> Result<Option<Target>, Flaw> {
    let Some(number) = from.u32(kind)? else { return Ok(None) };
    if number == 0 {
        return Ok(Some(Target::Verdict));
    }
    match data_register(number, len) {
        Some(register) => Ok(Some(Target::Data(register))),
        None => Err(Flaw::Value(kind, number)),
    }
}

/// `NFT_REG_1` to `NFT_REG_4` are 16 bytes each, `NFT_REG32_00` to `NFT_REG32_15` are 4 bytes each, over the
/// same 64 bytes.
fn data_register(number: u32, len: u32) -> Option<Register> {
    let offset = match number {
        1..=4 => (number - 1) * 16,
        8..=23 => (number - 8) * 4,
        _ => return None,
    };
    let end = offset.checked_add(len)?;
    if end > u32::try_from(VALUE_MAX).ok()? {
        return None;
    }
    u8::try_from(offset).ok().map(Register)
}

/// A value or a verdict.
pub(crate) enum Datum<'a> {
    Value(&'a [u8]),
    Verdict(Verdict),
}

/// What is in attribute `kind` (`NFTA_DATA_*`), which must be there.
pub(crate) fn need_datum<'a>(from: &mut Attributes<'a>, kind: u16) -> Result<Datum<'a>, Flaw> {
    const VALUE: u16 = 1;
    const VERDICT: u16 = 2;
    let mut inside = from.nested(kind)?.ok_or(Flaw::Missing(kind))?;
    let read = |inside: &mut Attributes<'a>| {
        let datum = match (inside.take(VALUE), inside.nested(VERDICT)?) {
            (Some(value), None) if (1..=VALUE_MAX).contains(&value.len()) => Datum::Value(value),
            (Some(_), None) => return Err(Flaw::Length(VALUE)),
            (None, Some(verdict)) => {
                Datum::Verdict(read_verdict(verdict).map_err(|flaw| flaw.inside(VERDICT))?)
            }
            (None, None) => return Err(Flaw::Missing(VALUE)),
            (Some(_), Some(_)) => return Err(Flaw::Attribute(VERDICT)),
        };
        inside.finish()?;
        Ok(datum)
    };
    read(&mut inside).map_err(|flaw| flaw.inside(kind))
}

/// The value in attribute `kind`, which must be there and be no verdict.
pub(crate) fn need_value(from: &mut Attributes<'_>, kind: u16) -> Result<Vec<u8>, Flaw> {
    match need_datum(from, kind)? {
        Datum::Value(value) => Ok(value.to_vec()),
        Datum::Verdict(_) => Err(Flaw::Attribute(2).inside(kind)),
    }
}

/// The length of a value, which [`need_datum`] has bounded.
pub(crate) fn len(value: &[u8]) -> u32 {
    u32::try_from(value.len()).unwrap_or(u32::MAX)
}

fn read_verdict(mut from: Attributes<'_>) -> Result<Verdict, Flaw> {
    const CODE: u16 = 1;
    const CHAIN: u16 = 2;
    let code = from.need_u32(CODE)?.cast_signed();
    let verdict = match code {
        0 => Verdict::Drop,
        1 => Verdict::Accept,
        -1 => Verdict::Continue,
        -2 => Verdict::Break,
        -3 => Verdict::Jump(from.need_text(CHAIN)?),
        -4 => Verdict::Goto(from.need_text(CHAIN)?),
        -5 => Verdict::Return,
        other => Verdict::Other(other),
    };
    from.finish()?;
    Ok(verdict)
}
