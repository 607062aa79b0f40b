//! Logs to damage, a store in memory that can crash, and a second writer of the format, made from its description.
#![allow(dead_code, unreachable_pub, reason = "every test uses a part")]

use std::collections::BTreeMap;
use std::ops::Range;

use ledger::{Signer, Store, StoreFile, Writer, leaf_hash};

pub const START: usize = 16;

pub fn signer() -> Signer {
    Signer::new("line3/evidence", &[7; 32]).unwrap()
}

/// The content of a record: of another length each time.
pub fn content(number: u64) -> Vec<u8> {
    format!("record {number} {}", "x".repeat(usize::try_from(number % 23).unwrap())).into_bytes()
}

/// A log of this many records with a checkpoint after every so many, and the last checkpoint.
pub fn log(records: u64, every: u64) -> (Vec<u8>, Vec<u8>) {
    let mut writer = Writer::create(Memory::default(), signer()).unwrap();
    for number in 0..records {
        writer.append(&content(number)).unwrap();
        if (number + 1) % every == 0 {
            writer.checkpoint().unwrap();
        }
    }
    let store = writer.into_store();
    (store.file(StoreFile::Records), store.file(StoreFile::Checkpoint))
}

/// A frame by its own description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub index: u64,
    pub content: Vec<u8>,
    pub range: Range<usize>,
}

pub fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut at = START;
    while at < bytes.len() {
        let length = u32::from_be_bytes(bytes[at + 9..at + 13].try_into().unwrap()) as usize;
        let end = at + 17 + length + 32;
        frames.push(Frame {
            kind: bytes[at],
            index: u64::from_be_bytes(bytes[at + 1..at + 9].try_into().unwrap()),
            content: bytes[at + 17..at + 17 + length].to_vec(),
            range: at..end,
        });
        at = end;
    }
    frames
}

/// The file of these frames, with every check made anew.
pub fn file(frames: &[Frame]) -> Vec<u8> {
    let mut bytes = b"ringwall log 1\n\0".to_vec();
    for frame in frames {
        let mut head = vec![frame.kind];
        head.extend(frame.index.to_be_bytes());
        head.extend(u32::try_from(frame.content.len()).unwrap().to_be_bytes());
        let check = crc32(&head);
        bytes.extend(head);
        bytes.extend(check.to_be_bytes());
        bytes.extend(&frame.content);
        bytes.extend(leaf_hash(&frame.content));
    }
    bytes
}

/// The same, with the records numbered anew, and the checkpoints by what they are signed for.
pub fn renumbered(frames: &[Frame]) -> Vec<u8> {
    let mut frames = frames.to_vec();
    for (next, frame) in (0..).zip(frames.iter_mut().filter(|frame| frame.kind == b'r')) {
        frame.index = next;
    }
    file(&frames)
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// What a crash leaves of bytes that were not yet durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The program ended: everything that was written.
    Nothing,
    /// The power failed: nothing of it.
    All,
    /// The power failed: the first half of it.
    Half,
    /// The power failed: its length, and zeros.
    Zeros,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash;

/// Files in memory: what was written, and how much of it is durable.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<StoreFile, (Vec<u8>, usize)>,
    /// Steps until the crash, and the share in percent of the step that is still done.
    pub crash: Option<(usize, usize)>,
    pub steps: usize,
}

impl Memory {
    /// A store that crashes at a step, of which a share in percent is still done.
    pub fn crashing(step: usize, share: usize) -> Self {
        Self { crash: Some((step, share)), ..Self::default() }
    }

    pub fn file(&self, file: StoreFile) -> Vec<u8> {
        self.find(file).unwrap_or_default()
    }

    pub fn find(&self, file: StoreFile) -> Option<Vec<u8>> {
        self.files.get(&file).map(|(bytes, _)| bytes.clone())
    }

    /// The files after a crash.
    pub fn after(&self, loss: Loss) -> Self {
        let mut files = self.files.clone();
        for (bytes, durable) in files.values_mut() {
            match loss {
                Loss::Nothing => {}
                Loss::All => bytes.truncate(*durable),
                Loss::Half => bytes.truncate(durable.midpoint(bytes.len())),
                Loss::Zeros => bytes[*durable..].fill(0),
            }
            *durable = bytes.len();
        }
        Self { files, crash: None, steps: 0 }
    }

    /// How much of the step is done, in percent.
    fn step(&mut self) -> usize {
        self.steps += 1;
        match self.crash {
            Some((at, share)) if at == self.steps => share,
            Some((at, _)) if at < self.steps => 0,
            _ => 100,
        }
    }

    fn ends(&self) -> Result<(), Crash> {
        match self.crash {
            Some((at, _)) if at <= self.steps => Err(Crash),
            _ => Ok(()),
        }
    }
}

impl Store for Memory {
    type Error = Crash;

    fn append(&mut self, file: StoreFile, bytes: &[u8]) -> Result<(), Crash> {
        let share = self.step();
        let written = &bytes[..bytes.len() * share / 100];
        if !written.is_empty() {
            self.files.entry(file).or_default().0.extend(written);
        }
        self.ends()
    }

    fn sync(&mut self, file: StoreFile) -> Result<(), Crash> {
        if self.step() == 100 {
            let (bytes, durable) = self.files.get_mut(&file).unwrap();
            *durable = bytes.len();
        }
        self.ends()
    }

    fn cut(&mut self, file: StoreFile, length: u64) -> Result<(), Crash> {
        if self.step() == 100 {
            let (bytes, durable) = self.files.entry(file).or_default();
            bytes.truncate(usize::try_from(length).unwrap());
            *durable = bytes.len().min(*durable);
        }
        self.ends()
    }

    fn rename(&mut self, from: StoreFile, to: StoreFile) -> Result<(), Crash> {
        if self.step() == 100 {
            let file = self.files.remove(&from).unwrap();
            self.files.insert(to, file);
        }
        self.ends()
    }
}
