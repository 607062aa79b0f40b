//! `ringwall load`: the running rules change at once, from one proved policy to the next.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::{LINE3_LEGS, Run, inside, kx200, legs, line3, ringwall};
use linux::{address, link, nft};

const NOON: &str = "2027-07-01T12:00+02:00";

fn load(at: &str) -> Run {
    ringwall(&["load", line3().to_str().unwrap(), "--at", at, "--format", "json"])
}

#[test]
fn one_policy_follows_another_and_one_generation_is_left() {
    if !inside("one_policy_follows_another_and_one_generation_is_left") {
        return;
    }
    let _far = legs(&LINE3_LEGS);
    for (number, at) in [(1, NOON), (2, "2027-07-01T02:30+02:00"), (3, NOON)] {
        let run = load(at);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let document = run.json();
        assert_eq!((&document["generation"], &document["switched"]), (&number.into(), &true.into()));
        assert_eq!(document["proof"]["verdict"], "equal");
        let proof = ringwall(&["prove", line3().to_str().unwrap(), "--at", at]);
        assert_eq!(proof.code, 0, "{}", proof.out);
    }
    let listed = nft::list().unwrap();
    assert!(listed.contains("g3_") && !listed.contains("g2_") && !listed.contains("g1_"), "{listed}");
}

#[test]
fn what_cannot_be_proved_is_not_switched_to() {
    if !inside("what_cannot_be_proved_is_not_switched_to") {
        return;
    }
    let _far = legs(&LINE3_LEGS);
    assert_eq!(load(NOON).code, 0);
    let before = nft::list().unwrap();
    link::add_bridge("br0").unwrap();
    link::set_master("z0", Some("br0")).unwrap();
    let run = load("2027-07-01T02:30+02:00");
    assert_eq!(run.code, 4, "{}", run.out);
    assert_eq!(run.json()["switched"], false);
    let after = nft::list().unwrap();
    let entry = "goto g1_at_forward";
    assert!(before.contains(entry) && after.contains(entry), "the old generation still decides");
}

/// Chains that translate come with the first plant that needs them and go with the next one that does not.
#[test]
fn translation_comes_and_goes_with_the_policy() {
    if !inside("translation_comes_and_goes_with_the_policy") {
        return;
    }
    let _far = legs(&["m0", "c0", "wg0"]);
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(kx200().join("plant.toml")).unwrap();
    let plain: String = text
        .split("[[nat]]")
        .enumerate()
        .map(|(at, part)| match (at, part.find("\n# ---")) {
            (0, _) => part,
            (_, Some(end)) => &part[end..],
            _ => "",
        })
        .collect();
    // What the machine is called outside can only be asked for where it is.
    let plain = plain.split("[[expect]]").next().unwrap();
    let plain = common::file(&folder, "plain.toml", plain);
    let run = |plant: &str, given: &str| {
        let run = ringwall(&["load", plant, "--at", NOON, "--given", given, "--format", "json"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert_eq!(run.json()["switched"], true);
        nft::list().unwrap()
    };
    let machine = kx200();
    let machine = machine.to_str().unwrap();
    assert!(!run(&plain, "key = OFF").contains("type nat"));
    let listed = run(machine, "key = ONLINE");
    assert!(listed.contains("dnat") && listed.contains("snat"), "{listed}");
    let own: Vec<String> = address::list().unwrap().iter().map(|own| own.address.to_string()).collect();
    for outside in ["10.20.30.41", "10.250.141.10", "10.250.141.60"] {
        assert!(own.iter().any(|own| own == outside), "{outside}: {own:?}");
    }
    assert!(run(machine, "key = REMOTE").contains("dnat"), "again over itself");
    assert!(!run(&plain, "key = OFF").contains("type nat"), "and gone");
}
