//! Every single change of a ruleset is noticed, or changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::collections::BTreeMap;

use common::bench::sendable;
use common::hand_written::relation;
use common::mutations::{self, Mutant};
use common::replay::{on_bench, replay};
use common::{Both, inside, links, load, regions, ruleset, text_mutations};
use packets::{Bounds, Comparison, Hook, Node, Packet};
use prover::{Options, Outcome, Unknowns, interpret, trace};

/// The written relation of each hook, beside the ruleset it is about.
struct Bench {
    both: Both,
    wanted: Vec<Node>,
    /// In and around every region, for each hook.
    packets: Vec<(Hook, Packet)>,
}

impl Bench {
    fn new(name: &str, wanted: impl Fn(&mut Both, Hook) -> Node) -> Self {
        let ruleset = load(&ruleset(name));
        let names = mutations::all(&ruleset);
        let names = names.iter().flat_map(|mutant| prover::interface_names(&mutant.ruleset, &[])).collect();
        let mut both = Both::with_names(ruleset, links(), names);
        let wanted: Vec<Node> = Hook::ALL.into_iter().map(|hook| wanted(&mut both, hook)).collect();
        let packets = Hook::ALL
            .into_iter()
            .flat_map(|hook| {
                regions::of_passing(&mut both, hook, 5_000).into_iter().map(move |packet| (hook, packet))
            })
            .collect();
        Bench { both, wanted, packets }
    }

    /// Compares a ruleset with the written relation.
    fn compare(&mut self, ruleset: &nftables::Ruleset) -> (Comparison, bool) {
        let both = &mut self.both;
        let mut unknowns = Unknowns::default();
        let options = Options { links: both.links.clone(), elapsed: 0, translated: false };
        let interpreted = interpret(&mut both.space, &both.interfaces, &mut unknowns, ruleset, &options);
        let mut comparison = Comparison::default();
        for (place, hook) in Hook::ALL.into_iter().enumerate() {
            let bounds = Bounds::of(&mut both.space, interpreted.of(hook));
            let sides = [bounds, Bounds::exact(self.wanted[place])];
            packets::compare(
                &mut both.space,
                hook,
                both.domains[place],
                &both.interfaces,
                sides,
                &mut comparison,
            );
        }
        (comparison, interpreted.not_understood.iter().any(|note| note.blocking))
    }
}

#[test]
fn the_written_policy_is_equal_to_its_relation() {
    inside("the_written_policy_is_equal_to_its_relation", || {
        let mut bench = Bench::new("policy", |both, hook| relation(&mut both.space, &both.interfaces, hook));
        let ruleset = bench.both.ruleset.clone();
        let (comparison, blocked) = bench.compare(&ruleset);
        assert!(!blocked && comparison.equal(), "{comparison:#?}");
    });
}

/// How a mutant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// A packet shows the difference, and the second engine confirms it.
    Differs,
    /// The comparison does not call it equal.
    Unknown,
    /// Equal, and the second engine sees no difference at any region or boundary.
    Equivalent,
}

fn judge(bench: &mut Bench, mutant: &Mutant) -> End {
    let (comparison, blocked) = bench.compare(&mutant.ruleset);
    let links = bench.both.links.clone();
    for (found, expected) in
        [(&comparison.first_only, Outcome::Passes), (&comparison.second_only, Outcome::Dropped)]
    {
        for found in found {
            let trace = trace(&mutant.ruleset, &links, found.hook, &found.packet);
            assert_eq!(
                trace.outcome, expected,
                "{}: the engines differ: {trace:#?}\n{found:#?}",
                mutant.what
            );
        }
    }
    if comparison.differs() {
        return End::Differs;
    }
    if blocked || !comparison.equal() {
        return End::Unknown;
    }
    for (hook, packet) in &bench.packets {
        let (before, after) =
            (bench.both.trace(*hook, packet), trace(&mutant.ruleset, &links, *hook, packet));
        assert_eq!(before.outcome, after.outcome, "{} is called equal: {after:#?}\n{packet:#?}", mutant.what);
    }
    End::Equivalent
}

/// Changes that change nothing here, and why. An equal mutant that none of these explains is an error.
const EXPLAINED: [(&str, &str); 12] = [
    (": twice", "the second copy sees nothing the first let by"),
    (
        ": priority",
        "no other chain of the hook comes before or after, and connections are looked up in any case",
    ),
    ("forward rule 0: removed", "no later rule accepts what is invalid or untracked"),
    ("forward rule 0: after", "the next rule accepts related packets only"),
    ("forward rule 0 expression 1:", "no later rule accepts what is invalid or untracked"),
    ("forward rule 0 expression 3:", "no later rule accepts what is invalid or untracked"),
    ("forward rule 1 expression 5:", "an ICMP packet that speaks of a TCP connection is related"),
    ("forward rule 1 expression 6:", "an ICMP packet that speaks of a TCP connection is related"),
    ("forward rule 1 expression 8:", "an IPv6 packet has no IPv4 address in its connection"),
    (
        "forward rule 2 expression 1:",
        "no later rule accepts what is invalid or untracked; no bit above is a state",
    ),
    ("forward rule 2 expression 3:", "returning from a base chain is its policy, and that drops"),
    (": Goto(", "behind the map stands nothing to come back to"),
];

/// Single changes of the written policy as the kernel runs it. A count that moves means that the generator changed:
/// look what it does now.
const MUTANTS: usize = 510;

#[test]
fn every_single_change_is_noticed_or_changes_nothing() {
    inside("every_single_change_is_noticed_or_changes_nothing", || {
        let mut bench = Bench::new("policy", |both, hook| relation(&mut both.space, &both.interfaces, hook));
        let mutants = mutations::all(&bench.both.ruleset);
        let mut ends: BTreeMap<End, usize> = BTreeMap::new();
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        for mutant in &mutants {
            let end = judge(&mut bench, mutant);
            if end == End::Equivalent {
                let reason = EXPLAINED.iter().find(|(which, _)| mutant.what.contains(which));
                let (which, _) =
                    reason.unwrap_or_else(|| panic!("{} is equal, and nobody knows why", mutant.what));
                *used.entry(which).or_insert(0) += 1;
            }
            *ends.entry(end).or_insert(0) += 1;
        }
        println!("{} mutants: {ends:?}, equal for a reason: {used:?}", mutants.len());
        assert_eq!(mutants.len(), MUTANTS);
        assert_eq!(ends.values().sum::<usize>(), mutants.len());
        assert_eq!(used.len(), EXPLAINED.len(), "an explanation nothing needs: {used:?}");
    });
}

/// One in so many changes of the compiled line is judged: there are thousands.
const SAMPLE: usize = 20;
/// Packets at which a mutant called equal is looked at.
const LOOKS: usize = 300;

/// The compiled line against its own unchanged self: every difference shown is one for the second engine, too, and
/// where none is shown it sees none either.
#[test]
fn changes_of_the_compiled_line_are_judged_alike_by_both_engines() {
    inside("changes_of_the_compiled_line_are_judged_alike_by_both_engines", || {
        let mut bench = Bench::new("line3", |both, hook| both.bounds[Both::place(hook)].must);
        let (mut at, step) = (0, bench.packets.len().div_ceil(LOOKS));
        bench.packets.retain(|_| {
            at += 1;
            at % step == 0
        });
        let ruleset = bench.both.ruleset.clone();
        let (comparison, blocked) = bench.compare(&ruleset);
        assert!(!blocked && comparison.equal(), "{comparison:#?}");
        let mutants = mutations::all(&ruleset);
        let mut ends: BTreeMap<End, usize> = BTreeMap::new();
        for mutant in mutants.iter().step_by(SAMPLE) {
            *ends.entry(judge(&mut bench, mutant)).or_insert(0) += 1;
        }
        println!("{} mutants, one in {SAMPLE} judged: {ends:?}", mutants.len());
        assert!(ends[&End::Differs] * 2 > mutants.len() / SAMPLE, "{ends:?}");
    });
}

/// Changes of the text, loaded into the kernel. Where the comparison shows a difference the kernel shows it too;
/// where it shows none, the kernel shows none at any region or boundary.
#[test]
fn every_change_of_the_text_is_judged_as_the_kernel_acts() {
    inside("every_change_of_the_text_is_judged_as_the_kernel_acts", || {
        let text = ruleset("policy");
        let mut both = on_bench(&text);
        let wanted = relation(&mut both.space, &both.interfaces, Hook::Forward);
        let domain = both.domains[Both::place(Hook::Forward)];
        let mut all = regions::of_passing(&mut both, Hook::Forward, 5_000);
        all.retain(|packet| sendable(Hook::Forward, packet, true));
        let (mut shown, mut not_sendable, mut same, mut refused) = (0, 0, 0, 0);
        for (what, changed) in text_mutations::all(&text) {
            if linux::nft::replace(&changed).is_err() {
                refused += 1;
                continue;
            }
            let mut mutant = on_bench(&changed);
            let interpreted = mutant.interpreted.forward;
            let wanted_here = relation(&mut mutant.space, &mutant.interfaces, Hook::Forward);
            let domain_here = mutant.domains[Both::place(Hook::Forward)];
            let differ = mutant.space.differ(interpreted, wanted_here);
            let differ = mutant.space.and(differ, domain_here);
            assert!(mutant.blocking().is_empty(), "{what}");
            let packets = if differ == packets::FALSE {
                all.clone()
            } else {
                // Only what differs, and its neighbours; of those, what can be sent alone.
                let (space, interfaces) = (&mut mutant.space, &mutant.interfaces);
                let mut packets = regions::of_set(space, interfaces, differ, domain_here, 20);
                packets.retain(|packet| sendable(Hook::Forward, packet, true));
                packets.truncate(100);
                packets
            };
            let report = replay(&changed, &mutant, packets.clone());
            assert!(report.differences.is_empty(), "{what}: {}", report.differences[0]);
            if differ == packets::FALSE {
                same += 1;
                continue;
            }
            // The kernel, too, does with one of them what was not wanted.
            let seen = packets.iter().any(|packet| {
                let wanted = both.space.lookup(wanted, packet, &both.interfaces, false) == 1;
                let passes = mutant.trace(Hook::Forward, packet).outcome == Outcome::Passes;
                both.space.lookup(domain, packet, &both.interfaces, false) == 1 && wanted != passes
            });
            *if seen { &mut shown } else { &mut not_sendable } += 1;
        }
        println!(
            "{shown} shown by a packet, {not_sendable} differ in conversations only, {same} equal, {refused} refused by nft"
        );
        assert!(shown >= 50 && same >= 5, "too little to tell anything");
    });
}
