//! `assure` as a reader meets it: from the lab, from the site, relabelled, copied, flat, attested, stale.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Run, ringwall, tiny};
use evidence::{Basis, Hashes, Machine, Record, Situation, Step, Verdict, plant_hashes};
use jiff::Timestamp;
use ledger::Signer;
use plant::SourceFile;
use serde_json::{Value, json};

/// The tiny plant, with levels somebody wants.
fn text() -> String {
    tiny::PLANT.replace("title = \"Control\"", "title = \"Control\"\ndeclared = \"SL 2\"")
}

/// A folder with a plant and perhaps decisions.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(decisions: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plant.toml"), text()).unwrap();
        if !decisions.is_empty() {
            fs::write(folder.path().join("decisions.toml"), decisions).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn word(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A record about this plant that holds together.
    fn record(&self, basis: Basis, step: Step) -> Record {
        let plant = plant::read(&[SourceFile { name: "plant.toml".to_owned(), text: text().into() }]);
        let at = Timestamp::now();
        let policy = policy::compile(&plant.plant.unwrap(), at, &[]).unwrap();
        let hashes = plant_hashes([("plant.toml", text().as_bytes())]);
        let machine =
            (basis == Basis::Site).then(|| Machine { serial: "0141".to_owned(), host: "gw".to_owned() });
        Record {
            basis,
            machine,
            policy_hash: Some(policy.hash()),
            situation: Some(Situation { at, given: Vec::new() }),
            ..Record::lab(at, "tiny", Hashes { plant: hashes.plant, decisions: None }, step)
        }
    }

    /// A sealed log with these records in it.
    fn log(&self, name: &str, sealed_by: &Signer, records: &[Vec<u8>]) {
        let (mut writer, _) = ledger_files::open(&self.path(name), sealed_by.clone()).unwrap();
        for record in records {
            writer.append(record).unwrap();
        }
        writer.checkpoint().unwrap();
    }

    /// The public key of the site, as its owner handed it over.
    fn site_key(&self) -> String {
        fs::write(self.path("site.pub"), site().verifier().to_string()).unwrap();
        self.word("site.pub")
    }

    fn assure(&self, more: &[&str]) -> Run {
        let plant = self.folder.path().to_str().unwrap();
        ringwall(&[&["assure", plant, "--format", "json", "--language", "en"], more].concat())
    }
}

fn site() -> Signer {
    Signer::new("site/0141", &[2; 32]).unwrap()
}

fn lab() -> Signer {
    Signer::new("lab", &[1; 32]).unwrap()
}

fn prove(verdict: Verdict, bridged: &[[&str; 2]]) -> Step {
    Step::Prove {
        verdict,
        rules: 90,
        assumptions: Vec::new(),
        not_understood: Vec::new(),
        uninspected: Vec::new(),
        bridged: bridged.iter().map(|pair| pair.map(str::to_owned)).collect(),
    }
}

fn attest(requirements: &[&str], until: &str) -> String {
    format!(
        "[[attest]]\nrequirement = {requirements:?}\nwhere = \"all\"\nwho = \"K. Meier\"\nrole = \"lead\"\n\
         date = \"2026-01-02\"\nuntil = \"{until}\"\nwhy = \"looked at it\"\n"
    )
}

fn row<'a>(document: &'a Value, place: [&str; 2], id: &str) -> &'a Value {
    let rows = document[place[0]][place[1]]["requirements"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap()
}

const NULLS: [Option<u8>; 7] = [None; 7];
const RDF: usize = 4;

#[test]
fn the_lab_alone_fills_the_design_and_leaves_the_site_open() {
    let place = Place::new("");
    let plant = place.folder.path().to_str().unwrap();
    let log = place.word("log");
    let key = place.word("lab.key");
    ledger_files::create_key(&place.path("lab.key"), "lab").unwrap();
    let ran = ringwall(&["lab", plant, "--expects-only", "--log", &log, "--sign-key", &key]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);

    let ran = place.assure(&["--log", &log]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let document = ran.json();
    for at in [["zones", "control"], ["zones", "data"], ["conduits", "C"]] {
        let levels = &document[at[0]][at[1]];
        assert_eq!(levels["sl_a"], json!(NULLS), "{at:?}");
        assert!(levels["design"][RDF].as_u64() >= Some(1), "{at:?}: {}", levels["design"]);
        assert_eq!(levels["design"].as_array().map(Vec::len), Some(7));
    }
    let control = &document["zones"]["control"];
    assert_eq!(control["declared"], json!(vec![2; 7]));
    assert_eq!(control["design"], json!([null, 2, 2, null, 2, 1, 1]));
    assert_eq!(control["design_rows"][RDF], json!([3, 6]));
    assert_eq!(document["zones"]["data"]["declared"], json!(NULLS), "nobody wants a level there");
    let found = row(&document, ["zones", "control"], "SR 5.2 RE 1");
    assert_eq!(
        (&found["state"], &found["basis"], &found["met"]),
        (&json!("proved"), &json!("lab"), &json!(false))
    );
    assert!(found["evidence"].is_u64() && found["until"].is_string() && found["part"].is_string());
    let counts = &control["counts"];
    let sum: u64 = ["proved", "observed", "attested", "not_assessed", "unmet"]
        .iter()
        .map(|state| counts[state].as_u64().unwrap())
        .sum();
    assert_eq!(sum, control["requirements"].as_array().unwrap().len() as u64);
}

#[test]
fn a_signed_proof_of_the_site_counts_and_leaves_null_what_people_must_say() {
    let place = Place::new("");
    let record = place.record(Basis::Site, prove(Verdict::Equal, &[])).sign(&site()).unwrap();
    place.log("log", &site(), &[record]);
    let log = place.word("log");
    let key = place.site_key();

    let document = place.assure(&["--log", &log, "--key", &key]).json();
    assert_eq!(document["zones"]["control"]["sl_a"], json!(NULLS));
    let found = row(&document, ["zones", "control"], "SR 5.2 RE 1");
    assert_eq!(
        (&found["state"], &found["basis"], &found["met"]),
        (&json!("proved"), &json!("site"), &json!(true))
    );
    assert_eq!((&found["evidence"], &found["machine"]), (&json!(0), &json!("0141 (gw)")));

    // Without the key of the machine its word is nobody's.
    let document = place.assure(&["--log", &log]).json();
    assert_eq!(row(&document, ["zones", "control"], "SR 5.2 RE 1")["state"], "not_assessed");
    assert_eq!(document["log"]["refused"][0]["code"], "RW1303");

    // With a person for the rest there is a level.
    fs::write(
        place.path("decisions.toml"),
        attest(&["SR 5.1", "SR 5.2", "SR 5.3", "SR 5.4", "SR 5.1 RE 1"], "9999-12-31"),
    )
    .unwrap();
    let document = place.assure(&["--log", &log, "--key", &key]).json();
    let mut expected = NULLS;
    expected[RDF] = Some(2);
    assert_eq!(document["zones"]["control"]["sl_a"], json!(expected));
    let found = row(&document, ["zones", "control"], "SR 5.1");
    assert_eq!((&found["state"], &found["evidence"]), (&json!("attested"), &json!(0)));
    assert_eq!((&found["attested"]["who"], &found["until"]), (&json!("K. Meier"), &json!("9999-12-31")));
}

#[test]
fn evidence_of_the_lab_is_never_evidence_of_the_site() {
    let place = Place::new("");
    let key = place.site_key();
    let signed = place.record(Basis::Lab, prove(Verdict::Equal, &[])).sign(&lab()).unwrap();
    let text = String::from_utf8(signed).unwrap();
    let machine = r#"{\"serial\":\"0141\",\"host\":\"gw\"}"#;
    let relabelled = text
        .replace(r#"\"basis\":\"lab\""#, r#"\"basis\":\"site\""#)
        .replace(r#"\"machine\":null"#, &format!(r#"\"machine\":{machine}"#))
        .replace(r#""basis":"lab""#, r#""basis":"site""#)
        .replace(r#""machine":null"#, &format!(r#""machine":{}"#, machine.replace('\\', "")));
    assert_ne!(text, relabelled);
    place.log("log", &lab(), &[text.into_bytes(), relabelled.into_bytes()]);
    let ran = place.assure(&["--log", &place.word("log"), "--key", &key]);
    let document = ran.json();
    let refused = document["log"]["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!((&refused[0]["evidence"], &refused[0]["code"]), (&json!(1), &json!("RW1304")));
    assert_eq!(document["zones"]["control"]["sl_a"], json!(NULLS));
    assert_eq!(row(&document, ["zones", "control"], "SR 5.2 RE 1")["met"], false);
}

#[test]
fn copies_of_genuine_records_in_a_log_of_somebody_else_do_not_speak_for_the_site() {
    let place = Place::new("");
    let key = place.site_key();
    let good = place.record(Basis::Site, prove(Verdict::Equal, &[])).sign(&site()).unwrap();
    place.log("copied", &lab(), &[good]);
    let document = place.assure(&["--log", &place.word("copied"), "--key", &key]).json();
    assert_eq!(row(&document, ["zones", "control"], "SR 5.2 RE 1")["state"], "not_assessed");
    let reason = document["log"]["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("a log sealed by `lab+"), "{reason}");
}

#[test]
fn a_flat_network_has_no_restricted_data_flow() {
    let place = Place::new(&attest(&["SR 5.1", "SR 5.2", "SR 5.2 RE 1", "SR 5.3", "SR 5.4"], "9999-12-31"));
    let key = place.site_key();
    let flat = prove(Verdict::Unknown, &[["control", "data"]]);
    place.log("site", &site(), &[place.record(Basis::Site, flat.clone()).sign(&site()).unwrap()]);
    place.log("lab", &lab(), &[place.record(Basis::Lab, flat).sign(&lab()).unwrap()]);
    let document = place.assure(&["--log", &place.word("site"), "--key", &key]).json();
    for at in [["zones", "control"], ["zones", "data"], ["conduits", "C"]] {
        let levels = &document[at[0]][at[1]];
        assert_eq!((&levels["sl_a"][RDF], &levels["design"][RDF]), (&json!(0), &json!(0)), "{at:?}");
        assert_eq!(row(&document, at, "SR 5.1")["state"], "unmet");
        assert!(levels["counts"]["unmet"].as_u64() >= Some(2));
    }
    let document = place.assure(&["--log", &place.word("lab")]).json();
    assert_eq!(document["zones"]["control"]["design"][RDF], 0);
}

#[test]
fn every_declared_level_reached_is_exit_0() {
    let all: Vec<&str> = standard::systems().iter().map(|row| row.id.as_str()).collect();
    let place = Place::new(&attest(&all, "9999-12-31"));
    let ran = place.assure(&[]);
    assert_eq!((ran.code, &ran.json()["reached"]), (0, &json!(true)), "{}", ran.err);
    assert_eq!(ran.json()["zones"]["control"]["sl_a"], json!(vec![2; 7]));

    let place = Place::new(&attest(&all, "2026-02-02"));
    let ran = place.assure(&[]);
    assert_eq!((ran.code, &ran.json()["zones"]["control"]["sl_a"]), (1, &json!(NULLS)));
    let reason = row(&ran.json(), ["zones", "control"], "SR 1.1")["reason"].clone();
    assert_eq!(reason, "the attestation expired: its last day was 2026-02-02");
    let plant = place.folder.path().to_str().unwrap();
    let check = ringwall(&["check", plant, "--language", "en"]);
    assert_eq!(check.code, 3, "{}", check.out);
    assert!(check.err.contains("its last day was 2026-02-02 [RW0609]"), "{}", check.err);
    assert_eq!(ringwall(&["compile", plant]).code, 0, "no rule waits for it");
}

#[test]
fn what_cannot_be_used_is_refused() {
    let place = Place::new("");
    let record = place.record(Basis::Lab, prove(Verdict::Equal, &[])).sign(&lab()).unwrap();
    place.log("log", &lab(), &[record.clone(), record.clone()]);
    let log = place.word("log");
    assert_eq!(place.assure(&["--log", &log]).code, 1);

    // One bit, anywhere in the records.
    let mut bytes = fs::read(place.path("log/records")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.path("log/records"), &bytes).unwrap();
    let ran = place.assure(&["--log", &log]);
    assert!(ran.code == 2 && ran.err.contains("the log is damaged"), "{}", ran.err);

    // A tail that was cut, against the checkpoint beside it.
    place.log("cut", &lab(), std::slice::from_ref(&record));
    let short = fs::read(place.path("cut/records")).unwrap();
    place.log("cut", &lab(), &[record]);
    fs::write(place.path("cut/records"), short).unwrap();
    assert_eq!(place.assure(&["--log", &place.word("cut")]).code, 2);

    fs::write(place.path("no.key"), "not a key").unwrap();
    for more in [
        &["--log", "/nowhere"][..],
        &["--key", &place.word("no.key")],
        &["--key", "/nowhere"],
        &["--log", &place.word(".")],
    ] {
        assert_eq!(place.assure(more).code, 2, "{more:?}");
    }
    fs::write(place.path("plant.toml"), "x").unwrap();
    assert_eq!(place.assure(&[]).code, 2);
}

#[test]
fn people_read_it_in_their_language() {
    let place = Place::new(&attest(&["SR 1.1"], "9999-12-31"));
    let key = place.site_key();
    let record = place.record(Basis::Site, prove(Verdict::Equal, &[])).sign(&site()).unwrap();
    place.log("log", &site(), &[record]);
    let plant = place.folder.path().to_str().unwrap();
    let log = place.word("log");
    let read =
        |language| ringwall(&["assure", plant, "--log", &log, "--key", &key, "--language", language]).out;
    for (language, parts) in [
        (
            "en",
            [
                "zone control: Control",
                "declared",
                "between zones passes only what is needed",
                "1 attested",
                "a person has to vouch for the rest: that there is no way past the gateway",
                "no statement of conformity",
                "design: the same if the lab's evidence were the site's",
            ],
        ),
        (
            "de",
            [
                "Zone control: Control",
                "angegeben",
                "zwischen Zonen läuft nur, was gebraucht wird",
                "1 bestätigt",
                "für den Rest muss ein Mensch einstehen: dass es keinen Weg am Gateway vorbei gibt",
                "keine Aussage über Konformität",
                "Netze trennen",
            ],
        ),
    ] {
        let text = read(language);
        for part in parts {
            assert!(text.contains(part), "{language}: `{part}` in\n{text}");
        }
    }
}

#[test]
fn an_assessment_of_risk_counts_the_same_evidence() {
    let place = Place::new("");
    let (key, log) = (place.site_key(), place.word("log"));
    let record = place.record(Basis::Site, prove(Verdict::Equal, &[])).sign(&site()).unwrap();
    place.log("log", &site(), &[record]);
    let plant = place.word("plant.toml");
    let state = |more: &[&str]| {
        let document = ringwall(&[&["assess", plant.as_str(), "--format", "json"], more].concat()).json();
        let rows = document["requirements"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == "SR 5.2 RE 1" && row["subject"] == "control").unwrap();
        (row["state"].as_str().unwrap().to_owned(), document["inputs"]["evidence"].is_string())
    };
    assert_eq!(state(&["--log", &log, "--key", &key]), ("met (proved)".to_owned(), true));
    assert_eq!(
        state(&["--log", &log]).0,
        "not assessed",
        "without the key of the machine its word is nobody's"
    );
    assert_eq!(state(&[]), ("not assessed".to_owned(), false));
}
