//! What lies in a bundle, for the command that packs it and the one that verifies it.

use prover::{Link, NotUnderstood};
use serde::{Deserialize, Serialize};

use crate::proof::Surrounding;

/// How the names of the plant's files begin.
pub const PLANT: &str = "plant/";
/// The firewall as nft text.
pub const POLICY: &str = "policy.nft";
/// What the kernel answered when it was asked for its rules, byte by byte.
pub const DUMP: &str = "kernel/dump";
/// What else decides about packets there.
pub const SURROUNDINGS: &str = "kernel/surroundings.json";
/// The cases of the lab; not in every bundle.
pub const CASES: &str = "cases.json";
/// The log.
pub const RECORDS: &str = "log/records";
/// Its last checkpoint.
pub const CHECKPOINT: &str = "log/checkpoint";

/// No longer dump is packed or decoded: a plant of ten thousand rules has a tenth of it.
pub const LONGEST_DUMP: usize = 64 << 20;

/// The parts every bundle has, beside the plant's files.
pub const NEEDED: [&str; 5] = [POLICY, DUMP, SURROUNDINGS, RECORDS, CHECKPOINT];

/// [`Surrounding`] in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurroundingDocument {
    links: Vec<(u32, String)>,
    not_understood: Vec<NoteDocument>,
    forwards_v4: bool,
    forwards_v6: bool,
    tcp_loose: bool,
    assumptions: Vec<String>,
    bridged: Vec<[String; 2]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteDocument {
    place: String,
    what: String,
}

impl From<&Surrounding> for SurroundingDocument {
    fn from(surrounding: &Surrounding) -> Self {
        let note = |note: &NotUnderstood| NoteDocument { place: note.place.clone(), what: note.what.clone() };
        Self {
            links: surrounding.links.iter().map(|link| (link.index, link.name.clone())).collect(),
            not_understood: surrounding.not_understood.iter().map(note).collect(),
            forwards_v4: surrounding.forwards_v4,
            forwards_v6: surrounding.forwards_v6,
            tcp_loose: surrounding.tcp_loose,
            assumptions: surrounding.assumptions.clone(),
            bridged: surrounding.bridged.clone(),
        }
    }
}

impl From<SurroundingDocument> for Surrounding {
    fn from(document: SurroundingDocument) -> Self {
        // What surrounds the rules either is understood or stands in the way of every verdict.
        let note = |note: NoteDocument| NotUnderstood {
            place: note.place,
            what: note.what,
            blocking: true,
            predicate: None,
        };
        Self {
            links: document.links.into_iter().map(|(index, name)| Link { index, name }).collect(),
            not_understood: document.not_understood.into_iter().map(note).collect(),
            forwards_v4: document.forwards_v4,
            forwards_v6: document.forwards_v6,
            tcp_loose: document.tcp_loose,
            assumptions: document.assumptions,
            bridged: document.bridged,
        }
    }
}
