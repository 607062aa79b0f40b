//! The steps, and what each leaves behind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a proof came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The kernel does what the plant says.
    Equal,
    /// It does not.
    Differs,
    /// Nobody can tell.
    Unknown,
}

impl Verdict {
    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of a case of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// The expected verdict.
    Pass,
    /// Another one.
    Fail,
    /// Not decided: it needs an inspection nobody does, or never passes the gateway.
    NotInspected,
    /// It could not be tried.
    Error,
}

/// Something that is not understood, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// Where.
    pub place: String,
    /// What.
    pub what: String,
}

/// A case of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Id: the plant's own, or `FLOW/what` for one the lab derived.
    pub id: String,
    /// The case in words.
    pub say: String,
    /// What became of it.
    pub state: CaseState,
    /// The verdict that was expected, in the plant text's word.
    pub expected: String,
    /// The verdict seen, where it was sent.
    pub verdict: Option<String>,
    /// Whether the lab derived it.
    pub derived: bool,
    /// Zone it comes from, where known.
    pub from: Option<String>,
    /// Zone it goes to, where known.
    pub to: Option<String>,
    /// The conduit between them, where there is one.
    pub conduit: Option<String>,
}

/// What happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEvent {
    /// Asked for.
    Requested,
    /// Approved.
    Approved,
    /// Refused.
    Refused,
    /// Begun.
    Opened,
    /// Ended by itself or by its user.
    Closed,
    /// Ended because its time was over.
    Expired,
    /// Ended by a person.
    Cut,
}

/// A step of the loop and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// The plant text was checked.
    Check {
        /// Errors.
        errors: u64,
        /// Warnings.
        warnings: u64,
        /// Notes.
        notes: u64,
    },
    /// A policy was compiled.
    Compile {
        /// Permissions at the moment.
        permissions: u64,
        /// Lines of nft text.
        lines: u64,
    },
    /// A policy was loaded.
    Load {
        /// Number of the generation that was built.
        generation: u64,
        /// Whether it decides now.
        switched: bool,
        /// The proof of it: before the switch if it failed there, otherwise after it.
        verdict: Verdict,
    },
    /// What the kernel runs was held against the plant.
    Prove {
        /// What came out.
        verdict: Verdict,
        /// Rules the kernel ran.
        rules: u64,
        /// What the proof takes for granted.
        assumptions: Vec<String>,
        /// What stands in the way of a verdict.
        not_understood: Vec<Note>,
        /// Flows open by peer and port although their commands are limited.
        uninspected: Vec<String>,
        /// Pairs of zones that are one network, whatever the rules say: somebody bridged their legs.
        bridged: Vec<[String; 2]>,
    },
    /// The cases of the plant were sent through its twin.
    Lab {
        /// The worst proof of the rules of the run.
        verdict: Verdict,
        /// The cases.
        cases: Vec<Case>,
        /// Derived cases that passed and are not listed, because a record is no longer than a mebibyte.
        more: u64,
    },
    /// The command proxy refused a command, or let one pass that is worth a record.
    Command {
        /// The flow that decided.
        flow: String,
        /// Who sent it.
        client: String,
        /// To whom.
        server: String,
        /// The command in words.
        command: String,
        /// Whether it passed.
        allowed: bool,
        /// The exception the client got instead.
        exception: Option<u8>,
        /// Why.
        reason: String,
        /// How often, where the same was repeated within a short time.
        count: u64,
        /// How many decisions before this one could not be recorded.
        lost: u64,
    },
    /// Something happened to a person's session.
    Session {
        /// The flow it uses.
        flow: String,
        /// Who.
        who: String,
        /// What.
        event: SessionEvent,
        /// Until when it may last.
        until: Option<Timestamp>,
    },
    /// A person vouches for something nobody can measure.
    Attest {
        /// The requirement.
        requirement: String,
        /// Zones and conduits it is about.
        places: Vec<String>,
        /// Who.
        who: String,
        /// In which role.
        role: String,
        /// Until when.
        until: Option<Timestamp>,
        /// Why.
        why: String,
    },
    /// The log itself was verified.
    Log {
        /// Records in it.
        records: u64,
        /// The root over them, in hexadecimal digits.
        head: String,
    },
}

impl Step {
    /// The word in documents.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Check { .. } => "check",
            Self::Compile { .. } => "compile",
            Self::Load { .. } => "load",
            Self::Prove { .. } => "prove",
            Self::Lab { .. } => "lab",
            Self::Command { .. } => "command",
            Self::Session { .. } => "session",
            Self::Attest { .. } => "attest",
            Self::Log { .. } => "log",
        }
    }
}
