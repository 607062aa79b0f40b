//! What the lab is asked for, and what it reports.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use plant::{Given, Verdict};
use policy::Policy;

use crate::remark::Remark;

/// What is wanted of a run.
#[derive(Debug, Clone)]
pub struct LabOptions {
    /// Moment of the cases that name none.
    pub at: Timestamp,
    /// Approvals and states of every case, besides its own.
    pub given: Vec<Given>,
    /// Whether neighbours of every open flow are tried, besides the plant's own cases.
    pub derive: bool,
    /// Most derived cases.
    pub most_derived: usize,
    /// Rules loaded in the gateway after each policy and before its proof, by hand so to say.
    pub after_load: Option<String>,
    /// Removes every rule of the gateway after each load, before the proof.
    pub flushed: bool,
    /// Joins two legs of the gateway by a bridge, after the policy is loaded.
    pub joined: Option<(String, String)>,
}

impl LabOptions {
    /// The plain run at a moment.
    pub fn at(at: Timestamp) -> Self {
        Self {
            at,
            given: Vec::new(),
            derive: true,
            most_derived: 600,
            after_load: None,
            flushed: false,
            joined: None,
        }
    }
}

/// What the proof of a loaded policy came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Proof {
    /// The kernel does what the policy says.
    #[default]
    Equal,
    /// Something in the kernel could not be understood.
    Unknown(String),
    /// The kernel does something else.
    Differs(String),
}

impl Proof {
    /// The word of the contract.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Unknown(_) => "unknown",
            Self::Differs(_) => "differs",
        }
    }
}

/// Proves a policy against what the kernel runs in the calling thread's network namespace.
pub type Prove<'a> = dyn Fn(&Policy) -> Proof + Sync + 'a;

/// How a run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The twin stands.
    Built {
        /// Hosts in it.
        hosts: usize,
        /// Legs of the gateway.
        legs: usize,
        /// Cases that will be sent.
        cases: usize,
        /// Loads of a policy that will be needed.
        groups: usize,
    },
    /// A policy was loaded.
    Loaded {
        /// Which group of cases, counted from 1.
        group: usize,
        /// Its moment.
        moment: Timestamp,
    },
    /// The loaded policy was held against the kernel.
    Proved {
        /// Which group of cases, counted from 1.
        group: usize,
        /// What came out.
        proof: Proof,
    },
    /// The cases of a group have their verdicts.
    Sent {
        /// Cases done so far.
        done: usize,
        /// All cases.
        of: usize,
    },
}

/// What the receiving end saw of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Payload arrived, and the answer's payload came back.
    Allow,
    /// Nothing arrived.
    Deny,
    /// The command did not arrive, and the client got the protocol's own refusal.
    DenyByCommand,
    /// Was open, is closed.
    Cut,
    /// Something arrived, but no answer came back.
    OneWay,
}

impl Seen {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::DenyByCommand => "deny by command",
            Self::Cut => "cut",
            Self::OneWay => "one way",
        }
    }

    pub(crate) fn is(self, expected: Verdict) -> bool {
        matches!(
            (self, expected),
            (Self::Allow, Verdict::Allow)
                | (Self::Deny | Self::DenyByCommand, Verdict::Deny)
                | (Self::DenyByCommand, Verdict::DenyByCommand)
                | (Self::Cut, Verdict::Cut)
        )
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The verdict is the expected one.
    Pass,
    /// It is another one.
    Fail,
    /// Needs the inspection of commands, or never passes the gateway.
    NotInspected,
    /// Could not be tried.
    Error,
}

impl State {
    /// The word of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotInspected => "not inspected",
            Self::Error => "error",
        }
    }
}

/// A case and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// Id: the plant's own, or `FLOW/what` for a derived case.
    pub id: String,
    /// The case in words.
    pub say: String,
    /// What must happen.
    pub expected: Verdict,
    /// What the receiving end saw, where the case was sent.
    pub verdict: Option<Seen>,
    /// What became of it.
    pub state: State,
    /// Why, where the state alone does not say.
    pub reason: Option<Remark>,
    /// Whether the lab derived it.
    pub derived: bool,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReport {
    /// The plant's own cases in the order of the text, then the derived ones by flow.
    pub cases: Vec<CaseResult>,
    /// The worst of the proofs.
    pub proof: Proof,
    /// What the command proxy did not let pass, in order.
    pub refused: Vec<gateway::Record>,
    /// Where the twin is not the plant.
    pub assumptions: Vec<Remark>,
    /// Wall time.
    pub took: Duration,
}

impl LabReport {
    /// How many cases are in a state.
    pub fn count(&self, state: State) -> usize {
        self.cases.iter().filter(|case| case.state == state).count()
    }

    /// Whether nothing failed and nothing went wrong.
    pub fn fine(&self) -> bool {
        self.count(State::Fail) == 0 && self.count(State::Error) == 0
    }
}

/// Why the lab could not run.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The kernel or this machine.
    #[error(transparent)]
    Linux(#[from] linux::Error),
    /// The plant makes no policy.
    #[error(transparent)]
    Compile(#[from] policy::CompileError),
    /// `nft` does not take the text.
    #[error(transparent)]
    Nft(#[from] linux::nft::NftError),
    /// A socket of the twin itself.
    #[error("{what}: {source}")]
    Socket {
        /// What was tried.
        what: String,
        /// The kernel's answer.
        source: std::io::Error,
    },
    /// The command proxy of the gateway.
    #[error("{}", words::Message::text(.0, words::Language::English))]
    Proxy(gateway::RunError),
    /// The time zone of the plant.
    #[error("`{0}` is no time zone")]
    TimeZone(String),
    /// Something the twin does not have.
    #[error("the twin has no {0}")]
    NotThere(String),
}

impl LabError {
    /// What this machine lacks, where that is the reason.
    pub fn lacking(&self) -> Option<&linux::Lacking> {
        match self {
            Self::Linux(linux::Error::Lacking(lacking))
            | Self::Nft(linux::nft::NftError::Linux(linux::Error::Lacking(lacking))) => Some(lacking),
            _ => None,
        }
    }

    pub(crate) fn socket(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Socket { what, source }
    }
}
