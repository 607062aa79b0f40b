//! Verification: reads a file once from its start, and says what is wrong and where.

use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::finding::{Finding, What};
use crate::frame::{Frame, HEAD, Head, Kind, START, TAIL};
use crate::key::Verifier;
use crate::tree::{Hash, Tree, leaf_hash};

/// More findings are counted, not listed.
const MOST_FINDINGS: usize = 1000;

/// The bytes are no log at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotALog;

impl fmt::Display for NotALog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a log of Ringwall")
    }
}

impl std::error::Error for NotALog {}

/// What verification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many records the log has or should have, as far as its own numbers go.
    pub records: u64,
    /// The root over all records; none where damage hides it.
    pub root: Option<Hash>,
    /// How many records from the start have a checkpoint that vouches for them.
    pub sealed: u64,
    /// How many checkpoints hold.
    pub checkpoints: u64,
    /// Records that were found without a checkpoint after a crash and sealed later: first, and one past the last.
    pub adopted: Vec<(u64, u64)>,
    /// What is wrong, by place.
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub further: u64,
}

impl Report {
    /// Whether nothing was found.
    pub fn intact(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A record in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number.
    pub index: u64,
    /// The byte its frame begins at.
    pub offset: u64,
    /// What was written.
    pub content: &'a [u8],
}

/// The records of a file up to the first damage. Verify it first.
pub fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut position = START.len();
    std::iter::from_fn(move || {
        loop {
            let frame = Frame::read(bytes.get(position..)?).ok()?;
            let offset = wide(position);
            position += frame.head.frame();
            if frame.head.kind == Kind::Record {
                let intact = leaf_hash(frame.content) == *frame.hash;
                return intact.then_some(Record { index: frame.head.index, offset, content: frame.content });
            }
        }
    })
}

/// Verifies a whole file. Without a key no signature is checked; kept checkpoints are notes from elsewhere.
pub fn verify(bytes: &[u8], key: Option<&Verifier>, kept: &[Checkpoint]) -> Result<Report, NotALog> {
    let mut check = Check::new(bytes, key)?;
    for checkpoint in kept {
        check.keep(checkpoint.clone());
    }
    while check.step() {}
    Ok(check.finish())
}

/// Verification on its way, frame by frame.
#[derive(Debug, Clone)]
pub struct Check<'a> {
    bytes: &'a [u8],
    key: Option<&'a Verifier>,
    kept: Vec<Checkpoint>,
    position: usize,
    /// The number the next record should have.
    next: u64,
    /// The tree by the hashes that stand in the file, while it is known.
    tree: Option<Tree>,
    /// The same by the contents, where a content does not have its hash: one of the two is the damaged one.
    by_content: Option<Tree>,
    /// Records of the last checkpoint that holds, and where what follows it begins.
    sealed: u64,
    sealed_end: usize,
    /// The same for the last one that is signed, whatever its root.
    signed: u64,
    signed_end: usize,
    checkpoints: u64,
    /// Missing records that may still turn up elsewhere: first, one past the last.
    gaps: Vec<(u64, u64)>,
    adopted: Vec<(u64, u64)>,
    findings: Vec<Finding>,
    further: u64,
}

impl<'a> Check<'a> {
    /// Begins with the start of the file.
    pub fn new(bytes: &'a [u8], key: Option<&'a Verifier>) -> Result<Self, NotALog> {
        let start = START.len();
        let mut check = Self {
            bytes,
            key,
            kept: Vec::new(),
            position: start.min(bytes.len()),
            next: 0,
            tree: Some(Tree::new()),
            by_content: None,
            sealed: 0,
            sealed_end: start.min(bytes.len()),
            signed: 0,
            signed_end: start.min(bytes.len()),
            checkpoints: 0,
            gaps: Vec::new(),
            adopted: Vec::new(),
            findings: Vec::new(),
            further: 0,
        };
        if !bytes.starts_with(START) {
            let frames = bytes.get(start..).and_then(Head::read).is_some();
            if !frames {
                return Err(NotALog);
            }
            check.found(What::Start, None, 0, 0);
        }
        Ok(check)
    }

    /// A checkpoint from elsewhere to hold the log against. Give it before the first step.
    pub fn keep(&mut self, checkpoint: Checkpoint) {
        self.kept.push(checkpoint);
        self.compare_kept();
    }

    /// What was found so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The tree so far, while it is known.
    pub(crate) fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }

    /// The byte the next frame begins at.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The same verification over other bytes, which are equal before its position.
    pub fn over<'b>(&self, bytes: &'b [u8]) -> Check<'b>
    where
        'a: 'b,
    {
        Check { bytes, ..self.clone() }
    }

    /// Looks at the next frame; `false` at the end.
    pub fn step(&mut self) -> bool {
        let rest = self.rest();
        if rest.is_empty() {
            return false;
        }
        match Frame::read(rest) {
            Ok(frame) => {
                let end = self.position + frame.head.frame();
                let holds = leaf_hash(frame.content);
                let after = self.bytes.get(end..).unwrap_or_default();
                if holds != *frame.hash && !after.is_empty() && Head::read(after).is_none() {
                    // Bytes are missing or too many within: the frame does not end where its head says.
                    let what = match frame.head.kind {
                        Kind::Record => What::Record,
                        Kind::Checkpoint => What::Checkpoint,
                    };
                    self.lost(what);
                } else {
                    match frame.head.kind {
                        Kind::Record => self.record(&frame, holds),
                        Kind::Checkpoint => self.checkpoint(&frame, holds, end),
                    }
                    self.position = end;
                }
            }
            Err(_) => self.lost(What::Head),
        }
        true
    }

    /// Ends with what only the end can show.
    pub fn finish(mut self) -> Report {
        if self.next > self.signed {
            let records = self.next - self.signed;
            self.found(What::Unsealed, Some(self.signed), self.signed_end, records);
        }
        for kept in std::mem::take(&mut self.kept) {
            if let Some(missing) = kept.size.checked_sub(self.next).filter(|missing| *missing > 0) {
                self.found(What::Cut, Some(self.next), self.bytes.len(), missing);
            }
        }
        // What is merely unsigned comes after what is wrong, which may be the reason.
        self.findings.sort_by_key(|finding| (finding.what == What::Unsealed, finding.offset));
        Report {
            records: self.next,
            root: self.tree.as_ref().map(Tree::root),
            sealed: self.sealed,
            checkpoints: self.checkpoints,
            adopted: self.adopted,
            findings: self.findings,
            further: self.further,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    fn found(&mut self, what: What, record: Option<u64>, offset: usize, records: u64) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { what, record, offset: wide(offset), records });
        } else {
            self.further += 1;
        }
    }

    /// The frame here cannot be followed: goes on at the next head, if there is one.
    fn lost(&mut self, what: What) {
        let (start, rest) = (self.position, self.rest());
        let next = (1..rest.len()).find_map(|at| Some((at, Head::read(rest.get(at..)?)?)));
        let Some((at, head)) = next else {
            self.position = self.bytes.len();
            self.found(What::Torn, Some(self.next), start, 1);
            return;
        };
        self.position = start + at;
        self.found(what, Some(self.next), start, 1);
        // The frame after it says what this one was: with a record the count goes on by one, with a checkpoint not.
        if head.index == self.next.saturating_add(1) {
            let whole = at.checked_sub(TAIL).and_then(|end| Some((rest.get(HEAD..end)?, rest.get(end..at)?)));
            match whole.and_then(|(content, hash)| Some((content, hash.first_chunk::<TAIL>()?))) {
                Some((content, hash)) => self.push(*hash, leaf_hash(content)),
                None => {
                    self.tree = None;
                    self.next = head.index;
                }
            }
        }
    }

    fn record(&mut self, frame: &Frame<'_>, by_content: Hash) {
        let (index, start) = (frame.head.index, self.position);
        if index < self.next {
            let missed = self.gaps.iter().any(|(first, end)| (*first..*end).contains(&index));
            self.found(if missed { What::Order } else { What::Added }, Some(index), start, 1);
            return;
        }
        if index > self.next {
            self.missing(index);
        }
        if by_content != *frame.hash {
            self.found(What::Record, Some(index), start, 1);
        }
        self.push(*frame.hash, by_content);
    }

    /// Records up to this number are not here.
    fn missing(&mut self, index: u64) {
        if self.gaps.len() < MOST_FINDINGS {
            self.gaps.push((self.next, index));
        }
        self.found(What::Missing, Some(self.next), self.position, index - self.next);
        self.tree = None;
        self.next = index;
    }

    fn push(&mut self, in_file: Hash, by_content: Hash) {
        self.next = self.next.saturating_add(1);
        if let Some(tree) = &mut self.tree {
            if in_file != by_content && self.by_content.is_none() {
                self.by_content = Some(tree.clone());
            }
            tree.push(in_file);
            if let Some(tree) = &mut self.by_content {
                tree.push(by_content);
            }
        }
        self.compare_kept();
    }

    /// Whether the records so far have this root; settles which of two trees is the right one.
    fn has_root(&mut self, root: &Hash) -> bool {
        if self.tree.as_ref().is_some_and(|tree| tree.root() == *root) {
            self.by_content = None;
            return true;
        }
        match self.by_content.take_if(|tree| tree.root() == *root) {
            Some(tree) => {
                self.tree = Some(tree);
                true
            }
            None => false,
        }
    }

    fn compare_kept(&mut self) {
        let (next, position) = (self.next, self.sealed_end);
        if self.tree.is_none() || !self.kept.iter().any(|kept| kept.size == next) {
            return;
        }
        for kept in self.kept.clone().into_iter().filter(|kept| kept.size == next) {
            // A damaged record that was already told explains another root.
            if !self.has_root(&kept.root) && self.by_content.is_none() {
                let first = self.sealed.min(next.saturating_sub(1));
                self.found(What::Kept, Some(first), position, next - first);
            }
        }
    }

    fn checkpoint(&mut self, frame: &Frame<'_>, by_content: Hash, end: usize) {
        let (index, start) = (frame.head.index, self.position);
        let before = index.checked_sub(1);
        if by_content != *frame.hash {
            return self.found(What::Checkpoint, before, start, 0);
        }
        let read = match self.key {
            Some(key) => Checkpoint::verified(frame.content, key),
            None => Checkpoint::parse(frame.content),
        };
        let Ok(checkpoint) = read else { return self.found(What::Signature, before, start, 0) };
        if checkpoint.size != index || index < self.signed {
            return self.found(What::Checkpoint, before, start, 0);
        }
        if index < self.next {
            // More records than it was signed for: it moved, or records were added before it.
            self.found(What::Root, Some(self.sealed), self.sealed_end, self.next - self.sealed);
            self.tree = None;
            return;
        }
        if index > self.next {
            self.missing(index);
        }
        (self.signed, self.signed_end) = (index, end);
        if self.tree.is_none() {
            return;
        }
        if self.has_root(&checkpoint.root) {
            (self.sealed, self.sealed_end) = (index, end);
            self.checkpoints += 1;
            self.adopted.extend(checkpoint.extensions.iter().filter_map(|line| adopted(line)));
        } else {
            if self.by_content.is_none() {
                let records = index.saturating_sub(self.sealed);
                self.found(What::Root, Some(self.sealed), self.sealed_end, records);
            }
            self.tree = None;
            self.by_content = None;
        }
    }
}

/// The line of a checkpoint about records that had none before a crash.
pub(crate) fn adopted_line(first: u64, end: u64) -> String {
    format!("adopted {first} {end}")
}

fn adopted(line: &str) -> Option<(u64, u64)> {
    let (first, end) = line.strip_prefix("adopted ")?.split_once(' ')?;
    Some((first.parse().ok()?, end.parse().ok()?))
}

fn wide(position: usize) -> u64 {
    u64::try_from(position).unwrap_or(u64::MAX)
}
