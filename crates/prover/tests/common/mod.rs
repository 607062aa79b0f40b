//! What the tests of both engines share: a sandbox, rulesets as the kernel runs them, packets at the boundaries of
//! what the rules speak of.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise; not every test program uses every helper"
)]

pub mod bench;
pub mod generated;
pub mod hand_written;
pub mod local;
pub mod mutations;
pub mod packets_of;
pub mod regions;
pub mod replay;
pub mod text_mutations;
pub mod wire;

use std::collections::BTreeSet;
use std::path::PathBuf;

use linux::Sandbox;
use nftables::Ruleset;
use packets::{Assumed, Bounds, Hook, Interfaces, Node, Packet, Space, domain};
use prover::{Interpreted, Link, NotUnderstood, Options, Outcome, Trace, interface_names, interpret, trace};

const MARK: &str = "RINGWALL_TEST_INSIDE";

/// Runs the test `name` again inside a sandbox; there, and only there, runs `body`.
pub fn inside(name: &str, body: fn()) {
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let arguments = ["--exact", name, "--nocapture", "--test-threads=1"];
    let code = Sandbox::this_program(arguments).env(MARK, "1").run().unwrap();
    assert_eq!(code, 0, "{name} failed inside the sandbox");
}

/// All files of `tests/rulesets`, by name.
pub fn rulesets() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rulesets");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// One file of `tests/rulesets`.
pub fn ruleset(name: &str) -> String {
    rulesets().into_iter().find(|(known, _)| known == name).unwrap().1
}

/// Loads a text into the current namespace and reads back what the kernel runs.
pub fn load(text: &str) -> Ruleset {
    linux::nft::replace(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let ruleset = linux::netfilter::read_ruleset().unwrap();
    assert!(ruleset.undecoded.is_empty(), "{:?}", ruleset.undecoded);
    ruleset
}

/// The interfaces of the current namespace.
pub fn links() -> Vec<Link> {
    linux::link::list().unwrap().into_iter().map(|link| Link { index: link.index, name: link.name }).collect()
}

/// Interfaces that the tests' packets come from, beside those the rules name.
pub const NAMES: [&str; 3] = ["z0", "z1", "z2"];

/// How an example packet calls an interface no rule names.
pub const OTHER: &str = "any other interface";

/// A ruleset in both engines.
pub struct Both {
    pub ruleset: Ruleset,
    pub links: Vec<Link>,
    pub interfaces: Interfaces,
    pub space: Space,
    pub interpreted: Interpreted,
    pub bounds: Vec<Bounds>,
    pub domains: Vec<Node>,
}

/// What the diagrams say about a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbolic {
    Passes,
    Dropped,
    Open,
}

impl Both {
    pub fn new(ruleset: Ruleset, links: Vec<Link>) -> Self {
        Both::with_names(ruleset, links, BTreeSet::new())
    }

    /// With interfaces beside those of rules and machine: to a ruleset compared later they must not be unknown.
    pub fn with_names(ruleset: Ruleset, links: Vec<Link>, mut names: BTreeSet<String>) -> Self {
        names.extend(interface_names(&ruleset, &links));
        names.extend(NAMES.map(str::to_owned));
        names.extend(links.iter().map(|link| link.name.clone()));
        let interfaces = Interfaces::new(names);
        let mut space = Space::with_limit(Space::DEFAULT_LIMIT);
        let mut unknowns = prover::Unknowns::default();
        let options = Options { links: links.clone(), elapsed: 0, translated: false };
        let interpreted = interpret(&mut space, &interfaces, &mut unknowns, &ruleset, &options);
        let bounds = Hook::ALL.map(|hook| Bounds::of(&mut space, interpreted.of(hook))).to_vec();
        let assumed = Assumed {
            tracking: prover::uses_tracking(&ruleset),
            tcp_loose: false,
            translated: prover::translates(&ruleset),
        };
        let domains = Hook::ALL.map(|hook| domain(&mut space, hook, &interfaces, assumed)).to_vec();
        assert!(!space.exhausted());
        Both { ruleset, links, interfaces, space, interpreted, bounds, domains }
    }

    /// Loads a text and takes it into both engines.
    pub fn load(text: &str) -> Self {
        Both::new(load(text), links())
    }

    pub fn place(hook: Hook) -> usize {
        Hook::ALL.iter().position(|known| *known == hook).unwrap()
    }

    /// Whether such a packet can occur.
    pub fn possible(&self, hook: Hook, packet: &Packet) -> bool {
        self.space.lookup(self.domains[Self::place(hook)], packet, &self.interfaces, false) == 1
    }

    pub fn symbolic(&self, hook: Hook, packet: &Packet) -> Symbolic {
        let bounds = self.bounds[Self::place(hook)];
        let [must, may] =
            [bounds.must, bounds.may].map(|set| self.space.lookup(set, packet, &self.interfaces, false) == 1);
        match (must, may) {
            (true, true) => Symbolic::Passes,
            (false, false) => Symbolic::Dropped,
            (false, true) => Symbolic::Open,
            (true, false) => panic!("passes certainly but not possibly: {packet:?}"),
        }
    }

    pub fn trace(&self, hook: Hook, packet: &Packet) -> Trace {
        trace(&self.ruleset, &self.links, hook, packet)
    }

    /// What keeps the diagrams from being trusted.
    pub fn blocking(&self) -> Vec<&NotUnderstood> {
        self.interpreted.not_understood.iter().filter(|note| note.blocking).collect()
    }

    /// Holds both engines against each other for one packet. The weaker word "open" contradicts nothing.
    pub fn agree(&self, hook: Hook, packet: &Packet) -> Agreement {
        let trace = self.trace(hook, packet);
        match (self.symbolic(hook, packet), &trace.outcome) {
            (Symbolic::Passes, Outcome::Passes) | (Symbolic::Dropped, Outcome::Dropped) => {
                Agreement::Same(trace.outcome)
            }
            (Symbolic::Open, Outcome::Undecided(_)) => Agreement::BothOpen,
            (Symbolic::Open, _) => Agreement::DiagramOpen,
            (_, Outcome::Undecided(_)) => Agreement::TraceOpen,
            (symbolic, _) => {
                Agreement::Differ(format!("{symbolic:?} against {trace:#?}\n{hook:?} {packet:#?}"))
            }
        }
    }
}

/// How two engines stand to each other for one packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    Same(Outcome),
    BothOpen,
    DiagramOpen,
    TraceOpen,
    Differ(String),
}
