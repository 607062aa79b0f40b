//! The requirements of a zone or conduit: those with evidence one by one, those without it together.

use std::collections::{BTreeMap, BTreeSet};

use words::Language;

use crate::markup::Markup;
use crate::model::{Levels, Requirement, Standing};
use crate::sections::levels::families;
use crate::sections::parts::{cell, standing, table};

/// Requirements that were told in words before; on paper each is told once.
pub(crate) type Told<'a> = BTreeSet<&'a str>;

pub(crate) fn write<'a>(m: &mut Markup, levels: &'a Levels, told: &mut Told<'a>, language: Language) {
    if levels.requirements.is_empty() {
        return;
    }
    m.with("details", &[("class", "evidence")], |m| {
        let count = levels.requirements.len();
        m.leaf(
            "summary",
            &[],
            &language
                .pick(format!("{count} requirements, one by one"), format!("{count} Anforderungen, einzeln")),
        );
        for (at, (short, name, _)) in families(language).iter().enumerate() {
            let rows = levels.requirements.iter().filter(|row| usize::from(row.family) == at + 1);
            let (open, shown): (Vec<_>, Vec<_>) = rows.partition(|row| open(row));
            if open.is_empty() && shown.is_empty() {
                continue;
            }
            m.leaf("h5", &[], &format!("{short} · {name}"));
            if !shown.is_empty() {
                with_evidence(m, &shown, told, language);
            }
            without(m, &open, told, language);
        }
    });
}

/// Whether there is nothing to say of it but why.
fn open(row: &Requirement) -> bool {
    row.standing == Standing::NotAssessed && row.part.is_none() && row.basis.is_none()
}

fn name<'a>(m: &mut Markup, row: &'a Requirement, told: &mut Told<'a>) {
    m.leaf("b", &[("class", "id")], &row.id);
    m.text(&format!(" {}", row.title));
    if let Some(plain) = &row.plain {
        let class = if told.insert(&row.id) { "small" } else { "small again" };
        m.leaf("p", &[("class", class)], plain);
    }
}

fn with_evidence<'a>(m: &mut Markup, rows: &[&'a Requirement], told: &mut Told<'a>, language: Language) {
    let columns = [
        language.pick("Requirement", "Anforderung"),
        language.pick("State", "Stand"),
        language.pick("Evidence", "Nachweis"),
    ];
    let [requirement, state, evidence] = columns;
    table(m, "requirements", &columns, |m| {
        for row in rows {
            m.with("tr", &[], |m| {
                cell(m, requirement, |m| name(m, row, told));
                cell(m, state, |m| {
                    standing(m, row.standing, language);
                    if let Some(part) = &row.part {
                        m.leaf("p", &[("class", "small")], part);
                    }
                    if let Some(limits) = &row.limits {
                        let limits = language.pick(format!("but: {limits}"), format!("aber: {limits}"));
                        m.leaf("p", &[("class", "small")], &limits);
                    }
                });
                cell(m, evidence, |m| {
                    let until = row
                        .until
                        .as_ref()
                        .map(|until| language.pick(format!("until {until}"), format!("bis {until}")));
                    let facts = [row.basis.clone(), row.evidence.clone(), until];
                    m.text(&facts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
                    if let Some(reason) = &row.reason {
                        m.leaf("p", &[("class", "small")], reason);
                    }
                });
            });
        }
    });
}

/// What nothing is known of, by the reason.
fn without<'a>(m: &mut Markup, rows: &[&'a Requirement], told: &mut Told<'a>, language: Language) {
    let mut reasons: BTreeMap<&str, Vec<&'a Requirement>> = BTreeMap::new();
    for row in rows {
        reasons.entry(row.reason.as_deref().unwrap_or_default()).or_default().push(row);
    }
    for (reason, rows) in reasons {
        m.with("p", &[("class", "open-reason")], |m| {
            standing(m, Standing::NotAssessed, language);
            m.text(&format!(" {reason}"));
        });
        m.with("ul", &[("class", "open-rows")], |m| {
            for row in rows {
                m.with("li", &[], |m| name(m, row, told));
            }
        });
    }
}
