//! A crash at every step of writing: what was confirmed is there, and the rest is there, cut off or named.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

mod common;

use common::{Crash, Loss, Memory, log, signer};
use ledger::{OpenError, StoreFile, What, WriteError, Writer, records, verify};

const RECORDS: u64 = 12;
const EVERY: u64 = 4;

/// Long enough that batches go out between checkpoints.
fn content(number: u64) -> Vec<u8> {
    vec![u8::try_from(number).unwrap(); 25_000]
}

/// Writes until the crash. How many records were confirmed by a checkpoint, and the store.
fn run(mut store: Memory) -> (u64, Memory) {
    let mut confirmed = 0;
    if let Ok(mut writer) = Writer::create(&mut store, signer()) {
        for number in 0..RECORDS {
            if writer.append(&content(number)).is_err() {
                break;
            }
            if (number + 1) % EVERY == 0 {
                if writer.checkpoint().is_err() {
                    break;
                }
                confirmed = number + 1;
            }
        }
    }
    (confirmed, store)
}

#[test]
fn after_a_crash_at_every_step_the_log_is_sound_or_says_what_is_missing() {
    let key = signer().verifier().clone();
    let (all, whole) = run(Memory::default());
    assert_eq!(all, RECORDS);
    let mut seen = std::collections::BTreeSet::new();
    for step in 1..=whole.steps {
        for share in [0, 1, 37, 99, 100] {
            let (confirmed, store) = run(Memory::crashing(step, share));
            for loss in [Loss::Nothing, Loss::All, Loss::Half, Loss::Zeros] {
                let case = format!("step {step}, {share} %, {loss:?}");
                let after = store.after(loss);
                let Some(bytes) = after.find(StoreFile::Records) else {
                    assert_eq!(confirmed, 0, "{case}: the log is gone");
                    continue;
                };
                let report = verify(&bytes, Some(&key), &[]).unwrap();
                for finding in &report.findings {
                    assert!(matches!(finding.what, What::Torn | What::Unsealed), "{case}: {finding:?}");
                    seen.insert(finding.what);
                }
                assert!(report.sealed >= confirmed, "{case}: {report:?}");

                let kept = after.find(StoreFile::Checkpoint);
                let (mut writer, recovery) = Writer::open(after, signer(), &bytes, kept.as_deref())
                    .unwrap_or_else(|error| {
                        panic!("{case}: {error:?}");
                    });
                let torn = report.findings.iter().find(|finding| finding.what == What::Torn);
                assert_eq!(torn.map_or(0, |torn| bytes.len() as u64 - torn.offset), recovery.cut, "{case}");
                assert_eq!(recovery.adopted.map(|(first, _)| first), unsealed(&report), "{case}");
                let there = writer.size();
                assert!(there >= confirmed, "{case}");
                for number in there..RECORDS {
                    assert_eq!(writer.append(&content(number)).unwrap(), number);
                }
                writer.checkpoint().unwrap();
                let store = writer.into_store();
                let bytes = store.file(StoreFile::Records);
                let report = verify(&bytes, Some(&key), &[]).unwrap();
                assert!(report.intact() && report.sealed == RECORDS, "{case}: {report:?}");
                assert_eq!(report.adopted, recovery.adopted.into_iter().collect::<Vec<_>>(), "{case}");
                let read: Vec<Vec<u8>> = records(&bytes).map(|record| record.content.to_vec()).collect();
                assert!(read == (0..RECORDS).map(content).collect::<Vec<_>>(), "{case}: other records");
            }
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [What::Torn, What::Unsealed]);
}

fn unsealed(report: &ledger::Report) -> Option<u64> {
    report.findings.iter().find(|finding| finding.what == What::Unsealed).and_then(|finding| finding.record)
}

#[test]
fn after_a_failure_nothing_more_is_written() {
    let mut writer = Writer::create(Memory::default(), signer()).unwrap();
    writer.append(b"one").unwrap();
    let mut store = writer.into_store();
    store.crash = Some((store.steps + 1, 0));
    let bytes = store.file(StoreFile::Records);
    let opened = Writer::open(store, signer(), &bytes, None);
    assert!(matches!(opened, Err(OpenError::Store(WriteError::Store(Crash)))));

    let mut writer = Writer::create(Memory::crashing(9, 0), signer()).unwrap();
    writer.append(b"one").unwrap();
    assert!(matches!(writer.checkpoint(), Err(WriteError::Store(Crash))));
    assert!(matches!(writer.append(b"two"), Err(WriteError::Failed)));
    assert!(matches!(writer.checkpoint(), Err(WriteError::Failed)));
}

#[test]
fn a_record_may_be_as_long_as_the_limit_and_no_longer() {
    let mut writer = Writer::create(Memory::default(), signer()).unwrap();
    writer.append(&vec![1; ledger::LONGEST]).unwrap();
    assert!(matches!(writer.append(&vec![1; ledger::LONGEST + 1]), Err(WriteError::TooLong)));
    writer.append(b"").unwrap();
    writer.checkpoint().unwrap();
    let bytes = writer.into_store().file(StoreFile::Records);
    assert!(verify(&bytes, Some(signer().verifier()), &[]).unwrap().intact());
}

#[test]
fn a_damaged_log_is_not_written_on() {
    let (bytes, kept) = log(40, 10);
    let open =
        |bytes: &[u8], kept: Option<&[u8]>| match Writer::open(Memory::default(), signer(), bytes, kept) {
            Err(OpenError::Damaged(report)) => report.findings.first().map(|finding| finding.what),
            other => panic!("{:?}", other.map(|(_, recovery)| recovery)),
        };
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    assert!(open(&flipped, Some(&kept)).is_some());
    // A whole tail that is gone is no crash where its checkpoint was confirmed.
    let shorter = &bytes[..common::frames(&bytes)[20].range.end];
    assert_eq!(open(shorter, Some(&kept)), Some(What::Cut));
    assert_eq!(open(&bytes, Some(b"nothing")), Some(What::KeptSignature));
}
