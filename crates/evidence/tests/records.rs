//! Records as they are signed and read: what counts, what does not, and that no changed byte ever does.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

use evidence::{
    Basis, Case, CaseState, Hashes, Keys, Machine, Note, Reason, Record, SessionEvent, SignError, Signed,
    Situation, Step, Verdict, read, sha256,
};
use ledger::Signer;
use words::Message;

fn lab() -> Signer {
    Signer::new("lab", &[1; 32]).unwrap()
}

fn site() -> Signer {
    Signer::new("site/0141", &[2; 32]).unwrap()
}

fn trusting(signers: &[&Signer]) -> Keys {
    let mut keys = Keys::new();
    signers.iter().for_each(|signer| keys.trust(signer.verifier().clone()).unwrap());
    keys
}

fn record(step: Step) -> Record {
    let hashes = Hashes { plant: sha256(b"plant"), decisions: Some(sha256(b"decisions")) };
    Record::lab("2027-07-01T00:30:00Z".parse().unwrap(), "line3", hashes, step)
}

fn on_site(step: Step) -> Record {
    let machine = Machine { serial: "0141".to_owned(), host: "gw".to_owned() };
    Record { basis: Basis::Site, machine: Some(machine), ..record(step) }
}

fn check() -> Step {
    Step::Check { errors: 0, warnings: 2, notes: 3 }
}

/// One of every step.
fn steps() -> Vec<Step> {
    let text = |text: &str| text.to_owned();
    vec![
        check(),
        Step::Compile { permissions: 41, lines: 300 },
        Step::Load { generation: 3, switched: true, verdict: Verdict::Equal },
        Step::Prove {
            verdict: Verdict::Unknown,
            rules: 120,
            assumptions: vec![text("the kernel of Linux works")],
            not_understood: vec![Note { place: text("br0"), what: text("z0 and z1 are ports of a bridge") }],
            uninspected: vec![text("F19")],
            bridged: vec![[text("Z0"), text("Z1")]],
        },
        Step::Lab {
            verdict: Verdict::Equal,
            cases: vec![Case {
                id: text("1"),
                say: text("the historian reads \"60\" registers\u{85}\u{7f}\n\u{2028}"),
                state: CaseState::NotInspected,
                expected: text("deny by command"),
                verdict: None,
                derived: false,
                from: Some(text("Z2")),
                to: Some(text("Z1")),
                conduit: Some(text("C12")),
            }],
            more: 4,
        },
        Step::Command {
            flow: text("F10"),
            client: text("10.62.2.20"),
            server: text("10.62.1.70:502"),
            command: text("write holding 10 = 5"),
            allowed: false,
            exception: Some(1),
            reason: text("F10 allows reading only"),
            count: 7,
            lost: 0,
        },
        Step::Session {
            flow: text("F19"),
            who: text("robot vendor"),
            event: SessionEvent::Opened,
            until: Some("2027-07-01T02:30:00Z".parse().unwrap()),
        },
        Step::Attest {
            requirement: text("SR 1.1"),
            places: vec![text("Z1")],
            who: text("A. Person"),
            role: text("owner"),
            until: None,
            why: text("seen"),
        },
        Step::Log { records: 12, head: sha256(b"root") },
    ]
}

#[test]
fn every_step_is_read_as_it_was_signed() {
    let keys = trusting(&[&lab(), &site()]);
    for step in steps() {
        for (record, signer) in [(record(step.clone()), lab()), (on_site(step.clone()), site())] {
            let bytes = record.sign(&signer).unwrap();
            let signed =
                Signed::read(&bytes, &keys).unwrap_or_else(|reason| panic!("{}: {reason:?}", step.word()));
            assert_eq!((&signed.record, &signed.key), (&record, signer.verifier()));
            assert!(bytes.starts_with(signed.text.as_bytes()));
        }
    }
}

#[test]
fn a_record_is_a_note_people_can_read() {
    let bytes = on_site(check()).sign(&site()).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    let hash = [sha256(b"plant"), sha256(b"decisions")];
    let expected = format!(
        "ringwall evidence 1\n{{\"version\":1,\"time\":\"2027-07-01T00:30:00Z\",\"basis\":\"site\",\"plant\":\"line3\",\
         \"plant_hash\":\"{}\",\"decisions_hash\":\"{}\",\"machine\":{{\"serial\":\"0141\",\"host\":\"gw\"}},\
         \"ruleset_hash\":null,\"policy_hash\":null,\"situation\":null,\
         \"step\":\"check\",\"errors\":0,\"warnings\":2,\"notes\":3}}\n\n\u{2014} site/0141 ",
        hash[0], hash[1]
    );
    assert!(text.starts_with(&expected), "{text}");
}

#[test]
fn a_lab_record_relabelled_as_site_is_refused() {
    let keys = trusting(&[&lab(), &site()]);
    let bytes = record(check()).sign(&lab()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let relabelled = text
        .replace("\"basis\":\"lab\"", "\"basis\":\"site\"")
        .replace("\"machine\":null", "\"machine\":{\"serial\":\"0141\",\"host\":\"gw\"}");
    assert_ne!(text, relabelled);
    let refused = |bytes: &[u8]| Signed::read(bytes, &keys).unwrap_err();
    assert!(matches!(refused(relabelled.as_bytes()), Reason::Signature { key } if key.starts_with("lab+")));

    // Signed anew by whoever has the lab's key: the key may not sign it.
    let (note, _) = relabelled.split_once("\n\n").unwrap();
    let again = ledger::sign(&format!("{note}\n"), &lab());
    let reason = refused(again.as_bytes());
    assert!(
        matches!(&reason, Reason::Basis { key, basis: Basis::Site } if key.starts_with("lab+")),
        "{reason:?}"
    );
    assert_eq!(reason.code(), "RW1305");
    // Nor may the key of another machine, though the reader trusts it.
    let other = Signer::new("site/0142", &[3; 32]).unwrap();
    let again = ledger::sign(&format!("{note}\n"), &other);
    let reason = Signed::read(again.as_bytes(), &trusting(&[&other])).unwrap_err();
    assert!(matches!(reason, Reason::Basis { basis: Basis::Site, .. }), "{reason:?}");
    // Under the name of the machine's key, but by another: the machine's own key does not know it.
    let forged = Signer::new("site/0141", &[9; 32]).unwrap();
    let again = ledger::sign(&format!("{note}\n"), &forged);
    assert!(matches!(refused(again.as_bytes()), Reason::UnknownKey { key } if key.starts_with("site/0141+")));
}

#[test]
fn keys_sign_only_what_they_may() {
    let sign = |record: Record, signer: &Signer| record.sign(signer).map(|_| ());
    assert_eq!(sign(record(check()), &site()), Ok(()), "a machine may work as a lab too");
    assert_eq!(sign(on_site(check()), &lab()), Err(SignError::Key));
    assert_eq!(sign(on_site(check()), &Signer::new("site/0142", &[2; 32]).unwrap()), Err(SignError::Key));
    assert_eq!(sign(record(check()), &Signer::new("line3/evidence", &[2; 32]).unwrap()), Err(SignError::Key));
    assert_eq!(sign(Record { machine: None, ..on_site(check()) }, &site()), Err(SignError::Unsound));
    let machine = on_site(check()).machine;
    assert_eq!(sign(Record { machine, ..record(check()) }, &lab()), Err(SignError::Unsound));
    let policy_hash = Some("no hash".to_owned());
    assert_eq!(sign(Record { policy_hash, ..record(check()) }, &lab()), Err(SignError::Unsound));
    let long = Step::Compile { permissions: 0, lines: 0 };
    let long = Record { plant: "x".repeat(ledger::LONGEST), ..record(long) };
    assert_eq!(sign(long, &lab()), Err(SignError::TooLong));
}

#[test]
fn nothing_is_dropped_silently() {
    let (keys, stranger) = (trusting(&[&lab()]), Signer::new("lab", &[5; 32]).unwrap());
    let contents = [
        record(check()).sign(&lab()).unwrap(),
        on_site(check()).sign(&site()).unwrap(),
        b"something else".to_vec(),
        record(check()).sign(&stranger).unwrap(),
        record(Step::Compile { permissions: 1, lines: 2 }).sign(&lab()).unwrap(),
    ];
    let numbered = (10..).zip(contents.iter().map(Vec::as_slice));
    let read = read(numbered, &keys);
    let accepted: Vec<(u64, &str)> =
        read.accepted.iter().map(|evidence| (evidence.number, evidence.record.step.word())).collect();
    assert_eq!(accepted, [(10, "check"), (14, "compile")]);
    let refused: Vec<(u64, &str)> =
        read.refused.iter().map(|refused| (refused.number, refused.reason.code())).collect();
    assert_eq!(refused, [(11, "RW1303"), (12, "RW1301"), (13, "RW1303")]);
}

#[test]
fn no_single_changed_bit_counts() {
    let (signer, situation) = (
        site(),
        Situation {
            at: "2027-07-01T00:30:00Z".parse().unwrap(),
            given: vec!["F19 approved for 2h".to_owned()],
        },
    );
    let keys = trusting(&[&signer]);
    let record = Record { situation: Some(situation), ..on_site(steps().remove(3)) };
    let mut bytes = record.sign(&signer).unwrap();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Signed::read(&bytes, &keys).is_err(), "byte {} of {}", bit / 8, bytes.len());
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    for end in 0..bytes.len() {
        assert!(Signed::read(&bytes[..end], &keys).is_err(), "cut at {end}");
    }
    assert!(Signed::read(&bytes, &keys).is_ok());
}

#[test]
fn there_is_one_way_to_write_a_record() {
    let keys = trusting(&[&lab()]);
    let bytes = record(check()).sign(&lab()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (line, _) = text.strip_prefix("ringwall evidence 1\n").unwrap().split_once('\n').unwrap();
    let signed = |first: &str, line: &str| {
        let note = ledger::sign(&format!("{first}\n{line}\n"), &lab());
        Signed::read(note.as_bytes(), &keys).map(|signed| signed.record)
    };
    let first = "ringwall evidence 1";
    assert_eq!(signed(first, line), Ok(record(check())));
    for other in [
        line.replace(":1,", ": 1,"),
        line.replace("\"errors\":0", "\"errors\":0,\"errors\":1"),
        line.replace("\"errors\":0", "\"errors\":0,\"more\":1"),
        line.replace("\"errors\":0", "\"errors\":-1"),
        line.replace("\"version\":1", "\"version\":2"),
        line.replace("\"step\":\"check\"", "\"step\":\"chock\""),
        format!("{line}\n{line}"),
        String::new(),
        "[".repeat(100_000),
    ] {
        assert_eq!(signed(first, &other), Err(Reason::Form), "{:.200}", other);
    }
    assert_eq!(signed("ringwall evidence 2", line), Err(Reason::Version { version: "2".to_owned() }));
    assert_eq!(signed("ringwall bundle 1", line), Err(Reason::Form));
}
