//! The kernel's loop over rules and expressions.

use nftables::{
    Bitwise, Chain, Comparison, CtKey, Data, Element, Expression, Hook, Immediate, MetaKey, NatKind,
    Register, Rule, Set, Table, Target, Verdict,
};
use packets::{ConnectionState, Packet};

use super::choices::Choices;
use super::connection::{self, View};
use super::frame::{self, Load};
use super::lookup;
use super::registers::{Bits, Origins, Registers, Truth, all_sure, describe, equal, order, sure, within};
use super::wire::Wire;
use crate::interfaces::Link;

/// What a base chain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    Accept,
    Drop,
    Lost(String),
}

/// A rule on the way; without a rule, the policy of the chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'r> {
    pub(super) table: &'r Table,
    pub(super) chain: &'r Chain,
    pub(super) rule: Option<&'r Rule>,
}

/// What follows an expression.
enum Next {
    On,
    Break,
    Verdict(Verdict),
    Lost(String),
}

/// Jumps inside each other (`NFT_JUMP_STACK_SIZE`); one more and the kernel drops the packet.
const STACK: usize = 16;
/// Verdicts that lead to another chain, within one base chain. The kernel loads no rules that run in a circle; a
/// ruleset from elsewhere may.
const WALKS: usize = 100_000;
/// Connection tracking runs at this priority in prerouting and output.
const CONNTRACK: i32 = -200;
/// Kinds of stateful objects that never end a rule: counter, helper, time-out, security mark.
const SILENT_OBJECTS: [u32; 4] = [1, 3, 7, 8];

/// A packet on its way.
pub(super) struct Machine<'a> {
    links: &'a [Link],
    packet: &'a Packet,
    wire: Wire,
    choices: &'a mut Choices,
    origins: Origins,
    registers: Registers,
    mark: Vec<Bits>,
    connection_mark: Option<Vec<Bits>>,
    exempt: bool,
    socket: u8,
    hook: Hook,
    iif: bool,
    oif: bool,
    view: View,
    /// The hook has connection tracking at the chain's own priority: which comes first is not known.
    uncertain: bool,
}

impl<'a> Machine<'a> {
    pub(super) fn new(links: &'a [Link], packet: &'a Packet, choices: &'a mut Choices) -> Self {
        Machine {
            links,
            packet,
            wire: Wire::of(packet),
            choices,
            origins: Origins::new(),
            registers: Registers::new(),
            mark: all_sure(&packet.mark.to_ne_bytes()),
            connection_mark: None,
            exempt: false,
            socket: packet.socket,
            hook: Hook::Prerouting,
            iif: false,
            oif: false,
            view: View::Whole,
            uncertain: false,
        }
    }

    /// Enters a hook, where the interfaces may be known or not.
    pub(super) fn place(&mut self, hook: Hook, oif: bool, iif: bool) {
        self.hook = hook;
        self.oif = oif;
        self.iif = iif;
    }

    /// Asks a question the packet leaves open.
    pub(super) fn ask(&mut self, key: Option<String>, what: String) -> bool {
        self.choices.ask(key, what)
    }

    /// Runs a base chain to its verdict.
    pub(super) fn base_chain<'r>(
        &mut self,
        table: &'r Table,
        chain: &'r Chain,
        path: &mut Vec<Mark<'r>>,
    ) -> Ruling {
        let Some(base) = &chain.base else { return Ruling::Accept };
        let tracks = matches!(self.hook, Hook::Prerouting | Hook::Output);
        self.uncertain = tracks && base.priority == CONNTRACK;
        self.view = match (self.exempt, tracks && base.priority < CONNTRACK) {
            (true, _) => View::Exempt,
            (false, true) => View::TooEarly,
            (false, false) => View::Whole,
        };
        if base.kind == "nat" && !self.opens_connection() {
            return Ruling::Accept;
        }
        self.registers = Registers::new();
        let before = path.len();
        let mut stack: Vec<(&'r Chain, usize, usize)> = Vec::new();
        let (mut here, mut at) = (chain, 0);
        let mut walks = 0;
        loop {
            let verdict = match here.rules.get(at) {
                None => Verdict::Return,
                Some(rule) => {
                    at += 1;
                    match self.rule(table, rule) {
                        Next::On | Next::Break => continue,
                        Next::Lost(what) => {
                            path.push(Mark { table, chain: here, rule: Some(rule) });
                            return Ruling::Lost(format!("{}: {what}", place(table, here, rule)));
                        }
                        Next::Verdict(verdict) => {
                            if verdict != Verdict::Return {
                                if matches!(verdict, Verdict::Jump(_)) {
                                    stack.push((here, at, path.len()));
                                }
                                path.push(Mark { table, chain: here, rule: Some(rule) });
                            }
                            verdict
                        }
                    }
                }
            };
            match verdict {
                Verdict::Accept => return Ruling::Accept,
                Verdict::Drop => return Ruling::Drop,
                Verdict::Continue | Verdict::Break => {}
                Verdict::Jump(name) | Verdict::Goto(name) => {
                    if stack.len() > STACK {
                        return Ruling::Drop;
                    }
                    walks += 1;
                    if walks > WALKS {
                        path.truncate(before);
                        return Ruling::Lost(format!("{} {}: rules run in a circle", table.name, chain.name));
                    }
                    let Some(target) = table.chain(&name) else {
                        return Ruling::Lost(format!("{} has no chain {name}", table.name));
                    };
                    (here, at) = (target, 0);
                }
                Verdict::Return => match stack.pop() {
                    Some((chain, next, len)) => {
                        (here, at) = (chain, next);
                        path.truncate(len);
                    }
                    None => {
                        path.truncate(before);
                        path.push(Mark { table, chain, rule: None });
                        return match base.policy {
                            Verdict::Accept => Ruling::Accept,
                            Verdict::Drop => Ruling::Drop,
                            _ => Ruling::Lost(format!("{} {}: policy", table.name, chain.name)),
                        };
                    }
                },
                Verdict::Other(code) => {
                    return Ruling::Lost(format!("{} {}: verdict {code}", table.name, here.name));
                }
            }
        }
    }

    /// Whether the translation core asks its chains about this packet.
    fn opens_connection(&mut self) -> bool {
        match self.packet.state {
            _ if self.exempt => false,
            ConnectionState::New => true,
            // The first packet of a connection another one announced is asked about, an error message is not.
            ConnectionState::Related { .. } if !matches!(self.packet.protocol, 1 | 58) => {
                self.ask(Some("announced".to_owned()), "first packet of an announced connection".to_owned())
            }
            _ => false,
        }
    }

    fn rule(&mut self, table: &Table, rule: &Rule) -> Next {
        let mut rest = rule.expressions.as_slice();
        while let Some((expression, following)) = rest.split_first() {
            rest = following;
            match self.expression(table, expression, rest) {
                Next::On => {}
                other => return other,
            }
        }
        Next::On
    }

    /// A question inside a rule. Where the rest of the rule decides nothing, neither does the answer.
    fn open(&mut self, rest: &[Expression], key: Option<String>, what: &str) -> bool {
        !rest.iter().all(decides_nothing) && self.ask(key, what.to_owned())
    }

    fn test(&mut self, truth: Truth, rest: &[Expression], key: impl FnOnce() -> String, what: &str) -> Next {
        let yes = match truth {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Open => self.open(rest, Some(key()), what),
        };
        if yes { Next::On } else { Next::Break }
    }

    fn expression(&mut self, table: &Table, expression: &Expression, rest: &[Expression]) -> Next {
        match expression {
            Expression::Payload { base, offset, len, dreg } => {
                let load = frame::load(&self.wire, &mut self.origins, *base, *offset, *len);
                self.store(*dreg, load, rest, &format!("payload {base:?} {offset} {len}"))
            }
            Expression::Meta { key, dreg } => {
                let load = self.meta(*key);
                self.store(*dreg, load, rest, &format!("meta {key:?}"))
            }
            Expression::Ct { key, direction, dreg } => {
                if self.uncertain && !self.exempt {
                    return Next::Lost(
                        "asks about the connection where it is just being looked up".to_owned(),
                    );
                }
                let mut load = connection::load(self.packet, self.view, &mut self.origins, *key, *direction);
                if let (CtKey::Mark, Some(mark), Load::Bytes(_)) = (key, &self.connection_mark, &load) {
                    load = Load::Bytes(mark.clone());
                }
                if *key == CtKey::Other(6) && self.packet.announced > 1 && compares_with_ftp(rest) {
                    // All that is known of another helper is that it has another name.
                    load = Load::Bytes(all_sure(&[0xff; 16]));
                }
                self.store(*dreg, load, rest, &format!("ct {key:?} {direction:?}"))
            }
            Expression::Socket { key, dreg } => {
                let load = match (self.socket, *key) {
                    (0, _) => Load::Fails,
                    (socket, 0) => Load::Bytes(all_sure(&[u8::from(socket == 1)])),
                    (_, key) => Load::Perhaps(self.origins.open(&format!("socket {key}"), 4)),
                };
                self.store(*dreg, load, rest, "socket")
            }
            Expression::OpaqueLoad { name, pure, dreg, len, raw } => {
                let len = (*len as usize).min(64);
                let label = format!("{name} {raw:02x?}");
                let load = if *pure {
                    Load::Perhaps(self.origins.open(&label, len))
                } else {
                    let origin = self.origins.fresh();
                    Load::Bytes(self.origins.open(&format!("{label} {origin}"), len))
                };
                self.store(*dreg, load, rest, &label)
            }
            Expression::Cmp { sreg, op, data } => {
                let Some(bytes) = self.registers.read(*sreg, data.len()).map(<[Bits]>::to_vec) else {
                    return Next::Lost("compares what is no register".to_owned());
                };
                let key = || format!("{}{op:?} {data:02x?}", describe(&bytes));
                self.test(compare(&bytes, *op, data), rest, key, "compares something not modelled")
            }
            Expression::Range { sreg, negate, from, to } => {
                let Some(bytes) = self.registers.read(*sreg, from.len()).map(<[Bits]>::to_vec) else {
                    return Next::Lost("compares what is no register".to_owned());
                };
                let truth = flip(within(&bytes, from, to), *negate);
                let key = || format!("{}{negate} {from:02x?}-{to:02x?}", describe(&bytes));
                self.test(truth, rest, key, "compares something not modelled")
            }
            Expression::Bitwise { sreg, dreg, len, op } => self.bitwise(*sreg, *dreg, *len as usize, op),
            Expression::Byteorder { sreg, dreg, len, size } => {
                let Some(bytes) = self.registers.read(*sreg, *len as usize) else {
                    return Next::Lost("swaps what is no register".to_owned());
                };
                let size = (*size as usize).max(1);
                let little = cfg!(target_endian = "little");
                let swapped: Vec<Bits> = bytes
                    .chunks(size)
                    .flat_map(|word| {
                        let mut word = word.to_vec();
                        if little && word.len() == size {
                            word.reverse();
                        }
                        word
                    })
                    .collect();
                self.registers.write(*dreg, &swapped);
                Next::On
            }
            Expression::Lookup { set, sreg, dreg, invert } => {
                self.lookup(table, set, *sreg, *dreg, *invert, rest)
            }
            Expression::Immediate(Immediate::Value { dreg, data }) => {
                self.registers.write(*dreg, &all_sure(data));
                Next::On
            }
            Expression::Immediate(Immediate::Verdict(verdict)) => decided(verdict),
            Expression::MetaSet { key, sreg } => self.set_meta(*key, *sreg),
            Expression::CtSet { key: CtKey::Mark, sreg } => {
                self.connection_mark = self.registers.read(*sreg, 4).map(<[Bits]>::to_vec);
                Next::On
            }
            Expression::CtSet { key, .. } => Next::Lost(format!("sets {key:?} of the connection")),
            Expression::Counter | Expression::Log | Expression::Last => Next::On,
            Expression::Limit { .. } => self.stateful(rest, "a rate limit"),
            Expression::Quota => self.stateful(rest, "a quota"),
            Expression::Connlimit => self.stateful(rest, "a limit of connections"),
            Expression::Dynset { .. } => self.stateful(rest, "an update of a set"),
            Expression::Objref { kind: Some(kind), .. } if SILENT_OBJECTS.contains(kind) => Next::On,
            // Quota, limit, number of connections, expectation.
            Expression::Objref { kind: Some(2 | 4 | 5 | 9), name } => {
                self.stateful(rest, &format!("object {name}"))
            }
            Expression::Objref { name, .. } => Next::Lost(format!("object {name}")),
            Expression::Reject => Next::Verdict(Verdict::Drop),
            Expression::Notrack => {
                // A packet that belongs to a connection already keeps it.
                if self.view != View::Whole || matches!(self.packet.state, ConnectionState::Invalid) {
                    self.exempt = true;
                    self.view = View::Exempt;
                }
                Next::On
            }
            Expression::Nat { kind, address, port, family } => {
                self.translate(*kind, *address, *port, *family)
            }
            Expression::Masquerade => Next::Lost("masquerading".to_owned()),
            Expression::Redirect { .. } => Next::Lost("redirection".to_owned()),
            Expression::Tproxy { family, address, port } => self.tproxy(*family, *address, *port, rest),
            Expression::Queue => Next::Lost("hands over to user space".to_owned()),
            Expression::Xtables { kind, name, .. } => Next::Lost(format!("xtables {kind} {name}")),
            Expression::Statement { name } => Next::Lost(name.clone()),
            Expression::Unknown { name, .. } => Next::Lost(format!("unknown expression {name}")),
        }
    }

    /// The packet goes to the transparent socket that listens at a port; where none does, the rule ends.
    fn tproxy(
        &mut self,
        family: u32,
        address: Option<Register>,
        port: Option<Register>,
        rest: &[Expression],
    ) -> Next {
        let port = port.and_then(|port| self.registers.read(port, 2)).and_then(|bytes| match bytes {
            [high, low] if high.known & low.known == 0xff => {
                Some(u16::from_be_bytes([high.value, low.value]))
            }
            _ => None,
        });
        let (None, Some(port)) = (address, port) else {
            return Next::Lost("hands over to a local proxy at an address or no fixed port".to_owned());
        };
        let long = self.packet.destination.is_ipv6();
        let carried = matches!(self.packet.protocol, 6 | 17) && !self.packet.headless;
        if !carried || matches!((family, long), (2, true) | (10, false)) {
            return Next::Break;
        }
        // A running connection is looked for first: one of an ordinary socket keeps the packet.
        let kept = self.socket == 2
            && self.packet.state != ConnectionState::New
            && !self.open(rest, None, "an ordinary connection that does not run");
        let taken = (self.packet.proxy == port && !kept)
            || (self.socket == 1 && self.open(rest, None, "a transparent connection that runs"));
        if !taken {
            return Next::Break;
        }
        self.socket = 1;
        Next::On
    }

    /// The packets of this connection get another address; which one must be written in the rule.
    fn translate(
        &mut self,
        kind: NatKind,
        address: Option<Register>,
        port: Option<Register>,
        family: u32,
    ) -> Next {
        let width = match family {
            2 => 4,
            10 => 16,
            _ => return Next::Lost("address translation of no fixed family".to_owned()),
        };
        let fits = matches!(
            (kind, self.hook),
            (NatKind::Destination, Hook::Prerouting) | (NatKind::Source, Hook::Postrouting)
        );
        let bytes = address.filter(|_| fits && port.is_none()).and_then(|at| self.registers.read(at, width));
        let known = bytes.filter(|bytes| bytes.iter().all(|bits| bits.known == 0xff));
        let Some(bytes) = known.map(|bytes| bytes.iter().map(|bits| bits.value).collect::<Vec<u8>>()) else {
            return Next::Lost("address translation that is not to one address".to_owned());
        };
        if self.packet.destination.is_ipv6() != (width == 16) {
            return Next::On;
        }
        if self.packet.state != ConnectionState::New {
            return Next::Lost("translation of an announced connection".to_owned());
        }
        if self.wire.translate(&bytes) {
            Next::Verdict(Verdict::Accept)
        } else {
            Next::Lost("an address cut short".to_owned())
        }
    }

    /// The wire of the packet, for those who move it along.
    pub(super) fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// Whether translation passed the packet by.
    pub(super) fn exempt(&self) -> bool {
        self.exempt
    }

    fn stateful(&mut self, rest: &[Expression], what: &str) -> Next {
        if self.open(rest, None, what) { Next::On } else { Next::Break }
    }

    /// Puts what was loaded into a register.
    fn store(&mut self, dreg: Register, load: Load, rest: &[Expression], what: &str) -> Next {
        let bytes = match load {
            Load::Fails => return Next::Break,
            Load::Bytes(bytes) => bytes,
            Load::Perhaps(bytes) => {
                if !self.open(rest, Some(format!("there is {what}")), &format!("loads {what}")) {
                    return Next::Break;
                }
                bytes
            }
        };
        self.registers.write(dreg, &bytes);
        Next::On
    }

    fn meta(&mut self, key: MetaKey) -> Load {
        let incoming = self.packet.iif.as_deref().filter(|_| self.iif);
        let outgoing = self.packet.oif.as_deref().filter(|_| self.oif);
        let long = self.packet.destination.is_ipv6();
        let bytes = match key {
            // Where there is no interface, the kernel stores number 0 and an empty name; it does not fail.
            MetaKey::Iif => self.index(incoming).to_vec(),
            MetaKey::Oif => self.index(outgoing).to_vec(),
            MetaKey::IifName => name(incoming),
            MetaKey::OifName => name(outgoing),
            MetaKey::Protocol => all_sure(if long { &[0x86, 0xdd] } else { &[0x08, 0x00] }),
            MetaKey::NfProto => vec![sure(if long { 10 } else { 2 })],
            MetaKey::L4Proto => vec![sure(self.packet.protocol)],
            MetaKey::Mark => self.mark.clone(),
            MetaKey::Length => self.origins.open("meta length", 4),
            MetaKey::Other(number) => return self.other_meta(number),
        };
        Load::Bytes(bytes)
    }

    fn index(&self, interface: Option<&str>) -> [Bits; 4] {
        let number = match interface {
            None => 0,
            // One that nobody listed has a number no rule can know.
            Some(name) => {
                self.links.iter().find(|link| link.name == name).map_or(u32::MAX, |link| link.index)
            }
        };
        number.to_ne_bytes().map(sure)
    }

    fn other_meta(&mut self, number: u32) -> Load {
        const SECURITY_MARK: u32 = 14;
        const RANDOM: u32 = 24;
        let len = match number {
            8 | 9 => 2,
            17 | 18 | 26 | 27 | 34 => 16,
            19 | 25 | 31 => 1,
            30 => 8,
            _ => 4,
        };
        if matches!(number, 2 | SECURITY_MARK | RANDOM) {
            let origin = self.origins.fresh();
            return Load::Bytes(self.origins.open(&format!("meta {number} {origin}"), len));
        }
        Load::Perhaps(self.origins.open(&format!("meta {number} {:?}", self.hook), len))
    }

    fn set_meta(&mut self, key: MetaKey, sreg: Register) -> Next {
        match key {
            MetaKey::Mark => match self.registers.read(sreg, 4) {
                Some(bytes) => {
                    self.mark = bytes.to_vec();
                    Next::On
                }
                None => Next::Lost("marks with what is no register".to_owned()),
            },
            // Priority, trace, security mark: no packet goes another way for them.
            MetaKey::Other(2 | 12 | 14) => Next::On,
            key => Next::Lost(format!("sets {key:?} of the packet")),
        }
    }

    fn bitwise(&mut self, sreg: Register, dreg: Register, len: usize, op: &Bitwise) -> Next {
        let Some(bytes) = self.registers.read(sreg, len).map(<[Bits]>::to_vec) else {
            return Next::Lost("changes what is no register".to_owned());
        };
        let origins = &mut self.origins;
        let result: Vec<Bits> = match op {
            Bitwise::Mask { mask, xor } => bytes
                .iter()
                .zip(mask.iter().zip(xor))
                .map(|(bits, (mask, xor))| {
                    let value = (bits.value & mask) ^ xor;
                    origins.changed(*bits, value, bits.known | !mask, &format!("& {mask:02x} ^ {xor:02x}"))
                })
                .collect(),
            Bitwise::ShiftLeft(by) => shifted(origins, &bytes, *by, true),
            Bitwise::ShiftRight(by) => shifted(origins, &bytes, *by, false),
            Bitwise::Other(op) => {
                let label = format!("operation {op} on {}", describe(&bytes));
                origins.open(&label, len)
            }
        };
        self.registers.write(dreg, &result);
        Next::On
    }

    fn lookup(
        &mut self,
        table: &Table,
        name: &str,
        sreg: Register,
        target: Option<Target>,
        invert: bool,
        rest: &[Expression],
    ) -> Next {
        let Some(set) = table.set(name) else { return Next::Lost(format!("no set {name}")) };
        let Some(key) = self.registers.read(sreg, set.key_len as usize).map(<[Bits]>::to_vec) else {
            return Next::Lost(format!("looks up in {name} what is no register"));
        };
        // A map that leads to verdicts decides by itself, whatever follows.
        const DECIDES: &[Expression] = &[Expression::Reject];
        let rest = if target == Some(Target::Verdict) { DECIDES } else { rest };
        let found = self.find(set, &key, rest);
        if found.is_some() == invert {
            return Next::Break;
        }
        let Some(element) = found else { return Next::On };
        let mut verdict = Next::On;
        match (target, &element.data) {
            (None, _) => {}
            (Some(Target::Data(dreg)), Some(Data::Value(value))) => {
                self.registers.write(dreg, &all_sure(value));
            }
            (Some(Target::Verdict), Some(Data::Verdict(data))) => verdict = decided(data),
            _ => return Next::Lost(format!("a value of {name} that does not fit")),
        }
        for condition in &element.conditions {
            if !self.open(rest, None, &format!("element of {name} with {}", kind(condition))) {
                return Next::Break;
            }
        }
        verdict
    }

    /// The element a lookup finds.
    fn find<'s>(&mut self, set: &'s Set, key: &[Bits], rest: &[Expression]) -> Option<&'s Element> {
        let what = format!("lookup in {}", set.name);
        let loose = set.changed_by_packets();
        for (element, truth) in lookup::candidates(set, key) {
            let here = format!("{} {:02x?} {}", set.name, element.key, describe(key));
            match truth {
                Truth::Yes if !loose => return Some(element),
                Truth::Yes => {
                    if self.open(rest, None, &what) {
                        return Some(element);
                    }
                }
                _ => {
                    if self.open(rest, (!loose).then_some(here), &what) {
                        return Some(element);
                    }
                }
            }
        }
        if loose && self.open(rest, None, &what) {
            // One that packets added: for a map, nobody knows its value.
            const ADDED: &Element = &Element {
                key: Vec::new(),
                key_end: None,
                interval_end: false,
                catchall: false,
                data: None,
                timeout: None,
                expiration: None,
                comment: None,
                conditions: Vec::new(),
            };
            return Some(ADDED);
        }
        lookup::catchall(set)
    }
}

fn place(table: &Table, chain: &Chain, rule: &Rule) -> String {
    format!("{} {} {} handle {}", table.family.word(), table.name, chain.name, rule.handle)
}

fn decided(verdict: &Verdict) -> Next {
    match verdict {
        Verdict::Continue => Next::On,
        Verdict::Break => Next::Break,
        verdict => Next::Verdict(verdict.clone()),
    }
}

fn flip(truth: Truth, negate: bool) -> Truth {
    match (truth, negate) {
        (Truth::Yes, true) => Truth::No,
        (Truth::No, true) => Truth::Yes,
        (truth, _) => truth,
    }
}

fn compare(bytes: &[Bits], op: Comparison, data: &[u8]) -> Truth {
    let ordered = |accepted: fn(std::cmp::Ordering) -> bool| match order(bytes, data) {
        None => Truth::Open,
        Some(order) if accepted(order) => Truth::Yes,
        Some(_) => Truth::No,
    };
    match op {
        Comparison::Eq => equal(bytes, data),
        Comparison::Neq => flip(equal(bytes, data), true),
        Comparison::Lt => ordered(std::cmp::Ordering::is_lt),
        Comparison::Lte => ordered(std::cmp::Ordering::is_le),
        Comparison::Gt => ordered(std::cmp::Ordering::is_gt),
        Comparison::Gte => ordered(std::cmp::Ordering::is_ge),
    }
}

/// Shifts words of 32 bits in the machine's byte order, carrying from one word to the next.
fn shifted(origins: &mut Origins, bytes: &[Bits], by: u32, left: bool) -> Vec<Bits> {
    let words = |pick: fn(&Bits) -> u8| -> Vec<u32> {
        bytes
            .chunks(4)
            .map(|word| {
                let mut whole = [0; 4];
                for (slot, bits) in whole.iter_mut().zip(word) {
                    *slot = pick(bits);
                }
                u32::from_ne_bytes(whole)
            })
            .collect()
    };
    let shift = |words: Vec<u32>| -> Vec<u8> {
        let mut carry = 0u32;
        let mut result = vec![[0u8; 4]; words.len()];
        let places: Vec<usize> =
            if left { (0..words.len()).rev().collect() } else { (0..words.len()).collect() };
        for place in places {
            let (Some(&word), Some(slot)) = (words.get(place), result.get_mut(place)) else { continue };
            let (moved, out) = if left {
                (word.checked_shl(by), word.checked_shr(32 - by.min(32)))
            } else {
                (word.checked_shr(by), word.checked_shl(32 - by.min(32)))
            };
            *slot = (moved.unwrap_or(0) | carry).to_ne_bytes();
            carry = out.unwrap_or(0);
        }
        result.into_iter().flatten().collect()
    };
    let values = shift(words(|bits| bits.value));
    let open = shift(words(|bits| !bits.known));
    let label = format!("shift {left} {by} of {}", describe(bytes));
    values
        .into_iter()
        .zip(open)
        .enumerate()
        .map(|(i, (value, open))| {
            let origin = if open == 0 { 0 } else { origins.of(format!("{label}[{i}]")) };
            Bits { value: value & !open, known: !open, origin }
        })
        .collect()
}

fn name(interface: Option<&str>) -> Vec<Bits> {
    let mut bytes = interface.unwrap_or_default().as_bytes().to_vec();
    bytes.resize(16, 0);
    all_sure(&bytes)
}

fn compares_with_ftp(rest: &[Expression]) -> bool {
    let ftp = |data: &[u8]| data.starts_with(b"ftp\0");
    matches!(rest.first(), Some(Expression::Cmp { op: Comparison::Eq | Comparison::Neq, data, .. }) if ftp(data))
}

fn kind(condition: &Expression) -> &'static str {
    match condition {
        Expression::Limit { .. } => "a rate limit",
        Expression::Quota => "a quota",
        Expression::Connlimit => "a limit of connections",
        _ => "a condition",
    }
}

/// Whether an expression leaves packet and verdict alone.
fn decides_nothing(expression: &Expression) -> bool {
    match expression {
        Expression::Payload { .. }
        | Expression::Meta { .. }
        | Expression::Ct { .. }
        | Expression::Socket { .. }
        | Expression::OpaqueLoad { .. }
        | Expression::Cmp { .. }
        | Expression::Range { .. }
        | Expression::Bitwise { .. }
        | Expression::Byteorder { .. }
        | Expression::Immediate(Immediate::Value { .. })
        | Expression::Counter
        | Expression::Log
        | Expression::Last
        | Expression::Limit { .. }
        | Expression::Quota
        | Expression::Connlimit
        // What packets put into a set is open anyway.
        | Expression::Dynset { .. } => true,
        Expression::Lookup { dreg, .. } => *dreg != Some(Target::Verdict),
        Expression::Objref { kind: Some(kind), .. } => SILENT_OBJECTS.contains(kind) || matches!(kind, 2 | 4 | 5),
        _ => false,
    }
}
