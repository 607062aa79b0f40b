//! What passes and what does not, message by message, as a plant's text says it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod traffic;

use inspect::{Closing, Connection, ModbusInspector, Reason};
use protocols::modbus::{FrameError, Malformed};
use traffic::{Heard, adu, hear, inspector, request};

/// What a flow with limits says, and a reading one beside it.
fn drive() -> ModbusInspector {
    inspector(
        Some(1),
        &[
            ("G01", "read holding 0-59"),
            ("G02", "write holding 10 = 140..190"),
            ("G02", "write holding 11 = 0..1"),
        ],
    )
}

/// Permissions, one request, and `ok FLOW` or the exception with the flow that forbids it.
#[test]
fn each_request_gets_its_verdict() {
    let wide: &[(&str, &str)] = &[
        ("W1", "write holding 20-23 = 0..100000 type int32"),
        ("W2", "write coil 3 = 0..0"),
        ("W3", "write coil 4-20"),
        ("W4", "write holding 30 = 0..100 type uint16"),
        ("W5", "identify"),
        ("W6", "configure"),
    ];
    let all: &[(&str, &str)] = &[("A", "any")];
    let reading: &[(&str, &str)] = &[("R", "read any")];
    let limited = drive();
    let (wide, all, reading) =
        (inspector(Some(1), wide), inspector(Some(1), all), inspector(Some(1), reading));
    for (inspector, asked, expected) in [
        // One limited register, by every function that can write it.
        (&limited, "1 06 000A 008C", "ok G02"),
        (&limited, "1 06 000A 00BE", "ok G02"),
        (&limited, "1 06 000A 008B", "03 G02"),
        (&limited, "1 06 000A 00BF", "03 G02"),
        (&limited, "1 06 0009 0096", "02 G02"),
        (&limited, "1 10 000A 0002 04 00AF 0001", "ok G02"),
        (&limited, "1 10 000A 0002 04 00AF 0002", "03 G02"),
        (&limited, "1 10 0009 0002 04 0000 00AF", "02 G02"),
        (&limited, "1 10 000A 0003 06 00AF 0001 0000", "02 G02"),
        (&limited, "1 16 000A FFFF 0000", "03 G02"),
        (&limited, "1 16 000A 000F 00A0", "03 G02"),
        (&limited, "1 16 000A 0000 00A0", "03 G02"),
        (&limited, "1 16 000A 001F 00A0", "03 G02"),
        (&limited, "1 16 000A 0000 00E6", "03 G02"),
        (&limited, "1 16 0009 0000 00A0", "02 G02"),
        (&limited, "1 17 0000 0002 000A 0001 02 00E6", "03 G02"),
        (&limited, "1 17 0000 0002 000A 0001 02 00AF", "ok G02"),
        (&limited, "1 17 003B 0002 000A 0001 02 00AF", "02 G01"),
        (&limited, "1 17 0000 0002 0009 0001 02 00AF", "02 G02"),
        // Tables, ranges, units.
        (&limited, "1 03 0000 003C", "ok G01"),
        (&limited, "1 03 0001 003C", "02 G01"),
        (&limited, "1 04 0000 0001", "01 G01"),
        (&limited, "1 05 000A FF00", "01 G02"),
        (&limited, "1 0F 000A 0001 01 01", "01 G02"),
        (&limited, "1 2B 0E 01 00", "01 G01"),
        (&limited, "1 11", "01 G01"),
        (&limited, "1 14 07 06 0001 0000 0001", "01 G01"),
        (&limited, "1 15 09 06 0001 0000 0001 00AF", "01 G02"),
        (&limited, "0 06 000A 00AF", "0A G01"),
        (&limited, "2 06 000A 00AF", "0A G01"),
        (&limited, "255 03 0000 0001", "0A G01"),
        // What nobody understands.
        (&all, "1 5A 00 02", "01"),
        (&all, "1 00", "01"),
        (&all, "1 08 0005 0000", "01"),
        (&all, "1 2B 0F 01", "01"),
        (&all, "1 03 0000 0000", "03"),
        (&all, "1 03 0000 007E", "03"),
        (&all, "1 03 FFFF 0002", "02"),
        (&all, "1 03 0000 0001 00", "03"),
        (&all, "1 05 0000 0001", "03"),
        (&all, "1 10 0000 0002 03 0000 00", "03"),
        (&all, "1 10 0000 0002 04 0000 00", "03"),
        (&all, "1 0F 0000 0009 01 FF", "03"),
        (&all, "1 0F 0000 0001 01 FF", "03"),
        // Everything, and only what has an address or only what has none.
        (&all, "1 2B 0D 01 02", "ok A"),
        (&all, "1 08 0004 0000", "ok A"),
        (&all, "1 15 09 06 0001 0000 0001 00AF", "ok A"),
        (&all, "0 06 000A 00AF", "0A A"),
        (&reading, "1 07", "ok R"),
        (&reading, "1 08 0000 1234", "ok R"),
        (&reading, "1 08 000B 0000", "ok R"),
        (&reading, "1 08 0001 0000", "01 R"),
        (&reading, "1 08 000A 0000", "01 R"),
        (&reading, "1 0B", "ok R"),
        (&reading, "1 0C", "ok R"),
        (&reading, "1 11", "01 R"),
        (&reading, "1 14 0E 06 0001 0000 0001 06 0002 0001 0002", "ok R"),
        (&reading, "1 15 09 06 0001 0000 0001 00AF", "01 R"),
        (&reading, "1 18 0000", "ok R"),
        (&reading, "1 17 0000 0002 000A 0001 02 00AF", "01 R"),
        (&reading, "1 2B 0D 01 02", "01 R"),
        // Values of two registers, coils, unsigned values.
        (&wide, "1 10 0014 0002 04 0001 86A0", "ok W1"),
        (&wide, "1 10 0014 0002 04 0001 86A1", "03 W1"),
        (&wide, "1 10 0014 0004 08 0000 0001 0000 0002", "ok W1"),
        (&wide, "1 06 0014 0000", "03 W1"),
        (&wide, "1 06 0015 0000", "03 W1"),
        (&wide, "1 10 0015 0002 04 0000 0000", "03 W1"),
        (&wide, "1 16 0014 0000 0000", "03 W1"),
        (&wide, "1 05 0003 0000", "ok W2"),
        (&wide, "1 05 0003 FF00", "03 W2"),
        (&wide, "1 0F 0003 0003 01 06", "ok W2"),
        (&wide, "1 0F 0003 0003 01 07", "03 W2"),
        (&wide, "1 0F 0004 0011 03 FF FF 01", "ok W3"),
        (&wide, "1 0F 0004 0012 03 FF FF 03", "02 W2"),
        (&wide, "1 06 001E 0064", "ok W4"),
        (&wide, "1 06 001E FFFF", "03 W4"),
        (&wide, "1 2B 0E 04 02", "ok W5"),
        (&wide, "1 11", "ok W5"),
        (&wide, "1 08 0001 FF00", "ok W6"),
    ] {
        let pdu = request(asked);
        let heard = hear(inspector, &[&adu(7, &pdu)]);
        assert_eq!(heard.verdicts, [expected], "{asked}");
        if expected.starts_with("ok") {
            assert_eq!((heard.to_server, heard.to_client), (adu(7, &pdu), vec![]), "{asked}");
        } else {
            let code = u8::from_str_radix(&expected[..2], 16).unwrap();
            let answer = adu(7, &[pdu[0], pdu[1] | 0x80, code]);
            assert_eq!((heard.to_server, heard.to_client), (vec![], answer), "{asked}");
        }
    }
}

/// A flow without a unit carries all of them but the broadcast, one that names it carries that too.
#[test]
fn units() {
    for (named, asked, expected) in [
        (None, 0, "0A F"),
        (None, 1, "ok F"),
        (None, 255, "ok F"),
        (Some(0), 0, "ok F"),
        (Some(0), 1, "0A F"),
    ] {
        let inspector = inspector(named, &[("F", "read any")]);
        assert_eq!(hear(&inspector, &[&adu(1, &[asked, 7])]).verdicts, [expected], "{named:?} {asked}");
    }
    assert_eq!(hear(&ModbusInspector::default(), &[&adu(1, &[1, 7])]).verdicts, ["0A"]);
}

/// Rows 1 to 3 of the reference line: the historian reads the meter.
#[test]
fn the_historian_reads_the_meter_and_writes_nothing() {
    let inspector = inspector(Some(1), &[("F10", "read holding 0-59"), ("F10", "identify")]);
    for (asked, expected) in
        [("1 03 0000 003C", "ok F10"), ("1 06 000A 0007", "01 F10"), ("1 2B 0E 01 00", "ok F10")]
    {
        assert_eq!(hear(&inspector, &[&adu(1, &request(asked))]).verdicts, [expected], "{asked}");
    }
}

/// Good and bad ones, pipelined, cut anywhere.
#[test]
fn cut_anywhere_it_is_the_same() {
    let stream = [
        adu(1, &request("1 06 000A 008C")),
        adu(2, &request("1 06 000A 008B")),
        adu(3, &request("1 10 000A 0002 04 00AF 0001")),
        adu(4, &request("2 03 0000 0001")),
        adu(5, &request("1 5A 00")),
    ]
    .concat();
    let whole = hear(&drive(), &[&stream]);
    assert_eq!(whole.verdicts, ["ok G02", "03 G02", "ok G02", "0A G01", "01"]);
    assert_eq!(whole.to_server, [&stream[..12], &stream[24..41]].concat());
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let pieces = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(hear(&drive(), &pieces), whole, "{first} {second}");
        }
    }
    let single: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(hear(&drive(), &single), whole);
}

/// An impossible length is never forwarded, nor the permitted write after it, however they arrive.
#[test]
fn after_an_impossible_header_nothing_passes() {
    let good = adu(1, &request("1 06 000A 008C"));
    for (head, error) in [
        (vec![0, 2, 0, 0, 0, 0], FrameError::Length(0)),
        (vec![0, 2, 0, 0, 0, 1, 1], FrameError::Length(1)),
        (vec![0, 2, 0, 0, 0, 255, 1, 6], FrameError::Length(255)),
        (vec![0, 2, 0, 0, 255, 255, 1, 6], FrameError::Length(65_535)),
        (vec![0, 2, 0, 1, 0, 6, 1, 6], FrameError::Protocol(1)),
    ] {
        let stream = [&good[..], &head, &good, &good].concat();
        let whole = hear(&drive(), &[&stream]);
        assert_eq!(whole.to_server, good, "{error:?}");
        assert_eq!(whole.closed, [Closing::Client(error)]);
        for at in 0..=stream.len() {
            assert_eq!(hear(&drive(), &[&stream[..at], &stream[at..], &good]), whole, "{error:?} {at}");
        }
    }
}

/// Why, for those who keep records.
#[test]
fn reasons_are_told_apart() {
    for (asked, expected) in [
        ("1 06 000A 008B", Reason::Value),
        ("1 06 0009 008C", Reason::Address),
        ("1 05 0009 0000", Reason::Function),
        ("3 06 000A 008C", Reason::Unit),
        ("1 06 000A 008C 00", Reason::Malformed(Malformed::Length)),
    ] {
        assert_eq!(hear(&drive(), &[&adu(1, &request(asked))]).reasons, [expected], "{asked}");
    }
    let told: Heard = hear(&drive(), &[&adu(1, &request("1 10 000A 0002 04 00AF 0002"))]);
    assert_eq!(told.lines, ["10.0.0.1 unit 1 FC16 write holding 10 count 2 = 175, 2: 03 by G02"]);
}

/// One connection stays small whatever happens to it.
#[test]
fn a_connection_is_small() {
    let mut connection = Connection::new("10.0.0.1");
    let inspector = inspector(Some(1), &[("R", "read any")]);
    let mut sent = 0;
    for transaction in 0..1_000 {
        connection.from_client(&inspector, &adu(transaction, &[1, 7]), &mut |event| {
            sent += usize::from(matches!(event, inspect::Event::ToServer(_)));
        });
    }
    assert_eq!((sent, connection.waiting()), (inspect::MOST_WAITING, inspect::MOST_WAITING));
    let heap = connection.waiting() * 48 + "10.0.0.1".len();
    assert!(size_of::<Connection>() + heap < 4 * 1024, "{}", size_of::<Connection>());
}
