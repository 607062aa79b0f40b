//! Bundles: every byte of one is changed, cut, appended to, and its parts are swapped; the part at fault is named.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

use std::ops::Range;

use evidence::bundle::{CONTAINER, Fault, MANIFEST, Manifest, open, pack};
use evidence::{Basis, Machine, Situation, sha256};
use ledger::Signer;

fn signer() -> Signer {
    Signer::new("site/0141", &[2; 32]).unwrap()
}

fn manifest() -> Manifest {
    let at = "2027-07-01T00:30:00Z".parse().unwrap();
    Manifest {
        key: String::new(),
        program: "0.1.0".to_owned(),
        time: at,
        basis: Basis::Site,
        machine: Some(Machine { serial: "0141".to_owned(), host: "gw".to_owned() }),
        plant: "line3".to_owned(),
        plant_hash: sha256(b"plant"),
        decisions_hash: None,
        situation: Situation { at, given: vec!["F19 approved".to_owned()] },
        late: true,
        policy_hash: sha256(b"policy"),
        ruleset_hash: sha256(b"rules"),
        parts: Vec::new(),
    }
}

fn parts() -> Vec<(String, Vec<u8>)> {
    [
        ("plant/plant.toml", &b"[plant]"[..]),
        ("empty", b""),
        ("kernel/dump", &[0; 40]),
        ("log/records", b"abcdefg"),
    ]
    .map(|(name, content)| (name.to_owned(), content.to_vec()))
    .to_vec()
}

/// The names at fault.
fn faults(bytes: &[u8]) -> Vec<String> {
    match open(bytes, None) {
        Err((name, _)) => vec![name.to_owned()],
        Ok(opened) => opened.check().faults.into_iter().map(|(name, _)| name).collect(),
    }
}

/// Where the line, the list and the parts lie in a bundle.
fn places(bytes: &[u8]) -> Vec<(String, Range<usize>)> {
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let digits = std::str::from_utf8(&bytes[line - 9..line - 1]).unwrap();
    let mut at = line + digits.parse::<usize>().unwrap();
    let mut places = vec![(CONTAINER.to_owned(), 0..line), (MANIFEST.to_owned(), line..at)];
    for (name, content) in parts() {
        places.push((name, at..at + content.len()));
        at += content.len();
    }
    assert_eq!(at, bytes.len());
    places
}

#[test]
fn what_was_packed_is_read() {
    let bytes = pack(manifest(), &parts(), &signer()).unwrap();
    for key in [None, Some(signer().verifier())] {
        let opened = open(&bytes, key).unwrap();
        let bundle = opened.check();
        assert_eq!((bundle.faults.as_slice(), &bundle.key), (&[][..], signer().verifier()));
        for (name, content) in parts() {
            assert_eq!(bundle.part(&name), Some(content.as_slice()), "{name}");
        }
        assert_eq!(bundle.part("other"), None);
        let parts = bundle.manifest.parts.clone();
        assert_eq!(bundle.manifest, Manifest { key: signer().verifier().to_string(), parts, ..manifest() });
    }
}

#[test]
fn every_changed_bit_is_found_and_its_part_is_named() {
    let mut bytes = pack(manifest(), &parts(), &signer()).unwrap();
    for (name, range) in places(&bytes) {
        for bit in range.start * 8..range.end * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = faults(&bytes);
            // With another length the list is not where it should be.
            let list = name == CONTAINER && found == [MANIFEST];
            assert!(found == [name.clone()] || list, "byte {} of {name}: {found:?}", bit / 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert!(faults(&bytes).is_empty());
}

#[test]
fn every_cut_and_every_appended_or_inserted_byte_is_found() {
    let bytes = pack(manifest(), &parts(), &signer()).unwrap();
    let places = places(&bytes);
    for end in 0..bytes.len() {
        let found = faults(&bytes[..end]);
        // The part that is cut and every one behind it; within the head there is nothing else to name.
        let (at, _) = places.iter().enumerate().find(|(_, (_, range))| range.contains(&end)).unwrap();
        let cut: Vec<&String> =
            places[at..].iter().filter(|(_, range)| !range.is_empty()).map(|(name, _)| name).collect();
        let named = if at < 2 { found == [CONTAINER] || found == [MANIFEST] } else { found.iter().eq(cut) };
        assert!(named, "cut at {end}: {found:?}");
    }
    for at in 0..=bytes.len() {
        for byte in [0, b'\n', b'0', b'a'] {
            let mut longer = bytes.clone();
            longer.insert(at, byte);
            assert!(!faults(&longer).is_empty(), "{byte} inserted at {at}");
        }
    }
    let appended = [bytes.as_slice(), b"1234567"].concat();
    assert_eq!(
        open(&appended, None).unwrap().check().faults,
        [(CONTAINER.to_owned(), Fault::Appended { bytes: 7 })]
    );
}

#[test]
fn swapped_parts_are_named_both() {
    let bytes = pack(manifest(), &parts(), &signer()).unwrap();
    let [one, other] = [2, 5].map(|place| places(&bytes)[place].clone());
    assert_eq!(one.1.len(), other.1.len(), "of the same length, so that nothing else moves");
    let mut swapped = bytes.clone();
    swapped[one.1.clone()].copy_from_slice(&bytes[other.1.clone()]);
    swapped[other.1].copy_from_slice(&bytes[one.1]);
    assert_eq!(faults(&swapped), [one.0, other.0]);
}

#[test]
fn a_bundle_of_another_key_is_refused_by_name() {
    let bytes = pack(manifest(), &parts(), &signer()).unwrap();
    let other = Signer::new("site/0141", &[3; 32]).unwrap();
    let (part, fault) = open(&bytes, Some(other.verifier())).unwrap_err();
    let (key, wanted) = (signer().verifier().short(), other.verifier().short());
    assert_eq!((part, fault), (MANIFEST, Fault::OtherKey { key, wanted }));
    // A key of the lab packs nothing that says it comes from a site, nor does the key of another machine.
    for name in ["lab", "site/0142", "line3"] {
        assert!(pack(manifest(), &parts(), &Signer::new(name, &[1; 32]).unwrap()).is_err(), "{name}");
    }
    let lab = Manifest { basis: Basis::Lab, machine: None, ..manifest() };
    assert!(pack(lab, &parts(), &Signer::new("lab", &[1; 32]).unwrap()).is_ok());
}

/// Bundles that are signed, and lie about what they hold.
#[test]
fn hostile_lists_cost_nothing_and_are_refused() {
    let sign = |text: &str| {
        let note = ledger::sign(text, &signer());
        format!("ringwall bundle 1 {:08}\n{note}", note.len()).into_bytes()
    };
    let whole = pack(manifest(), &parts(), &signer()).unwrap();
    let (_, note) = std::str::from_utf8(&whole[..places(&whole)[1].1.end]).unwrap().split_once('\n').unwrap();
    let (text, _) = note.split_once("\n\n").unwrap();
    let lying = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        sign(&format!("{}\n", text.replacen(from, to, 1)))
    };
    let head = sign(&format!("{text}\n"));
    assert!(faults(&[head.as_slice(), &whole[places(&whole)[2].1.start..]].concat()).is_empty());

    // A length nobody has: refused at the part, without a byte set aside for it.
    let huge = lying("\"length\":7", "\"length\":18446744073709551615");
    assert_eq!(faults(&huge)[0], "plant/plant.toml");
    for (from, to) in [
        ("\"length\":7", "\"length\":-1"),
        ("\"length\":7", "\"length\":18446744073709551616"),
        ("\"length\":7", "\"length\":7.0"),
        ("\"length\":7", "\"length\": 7"),
        ("\"name\":\"empty\"", "\"name\":\"\""),
        ("\"name\":\"empty\"", "\"name\":\"kernel/dump\""),
        ("\"name\":\"empty\"", "\"name\":\"manifest\""),
        ("\"name\":\"empty\"", "\"name\":\"\\u001b[2J\""),
        ("\"basis\":\"site\"", "\"basis\":\"lab\""),
        ("\"serial\":\"0141\"", "\"serial\":\"0142\""),
        ("ringwall bundle 1", "ringwall evidence 1"),
    ] {
        assert_eq!(faults(&lying(from, to)), [MANIFEST], "{to}");
    }
    let many: Vec<(String, Vec<u8>)> = (0..1001).map(|number| (number.to_string(), Vec::new())).collect();
    assert!(pack(manifest(), &many, &signer()).is_err());
    assert!(pack(manifest(), &many[..1000], &signer()).is_ok());
    for start in
        ["", "ringwall bundle 1 99999999\n", "ringwall bundle 1 0000000\n", "ringwall bundle 1 +0000001\nx"]
    {
        assert_eq!(faults(start.as_bytes()), [CONTAINER], "{start}");
    }
    let nested = sign(&format!("ringwall bundle 1\n{}\n", "[".repeat(200_000)));
    assert_eq!(faults(&nested), [MANIFEST]);
    // A second signature beside the first is under nobody's.
    let twice = format!("{note}\u{2014} lab AAAAAAAAAAAA\n");
    let twice = format!("ringwall bundle 1 {:08}\n{twice}", twice.len());
    assert_eq!(faults(twice.as_bytes()), [MANIFEST]);
}
