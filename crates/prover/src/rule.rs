//! One rule: its expressions in order, each with the function of what follows.

use nftables::{Bitwise, Comparison, Expression, Immediate, MetaKey, Register};
use packets::{FALSE, Field, Node, ct_direction, ct_state};

use crate::bytes::{Byte, Constraint, Registers, Source, Test};
use crate::chain::RulePlace;
use crate::interpret::{Context, Engine};
use crate::matching;
use crate::translation::Stands;

/// What follows a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct After {
    /// An accept verdict.
    pub(crate) accept: Node,
    /// The next rule.
    pub(crate) next: Node,
    /// The end of the chain.
    pub(crate) end: Node,
}

/// What is known on the way through one rule.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) registers: Registers,
    /// Address family, where a match or the table fixed it.
    pub(crate) family: Option<u128>,
    /// Transport protocol, where a match fixed it.
    pub(crate) protocol: Option<u128>,
    /// The transport header is known to be readable.
    pub(crate) headed: bool,
    /// Which tuple the connection loads speak of.
    pub(crate) tuple: Option<Tuple>,
    /// What stands where an address is read that the hook sees translated.
    pub(crate) stands: Option<Stands>,
    /// Whether the one who opened the connection calls the other end by another address.
    pub(crate) called: Option<bool>,
    /// Connection states still possible, one bit each.
    pub(crate) states: u8,
    /// Connection directions still possible, one bit each.
    pub(crate) directions: u8,
}

/// Which packet of a connection this is, as far as its original tuple is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tuple {
    /// The packet's own addresses are the original tuple.
    Own,
    /// The packet's addresses are the original tuple, mirrored.
    Mirrored,
    /// The packet is an error about another one.
    Foreign,
}

impl Path {
    pub(crate) fn start(context: Context) -> Self {
        Path {
            registers: Registers::new(),
            family: context.family,
            protocol: None,
            headed: false,
            tuple: None,
            stands: None,
            called: None,
            states: 0x1f,
            directions: 0x03,
        }
    }
}

impl Engine<'_> {
    /// The function of the rest of a rule.
    pub(crate) fn expressions(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        expressions: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        let Some((expression, rest)) = expressions.split_first() else { return after.next };
        match expression {
            Expression::Payload { base, offset, len, dreg } => {
                self.load_payload(context, place, (*base, *offset, *len, *dreg), rest, path, after)
            }
            Expression::Meta { key, dreg } => {
                self.load_meta(context, &mut path, *key, *dreg);
                self.expressions(context, place, rest, path, after)
            }
            Expression::Ct { key, direction, dreg } => {
                self.load_ct(context, place, (*key, *direction, *dreg), rest, path, after)
            }
            Expression::Socket { key, dreg } => {
                self.load_socket(context, place, (*key, *dreg), rest, path, after)
            }
            Expression::OpaqueLoad { name, pure, dreg, len, raw } => {
                let id = if *pure { self.opaque(format!("{name} {raw:02x?}")) } else { self.fresh_opaque() };
                path.registers.load(*dreg, Source::Opaque(id), 0, (*len).min(64) as u8);
                self.expressions(context, place, rest, path, after)
            }
            Expression::MetaSet { key, sreg } => {
                self.set_meta(context, place, (*key, *sreg), rest, path, after)
            }
            Expression::CtSet { key, .. } => {
                // Mark and labels change what later loads of the same key see; those count as impure. Anything
                // else (zone, event mask, helper) may change which connection the packet belongs to.
                if !matches!(key, nftables::CtKey::Mark) {
                    self.block(place.text(), format!("sets {key:?} of the connection"));
                }
                self.expressions(context, place, rest, path, after)
            }
            Expression::Cmp { sreg, op, data } => {
                let (test, negate) = self.comparison(&path, *sreg, *op, data);
                self.branch(context, place, (test, negate), rest, path, after)
            }
            Expression::Range { sreg, negate, from, to } => {
                let test = match path.registers.read(*sreg, from.len()) {
                    Some(bytes) if from.len() == to.len() => matching::within(&self.tables, bytes, from, to),
                    _ => Test::Unknown("a range over registers that do not exist".to_owned()),
                };
                self.branch(context, place, (test, *negate), rest, path, after)
            }
            Expression::Bitwise { sreg, dreg, len, op } => {
                self.bitwise(&mut path, *sreg, *dreg, *len as usize, op);
                self.expressions(context, place, rest, path, after)
            }
            Expression::Byteorder { sreg, dreg, len, size } => {
                byteorder(&mut path, *sreg, *dreg, *len as usize, *size as usize);
                self.expressions(context, place, rest, path, after)
            }
            Expression::Lookup { set, sreg, dreg, invert } => {
                self.lookup(context, place, (set, *sreg, *dreg, *invert), rest, path, after)
            }
            Expression::Immediate(Immediate::Value { dreg, data }) => {
                path.registers.write(*dreg, data.iter().map(|&byte| Byte::Const(byte)));
                self.expressions(context, place, rest, path, after)
            }
            Expression::Immediate(Immediate::Verdict(verdict)) => match verdict {
                nftables::Verdict::Continue => self.expressions(context, place, rest, path, after),
                verdict => self.verdict(context, place, verdict, after),
            },
            Expression::Counter | Expression::Log | Expression::Last => {
                self.expressions(context, place, rest, path, after)
            }
            Expression::Limit { .. }
            | Expression::Quota
            | Expression::Connlimit
            | Expression::Dynset { .. } => self.stateful(context, place, expression, rest, path, after),
            Expression::Objref { kind, name } => match kind {
                // Counters, helpers, time-outs and security marks have no say in the verdict.
                Some(1 | 3 | 7 | 8) => self.expressions(context, place, rest, path, after),
                Some(2 | 4 | 5 | 9) => self.stateful(context, place, expression, rest, path, after),
                _ => self.refuse(place, format!("object {name}")),
            },
            Expression::Reject => FALSE,
            Expression::Notrack => {
                let function = self.expressions(context, place, rest, path, after);
                if context.tracked {
                    return function;
                }
                // From here on the packet is untracked, whatever it would have been.
                let function = self.space.assign(function, Field::State, ct_state::UNTRACKED);
                let function = self.space.assign(function, Field::Direction, ct_direction::ORIGINAL);
                // What is not tracked is not translated either.
                self.never_translated(function)
            }
            Expression::Nat { kind, address, port, family } => {
                self.translate(context, place, (*kind, *address, *port, *family), rest, path, after)
            }
            Expression::Masquerade => self.refuse(place, "masquerading".to_owned()),
            Expression::Redirect { .. } => self.refuse(place, "redirection to this machine".to_owned()),
            Expression::Tproxy { family, address, port } => {
                self.tproxy(context, place, (*family, *address, *port), rest, path, after)
            }
            Expression::Queue => self.refuse(place, "handing over to a program (queue)".to_owned()),
            Expression::Xtables { kind, name, .. } => self.refuse(place, format!("xtables {kind} {name}")),
            Expression::Statement { name } => self.refuse(place, name.clone()),
            Expression::Unknown { name, .. } => self.refuse(place, format!("expression {name}")),
        }
    }

    /// A statement that may decide, move or change the packet: everything from here on is open.
    pub(crate) fn refuse(&mut self, place: &RulePlace<'_>, what: String) -> Node {
        self.block(place.text(), what);
        self.undecided()
    }

    /// A match whose outcome depends on what happened before.
    fn stateful(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        expression: &Expression,
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let what = match expression {
            Expression::Limit { .. } => "a rate limit",
            Expression::Quota => "a quota",
            Expression::Connlimit => "a limit of connections",
            Expression::Dynset { .. } => "a set filled by packets",
            _ => "a stateful object",
        };
        let yes = self.expressions(context, place, rest, path, after);
        if yes == after.next {
            // It only decides whether something is counted or logged.
            return yes;
        }
        let field = self.unknowns.fresh();
        let matches = self.doubt(place.text(), what, field);
        self.space.ite(matches, yes, after.next)
    }

    fn comparison(&mut self, path: &Path, sreg: Register, op: Comparison, data: &[u8]) -> (Test, bool) {
        let Some(bytes) = path.registers.read(sreg, data.len()) else {
            return (Test::Unknown("a comparison of registers that do not exist".to_owned()), false);
        };
        let lowest = vec![0; data.len()];
        let highest = vec![0xff; data.len()];
        match op {
            Comparison::Eq => (matching::equal(&self.tables, bytes, data), false),
            Comparison::Neq => (matching::equal(&self.tables, bytes, data), true),
            Comparison::Gte => (matching::within(&self.tables, bytes, data, &highest), false),
            Comparison::Lt => (matching::within(&self.tables, bytes, data, &highest), true),
            Comparison::Lte => (matching::within(&self.tables, bytes, &lowest, data), false),
            Comparison::Gt => (matching::within(&self.tables, bytes, &lowest, data), true),
        }
    }

    /// The rest of the rule where the test holds, the next rule elsewhere.
    pub(crate) fn branch(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (test, negate): (Test, bool),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        if let Test::Exact(constraint) = &test {
            learn(&mut path, constraint, negate);
        }
        if test == Test::Never && !negate {
            return after.next;
        }
        let yes = self.expressions(context, place, rest, path, after);
        if yes == after.next {
            return yes;
        }
        let condition = self.condition(place, test, negate);
        self.space.ite(condition, yes, after.next)
    }

    /// The packets a test accepts.
    pub(crate) fn condition(&mut self, place: &RulePlace<'_>, test: Test, negate: bool) -> Node {
        let node = match test {
            Test::Never => FALSE,
            Test::Exact(constraint) => self.constraint(&constraint),
            Test::Unknown(key) => {
                // A load that fails makes both a test and its opposite fail, so the two are predicates of their own.
                let field = self.unknowns.pure(format!("{negate} {key}"));
                return self.doubt(place.text(), format!("a match that is not modelled: {key}"), field);
            }
        };
        if negate { self.space.not(node) } else { node }
    }

    pub(crate) fn constraint(&mut self, constraint: &Constraint) -> Node {
        let mut node = packets::TRUE;
        for (&field, ranges) in constraint.0.iter().rev() {
            node = self.space.choice(field, ranges, node, FALSE);
        }
        node
    }

    fn set_meta(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (key, sreg): (MetaKey, Register),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        match key {
            MetaKey::Mark => {
                let value = path.registers.read(sreg, 4).and_then(constant);
                let id = self.fresh_opaque();
                path.registers.forget(Field::Mark, id);
                let function = self.expressions(context, place, rest, path, after);
                match value {
                    Some(bytes) => self.space.assign(function, Field::Mark, little(&bytes)),
                    None => {
                        self.block(place.text(), "a mark computed from the packet");
                        function
                    }
                }
            }
            // NFT_META_PRIORITY and NFT_META_NFTRACE: no rule here can test them without being impure.
            MetaKey::Other(2 | 12) => self.expressions(context, place, rest, path, after),
            key => {
                self.block(place.text(), format!("sets {key:?} of the packet"));
                self.expressions(context, place, rest, path, after)
            }
        }
    }

    fn bitwise(&mut self, path: &mut Path, sreg: Register, dreg: Register, len: usize, op: &Bitwise) {
        let Some(bytes) = path.registers.read(sreg, len).map(<[Byte]>::to_vec) else { return };
        let result: Option<Vec<Byte>> = match op {
            Bitwise::Mask { mask, xor } if mask.len() >= len && xor.len() >= len => Some(
                bytes
                    .iter()
                    .zip(mask.iter().zip(xor))
                    .map(|(byte, (&and, &flip))| match *byte {
                        Byte::Const(value) => Byte::Const((value & and) ^ flip),
                        Byte::Of { mask: 0, xor, .. } => Byte::Const((xor & and) ^ flip),
                        Byte::Of { .. } if and == 0 => Byte::Const(flip),
                        Byte::Of { source, index, mask, xor } => {
                            Byte::Of { source, index, mask: mask & and, xor: (xor & and) ^ flip }
                        }
                    })
                    .collect(),
            ),
            _ => None,
        };
        let result = result.unwrap_or_else(|| {
            let id = self.opaque(matching::describe(&bytes, &format!("{op:?}")));
            (0..len)
                .map(|i| Byte::Of { source: Source::Opaque(id), index: i as u8, mask: 0xff, xor: 0 })
                .collect()
        });
        path.registers.write(dreg, result);
    }

    /// A number for a value that is not modelled, the same for the same description.
    pub(crate) fn opaque(&mut self, key: String) -> u32 {
        self.unknowns.opaque(key)
    }

    /// A number for a value that is not modelled and never the same again.
    pub(crate) fn fresh_opaque(&mut self) -> u32 {
        self.unknowns.fresh_opaque()
    }
}

/// What a match that held (or, negated, did not hold) tells about the packet.
fn learn(path: &mut Path, constraint: &Constraint, negate: bool) {
    if negate && constraint.0.len() != 1 {
        return;
    }
    for (field, ranges) in &constraint.0 {
        let values = (0..8).filter(|&value| ranges.iter().any(|&(low, high)| (low..=high).contains(&value)));
        let bits = values.fold(0u8, |bits, value| bits | 1 << value);
        let bits = if negate { !bits } else { bits };
        match (field, ranges.as_slice()) {
            (Field::State, _) => path.states &= bits,
            (Field::Direction, _) => path.directions &= bits,
            (Field::Family, [(low, high)]) if low == high && !negate => path.family = Some(*low),
            (Field::Protocol, [(low, high)]) if low == high && !negate => path.protocol = Some(*low),
            _ => {}
        }
    }
}

fn byteorder(path: &mut Path, sreg: Register, dreg: Register, len: usize, size: usize) {
    if size == 0 {
        return;
    }
    let whole = len / size * size;
    let Some(bytes) = path.registers.read(sreg, whole).map(<[Byte]>::to_vec) else { return };
    let swapped: Vec<Byte> = bytes.chunks(size).flat_map(|word| word.iter().rev().copied()).collect();
    if !swapped.is_empty() {
        path.registers.write(dreg, swapped);
    }
}

/// A load with what follows it, for those who split by what it finds and read it once for each.
pub(crate) fn again(expression: &Expression, rest: &[Expression]) -> Vec<Expression> {
    [std::slice::from_ref(expression), rest].concat()
}

pub(crate) fn constant(bytes: &[Byte]) -> Option<Vec<u8>> {
    bytes.iter().map(|byte| if let Byte::Const(value) = byte { Some(*value) } else { None }).collect()
}

fn little(bytes: &[u8]) -> u128 {
    bytes.iter().rev().fold(0, |sum, &byte| (sum << 8) | u128::from(byte))
}
