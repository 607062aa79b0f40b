//! Every single change of a ruleset, as the kernel would run it.

use nftables::{
    AddressKind, Bitwise, Comparison, CtKey, Data, Direction, Element, Expression, Hook, Immediate, MetaKey,
    PayloadBase, Rule, Ruleset, Set, Table, Verdict,
};

/// A changed ruleset and what was changed.
pub struct Mutant {
    pub what: String,
    pub ruleset: Ruleset,
}

/// All single changes.
pub fn all(ruleset: &Ruleset) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for t in 0..ruleset.tables.len() {
        let table = &ruleset.tables[t];
        let mut add = |what: String, change: &dyn Fn(&mut Table)| {
            let mut changed = ruleset.clone();
            change(&mut changed.tables[t]);
            assert_ne!(&changed, ruleset, "{what} changes nothing");
            mutants.push(Mutant { what, ruleset: changed });
        };
        add(format!("table {} asleep", table.name), &|table| table.flags ^= 1);
        for c in 0..table.chains.len() {
            chains(table, c, &mut add);
        }
        for s in 0..table.sets.len() {
            sets(table, s, &mut add);
        }
    }
    mutants
}

type Add<'a> = dyn FnMut(String, &dyn Fn(&mut Table)) + 'a;

fn chains(table: &Table, c: usize, add: &mut Add<'_>) {
    let chain = &table.chains[c];
    let name = &chain.name;
    if let Some(base) = &chain.base {
        let policy = if base.policy == Verdict::Accept { Verdict::Drop } else { Verdict::Accept };
        add(format!("{name}: policy {policy:?}"), &|table| base_of(table, c).policy = policy.clone());
        for hook in [Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting] {
            if hook != base.hook {
                add(format!("{name}: hook {hook:?}"), &|table| base_of(table, c).hook = hook);
            }
        }
        for by in [-1, 1, -300, 300] {
            add(format!("{name}: priority {by:+}"), &|table| base_of(table, c).priority += by);
        }
        add(format!("{name}: no base chain"), &|table| table.chains[c].base = None);
    }
    for r in 0..chain.rules.len() {
        let place = format!("{name} rule {r}");
        add(format!("{place}: removed"), &|table| drop(table.chains[c].rules.remove(r)));
        add(format!("{place}: twice"), &|table| {
            let rule = table.chains[c].rules[r].clone();
            table.chains[c].rules.insert(r, rule);
        });
        if r + 1 < chain.rules.len() {
            add(format!("{place}: after the next"), &|table| table.chains[c].rules.swap(r, r + 1));
        }
        for e in 0..chain.rules[r].expressions.len() {
            let expression = &chain.rules[r].expressions[e];
            for (what, changed) in expressions(table, name, expression) {
                add(format!("{place} expression {e}: {what}"), &|table| {
                    rule_of(table, c, r).expressions[e] = changed.clone();
                });
            }
            if matches!(
                expression,
                Expression::Cmp { .. } | Expression::Range { .. } | Expression::Lookup { .. }
            ) {
                add(format!("{place} expression {e}: removed"), &|table| {
                    drop(rule_of(table, c, r).expressions.remove(e));
                });
            }
        }
    }
}

fn base_of(table: &mut Table, c: usize) -> &mut nftables::Base {
    table.chains[c].base.as_mut().unwrap()
}

fn rule_of(table: &mut Table, c: usize, r: usize) -> &mut Rule {
    &mut table.chains[c].rules[r]
}

/// Other expressions one step away from this one.
fn expressions(table: &Table, here: &str, expression: &Expression) -> Vec<(String, Expression)> {
    let mut found: Vec<Expression> = Vec::new();
    match expression {
        Expression::Cmp { sreg, op, data } => {
            for changed in values(data) {
                found.push(Expression::Cmp { sreg: *sreg, op: *op, data: changed });
            }
            let op = match op {
                Comparison::Eq => Comparison::Neq,
                Comparison::Neq => Comparison::Eq,
                Comparison::Lt => Comparison::Lte,
                Comparison::Lte => Comparison::Lt,
                Comparison::Gt => Comparison::Gte,
                Comparison::Gte => Comparison::Gt,
            };
            found.push(Expression::Cmp { sreg: *sreg, op, data: data.clone() });
        }
        Expression::Range { sreg, negate, from, to } => {
            let range = |negate, from: &[u8], to: &[u8]| Expression::Range {
                sreg: *sreg,
                negate,
                from: from.to_vec(),
                to: to.to_vec(),
            };
            found.push(range(!negate, from, to));
            found.extend(values(from).iter().map(|from| range(*negate, from, to)));
            found.extend(values(to).iter().map(|to| range(*negate, from, to)));
        }
        Expression::Lookup { set, sreg, dreg, invert } => {
            if dreg.is_none() {
                found.push(Expression::Lookup {
                    set: set.clone(),
                    sreg: *sreg,
                    dreg: *dreg,
                    invert: !invert,
                });
            }
            let own = table.set(set).unwrap();
            for other in &table.sets {
                if other.name != own.name && other.key_len == own.key_len && other.map() == own.map() {
                    let set = other.name.clone();
                    found.push(Expression::Lookup { set, sreg: *sreg, dreg: *dreg, invert: *invert });
                }
            }
        }
        Expression::Immediate(Immediate::Verdict(verdict)) => {
            let chains = targets(table, here);
            found.extend(
                verdicts(verdict, chains)
                    .into_iter()
                    .map(|new| Expression::Immediate(Immediate::Verdict(new))),
            );
        }
        Expression::Immediate(Immediate::Value { dreg, data }) => {
            for data in values(data) {
                found.push(Expression::Immediate(Immediate::Value { dreg: *dreg, data }));
            }
        }
        Expression::Payload { base, offset, len, dreg } => {
            let other = match (base, offset, len) {
                (PayloadBase::Network, 12, _) => Some(16),
                (PayloadBase::Network, 16, _) => Some(12),
                (PayloadBase::Transport, 0, 2) => Some(2),
                (PayloadBase::Transport, 2, 2) => Some(0),
                (PayloadBase::Transport, 0, 1) => Some(1),
                _ => None,
            };
            found.extend(other.map(|offset| Expression::Payload {
                base: *base,
                offset,
                len: *len,
                dreg: *dreg,
            }));
        }
        Expression::Meta { key, dreg } => {
            let other = match key {
                MetaKey::IifName => Some(MetaKey::OifName),
                MetaKey::OifName => Some(MetaKey::IifName),
                MetaKey::Iif => Some(MetaKey::Oif),
                MetaKey::Oif => Some(MetaKey::Iif),
                MetaKey::L4Proto => Some(MetaKey::NfProto),
                MetaKey::NfProto => Some(MetaKey::L4Proto),
                _ => None,
            };
            found.extend(other.map(|key| Expression::Meta { key, dreg: *dreg }));
        }
        Expression::Ct { key, direction, dreg } => {
            if let Some(direction) = direction {
                let direction = Some(match direction {
                    Direction::Original => Direction::Reply,
                    Direction::Reply => Direction::Original,
                });
                found.push(Expression::Ct { key: *key, direction, dreg: *dreg });
            }
            let other = match key {
                CtKey::Source(AddressKind::V4) => Some(CtKey::Destination(AddressKind::V4)),
                CtKey::Destination(AddressKind::V4) => Some(CtKey::Source(AddressKind::V4)),
                CtKey::SourcePort => Some(CtKey::DestinationPort),
                CtKey::DestinationPort => Some(CtKey::SourcePort),
                CtKey::Direction => Some(CtKey::L3Protocol),
                _ => None,
            };
            found.extend(other.map(|key| Expression::Ct { key, direction: *direction, dreg: *dreg }));
        }
        Expression::Bitwise { sreg, dreg, len, op: Bitwise::Mask { mask, xor } } => {
            let bit = |at: usize, bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                bytes[at / 8] ^= 1 << (at % 8);
                bytes
            };
            let with = |mask: Vec<u8>, xor: Vec<u8>| Expression::Bitwise {
                sreg: *sreg,
                dreg: *dreg,
                len: *len,
                op: Bitwise::Mask { mask, xor },
            };
            for at in 0..8 {
                found.push(with(bit(at, mask), xor.clone()));
                found.push(with(mask.clone(), bit(at, xor)));
            }
        }
        _ => {}
    }
    found
        .into_iter()
        .filter(|changed| changed != expression)
        .map(|changed| (format!("{expression:?} -> {changed:?}"), changed))
        .collect()
}

/// Chains a rule of this chain may lead to without closing a circle.
fn targets<'a>(table: &'a Table, here: &'a str) -> impl Iterator<Item = String> + 'a {
    table
        .chains
        .iter()
        .filter(move |chain| chain.base.is_none() && !reaches(table, &chain.name, here))
        .map(|chain| chain.name.clone())
}

fn reaches(table: &Table, from: &str, to: &str) -> bool {
    let next = |verdict: &Verdict| match verdict {
        Verdict::Jump(name) | Verdict::Goto(name) => reaches(table, name, to),
        _ => false,
    };
    from == to
        || table.chain(from).is_some_and(|chain| {
            chain.rules.iter().flat_map(|rule| &rule.expressions).any(|expression| match expression {
                Expression::Immediate(Immediate::Verdict(verdict)) => next(verdict),
                Expression::Lookup { set, .. } => table.set(set).is_some_and(|set| {
                    let data = set.elements.iter().filter_map(|element| element.data.as_ref());
                    data.into_iter().any(|data| matches!(data, Data::Verdict(verdict) if next(verdict)))
                }),
                _ => false,
            })
        })
}

fn verdicts(verdict: &Verdict, chains: impl Iterator<Item = String>) -> Vec<Verdict> {
    let mut found = vec![Verdict::Accept, Verdict::Drop, Verdict::Continue, Verdict::Return];
    for chain in chains {
        // Only where a jump was: a new one might close a circle.
        match verdict {
            Verdict::Jump(_) => found.extend([Verdict::Jump(chain.clone()), Verdict::Goto(chain)]),
            Verdict::Goto(_) => found.push(Verdict::Goto(chain)),
            _ => {}
        }
    }
    found.retain(|new| new != verdict);
    found
}

/// Values next to this one; for an interface name, the other names.
fn values(data: &[u8]) -> Vec<Vec<u8>> {
    let names = ["z0", "z1", "z2"].map(|name| {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(16, 0);
        bytes
    });
    if names.iter().any(|name| name == data) {
        return names.into_iter().filter(|name| name != data).collect();
    }
    steps(data)
}

/// One more and one less, read as a number with the most significant byte first, and with the least first.
fn steps(data: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for up in [true, false] {
        let mut bytes = data.to_vec();
        for byte in bytes.iter_mut().rev() {
            *byte = if up { byte.wrapping_add(1) } else { byte.wrapping_sub(1) };
            if *byte != if up { 0 } else { 0xff } {
                break;
            }
        }
        found.push(bytes);
        let mut bytes = data.to_vec();
        bytes[0] = if up { bytes[0].wrapping_add(1) } else { bytes[0].wrapping_sub(1) };
        found.push(bytes);
    }
    found.sort();
    found.dedup();
    found.retain(|bytes| bytes != data);
    found
}

/// Start and end of each component of a key.
fn components(set: &Set) -> Vec<(usize, usize)> {
    // A concatenation without intervals does not tell its lengths; here such keys are pairs of interface names.
    let lengths = match (set.fields.as_slice(), set.key_len) {
        ([], 32) => vec![16, 16],
        ([], len) => vec![len],
        (fields, _) => fields.to_vec(),
    };
    let mut start = 0usize;
    lengths
        .into_iter()
        .map(|len| {
            let place = (start, start + len as usize);
            start = place.1.next_multiple_of(4);
            place
        })
        .collect()
}

fn sets(table: &Table, s: usize, add: &mut Add<'_>) {
    let set = &table.sets[s];
    for (e, element) in set.elements.iter().enumerate() {
        let place = format!("{} element {e}", set.name);
        add(format!("{place}: removed"), &|table| drop(table.sets[s].elements.remove(e)));
        add(format!("{place}: over"), &|table| table.sets[s].elements[e].expiration = Some(0));
        if element.catchall {
            continue;
        }
        for (low, high) in components(set) {
            for part in values(&element.key[low..high]) {
                let mut key = element.key.clone();
                key[low..high].copy_from_slice(&part);
                let end = element.key_end.as_ref();
                // An interval keeps its order; a single value moves as a whole.
                let single = end.is_some_and(|end| end[low..high] == element.key[low..high]);
                if end.is_some_and(|end| !single && end[low..high] < part[..]) {
                    continue;
                }
                // The kernel holds no key twice.
                if set.elements.iter().any(|other| other.key == key && other.key_end == element.key_end) {
                    continue;
                }
                add(format!("{place}: key {low}..{high} is {part:02x?}"), &|table| {
                    let element = &mut table.sets[s].elements[e];
                    element.key = key.clone();
                    if let (true, Some(end)) = (single, &mut element.key_end) {
                        end[low..high].copy_from_slice(&part);
                    }
                });
            }
            let Some(end) = &element.key_end else { continue };
            for part in steps(&end[low..high]) {
                if part[..] < element.key[low..high] {
                    continue;
                }
                add(format!("{place}: end {low}..{high} is {part:02x?}"), &|table| {
                    table.sets[s].elements[e].key_end.as_mut().unwrap()[low..high].copy_from_slice(&part);
                });
            }
        }
        if let Some(Data::Verdict(verdict)) = &element.data {
            // Only chains that lead nowhere: whoever looks up here cannot be closed in.
            let chains = table
                .chains
                .iter()
                .filter(|chain| chain.base.is_none() && leads_nowhere(table, &chain.name))
                .map(|chain| chain.name.clone());
            for new in verdicts(verdict, chains) {
                add(format!("{place}: {new:?}"), &|table| {
                    table.sets[s].elements[e].data = Some(Data::Verdict(new.clone()));
                });
            }
        }
        if let Some(Data::Value(value)) = &element.data {
            for new in steps(value) {
                add(format!("{place}: value {new:02x?}"), &|table| {
                    table.sets[s].elements[e].data = Some(Data::Value(new.clone()));
                });
            }
        }
        // One more element beside this one.
        let (low, high) = *components(set).last().unwrap();
        for part in values(&element.key[low..high]) {
            let mut beside = element.clone();
            beside.key[low..high].copy_from_slice(&part);
            if let Some(end) = &mut beside.key_end {
                end[low..high].copy_from_slice(&part);
            }
            let taken = set.elements.iter().any(|other| other.key == beside.key);
            if !taken && (!set.interval() || element.key_end.is_some()) {
                add(format!("{place}: one more beside it"), &|table| {
                    table.sets[s].elements.push(beside.clone())
                });
                break;
            }
        }
    }
    let data = set.elements.first().and_then(|element| element.data.clone());
    let everything = Element { catchall: true, data, ..Element::default() };
    add(format!("{}: a catch-all", set.name), &|table| table.sets[s].elements.push(everything.clone()));
}

/// Whether no rule of a chain leads on to another.
fn leads_nowhere(table: &Table, name: &str) -> bool {
    let others = table.chains.iter().filter(|chain| chain.name != name);
    others.into_iter().all(|other| !reaches(table, name, &other.name))
}
