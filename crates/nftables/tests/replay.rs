//! Recorded answers of a real kernel, replayed without one.
//!
//! `dumps/NAME.bin` is what the kernel sent for `rulesets/NAME.nft`; `dumps/NAME.txt` is what it reads as.
//! To record again: `RINGWALL_RECORD_DUMPS=$PWD/crates/nftables/tests/dumps cargo test -p linux --test against_nft`,
//! then `RINGWALL_UPDATE=1 cargo test -p nftables --test replay`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

use std::path::{Path, PathBuf};

use nftables::{Dump, Expression, Family, Hook, Ruleset, Verdict, debug_text, decode};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn files(directory: &str, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(tests().join(directory))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no .{extension} in {directory}");
    files
}

fn read(bytes: &[u8]) -> Ruleset {
    decode(&Dump::from_bytes(bytes.to_vec()))
}

fn recorded(name: &str) -> Ruleset {
    read(&std::fs::read(tests().join("dumps").join(name)).unwrap())
}

#[test]
fn recorded_dumps_read_as_recorded() {
    for file in files("dumps", "bin") {
        let ruleset = read(&std::fs::read(&file).unwrap());
        assert_eq!(ruleset.undecoded, [], "{}", file.display());
        let text = debug_text(&ruleset);
        let snapshot = file.with_extension("txt");
        if std::env::var_os("RINGWALL_UPDATE").is_some() {
            std::fs::write(&snapshot, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&snapshot).unwrap_or_default();
        assert!(text == expected, "{} has changed; RINGWALL_UPDATE=1 writes it anew", snapshot.display());
    }
}

#[test]
fn every_dump_has_its_ruleset_and_every_ruleset_its_dump() {
    let names = |directory, extension| -> Vec<_> {
        files(directory, extension).iter().map(|path| path.file_stem().unwrap().to_owned()).collect()
    };
    assert_eq!(names("dumps", "bin"), names("rulesets", "nft"));
    assert_eq!(names("dumps", "bin"), names("dumps", "txt"));
}

/// Cut anywhere, the dump says that something is missing.
#[test]
fn a_cut_dump_is_never_whole() {
    for file in files("dumps", "bin") {
        let bytes = std::fs::read(&file).unwrap();
        // Every offset of the short ones; of the long ones every offset near a message's start, and a sample.
        let stride = if bytes.len() < 8000 { 1 } else { 37 };
        for end in (0..bytes.len()).step_by(stride).chain(message_starts(&bytes)) {
            let ruleset = read(&bytes[..end]);
            assert!(!ruleset.undecoded.is_empty(), "{} cut at {end} passes as whole", file.display());
        }
    }
}

/// The offsets at which messages begin: a cut there leaves nothing malformed.
fn message_starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        starts.push(at);
        let len = u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap());
        at += (len as usize).next_multiple_of(4);
    }
    starts
}

/// Whole messages left out are missed too.
#[test]
fn a_dump_without_one_of_its_answers_is_never_whole() {
    for file in files("dumps", "bin") {
        let bytes = std::fs::read(&file).unwrap();
        let starts = message_starts(&bytes);
        for (index, &start) in starts.iter().enumerate() {
            let kind = u16::from_ne_bytes(bytes[start + 4..start + 6].try_into().unwrap());
            let ends_an_answer = kind == 3 || kind == 10 << 8 | 15;
            let next = starts.get(index + 1).copied().unwrap_or(bytes.len());
            let rest = [&bytes[..start], &bytes[next..]].concat();
            let ruleset = read(&rest);
            if ends_an_answer {
                assert!(!ruleset.undecoded.is_empty(), "{} without message {index}", file.display());
            }
        }
    }
}

/// Whatever a byte says instead, decoding ends, and nothing is longer than what was read.
#[test]
fn a_changed_byte_never_stops_the_decoder() {
    for file in files("dumps", "bin") {
        let mut bytes = std::fs::read(&file).unwrap();
        let stride = if bytes.len() < 8000 { 7 } else { 101 };
        for at in (0..bytes.len()).step_by(stride) {
            for flip in [0x01, 0x80, 0xff] {
                bytes[at] ^= flip;
                let _ = debug_text(&read(&bytes));
                bytes[at] ^= flip;
            }
        }
    }
}

/// What the fuzzer starts from, and what it found.
#[test]
fn the_corpus_is_read_to_its_end() {
    let corpus: Vec<_> = std::fs::read_dir(tests().join("corpus/netlink")).unwrap().collect();
    assert!(!corpus.is_empty());
    for file in corpus {
        let _ = debug_text(&read(&std::fs::read(file.unwrap().path()).unwrap()));
    }
}

#[test]
fn a_dump_keeps_its_bytes() {
    let bytes = std::fs::read(tests().join("dumps/tables.bin")).unwrap();
    let dump = Dump { datagrams: bytes.chunks(100).map(<[u8]>::to_vec).collect() };
    assert_eq!(dump.to_bytes(), bytes);
    assert_eq!(Dump::from_bytes(bytes.clone()).to_bytes(), bytes);
}

#[test]
fn tables_chains_and_hooks_are_what_the_file_says() {
    let ruleset = recorded("tables.bin");
    let table = |family, name: &str| {
        ruleset.tables.iter().find(|table| table.family == family && table.name == name).unwrap()
    };
    assert!(table(Family::Inet, "asleep").dormant());
    assert!(!table(Family::Inet, "hooks").dormant());
    assert!(table(Family::Ip, "empty").chains.is_empty());
    let base = |name: &str| {
        let base = table(Family::Inet, "hooks").chain(name).unwrap().base.clone().unwrap();
        (base.hook, base.priority, base.policy, base.kind)
    };
    let expect = |hook, priority, policy, kind: &str| (hook, priority, policy, kind.to_owned());
    assert_eq!(base("a"), expect(Hook::Prerouting, -300, Verdict::Accept, "filter"));
    assert_eq!(base("b"), expect(Hook::Input, i32::MIN, Verdict::Drop, "filter"));
    assert_eq!(base("c"), expect(Hook::Forward, i32::MAX, Verdict::Drop, "filter"));
    assert_eq!(base("d"), expect(Hook::Output, 50, Verdict::Accept, "filter"));
    assert_eq!(base("e"), expect(Hook::Postrouting, 105, Verdict::Accept, "nat"));
    assert_eq!(base("f"), expect(Hook::Output, -151, Verdict::Accept, "route"));
    assert!(table(Family::Inet, "hooks").chain("empty").unwrap().base.is_none());
    let comment = table(Family::Inet, "hooks").chain("quoted_name").unwrap().rules[0].comment.clone();
    assert_eq!(comment.as_deref(), Some("ümlaut: Größe, 100 % <ok>"));
}

#[test]
fn hooks_below_ip_have_their_devices() {
    let ruleset = recorded("link.bin");
    let bases: Vec<_> = ruleset
        .tables
        .iter()
        .flat_map(|table| table.chains.iter().map(move |chain| (table.family, chain)))
        .filter_map(|(family, chain)| Some((family, chain.base.as_ref()?)))
        .map(|(family, base)| (family, base.hook, base.devices.join(" ")))
        .collect();
    for expected in [
        (Family::Bridge, Hook::Prerouting, ""),
        (Family::Bridge, Hook::Forward, ""),
        (Family::Arp, Hook::Input, ""),
        (Family::Arp, Hook::Output, ""),
        (Family::Netdev, Hook::Ingress, "lo"),
        (Family::Netdev, Hook::Egress, "lo"),
        (Family::Inet, Hook::Ingress, "lo"),
    ] {
        let expected = (expected.0, expected.1, expected.2.to_owned());
        assert!(bases.contains(&expected), "{expected:?} not in {bases:?}");
    }
}

#[test]
fn sets_keep_lengths_fields_times_comments_and_conditions() {
    let ruleset = recorded("sets.bin");
    let table = &ruleset.tables[0];
    let set = |name: &str| table.set(name).unwrap();
    assert_eq!((set("wide").key_len, &set("wide").fields[..]), (12, &[4, 4, 2][..]));
    // nft describes the fields of a concatenation only where they may be intervals.
    assert_eq!((set("flow4").key_len, &set("flow4").fields[..]), (16, &[][..]));
    assert_eq!((set("wide6").key_len, &set("wide6").fields[..]), (24, &[16, 1, 2][..]));
    assert!(set("wide").interval() && set("legs").map() && set("counters").objects());
    assert!(set("limited").changed_by_packets());
    assert_eq!(set("legs").data_type, 0xffff_ff00);

    let timed = set("timed");
    assert_eq!(timed.timeout, Some(3_600_000));
    let mut times: Vec<_> = timed.elements.iter().map(|element| (element.key[3], element.timeout)).collect();
    times.sort_unstable();
    assert_eq!(times, [(1, Some(7_200_000)), (2, None), (3, Some(1_800_000))]);
    for element in &timed.elements {
        let left = element.expiration.unwrap();
        let life = element.timeout.or(timed.timeout).unwrap();
        assert!(left <= life && left > life - 60_000, "{left} of {life}");
    }
    let commented = timed.elements.iter().find(|element| element.comment.is_some()).unwrap();
    assert_eq!((commented.key[3], commented.comment.as_deref()), (3, Some("until noon")));

    let conditions: Vec<_> = set("limited").elements.iter().map(|element| &element.conditions[..]).collect();
    assert!(conditions.contains(&&[Expression::Limit { invert: false }][..]));
    assert!(conditions.contains(&&[][..]), "a counter is no condition");
    assert!(set("anything").elements.iter().any(|element| element.catchall && element.key.is_empty()));
    assert_eq!(set("empty").elements, []);
    let ends = set("nets").elements.iter().filter(|element| element.interval_end).count();
    assert!(ends >= 3, "{ends} interval ends");
}
