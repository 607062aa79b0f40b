//! Tables, chains, rules, sets, stateful objects and flow tables, one message each.
//!
//! A reader fails only where the name is missing; any other flaw comes besides the object, so that the
//! ruleset keeps it.

use crate::number::LIST_ELEM;
use crate::wire::{self, Attributes, Flaw};
use crate::{Base, Chain, Family, Flowtable, Hook, Object, Rule, Set, Table, Verdict, expression};

/// The family of a message.
pub(super) fn family(number: u8) -> Family {
    match number {
        1 => Family::Inet,
        2 => Family::Ip,
        3 => Family::Arp,
        5 => Family::Netdev,
        7 => Family::Bridge,
        10 => Family::Ip6,
        other => Family::Other(other),
    }
}

/// Hook numbers count from another start in each family.
fn hook(family: Family, number: u32) -> Hook {
    match (family, number) {
        (Family::Netdev, 0) => Hook::Ingress,
        (Family::Netdev, 1) => Hook::Egress,
        (Family::Arp, 0) => Hook::Input,
        (Family::Arp, 1) => Hook::Output,
        (Family::Arp, 2) => Hook::Forward,
        (Family::Inet | Family::Ip | Family::Ip6 | Family::Bridge, 0) => Hook::Prerouting,
        (Family::Inet | Family::Ip | Family::Ip6 | Family::Bridge, 1) => Hook::Input,
        (Family::Inet | Family::Ip | Family::Ip6 | Family::Bridge, 2) => Hook::Forward,
        (Family::Inet | Family::Ip | Family::Ip6 | Family::Bridge, 3) => Hook::Output,
        (Family::Inet | Family::Ip | Family::Ip6 | Family::Bridge, 4) => Hook::Postrouting,
        (Family::Inet, 5) => Hook::Ingress,
        (_, other) => Hook::Other(other),
    }
}

/// A table, without what is in it.
pub(super) fn table(family: Family, from: &mut Attributes<'_>) -> Result<(Table, Option<Flaw>), Flaw> {
    const NAME: u16 = 1;
    const FLAGS: u16 = 2;
    const HANDLE: u16 = 4;
    const USE_PAD_USERDATA_OWNER: [u16; 4] = [3, 5, 6, 7]; // how often used, comment, who may change it
    const KNOWN_FLAGS: u32 = 0b111; // dormant, owned, owned and kept
    from.harmless(&USE_PAD_USERDATA_OWNER);
    let mut table = Table {
        family,
        name: from.need_text(NAME)?,
        handle: 0,
        flags: 0,
        chains: Vec::new(),
        sets: Vec::new(),
        objects: Vec::new(),
        flowtables: Vec::new(),
    };
    let flaw = fill(|| {
        table.handle = from.u64(HANDLE)?.unwrap_or(0);
        table.flags = from.u32(FLAGS)?.unwrap_or(0);
        if table.flags & !KNOWN_FLAGS != 0 {
            return Err(Flaw::Value(FLAGS, table.flags));
        }
        from.finish()
    });
    Ok((table, flaw))
}

/// A chain, without its rules. The table's name is taken already.
pub(super) fn chain(family: Family, from: &mut Attributes<'_>) -> Result<(Chain, Vec<Flaw>), Flaw> {
    const HANDLE: u16 = 2;
    const NAME: u16 = 3;
    const HOOK: u16 = 4;
    const POLICY: u16 = 5;
    const KIND: u16 = 7;
    const FLAGS: u16 = 10;
    const USE_COUNTERS_PAD_ID_USERDATA: [u16; 5] = [6, 8, 9, 11, 12]; // statistics, comment
    const KNOWN_FLAGS: u32 = 0b111; // base, offloaded, bound to a rule
    from.harmless(&USE_COUNTERS_PAD_ID_USERDATA);
    let mut chain = Chain { name: from.need_text(NAME)?, handle: 0, flags: 0, base: None, rules: Vec::new() };
    let mut flaws = Vec::new();
    let flaw = fill(|| {
        chain.handle = from.u64(HANDLE)?.unwrap_or(0);
        chain.flags = from.u32(FLAGS)?.unwrap_or(0);
        if chain.flags & !KNOWN_FLAGS != 0 {
            flaws.push(Flaw::Value(FLAGS, chain.flags));
        }
        let policy = from.u32(POLICY)?;
        let kind = from.text(KIND)?;
        if let Some(mut hook) = from.nested(HOOK)? {
            let policy = match policy {
                Some(0) => Verdict::Drop,
                Some(1) => Verdict::Accept,
                Some(other) => return Err(Flaw::Value(POLICY, other)),
                None => return Err(Flaw::Missing(POLICY)),
            };
            let kind = kind.ok_or(Flaw::Missing(KIND))?;
            let base = base(family, &mut hook, policy, kind).map_err(|flaw| flaw.inside(HOOK))?;
            chain.base = Some(base);
        } else if policy.is_some() {
            return Err(Flaw::Attribute(POLICY));
        }
        from.finish()
    });
    flaws.extend(flaw);
    Ok((chain, flaws))
}

fn base(family: Family, from: &mut Attributes<'_>, policy: Verdict, kind: String) -> Result<Base, Flaw> {
    const NUMBER: u16 = 1;
    const PRIORITY: u16 = 2;
    const DEVICE: u16 = 3;
    const DEVICES: u16 = 4;
    let number = from.need_u32(NUMBER)?;
    let priority = from.need_u32(PRIORITY)?.cast_signed();
    // A single device is named in both attributes.
    let single = from.text(DEVICE)?;
    let devices = match from.take(DEVICES) {
        Some(list) => devices(list).map_err(|flaw| flaw.inside(DEVICES))?,
        None => single.into_iter().collect(),
    };
    from.finish()?;
    Ok(Base { hook: hook(family, number), priority, policy, kind, devices })
}

/// Device names; one that stands for all names beginning with it ends in `*`.
fn devices(list: &[u8]) -> Result<Vec<String>, Flaw> {
    const NAME: u16 = 1;
    const PREFIX: u16 = 2;
    let mut devices = Vec::new();
    for entry in wire::list(list) {
        let (kind, name) = entry?;
        let name = wire::text(name).ok_or(Flaw::Text(kind))?;
        match kind {
            NAME => devices.push(name.to_owned()),
            PREFIX => devices.push(format!("{name}*")),
            other => return Err(Flaw::Attribute(other)),
        }
    }
    Ok(devices)
}

/// A rule. The names of its table and chain are taken already.
pub(super) fn rule(from: &mut Attributes<'_>) -> Result<(Rule, Vec<Flaw>), Flaw> {
    const HANDLE: u16 = 3;
    const EXPRESSIONS: u16 = 4;
    const USERDATA: u16 = 7;
    const POSITION_PAD: [u16; 2] = [6, 8]; // the rule before it; the order of the dump says the same
    const COMMENT: u8 = 0;
    from.harmless(&POSITION_PAD);
    let handle = from.u64(HANDLE)?.unwrap_or(0);
    let mut flaws = Vec::new();
    let expressions = expression::read_list(from.take(EXPRESSIONS).unwrap_or_default(), &mut flaws);
    let comment = from.take(USERDATA).and_then(|bytes| comment(bytes, COMMENT));
    flaws.extend(from.finish().err());
    Ok((Rule { handle, expressions, comment }, flaws))
}

/// A set or map, without its elements. The table's name is taken already.
pub(super) fn set(from: &mut Attributes<'_>) -> Result<(Set, Vec<Flaw>), Flaw> {
    const NAME: u16 = 2;
    const FLAGS: u16 = 3;
    const KEY_TYPE: u16 = 4;
    const KEY_LEN: u16 = 5;
    const DATA_TYPE: u16 = 6;
    const DATA_LEN: u16 = 7;
    const DESCRIPTION: u16 = 9;
    const TIMEOUT: u16 = 11;
    const HANDLE: u16 = 16;
    const EXPRESSION: u16 = 17;
    const EXPRESSIONS: u16 = 18;
    // Policy and size choose how keys are stored, not which match; id, garbage collection, what nft remembers
    // of the text, padding, the kind of object (each element names it), the kernel's name and fill of the store.
    const HARMLESS: [u16; 8] = [8, 10, 12, 13, 14, 15, 19, 20];
    const KNOWN_FLAGS: u32 = 0x1ff;
    from.harmless(&HARMLESS);
    let mut set = Set {
        name: from.need_text(NAME)?,
        handle: 0,
        flags: 0,
        key_type: 0,
        key_len: 0,
        data_type: 0,
        data_len: 0,
        fields: Vec::new(),
        timeout: None,
        elements: Vec::new(),
    };
    let mut flaws = Vec::new();
    let flaw = fill(|| {
        set.handle = from.u64(HANDLE)?.unwrap_or(0);
        set.flags = from.u32(FLAGS)?.unwrap_or(0);
        set.key_type = from.u32(KEY_TYPE)?.unwrap_or(0);
        set.key_len = from.need_u32(KEY_LEN)?;
        set.data_type = from.u32(DATA_TYPE)?.unwrap_or(0);
        set.data_len = from.u32(DATA_LEN)?.unwrap_or(0);
        set.timeout = from.u64(TIMEOUT)?;
        if let Some(mut description) = from.nested(DESCRIPTION)? {
            set.fields = fields(&mut description).map_err(|flaw| flaw.inside(DESCRIPTION))?;
        }
        // What elements added by packets will carry: each element brings its own.
        if let Some(bytes) = from.take(EXPRESSION) {
            flaws.extend(expression::read(bytes).1);
        }
        expression::read_list(from.take(EXPRESSIONS).unwrap_or_default(), &mut flaws);
        if set.flags & !KNOWN_FLAGS != 0 {
            flaws.push(Flaw::Value(FLAGS, set.flags));
        }
        from.finish()
    });
    flaws.extend(flaw);
    Ok((set, flaws))
}

/// Length of each component of a concatenation.
fn fields(from: &mut Attributes<'_>) -> Result<Vec<u32>, Flaw> {
    const SIZE: u16 = 1;
    const CONCAT: u16 = 2;
    const FIELD_LEN: u16 = 1;
    from.harmless(&[SIZE]);
    let mut fields = Vec::new();
    for entry in wire::list(from.take(CONCAT).unwrap_or_default()) {
        let (kind, inside) = entry.map_err(|flaw| flaw.inside(CONCAT))?;
        if kind != LIST_ELEM {
            return Err(Flaw::Attribute(kind).inside(CONCAT));
        }
        let mut field = Attributes::read(inside)?;
        fields.push(field.need_u32(FIELD_LEN).map_err(|flaw| flaw.inside(CONCAT))?);
        field.finish().map_err(|flaw| flaw.inside(CONCAT))?;
    }
    from.finish()?;
    Ok(fields)
}

/// A stateful object. The table's name is taken already.
pub(super) fn stateful(from: &mut Attributes<'_>) -> Result<(Object, Option<Flaw>), Flaw> {
    const NAME: u16 = 2;
    const KIND: u16 = 3;
    const HANDLE: u16 = 6;
    const DATA_USE_PAD_USERDATA: [u16; 4] = [4, 5, 7, 8]; // its state: the kind says what it may do
    from.harmless(&DATA_USE_PAD_USERDATA);
    let name = from.need_text(NAME)?;
    let kind = from.need_u32(KIND)?;
    let handle = from.u64(HANDLE)?.unwrap_or(0);
    Ok((Object { kind, name, handle }, from.finish().err()))
}

/// A flow table. The table's name is taken already.
pub(super) fn flowtable(from: &mut Attributes<'_>) -> Result<(Flowtable, Vec<Flaw>), Flaw> {
    const NAME: u16 = 2;
    const HOOK: u16 = 3;
    const HANDLE: u16 = 5;
    const USE_PAD_FLAGS: [u16; 3] = [4, 6, 7]; // offload and counters: packets pass around the rules anyway
    const HOOK_NUMBER_AND_PRIORITY: [u16; 2] = [1, 2];
    const HOOK_DEVICES: u16 = 3;
    from.harmless(&USE_PAD_FLAGS);
    let mut flowtable = Flowtable { name: from.need_text(NAME)?, handle: 0, devices: Vec::new() };
    let flaw = fill(|| {
        flowtable.handle = from.u64(HANDLE)?.unwrap_or(0);
        if let Some(mut hook) = from.nested(HOOK)? {
            hook.harmless(&HOOK_NUMBER_AND_PRIORITY);
            flowtable.devices = devices(hook.take(HOOK_DEVICES).unwrap_or_default())?;
            hook.finish()?;
        }
        from.finish()
    });
    Ok((flowtable, flaw.into_iter().collect()))
}

/// The comment in nft's own records: a byte of kind, a byte of length, text that ends in zero. What it cannot
/// read is no comment: these bytes are only for people.
pub(super) fn comment(mut bytes: &[u8], wanted: u8) -> Option<String> {
    while let [kind, len, rest @ ..] = bytes {
        let (value, next) = rest.split_at_checked(usize::from(*len))?;
        if *kind == wanted {
            return wire::text(value).map(str::to_owned);
        }
        bytes = next;
    }
    None
}

/// Runs a reader that fills an object, and keeps its flaw.
fn fill(read: impl FnOnce() -> Result<(), Flaw>) -> Option<Flaw> {
    read().err()
}
