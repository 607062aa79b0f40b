//! What scripts read of an assessment.

use std::collections::BTreeMap;

use assurance::{Assurance, Attested, Levels, Row};
use jiff::civil::Date;
use plant::Plant;
use serde::Serialize;
use words::Language;

use crate::believed::Believed;

/// Records that do not count, listed newest first up to this many.
const MOST: usize = 100;

#[derive(Serialize)]
pub struct AssureDocument {
    plant: String,
    /// The day it is assessed on, in the plant's time.
    date: String,
    catalogue: CatalogueDocument,
    /// Every declared level is reached on site.
    reached: bool,
    rules: RulesDocument,
    zones: BTreeMap<String, LevelsDocument>,
    conduits: BTreeMap<String, LevelsDocument>,
    log: Option<LogDocument>,
}

#[derive(Serialize)]
struct CatalogueDocument {
    collected: &'static str,
    sha256: &'static str,
}

/// How the levels come about, in words.
#[derive(Serialize)]
struct RulesDocument {
    sl_a: &'static str,
    design: &'static str,
}

#[derive(Serialize)]
struct LevelsDocument {
    title: String,
    declared: [Option<u8>; 7],
    sl_a: [Option<u8>; 7],
    design: [Option<u8>; 7],
    /// Rows a design can decide, of rows looked at.
    design_rows: [[usize; 2]; 7],
    reached: bool,
    counts: CountsDocument,
    /// Limited flows open by peer and port only.
    blind: Vec<String>,
    requirements: Vec<RequirementDocument>,
}

#[derive(Serialize)]
struct CountsDocument {
    proved: usize,
    observed: usize,
    attested: usize,
    not_assessed: usize,
    unmet: usize,
}

#[derive(Serialize)]
struct RequirementDocument {
    id: &'static str,
    title: String,
    fr: &'static str,
    sl_from: u8,
    /// The declared level needs it.
    needed: bool,
    /// How sure the catalogue is of it: 2 = two independent sources, 1 = one.
    verified: u8,
    state: &'static str,
    /// Met on site.
    met: bool,
    /// The part that is shown.
    part: Option<String>,
    /// What that leaves to a person.
    rest: Option<String>,
    /// What it does not say.
    limits: Option<String>,
    /// The kind of result that shows it.
    result: Option<&'static str>,
    basis: Option<&'static str>,
    machine: Option<String>,
    /// The record's number in the log.
    evidence: Option<u64>,
    date: Option<String>,
    until: Option<String>,
    attested: Option<AttestedDocument>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct AttestedDocument {
    who: String,
    role: String,
    date: String,
    until: String,
    why: String,
    evidence: Option<String>,
    file: String,
    line: usize,
}

#[derive(Serialize)]
struct LogDocument {
    records: u64,
    believed: usize,
    /// Records whose signature does not hold, or whose signer nobody named.
    refused: Vec<RecordDocument>,
    /// Records about another text, another policy, or from too long ago.
    passed_over: Vec<RecordDocument>,
}

#[derive(Serialize)]
struct RecordDocument {
    evidence: u64,
    code: Option<&'static str>,
    reason: String,
}

pub fn document(
    plant: &Plant,
    today: Date,
    assurance: &Assurance,
    believed: Option<&Believed>,
    language: Language,
) -> AssureDocument {
    let all = |levels: &[Levels]| {
        levels.iter().map(|levels| (levels.id.clone(), of_levels(levels, language))).collect()
    };
    let version = standard::version();
    AssureDocument {
        plant: plant.id.clone(),
        date: today.to_string(),
        catalogue: CatalogueDocument { collected: version.collected, sha256: &version.sha256 },
        reached: assurance.reached(),
        rules: RulesDocument {
            sl_a: super::text::on_site_rule(language),
            design: super::text::design_rule(language),
        },
        zones: all(&assurance.zones),
        conduits: all(&assurance.conduits),
        log: believed.map(|believed| LogDocument {
            records: believed.records,
            believed: believed.evidence.len(),
            refused: believed
                .refused
                .iter()
                .rev()
                .take(MOST)
                .map(|refused| RecordDocument {
                    evidence: refused.number,
                    code: refused.code,
                    reason: refused.reason.clone(),
                })
                .collect(),
            passed_over: assurance
                .passed_over
                .iter()
                .rev()
                .take(MOST)
                .map(|passed| RecordDocument {
                    evidence: passed.number,
                    code: None,
                    reason: passed.why.text(language),
                })
                .collect(),
        }),
    }
}

fn of_levels(levels: &Levels, language: Language) -> LevelsDocument {
    let counts = levels.counts();
    LevelsDocument {
        title: levels.title.clone(),
        declared: levels.declared.map_or([None; 7], |declared| declared.levels().map(Some)),
        sl_a: levels.sl_a,
        design: levels.design,
        design_rows: levels.design_rows.map(|rows| [rows.decided, rows.of]),
        reached: levels.reached(),
        counts: CountsDocument {
            proved: counts.proved,
            observed: counts.observed,
            attested: counts.attested,
            not_assessed: counts.not_assessed,
            unmet: counts.unmet,
        },
        blind: levels.blind.iter().map(ToString::to_string).collect(),
        requirements: levels.rows.iter().map(|row| requirement(row, language)).collect(),
    }
}

fn requirement(row: &Row, language: Language) -> RequirementDocument {
    let standing = row.standing();
    let shown = standing.shown.as_ref();
    let text = |texts: &standard::Texts| texts.text(language).to_owned();
    // A row that stands on a person is met for as long as the person vouches.
    let until = standing.attested.as_ref().map(|attested| attested.until).or(shown.map(|shown| shown.until));
    RequirementDocument {
        id: &row.requirement.id,
        title: row.requirement.title(language).to_owned(),
        fr: row.requirement.fr.abbr(),
        sl_from: row.requirement.sl_from,
        needed: row.needed,
        verified: row.requirement.verified,
        state: standing.state.word(),
        met: row.site.met,
        part: shown.map(|shown| text(&shown.row.part)),
        rest: shown.and_then(|shown| shown.row.rest.as_ref()).map(text),
        limits: shown.map(|shown| text(&shown.row.limits)),
        result: shown.map(|shown| shown.kind.word()),
        basis: shown.map(|shown| shown.basis.word()),
        machine: shown
            .and_then(|shown| shown.machine.as_ref())
            .map(|machine| format!("{} ({})", machine.serial, machine.host)),
        evidence: shown.map(|shown| shown.record),
        date: shown
            .map(|shown| shown.date.to_string())
            .or(standing.attested.as_ref().map(|by| by.date.to_string())),
        until: until.map(|day| day.to_string()),
        attested: standing.attested.as_ref().map(attested),
        reason: row.reason().map(|reason| reason.text(language)),
    }
}

fn attested(attested: &Attested) -> AttestedDocument {
    AttestedDocument {
        who: attested.who.clone(),
        role: attested.role.clone(),
        date: attested.date.to_string(),
        until: attested.until.to_string(),
        why: attested.why.clone(),
        evidence: attested.evidence.clone(),
        file: attested.place.file.to_string(),
        line: attested.place.line,
    }
}
