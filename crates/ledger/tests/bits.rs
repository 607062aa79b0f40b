//! Every single bit of a log, flipped: found, and found at the frame it is in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

mod common;

use common::{START, content, frames, log, signer};
use ledger::{Check, What, records, verify};

#[test]
fn every_flipped_bit_is_found_where_it_is() {
    let (bytes, _) = log(1000, 100);
    let key = signer().verifier().clone();
    assert!(verify(&bytes, Some(&key), &[]).unwrap().intact());
    let frames = frames(&bytes);
    let mut flipped = bytes.clone();
    let mut check = Check::new(&bytes, Some(&key)).unwrap();
    let mut bits = 0;
    for frame in &frames {
        assert_eq!(check.position(), frame.range.start);
        for bit in frame.range.start * 8..frame.range.end * 8 {
            flipped[bit / 8] ^= 1 << (bit % 8);
            // What comes before is the same bytes, so verification goes on from there; one step must find it.
            let mut from_here = check.over(&flipped);
            from_here.step();
            let [finding] = from_here.findings() else { panic!("bit {bit}: {:?}", from_here.findings()) };
            assert_eq!(finding.offset, frame.range.start as u64, "bit {bit}");
            if frame.kind == b'r' {
                assert_eq!(finding.record, Some(frame.index), "bit {bit}: {finding:?}");
            }
            bits += 1;
            // The whole way for some of them: nothing else is blamed, and the records around it still count.
            if bit % 5003 == 0 {
                whole(&flipped, frame, bit);
            }
            flipped[bit / 8] ^= 1 << (bit % 8);
        }
        check.step();
    }
    assert!(check.findings().is_empty());
    assert_eq!(bits, (bytes.len() - START) * 8);
    for bit in 0..START * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        let report = verify(&flipped, Some(&key), &[]).unwrap();
        let found: Vec<_> = report.findings.iter().map(|finding| (finding.what, finding.offset)).collect();
        assert_eq!(found, [(What::Start, 0)], "bit {bit}");
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
}

fn whole(flipped: &[u8], frame: &common::Frame, bit: usize) {
    let key = signer().verifier().clone();
    let report = verify(flipped, Some(&key), &[]).unwrap();
    let found: Vec<_> =
        report.findings.iter().filter(|finding| finding.what != What::Unsealed).map(|f| f.offset).collect();
    assert_eq!(found, [frame.range.start as u64], "bit {bit}: {:?}", report.findings);
    // Behind the last checkpoint there is none to vouch for its records.
    let sealed = if frame.range.end == flipped.len() { 900 } else { 1000 };
    assert_eq!((report.records, report.sealed), (1000, sealed), "bit {bit}");
    assert_eq!(report.findings.len(), if sealed == 900 { 2 } else { 1 }, "bit {bit}");
}

#[test]
fn records_are_read_back() {
    let (bytes, _) = log(56, 7);
    let read: Vec<(u64, Vec<u8>)> =
        records(&bytes).map(|record| (record.index, record.content.to_vec())).collect();
    assert_eq!(read, (0..56).map(|number| (number, content(number))).collect::<Vec<_>>());
}
