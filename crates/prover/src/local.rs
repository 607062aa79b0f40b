//! What ties a packet to something on this machine: a transparent proxy that listens, a helper of connection tracking.

use nftables::{Comparison, Expression, Register};
use packets::{FALSE, Field, Node, announced, ct_state, family, socket};

use crate::bytes::{Byte, Source};
use crate::chain::RulePlace;
use crate::interpret::{Context, Engine};
use crate::rule::{After, Path, constant};

/// Bytes of a helper's name (`NF_CT_HELPER_NAME_LEN`).
const HELPER_NAME: usize = 16;
/// The name of the helper for file transfers, as the kernel loads it.
const FTP: [u8; HELPER_NAME] = *b"ftp\0\0\0\0\0\0\0\0\0\0\0\0\0";
const TCP: u128 = 6;
const UDP: u128 = 17;

impl Engine<'_> {
    /// Hands a packet to the transparent socket that listens at a port. Where none listens, the rule ends there and the
    /// packet goes on as if nothing had been.
    pub(crate) fn tproxy(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        (of, address, port): (u32, Option<Register>, Option<Register>),
        rest: &[Expression],
        mut path: Path,
        after: After,
    ) -> Node {
        let port = port.and_then(|port| path.registers.read(port, 2)).and_then(constant);
        let (None, Some([high, low])) = (address, port.as_deref()) else {
            return self.refuse(
                place,
                "handing over to a transparent proxy at an address, or at no fixed port".to_owned(),
            );
        };
        let port = u128::from(u16::from_be_bytes([*high, *low]));
        let id = self.fresh_opaque();
        path.registers.forget(Field::Socket, id);
        let taken = self.expressions(context, place, rest, path, after);
        // From here on the packet belongs to that socket.
        let taken = self.space.assign(taken, Field::Socket, socket::TRANSPARENT);
        // A packet of a running transparent connection may be handed over as well; a rule of the policy says so first.
        let perhaps = self.undecided();
        let perhaps = self.space.ite(perhaps, taken, after.next);
        let running = self.space.value(Field::Socket, socket::TRANSPARENT);
        let otherwise = self.space.ite(running, perhaps, after.next);
        // The kernel looks for a running connection first: one of an ordinary socket keeps the packet. What opens a
        // connection belongs to none.
        let ordinary = self.space.value(Field::Socket, socket::ORDINARY);
        let new = self.space.value(Field::State, ct_state::NEW);
        let kept = self.space.without(ordinary, new);
        let handed = self.space.ite(kept, perhaps, taken);
        let listens = self.space.value(Field::Proxy, port);
        let function = self.space.ite(listens, handed, otherwise);
        let families: &[(u128, u128)] = match of {
            2 => &[(family::V4, family::V4)],
            10 => &[(family::V6, family::V6)],
            _ => &[(family::V4, family::V6)],
        };
        let whole = self.space.value(Field::Headless, 0);
        let carried = self.space.choice(Field::Protocol, &[(TCP, TCP), (UDP, UDP)], whole, FALSE);
        let carried = self.space.choice(Field::Family, families, carried, FALSE);
        self.space.ite(carried, function, after.next)
    }

    /// Loads the helper of the connection that announced the packet's own; the load fails where nothing announced it.
    pub(crate) fn load_helper(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        dreg: Register,
        rest: &[Expression],
        path: Path,
        after: After,
    ) -> Node {
        let mut ftp = path.clone();
        ftp.registers.write(dreg, FTP.map(Byte::Const));
        let ftp = self.expressions(context, place, rest, ftp, after);
        let other = match rest.split_first() {
            // All that is known of another helper is that it has another name.
            Some((Expression::Cmp { sreg, op: Comparison::Eq, data }, _))
                if *sreg == dreg && is_ftp(data) =>
            {
                after.next
            }
            Some((Expression::Cmp { sreg, op: Comparison::Neq, data }, rest))
                if *sreg == dreg && is_ftp(data) =>
            {
                self.expressions(context, place, rest, path, after)
            }
            _ => {
                let mut other = path;
                let id = self.opaque("the helper that announced the connection".to_owned());
                other.registers.load(dreg, Source::Opaque(id), 0, HELPER_NAME as u8);
                self.expressions(context, place, rest, other, after)
            }
        };
        let by_ftp = self.space.value(Field::Announced, announced::FTP);
        let by_nothing = self.space.value(Field::Announced, announced::NONE);
        let function = self.space.ite(by_ftp, ftp, other);
        self.space.ite(by_nothing, after.next, function)
    }
}

fn is_ftp(data: &[u8]) -> bool {
    data == FTP
}
