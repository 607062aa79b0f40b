//! Keys whose bytes are whole fields side by side: nearly all keys are, and they need no general test.

use nftables::Set;
use packets::{FALSE, Field, Interfaces, Node, Space, TRUE};

use crate::bytes::{Byte, Source};

/// Which bytes of a key are which field.
pub(crate) struct Layout {
    /// Lowest level first: nodes are built from below.
    parts: Vec<Part>,
    /// Bytes that are always zero.
    zeros: Vec<usize>,
}

struct Part {
    field: Field,
    start: usize,
    end: usize,
    name: bool,
}

impl Layout {
    /// The layout of a set's key in these registers; `None` where the key is anything but whole fields and padding.
    pub(crate) fn of(set: &Set, bytes: &[Byte]) -> Option<Layout> {
        let (mut parts, mut zeros) = (Vec::<Part>::new(), Vec::new());
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let (source, width) = match *byte {
                Byte::Const(0) => {
                    zeros.push(at);
                    at += 1;
                    continue;
                }
                Byte::Of { source: source @ Source::Number(_, width), index: 0, .. } => {
                    (source, usize::from(width))
                }
                Byte::Of { source: source @ Source::Name(_), index: 0, .. } => (source, 16),
                _ => return None,
            };
            let field = source.field()?;
            let whole = bytes.get(at..at + width)?.iter().enumerate().all(|(i, byte)| {
                matches!(byte, Byte::Of { source: other, index, mask: 0xff, xor: 0 }
                    if *other == source && usize::from(*index) == i)
            });
            if !whole || parts.iter().any(|part| part.field == field) {
                return None;
            }
            parts.push(Part { field, start: at, end: at + width, name: matches!(source, Source::Name(_)) });
            at += width;
        }
        if set.interval() && !components_are(set, &parts) {
            return None;
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.field));
        Some(Layout { parts, zeros })
    }

    /// The packets whose key lies between two keys, component by component; the same key twice for one alone.
    pub(crate) fn node(
        &self,
        space: &mut Space,
        interfaces: &Interfaces,
        from: &[u8],
        to: &[u8],
    ) -> Option<Node> {
        if self.zeros.iter().any(|&at| from.get(at) != Some(&0)) {
            return Some(FALSE);
        }
        let mut node = TRUE;
        for part in &self.parts {
            let (low, high) = (from.get(part.start..part.end)?, to.get(part.start..part.end)?);
            let (low, high) = if part.name {
                if low != high {
                    return None;
                }
                let end = low.iter().position(|&byte| byte == 0)?;
                let (name, padding) = low.split_at(end);
                if padding.iter().any(|&byte| byte != 0) {
                    // The kernel compares all sixteen bytes, and fills a name up with zeros.
                    return Some(FALSE);
                }
                if name.is_empty() {
                    return None;
                }
                match std::str::from_utf8(name).ok().and_then(|name| interfaces.value(name)) {
                    Some(value) => (value, value),
                    None => return Some(FALSE),
                }
            } else {
                (number(low), number(high))
            };
            node = space.between(part.field, low, high, node);
        }
        Some(node)
    }
}

/// Whether the components of an interval key are the parts, one each: then a range of keys is a range of each part.
fn components_are(set: &Set, parts: &[Part]) -> bool {
    if set.fields.is_empty() {
        return matches!(parts, [part] if part.start == 0 && part.end == set.key_len as usize);
    }
    let mut offset = 0usize;
    set.fields.len() == parts.len()
        && set.fields.iter().zip(parts).all(|(&length, part)| {
            let start = offset;
            offset += (length as usize).next_multiple_of(4);
            part.start == start && part.end == start + length as usize
        })
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |sum, &byte| (sum << 8) | u128::from(byte))
}
