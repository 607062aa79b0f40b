//! Writing: records go out in batches, and a checkpoint makes everything before it durable.
//!
//! A record counts as kept when the checkpoint after it has returned, not before. The records are made durable before
//! the file of the last checkpoint, so that this file never vouches for more than there is.

use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::finding::{Finding, What};
use crate::frame::{self, Kind, LONGEST, START};
use crate::key::Signer;
use crate::store::{Store, StoreFile};
use crate::tree::{Hash, Tree};
use crate::verify::{Check, NotALog, Report, adopted_line};

/// Records wait for each other up to this many bytes.
const BATCH: usize = 64 * 1024;

/// Why a record or checkpoint was not written.
#[derive(Debug)]
pub enum WriteError<E> {
    /// The record is longer than [`LONGEST`].
    TooLong,
    /// The store failed.
    Store(E),
    /// The store failed before: what is on it is known only after the log was opened again.
    Failed,
}

/// Why a log cannot be written on.
#[derive(Debug)]
pub enum OpenError<E> {
    /// The bytes are no log.
    NotALog(NotALog),
    /// It is damaged otherwise than by a crash while it was written; nothing was changed.
    Damaged(Box<Report>),
    /// The store failed.
    Store(WriteError<E>),
}

impl<E: fmt::Display> fmt::Display for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the record is too long"),
            Self::Store(error) => error.fmt(f),
            Self::Failed => f.write_str("the log failed before and must be opened again"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for OpenError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALog(error) => error.fmt(f),
            Self::Damaged(_) => f.write_str("the log is damaged"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Display + fmt::Debug> std::error::Error for WriteError<E> {}
impl<E: fmt::Display + fmt::Debug> std::error::Error for OpenError<E> {}

/// What opening found of a crash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Bytes of an incomplete frame at the end, which were cut off.
    pub cut: u64,
    /// Where the file ends now.
    pub end: u64,
    /// Complete records no checkpoint vouched for: first, and one past the last. They stay; the next checkpoint names
    /// them as adopted, because whoever could write the file while nobody wrote the log could have put them there.
    pub adopted: Option<(u64, u64)>,
}

/// A log that is written.
#[derive(Debug)]
pub struct Writer<S> {
    store: S,
    signer: Signer,
    tree: Tree,
    sealed: u64,
    buffer: Vec<u8>,
    extensions: Vec<String>,
    failed: bool,
}

impl<S: Store> Writer<S> {
    /// A new log. It begins with a checkpoint of no records, which ties it to its key.
    pub fn create(store: S, signer: Signer) -> Result<Self, WriteError<S::Error>> {
        let mut writer = Self::with(store, signer, Tree::new());
        let note = writer.note();
        writer.buffer.extend(START);
        frame::write(&mut writer.buffer, Kind::Checkpoint, 0, note.as_bytes());
        let bytes = std::mem::take(&mut writer.buffer);
        writer.replace(StoreFile::Records, &bytes)?;
        writer.replace(StoreFile::Checkpoint, note.as_bytes())?;
        Ok(writer)
    }

    /// Goes on with a log: `bytes` are its records, `kept` its last checkpoint, where that file is there. A torn end is
    /// cut off; everything else that is wrong refuses to be written on.
    pub fn open(
        store: S,
        signer: Signer,
        bytes: &[u8],
        kept: Option<&[u8]>,
    ) -> Result<(Self, Recovery), OpenError<S::Error>> {
        let key = signer.verifier().clone();
        let mut check = Check::new(bytes, Some(&key)).map_err(OpenError::NotALog)?;
        // Its own last checkpoint shows when more is gone than a crash can take. It is replaced at once, never torn.
        let kept = kept.map(|note| Checkpoint::verified(note, &key));
        let foreign = matches!(kept, Some(Err(_)));
        if let Some(Ok(kept)) = kept {
            check.keep(kept);
        }
        while check.step() {}
        let tree = check.tree().cloned();
        let mut report = check.finish();
        let torn = report.findings.iter().find(|finding| finding.what == What::Torn).map(|torn| torn.offset);
        if foreign {
            let finding = Finding { what: What::KeptSignature, record: None, offset: 0, records: 0 };
            report.findings.push(finding);
        }
        let crash = |finding: &Finding| matches!(finding.what, What::Torn | What::Unsealed);
        let (Some(tree), true) = (tree, report.findings.iter().all(crash)) else {
            return Err(OpenError::Damaged(Box::new(report)));
        };
        let length = bytes.len() as u64;
        let end = torn.unwrap_or(length);
        let adopted = (tree.size() > report.sealed).then_some((report.sealed, tree.size()));
        let mut writer = Self::with(store, signer, tree);
        writer.sealed = report.sealed;
        writer.extensions.extend(adopted.map(|(first, end)| adopted_line(first, end)));
        let recovery = Recovery { cut: length - end, end, adopted };
        writer.recover(&recovery, report.checkpoints == 0).map_err(OpenError::Store)?;
        Ok((writer, recovery))
    }

    fn with(store: S, signer: Signer, tree: Tree) -> Self {
        Self { store, signer, tree, sealed: 0, buffer: Vec::new(), extensions: Vec::new(), failed: false }
    }

    fn recover(&mut self, recovery: &Recovery, bare: bool) -> Result<(), WriteError<S::Error>> {
        if recovery.cut > 0 {
            self.step(|store| store.cut(StoreFile::Records, recovery.end))?;
            self.step(|store| store.sync(StoreFile::Records))?;
        }
        // What a crash left between the two files is made good: the last checkpoint is written anew.
        if recovery.adopted.is_some() || bare {
            self.seal()
        } else {
            let note = self.note();
            self.replace(StoreFile::Checkpoint, note.as_bytes())
        }
    }

    /// Appends a record and returns its number. It is durable after the next checkpoint.
    pub fn append(&mut self, record: &[u8]) -> Result<u64, WriteError<S::Error>> {
        if record.len() > LONGEST {
            return Err(WriteError::TooLong);
        }
        if self.failed {
            return Err(WriteError::Failed);
        }
        let index = self.tree.size();
        let hash = frame::write(&mut self.buffer, Kind::Record, index, record);
        self.tree.push(hash);
        if self.buffer.len() >= BATCH {
            self.flush()?;
        }
        Ok(index)
    }

    /// Signs and makes durable what was appended. Without new records nothing is written.
    pub fn checkpoint(&mut self) -> Result<(), WriteError<S::Error>> {
        if self.failed {
            return Err(WriteError::Failed);
        }
        if self.tree.size() == self.sealed { Ok(()) } else { self.seal() }
    }

    /// How many records there are, those not yet durable too.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over the records so far.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The store, when writing is over. What no checkpoint made durable is lost.
    pub fn into_store(self) -> S {
        self.store
    }

    fn note(&self) -> String {
        Checkpoint::of(&self.tree, &self.signer, self.extensions.clone()).sign(&self.signer)
    }

    fn seal(&mut self) -> Result<(), WriteError<S::Error>> {
        let note = self.note();
        frame::write(&mut self.buffer, Kind::Checkpoint, self.tree.size(), note.as_bytes());
        self.flush()?;
        self.step(|store| store.sync(StoreFile::Records))?;
        self.replace(StoreFile::Checkpoint, note.as_bytes())?;
        self.extensions.clear();
        self.sealed = self.tree.size();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError<S::Error>> {
        let mut bytes = std::mem::take(&mut self.buffer);
        self.step(|store| store.append(StoreFile::Records, &bytes))?;
        bytes.clear();
        self.buffer = bytes;
        Ok(())
    }

    fn replace(&mut self, file: StoreFile, bytes: &[u8]) -> Result<(), WriteError<S::Error>> {
        self.step(|store| store.cut(StoreFile::Fresh, 0))?;
        self.step(|store| store.append(StoreFile::Fresh, bytes))?;
        self.step(|store| store.sync(StoreFile::Fresh))?;
        self.step(|store| store.rename(StoreFile::Fresh, file))
    }

    fn step(
        &mut self,
        step: impl FnOnce(&mut S) -> Result<(), S::Error>,
    ) -> Result<(), WriteError<S::Error>> {
        // After a failed sync the kernel may have dropped the pages: trying again would report what is not there.
        step(&mut self.store).map_err(|error| {
            self.failed = true;
            WriteError::Store(error)
        })
    }
}
