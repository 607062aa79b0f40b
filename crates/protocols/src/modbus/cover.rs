//! Whether several permissions together cover what a request does.
//!
//! [`Permission::covers`] judges a command against one permission. A multiple write may be covered by several: registers
//! 10 and 11 written together, each with a limit of its own. It is permitted if it can be cut, in order, into parts
//! that one permission each covers, so that no part is more than what a message of its own could do; a value of two
//! registers is never cut.

use super::access::{Access, Span, Written};
use crate::limit::Limit;
use crate::object::Object;
use crate::permission::Permission;
use crate::verb::Verb;

/// Why an access is not covered. The number is the index of the permission that came closest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// A value is outside its limit, half of one, or not known beforehand.
    Value(usize),
    /// Some address is in none of them.
    Address(usize),
    /// None is about this verb and table.
    Function,
}

/// The index of the (first) permission that covers the access, or what is missing.
pub fn covered<'p>(
    permissions: impl Iterator<Item = (usize, &'p Permission)> + Clone,
    access: &Access<'_>,
) -> Result<usize, Gap> {
    let verb = access.verb();
    let permissions = permissions.filter(|(_, it)| it.verb == Verb::Any || it.verb == verb);
    match access {
        Access::Whole(_) => permissions
            .clone()
            .find(|(_, it)| it.object == Object::Any && it.limit.is_none())
            .map(|(index, _)| index)
            .ok_or(Gap::Function),
        Access::Read(span) => in_parts(permissions, span, None),
        Access::Write(written) => in_parts(permissions, &written.span, Some(written)),
    }
}

fn in_parts<'p>(
    permissions: impl Iterator<Item = (usize, &'p Permission)> + Clone,
    span: &Span,
    written: Option<&Written<'_>>,
) -> Result<usize, Gap> {
    let permissions = permissions.filter_map(|(index, it)| Some((index, it, range(it, span)?)));
    let (first, last) = (u32::from(span.first), u32::from(span.last()));
    // Which address the parts so far may end before. A limited value leads one or two addresses on; what has no limit
    // leads to every address up to the end of its range, `open`.
    let (mut here, mut next, mut open) = (true, false, first);
    let (mut found, mut stuck, mut complete) = (None, first, true);
    for at in first..=last {
        let mut after = false;
        if here || at <= open {
            stuck = at;
            for (index, it, (low, high)) in permissions.clone() {
                if !(low..=high).contains(&at) {
                    continue;
                }
                match (&it.limit, written) {
                    (None, _) => open = open.max(high + 1),
                    (Some(limit), Some(written)) => {
                        let size = if limit.kind.registers() == 2 { 2 } else { 1 };
                        let whole = (at - low).is_multiple_of(size) && at + size - 1 <= high.min(last);
                        if !whole || !admitted(limit, written, at - first, size) {
                            continue;
                        }
                        if size == 1 { next = true } else { after = true }
                    }
                    (Some(_), None) => continue,
                }
                found = found.or(Some(index));
            }
            if open > last {
                break;
            }
        } else if !next {
            complete = false;
            break;
        }
        (here, next) = (next, after);
    }
    if let Some(found) = found
        && (open > last || (complete && here))
    {
        return Ok(found);
    }
    Err(gap(permissions, first, last, stuck))
}

/// What is missing, where `stuck` is the first object that no part could begin with.
fn gap<'p>(
    permissions: impl Iterator<Item = (usize, &'p Permission, (u32, u32))> + Clone,
    first: u32,
    last: u32,
    stuck: u32,
) -> Gap {
    let Some((closest, ..)) = permissions.clone().next() else {
        return Gap::Function;
    };
    let mut at = first;
    while at <= last {
        let end = permissions.clone().filter(|(_, _, (low, high))| (*low..=*high).contains(&at));
        match end.map(|(_, _, (_, high))| high).max() {
            Some(high) => at = high + 1,
            None => return Gap::Address(closest),
        }
    }
    let limiting = permissions.clone().find(|(_, _, (low, high))| (*low..=*high).contains(&stuck));
    Gap::Value(limiting.map_or(closest, |(index, ..)| index))
}

/// The addresses of the span's table that the permission is about.
fn range(permission: &Permission, span: &Span) -> Option<(u32, u32)> {
    match &permission.object {
        Object::Any => Some((0, u32::from(u16::MAX))),
        Object::Modbus { table, first, last } if *table == span.table => {
            Some((u32::from(*first), u32::from(*last)))
        }
        _ => None,
    }
}

/// Whether the value that starts at the offset is inside. A masked write has no value that a limit could judge: what
/// the register will hold depends on what it holds, and by the time the device writes that may be something else.
fn admitted(limit: &Limit, written: &Written<'_>, offset: u32, size: u32) -> bool {
    let Ok(offset) = u16::try_from(offset) else {
        return false;
    };
    match (written.values.get(offset), written.values.get(offset + 1)) {
        (Some(first), _) if size == 1 => limit.admits(&[first]),
        (Some(first), Some(second)) => limit.admits(&[first, second]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::request::{Body, Request};
    use super::super::view::Registers;
    use super::*;
    use crate::service::Service;

    fn permissions(texts: &[&str]) -> Vec<Permission> {
        let service = Service::parse("modbus").expect("a service");
        texts.iter().map(|text| Permission::parse(&service, text).expect(text)).collect()
    }

    fn judge(permissions: &[Permission], body: Body<'_>) -> Result<usize, Gap> {
        let request = Request { transaction: 1, unit: 1, body };
        let mut last = Err(Gap::Function);
        for access in request.accesses() {
            last = Ok(covered(permissions.iter().enumerate(), &access)?);
        }
        last
    }

    fn write(permissions: &[Permission], first: u16, values: &[u16]) -> Result<usize, Gap> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
        judge(permissions, Body::WriteRegisters { first, values: Registers::new(&bytes) })
    }

    #[test]
    fn several_permissions_cover_a_multiple_write_part_by_part() {
        let limited = permissions(&["write holding 10 = 140..190", "write holding 11 = 0..1"]);
        let wide = permissions(&["write holding 10-13 = 0..100000 type int32", "write holding 14-20"]);
        let odd = permissions(&["write holding 1-2 = 0..9 type uint32", "write holding 0 = 0..5"]);
        for (permissions, first, values, expected) in [
            (&limited, 10, &[175, 1][..], Ok(0)),
            (&limited, 11, &[1], Ok(1)),
            (&limited, 10, &[175, 2], Err(Gap::Value(1))),
            (&limited, 10, &[139, 1], Err(Gap::Value(0))),
            (&limited, 9, &[0, 150], Err(Gap::Address(0))),
            (&limited, 11, &[1, 0], Err(Gap::Address(0))),
            (&limited, 9, &[0, 230], Err(Gap::Address(0))),
            (&wide, 10, &[1, 34_464], Ok(0)),
            (&wide, 10, &[1, 34_464, 0, 0, 9, 9], Ok(0)),
            (&wide, 12, &[0, 7, 65_535], Ok(0)),
            (&wide, 10, &[1, 34_465], Err(Gap::Value(0))),
            (&wide, 10, &[0], Err(Gap::Value(0))),
            (&wide, 11, &[0, 0, 0], Err(Gap::Value(0))),
            (&wide, 13, &[0, 1], Err(Gap::Value(0))),
            (&wide, 20, &[0, 1], Err(Gap::Address(0))),
            (&odd, 0, &[5, 0, 9], Ok(1)),
            (&odd, 0, &[5, 0], Err(Gap::Value(0))),
        ] {
            assert_eq!(write(permissions, first, values), expected, "{first} {values:?}");
        }
    }

    #[test]
    fn a_masked_write_passes_no_limit_whatever_its_mask() {
        let all = "write holding 10 = 0..65535 type uint16";
        for (permission, expected) in [
            (all, Err(Gap::Value(0))),
            ("write holding 10", Ok(0)),
            ("write holding 11", Err(Gap::Address(0))),
        ] {
            for (and, or) in [(0xFFFF, 0), (0x0000, 100), (0x003F, 0x0040), (0x8000, 1)] {
                let result = judge(&permissions(&[permission]), Body::MaskWrite { at: 10, and, or });
                assert_eq!(result, expected, "{permission} {and:x} {or:x}");
            }
        }
    }

    #[test]
    fn reads_may_span_permissions_and_what_has_no_address_needs_all() {
        let two = permissions(&["read holding 0-9", "read holding 10-19", "write holding 20"]);
        let read = |first, count| judge(&two, Body::Read { table: crate::Table::Holding, first, count });
        assert_eq!(read(0, 20), Ok(0));
        assert_eq!(read(10, 5), Ok(1));
        assert_eq!(read(0, 21), Err(Gap::Address(0)));
        assert_eq!(judge(&two, Body::ExceptionStatus), Err(Gap::Function));
        assert_eq!(judge(&permissions(&["read any"]), Body::ExceptionStatus), Ok(0));
        assert_eq!(judge(&two, Body::CanOpen(&[1])), Err(Gap::Function));
        assert_eq!(judge(&permissions(&["any"]), Body::CanOpen(&[1])), Ok(0));
        assert_eq!(judge(&permissions(&["write any"]), Body::CanOpen(&[1])), Err(Gap::Function));
        // The queue behind its count is read too.
        assert_eq!(judge(&two, Body::ReadQueue { at: 0 }), Err(Gap::Address(0)));
        assert_eq!(judge(&permissions(&["read holding 0-31"]), Body::ReadQueue { at: 0 }), Ok(0));
    }

    const POOL: [&str; 9] = [
        "write any",
        "write holding",
        "write holding 2-5",
        "write holding 0 = 1..2",
        "write holding 1-4 = 0..70000 type int32",
        "write holding 2-3 = 0..3 type uint32 words low-first",
        "write holding 4-6 = -1..3",
        "write holding 5-6 = 1..2 type float32",
        "read holding 0-7",
    ];

    proptest! {
        /// The definition, word for word: cut the write in every way, and ask `covers` about each part.
        #[test]
        fn parts_are_what_covers_permits(
            chosen in proptest::collection::vec(0_usize..9, 0..4),
            first in 0_u16..7,
            values in proptest::collection::vec(prop_oneof![0_u16..4, Just(u16::MAX), Just(16_320)], 1..6),
        ) {
            let texts: Vec<&str> = chosen.iter().map(|index| POOL[*index]).collect();
            let permissions = permissions(&texts);
            let part = |from: usize, to: usize| {
                let at = first + u16::try_from(from).expect("small");
                let bytes: Vec<u8> = values[from..to].iter().flat_map(|value| value.to_be_bytes()).collect();
                let body = Body::WriteRegisters { first: at, values: Registers::new(&bytes) };
                let commands = Request { transaction: 0, unit: 1, body }.commands();
                permissions.iter().any(|it| commands.iter().all(|command| it.covers(command)))
            };
            let count = values.len();
            let mut ends = vec![false; count + 1];
            ends[0] = true;
            for to in 1..=count {
                ends[to] = (0..to).any(|from| ends[from] && part(from, to));
            }
            prop_assert_eq!(write(&permissions, first, &values).is_ok(), ends[count]);
        }
    }
}
