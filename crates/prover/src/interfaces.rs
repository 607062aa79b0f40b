//! Interface names a ruleset speaks about.

use std::collections::BTreeSet;

use nftables::{Comparison, Expression, MetaKey, Ruleset, Set};

/// An interface that exists: rules may name it by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Index in its network namespace.
    pub index: u32,
    /// Name.
    pub name: String,
}

/// Length of an interface name in a register (`IFNAMSIZ`).
const NAME: usize = 16;

/// nft's type number of an interface name in a set's key type.
const TYPE_IFNAME: u32 = 41;

/// Every interface name the ruleset can tell apart from the others: those it names, and those of the links, which
/// it may name by index. A pattern `eth*` stands for all names with that beginning.
pub fn interface_names(ruleset: &Ruleset, links: &[Link]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = links.iter().map(|link| link.name.clone()).collect();
    for table in &ruleset.tables {
        for set in &table.sets {
            from_set(set, &mut names);
        }
        for rule in table.chains.iter().flat_map(|chain| &chain.rules) {
            let loads_name = rule.expressions.iter().any(|expression| {
                matches!(expression, Expression::Meta { key: MetaKey::IifName | MetaKey::OifName, .. })
            });
            if loads_name {
                rule.expressions.iter().for_each(|expression| from_expression(expression, &mut names));
            }
        }
    }
    names
}

fn from_expression(expression: &Expression, names: &mut BTreeSet<String>) {
    match expression {
        Expression::Cmp { data, op, .. } => {
            add(data, names);
            if !matches!(op, Comparison::Eq | Comparison::Neq) {
                add_prefix(data, names);
            }
        }
        Expression::Range { from, to, .. } => {
            for bytes in [from, to] {
                add(bytes, names);
                add_prefix(bytes, names);
            }
        }
        _ => {}
    }
}

fn from_set(set: &Set, names: &mut BTreeSet<String>) {
    let mut types = Vec::new();
    let mut rest = set.key_type;
    while rest != 0 {
        types.push(rest & 0x3f);
        rest >>= 6;
    }
    types.reverse();
    if !types.contains(&TYPE_IFNAME) {
        return;
    }
    // Components stand at multiples of four bytes. A concatenation without intervals does not tell how long they
    // are, so every place a name could stand is looked at: a name too many does no harm.
    let places: Vec<usize> = if set.fields.is_empty() {
        (0..=(set.key_len as usize).saturating_sub(NAME)).step_by(4).collect()
    } else {
        let mut places = Vec::new();
        let mut offset = 0usize;
        for (length, kind) in set.fields.iter().zip(types) {
            if kind == TYPE_IFNAME {
                places.push(offset);
            }
            offset += (*length as usize).next_multiple_of(4);
        }
        places
    };
    for offset in places {
        for element in &set.elements {
            for key in [Some(&element.key), element.key_end.as_ref()].into_iter().flatten() {
                if let Some(bytes) = key.get(offset..offset + NAME) {
                    add(bytes, names);
                    if set.interval() {
                        add_prefix(bytes, names);
                    }
                }
            }
        }
    }
}

/// A name that fills its 16 bytes or ends in a zero is a whole name; a shorter one is the beginning of names.
fn add(bytes: &[u8], names: &mut BTreeSet<String>) {
    let Some(text) = readable(bytes) else { return };
    if bytes.len() < 16 && !bytes.contains(&0) {
        names.insert(format!("{text}*"));
    } else {
        names.insert(text);
    }
}

fn add_prefix(bytes: &[u8], names: &mut BTreeSet<String>) {
    if let Some(text) = readable(bytes) {
        names.insert(format!("{text}*"));
    }
}

fn readable(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|&byte| byte == 0 || byte == 0xff).unwrap_or(bytes.len());
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    (!text.is_empty()).then(|| text.to_owned())
}
