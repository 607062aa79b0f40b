//! The conversation with the kernel, with a recorded dump in the kernel's place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;

use nftables::{Dump, Interruption, Progress, Session, decode};

/// A recorded dump, one message per datagram, with the request each answers.
fn answers() -> Vec<(u32, Vec<u8>)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dumps/sets.bin");
    let bytes = std::fs::read(file).unwrap();
    let mut answers = Vec::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let len = u32::from_ne_bytes(rest[..4].try_into().unwrap()) as usize;
        let (message, next) = rest.split_at(len.next_multiple_of(4));
        answers.push((u32::from_ne_bytes(message[8..12].try_into().unwrap()), message.to_vec()));
        rest = next;
    }
    answers
}

fn sequence(request: &[u8]) -> u32 {
    u32::from_ne_bytes(request[8..12].try_into().unwrap())
}

/// Plays the kernel; `change` may spoil a message before it is fed.
fn play(mut change: impl FnMut(usize, &mut Vec<u8>)) -> Result<Dump, Interruption> {
    let answers = answers();
    let mut session = Session::new(answers[0].0);
    let mut progress = Progress::Next;
    for (index, (seq, message)) in answers.into_iter().enumerate() {
        if progress == Progress::Next {
            let request = session.request();
            assert_eq!(u32::from_ne_bytes(request[..4].try_into().unwrap()) as usize, request.len());
            assert_eq!(sequence(&request), seq, "each request asks for what comes next");
        }
        let mut message = message;
        change(index, &mut message);
        progress = session.feed(&message)?;
    }
    assert_eq!(progress, Progress::Complete);
    Ok(session.finish())
}

fn error(seq: u32, errno: i32) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend_from_slice(&20u32.to_ne_bytes());
    message.extend_from_slice(&[2, 0, 0, 0]);
    message.extend_from_slice(&seq.to_ne_bytes());
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&(-errno).to_ne_bytes());
    message
}

#[test]
fn a_whole_conversation_gives_the_whole_ruleset() {
    let dump = play(|_, _| ()).unwrap();
    let ruleset = decode(&dump);
    assert_eq!(ruleset.undecoded, []);
    assert!(ruleset.tables[0].sets.iter().any(|set| !set.elements.is_empty()));
}

#[test]
fn a_ruleset_that_changed_is_read_again() {
    for at in 0..answers().len() {
        let interrupted = play(|index, message| {
            if index == at {
                message[6] |= 0x10;
            }
        });
        assert_eq!(interrupted, Err(Interruption::Changed), "message {at}");
    }
    let last = answers().len() - 1;
    let other_generation = play(|index, message| {
        if index == last {
            message[27] ^= 1;
        }
    });
    assert_eq!(other_generation, Err(Interruption::Changed));
}

#[test]
fn a_set_that_is_gone_means_change_and_other_errors_are_refusals() {
    let answers = answers();
    let last = answers.len() - 2;
    let seq = answers[last].0;
    let gone = play(|index, message| {
        if index == last {
            *message = error(seq, 2);
        }
    });
    assert_eq!(gone, Err(Interruption::Changed));
    let forbidden = play(|index, message| {
        if index == 0 {
            *message = error(answers[0].0, 1);
        }
    });
    assert_eq!(forbidden, Err(Interruption::Refused { request: "generation", errno: 1 }));
}

#[test]
fn bytes_that_are_no_message_end_the_conversation() {
    let garbled = play(|index, message| {
        if index == 3 {
            message.truncate(9);
        }
    });
    assert!(matches!(garbled, Err(Interruption::Garbled { .. })), "{garbled:?}");
}

#[test]
fn answers_to_another_request_are_not_kept() {
    let mut session = Session::new(100);
    let late = error(7, 1);
    assert_eq!(session.feed(&late), Ok(Progress::More));
    assert_eq!(session.finish(), Dump::default());
}
