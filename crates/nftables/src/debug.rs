//! A ruleset as text in the form of `nft --debug=netlink list ruleset`: for comparison with nft, for snapshots,
//! and for people who ask what the kernel really runs.
//!
//! What [`crate::Expression`] does not keep (the rate of a limit, the text of a log) is not printed.

mod load;

use std::fmt::Write;

use crate::{
    Bitwise, Comparison, Data, Direction, Element, Expression, Immediate, NatKind, PayloadBase, Register,
    Ruleset, Target, Verdict,
};

/// The sets, their elements and the rules of a ruleset, as text.
pub fn debug_text(ruleset: &Ruleset) -> String {
    let mut out = String::new();
    for undecoded in &ruleset.undecoded {
        line(&mut out, &format!("undecoded {}: {}", undecoded.place, undecoded.what));
    }
    for table in &ruleset.tables {
        let place = format!("{} {}", table.family.word(), table.name);
        for set in &table.sets {
            line(&mut out, &format!("{place} @{}", set.name));
            for element in &set.elements {
                line(&mut out, &format!("\t{}", element_text(element)));
            }
        }
        for chain in &table.chains {
            for rule in &chain.rules {
                line(&mut out, &format!("{place} {} {}", chain.name, rule.handle));
                for expression in &rule.expressions {
                    line(&mut out, &format!("  [ {} ]", expression_text(expression)));
                }
                if let Some(comment) = &rule.comment {
                    line(&mut out, &format!("  {}", userdata(comment)));
                }
                out.push('\n');
            }
        }
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn element_text(element: &Element) -> String {
    let mut out = "element ".to_owned();
    if !element.key.is_empty() {
        let _ = write!(out, "{} ", bare_words(&element.key));
    }
    if let Some(end) = &element.key_end {
        let _ = write!(out, " - {} ", bare_words(end));
    }
    out.push_str(" : ");
    match &element.data {
        Some(Data::Value(value)) => {
            let _ = write!(out, "{} ", bare_words(value));
        }
        Some(Data::Verdict(verdict)) => {
            let _ = write!(out, "{} ", verdict_text(verdict));
        }
        Some(Data::Object(_)) | None => {}
    }
    let flags = u32::from(element.interval_end) | u32::from(element.catchall) << 1;
    let _ = write!(out, "{flags} [end]");
    if let Some(comment) = &element.comment {
        let _ = write!(out, "  {}", userdata(comment));
    }
    out
}

/// nft's record of a comment, with the bytes that cannot be printed as numbers.
fn userdata(comment: &str) -> String {
    let mut record = vec![0, u8::try_from(comment.len() + 1).unwrap_or(u8::MAX)];
    record.extend_from_slice(comment.as_bytes());
    record.push(0);
    let mut out = "userdata = { ".to_owned();
    for byte in record {
        match byte {
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out + " }"
}

/// Four bytes as one number in the byte order of the machine, as nft prints registers.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        u32::from_ne_bytes(word)
    })
}

fn words(bytes: &[u8]) -> String {
    numbers(bytes).map(|word| format!("0x{word:08x}")).collect::<Vec<_>>().join(" ")
}

fn bare_words(bytes: &[u8]) -> String {
    numbers(bytes).map(|word| format!("{word:08x}")).collect::<Vec<_>>().join(" ")
}

/// nft's number of a register: 1 to 4 for those of 16 bytes, from 8 for those of 4 bytes.
fn reg(register: Register) -> u32 {
    let offset = u32::from(register.0);
    if offset % 16 == 0 { 1 + offset / 16 } else { 8 + offset / 4 }
}

fn verdict_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accept => "accept".to_owned(),
        Verdict::Drop => "drop".to_owned(),
        Verdict::Continue => "continue".to_owned(),
        Verdict::Break => "break".to_owned(),
        Verdict::Return => "return".to_owned(),
        Verdict::Jump(chain) => format!("jump -> {chain}"),
        Verdict::Goto(chain) => format!("goto -> {chain}"),
        Verdict::Other(code) => format!("verdict {code}"),
    }
}

/// One expression, without the brackets.
fn expression_text(expression: &Expression) -> String {
    use Expression as E;
    match expression {
        E::Payload { base, offset, len, dreg } => {
            format!("payload load {len}b @ {} header + {offset} => reg {}", base_text(*base), reg(*dreg))
        }
        E::Meta { key, dreg } => format!("meta load {} => reg {}", load::meta_key(*key), reg(*dreg)),
        E::MetaSet { key, sreg } => format!("meta set {} with reg {}", load::meta_key(*key), reg(*sreg)),
        E::Ct { key, direction, dreg } => {
            let direction = match direction {
                None => "",
                Some(Direction::Original) => " , dir original",
                Some(Direction::Reply) => " , dir reply",
            };
            format!("ct load {} => reg {}{direction}", load::ct_key(*key), reg(*dreg))
        }
        E::CtSet { key, sreg } => format!("ct set {} with reg {}", load::ct_key(*key), reg(*sreg)),
        E::Cmp { sreg, op, data } => format!("cmp {} reg {} {}", comparison(*op), reg(*sreg), words(data)),
        E::Range { sreg, negate, from, to } => {
            let op = if *negate { "neq" } else { "eq" };
            format!("range {op} reg {} {} {}", reg(*sreg), words(from), words(to))
        }
        E::Bitwise { sreg, dreg, op, .. } => match op {
            Bitwise::Mask { mask, xor } => {
                let (mask, xor) = (words(mask), words(xor));
                format!("bitwise reg {} = ( reg {} & {mask} ) ^ {xor}", reg(*dreg), reg(*sreg))
            }
            Bitwise::ShiftLeft(bits) => {
                format!("bitwise reg {} = ( reg {} << 0x{bits:08x} )", reg(*dreg), reg(*sreg))
            }
            Bitwise::ShiftRight(bits) => {
                format!("bitwise reg {} = ( reg {} >> 0x{bits:08x} )", reg(*dreg), reg(*sreg))
            }
            Bitwise::Other(op) => format!("bitwise reg {} = op {op} ( reg {} )", reg(*dreg), reg(*sreg)),
        },
        E::Byteorder { sreg, dreg, len, size } => {
            format!("byteorder reg {} = swap(reg {}, {size}, {len})", reg(*dreg), reg(*sreg))
        }
        E::Lookup { set, sreg, dreg, invert } => {
            let target = match dreg {
                None => String::new(),
                Some(Target::Verdict) => " dreg 0".to_owned(),
                Some(Target::Data(dreg)) => format!(" dreg {}", reg(*dreg)),
            };
            format!("lookup reg {} set {set}{target} 0x{:x}", reg(*sreg), u8::from(*invert))
        }
        E::Immediate(Immediate::Value { dreg, data }) => {
            format!("immediate reg {} {}", reg(*dreg), words(data))
        }
        E::Immediate(Immediate::Verdict(verdict)) => format!("immediate reg 0 {}", verdict_text(verdict)),
        E::OpaqueLoad { name, dreg, raw, .. } => load::opaque(name, raw, *dreg),
        other => statement_text(other),
    }
}

/// The expressions that neither load nor test a register.
fn statement_text(expression: &Expression) -> String {
    use Expression as E;
    match expression {
        E::Counter => "counter".to_owned(),
        E::Log => "log".to_owned(),
        E::Limit { invert } => format!("limit flags 0x{:x}", u8::from(*invert)),
        E::Quota => "quota".to_owned(),
        E::Connlimit => "connlimit".to_owned(),
        E::Last => "last".to_owned(),
        E::Reject => "reject".to_owned(),
        E::Nat { kind, address, port, family } => {
            let kind = match kind {
                NatKind::Source => "snat",
                NatKind::Destination => "dnat",
            };
            let family = load::family(*family);
            format!("nat {kind}{family}{}{}", operand("addr_min", *address), operand("proto_min", *port))
        }
        E::Masquerade => "masq".to_owned(),
        E::Redirect { port } => format!("redir{}", operand("proto_min", *port)),
        E::Tproxy { family, address, port } => {
            format!("tproxy{}{}{}", load::family(*family), operand("addr", *address), operand("port", *port))
        }
        E::Socket { key, dreg } => format!("socket load {} => reg {}", load::socket_key(*key), reg(*dreg)),
        E::Queue => "queue".to_owned(),
        E::Notrack => "notrack".to_owned(),
        E::Dynset { set, invert } => format!("dynset set {set}{}", if *invert { " invert" } else { "" }),
        E::Objref { kind: Some(kind), name } => format!("objref type {kind} name {name}"),
        E::Objref { kind: None, name } => format!("objref set {name}"),
        E::Xtables { kind, name, .. } => format!("{kind} name {name}"),
        E::Statement { name } => name.clone(),
        E::Unknown { name, raw } => format!("{name} unknown, {} bytes", raw.len()),
        _ => String::new(),
    }
}

fn operand(name: &str, register: Option<Register>) -> String {
    register.map_or_else(String::new, |register| format!(" {name} reg {}", reg(register)))
}

fn base_text(base: PayloadBase) -> String {
    match base {
        PayloadBase::Link => "link".to_owned(),
        PayloadBase::Network => "network".to_owned(),
        PayloadBase::Transport => "transport".to_owned(),
        PayloadBase::Inner => "inner".to_owned(),
        PayloadBase::Other(number) => format!("base {number}"),
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => "eq",
        Comparison::Neq => "neq",
        Comparison::Lt => "lt",
        Comparison::Lte => "lte",
        Comparison::Gt => "gt",
        Comparison::Gte => "gte",
    }
}
