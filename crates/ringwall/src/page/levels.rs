//! The levels of the page: every zone and conduit assessed by what the log holds and what people vouch for.

use ::evidence::{Basis, Evidence, Situation};
use assurance::{Assurance, Input, Row, Standing, State, assess};
use jiff::civil::Date;
use pages::model::{self, Counts, Levels, Requirement};
use plant::Given;
use words::Language;

use super::{Clock, Parts};

/// Assesses the plant.
pub(super) fn assessed(parts: &Parts<'_>, evidence: &[Evidence], hash: &str, clock: &Clock) -> Assurance {
    let policy = |situation: &Situation| {
        let given: Option<Vec<Given>> = situation.given.iter().map(|text| Given::parse(text)).collect();
        policy::compile(parts.plant, situation.at, &given?).ok().map(|policy| policy.hash())
    };
    let input = Input {
        plant: parts.plant,
        plant_hash: hash,
        evidence,
        policy: &policy,
        today: clock.zone.to_datetime(parts.made).date(),
        timezone: &clock.zone,
    };
    assess(&input)
}

/// The levels in words.
pub(super) fn levels(assurance: &Assurance, language: Language) -> Vec<Levels> {
    let conduits = assurance.conduits.iter().map(|levels| (true, levels));
    assurance
        .zones
        .iter()
        .map(|levels| (false, levels))
        .chain(conduits)
        .map(|(conduit, levels)| {
            let counts = levels.counts();
            Levels {
                id: levels.id.clone(),
                title: levels.title.clone(),
                conduit,
                declared: levels.declared.map(|declared| standard::Fr::ALL.map(|fr| declared.level(fr))),
                design: levels.design,
                site: levels.sl_a,
                design_rows: levels.design_rows.map(|rows| (rows.decided as u64, rows.of as u64)),
                counts: Counts {
                    proved: counts.proved as u64,
                    observed: counts.observed as u64,
                    attested: counts.attested as u64,
                    not_assessed: counts.not_assessed as u64,
                    unmet: counts.unmet as u64,
                },
                requirements: levels
                    .rows
                    .iter()
                    .filter(|row| row.needed)
                    .map(|row| requirement(row, language))
                    .collect(),
            }
        })
        .collect()
}

fn requirement(row: &Row, language: Language) -> Requirement {
    let Standing { state, shown, attested, reason, .. } = row.standing();
    let date = |date: Date| date.strftime(language.pick("%Y-%m-%d", "%d.%m.%Y")).to_string();
    let mut basis = Vec::new();
    let mut evidence = Vec::new();
    let mut until = Vec::new();
    if let Some(shown) = shown {
        basis.push(match (&shown.basis, &shown.machine) {
            (Basis::Site, Some(machine)) => {
                language.pick(format!("on site, {}", machine.serial), format!("vor Ort, {}", machine.serial))
            }
            (Basis::Site, None) => language.pick("on site", "vor Ort").to_owned(),
            (Basis::Lab, _) => language.pick("lab", "Labor").to_owned(),
        });
        let (record, when) = (shown.record, date(shown.date));
        evidence.push(
            language.pick(format!("record {record} of {when}"), format!("Eintrag {record} vom {when}")),
        );
        until.push(shown.until);
    }
    if let Some(attested) = attested {
        basis.push(format!("{} ({})", attested.who, attested.role));
        evidence.push(attested.evidence.clone().unwrap_or_else(|| attested.why.clone()));
        until.push(attested.until);
    }
    let joined = |list: Vec<String>| (!list.is_empty()).then(|| list.join("; "));
    Requirement {
        id: row.requirement.id.clone(),
        family: row.requirement.fr.index() as u8 + 1,
        title: row.requirement.title(language).to_owned(),
        plain: Some(row.requirement.plain(language).to_owned()),
        standing: match state {
            State::Proved => model::Standing::Proved,
            State::Observed => model::Standing::Observed,
            State::Attested => model::Standing::Attested,
            State::NotAssessed => model::Standing::NotAssessed,
            State::Unmet => model::Standing::Unmet,
        },
        part: shown.as_ref().map(|shown| shown.row.part.text(language).to_owned()),
        limits: shown.as_ref().map(|shown| shown.row.limits.text(language).to_owned()),
        basis: joined(basis),
        evidence: joined(evidence),
        until: until.into_iter().min().map(date),
        reason: reason.as_ref().map(|reason| reason.text(language)),
    }
}
