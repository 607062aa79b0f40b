//! Addresses translated one to one, per leg.
//!
//! Behind a leg with a translation, a machine of another leg is known under the outside address alone: what opens a
//! connection to that address reaches the machine, what the machine opens towards the leg comes from that address, and
//! what arrives there with the machine's own address is refused.

use std::net::IpAddr;

use packets::{FALSE, Field, Hook, Interfaces, Node, Space, TRUE, ct_direction, ct_state, family};

use crate::permission::{Permission, Side};
use crate::policy::{Leg, Policy};
use crate::ranges::{self, Range};

/// A machine known under another address behind a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Translation {
    /// The address others behind the leg use; the gateway answers for it.
    pub outside: IpAddr,
    /// The machine's own address, behind another leg.
    pub inside: IpAddr,
}

impl Policy {
    /// Whether some address is translated.
    pub fn translates(&self) -> bool {
        self.legs.values().any(|leg| !leg.translations.is_empty())
    }

    /// Whether an end of a permission is known under another address to the other end.
    pub(crate) fn translated(&self, row: &Permission) -> bool {
        let known = |side: &Side, network: &ipnet::IpNet| {
            self.leg(side)
                .is_some_and(|leg| leg.translations.iter().any(|each| network.contains(&each.inside)))
        };
        known(&row.iif, &row.destination) || known(&row.oif, &row.source)
    }

    /// The destinations of a permission, as the one who opens the connection calls them.
    pub(crate) fn called(&self, row: &Permission) -> Vec<Range> {
        let all = ranges::of(&row.destination);
        let Some(leg) = self.leg(&row.iif) else { return vec![all] };
        let number = |address: IpAddr| (ranges::number(address), ranges::number(address));
        let known: Vec<&Translation> =
            leg.translations.iter().filter(|each| row.destination.contains(&each.inside)).collect();
        let inside: Vec<Range> = known.iter().map(|each| number(each.inside)).collect();
        let mut called = ranges::subtract(&[all], &inside);
        called.extend(known.iter().map(|each| number(each.outside)));
        called
    }
}

/// What translation leaves of the packets at a hook: which addresses go with which.
pub(crate) fn possible(policy: &Policy, space: &mut Space, interfaces: &Interfaces, hook: Hook) -> Node {
    let (mut along, mut back) = (TRUE, TRUE);
    let mut called = space.value(Field::OriginalDestination, 0);
    let mut known = space.value(Field::OriginalSource, 0);
    for leg in policy.legs.values().filter(|leg| !leg.translations.is_empty()) {
        let Some(value) = interfaces.value(&leg.port) else { continue };
        if hook != Hook::Output {
            let [arriving, running] = arriving(space, leg);
            let here = space.value(Field::Iif, value);
            called = space.ite(here, arriving, called);
            along = space.ite(here, running, along);
        }
        if hook != Hook::Input {
            let [leaving, answering] = leaving(space, leg);
            let here = space.value(Field::Oif, value);
            known = space.ite(here, leaving, known);
            back = space.ite(here, answering, back);
        }
    }
    let opens = space.and(called, known);
    let running = space.value(Field::Direction, ct_direction::REPLY);
    let running = space.ite(running, back, along);
    let new = space.value(Field::State, ct_state::NEW);
    let established = space.value(Field::State, ct_state::ESTABLISHED);
    let rest = space.ite(established, running, TRUE);
    space.ite(new, opens, rest)
}

/// What comes from a leg: opening a connection, and along one that runs. The machines are called by their outside
/// addresses only, and everything else by its own.
fn arriving(space: &mut Space, leg: &Leg) -> [Node; 2] {
    let mut opens = space.value(Field::OriginalDestination, 0);
    let mut running = TRUE;
    for Translation { outside, inside } in &leg.translations {
        let other = address(space, Field::Destination, *outside);
        opens = space.without(opens, other);
        let called = space.value(Field::OriginalDestination, ranges::number(*outside));
        let own = address(space, Field::Destination, *inside);
        opens = space.ite(own, called, opens);
        running = space.ite(own, called, running);
    }
    [opens, running]
}

/// What goes to a leg: opening a connection, and answering one that runs.
fn leaving(space: &mut Space, leg: &Leg) -> [Node; 2] {
    let mut opens = space.value(Field::OriginalSource, 0);
    let mut answering = TRUE;
    for Translation { outside, inside } in &leg.translations {
        let own = address(space, Field::Source, *inside);
        let known = space.value(Field::OriginalSource, ranges::number(*outside));
        opens = space.ite(own, known, opens);
        let called = space.value(Field::OriginalDestination, ranges::number(*outside));
        answering = space.ite(own, called, answering);
    }
    [opens, answering]
}

fn address(space: &mut Space, field: Field, address: IpAddr) -> Node {
    let number = ranges::number(address);
    let of = if address.is_ipv6() { family::V6 } else { family::V4 };
    let node = space.choice(field, &[(number, number)], TRUE, FALSE);
    space.choice(Field::Family, &[(of, of)], node, FALSE)
}
