//! Every row of the closed table: evidence that satisfies it, evidence that must not, and that nothing else does.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use assurance::State;
use common::{PLANT, assessed, at, examples, log, plant, record, row};
use evidence::{Basis, Step};
use standard::ResultKind::{
    self, ApprovalCases, Approvals, Cases, CommandCases, CutCases, Endings, Log, Proof, Refusals,
};
use standard::{NEVER_PROVED, Provable, proving, system, systems};

/// Requirement, what is enough for it, where it can be shown in the small line, and where it says nothing.
type Row = (&'static str, &'static [ResultKind], &'static str, Option<&'static str>);

const ROWS: [Row; 19] = [
    ("SR 1.13", &[Proof], "C13", Some("C12")),
    ("SR 1.13 RE 1", &[ApprovalCases, Approvals], "C13", Some("C12")),
    ("SR 2.6", &[CutCases, Endings], "C13", Some("C12")),
    ("SR 2.8", &[Log], "C12", None),
    ("SR 2.11", &[Log], "C12", None),
    ("SR 3.3", &[Proof, Cases], "C12", None),
    ("SR 3.3 RE 1", &[Proof, Cases], "safe", None),
    ("SR 3.3 RE 2", &[Proof], "high", None),
    ("SR 3.5", &[CommandCases, Refusals], "C12", Some("C13")),
    ("SR 3.9", &[Log], "C12", None),
    ("SR 5.1", &[Proof], "C12", None),
    ("SR 5.2", &[Proof], "C12", None),
    ("SR 5.2 RE 1", &[Proof], "C12", None),
    ("SR 6.1", &[Log], "C12", None),
    ("SR 6.1 RE 1", &[Log], "high", None),
    ("SR 6.2", &[Refusals], "C12", Some("C13")),
    ("SR 7.6", &[Proof], "C12", None),
    ("SR 7.6 RE 1", &[Proof], "safe", None),
    ("SR 7.7", &[Proof], "C12", None),
];

/// The small line with a zone that wants everything.
fn text() -> String {
    PLANT.replace("[zones.office]", "[zones.high]\nlegs = [{ port = \"z4\", network = [\"10.0.4.0/24\"], gateway = \"10.0.4.1\" }]\ndeclared = \"SL 4\"\n\n[zones.office]")
        .replace("[conduits.C01]", "[conduits.CH]\nbetween = [\"control\", \"high\"]\n\n[conduits.C01]")
        .replace("[[remote]]", "[[flows]]\nid = \"F3\"\nfrom = \"hmi\"\nto = \"plc\"\nservice = \"https\"\n\n[[remote]]")
        .replace("[[flows]]\nid      = \"F1\"", "[assets.hmi]\nzone = \"high\"\nkind = \"hmi\"\naddress = \"10.0.4.10\"\n\n[[flows]]\nid      = \"F1\"")
}

/// Whether a result of this kind is one the lab alone can give.
fn of_lab(kind: ResultKind) -> bool {
    matches!(kind, Cases | ApprovalCases | CommandCases | CutCases)
}

#[test]
fn no_row_of_the_table_is_without_a_test() {
    let tested: Vec<&str> = ROWS.iter().map(|(id, ..)| *id).collect();
    let table: Vec<&str> = proving().iter().map(|row| row.requirement.as_str()).collect();
    assert_eq!(tested, table);
}

#[test]
fn each_row_is_shown_by_its_results_and_by_no_other() {
    let plant = plant(&text(), "");
    for (table, (id, results, place, elsewhere)) in proving().iter().zip(ROWS) {
        assert_eq!(table.results, results, "{id}: think again before another result counts");
        // The cases are about C12 and C13; a zone that wants more is at the other end of none of them.
        let cases_here = place.starts_with('C');
        for kind in ResultKind::ALL {
            let (good, bad) = examples(kind);
            let basis = if of_lab(kind) { Basis::Lab } else { Basis::Site };
            let shows = |step: &Step| {
                let step = record(basis, "2026-12-01", step.clone());
                let assurance = assessed(&plant, &log(vec![step]));
                let row = row(at(&assurance, place), id).clone();
                if of_lab(kind) { row.design } else { row.site }
            };
            let own = table.results.contains(&kind) && (cases_here || !of_lab(kind));
            // Any record of the plant shows that there is a log, and a run of the lab proves its rules too.
            let along = table.results.contains(&Log)
                || of_lab(kind) && table.results.contains(&Proof)
                || of_lab(kind) && cases_here && table.results.iter().any(|other| of_lab(*other));
            let found = shows(&good);
            assert_eq!(found.shown.is_some(), own || along, "{id} at {place} by {kind:?}: {found:#?}");
            if own {
                let state = match table.state {
                    Provable::Proved => State::Proved,
                    Provable::Observed => State::Observed,
                };
                assert_eq!((found.state, found.met), (state, table.whole), "{id} by {kind:?}");
                let shown = found.shown.as_ref().unwrap();
                assert_eq!((shown.record, shown.basis, shown.row), (0, basis, table), "{id}");
                if !along {
                    assert_eq!(shows(&bad).shown, None, "{id} at {place} must not be shown by {bad:?}");
                }
            }
        }
        if let Some(place) = elsewhere {
            for kind in &table.results {
                let basis = if of_lab(*kind) { Basis::Lab } else { Basis::Site };
                let assurance = assessed(&plant, &log(vec![record(basis, "2026-12-01", examples(*kind).0)]));
                let row = row(at(&assurance, place), id);
                assert_eq!(
                    (&row.site.shown, &row.design.shown),
                    (&None, &None),
                    "{id} at {place} by {kind:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_not_in_the_table_is_never_more_than_attested() {
    let plant = plant(&text(), "");
    let all = ResultKind::ALL.map(|kind| {
        let basis = if of_lab(kind) { Basis::Lab } else { Basis::Site };
        record(basis, "2026-12-01", examples(kind).0)
    });
    let assurance = assessed(&plant, &log(all.to_vec()));
    let high = at(&assurance, "high");
    assert_eq!(high.rows.len(), systems().len(), "a zone that wants SL 4 is asked for everything");
    for row in &high.rows {
        let id = row.requirement.id.as_str();
        if standard::proving_of(id).is_none() {
            assert_eq!((row.site.state, row.design.state), (State::NotAssessed, State::NotAssessed), "{id}");
        }
    }
    for id in NEVER_PROVED {
        assert!(system(id).is_some());
        assert_eq!(row(high, id).standing().state, State::NotAssessed, "{id}");
    }
}
