//! Translation of addresses, one to one: what the packets a connection opens with are turned into, and what rules see
//! of an address before and after.
//!
//! The addresses of a packet in the diagrams are those at the forward hook. Before destinations are translated, rules
//! read what the packet carries on the wire; after sources are, what it will carry.

use nftables::{Expression, NatKind, Register, Ruleset};
use packets::{FALSE, Field, Node, TRUE, ct_direction, ct_state, family};

use crate::chain::RulePlace;
use crate::interpret::{Context, Engine};
use crate::rule::{After, Path, again, constant};

/// Destinations are translated at this priority of prerouting (`NF_IP_PRI_NAT_DST`), sources at that one of
/// postrouting (`NF_IP_PRI_NAT_SRC`), whatever priority the chains themselves have among each other.
pub(crate) const AT_DESTINATION: i32 = -100;
pub(crate) const AT_SOURCE: i32 = 100;

/// Which addresses rules see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Seen {
    /// Those at the forward hook.
    #[default]
    Through,
    /// The destination as it came in.
    Before,
    /// The source as it goes out.
    After,
}

/// What stands where an address is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// The address itself.
    Itself,
    /// What this field holds.
    In(Field),
    /// Nobody knows.
    Hidden,
}

/// What follows a translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Follows {
    pub(crate) source: bool,
    pub(crate) node: Node,
}

/// Whether some rule may translate addresses.
pub fn translates(ruleset: &Ruleset) -> bool {
    ruleset
        .tables
        .iter()
        .flat_map(|table| &table.chains)
        .flat_map(|chain| &chain.rules)
        .flat_map(|rule| &rule.expressions)
        .any(|expression| {
            matches!(
                expression,
                Expression::Nat { .. } | Expression::Masquerade | Expression::Redirect { .. }
            )
        })
}

impl Engine<'_> {
    /// `function` for packets that open a connection and whose address (destination or source) is not translated.
    pub(crate) fn untranslated(&mut self, function: Node, field: Field) -> Node {
        let plain = self.space.value(field, 0);
        let plain = self.space.choice(Field::State, &[(ct_state::NEW, ct_state::NEW)], plain, TRUE);
        self.space.and(plain, function)
    }

    /// `function` for packets none of whose addresses is translated.
    pub(crate) fn never_translated(&mut self, function: Node) -> Node {
        if !self.translated {
            return function;
        }
        let plain = self.space.value(Field::OriginalSource, 0);
        let plain = self.space.choice(Field::OriginalDestination, &[(0, 0)], plain, FALSE);
        let error = self.space.value(Field::State, ct_state::RELATED);
        let plain = self.space.or(plain, error);
        self.space.ite(plain, function, FALSE)
    }

    /// A translation to one constant address: what opens a connection becomes a packet with that address. Everything
    /// else that translates is not modelled.
    pub(crate) fn translate(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (kind, address, port, of): (NatKind, Option<Register>, Option<Register>, u32),
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let (long, width) = match of {
            2 => (family::V4, 4),
            10 => (family::V6, 16),
            _ => return self.refuse(place, "address translation of no fixed family".to_owned()),
        };
        let bytes = address.and_then(|at| path.registers.read(at, width)).and_then(constant);
        let follows = context.follows.filter(|follows| follows.source == (kind == NatKind::Source));
        let (Some(follows), Some(bytes), None) = (follows, bytes, port) else {
            return self.refuse(place, "address translation that is not to one address".to_owned());
        };
        let target = bytes.iter().fold(0_u128, |sum, &byte| (sum << 8) | u128::from(byte));
        let one = [(target, target)];
        let changed = if follows.source {
            // Translated to what it has already, it keeps it.
            let same = self.space.choice(Field::OriginalSource, &[(0, 0)], TRUE, FALSE);
            let other = self.space.choice(Field::OriginalSource, &one, TRUE, FALSE);
            self.space.choice(Field::Source, &one, same, other)
        } else {
            let called = self.space.choice(Field::OriginalDestination, &one, FALSE, TRUE);
            self.space.choice(Field::Destination, &one, called, FALSE)
        };
        let translated = self.space.and(changed, follows.node);
        let new = self.space.value(Field::State, ct_state::NEW);
        let translated = if path.states == 1 << ct_state::NEW {
            translated
        } else {
            // A connection that another one announced: its fields do not tell what it is called.
            let field = self.unknowns.fresh();
            let perhaps = self.doubt(place.text(), "translation of an announced connection", field);
            self.space.ite(new, translated, perhaps)
        };
        let other = self.expressions(context, place, rest, path, after);
        let own = self.space.value(Field::Family, long);
        self.space.ite(own, translated, other)
    }

    /// Splits by what stands where the address is read that this hook sees translated.
    pub(crate) fn per_sight(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        expression: &Expression,
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let whole = again(expression, rest);
        let with = |engine: &mut Self, stands: Stands| {
            let path = Path { stands: Some(stands), ..path.clone() };
            engine.expressions(context, place, &whole, path, after)
        };
        let (there, back) = match context.seen {
            Seen::After => (Field::OriginalSource, Field::OriginalDestination),
            _ => (Field::OriginalDestination, Field::OriginalSource),
        };
        let itself = with(self, Stands::Itself);
        let along = |engine: &mut Self, field: Field| {
            let other = with(engine, Stands::In(field));
            let plain = engine.space.value(field, 0);
            engine.space.ite(plain, itself, other)
        };
        let mut function = along(self, there);
        // What opens a connection goes along with it.
        if path.states != 1 << ct_state::NEW {
            if path.directions & (1 << ct_direction::REPLY) != 0 {
                let replying = along(self, back);
                let reply = self.space.value(Field::Direction, ct_direction::REPLY);
                function = self.space.ite(reply, replying, function);
            }
            if path.states & (1 << ct_state::RELATED) != 0 {
                let hidden = with(self, Stands::Hidden);
                let related = self.space.value(Field::State, ct_state::RELATED);
                function = self.space.ite(related, hidden, function);
            }
        }
        function
    }

    /// Splits by whether the one who opened the connection calls the other end by another address.
    pub(crate) fn per_call(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        expression: &Expression,
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let whole = again(expression, rest);
        let [itself, other] = [false, true].map(|called| {
            let path = Path { called: Some(called), ..path.clone() };
            self.expressions(context, place, &whole, path, after)
        });
        let plain = self.space.value(Field::OriginalDestination, 0);
        self.space.ite(plain, itself, other)
    }
}
