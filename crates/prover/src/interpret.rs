//! The whole ruleset to three functions: what passes through, what comes in, what goes out.

use std::collections::{BTreeMap, BTreeSet};

use nftables::{Base, Expression, Family, Hook, Ruleset, Set, Table, Verdict};
use packets::{FALSE, Field, Interfaces, Node, Space, TRUE, ct_state, family};
use rustc_hash::FxHashMap;

use crate::bytes::Tables;
use crate::chain::changes_packet;
use crate::interfaces::{Link, interface_names};
use crate::notes::{NotUnderstood, Unknowns};
use crate::translation::{AT_DESTINATION, AT_SOURCE, Follows, Seen, translates};

/// What is known beside the rules.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Interfaces that exist.
    pub links: Vec<Link>,
    /// Milliseconds after the dump: timed elements that end by then count as gone.
    pub elapsed: u64,
    /// Packets with translated addresses are asked about, whether or not these rules translate.
    pub translated: bool,
}

/// What a ruleset lets through.
#[derive(Debug, Clone)]
pub struct Interpreted {
    /// Packets that pass from one interface to another.
    pub forward: Node,
    /// Packets that reach this machine.
    pub input: Node,
    /// Packets that leave it.
    pub output: Node,
    /// What was not understood, in order of place.
    pub not_understood: Vec<NotUnderstood>,
}

impl Interpreted {
    /// The function of one hook.
    pub fn of(&self, hook: packets::Hook) -> Node {
        match hook {
            packets::Hook::Forward => self.forward,
            packets::Hook::Input => self.input,
            packets::Hook::Output => self.output,
        }
    }
}

/// Connection tracking is registered for the hooks from this priority on (`NF_IP_PRI_CONNTRACK`).
const CONNTRACK: i32 = -200;
const ICMP: u128 = 1;
const ICMPV6: u128 = 58;
/// Fragments are put together at this priority (`NF_IP_PRI_CONNTRACK_DEFRAG`).
const DEFRAG: i32 = -400;

/// Interprets a ruleset. `unknowns` is shared between two rulesets that are compared with each other.
pub fn interpret(
    space: &mut Space,
    interfaces: &Interfaces,
    unknowns: &mut Unknowns,
    ruleset: &Ruleset,
    options: &Options,
) -> Interpreted {
    let mut indexes = BTreeMap::new();
    for link in &options.links {
        if let Some(value) = interfaces.value(&link.name) {
            indexes.insert(value, link.index);
        }
    }
    let mut engine = Engine {
        space,
        tables: Tables { interfaces, indexes },
        unknowns,
        ruleset,
        elapsed: options.elapsed,
        changed: Changed::by(ruleset),
        translated: options.translated || translates(ruleset),
        notes: BTreeSet::new(),
        memo: FxHashMap::default(),
        came_back: FxHashMap::default(),
        names: Names::of(ruleset),
        depth: 0,
    };
    for undecoded in &ruleset.undecoded {
        engine.block(undecoded.place.clone(), undecoded.what.clone());
    }
    engine.unmodelled_hooks();
    engine.unnamed_interfaces(&options.links);
    engine.order_of_equals();
    let both = (true, true);
    let after = engine.hook(Hook::Postrouting, both, TRUE);
    let after = engine.hook(Hook::Forward, both, after);
    let forward = engine.hook(Hook::Prerouting, (true, false), after);
    let after = engine.hook(Hook::Input, (true, false), TRUE);
    let input = engine.hook(Hook::Prerouting, (true, false), after);
    let after = engine.hook(Hook::Postrouting, (false, true), TRUE);
    let output = engine.hook(Hook::Output, (false, true), after);
    if engine.unknowns.overflow() {
        engine.block(String::new(), "more unknown predicates than can be told apart".to_owned());
    }
    let not_understood = engine.notes.into_iter().collect();
    Interpreted { forward, input, output, not_understood }
}

/// Whether some rule makes the kernel track connections.
pub fn uses_tracking(ruleset: &Ruleset) -> bool {
    ruleset.tables.iter().any(|table| {
        table.objects.iter().any(|object| matches!(object.kind, 3 | 7 | 9))
            || table.chains.iter().any(|chain| {
                chain.base.as_ref().is_some_and(|base| base.kind == "nat")
                    || chain.rules.iter().flat_map(|rule| &rule.expressions).any(|expression| {
                        matches!(
                            expression,
                            Expression::Ct { .. }
                                | Expression::CtSet { .. }
                                | Expression::Connlimit
                                | Expression::Nat { .. }
                                | Expression::Masquerade
                                | Expression::Redirect { .. }
                        )
                    })
            })
    })
}

/// Metadata that some rule sets: a load of it may differ between two rules.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    pub(crate) meta: BTreeSet<nftables::MetaKey>,
    pub(crate) ct: BTreeSet<nftables::CtKey>,
    /// Some rule changes what the diagrams know of a packet.
    pub(crate) packet: bool,
}

impl Changed {
    fn by(ruleset: &Ruleset) -> Self {
        let mut changed = Changed::default();
        let mut chains = ruleset.tables.iter().flat_map(|table| &table.chains);
        changed.packet = chains.any(|chain| chain.rules.iter().any(|rule| changes_packet(&rule.expressions)));
        for expression in ruleset
            .tables
            .iter()
            .flat_map(|table| &table.chains)
            .flat_map(|chain| &chain.rules)
            .flat_map(|rule| &rule.expressions)
        {
            match expression {
                Expression::MetaSet { key, .. } => {
                    changed.meta.insert(*key);
                }
                Expression::CtSet { key, .. } => {
                    changed.ct.insert(*key);
                }
                _ => {}
            }
        }
        changed
    }
}

/// A base chain in the order of its hook.
struct Hooked<'a> {
    /// Where the kernel calls it.
    at: i32,
    base: &'a Base,
    t: usize,
    c: usize,
    /// It has no rules.
    bare: bool,
}

/// What a base chain can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Context {
    pub(crate) family: Option<u128>,
    pub(crate) iif: bool,
    pub(crate) oif: bool,
    /// Connection tracking has seen the packet.
    pub(crate) tracked: bool,
    /// Which addresses its rules see.
    pub(crate) seen: Seen,
    /// Where its rules may translate: what follows then.
    pub(crate) follows: Option<Follows>,
}

pub(crate) struct Engine<'a> {
    pub(crate) space: &'a mut Space,
    pub(crate) tables: Tables<'a>,
    pub(crate) unknowns: &'a mut Unknowns,
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) elapsed: u64,
    pub(crate) changed: Changed,
    /// Addresses may be translated.
    pub(crate) translated: bool,
    pub(crate) notes: BTreeSet<NotUnderstood>,
    pub(crate) memo: FxHashMap<(usize, usize, Node, Node, Context), Node>,
    pub(crate) came_back: FxHashMap<Node, Node>,
    pub(crate) names: Names<'a>,
    pub(crate) depth: u32,
}

/// Sets and chains by table and name.
pub(crate) struct Names<'a> {
    sets: FxHashMap<(usize, &'a str), &'a Set>,
    chains: FxHashMap<(usize, &'a str), usize>,
}

impl<'a> Names<'a> {
    fn of(ruleset: &'a Ruleset) -> Self {
        let mut names = Names { sets: FxHashMap::default(), chains: FxHashMap::default() };
        for (t, table) in ruleset.tables.iter().enumerate() {
            names.sets.extend(table.sets.iter().map(|set| ((t, set.name.as_str()), set)));
            names
                .chains
                .extend(table.chains.iter().enumerate().map(|(c, chain)| ((t, chain.name.as_str()), c)));
        }
        names
    }

    pub(crate) fn set(&self, t: usize, name: &str) -> Option<&'a Set> {
        self.sets.get(&(t, name)).copied()
    }

    pub(crate) fn chain(&self, t: usize, name: &str) -> Option<usize> {
        self.chains.get(&(t, name)).copied()
    }
}

impl Engine<'_> {
    /// Something that stands in the way of every verdict.
    pub(crate) fn block(&mut self, place: String, what: impl Into<String>) {
        self.notes.insert(NotUnderstood { place, what: what.into(), blocking: true, predicate: None });
    }

    /// Something a predicate stands for: it only matters where that predicate decides.
    pub(crate) fn doubt(&mut self, place: String, what: impl Into<String>, field: Field) -> Node {
        let predicate = if let Field::Unknown(number) = field { Some(number) } else { None };
        self.notes.insert(NotUnderstood { place, what: what.into(), blocking: false, predicate });
        self.space.value(field, 1)
    }

    /// A function that is true or false, nobody knows which.
    pub(crate) fn undecided(&mut self) -> Node {
        let field = self.unknowns.fresh();
        self.space.value(field, 1)
    }

    /// Interfaces the rules tell apart and the list does not: they would pass for interfaces that do not exist.
    fn unnamed_interfaces(&mut self, links: &[Link]) {
        for name in interface_names(self.ruleset, links) {
            if self.tables.interfaces.value(&name).is_none() {
                self.block(format!("interface {name}"), "the rules name it and the comparison does not");
            }
        }
    }

    /// Chains of one priority in two tables: the one registered later runs first, and no dump tells which that is. It
    /// matters where one of them sets what another may look at.
    fn order_of_equals(&mut self) {
        if self.changed.meta.is_empty() && self.changed.ct.is_empty() {
            return;
        }
        let mut seen = BTreeMap::new();
        let ruleset = self.ruleset;
        for table in ruleset.tables.iter().filter(|table| !table.dormant()) {
            for base in table.chains.iter().filter_map(|chain| chain.base.as_ref()) {
                let first = seen.entry((base.hook, base.priority)).or_insert(&table.name);
                if *first != &table.name {
                    let place = format!("hook {} priority {}", base.hook.word(), base.priority);
                    self.block(
                        place,
                        format!("tables {first} and {}: which runs first is not known", table.name),
                    );
                }
            }
        }
    }

    /// Hooks of families and devices that the diagrams do not show.
    fn unmodelled_hooks(&mut self) {
        for table in &self.ruleset.tables {
            if table.dormant() {
                continue;
            }
            for chain in &table.chains {
                let Some(base) = &chain.base else { continue };
                let routed = matches!(table.family, Family::Inet | Family::Ip | Family::Ip6);
                let known = matches!(
                    base.hook,
                    Hook::Prerouting | Hook::Input | Hook::Forward | Hook::Output | Hook::Postrouting
                );
                let active = !chain.rules.is_empty() || base.policy != Verdict::Accept;
                let place = format!("{} {} {}", table.family.word(), table.name, chain.name);
                let shown = routed && known;
                if active && !shown {
                    let what =
                        format!("rules at hook {} of family {}", base.hook.word(), table.family.word());
                    self.block(place, what);
                } else if routed && base.priority < DEFRAG && active {
                    self.block(place, "rules that see fragments before they are put together");
                }
            }
            for flowtable in &table.flowtables {
                let place = format!("{} {} flowtable {}", table.family.word(), table.name, flowtable.name);
                self.block(place, "a flow table: packets in it pass around the rules");
            }
        }
    }

    /// All base chains of a hook, in order of priority; `after` is what follows when all accept.
    fn hook(&mut self, hook: Hook, (iif, oif): (bool, bool), after: Node) -> Node {
        let ruleset = self.ruleset;
        let mut chains: Vec<Hooked<'_>> = Vec::new();
        for (t, table) in ruleset.tables.iter().enumerate() {
            if table.dormant() || !matches!(table.family, Family::Inet | Family::Ip | Family::Ip6) {
                continue;
            }
            for (c, chain) in table.chains.iter().enumerate() {
                if let Some(base) = &chain.base
                    && base.hook == hook
                {
                    let translation = match hook {
                        _ if base.kind != "nat" => None,
                        Hook::Prerouting | Hook::Output => Some(AT_DESTINATION),
                        _ => Some(AT_SOURCE),
                    };
                    let at = translation.unwrap_or(base.priority);
                    chains.push(Hooked { at, base, t, c, bare: chain.rules.is_empty() });
                }
            }
        }
        chains.sort_by_key(|hooked| (hooked.at, hooked.base.priority, hooked.t, hooked.c));
        if !self.translated {
            return self.run((iif, oif), hook, &chains, (Seen::Through, None), after);
        }
        let at = match hook {
            Hook::Prerouting => AT_DESTINATION,
            Hook::Postrouting => AT_SOURCE,
            // No rule that translates is modelled here; what was not translated before stays as it is.
            Hook::Output => {
                let function = self.run((iif, oif), hook, &chains, (Seen::Through, None), after);
                return self.untranslated(function, Field::OriginalDestination);
            }
            Hook::Input => {
                let function = self.run((iif, oif), hook, &chains, (Seen::Through, None), after);
                return self.untranslated(function, Field::OriginalSource);
            }
            _ => return self.run((iif, oif), hook, &chains, (Seen::Through, None), after),
        };
        let (source, field, earlier, later) = if hook == Hook::Postrouting {
            (true, Field::OriginalSource, Seen::Through, Seen::After)
        } else {
            (false, Field::OriginalDestination, Seen::Before, Seen::Through)
        };
        let (before, rest) = chains.split_at(chains.partition_point(|hooked| hooked.at < at));
        let (at_it, after_it) = rest.split_at(rest.partition_point(|hooked| hooked.at == at));
        if at_it.iter().any(|hooked| hooked.base.kind != "nat" && !hooked.bare) {
            let place = format!("hook {} priority {at}", hook.word());
            self.block(place, "rules at the very priority at which addresses are translated");
        }
        let node = self.run((iif, oif), hook, after_it, (later, None), after);
        let function = self.untranslated(node, field);
        let follows = Some(Follows { source, node });
        let function = self.run((iif, oif), hook, at_it, (earlier, follows), function);
        self.run((iif, oif), hook, before, (earlier, None), function)
    }

    /// Some base chains of a hook, in order; `after` is what follows when all accept.
    fn run(
        &mut self,
        (iif, oif): (bool, bool),
        hook: Hook,
        chains: &[Hooked<'_>],
        (seen, follows): (Seen, Option<Follows>),
        after: Node,
    ) -> Node {
        let ruleset = self.ruleset;
        let mut function = after;
        for Hooked { base, t, c, .. } in chains.iter().rev() {
            let Some(table) = ruleset.tables.get(*t) else { continue };
            let early = matches!(hook, Hook::Prerouting | Hook::Output) && base.priority < CONNTRACK;
            let context = Context {
                seen,
                follows,
                family: match table.family {
                    Family::Ip => Some(family::V4),
                    Family::Ip6 => Some(family::V6),
                    _ => None,
                },
                iif,
                oif,
                tracked: !early,
            };
            function = self.base_chain(context, table, base, (*t, *c), function);
        }
        function
    }

    fn base_chain(
        &mut self,
        context: Context,
        table: &Table,
        base: &Base,
        (t, c): (usize, usize),
        accept: Node,
    ) -> Node {
        let policy = match base.policy {
            Verdict::Accept => accept,
            Verdict::Drop => FALSE,
            _ => {
                let place = format!("{} {}", table.family.word(), table.name);
                self.block(place, "a chain policy that is neither accept nor drop");
                self.undecided()
            }
        };
        let mut function = self.chain(context, (t, c), accept, policy);
        if base.kind == "nat" {
            // Only the packet that opens a connection sees these rules. A connection that another one announced is
            // related when it opens; whether a related packet opens one is not told by its fields.
            let related = self.space.value(Field::State, ct_state::RELATED);
            let error = self.space.ranges(Field::Protocol, &[(ICMP, ICMP), (ICMPV6, ICMPV6)]);
            let related = self.space.without(related, error);
            let opens = self.undecided();
            let announced = self.space.and(related, opens);
            let new = self.space.value(Field::State, ct_state::NEW);
            let sees = self.space.or(new, announced);
            function = self.space.ite(sees, function, accept);
        }
        if let Some(family) = context.family {
            let own = self.space.value(Field::Family, family);
            function = self.space.ite(own, function, accept);
        }
        function
    }
}
