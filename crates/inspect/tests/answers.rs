//! What a device may say, and what the client hears.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod traffic;

use inspect::{Closing, Connection, Dropped, Event, MOST_WAITING};
use protocols::modbus::{FrameError, Malformed};
use traffic::{Heard, adu, inspector, request};

/// Asks with transactions 1, 2, ...; then the device says its messages. `answers` are (transaction, message).
fn talk(asked: &[&str], answers: &[(u16, &str)]) -> Heard {
    let inspector = inspector(None, &[("F", "any")]);
    let mut connection = Connection::new("10.0.0.1");
    for (index, asked) in asked.iter().enumerate() {
        let bytes = adu(u16::try_from(index).unwrap() + 1, &request(asked));
        let mut passed = false;
        connection.from_client(&inspector, &bytes, &mut |event| passed |= event == Event::ToServer(&bytes));
        assert!(passed, "{asked}");
    }
    let bytes: Vec<u8> = answers.iter().flat_map(|(number, text)| adu(*number, &request(text))).collect();
    let mut whole = Heard::default();
    let mut cut = connection.clone();
    connection.from_server(&bytes, &mut |event| whole.note(event));
    let mut pieces = Heard::default();
    bytes.chunks(1).for_each(|piece| cut.from_server(piece, &mut |event| pieces.note(event)));
    assert_eq!(pieces, whole, "{asked:?}");
    whole
}

#[test]
fn right_answers_reach_the_client() {
    for (asked, answer) in [
        ("1 01 0000 0009", "1 01 02 FF 01"),
        ("1 02 0000 0008", "1 02 01 00"),
        ("1 03 0000 0002", "1 03 04 0001 0002"),
        ("1 04 0000 0001", "1 04 02 0001"),
        ("1 05 0001 FF00", "1 05 0001 FF00"),
        ("1 06 000A 008C", "1 06 000A 008C"),
        ("1 07", "1 07 6D"),
        ("1 08 0000 A537", "1 08 0000 A537"),
        ("1 08 0000 A537 0001", "1 08 0000 A537 0001"),
        ("1 08 0001 FF00", "1 08 0001 FF00"),
        ("1 08 000C 0000", "1 08 000C 0007"),
        ("1 08 0004 0000", "1 88 0B"),
        ("1 0B", "1 0B FFFF 0108"),
        ("1 0C", "1 0C 08 0000 0108 0121 20 00"),
        ("1 0F 0013 000A 02 CD 01", "1 0F 0013 000A"),
        ("1 10 0001 0002 04 000A 0102", "1 10 0001 0002"),
        ("1 11", "1 11 03 05 FF 41"),
        ("1 14 0E 06 0004 0001 0002 06 0003 0009 0002", "1 14 0C 05 06 0DFE 0020 05 06 33CD 0040"),
        ("1 15 0D 06 0004 0007 0003 06AF 04BE 100D", "1 15 0D 06 0004 0007 0003 06AF 04BE 100D"),
        ("1 16 0004 00F2 0025", "1 16 0004 00F2 0025"),
        ("1 17 0003 0002 000E 0001 02 00FF", "1 17 04 00FE 0ACD"),
        ("1 18 04DE", "1 18 0006 0002 01B8 1284"),
        ("1 2B 0D 01 02", "1 2B 0D 03"),
        ("1 2B 0E 01 00", "1 2B 0E 01 01 00 00 02 00 01 41 01 02 42 43"),
        ("1 03 0000 0002", "1 83 02"),
        ("1 03 0000 0002", "1 83 0B"),
    ] {
        let heard = talk(&[asked], &[(1, answer)]);
        assert_eq!((heard.to_client, heard.dropped), (adu(1, &request(answer)), vec![]), "{answer}");
    }
}

/// Nothing of it reaches the client but the word that its device did not answer.
#[test]
fn wrong_answers_do_not() {
    let malformed = Dropped::Malformed;
    for (asked, answer, why) in [
        ("1 03 0000 0002", "1 03 02 0001", Dropped::Mismatch),
        ("1 03 0000 0002", "1 04 04 0001 0002", Dropped::Mismatch),
        ("1 03 0000 0002", "1 84 02", Dropped::Mismatch),
        ("1 01 0000 0009", "1 01 01 FF", Dropped::Mismatch),
        ("1 05 0001 FF00", "1 05 0001 0000", Dropped::Mismatch),
        ("1 06 000A 008C", "1 06 000A 008D", Dropped::Mismatch),
        ("1 06 000A 008C", "1 06 000B 008C", Dropped::Mismatch),
        ("1 0F 0013 000A 02 CD 01", "1 0F 0013 000B", Dropped::Mismatch),
        ("1 10 0001 0002 04 000A 0102", "1 10 0002 0002", Dropped::Mismatch),
        ("1 16 0004 00F2 0025", "1 16 0004 00F2 0026", Dropped::Mismatch),
        ("1 08 0000 A537", "1 08 0000 A538", Dropped::Mismatch),
        ("1 08 000C 0000", "1 08 000D 0007", Dropped::Mismatch),
        ("1 14 07 06 0004 0001 0002", "1 14 04 03 06 0DFE", Dropped::Mismatch),
        ("1 15 09 06 0001 0000 0001 00AF", "1 15 09 06 0001 0000 0001 00AE", Dropped::Mismatch),
        ("1 2B 0E 01 00", "1 2B 0E 02 02 00 00 00", Dropped::Mismatch),
        ("1 03 0000 0002", "1 03 04 0001", malformed(Malformed::ByteCount)),
        ("1 03 0000 0002", "1 03 03 0001 00", malformed(Malformed::ByteCount)),
        ("1 03 0000 0002", "1 83 00", malformed(Malformed::Value)),
        ("1 03 0000 0002", "1 83 02 00", malformed(Malformed::Length)),
        ("1 03 0000 0002", "1 5A 02", malformed(Malformed::Function)),
        ("1 06 000A 008C", "1 06 000A 008C 00", malformed(Malformed::Length)),
        ("1 18 04DE", "1 18 0006 0003 01B8 1284", malformed(Malformed::Quantity)),
        ("1 14 07 06 0004 0001 0002", "1 14 06 05 07 0DFE 0020", malformed(Malformed::ByteCount)),
        ("1 2B 0E 01 00", "1 2B 0E 01 01 00 00 02 00 01 41", malformed(Malformed::Length)),
    ] {
        // The right one afterwards is late.
        let heard = talk(&[asked], &[(1, answer), (1, answer)]);
        let function = request(asked)[1];
        assert_eq!(heard.to_client, adu(1, &[1, function | 0x80, 11]), "{answer}");
        assert_eq!(heard.dropped, [why, Dropped::Unsolicited], "{answer}");
    }
}

#[test]
fn nobody_hears_what_nobody_asked_for() {
    let read = "1 03 0000 0001";
    let right = "1 03 02 0001";
    for (answers, heard_from, dropped) in [
        (&[(3, right)][..], vec![], 1),
        (&[(1, "2 03 02 0001")], vec![], 1),
        (&[(1, right), (1, right)], vec![1], 1),
        (&[(2, right), (1, right)], vec![2, 1], 0),
        (&[(2, right), (2, right), (1, right)], vec![2, 1], 1),
    ] {
        let heard = talk(&[read, read], answers);
        let expected: Vec<u8> = heard_from.iter().flat_map(|number| adu(*number, &request(right))).collect();
        assert_eq!(heard.to_client, expected, "{answers:?}");
        assert_eq!(heard.dropped, vec![Dropped::Unsolicited; dropped], "{answers:?}");
    }
    let inspector = inspector(None, &[("F", "read holding 0-5")]);
    let (mut connection, mut heard) = (Connection::new("x"), Heard::default());
    connection.from_client(&inspector, &adu(1, &request("1 06 0000 0001")), &mut |event| heard.note(event));
    connection.from_server(&adu(1, &request("1 06 0000 0001")), &mut |event| heard.note(event));
    assert_eq!(heard.dropped, [Dropped::Unsolicited]);
}

/// Some clients use one transaction for everything.
#[test]
fn one_transaction_for_several_requests() {
    let inspector = inspector(None, &[("F", "any")]);
    let (mut connection, mut heard) = (Connection::new("x"), Heard::default());
    for asked in ["1 03 0000 0001", "1 03 0000 0002", "1 06 0001 0001"] {
        connection.from_client(&inspector, &adu(0, &request(asked)), &mut |_| {});
    }
    let answers = ["1 06 0001 0001", "1 03 02 0001", "1 03 04 0001 0002"].map(|text| adu(0, &request(text)));
    connection.from_server(&answers.concat(), &mut |event| heard.note(event));
    assert_eq!((heard.to_client, heard.dropped, connection.waiting()), (answers.concat(), vec![], 0));
}

/// A device that answers only some requests does not use up the room for ever; one that answers none is busy.
#[test]
fn room_for_requests_is_bounded_and_comes_back() {
    let inspector = inspector(None, &[("F", "any")]);
    let (mut connection, mut heard) = (Connection::new("x"), Heard::default());
    let read = request("1 03 0000 0001");
    for number in 0..1_000 {
        connection.from_client(&inspector, &adu(number, &read), &mut |event| heard.note(event));
        if number % 2 == 1 {
            let answer = adu(number, &request("1 03 02 0001"));
            connection.from_server(&answer, &mut |event| heard.note(event));
        }
    }
    assert!(heard.verdicts.iter().all(|verdict| verdict == "ok F"));
    assert!(connection.waiting() <= MOST_WAITING);

    let (mut connection, mut heard) = (Connection::new("x"), Heard::default());
    for number in 0..70 {
        connection.from_client(&inspector, &adu(number, &read), &mut |event| heard.note(event));
    }
    assert_eq!(heard.verdicts.iter().filter(|verdict| *verdict == "06").count(), 70 - MOST_WAITING);
    let mut told = Heard::default();
    connection.give_up(&mut |event| told.note(event));
    assert_eq!(told.to_client.len(), MOST_WAITING * 9);
    connection.from_client(&inspector, &adu(99, &read), &mut |event| heard.note(event));
    assert_eq!(heard.verdicts.last().map(String::as_str), Some("ok F"));
}

#[test]
fn a_broken_answer_stream_ends_the_connection() {
    let inspector = inspector(None, &[("F", "any")]);
    let (mut connection, mut heard) = (Connection::new("x"), Heard::default());
    let read = adu(1, &request("1 03 0000 0001"));
    connection.from_client(&inspector, &read, &mut |_| {});
    let stream = [&[0, 1, 0, 0, 0, 0][..], &adu(1, &request("1 03 02 0001"))].concat();
    connection.from_server(&stream, &mut |event| heard.note(event));
    connection.from_server(&stream, &mut |event| heard.note(event));
    connection.from_client(&inspector, &read, &mut |event| heard.note(event));
    assert_eq!(heard, Heard { closed: vec![Closing::Server(FrameError::Length(0))], ..Heard::default() });
}
