//! What changes of the line change, and what they must not.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

mod common;

use std::collections::BTreeMap;

use common::{assess, levels, line3, line3_decisions, line3_text, read, read_with};
use risk::{Assessment, State};

fn vectors(assessment: &Assessment) -> BTreeMap<String, Option<[u8; 7]>> {
    let zones = assessment.zones.iter().map(|(id, target)| (id.to_string(), target.levels()));
    zones.chain(assessment.conduits.iter().map(|(id, target)| (id.to_string(), target.levels()))).collect()
}

/// Residual risk of the scenarios that use a flow, by id.
fn touched(assessment: &Assessment, flow: &str) -> BTreeMap<String, u64> {
    assessment
        .scenarios
        .iter()
        .filter(|scenario| scenario.flows.iter().any(|id| id.as_str() == flow))
        .map(|scenario| (scenario.id.clone(), scenario.residual()))
        .collect()
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn a_filter_counts_only_in_what_is_left() {
    let before = assess(&line3());
    let text =
        replaced(&line3_text(), "allow   = [\"read holding 0-59\", \"identify\"]\n", "allow = [\"any\"]\n");
    let after = assess(&read(&text));
    assert_eq!(vectors(&before), vectors(&after));
    let (old, new) = (touched(&before, "F10"), touched(&after, "F10"));
    assert!(!old.is_empty());
    for (id, residual) in &old {
        assert!(new[id] > *residual, "{id}: {} is not above {residual}", new[id]);
    }
    for scenario in &before.scenarios {
        let same = after.scenarios.iter().find(|other| other.id == scenario.id).expect(&scenario.id);
        assert!(
            same.residual() >= scenario.residual() && same.score() == scenario.score(),
            "{}",
            scenario.id
        );
    }
}

/// The session of the robot maker, as a flow that is always open.
fn always_open(text: &str) -> String {
    let at = text.find("[[remote]]").expect("there are sessions");
    let end = text[at + 1..].find("[[remote]]").expect("there are two") + at + 1;
    let flow = "[[flows]]\nid = \"F19\"\nfrom = \"10.99.0.11\"\nto = \"rob1\"\nservice = [\"ftp\", \"tcp 49152\"]\n\n";
    format!("{}{flow}{}", &text[..at], &text[end..])
}

#[test]
fn approval_and_factor_count_only_in_what_is_left() {
    let before = assess(&line3());
    let no_factor = replaced(
        &line3_text(),
        "factor  = \"second\"\nrecord  = true\nwhile   = \"key >= ONLINE\"\nwhy     = \"service of the robot\"",
        "",
    );
    for text in [
        always_open(&line3_text()).replace("\"F19 approved\"", "").replace("\"ask for F19\"", "\"x\""),
        no_factor,
    ] {
        let text = text.split("[[expect]]").next().expect("the cases come last").to_owned();
        let after = assess(&read(&text));
        assert_eq!(vectors(&before), vectors(&after));
        let (old, new) = (touched(&before, "F19"), touched(&after, "F19"));
        assert!(!old.is_empty());
        for (id, residual) in &old {
            assert!(new[id] > *residual, "{id}: {} is not above {residual}", new[id]);
        }
    }
    let state = |assessment: &Assessment| {
        let row =
            assessment.requirements.iter().find(|row| row.id == "SR 1.13 RE 1" && row.subjects == ["C13"]);
        row.expect("the conduit has the row").state
    };
    assert_eq!(state(&before), State::NotAssessed);
    let text = always_open(&line3_text());
    let text = text.split("[[expect]]").next().expect("the cases come last");
    let open = assess(&read(text));
    assert_eq!(state(&open), State::Open);
    assert!(open.findings.iter().any(|finding| finding.code == "RW1415" && finding.subject() == "F19"));
}

#[test]
fn ids_and_names_do_not_matter() {
    let plant = line3();
    let before = assess(&plant);
    for seed in 1..4_u64 {
        let fresh = |id: &str| {
            let mut hash = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for byte in id.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
            }
            format!("x{hash:016x}")
        };
        let ids = plant
            .zones
            .keys()
            .map(ToString::to_string)
            .chain(plant.assets.keys().map(ToString::to_string))
            .chain(plant.conduits.keys().map(ToString::to_string))
            .chain(plant.flows.keys().map(ToString::to_string))
            .chain(plant.roles.keys().map(ToString::to_string));
        let text = line3_text();
        let mut text = text.split("[[expect]]").next().expect("the cases come last").to_owned();
        let mut decisions = line3_decisions();
        let mut names = BTreeMap::new();
        for id in ids {
            let new = fresh(&id);
            for text in [&mut text, &mut decisions] {
                *text = text.replace(&format!("\"{id}\""), &format!("\"{new}\""));
            }
            for table in ["zones", "assets", "conduits", "roles"] {
                text = text.replace(&format!("[{table}.{id}]"), &format!("[{table}.{new}]"));
            }
            names.insert(new, id);
        }
        let text: String = text
            .lines()
            .map(|line| match line.split_once('=') {
                Some((key, _)) if key.trim() == "title" => format!("title = \"{}\"\n", fresh(line)),
                Some((key, _)) if key.trim() == "name" => format!("name = \"{}\"\n", fresh(line)),
                _ => format!("{line}\n"),
            })
            .collect();
        // A kind is no name, even where an asset is called like one.
        let after = assess(&read_with(&text, &decisions));
        let renamed: BTreeMap<String, Option<[u8; 7]>> =
            vectors(&after).into_iter().map(|(id, levels)| (names[&id].clone(), levels)).collect();
        assert_eq!(vectors(&before), renamed);
        let scores = |assessment: &Assessment| {
            let mut all: Vec<_> = assessment
                .scenarios
                .iter()
                .map(|found| (found.score(), found.residual(), found.effect))
                .collect();
            all.sort_unstable();
            all
        };
        assert_eq!(scores(&before), scores(&after));
        let codes = |assessment: &Assessment| {
            let mut codes: Vec<_> = assessment
                .findings
                .iter()
                .map(|found| (found.code, found.severity, found.subjects.len()))
                .collect();
            codes.sort_unstable();
            codes
        };
        assert_eq!(codes(&before), codes(&after));
    }
}

#[test]
fn the_same_input_gives_the_same_result() {
    assert_eq!(assess(&line3()), assess(&line3()));
}

#[test]
fn a_flow_more_never_lowers_a_risk() {
    let before = assess(&line3());
    let assets = ["splc", "plc1", "mes1", "jmp1", "erp", "rob1", "es", "log1"];
    let text = line3_text();
    for from in assets {
        for to in assets {
            let flow = format!(
                "[[flows]]\nid = \"G1\"\nfrom = \"{from}\"\nto = \"{to}\"\nservice = \"https 9443\"\n\n[[expect]]"
            );
            let file = |text: String| plant::SourceFile { name: "plant.toml".to_owned(), text: text.into() };
            let decisions =
                plant::SourceFile { name: "decisions.toml".to_owned(), text: line3_decisions().into() };
            // Where no conduit leads, the reader refuses the flow.
            let Some(plant) = plant::read(&[file(text.replacen("[[expect]]", &flow, 1)), decisions]).plant
            else {
                continue;
            };
            let after = assess(&plant);
            for scenario in &before.scenarios {
                let Some(same) = after.scenarios.iter().find(|other| other.id == scenario.id) else {
                    panic!("{from} -> {to}: {} is gone", scenario.id)
                };
                assert!(same.score() >= scenario.score(), "{from} -> {to}: {}", scenario.id);
                assert!(same.residual() >= scenario.residual(), "{from} -> {to}: {}", scenario.id);
            }
            for (id, old) in vectors(&before) {
                let (Some(old), Some(new)) = (old, levels(&after, &id)) else { continue };
                assert!(old.iter().zip(&new).all(|(old, new)| old <= new), "{from} -> {to}: {id}");
            }
        }
    }
}

#[test]
fn an_attested_separation_lowers_what_is_left_and_nothing_else() {
    let before = assess(&line3());
    let attest = "\n[[attest]]\nrequirement = \"SR 5.1\"\nwhere = \"all\"\nwho = \"A. Yilmaz\"\nrole = \"automation-engineer\"\ndate = \"2026-11-25\"\nuntil = \"2027-11-25\"\nwhy = \"four switches, looked at\"\n";
    let after = assess(&read_with(&line3_text(), &(line3_decisions() + attest)));
    assert_eq!(vectors(&before), vectors(&after));
    for scenario in &before.scenarios {
        let same = after.scenarios.iter().find(|other| other.id == scenario.id).expect(&scenario.id);
        assert!(same.residual() <= scenario.residual() && same.score() == scenario.score());
    }
    let codes =
        |assessment: &Assessment| assessment.findings.iter().filter(|found| found.code == "RW1402").count();
    assert_eq!((codes(&before), codes(&after)), (1, 0));
    let office = |assessment: &Assessment| {
        let found = assessment.scenarios.iter().find(|found| found.id == "network-office.business");
        found.map(|found| (found.cut, found.cut_shown)).expect("ransomware from the office")
    };
    assert_eq!(
        (office(&before), office(&after)),
        ((true, false), (true, false)),
        "the office itself is not attested"
    );
}

#[test]
fn a_second_card_is_a_way_around() {
    let text = line3_text();
    let card = replaced(
        &text,
        "address  = \"10.62.2.10\"\n",
        "address  = \"10.62.2.10\"\ninterfaces = [{ address = \"172.20.0.30\" }]\n",
    );
    let after = assess(&read(&card));
    let office =
        after.scenarios.iter().find(|found| found.id == "network-office.business").expect("it is there");
    assert!(!office.cut);
    let finding = after.findings.iter().find(|found| found.code == "RW1411").expect("it is found");
    assert!(finding.text.english.contains("bypasses the gateway") && finding.subject() == "mes1");
    assert_eq!(vectors(&assess(&line3())), vectors(&after));
}

#[test]
fn declared_levels_are_compared() {
    let text = line3_text();
    let seven = "declared = { IAC = 3, UC = 3, SI = 3, DC = 3, RDF = 3, TRE = 3, RA = 3 }";
    let text =
        replaced(&text, "declared = { IAC = 2, UC = 2, SI = 2, DC = 1, RDF = 2, TRE = 2, RA = 2 }", seven);
    let after = assess(&read(&text));
    let finding = after.findings.iter().find(|found| found.code == "RW1414" && found.subject() == "control");
    assert!(finding.expect("it differs").text.english.contains("DC 3 (derived 1)"));
}

#[test]
fn a_block_more_never_raises_a_risk() {
    let plant = line3();
    let before = assess(&plant);
    for id in plant.flows.keys() {
        let mut approved = plant.clone();
        let flow = approved.flows.get_mut(id).expect("it is there");
        flow.approve.push("shift-lead".into());
        flow.longest = Some(std::time::Duration::from_secs(3600));
        let mut closed = plant.clone();
        closed.flows.remove(id);
        for after in [assess(&approved), assess(&closed)] {
            for scenario in &after.scenarios {
                let Some(same) = before.scenarios.iter().find(|other| other.id == scenario.id) else {
                    continue;
                };
                assert!(scenario.residual() <= same.residual(), "{id}: {}", scenario.id);
                assert!(scenario.score() <= same.score(), "{id}: {}", scenario.id);
            }
        }
    }
}

#[test]
fn the_order_of_the_text_does_not_matter() {
    let text = line3_text();
    let (head, rest) = text.split_once("[assets.splc]").expect("it is there");
    let (assets, tail) = rest.split_once("[[flows]]").expect("flows follow");
    let mut blocks: Vec<String> =
        format!("[assets.splc]{assets}").split("\n\n").map(ToOwned::to_owned).collect();
    blocks.reverse();
    let other = assess(&read(&format!("{head}{}\n\n[[flows]]{tail}", blocks.join("\n\n"))));
    let before = assess(&line3());
    assert_eq!(before.scenarios, other.scenarios);
    assert_eq!((before.zones, before.conduits), (other.zones, other.conduits));
}
