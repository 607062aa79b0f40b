//! A rule in nft's words, for people. Shortened: implied matches and counters are left out, long sets are cut.

mod fields;
mod values;

use std::collections::BTreeMap;

use nftables::{
    Bitwise, Chain, Comparison, Expression, Family, Immediate, Register, Rule, Set, Table, Target, Verdict,
};

use crate::interfaces::Link;
use fields::{Named, ct, meta, payload};
use values::{Kind, elements, show};

/// Elements of an anonymous set that are written out.
const SHOWN: usize = 4;

/// The policy of a base chain.
pub(super) fn policy(chain: &Chain) -> String {
    match &chain.base {
        Some(base) if base.policy == Verdict::Accept => "policy accept".to_owned(),
        Some(base) if base.policy == Verdict::Drop => "policy drop".to_owned(),
        _ => "policy".to_owned(),
    }
}

/// A rule.
pub(super) fn rule(table: &Table, rule: &Rule, links: &[Link]) -> String {
    let family = match table.family {
        Family::Ip => Some(4),
        Family::Ip6 => Some(6),
        _ => None,
    };
    let mut writer =
        Writer { table, links, family, protocol: None, held: BTreeMap::new(), parts: Vec::new() };
    for expression in &rule.expressions {
        writer.expression(expression);
    }
    let words: Vec<String> =
        writer.parts.into_iter().filter(|part| !part.implied).map(|part| part.text).collect();
    words.join(" ")
}

struct Part {
    text: String,
    /// A later match says it anyway.
    implied: bool,
    /// What it says, where later matches may imply it.
    about: Option<About>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Family,
    Protocol,
}

struct Writer<'a> {
    table: &'a Table,
    links: &'a [Link],
    family: Option<u8>,
    protocol: Option<u8>,
    held: BTreeMap<u8, Vec<Named>>,
    parts: Vec<Part>,
}

impl Writer<'_> {
    fn say(&mut self, text: impl Into<String>) {
        self.parts.push(Part { text: text.into(), implied: false, about: None });
    }

    /// A match that carries its own protocol or family makes the one before it superfluous.
    fn imply(&mut self, named: &[Named]) {
        for part in &mut self.parts {
            let says = |begins: &[&str]| {
                named.iter().any(|one| begins.iter().any(|word| one.text.starts_with(word)))
            };
            part.implied |= match part.about {
                Some(About::Family) => says(&["ip ", "ip6 ", "icmp ", "icmpv6 "]),
                Some(About::Protocol) => {
                    says(&["tcp ", "udp ", "sctp ", "dccp ", "udplite ", "icmp ", "icmpv6 "])
                }
                None => false,
            };
        }
    }

    fn hold(&mut self, at: Register, named: Vec<Named>) {
        self.held.insert(at.0, named);
    }

    /// The names of `len` bytes of registers.
    fn names(&self, at: Register, len: usize) -> Vec<Named> {
        let mut result = Vec::new();
        let mut offset = 0usize;
        while offset < len.max(1) {
            let place = usize::from(at.0) + offset;
            let held = u8::try_from(place).ok().and_then(|place| self.held.get(&place));
            let Some(held) = held else {
                result.push(Named::new(
                    format!("register {}", place / 4),
                    len.saturating_sub(offset),
                    Kind::Raw,
                ));
                break;
            };
            offset += held.iter().map(|named| named.len).sum::<usize>().next_multiple_of(4).max(4);
            result.extend(held.iter().cloned());
        }
        result
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Payload { base, offset, len, dreg } => {
                let named = payload(*base, *offset, *len, self.family, self.protocol);
                self.hold(*dreg, named);
            }
            Expression::Meta { key, dreg } => self.hold(*dreg, vec![meta(*key)]),
            Expression::Ct { key, direction, dreg } => self.hold(*dreg, vec![ct(*key, *direction)]),
            Expression::Socket { key, dreg } => {
                let text = match key {
                    0 => "socket transparent".to_owned(),
                    1 => "socket mark".to_owned(),
                    key => format!("socket {key}"),
                };
                self.hold(*dreg, vec![Named::new(text, 4, Kind::Host)]);
            }
            Expression::OpaqueLoad { name, dreg, len, .. } => {
                self.hold(*dreg, vec![Named::new(name.clone(), *len as usize, Kind::Raw)]);
            }
            Expression::Immediate(Immediate::Value { dreg, data }) => {
                let mut named = Named::new(String::new(), data.len(), Kind::Raw);
                named.constant = Some(data.clone());
                self.hold(*dreg, vec![named]);
            }
            Expression::Immediate(Immediate::Verdict(verdict)) => self.say(values::verdict(verdict)),
            Expression::Bitwise { sreg, dreg, len, op } => {
                let mut named = self.names(*sreg, *len as usize);
                match (op, named.as_mut_slice()) {
                    (Bitwise::Mask { mask, xor }, [one]) if xor.iter().all(|&byte| byte == 0) => {
                        one.mask = Some(mask.clone());
                    }
                    _ => named = vec![Named::new(format!("{op:?}").to_lowercase(), *len as usize, Kind::Raw)],
                }
                self.hold(*dreg, named);
            }
            Expression::Byteorder { sreg, dreg, len, .. } => {
                let mut named = self.names(*sreg, *len as usize);
                for one in &mut named {
                    one.kind = match one.kind {
                        Kind::Host => Kind::Number,
                        Kind::Number => Kind::Host,
                        kind => kind,
                    };
                }
                self.hold(*dreg, named);
            }
            Expression::Cmp { sreg, op, data } => self.cmp(*sreg, *op, data),
            Expression::Range { sreg, negate, from, to } => {
                let named = self.names(*sreg, from.len());
                self.imply(&named);
                let low = values::concatenated(&named, from, self.links);
                let high = values::concatenated(&named, to, self.links);
                self.say(format!("{} {}{low}-{high}", texts(&named), if *negate { "!= " } else { "" }));
            }
            Expression::Lookup { set, sreg, dreg, invert } => self.lookup(set, *sreg, *dreg, *invert),
            Expression::MetaSet { key, sreg } => {
                let word = meta(*key);
                let value = self.value(*sreg, &word);
                self.say(format!("{} set {value}", word.text));
            }
            Expression::CtSet { key, sreg } => {
                let word = ct(*key, None);
                let value = self.value(*sreg, &word);
                self.say(format!("{} set {value}", word.text));
            }
            Expression::Counter | Expression::Last => {}
            Expression::Log => self.say("log"),
            Expression::Limit { invert: false } => self.say("limit rate"),
            Expression::Limit { invert: true } => self.say("limit rate over"),
            Expression::Quota => self.say("quota"),
            Expression::Connlimit => self.say("ct count"),
            Expression::Reject => self.say("reject"),
            Expression::Nat { kind: nftables::NatKind::Source, .. } => self.say("snat"),
            Expression::Nat { kind: nftables::NatKind::Destination, .. } => self.say("dnat"),
            Expression::Masquerade => self.say("masquerade"),
            Expression::Redirect { .. } => self.say("redirect"),
            Expression::Tproxy { .. } => self.say("tproxy"),
            Expression::Queue => self.say("queue"),
            Expression::Notrack => self.say("notrack"),
            Expression::Dynset { set, .. } => self.say(format!("update @{set}")),
            Expression::Objref { name, .. } => self.say(format!("object {name}")),
            Expression::Xtables { kind, name, .. } => self.say(format!("xt {kind} {name}")),
            Expression::Statement { name } => self.say(name.clone()),
            Expression::Unknown { name, .. } => self.say(format!("unknown {name}")),
        }
    }

    fn value(&self, sreg: Register, word: &Named) -> String {
        let named = self.names(sreg, word.len);
        match named.as_slice() {
            [Named { constant: Some(bytes), .. }] => show(word.kind, bytes, word.len, self.links),
            _ => texts(&named),
        }
    }

    fn cmp(&mut self, sreg: Register, op: Comparison, data: &[u8]) {
        let named = self.names(sreg, data.len());
        self.imply(&named);
        let sign = match op {
            Comparison::Eq => "",
            Comparison::Neq => "!= ",
            Comparison::Lt => "< ",
            Comparison::Lte => "<= ",
            Comparison::Gt => "> ",
            Comparison::Gte => ">= ",
        };
        let mut about = None;
        if let ([one], Comparison::Eq, [byte]) = (named.as_slice(), op, data) {
            match one.text.as_str() {
                "meta nfproto" => {
                    self.family = Some(if *byte == 10 { 6 } else { 4 });
                    about = Some(About::Family);
                }
                "meta l4proto" | "ip protocol" | "ip6 nexthdr" => {
                    self.protocol = Some(*byte);
                    about = Some(About::Protocol);
                }
                _ => {}
            }
        }
        // Two bounds of one value are a range.
        if let ([one], Comparison::Lte, Some(last)) = (named.as_slice(), op, self.parts.last_mut())
            && one.mask.is_none()
            && let Some(low) = last.text.strip_prefix(&format!("{} >= ", one.text))
        {
            last.text = format!("{} {low}-{}", one.text, show(one.kind, data, one.len, self.links));
            return;
        }
        let text = match named.as_slice() {
            [one] => match &one.mask {
                Some(mask) => values::masked(one, mask, op, data, self.links),
                None => format!("{} {sign}{}", one.text, show(one.kind, data, one.len, self.links)),
            },
            several => {
                format!("{} {sign}{}", texts(several), values::concatenated(several, data, self.links))
            }
        };
        self.parts.push(Part { text, implied: false, about });
    }

    fn lookup(&mut self, name: &str, sreg: Register, target: Option<Target>, invert: bool) {
        let set = self.table.set(name);
        let named = self.names(sreg, set.map_or(4, |set| set.key_len as usize));
        self.imply(&named);
        let shown = match set {
            Some(set) if anonymous(set) => elements(set, &named, self.links, SHOWN),
            _ => format!("@{name}"),
        };
        let left = texts(&named);
        match target {
            None => self.say(format!("{left} {}{shown}", if invert { "!= " } else { "" })),
            Some(Target::Verdict) => self.say(format!("{left} vmap {shown}")),
            Some(Target::Data(dreg)) => {
                let len = set.map_or(4, |set| set.data_len as usize);
                self.hold(dreg, vec![Named::new(format!("{left} map {shown}"), len, Kind::Raw)]);
            }
        }
    }
}

/// `NFT_SET_ANONYMOUS`
fn anonymous(set: &Set) -> bool {
    set.flags & 1 != 0
}

fn texts(named: &[Named]) -> String {
    let texts: Vec<&str> = named.iter().map(|one| one.text.as_str()).collect();
    texts.join(" . ")
}
