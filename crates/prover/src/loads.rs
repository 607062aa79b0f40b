//! Loads: which bytes of a register come from which field.

use nftables::{AddressKind, CtKey, Direction, Expression, MetaKey, PayloadBase, Register};
use packets::{Field, Node, ct_direction, ct_state, family, socket};

use crate::bytes::{Byte, Source, TableKind};
use crate::chain::RulePlace;
use crate::interpret::{Context, Engine};
use crate::rule::{After, Path, Tuple, again};
use crate::translation::{Seen, Stands};

/// `NFT_META_PRANDOM`: another value at every load.
const META_RANDOM: u32 = 24;
/// `NFT_CT_HELPER`: the name of the helper of the connection that announced this one.
const CT_HELPER: u32 = 6;
const TCP: u128 = 6;
/// Offset of the flags in a TCP header.
const TCP_FLAGS: u32 = 13;

impl Engine<'_> {
    pub(crate) fn load_payload(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (base, offset, len, dreg): (PayloadBase, u32, u32, Register),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        let end = offset.saturating_add(len.min(64));
        if self.translated
            && path.stands.is_none()
            && (path.family.is_some() || base != PayloadBase::Network)
            && reads_translated(context.seen, base, path.family, offset, end)
        {
            let expression = Expression::Payload { base, offset, len, dreg };
            return self.per_sight(context, place, &expression, rest, path, after);
        }
        match base {
            PayloadBase::Network => {
                let Some(family) = path.family else {
                    // The same offset means another field in the other family.
                    let expression = Expression::Payload { base, offset, len, dreg };
                    return self.per_family(context, place, &expression, rest, path, after);
                };
                let bytes: Vec<Byte> = (offset..end)
                    .map(|at| {
                        let sight =
                            sees(context.seen, base, Some(family), at).then_some(path.stands).flatten();
                        self.network_byte(family, at, sight.unwrap_or(Stands::Itself))
                    })
                    .collect();
                path.registers.write(dreg, bytes);
                self.expressions(context, place, rest, path, after)
            }
            PayloadBase::Transport => {
                let bytes: Vec<Byte> = (offset..end)
                    .map(|at| {
                        // A source port may be another one where the source is.
                        let hidden = path.stands == Some(Stands::In(Field::OriginalSource))
                            && sees(context.seen, base, path.family, at);
                        let protocol = path.protocol;
                        if hidden {
                            self.opaque_byte(format!("transport header {at} beyond translation"))
                        } else {
                            self.transport_byte(protocol, at)
                        }
                    })
                    .collect();
                path.registers.write(dreg, bytes);
                if path.headed {
                    return self.expressions(context, place, rest, path, after);
                }
                path.headed = true;
                let readable = self.space.value(Field::Headless, 0);
                let function = self.expressions(context, place, rest, path, after);
                self.space.ite(readable, function, after.next)
            }
            base => {
                let bytes: Vec<Byte> =
                    (offset..end).map(|at| self.opaque_byte(format!("payload {base:?} {at}"))).collect();
                path.registers.write(dreg, bytes);
                self.expressions(context, place, rest, path, after)
            }
        }
    }

    fn per_family(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        expression: &Expression,
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let whole = again(expression, rest);
        let [short, long] = [family::V4, family::V6].map(|family| {
            let path = Path { family: Some(family), ..path.clone() };
            self.expressions(context, place, &whole, path, after)
        });
        let v4 = self.space.value(Field::Family, family::V4);
        self.space.ite(v4, short, long)
    }

    fn network_byte(&mut self, family: u128, at: u32, stands: Stands) -> Byte {
        let of = |field, width, index: u32| Byte::Of {
            source: Source::Number(field, width),
            index: index as u8,
            mask: 0xff,
            xor: 0,
        };
        let end = |field| match stands {
            Stands::In(other) => Some(other),
            Stands::Itself => Some(field),
            Stands::Hidden => None,
        };
        let (source, destination) = (end(Field::Source), end(Field::Destination));
        match (family, at) {
            (family::V4, 12..16) if source.is_none() => {
                self.opaque_byte(format!("address beyond translation {at}"))
            }
            (family::V4, 16..20) if destination.is_none() => {
                self.opaque_byte(format!("address beyond translation {at}"))
            }
            (family::V6, 8..40) if source.is_none() => {
                self.opaque_byte(format!("address beyond translation {at}"))
            }
            (family::V4, 9) => of(Field::Protocol, 1, 0),
            (family::V4, 12..16) => of(source.unwrap_or(Field::Source), 4, at - 12),
            (family::V4, 16..20) => of(destination.unwrap_or(Field::Destination), 4, at - 16),
            (family::V6, 8..24) => of(source.unwrap_or(Field::Source), 16, at - 8),
            (family::V6, 24..40) => of(destination.unwrap_or(Field::Destination), 16, at - 24),
            _ => self.opaque_byte(format!("network header of family {family} {at}")),
        }
    }

    fn transport_byte(&mut self, protocol: Option<u128>, at: u32) -> Byte {
        let (source, index) = match at {
            0 | 1 => (Source::Number(Field::SourcePort, 2), at),
            2 | 3 => (Source::Number(Field::DestinationPort, 2), at - 2),
            TCP_FLAGS if protocol == Some(TCP) => (Source::Number(Field::TcpFlags, 1), 0),
            _ => return self.opaque_byte(format!("transport header {at}")),
        };
        Byte::Of { source, index: index as u8, mask: 0xff, xor: 0 }
    }

    fn opaque_byte(&mut self, key: String) -> Byte {
        Byte::Of { source: Source::Opaque(self.opaque(key)), index: 0, mask: 0xff, xor: 0 }
    }

    pub(crate) fn load_meta(&mut self, context: Context, path: &mut Path, key: MetaKey, dreg: Register) {
        let absent = |path: &mut Path, len| path.registers.write(dreg, vec![Byte::Const(0); len]);
        match key {
            MetaKey::IifName if !context.iif => absent(path, 16),
            MetaKey::OifName if !context.oif => absent(path, 16),
            MetaKey::Iif if !context.iif => absent(path, 4),
            MetaKey::Oif if !context.oif => absent(path, 4),
            MetaKey::IifName => path.registers.load(dreg, Source::Name(Field::Iif), 0, 16),
            MetaKey::OifName => path.registers.load(dreg, Source::Name(Field::Oif), 0, 16),
            MetaKey::Iif => path.registers.load(dreg, Source::Index(Field::Iif), 0, 4),
            MetaKey::Oif => path.registers.load(dreg, Source::Index(Field::Oif), 0, 4),
            MetaKey::NfProto => path.registers.load(dreg, Source::Table(TableKind::NfProto), 0, 1),
            MetaKey::Protocol => path.registers.load(dreg, Source::Table(TableKind::EtherType), 0, 2),
            MetaKey::L4Proto => path.registers.load(dreg, Source::Number(Field::Protocol, 1), 0, 1),
            MetaKey::Mark => path.registers.load(dreg, Source::Little(Field::Mark, 4), 0, 4),
            MetaKey::Other(META_RANDOM) => {
                let id = self.fresh_opaque();
                path.registers.load(dreg, Source::Opaque(id), 0, 16);
            }
            key => {
                let id = if self.changed.meta.contains(&key) {
                    self.fresh_opaque()
                } else {
                    self.opaque(format!("meta {key:?}"))
                };
                path.registers.load(dreg, Source::Opaque(id), 0, 16);
            }
        }
    }

    pub(crate) fn load_ct(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (key, direction, dreg): (CtKey, Option<Direction>, Register),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        if key == CtKey::State {
            if context.tracked {
                path.registers.load(dreg, Source::Table(TableKind::State), 0, 4);
            } else {
                // Before connection tracking every packet reads as invalid.
                path.registers.write(dreg, [1, 0, 0, 0].map(Byte::Const));
            }
            return self.expressions(context, place, rest, path, after);
        }
        if !context.tracked {
            return after.next;
        }
        let function = self.load_tuple(context, place, (key, direction, dreg), rest, path, after);
        // Invalid and untracked packets belong to no connection: every other load fails.
        let none = self.space.ranges(
            Field::State,
            &[(ct_state::INVALID, ct_state::INVALID), (ct_state::UNTRACKED, ct_state::UNTRACKED)],
        );
        self.space.ite(none, after.next, function)
    }

    fn load_tuple(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (key, direction, dreg): (CtKey, Option<Direction>, Register),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        let expression = Expression::Ct { key, direction, dreg };
        match key {
            CtKey::Direction => path.registers.load(dreg, Source::Number(Field::Direction, 1), 0, 1),
            CtKey::L3Protocol => path.registers.load(dreg, Source::Table(TableKind::NfProto), 0, 1),
            CtKey::Protocol
            | CtKey::Source(_)
            | CtKey::Destination(_)
            | CtKey::SourcePort
            | CtKey::DestinationPort => {
                let Some(tuple) = path.tuple else {
                    return self.per_tuple(context, place, &expression, rest, path, after);
                };
                if let CtKey::Source(kind) | CtKey::Destination(kind) = key {
                    let wanted = match kind {
                        AddressKind::V4 => Some(family::V4),
                        AddressKind::V6 => Some(family::V6),
                        AddressKind::ByFamily => None,
                    };
                    match (wanted, path.family) {
                        (Some(wanted), Some(known)) if wanted != known => return after.next,
                        (_, Some(_)) => {}
                        (_, None) => return self.per_family(context, place, &expression, rest, path, after),
                    }
                }
                let asks = matches!(key, CtKey::Destination(_)) && direction == Some(Direction::Original);
                if self.translated && asks && tuple != Tuple::Foreign && path.called.is_none() {
                    return self.per_call(context, place, &expression, rest, path, after);
                }
                self.write_tuple(&mut path, tuple, key, direction, dreg);
            }
            CtKey::Other(CT_HELPER) => return self.load_helper(context, place, dreg, rest, path, after),
            key => {
                let id = if self.changed.ct.contains(&key) {
                    self.fresh_opaque()
                } else {
                    self.opaque(format!("ct {key:?} {direction:?}"))
                };
                path.registers.load(dreg, Source::Opaque(id), 0, 16);
            }
        }
        self.expressions(context, place, rest, path, after)
    }

    /// Splits by whose tuple the connection loads speak of.
    fn per_tuple(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        expression: &Expression,
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let whole = again(expression, rest);
        let possible = |bits: u8, value: u128| bits & (1 << value) != 0;
        let [own, mirrored, foreign] = [Tuple::Own, Tuple::Mirrored, Tuple::Foreign].map(|tuple| {
            // What an earlier match excluded need not be followed.
            let excluded = match tuple {
                Tuple::Foreign => !possible(path.states, ct_state::RELATED),
                Tuple::Own => {
                    !possible(path.directions, ct_direction::ORIGINAL)
                        || path.states == 1 << ct_state::RELATED
                }
                Tuple::Mirrored => {
                    !possible(path.directions, ct_direction::REPLY) || path.states == 1 << ct_state::RELATED
                }
            };
            if excluded {
                return after.next;
            }
            let path = Path { tuple: Some(tuple), ..path.clone() };
            self.expressions(context, place, &whole, path, after)
        });
        let related = self.space.value(Field::State, ct_state::RELATED);
        let reply = self.space.value(Field::Direction, ct_direction::REPLY);
        let function = self.space.ite(reply, mirrored, own);
        self.space.ite(related, foreign, function)
    }

    fn write_tuple(
        &mut self,
        path: &mut Path,
        tuple: Tuple,
        key: CtKey,
        direction: Option<Direction>,
        dreg: Register,
    ) {
        let long = path.family == Some(family::V6);
        let width = if long { 16 } else { 4 };
        // Asking a tuple for its reply side swaps both ends.
        let asked_reply = direction == Some(Direction::Reply);
        let source_side = match key {
            CtKey::Source(_) | CtKey::SourcePort => !asked_reply,
            _ => asked_reply,
        };
        let foreign = tuple == Tuple::Foreign;
        // In a mirrored packet the original source stands in the destination.
        let in_source = source_side != (tuple == Tuple::Mirrored);
        let untold = direction.is_none() && key != CtKey::Protocol;
        let ports = matches!(path.protocol, Some(6 | 17 | 33 | 132 | 136));
        let source = match key {
            CtKey::Protocol if foreign => Source::Number(Field::OriginalProtocol, 1),
            CtKey::Protocol => Source::Number(Field::Protocol, 1),
            _ if untold => Source::Opaque(self.fresh_opaque()),
            CtKey::Source(_) | CtKey::Destination(_) if foreign => {
                let field = if source_side { Field::OriginalSource } else { Field::OriginalDestination };
                Source::Number(field, width)
            }
            CtKey::SourcePort | CtKey::DestinationPort if foreign => {
                let field =
                    if source_side { Field::OriginalSourcePort } else { Field::OriginalDestinationPort };
                Source::Number(field, 2)
            }
            // Where addresses are translated, what comes back is not what went there.
            _ if self.translated && asked_reply => {
                Source::Opaque(self.opaque(format!("ct {key:?} {direction:?} {tuple:?}")))
            }
            CtKey::Destination(_) if path.called == Some(true) => {
                Source::Number(Field::OriginalDestination, width)
            }
            CtKey::Source(_) | CtKey::Destination(_) => {
                Source::Number(if in_source { Field::Source } else { Field::Destination }, width)
            }
            _ if ports => {
                Source::Number(if in_source { Field::SourcePort } else { Field::DestinationPort }, 2)
            }
            _ => Source::Opaque(self.opaque(format!("ct {key:?} {direction:?} {tuple:?}"))),
        };
        let len = match source {
            Source::Number(_, width) => width,
            _ => 16,
        };
        path.registers.load(dreg, source, 0, len);
    }

    pub(crate) fn load_socket(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (key, dreg): (u32, Register),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        if key == 0 {
            path.registers.load(dreg, Source::Table(TableKind::Transparent), 0, 1);
        } else {
            let id = self.opaque(format!("socket {key}"));
            path.registers.load(dreg, Source::Opaque(id), 0, 16);
        }
        let function = self.expressions(context, place, rest, path, after);
        let none = self.space.value(Field::Socket, socket::NONE);
        self.space.ite(none, after.next, function)
    }
}

/// Whether a byte belongs to what a hook sees translated.
fn sees(seen: Seen, base: PayloadBase, family: Option<u128>, at: u32) -> bool {
    match (seen, base, family) {
        (Seen::Through, ..) => false,
        (Seen::Before, PayloadBase::Network, Some(family::V6)) => (24..40).contains(&at),
        (Seen::Before, PayloadBase::Network, _) => (16..20).contains(&at),
        (Seen::After, PayloadBase::Network, Some(family::V6)) => (8..24).contains(&at),
        (Seen::After, PayloadBase::Network, _) => (12..16).contains(&at),
        (Seen::Before, PayloadBase::Transport, _) => (2..4).contains(&at),
        (Seen::After, PayloadBase::Transport, _) => (0..2).contains(&at),
        _ => false,
    }
}

fn reads_translated(seen: Seen, base: PayloadBase, family: Option<u128>, from: u32, end: u32) -> bool {
    (from..end).any(|at| sees(seen, base, family, at))
}
