//! Recorded traffic, compared message by message with what tshark says about the same frames.
//!
//! Where the captures come from and under which licences: `captures/NOTICE.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod recorded;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocols::modbus::{Adu, Body, Buffer, Frames, MOST_ADU, Reply, Request, Response};
use recorded::{Streams, segments};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

/// One message as tshark's columns say it; a column that is not there is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Row {
    transaction: String,
    unit: String,
    function: String,
    address: String,
    bits: String,
    words: String,
    exception: String,
}

impl Row {
    fn set(&mut self, column: &str, value: &str) {
        let field = match column {
            "mbtcp.trans_id" => &mut self.transaction,
            "mbtcp.unit_id" => &mut self.unit,
            "modbus.func_code" => &mut self.function,
            "modbus.reference_num" => &mut self.address,
            "modbus.bit_cnt" => &mut self.bits,
            "modbus.word_cnt" => &mut self.words,
            "modbus.exception_code" => &mut self.exception,
            _ => return,
        };
        *field = value.to_owned();
    }

    /// What our decoder says. Nothing where it does not understand the message.
    fn of(adu: Adu<'_>, to_server: bool) -> Option<Self> {
        let mut row = Self {
            transaction: adu.transaction.to_string(),
            unit: adu.unit.to_string(),
            function: (adu.function() & 0x7F).to_string(),
            ..Self::default()
        };
        if to_server {
            match Request::decode(adu).ok()?.body {
                Body::Read { first, count, .. } => {
                    row.set("modbus.reference_num", &first.to_string());
                    let bits = matches!(adu.function(), 1 | 2);
                    row.set(if bits { "modbus.bit_cnt" } else { "modbus.word_cnt" }, &count.to_string());
                }
                Body::WriteCoil { at, .. } | Body::WriteRegister { at, .. } => {
                    row.set("modbus.reference_num", &at.to_string());
                }
                Body::WriteCoils { first, values } => {
                    row.set("modbus.reference_num", &first.to_string());
                    row.set("modbus.bit_cnt", &values.len().to_string());
                }
                Body::WriteRegisters { first, values } => {
                    row.set("modbus.reference_num", &first.to_string());
                    row.set("modbus.word_cnt", &values.len().to_string());
                }
                _ => {}
            }
        } else {
            match Response::decode(adu).ok()?.reply {
                Reply::Exception { exception, .. } => {
                    row.set("modbus.exception_code", &exception.code().to_string());
                }
                Reply::Wrote { first, count } => {
                    row.set("modbus.reference_num", &first.to_string());
                    let bits = adu.function() == 15;
                    row.set(if bits { "modbus.bit_cnt" } else { "modbus.word_cnt" }, &count.to_string());
                }
                Reply::Echo if matches!(adu.function(), 5 | 6) => {
                    let at = u16::from_be_bytes([adu.pdu[1], adu.pdu[2]]);
                    row.set("modbus.reference_num", &at.to_string());
                }
                _ => {}
            }
        }
        Some(row)
    }
}

/// What tshark says, frame by frame, in order.
fn truth(name: &str) -> BTreeMap<usize, Vec<Row>> {
    let text = std::fs::read_to_string(folder().join(format!("{name}.frames.tsv"))).unwrap();
    let lines = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    lines
        .map(|cells| {
            let mut rows = Vec::new();
            for (column, values) in cells[2].split(' ').filter_map(|pair| pair.split_once('=')) {
                for (index, value) in values.split(',').enumerate() {
                    if rows.len() <= index {
                        rows.push(Row::default());
                    }
                    rows[index].set(column, value);
                }
            }
            (cells[0].parse().unwrap(), rows)
        })
        .collect()
}

#[derive(Default)]
struct Compared {
    /// Messages that are the same to us and to tshark.
    equal: usize,
    /// Messages that tshark shows and we refuse to understand: frame and function.
    refused: Vec<(usize, u8)>,
    /// Messages we have and tshark does not, or not so.
    different: Vec<String>,
    /// Frames in which tshark has a message and we have none.
    missing: Vec<usize>,
}

fn compare(name: &str) -> Compared {
    let (mut truth, mut compared) = (truth(name), Compared::default());
    let mut streams: Streams<Frames> = Streams::default();
    for segment in segments(&folder().join(name)) {
        let (frames, mut data) = streams.next(&segment);
        let mut rows = truth.remove(&segment.frame).unwrap_or_default().into_iter();
        let mut seen = 0;
        while let Some(Ok(adu)) = frames.next(&mut data) {
            seen += 1;
            let expected = rows.next();
            match (Row::of(adu, segment.to_server), expected) {
                (Some(row), Some(expected)) if row == expected => compared.equal += 1,
                (None, Some(_)) => compared.refused.push((segment.frame, adu.function())),
                (row, expected) => {
                    compared.different.push(format!("{}: {row:?} / {expected:?}", segment.frame));
                }
            }
        }
        if seen == 0 && rows.next().is_some() {
            compared.missing.push(segment.frame);
        }
    }
    compared.missing.extend(truth.keys());
    compared
}

/// Every message is the same to us and to tshark, or is refused for a reason that can be told.
#[test]
fn messages_are_what_tshark_says() {
    // Bytes left over after a complete identification request, after exceptions, and a function of one maker.
    let part1 = [(32, 43), (34, 43), (111, 42)];
    let exceptions = [91, 93, 95, 97, 99, 101, 103, 105, 107, 109].map(|frame| (frame, 0x81));
    for (name, equal, refused) in [
        ("modbus.pcap", 10, vec![]),
        ("modbusSmall.pcap", 32, vec![]),
        ("modbus_test.pcap", 2_258, vec![]),
        ("modbus-and-non-modbus-p502.pcap", 12, vec![]),
        ("suricata-verify_modbus.pcap", 32, [&part1[..2], &exceptions[..5]].concat()),
        ("modbus_test_data_part1.pcap", 32, [&part1[..2], &exceptions[..], &part1[2..]].concat()),
    ] {
        let compared = compare(name);
        assert_eq!(compared.different, Vec::<String>::new(), "{name}");
        assert_eq!(compared.missing, Vec::<usize>::new(), "{name}");
        assert_eq!(compared.refused, refused, "{name}");
        assert_eq!(compared.equal, equal, "{name}");
    }
}

/// A client that tries all functions with four zero bytes: what we refuse is what is not public, is too long or asks
/// for nothing; and of all that, the device did nothing either.
#[test]
fn functions_nobody_has_are_refused_by_us_and_by_the_device() {
    let name = "modbus_test_data_part2.pcap";
    let compared = compare(name);
    assert_eq!(compared.different, Vec::<String>::new());
    assert_eq!(compared.missing, Vec::<usize>::new());
    let functions: Vec<u8> = compared.refused.iter().map(|(_, function)| *function).collect();
    let understood: Vec<u8> = (0..=127).filter(|function| !functions.contains(function)).collect();
    assert_eq!(understood, [5, 7, 8]);

    let refused: Vec<usize> = compared.refused.iter().map(|(frame, _)| *frame).collect();
    let mut asked = None;
    let (mut both, mut alone) = (0, Vec::new());
    let mut streams: Streams<Frames> = Streams::default();
    for segment in segments(&folder().join(name)) {
        let (frames, mut data) = streams.next(&segment);
        while let Some(Ok(adu)) = frames.next(&mut data) {
            if segment.to_server {
                asked = refused.contains(&segment.frame).then_some(adu.function());
            } else if let Some(function) = asked.take() {
                if adu.function() & 0x80 != 0 { both += 1 } else { alone.push(function) }
            }
        }
    }
    // Three functions of its maker the device does have.
    assert_eq!((both, alone), (122, vec![40, 42, 125]));
}

/// Longer recordings: tshark's counts of units and functions.
#[test]
fn counts_are_what_tshark_says() {
    for name in ["ModbusTCP.pcap", "modbus_test_2.pcap", "modbusSmall.pcap", "modbus_test.pcap"] {
        let mut counts: BTreeMap<(&str, u8), usize> = BTreeMap::new();
        let mut streams: Streams<Frames> = Streams::default();
        for segment in segments(&folder().join(name)) {
            let (frames, mut data) = streams.next(&segment);
            while let Some(Ok(adu)) = frames.next(&mut data) {
                assert!(Row::of(adu, segment.to_server).is_some(), "{name} frame {}", segment.frame);
                *counts.entry(("mbtcp.unit_id", adu.unit)).or_default() += 1;
                *counts.entry(("modbus.func_code", adu.function() & 0x7F)).or_default() += 1;
            }
        }
        let text = std::fs::read_to_string(folder().join(format!("{name}.counts.tsv"))).unwrap();
        let truth = text.lines().filter_map(|line| {
            let mut cells = line.split('\t');
            let (field, value, count) = (cells.next()?, cells.next()?, cells.next()?);
            let field = ["mbtcp.unit_id", "modbus.func_code"].into_iter().find(|it| *it == field)?;
            Some(((field, value.parse().ok()?), count.parse().ok()?))
        });
        assert_eq!(counts, truth.collect(), "{name}");
    }
}

/// What is understood is written again byte for byte, and every answer belongs to a request.
#[test]
fn messages_are_written_again_and_answers_found() {
    for (name, answers, others) in [
        ("modbus.pcap", 5, 0),
        ("modbusSmall.pcap", 16, 0),
        ("modbus-and-non-modbus-p502.pcap", 6, 0),
        ("suricata-verify_modbus.pcap", 16, 0),
        // Of requests that were refused.
        ("modbus_test_data_part2.pcap", 15, 122),
        // Asked before the recording began.
        ("ModbusTCP.pcap", 7_983, 3),
        ("fuzz-72.pcap", 0, 2),
    ] {
        let (mut waiting, mut found, mut other) = (Vec::new(), 0, 0);
        let mut streams: Streams<Frames> = Streams::default();
        for segment in segments(&folder().join(name)) {
            let (frames, mut data) = streams.next(&segment);
            while let Some(Ok(adu)) = frames.next(&mut data) {
                let mut out: Buffer = [0; MOST_ADU];
                let written = if segment.to_server {
                    let Ok(request) = Request::decode(adu) else { continue };
                    waiting.push(request.expected());
                    request.encode(&mut out)
                } else {
                    let Ok(response) = Response::decode(adu) else { continue };
                    match waiting.iter().position(|expected| expected.answered_by(&response)) {
                        Some(index) => {
                            waiting.remove(index);
                            found += 1;
                        }
                        None => other += 1,
                    }
                    response.encode(&mut out)
                };
                assert_eq!(Adu::take(written), Ok(Some((adu, &[][..]))), "{name} {}", segment.frame);
            }
        }
        assert_eq!((found, other), (answers, others), "{name}");
    }
}
