//! `ringwall show`: one page, from the plant alone and with a log.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use evidence::{Case, CaseState, LAB, Machine, Record, Step, Verdict, plant_hashes, site_name};
use ledger::Signer;

fn line3() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/line3")
}

fn show(folder: &Path, words: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ringwall"))
        .current_dir(folder)
        .args(["show"])
        .args(words)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn page(folder: &Path, words: &[&str]) -> String {
    let plant = line3();
    let words = [&[plant.to_str().unwrap(), "-o", "page.html", "--lang", "en"], words].concat();
    let (code, text) = show(folder, &words);
    assert_eq!(code, 0, "{text}");
    fs::read_to_string(folder.join("page.html")).unwrap()
}

fn record(step: Step) -> Record {
    let files = ["plant.toml", "decisions.toml"].map(|name| (name, fs::read(line3().join(name)).unwrap()));
    let hashes = plant_hashes(files.iter().map(|(name, text)| (*name, text.as_slice())));
    Record::lab("2026-11-25T12:00:00Z".parse().unwrap(), "line3", hashes, step)
}

fn case(id: &str, say: &str, state: CaseState, derived: bool) -> Case {
    Case {
        id: id.to_owned(),
        say: say.to_owned(),
        state,
        expected: "deny".to_owned(),
        verdict: Some("deny".to_owned()),
        derived,
        from: None,
        to: None,
        conduit: None,
    }
}

fn prove(verdict: Verdict) -> Record {
    record(Step::Prove {
        verdict,
        rules: 3,
        assumptions: vec!["somebody winds the clock".to_owned()],
        not_understood: Vec::new(),
        uninspected: vec!["F03".to_owned()],
        bridged: Vec::new(),
    })
}

fn command(allowed: bool) -> Record {
    record(Step::Command {
        flow: "F10".to_owned(),
        client: "10.62.2.20".to_owned(),
        server: "10.62.1.70".to_owned(),
        command: "write holding 10 = 7".to_owned(),
        allowed,
        exception: Some(1),
        reason: "F10 does not allow writing <b>".to_owned(),
        count: 3,
        lost: 0,
    })
}

fn log(folder: &Path, signer: &Signer, records: &[Record]) {
    let (mut writer, _) = ledger_files::open(&folder.join("log"), signer.clone()).unwrap();
    for record in records {
        writer.append(&record.sign(signer).unwrap()).unwrap();
    }
    writer.checkpoint().unwrap();
}

fn lab_key() -> Signer {
    Signer::new(LAB, &[7; 32]).unwrap()
}

#[test]
fn the_page_is_written_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    for (language, sentence) in
        [("en", "What stands between Office IT"), ("de", "Was steht zwischen Office IT")]
    {
        let (code, text) = show(folder.path(), &[line3().to_str().unwrap(), "--lang", language]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("line3.html"), "it says where: {text}");
        let page = fs::read_to_string(folder.path().join("line3.html")).unwrap();
        assert!(page.contains(sentence), "{language}");
        assert!(page.contains("Montagelinie 3") && page.contains("F14-relay-in"));
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["line3.html"], "nothing half written is left behind");
}

#[test]
fn what_cannot_be_written_is_told_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("taken.html")).unwrap();
    fs::write(folder.path().join("taken.html/kept"), "").unwrap();
    for file in ["taken.html", "nowhere/page.html"] {
        let (code, text) = show(folder.path(), &[line3().to_str().unwrap(), "-o", file, "--lang", "en"]);
        assert_eq!(code, 2, "{text}");
        assert!(text.starts_with(&format!("{file}: the page cannot be written")), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn without_a_log_nothing_is_claimed() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(folder.path(), &[]);
    for sentence in [
        "not tried yet",
        "without a log of evidence",
        "in the model, not watched yet",
        "None recorded",
        "Only the declared levels are known",
        "SR 5.2",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
    for word in ["as expected", "</span>proved", "</span>attested", "compliant", "certified"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn the_log_fills_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let cases = vec![
        case("7", "10.62.2.10 -> 10.62.0.10 any", CaseState::Pass, false),
        case("6", "10.62.1.20 -> 10.62.0.10 something else", CaseState::Pass, false),
        case("F11/port", "derived and wrong", CaseState::Fail, true),
        case("F11/peer", "derived and right", CaseState::Pass, true),
    ];
    let lab = record(Step::Lab { verdict: Verdict::Equal, cases, more: 5 });
    log(folder.path(), &lab_key(), &[lab, command(true), command(false), prove(Verdict::Equal)]);
    let page = page(folder.path(), &["--log", "log"]);
    for sentence in [
        "log verified",
        "4 records",
        "somebody winds the clock",
        "record 3 of the log",
        "lab: the plant&#39;s twin",
        "derived and wrong",
        "derived 7 cases",
        "; 6 came out",
        "HIST1 (hist1) → L3_MTR1 (mtr1)",
        "F10 does not allow writing &lt;b&gt;",
        "1/30",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
    assert_eq!(
        page.matches("write holding 10 = 7</code>").count(),
        2,
        "one case, one refusal; not what passed"
    );
    assert!(!page.contains("derived and right"));
    // The same id with another sentence is another case.
    assert_eq!(page.matches("as expected").count() - page.matches("not as expected").count(), 1);
}

#[test]
fn what_is_about_another_text_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = prove(Verdict::Equal);
    old.plant_hash = "0".repeat(64);
    log(folder.path(), &lab_key(), &[old]);
    let page = page(folder.path(), &["--log", "log"]);
    assert!(
        page.contains("about another text of the plant") && page.contains("of another text, does not count")
    );
}

#[test]
fn who_speaks_for_a_site_must_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::new(&site_name("RW-7").unwrap(), &[9; 32]).unwrap();
    let mut site = prove(Verdict::Equal);
    site.basis = evidence::Basis::Site;
    site.machine = Some(Machine { serial: "RW-7".to_owned(), host: "gw3".to_owned() });
    log(folder.path(), &signer, &[site]);
    let unnamed = page(folder.path(), &["--log", "log"]);
    assert!(unnamed.contains("Records that do not count") && !unnamed.contains("on site: gateway"));
    fs::write(folder.path().join("site.key"), signer.verifier().to_string()).unwrap();
    let named = page(folder.path(), &["--log", "log", "--key", "site.key"]);
    assert!(named.contains("on site: gateway RW-7 (gw3)"));
}

#[test]
fn a_damaged_log_shows_nothing_but_its_damage() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), &lab_key(), &[prove(Verdict::Equal), command(false)]);
    let path = folder.path().join("log/records");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let page = page(folder.path(), &["--log", "log"]);
    assert!(page.contains("log damaged") && !page.contains("somebody winds the clock"));
    assert!(page.contains("No proof that could be relied on") && page.contains("nothing of it is shown"));
}

/// What the lab shows of a design stands in its own row; on site nothing is shown by it.
#[test]
fn the_lab_fills_the_design_and_never_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let policy = {
        let files = ["plant.toml", "decisions.toml"].map(|name| plant::SourceFile {
            name: name.to_owned(),
            text: fs::read(line3().join(name)).unwrap(),
        });
        let plant = plant::read(&files).plant.unwrap();
        policy::compile(&plant, "2026-11-25T12:00:00Z".parse().unwrap(), &[]).unwrap().hash()
    };
    let mut proof = prove(Verdict::Equal);
    proof.time = jiff::Timestamp::now();
    proof.policy_hash = Some(policy);
    proof.situation =
        Some(evidence::Situation { at: "2026-11-25T12:00:00Z".parse().unwrap(), given: Vec::new() });
    log(folder.path(), &lab_key(), &[proof]);
    let page = page(folder.path(), &["--log", "log"]);
    let row = |class: &str| {
        page.split(&format!("<tr class=\"{class}\">"))
            .skip(1)
            .map(|rest| rest.split("</tr>").next().unwrap().matches("class=\"digit\"").count())
            .collect::<Vec<_>>()
    };
    assert_eq!(row("site"), [0; 8], "four zones and four conduits, nothing on site");
    assert!(row("design").iter().all(|values| *values > 0), "{:?}", row("design"));
    assert!(page.contains("</span>proved") && page.contains("lab · record 0"));
}
