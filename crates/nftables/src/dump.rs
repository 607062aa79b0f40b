//! The conversation that reads a ruleset, sans I/O: which request comes next, and when an answer is complete.
//!
//! The order is fixed, and each request has its place in it as sequence number, so that the recorded bytes
//! alone say whether anything is missing: generation, tables, chains, rules, sets, objects, flow tables, the
//! elements of each set in the order the sets came, and the generation again.

use crate::number::{self, msg};
use crate::wire::{self, Attributes, Message, put};

/// The kernel's answers, byte by byte as they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dump {
    /// Datagrams in the order they were received; each holds whole netlink messages.
    pub datagrams: Vec<Vec<u8>>,
}

impl Dump {
    /// One run of netlink messages: the form in which a dump is kept in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.datagrams.concat()
    }

    /// A dump out of [`Dump::to_bytes`]. Nothing is checked here: [`crate::decode`] finds what is missing.
    pub fn from_bytes(bytes: Vec<u8>) -> Dump {
        Dump { datagrams: vec![bytes] }
    }
}

/// Place of each request in the conversation, counted from the first sequence number.
pub(crate) mod step {
    pub(crate) const GENERATION: u32 = 0;
    pub(crate) const TABLES: u32 = 1;
    pub(crate) const CHAINS: u32 = 2;
    pub(crate) const RULES: u32 = 3;
    pub(crate) const SETS: u32 = 4;
    pub(crate) const OBJECTS: u32 = 5;
    pub(crate) const FLOWTABLES: u32 = 6;
    /// The first set's elements; the others follow.
    pub(crate) const ELEMENTS: u32 = 7;
}

/// What to do after a datagram was fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Receive another datagram.
    More,
    /// The answer is complete: send [`Session::request`].
    Next,
    /// The whole ruleset is read: take [`Session::finish`].
    Complete,
}

/// Why a conversation cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interruption {
    /// The ruleset changed while it was read, or messages were lost: start again.
    Changed,
    /// The kernel refused a request.
    Refused {
        /// What was asked for.
        request: &'static str,
        /// `errno`, positive.
        errno: i32,
    },
    /// Bytes that are no netlink message.
    Garbled {
        /// What was asked for.
        request: &'static str,
    },
}

/// Reads a ruleset: send each request, feed each datagram.
#[derive(Debug)]
pub struct Session {
    first: u32,
    step: u32,
    sets: Vec<SetName>,
    generation: Option<Vec<u8>>,
    dump: Dump,
}

/// Family, table and name (the latter two as the kernel wrote them, zero included).
#[derive(Debug)]
pub(crate) struct SetName {
    family: u8,
    table: Vec<u8>,
    name: Vec<u8>,
}

impl SetName {
    /// Table and name as text, where they are.
    pub(crate) fn decode(&self) -> Option<((u8, String), String)> {
        let table = (self.family, wire::text(&self.table)?.to_owned());
        Some((table, wire::text(&self.name)?.to_owned()))
    }
}

impl Session {
    /// A conversation whose requests are numbered from `first`. Use another range for each attempt on the same
    /// socket, so that a late answer to the one before is not mistaken.
    pub fn new(first: u32) -> Session {
        Session { first, step: step::GENERATION, sets: Vec::new(), generation: None, dump: Dump::default() }
    }

    /// The request to send now.
    pub fn request(&self) -> Vec<u8> {
        let seq = self.first.wrapping_add(self.step);
        let dump = |kind| request(kind, number::F_DUMP, seq, 0, &[]);
        match self.step {
            step::TABLES => dump(msg::GET_TABLE),
            step::CHAINS => dump(msg::GET_CHAIN),
            step::RULES => dump(msg::GET_RULE),
            step::SETS => dump(msg::GET_SET),
            step::OBJECTS => dump(msg::GET_OBJECT),
            step::FLOWTABLES => dump(msg::GET_FLOWTABLE),
            _ => match self.current_set() {
                Some(set) => {
                    let attributes: [(u16, &[u8]); 2] = [(1, &set.table), (2, &set.name)];
                    request(msg::GET_ELEMENT, number::F_DUMP, seq, set.family, &attributes)
                }
                None => request(msg::GET_GENERATION, 0, seq, 0, &[]),
            },
        }
    }

    fn current_set(&self) -> Option<&SetName> {
        let index = self.step.checked_sub(step::ELEMENTS)?;
        self.sets.get(usize::try_from(index).ok()?)
    }

    /// Takes one datagram of the answer. Messages that answer another request are not kept.
    pub fn feed(&mut self, datagram: &[u8]) -> Result<Progress, Interruption> {
        let seq = self.first.wrapping_add(self.step);
        let request = self.what();
        let mut progress = Progress::More;
        let mut mine = false;
        for message in wire::messages(datagram) {
            let message = message.map_err(|_| Interruption::Garbled { request })?;
            if message.seq != seq {
                continue;
            }
            mine = true;
            if message.flags & number::F_DUMP_INTR != 0 {
                return Err(Interruption::Changed);
            }
            if self.take(&message, request)? {
                progress = Progress::Next;
            }
        }
        if mine {
            self.dump.datagrams.push(datagram.to_vec());
        }
        if progress == Progress::Next {
            progress = self.advance();
        }
        Ok(progress)
    }

    /// Whether the message ends the answer.
    fn take(&mut self, message: &Message<'_>, request: &'static str) -> Result<bool, Interruption> {
        match message.kind {
            number::DONE => match done_code(message.body) {
                0 => Ok(true),
                errno => Err(self.refused(request, errno)),
            },
            number::ERROR => Err(self.refused(request, done_code(message.body))),
            number::OVERRUN => Err(Interruption::Changed),
            kind if kind == reply(msg::NEW_SET) && self.step == step::SETS => {
                if let Some(name) = set_name(message.body) {
                    self.sets.push(name);
                }
                Ok(false)
            }
            kind if kind == reply(msg::NEW_GENERATION) => {
                let id = generation_id(message.body).map(<[u8]>::to_vec);
                if self.step == step::GENERATION {
                    self.generation = id;
                } else if self.generation != id {
                    return Err(Interruption::Changed);
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// A set that is gone by the time its elements are asked for means that the ruleset changed.
    fn refused(&self, request: &'static str, errno: i32) -> Interruption {
        const ENOENT: i32 = 2;
        const EINTR: i32 = 4;
        if errno == EINTR || (errno == ENOENT && self.current_set().is_some()) {
            Interruption::Changed
        } else {
            Interruption::Refused { request, errno }
        }
    }

    fn advance(&mut self) -> Progress {
        let last = self.step >= step::ELEMENTS && self.current_set().is_none();
        if last {
            Progress::Complete
        } else {
            self.step = self.step.saturating_add(1);
            Progress::Next
        }
    }

    fn what(&self) -> &'static str {
        match self.step {
            step::TABLES => "tables",
            step::CHAINS => "chains",
            step::RULES => "rules",
            step::SETS => "sets",
            step::OBJECTS => "objects",
            step::FLOWTABLES => "flow tables",
            _ if self.current_set().is_some() => "elements",
            _ => "generation",
        }
    }

    /// What was received.
    pub fn finish(self) -> Dump {
        self.dump
    }
}

/// Message type of an answer.
pub(crate) fn reply(kind: u16) -> u16 {
    number::SUBSYSTEM << 8 | kind
}

/// The error code in the body of `NLMSG_DONE` or `NLMSG_ERROR`, positive.
pub(crate) fn done_code(body: &[u8]) -> i32 {
    body.get(..4).and_then(|code| code.try_into().ok()).map_or(0, i32::from_ne_bytes).saturating_neg()
}

/// The bytes of `NFTA_GEN_ID`.
pub(crate) fn generation_id(body: &[u8]) -> Option<&[u8]> {
    Attributes::read(body.get(4..)?).ok()?.take(1)
}

pub(crate) fn set_name(body: &[u8]) -> Option<SetName> {
    let (family, attributes) = (*body.first()?, body.get(4..)?);
    let mut attributes = Attributes::read(attributes).ok()?;
    Some(SetName { family, table: attributes.take(1)?.to_vec(), name: attributes.take(2)?.to_vec() })
}

fn request(kind: u16, flags: u16, seq: u32, family: u8, attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = vec![0; 4];
    out.extend_from_slice(&reply(kind).to_ne_bytes());
    out.extend_from_slice(&(number::F_REQUEST | flags).to_ne_bytes());
    out.extend_from_slice(&seq.to_ne_bytes());
    out.extend_from_slice(&0u32.to_ne_bytes());
    out.extend_from_slice(&[family, 0, 0, 0]);
    for (kind, payload) in attributes {
        put(&mut out, *kind, payload);
    }
    if let (Ok(len), Some(head)) = (u32::try_from(out.len()), out.first_chunk_mut::<4>()) {
        *head = len.to_ne_bytes();
    }
    out
}
