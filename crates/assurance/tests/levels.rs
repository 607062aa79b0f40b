//! Levels as a reader meets them: from the lab alone, from the site, with people, flat, stale, expired.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use assurance::{Reason, Stale, State, gaps};
use common::{
    PLANT, assessed, assessed_as, at, attest, attest_until, lab, lab_with, log, plant, prove, record, row,
};
use evidence::{Basis, CaseState, Record, Step, Verdict};
use standard::{Fr, systems};
use words::Language;

const DAY: &str = "2026-12-01";

fn rdf(level: u8) -> Vec<&'static str> {
    let rows = systems().iter().filter(|row| row.fr == Fr::Rdf && row.needed_at(level));
    rows.map(|row| row.id.as_str()).collect()
}

fn site(step: Step) -> Record {
    record(Basis::Site, DAY, step)
}

#[test]
fn nothing_known_is_null_everywhere() {
    let assurance = assessed(&plant(PLANT, ""), &[]);
    for levels in assurance.places() {
        assert_eq!((levels.sl_a, levels.design), ([None; 7], [None; 7]), "{}", levels.id);
        let counts = levels.counts();
        assert_eq!((counts.proved, counts.observed, counts.attested, counts.unmet), (0, 0, 0, 0));
    }
    assert!(!assurance.reached());
    let ids: Vec<&str> = assurance.places().map(|levels| levels.id.as_str()).collect();
    assert_eq!(
        ids,
        ["control", "data", "remote", "safe", "C01", "C12", "C13"],
        "what is outside has no level"
    );
}

#[test]
fn the_lab_alone_fills_the_design_and_never_the_site() {
    let evidence =
        log(vec![record(Basis::Lab, DAY, lab()), record(Basis::Lab, DAY, prove(Verdict::Equal, &[]))]);
    let assurance = assessed(&plant(PLANT, ""), &evidence);
    for levels in assurance.places() {
        assert_eq!(levels.sl_a, [None; 7], "{}", levels.id);
        assert!(levels.rows.iter().all(|row| row.site.shown.is_none()), "{}", levels.id);
        assert_eq!(levels.design[Fr::Rdf.index()], Some(2), "{}: {:?}", levels.id, levels.design);
    }
    let design = |id: &str| at(&assurance, id).design;
    assert_eq!(design("C13"), [Some(2), Some(2), Some(2), None, Some(2), Some(1), Some(1)]);
    // Nothing from outside comes to the safe zone, nothing of its data can be measured, and nobody refused a command.
    assert_eq!(design("safe"), [None, Some(2), Some(3), None, Some(2), Some(1), Some(1)]);
    let rows = at(&assurance, "safe").design_rows[Fr::Rdf.index()];
    assert_eq!((rows.decided, rows.of), (3, 10));
    assert!(!assurance.reached());
}

#[test]
fn a_proof_on_site_leaves_null_what_a_person_must_say() {
    let evidence = log(vec![site(prove(Verdict::Equal, &[]))]);
    let assurance = assessed(&plant(PLANT, ""), &evidence);
    for levels in assurance.places() {
        assert_eq!(levels.sl_a, [None; 7], "{}", levels.id);
        let found = row(levels, "SR 5.2 RE 1");
        assert!(found.site.met && found.site.state == State::Proved, "{}", levels.id);
        // The logical part of one, the control of the other: a part alone does not make the row met.
        for id in ["SR 5.1", "SR 5.2"] {
            let found = row(levels, id);
            assert_eq!((found.site.state, found.site.met), (State::Proved, false), "{} {id}", levels.id);
            assert!(matches!(found.site.reason, Some(Reason::Rest(_))));
        }
        assert_eq!(row(levels, "SR 5.4").site.reason, Some(Reason::NobodyVouches));
    }
}

#[test]
fn the_proof_and_people_together_reach_a_level() {
    let proof = || log(vec![site(prove(Verdict::Equal, &[]))]);
    let rest: [(&[&str], Option<u8>); 5] = [
        (&["SR 5.1", "SR 5.2", "SR 5.3"], None),
        (&["SR 5.1", "SR 5.3", "SR 5.4"], None),
        (&["SR 5.1", "SR 5.2", "SR 5.3", "SR 5.4"], Some(1)),
        (&["SR 5.1", "SR 5.2", "SR 5.3", "SR 5.4", "SR 5.1 RE 1"], Some(2)),
        (&["SR 5.2", "SR 5.3", "SR 5.4", "SR 5.1 RE 1"], None),
    ];
    for (attested, expected) in rest {
        let assurance = assessed(&plant(PLANT, &attest(attested)), &proof());
        assert_eq!(at(&assurance, "control").sl_a(Fr::Rdf), expected, "{attested:?}");
    }
    let assurance = assessed(&plant(PLANT, &attest(rest[3].0)), &proof());
    let control = at(&assurance, "control");
    let found = &row(control, "SR 5.1").site;
    assert_eq!((found.state, found.met), (State::Attested, true), "the weaker of the two says how it is met");
    assert_eq!(
        found.shown.as_ref().map(|shown| shown.record),
        Some(0),
        "and the part that is proved stays named"
    );
    assert_eq!(found.attested.as_ref().map(|attested| attested.who.as_str()), Some("K. Meier"));
    let counts = control.counts();
    let all = counts.proved + counts.observed + counts.attested + counts.not_assessed + counts.unmet;
    assert_eq!(all, control.rows.len());
}

#[test]
fn a_level_is_reached_once_every_row_is_met() {
    let all: Vec<&str> = systems().iter().map(|row| row.id.as_str()).collect();
    let everything = plant(PLANT, &attest(&all));
    let assurance = assessed(&everything, &[]);
    assert!(assurance.reached());
    for levels in assurance.places() {
        let declared = levels.declared.unwrap();
        for fr in Fr::ALL {
            assert_eq!(levels.sl_a(fr), Some(declared.level(fr).max(1)), "{} {}", levels.id, fr.abbr());
        }
        assert_eq!(levels.sl_a, levels.design, "{}", levels.id);
        assert!(gaps(levels).is_empty());
    }
    // One row of level 2 less is one level less, and the way to it is named.
    let but_one: Vec<&str> = all.into_iter().filter(|id| *id != "SR 1.8").collect();
    let assurance = assessed(&plant(PLANT, &attest(&but_one)), &[]);
    let control = at(&assurance, "control");
    assert_eq!(control.sl_a(Fr::Iac), Some(1));
    let [(fr, next, missing)] = &gaps(control)[..] else { panic!("{:?}", gaps(control)) };
    assert_eq!((*fr, *next, missing.len(), missing[0].requirement.id.as_str()), (Fr::Iac, 2, 1, "SR 1.8"));
    assert!(!assurance.reached());
}

#[test]
fn a_flat_network_is_zero_whoever_vouches() {
    let attested = attest(&rdf(4));
    let flat = prove(Verdict::Unknown, &[["control", "data"]]);
    // Basis of the proof; level on site and by design of the places that are one network.
    for (basis, on_site, design) in [(Basis::Site, Some(0), Some(0)), (Basis::Lab, Some(2), Some(0))] {
        let assurance = assessed(&plant(PLANT, &attested), &log(vec![record(basis, DAY, flat.clone())]));
        for id in ["control", "data", "C12"] {
            let levels = at(&assurance, id);
            assert_eq!(levels.sl_a(Fr::Rdf), on_site, "{id} {basis:?}");
            assert_eq!(levels.design[Fr::Rdf.index()], design, "{id} {basis:?}");
        }
        for id in ["remote", "C13"] {
            assert_eq!(at(&assurance, id).sl_a(Fr::Rdf), Some(2), "{id} is another network");
        }
    }
    let assurance = assessed(&plant(PLANT, ""), &log(vec![record(Basis::Lab, DAY, flat)]));
    let control = at(&assurance, "control");
    assert_eq!((control.sl_a(Fr::Rdf), control.design[Fr::Rdf.index()]), (None, Some(0)));
    let reason = row(control, "SR 5.1").standing().reason.as_ref().unwrap();
    assert_eq!(*reason, Reason::Flat { with: "data".to_owned(), record: Some(0) });
}

#[test]
fn a_bridge_that_was_taken_away_is_forgotten() {
    let evidence =
        log(vec![site(prove(Verdict::Unknown, &[["control", "data"]])), site(prove(Verdict::Equal, &[]))]);
    let assurance = assessed(&plant(PLANT, &attest(&rdf(2))), &evidence);
    assert_eq!(at(&assurance, "control").sl_a(Fr::Rdf), Some(2));
}

#[test]
fn zones_in_one_network_by_their_own_text_are_flat() {
    let text = PLANT.replace("[conduits.C12]", "[zones.old]\ndeclared = \"SL 1\"\n\n[conduits.C12]").replace(
        "[assets.hist]",
        "[assets.panel]\nzone = \"old\"\nkind = \"hmi\"\naddress = \"10.0.1.77\"\n\n[assets.hist]",
    );
    let assurance = assessed(&plant(&text, &attest(&rdf(4))), &[]);
    for id in ["old", "control"] {
        assert_eq!(at(&assurance, id).sl_a(Fr::Rdf), Some(0), "{id}");
        assert_eq!(at(&assurance, id).design[Fr::Rdf.index()], Some(0), "{id}");
    }
    assert_eq!(at(&assurance, "data").sl_a(Fr::Rdf), Some(2));
}

#[test]
fn a_device_in_two_zones_takes_the_proof_away() {
    let text = PLANT.replace(
        "[assets.hist]",
        "[assets.panel]\nzone = \"control\"\nkind = \"hmi\"\naddress = \"10.0.1.77\"\ninterfaces = [{ address = \"10.0.2.77\" }]\n\n[assets.hist]",
    );
    let assurance = assessed(&plant(&text, ""), &log(vec![site(prove(Verdict::Equal, &[]))]));
    for (id, shown) in [("control", false), ("data", false), ("C12", false), ("remote", true), ("C13", true)]
    {
        let found = &row(at(&assurance, id), "SR 5.2 RE 1").site;
        assert_eq!(found.met, shown, "{id}: {:?}", found.reason);
        assert_eq!(matches!(found.reason, Some(Reason::Around { .. })), !shown, "{id}");
    }
}

#[test]
fn what_got_through_outweighs_whoever_vouches() {
    let through = lab_with(|case| {
        if case.id == "without" {
            case.state = CaseState::Fail;
            case.verdict = Some("allow".to_owned());
        }
    });
    let assurance = assessed(&plant(PLANT, &attest(&rdf(2))), &log(vec![record(Basis::Lab, DAY, through)]));
    let c13 = at(&assurance, "C13");
    assert_eq!(c13.design[Fr::Rdf.index()], Some(0));
    assert_eq!(
        row(c13, "SR 5.2").design.reason,
        Some(Reason::Passed { case: "without".to_owned(), record: 0 })
    );
    // On site nobody saw it, and a person vouches.
    assert_eq!(c13.sl_a(Fr::Rdf), Some(2));
    assert_eq!(at(&assurance, "C12").design[Fr::Rdf.index()], Some(2));
}

#[test]
fn evidence_about_something_else_or_from_another_day_does_not_count() {
    let change = |change: &dyn Fn(&mut Record)| {
        let mut record = site(prove(Verdict::Equal, &[]));
        change(&mut record);
        vec![record]
    };
    let day = |day: &str| vec![record(Basis::Site, day, prove(Verdict::Equal, &[]))];
    let date = |text: &str| text.parse().unwrap();
    type Row<'a> = (Vec<Record>, &'a [u8], &'a [u8], Option<Stale>);
    let rows: [Row<'_>; 8] = [
        (day(DAY), b"plant", b"policy", None),
        (day(DAY), b"another text", b"policy", Some(Stale::PlantChanged)),
        (day(DAY), b"plant", b"another decision", Some(Stale::PolicyChanged)),
        (change(&|record| record.policy_hash = None), b"plant", b"policy", Some(Stale::PolicyChanged)),
        (change(&|record| record.situation = None), b"plant", b"policy", Some(Stale::NoSituation)),
        (
            change(&|record| record.plant = "other".to_owned()),
            b"plant",
            b"policy",
            Some(Stale::OtherPlant { plant: "other".to_owned() }),
        ),
        (day("2026-11-08"), b"plant", b"policy", Some(Stale::Expired { until: date("2026-12-09") })),
        (day("2026-12-11"), b"plant", b"policy", Some(Stale::Future { date: date("2026-12-11") })),
    ];
    for (records, text, policy, expected) in rows {
        let assurance = assessed_as(&plant(PLANT, ""), &log(records), text, policy);
        let found = &row(at(&assurance, "control"), "SR 5.2 RE 1").site;
        assert_eq!(found.met, expected.is_none(), "{expected:?}");
        let why = assurance.passed_over.first().map(|passed| passed.why.clone());
        assert_eq!(why, expected);
        let other = matches!(expected, Some(Stale::OtherPlant { .. }));
        assert_eq!(
            matches!(found.reason, Some(Reason::Stale { record: 0, .. })),
            expected.is_some() && !other
        );
        for language in Language::ALL {
            assert!(expected.as_ref().is_none_or(|why| !why.text(language).is_empty()));
        }
    }
}

#[test]
fn the_newest_that_counts_decides() {
    let proof = |day: &str, verdict| record(Basis::Site, day, prove(verdict, &[]));
    let stale = Record { plant_hash: evidence::sha256(b"old"), ..proof(DAY, Verdict::Differs) };
    let rows = [
        (vec![proof(DAY, Verdict::Equal), proof(DAY, Verdict::Differs)], false),
        (vec![proof(DAY, Verdict::Equal), proof(DAY, Verdict::Unknown)], false),
        (vec![proof(DAY, Verdict::Differs), proof(DAY, Verdict::Equal)], true),
        (vec![proof(DAY, Verdict::Equal), stale], true),
        (vec![site(Step::Load { generation: 2, switched: true, verdict: Verdict::Equal })], true),
        (vec![site(Step::Load { generation: 2, switched: false, verdict: Verdict::Equal })], false),
        // A run of the lab says nothing about the site, even under the key of a site.
        (vec![site(lab())], false),
    ];
    for (records, met) in rows {
        let steps: Vec<_> = records.iter().map(|record| record.step.word()).collect();
        let assurance = assessed(&plant(PLANT, ""), &log(records.clone()));
        assert_eq!(row(at(&assurance, "control"), "SR 5.2 RE 1").site.met, met, "{steps:?} {records:#?}");
    }
    // What a run of the lab found wrong is not hidden by the one proof after it that is not.
    let Step::Lab { cases, more, .. } = lab() else { panic!("a run") };
    let wrong = Step::Lab { verdict: Verdict::Differs, cases, more };
    let evidence =
        log(vec![record(Basis::Lab, DAY, wrong), record(Basis::Lab, DAY, prove(Verdict::Equal, &[]))]);
    let assurance = assessed(&plant(PLANT, ""), &evidence);
    assert!(!row(at(&assurance, "control"), "SR 5.2 RE 1").design.met);
}

#[test]
fn an_attestation_counts_between_its_days() {
    for (until, expected) in [("2026-12-10", true), ("2026-12-09", false)] {
        let assurance = assessed(&plant(PLANT, &attest_until(&["SR 1.1"], until)), &[]);
        let found = &row(at(&assurance, "control"), "SR 1.1").site;
        assert_eq!(found.met, expected, "{until}");
        if !expected {
            assert_eq!(found.state, State::NotAssessed);
            assert_eq!(found.reason, Some(Reason::AttestationExpired { until: until.parse().unwrap() }));
        }
    }
    let later = attest(&["SR 1.1"]).replace("2026-01-02", "2026-12-11");
    let assurance = assessed(&plant(PLANT, &later), &[]);
    let found = &row(at(&assurance, "control"), "SR 1.1").site;
    assert_eq!(found.reason, Some(Reason::AttestationFuture { date: "2026-12-11".parse().unwrap() }));
    // A renewal counts, whatever stands beside it.
    let both = attest_until(&["SR 1.1"], "2026-12-09") + &attest(&["SR 1.1"]);
    assert!(row(at(&assessed(&plant(PLANT, &both), &[]), "control"), "SR 1.1").site.met);
    // It is about the places it names.
    let one = attest(&["SR 1.1"]).replace("\"all\"", "[\"control\", \"C12\"]");
    let assurance = assessed(&plant(PLANT, &one), &[]);
    for (id, met) in [("control", true), ("C12", true), ("data", false), ("C13", false)] {
        assert_eq!(row(at(&assurance, id), "SR 1.1").site.met, met, "{id}");
    }
}

#[test]
fn a_blind_flow_takes_its_commands_out_of_the_count() {
    let text = PLANT.replace(
        "[[remote]]",
        "[[flows]]\nid = \"F4\"\nfrom = \"hist\"\nto = \"plc\"\nservice = \"s7comm\"\nallow = [\"read DB900\"]\nenforced-by = \"server\"\n\n[[remote]]",
    );
    let evidence = log(vec![record(Basis::Lab, DAY, lab())]);
    let assurance = assessed(&plant(&text, ""), &evidence);
    let c12 = at(&assurance, "C12");
    assert_eq!(c12.blind.iter().map(|flow| flow.as_str()).collect::<Vec<_>>(), ["F4"]);
    let found = &row(c12, "SR 3.5").design;
    assert_eq!(
        (found.shown.is_some(), found.reason.clone()),
        (false, Some(Reason::Blind { flows: vec!["F4".to_owned()] }))
    );
    assert!(row(at(&assessed(&plant(PLANT, ""), &evidence), "C12"), "SR 3.5").design.shown.is_some());
}

#[test]
fn the_lower_levels_are_looked_at_even_where_nothing_is_declared() {
    let assurance = assessed(&plant(PLANT, ""), &[]);
    let data = at(&assurance, "data");
    // DC 0: the rows of level 1 are there and are not counted.
    let dc: Vec<_> = data.rows.iter().filter(|row| row.requirement.fr == Fr::Dc).collect();
    assert!(dc.len() == 2 && dc.iter().all(|row| !row.needed));
    assert_eq!(data.counts().not_assessed, data.rows.len() - 2);
    assert!(gaps(data).iter().all(|(fr, ..)| *fr != Fr::Dc), "nobody asked for it");
}
