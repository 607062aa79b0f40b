//! What somebody with an editor does to a log, with and without making the checks anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

mod common;

use common::{Frame, content, file, frames, log, renumbered, signer};
use ledger::{Checkpoint, Finding, Signer, What, verify};

/// What is found, as `what record+records`.
fn found(bytes: &[u8], kept: &[Checkpoint]) -> Vec<String> {
    let key = signer().verifier().clone();
    verify(bytes, Some(&key), kept).unwrap().findings.iter().map(short).collect()
}

fn short(finding: &Finding) -> String {
    let record = finding.record.map_or("-".to_owned(), |record| record.to_string());
    format!("{} {record}+{}", finding.what.word(), finding.records)
}

/// The frame of a record.
fn place(frames: &[Frame], record: u64) -> usize {
    frames.iter().position(|frame| frame.kind == b'r' && frame.index == record).unwrap()
}

#[test]
fn a_frame_is_what_its_description_says() {
    let (bytes, _) = log(100, 10);
    let frames = frames(&bytes);
    assert_eq!(file(&frames), bytes);
    assert_eq!(renumbered(&frames), bytes);
}

#[test]
fn a_removed_record_is_named() {
    let (bytes, _) = log(200, 20);
    let frames = frames(&bytes);
    for record in 0..200 {
        let mut frames = frames.clone();
        frames.remove(place(&frames, record));
        assert_eq!(found(&file(&frames), &[]), [format!("missing {record}+1")]);
        // Numbered anew, only the signature knows: between which checkpoints.
        let range = record / 20 * 20;
        let all = found(&renumbered(&frames), &[]);
        assert!(all[0].starts_with(&format!("missing {}+1", range + 19)), "{record}: {all:?}");
    }
}

#[test]
fn an_added_record_is_named() {
    let (bytes, _) = log(200, 20);
    let frames = frames(&bytes);
    for record in 0..200 {
        let mut frames = frames.clone();
        let at = place(&frames, record);
        frames.insert(at + 1, Frame { content: b"never happened".to_vec(), ..frames[at].clone() });
        assert_eq!(found(&file(&frames), &[]), [format!("added {record}+1")]);
        let range = record / 20 * 20;
        assert_eq!(found(&renumbered(&frames), &[])[0], format!("root {range}+21"), "{record}");
    }
    // At the very end there is no later checkpoint: what is unsigned is said.
    let mut longer = frames.clone();
    longer.push(Frame { index: 200, content: b"never happened".to_vec(), ..frames[1].clone() });
    assert_eq!(found(&file(&longer), &[]), ["unsealed 200+1"]);
}

#[test]
fn an_exchanged_order_is_named() {
    let (bytes, _) = log(200, 20);
    let frames = frames(&bytes);
    for record in 0..199 {
        let mut frames = frames.clone();
        let (a, b) = (place(&frames, record), place(&frames, record + 1));
        frames.swap(a, b);
        let all = found(&file(&frames), &[]);
        let expected = [format!("missing {record}+1"), format!("order {record}+1")];
        assert!(expected.iter().all(|one| all.contains(one)), "{record}: {all:?}");
        let all = found(&renumbered(&frames), &[]);
        assert_eq!(all[0], format!("root {}+20", record / 20 * 20), "{record}");
    }
}

#[test]
fn a_changed_record_with_new_checks_is_between_its_checkpoints() {
    let (bytes, _) = log(200, 20);
    let frames = frames(&bytes);
    for record in 0..200 {
        let mut frames = frames.clone();
        let at = place(&frames, record);
        frames[at].content = b"something else".to_vec();
        let key = signer().verifier().clone();
        let report = verify(&file(&frames), Some(&key), &[]).unwrap();
        let range = record / 20 * 20;
        assert_eq!(short(&report.findings[0]), format!("root {range}+20"));
        assert_eq!(report.findings[0].offset, frames_offset(&file(&frames), range));
        assert_eq!(report.sealed, range);
    }
}

fn frames_offset(bytes: &[u8], record: u64) -> u64 {
    let frames = frames(bytes);
    frames[place(&frames, record)].range.start as u64
}

#[test]
fn bytes_taken_out_or_put_in_are_located() {
    let (bytes, _) = log(100, 10);
    for frame in frames(&bytes).iter().filter(|frame| frame.kind == b'r') {
        for within in [0, 3, 20, 40, frame.range.len() - 1] {
            let at = frame.range.start + within;
            if bytes.get(at) == bytes.get(at + 1) {
                // Taking out either of two equal bytes gives the same file.
                continue;
            }
            let mut shorter = bytes.clone();
            shorter.remove(at);
            let mut longer = bytes.clone();
            longer.insert(at, !bytes[at]);
            for changed in [shorter, longer] {
                let key = signer().verifier().clone();
                let report = verify(&changed, Some(&key), &[]).unwrap();
                let first = &report.findings[0];
                assert_eq!(
                    (first.record, first.offset),
                    (Some(frame.index), frame.range.start as u64),
                    "{within}: {report:?}"
                );
                assert_eq!(report.records, 100);
            }
        }
    }
}

#[test]
fn a_tail_cut_anywhere_shows_against_a_kept_checkpoint() {
    let (bytes, kept) = log(100, 10);
    let kept = Checkpoint::verified(&kept, signer().verifier()).unwrap();
    assert_eq!(found(&bytes, std::slice::from_ref(&kept)), Vec::<String>::new());
    let frames = frames(&bytes);
    for end in 16..bytes.len() {
        let there = frames.iter().filter(|f| f.kind == b'r' && f.range.end <= end).count() as u64;
        let all = found(&bytes[..end], std::slice::from_ref(&kept));
        let cut = all.iter().any(|one| *one == format!("cut {there}+{}", 100 - there));
        // With all records there, only the checkpoint itself can be cut.
        assert!(cut || (there == 100 && !all.is_empty()), "{end}: {all:?}");
    }
}

#[test]
fn a_log_written_anew_shows_against_a_kept_checkpoint() {
    let (bytes, kept) = log(95, 10);
    let kept = Checkpoint::verified(&kept, signer().verifier()).unwrap();
    assert_eq!(kept.size, 90);
    let mut frames = frames(&bytes);
    let at = place(&frames, 33);
    frames[at].content = b"something else".to_vec();
    // Whoever has the key signs everything again: sound in itself.
    let mut writer = ledger::Writer::create(common::Memory::default(), signer()).unwrap();
    for frame in frames.iter().filter(|frame| frame.kind == b'r') {
        writer.append(&frame.content).unwrap();
    }
    writer.checkpoint().unwrap();
    let forged = writer.into_store().file(ledger::StoreFile::Records);
    assert_eq!(found(&forged, &[]), Vec::<String>::new());
    assert_eq!(found(&forged, &[kept]), ["kept 0+90"]);
}

#[test]
fn a_wrong_key_is_found_at_the_first_checkpoint() {
    let (bytes, _) = log(30, 10);
    let other = Signer::new("line3/evidence", &[8; 32]).unwrap();
    let report = verify(&bytes, Some(other.verifier()), &[]).unwrap();
    assert_eq!(report.findings.iter().filter(|finding| finding.what == What::Signature).count(), 4);
    assert_eq!((report.findings[0].offset, report.sealed, report.checkpoints), (16, 0, 0));
    // Without a key nothing is said about who wrote it.
    assert!(verify(&bytes, None, &[]).unwrap().intact());
}

#[test]
fn damage_at_two_places_is_found_at_both() {
    let (mut bytes, _) = log(100, 10);
    let frames = frames(&bytes);
    let places = [place(&frames, 12), place(&frames, 15), place(&frames, 77)];
    for at in places {
        bytes[frames[at].range.start + 20] ^= 4;
    }
    assert_eq!(found(&bytes, &[]), ["record 12+1", "record 15+1", "record 77+1"]);
}

#[test]
fn other_files_are_no_logs() {
    for bytes in
        [&b""[..], b"ringwall log 1\n", b"ringwall log 2\n\0", b"[plant]\nname = \"line 3\"\n", &[0; 64]]
    {
        assert!(verify(bytes, None, &[]).is_err(), "{bytes:?}");
    }
    let _ = content(0);
}
