//! One concrete packet through the rules, expression by expression, as the kernel does it.
//!
//! This is the second engine: it shares nothing with the diagrams but the types of the ruleset, so that the two can
//! be held against each other. It also tells a person which rules decided.
//!
//! What a [`Packet`] leaves open (its length, a rate limit, a route) is asked as a question and answered both ways.
//! If the answers lead to the same end, they did not matter; otherwise the outcome is [`Outcome::Undecided`].

mod choices;
mod connection;
mod frame;
mod lookup;
mod machine;
mod registers;
mod wire;
mod words;

use nftables::{Expression, Family, Ruleset, Table};
use packets::{ConnectionState, Packet};

use crate::interfaces::Link;
use choices::Choices;
use machine::{Machine, Mark, Ruling};

/// What becomes of the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every base chain on its way accepts it.
    Passes,
    /// A base chain drops it.
    Dropped,
    /// It depends on something that is not modelled: where, and what.
    Undecided(String),
}

/// A rule, or the policy of a base chain, on the way of the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Family and name of the table, `inet ringwall`.
    pub table: String,
    /// Name of the chain.
    pub chain: String,
    /// Handle of the rule; `None` = policy of the base chain.
    pub handle: Option<u64>,
    /// The rule in nft's words, shortened for reading.
    pub rule: String,
}

/// The way of one packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What becomes of it.
    pub outcome: Outcome,
    /// For each base chain passed: the jumps that led to the verdict, and the rule or policy that gave it. The last
    /// entry decided.
    pub path: Vec<Step>,
}

/// Answers tried for one packet; where more would be needed, the outcome is undecided.
const TRIES: u32 = 64;

/// Runs a packet through all base chains of its way.
///
/// `links` are the interfaces that exist: rules may name them by index.
pub fn trace(ruleset: &Ruleset, links: &[Link], hook: packets::Hook, packet: &Packet) -> Trace {
    let mut choices = Choices::default();
    let mut first: Option<(Outcome, Vec<Mark<'_>>)> = None;
    for _ in 0..TRIES {
        let mut path = Vec::new();
        let outcome = attempt(ruleset, links, hook, packet, &mut choices, &mut path);
        let differs = first.as_ref().is_some_and(|(known, _)| *known != outcome);
        if matches!(outcome, Outcome::Undecided(_)) {
            return told(outcome, &path, links);
        }
        if differs {
            return told(Outcome::Undecided(choices.questions()), &path, links);
        }
        let (known, shown) = first.get_or_insert((outcome, path));
        if !choices.turn() {
            return told(known.clone(), shown, links);
        }
    }
    let path = first.map(|(_, path)| path).unwrap_or_default();
    told(Outcome::Undecided("more open questions than can be tried".to_owned()), &path, links)
}

fn told(outcome: Outcome, path: &[Mark<'_>], links: &[Link]) -> Trace {
    let path = path
        .iter()
        .map(|mark| Step {
            table: format!("{} {}", mark.table.family.word(), mark.table.name),
            chain: mark.chain.name.clone(),
            handle: mark.rule.map(|rule| rule.handle),
            rule: match mark.rule {
                Some(rule) => words::rule(mark.table, rule, links),
                None => words::policy(mark.chain),
            },
        })
        .collect();
    Trace { outcome, path }
}

/// One run, with the answers of `choices`.
fn attempt<'r>(
    ruleset: &'r Ruleset,
    links: &[Link],
    hook: packets::Hook,
    packet: &Packet,
    choices: &mut Choices,
    path: &mut Vec<Mark<'r>>,
) -> Outcome {
    if let Some(what) = unreadable(ruleset, hook, packet) {
        return Outcome::Undecided(what);
    }
    match run(ruleset, links, hook, packet, choices, path) {
        Ruling::Accept => Outcome::Passes,
        Ruling::Drop => Outcome::Dropped,
        Ruling::Lost(what) => Outcome::Undecided(what),
    }
}

fn run<'r>(
    ruleset: &'r Ruleset,
    links: &[Link],
    hook: packets::Hook,
    packet: &Packet,
    choices: &mut Choices,
    path: &mut Vec<Mark<'r>>,
) -> Ruling {
    use nftables::Hook::{Forward, Input, Output, Postrouting, Prerouting};
    // Which hooks, and whether the outgoing interface is known there; without routing it is not.
    let way: &[(nftables::Hook, bool)] = match hook {
        packets::Hook::Forward => &[(Prerouting, false), (Forward, true), (Postrouting, true)],
        packets::Hook::Input => &[(Prerouting, false), (Input, false)],
        packets::Hook::Output => &[(Output, true), (Postrouting, true)],
    };
    let mut machine = Machine::new(links, packet, choices);
    let translates = translates(ruleset) || packet.outside != packets::Outside::default();
    let opened = packet.state == ConnectionState::New;
    for &(place, oif) in way {
        // Addresses change in the midst of these two hooks; elsewhere those at the forward hook are the packet's.
        let at = matches!(place, Prerouting | Postrouting).then(|| called_at_translation(place));
        let mut over = at.is_none();
        if translates && place == Prerouting {
            machine.wire().arrive(packet);
        }
        let untouched = match place {
            Output => packet.outside.destination.is_none(),
            Input => packet.outside.source.is_none(),
            _ => true,
        };
        if opened && !untouched {
            return Ruling::Drop;
        }
        for (table, chain) in base_chains(ruleset, place, packet, &mut machine) {
            let here = chain.base.as_ref().map_or(0, called_at);
            let nat = chain.base.as_ref().is_some_and(|base| base.kind == "nat");
            if translates && !over && at == Some(here) && !nat && !chain.rules.is_empty() {
                return Ruling::Lost(
                    "rules at the very priority at which addresses are translated".to_owned(),
                );
            }
            if !over && at.is_some_and(|at| here > at) {
                over = true;
                if !passed_translation(&mut machine, packet, place) {
                    return Ruling::Drop;
                }
            }
            if nat && !over && machine.wire().translated() {
                // One translation is enough: the kernel asks no further.
                continue;
            }
            machine.place(place, oif, hook != packets::Hook::Output);
            match machine.base_chain(table, chain, path) {
                Ruling::Accept => {}
                end => return end,
            }
        }
        if !over && !passed_translation(&mut machine, packet, place) {
            return Ruling::Drop;
        }
    }
    Ruling::Accept
}

/// Whether some rule translates addresses.
fn translates(ruleset: &Ruleset) -> bool {
    let rules = ruleset.tables.iter().flat_map(|table| &table.chains).flat_map(|chain| &chain.rules);
    rules.flat_map(|rule| &rule.expressions).any(|expression| matches!(expression, Expression::Nat { .. }))
}

/// Whether the packet goes on from translation as the one that was asked about. One that opens a connection and is
/// translated otherwise never becomes that packet.
fn passed_translation(machine: &mut Machine<'_>, packet: &Packet, hook: nftables::Hook) -> bool {
    let exempt = machine.exempt();
    let same = machine.wire().pass(packet, hook == nftables::Hook::Postrouting);
    let opened = packet.state == ConnectionState::New;
    let related = matches!(packet.state, ConnectionState::Related { .. });
    if exempt && !related {
        return packet.outside == packets::Outside::default();
    }
    same || !opened
}

/// Base chains of a hook in the order the kernel calls them.
fn base_chains<'a>(
    ruleset: &'a Ruleset,
    hook: nftables::Hook,
    packet: &Packet,
    machine: &mut Machine<'_>,
) -> Vec<(&'a Table, &'a nftables::Chain)> {
    let own = if packet.destination.is_ipv6() { Family::Ip6 } else { Family::Ip };
    let mut found = Vec::new();
    for table in ruleset.tables.iter().filter(|table| !table.dormant()) {
        if table.family != Family::Inet && table.family != own {
            continue;
        }
        for chain in &table.chains {
            if let Some(base) = chain.base.as_ref().filter(|base| base.hook == hook) {
                found.push((called_at(base), base.priority, table, chain));
            }
        }
    }
    found.sort_by_key(|&(at, priority, ..)| (at, priority));
    let tie = found.windows(2).any(
        |pair| matches!(pair, [a, b] if (a.0, a.1) == (b.0, b.1) && a.2.name != b.2.name && marks(a.3, b.3)),
    );
    // Chains of equal priority run in the order they were registered, which the dump does not tell.
    if tie && machine.ask(None, format!("order of chains of equal priority at {}", hook.word())) {
        found.reverse();
        found.sort_by_key(|&(at, priority, ..)| (at, priority));
    }
    found.into_iter().map(|(_, _, table, chain)| (table, chain)).collect()
}

/// Whether the order of two chains can matter: one sets what the other may read.
fn marks(a: &nftables::Chain, b: &nftables::Chain) -> bool {
    let plain = |chain: &nftables::Chain| {
        chain.rules.iter().flat_map(|rule| &rule.expressions).all(|expression| {
            matches!(
                expression,
                Expression::Payload { .. }
                    | Expression::Cmp { .. }
                    | Expression::Range { .. }
                    | Expression::Bitwise { .. }
                    | Expression::Counter
                    | Expression::Log
                    | Expression::Reject
                    | Expression::Lookup { .. }
                    | Expression::Immediate(nftables::Immediate::Verdict(
                        nftables::Verdict::Accept | nftables::Verdict::Drop
                    ))
            ) || matches!(expression, Expression::Meta { key, .. } if *key != nftables::MetaKey::Mark)
                || matches!(expression, Expression::Ct { key, .. } if *key != nftables::CtKey::Mark)
        })
    };
    !plain(a) || !plain(b)
}

/// Chains of kind `nat` are called by the translation core, at its own place in the hook.
fn called_at(base: &nftables::Base) -> i32 {
    if base.kind == "nat" { called_at_translation(base.hook) } else { base.priority }
}

fn called_at_translation(hook: nftables::Hook) -> i32 {
    if matches!(hook, nftables::Hook::Prerouting | nftables::Hook::Output) { -100 } else { 100 }
}

/// What stands in the ruleset that no run can account for.
fn unreadable(ruleset: &Ruleset, hook: packets::Hook, packet: &Packet) -> Option<String> {
    if let Some(lost) = ruleset.undecoded.first() {
        return Some(format!("{}: {}", lost.place, lost.what));
    }
    let established = matches!(packet.state, ConnectionState::Original | ConnectionState::Reply)
        || matches!(packet.state, ConnectionState::Related { .. });
    for table in ruleset.tables.iter().filter(|table| !table.dormant()) {
        for chain in &table.chains {
            let place = format!("{} {} {}", table.family.word(), table.name, chain.name);
            if let Some(base) = &chain.base
                && foreign(table, base, hook, packet)
            {
                return Some(format!("{place}: hook {} is not modelled", base.hook.word()));
            }
            for expression in chain.rules.iter().flat_map(|rule| &rule.expressions) {
                let translates = matches!(expression, Expression::Masquerade | Expression::Redirect { .. });
                if established && translates {
                    return Some(format!("{place}: connections may be translated"));
                }
                if established
                    && hook == packets::Hook::Forward
                    && matches!(expression, Expression::Statement { name } if name == "flow_offload")
                {
                    return Some(format!("{place}: packets in a flow table pass around the rules"));
                }
            }
        }
    }
    None
}

/// Whether a base chain hangs where this packet may meet it and no run leads.
fn foreign(table: &Table, base: &nftables::Base, hook: packets::Hook, packet: &Packet) -> bool {
    use nftables::Hook::{Egress, Ingress};
    let on = |name: &Option<String>| {
        base.devices.is_empty() || name.as_ref().is_none_or(|name| base.devices.contains(name))
    };
    match (table.family, base.hook) {
        (Family::Inet | Family::Netdev, Ingress) => hook != packets::Hook::Output && on(&packet.iif),
        (Family::Netdev, Egress) => hook != packets::Hook::Input && on(&packet.oif),
        (Family::Inet | Family::Ip | Family::Ip6, other) => {
            matches!(other, nftables::Hook::Other(_) | Egress)
        }
        _ => true,
    }
}
