//! The proof: what the kernel runs against what the plant says.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use nftables::Ruleset;
use packets::{
    Assumed, Bounds, Comparison, Found, Hook, Interfaces, Node, Space, compare, compare_may, domain,
};
use plant::Plant;
use policy::Policy;
use prover::{Link, NotUnderstood, Options, Unknowns, interface_names, interpret, translates, uses_tracking};
use sha2::{Digest, Sha256};
use words::{Language, Message};

use crate::document::{
    CompareDocument, NotUnderstoodDocument, PacketDocument, ProofDocument, StepDocument, shorten,
};

/// What else decides about packets, beside the rules.
#[derive(Debug, Clone, Default)]
pub struct Surrounding {
    /// Interfaces that exist.
    pub links: Vec<Link>,
    /// What can pass around the rules, or cannot be told.
    pub not_understood: Vec<NotUnderstood>,
    /// The machine forwards IPv4.
    pub forwards_v4: bool,
    /// The machine forwards IPv6.
    pub forwards_v6: bool,
    /// A TCP packet from the middle of a connection counts as new.
    pub tcp_loose: bool,
    /// What could not be read and is taken for granted.
    pub assumptions: Vec<String>,
    /// Pairs of legs that are ports of one bridge, in order.
    pub bridged: Vec<[String; 2]>,
}

/// How late after its end a timed permission may still be in the kernel's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lateness {
    /// The ruleset was loaded for the very moment asked about.
    None,
    /// The ruleset was loaded some time ago, by a load that took up to a second.
    OneSecond,
}

/// The verdict of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The kernel does what the plant says.
    Equal,
    /// It does not; there are packets that show it.
    Differs,
    /// Nobody can tell.
    Unknown,
}

impl Verdict {
    /// The word of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Equal => "equal",
            Verdict::Differs => "differs",
            Verdict::Unknown => "unknown",
        }
    }
}

/// A finished proof.
pub struct Proof {
    /// The verdict.
    pub verdict: Verdict,
    /// Packets the kernel lets through and the plant does not name.
    pub extra: Vec<Found>,
    /// Packets the plant names and the kernel stops.
    pub missing: Vec<Found>,
    /// What stands in the way of a verdict.
    pub not_understood: Vec<NotUnderstood>,
    /// What the proof takes for granted.
    pub assumptions: Vec<String>,
}

/// Hosts behind each interface, and the gateway's own addresses under the empty name: for examples people know.
pub type Hosts = BTreeMap<String, Vec<IpAddr>>;

/// The hosts of a plant.
pub fn hosts(plant: &Plant) -> Hosts {
    let mut hosts = Hosts::new();
    for interface in plant.assets.values().flat_map(|asset| &asset.interfaces) {
        if let Some(leg) = &interface.leg {
            hosts.entry(leg.clone()).or_default().extend(&interface.addresses);
        }
    }
    for (_, leg) in plant.legs() {
        hosts.entry(String::new()).or_default().extend(&leg.gateways);
    }
    hosts
}

/// Proves a ruleset against a policy at a moment.
pub fn prove(
    policy: &Policy,
    hosts: &Hosts,
    moment: Timestamp,
    ruleset: &Ruleset,
    surrounding: &Surrounding,
    lateness: Lateness,
    language: Language,
) -> Proof {
    let mut names = interface_names(ruleset, &surrounding.links);
    names.extend(policy.interfaces());
    let mut interfaces = Interfaces::new(names);
    for (name, hosts) in hosts {
        interfaces = interfaces.with_hosts(name, hosts.iter().copied());
    }
    let mut space = Space::default();
    let mut unknowns = Unknowns::default();
    let mut comparison = Comparison::default();
    let mut notes = Vec::new();
    let mut doubts = Vec::new();
    let translated = translates(ruleset) || policy.translates();
    let assumed = Assumed {
        tracking: uses_tracking(ruleset) || !policy.permissions.is_empty(),
        tcp_loose: surrounding.tcp_loose,
        translated,
    };

    let mut moments: Vec<Option<Timestamp>> = vec![None];
    moments.extend(policy.ends().into_iter().map(Some));
    for (number, end) in moments.into_iter().enumerate() {
        let elapsed = end.map_or(0, |end| {
            let left = end.as_millisecond().saturating_sub(moment.as_millisecond());
            u64::try_from(left).unwrap_or(0) + if lateness == Lateness::OneSecond { 1000 } else { 0 }
        });
        let options = Options { links: surrounding.links.clone(), elapsed, translated };
        let interpreted = interpret(&mut space, &interfaces, &mut unknowns, ruleset, &options);
        let relations = match end {
            None => policy.relations(&mut space, &interfaces),
            Some(end) => policy.relations_at(&mut space, &interfaces, end),
        };
        for hook in Hook::ALL {
            let packets = domain(&mut space, hook, &interfaces, assumed);
            let forwarded = forwarded(&mut space, hook, interpreted.of(hook), surrounding);
            let bounds = Bounds::of(&mut space, forwarded);
            let wanted = relations.get(&hook).copied().unwrap_or(packets::FALSE);
            let before = comparison.undecided.len();
            if number == 0 {
                compare(
                    &mut space,
                    hook,
                    packets,
                    &interfaces,
                    [bounds, Bounds::exact(wanted)],
                    &mut comparison,
                );
            } else {
                // Later moments ask the question of security alone: what ends, ends in time.
                compare_may(&mut space, hook, packets, &interfaces, bounds.may, wanted, &mut comparison);
            }
            if comparison.undecided.len() > before {
                doubts.push(forwarded);
            }
        }
        if number == 0 {
            notes = mattering(&space, interpreted.not_understood, &doubts);
        }
    }
    let timed = !policy.ends().is_empty();
    finish(policy, surrounding, comparison, notes, timed && lateness == Lateness::OneSecond, language)
}

/// What stands in the way of a verdict: everything that blocks one, and the doubts that decide about a packet.
fn mattering(space: &Space, notes: Vec<NotUnderstood>, doubtful: &[Node]) -> Vec<NotUnderstood> {
    let deciding: BTreeSet<u16> = doubtful.iter().flat_map(|&function| space.unknowns(function)).collect();
    let matters =
        |note: &NotUnderstood| note.blocking || note.predicate.is_some_and(|known| deciding.contains(&known));
    notes.into_iter().filter(matters).collect()
}

/// A machine that does not forward a family lets nothing of it through, whatever the rules say.
fn forwarded(space: &mut Space, hook: Hook, passes: Node, surrounding: &Surrounding) -> Node {
    if hook != Hook::Forward {
        return passes;
    }
    let mut families = Vec::new();
    if surrounding.forwards_v4 {
        families.push((packets::family::V4, packets::family::V4));
    }
    if surrounding.forwards_v6 {
        families.push((packets::family::V6, packets::family::V6));
    }
    let forwarded = space.ranges(packets::Field::Family, &families);
    space.and(passes, forwarded)
}

/// The verdict of a comparison, given what stands in its way.
fn settle(comparison: &Comparison, not_understood: &mut Vec<NotUnderstood>, language: Language) -> Verdict {
    if comparison.exhausted {
        let what = language
            .pick("the comparison ran out of memory", "dem Vergleich ging der Speicher aus")
            .to_owned();
        not_understood.push(NotUnderstood { place: String::new(), what, blocking: true, predicate: None });
    }
    if comparison.differs() {
        Verdict::Differs
    } else if comparison.equal() && not_understood.is_empty() {
        Verdict::Equal
    } else {
        Verdict::Unknown
    }
}

fn finish(
    policy: &Policy,
    surrounding: &Surrounding,
    comparison: Comparison,
    notes: Vec<NotUnderstood>,
    late: bool,
    language: Language,
) -> Proof {
    let mut not_understood: Vec<NotUnderstood> = surrounding.not_understood.clone();
    not_understood.extend(notes);
    let verdict = settle(&comparison, &mut not_understood, language);
    let mut assumptions: Vec<String> =
        policy.assumptions().iter().map(|assumption| assumption.text(language)).collect();
    assumptions.extend(surrounding.assumptions.iter().cloned());
    if late {
        let text = language.pick(
            "a timed permission counts as ended in time when it ends at most one second late, the time a load takes",
            "eine befristete Freigabe gilt als rechtzeitig beendet, wenn sie höchstens eine Sekunde zu spät endet: so lange darf das Laden dauern",
        );
        assumptions.push(text.to_owned());
    }
    Proof {
        verdict,
        extra: comparison.first_only,
        missing: comparison.second_only,
        not_understood,
        assumptions,
    }
}

/// The document of a proof.
pub fn document(proof: Proof, policy: &Policy, ruleset: &Ruleset, links: &[Link]) -> ProofDocument {
    let (extra, more_extra) = packets_of(proof.extra, ruleset, links);
    let (missing, more_missing) = packets_of(proof.missing, ruleset, links);
    // Equal means: the forward hook lets through no packet between their ends at these ports, and what leaves for the
    // target carries the proxy's mark; the policy's relations say both.
    let through_proxy: BTreeSet<String> = match proof.verdict {
        Verdict::Equal => policy.commands.iter().map(|commands| commands.row.flow.to_string()).collect(),
        Verdict::Differs | Verdict::Unknown => BTreeSet::new(),
    };
    ProofDocument {
        through_proxy: through_proxy.into_iter().collect(),
        verdict: proof.verdict.word(),
        extra,
        missing,
        not_understood: places(proof.not_understood),
        uninspected: policy.uninspected.iter().map(ToString::to_string).collect(),
        assumptions: proof.assumptions,
        rules: rules(ruleset),
        ruleset_hash: hash(ruleset),
        policy_hash: policy.hash(),
        more: more_extra || more_missing,
    }
}

/// Two rulesets side by side, each with the links of its namespace.
pub fn compare_rulesets(sides: [(&Ruleset, &[Link]); 2], language: Language) -> (Verdict, CompareDocument) {
    let [(a, a_links), (b, b_links)] = sides;
    let mut names = interface_names(a, a_links);
    names.extend(interface_names(b, b_links));
    let interfaces = Interfaces::new(names);
    let mut space = Space::default();
    let mut unknowns = Unknowns::default();
    let translated = translates(a) || translates(b);
    let assumed = Assumed { tracking: uses_tracking(a) || uses_tracking(b), tcp_loose: false, translated };
    let both = sides.map(|(ruleset, links)| {
        interpret(
            &mut space,
            &interfaces,
            &mut unknowns,
            ruleset,
            &Options { links: links.to_vec(), elapsed: 0, translated },
        )
    });
    let mut comparison = Comparison::default();
    let mut doubts = Vec::new();
    for hook in Hook::ALL {
        let packets = domain(&mut space, hook, &interfaces, assumed);
        let [first, second] = [both[0].of(hook), both[1].of(hook)];
        if first == second {
            continue;
        }
        let sides = [Bounds::of(&mut space, first), Bounds::of(&mut space, second)];
        // The same unknown predicate in both is the same Boolean: where the functions agree for each of its values,
        // the packet is treated alike, whatever the value is.
        let differ = space.differ(first, second);
        let differ = space.possible(differ);
        let packets = space.and(packets, differ);
        let before = comparison.undecided.len();
        compare(&mut space, hook, packets, &interfaces, sides, &mut comparison);
        if comparison.undecided.len() > before {
            doubts.extend([first, second]);
        }
    }
    let [first, second] = both;
    let mut notes: Vec<NotUnderstood> = Vec::new();
    for (name, side) in [("A", first), ("B", second)] {
        for note in mattering(&space, side.not_understood, &doubts) {
            notes.push(NotUnderstood { place: format!("{name}: {}", note.place), ..note });
        }
    }
    let verdict = settle(&comparison, &mut notes, language);
    let (only_a, more_a) = packets_of(comparison.first_only, a, a_links);
    let (only_b, more_b) = packets_of(comparison.second_only, b, b_links);
    let document = CompareDocument {
        equal: verdict == Verdict::Equal,
        only_a,
        only_b,
        not_understood: places(notes),
        more: more_a || more_b,
    };
    (verdict, document)
}

fn places(notes: Vec<NotUnderstood>) -> Vec<NotUnderstoodDocument> {
    let mut places: Vec<_> =
        notes.into_iter().map(|note| NotUnderstoodDocument { place: note.place, what: note.what }).collect();
    places.dedup();
    places
}

fn packets_of(found: Vec<Found>, ruleset: &Ruleset, links: &[Link]) -> (Vec<PacketDocument>, bool) {
    let (found, more) = shorten(found);
    let documents =
        found.iter().map(|found| PacketDocument::new(found, path(found, ruleset, links))).collect();
    (documents, more)
}

/// The rules that decide about a packet, as the second engine walks them.
pub fn path(found: &Found, ruleset: &Ruleset, links: &[Link]) -> Vec<StepDocument> {
    prover::trace(ruleset, links, found.hook, &found.packet)
        .path
        .into_iter()
        .map(|step| StepDocument {
            table: step.table,
            chain: step.chain,
            handle: step.handle,
            rule: step.rule,
        })
        .collect()
}

/// Number of rules.
pub fn rules(ruleset: &Ruleset) -> usize {
    ruleset.tables.iter().flat_map(|table| &table.chains).map(|chain| chain.rules.len()).sum()
}

/// SHA-256 over the ruleset's meaning: generation, handles and remaining life are left out, since they change
/// without a change of the rules.
pub fn hash(ruleset: &Ruleset) -> String {
    let mut plain = ruleset.clone();
    plain.generation = None;
    for table in &mut plain.tables {
        table.handle = 0;
        table.objects.iter_mut().for_each(|object| object.handle = 0);
        table.flowtables.iter_mut().for_each(|flowtable| flowtable.handle = 0);
        for chain in &mut table.chains {
            chain.handle = 0;
            chain.rules.iter_mut().for_each(|rule| rule.handle = 0);
        }
        for set in &mut table.sets {
            set.handle = 0;
            set.elements.iter_mut().for_each(|element| element.expiration = None);
            set.elements.sort_by(|a, b| {
                (&a.key, &a.key_end, a.interval_end).cmp(&(&b.key, &b.key_end, b.interval_end))
            });
        }
    }
    let digest = Sha256::digest(format!("{plain:?}").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
