//! What people read of an assessment.

use std::fmt::Write as _;

use assurance::{Assurance, Levels, Reason, Row, State, gaps};
use jiff::civil::Date;
use plant::Plant;
use standard::Fr;
use words::{Language, plural};

use crate::believed::Believed;

/// Up to so many requirements are named with their title; more of them by id.
const TITLED: usize = 4;

/// How the level on site comes about.
pub fn on_site_rule(language: Language) -> &'static str {
    language.pick(
        "the highest level all of whose requirements are met by evidence of the site or vouched for by a person, and \
         have not expired; not known while a requirement of level 1 is not assessed, 0 where one is known to be unmet; \
         no higher than declared",
        "die höchste Stufe, deren Anforderungen alle durch Belege von vor Ort erfüllt sind oder für die ein Mensch einsteht, \
         und nicht abgelaufen; unbekannt, solange eine Anforderung der Stufe 1 nicht bewertet ist, 0, wo eine bekannt \
         nicht erfüllt ist; nicht höher als angegeben",
    )
}

/// How the level by design comes about.
pub fn design_rule(language: Language) -> &'static str {
    language.pick(
        "the same if the lab's evidence were the site's, over the requirements a design can decide: those a result can \
         show something of, and those a person vouches for; how many these are stands beside it",
        "dasselbe, wenn die Belege des Labors die von vor Ort wären, über die Anforderungen, die ein Entwurf entscheiden \
         kann: die, von denen ein Ergebnis etwas zeigen kann, und die, für die ein Mensch einsteht; wie viele das sind, \
         steht daneben",
    )
}

/// The assessment as text.
pub fn text(
    plant: &Plant,
    assurance: &Assurance,
    believed: Option<&Believed>,
    today: Date,
    language: Language,
) -> String {
    let mut text = String::new();
    let name = if plant.name.is_empty() { &plant.id } else { &plant.name };
    let head = language.pick(format!("{name}, as of {today}\n"), format!("{name}, Stand {today}\n"));
    text.push_str(&head);
    let kinds = [
        (&assurance.zones, language.pick("zone", "Zone")),
        (&assurance.conduits, language.pick("conduit", "Conduit")),
    ];
    for (list, kind) in kinds {
        for levels in list {
            place(&mut text, levels, kind, language);
        }
    }
    records(&mut text, assurance, believed, language);
    foot(&mut text, assurance, language);
    text
}

fn place(text: &mut String, levels: &Levels, kind: &str, language: Language) {
    let title = if levels.title == levels.id { String::new() } else { format!(": {}", levels.title) };
    push(text, format_args!("\n{kind} {}{title}\n", levels.id));
    let heads = [
        language.pick("declared", "angegeben"),
        language.pick("design", "Entwurf"),
        language.pick("on site", "vor Ort"),
    ];
    let width = Fr::ALL.map(|fr| fr.plain(language).chars().count()).into_iter().max().unwrap_or(0);
    push(text, format_args!("  {:<4}{:width$}  {:>9}  {:>9}  {:>8}\n", "", "", heads[0], heads[1], heads[2]));
    for fr in Fr::ALL {
        let at = |levels: [Option<u8>; 7]| {
            levels.get(fr.index()).copied().flatten().map_or("-".to_owned(), |level| level.to_string())
        };
        let declared = levels.declared.map_or([None; 7], |declared| declared.levels().map(Some));
        let rows = levels.design_rows.get(fr.index()).copied().unwrap_or_default();
        let of = language.pick("of", "von");
        push(
            text,
            format_args!(
                "  {:<4}{:width$}  {:>9}  {:>9}  {:>8}   ({} {of} {})\n",
                fr.abbr(),
                fr.plain(language),
                at(declared),
                at(levels.design),
                at(levels.sl_a),
                rows.decided,
                rows.of,
            ),
        );
    }
    let counts = levels.counts();
    let all = counts.proved + counts.observed + counts.attested + counts.not_assessed + counts.unmet;
    let all = plural(
        all as u64,
        language.pick("requirement", "Anforderung"),
        language.pick("requirements", "Anforderungen"),
        language,
    );
    push(
        text,
        format_args!(
            "  {all}: {} {}, {} {}, {} {}, {} {}, {} {}\n",
            counts.proved,
            state(State::Proved, language),
            counts.observed,
            state(State::Observed, language),
            counts.attested,
            state(State::Attested, language),
            counts.not_assessed,
            state(State::NotAssessed, language),
            counts.unmet,
            state(State::Unmet, language),
        ),
    );
    if !levels.blind.is_empty() {
        let flows: Vec<String> = levels.blind.iter().map(ToString::to_string).collect();
        let flows = flows.join(", ");
        text.push_str(&language.pick(
            format!("  blind, open by peer and port only: {flows}\n"),
            format!("  blind, nur nach Partner und Port offen: {flows}\n"),
        ));
    }
    in_the_way(text, levels, language);
}

fn in_the_way(text: &mut String, levels: &Levels, language: Language) {
    let gaps = gaps(levels);
    if gaps.is_empty() {
        return;
    }
    text.push_str(
        language.pick(
            "  in the way of the next level on site:\n",
            "  der nächsten Stufe vor Ort steht im Weg:\n",
        ),
    );
    for (fr, next, rows) in gaps {
        let (mut told, mut unknown) = (Vec::new(), Vec::new());
        for row in rows {
            match row.reason() {
                Some(Reason::NobodyVouches | Reason::NoResult) | None => unknown.push(row.requirement),
                _ => told.push(row),
            }
        }
        push(text, format_args!("    {} {next}\n", fr.abbr()));
        // What is known to be wrong stands first.
        told.sort_by_key(|row| row.standing().state != State::Unmet);
        told.iter().for_each(|row| told_row(text, row, language));
        if !unknown.is_empty() {
            let many = unknown.len() > TITLED;
            let names: Vec<String> = unknown
                .iter()
                .map(|requirement| match many {
                    true => requirement.id.clone(),
                    false => format!("{} {}", requirement.id, requirement.title(language)),
                })
                .collect();
            let names = names.join(", ");
            text.push_str(&language.pick(
                format!("      not measured, and nobody vouches: {names}\n"),
                format!("      nicht gemessen, und niemand steht dafür ein: {names}\n"),
            ));
        }
    }
}

/// A row about which something is known.
fn told_row(text: &mut String, row: &Row, language: Language) {
    let standing = row.standing();
    let title = row.requirement.title(language);
    push(text, format_args!("      {} {title}: {}", row.requirement.id, state(standing.state, language)));
    if let Some(shown) = &standing.shown {
        let (record, until) = (shown.record, shown.until);
        let basis = match shown.basis {
            evidence::Basis::Lab => language.pick("in the lab", "im Labor"),
            evidence::Basis::Site => language.pick("on site", "vor Ort"),
        };
        text.push_str(&language.pick(
            format!(" {basis}, record {record}, until {until}: {}", shown.row.part.text(language)),
            format!(" {basis}, Eintrag {record}, bis {until}: {}", shown.row.part.text(language)),
        ));
    }
    text.push('\n');
    if let Some(reason) = row.reason() {
        push(text, format_args!("        {}\n", reason.text(language)));
    }
}

fn records(text: &mut String, assurance: &Assurance, believed: Option<&Believed>, language: Language) {
    /// Records that are written out.
    const MOST: usize = 10;
    let Some(believed) = believed else {
        text.push_str(language.pick(
            "\nno log was named: only what people vouch for counts\n",
            "\nkein Protokoll wurde genannt: es zählt nur, wofür Menschen einstehen\n",
        ));
        return;
    };
    let refused = believed.refused.iter().map(|refused| {
        let code = refused.code.map(|code| format!(" [{code}]")).unwrap_or_default();
        (refused.number, format!("{}{code}", refused.reason))
    });
    let passed = assurance.passed_over.iter().map(|passed| (passed.number, passed.why.text(language)));
    let mut all: Vec<(u64, String)> = refused.chain(passed).collect();
    if all.is_empty() {
        return;
    }
    all.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    text.push_str(language.pick("\nrecords that do not count:\n", "\nEinträge, die nicht zählen:\n"));
    for (number, why) in all.iter().take(MOST) {
        push(text, format_args!("  {number}: {why}\n"));
    }
    if all.len() > MOST {
        let more = all.len() - MOST;
        text.push_str(&language.pick(format!("  and {more} older ones\n"), format!("  und {more} ältere\n")));
    }
}

fn foot(text: &mut String, assurance: &Assurance, language: Language) {
    let (site, design) = (on_site_rule(language), design_rule(language));
    let version = standard::version();
    let hash = version.sha256.get(..12).unwrap_or_default();
    text.push_str(&language.pick(
        format!(
            "\non site: {site}\ndesign: {design}; in brackets: how many, of all that were looked at\n\
             catalogue: IEC 62443-3-3 as of {}, {hash}; own words, and no statement of conformity\n",
            version.collected
        ),
        format!(
            "\nvor Ort: {site}\nEntwurf: {design}; in Klammern: wie viele, von allen angesehenen\n\
             Katalog: IEC 62443-3-3, Stand {}, {hash}; eigene Worte, und keine Aussage über Konformität\n",
            version.collected
        ),
    ));
    text.push_str(if assurance.reached() {
        language.pick("every declared level is reached on site\n", "vor Ort ist jede angegebene Stufe erreicht\n")
    } else {
        language.pick(
            "next: prove on the machine itself (`ringwall prove PLANT --site SERIAL --sign-key FILE --log DIR`), and \
             write what people found into decisions.toml as `[[attest]]`\n",
            "als Nächstes: auf der Maschine selbst beweisen (`ringwall prove ANLAGE --site SERIENNUMMER --sign-key DATEI \
             --log ORDNER`), und was Menschen fanden, als `[[attest]]` in decisions.toml schreiben\n",
        )
    });
}

fn state(state: State, language: Language) -> &'static str {
    match state {
        State::Proved => language.pick("proved", "bewiesen"),
        State::Observed => language.pick("observed", "beobachtet"),
        State::Attested => language.pick("attested", "bestätigt"),
        State::NotAssessed => language.pick("not assessed", "nicht bewertet"),
        State::Unmet => language.pick("unmet", "nicht erfüllt"),
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}
