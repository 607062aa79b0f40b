//! Levels of zones and conduits: declared, by design, on site, with their evidence.

use std::collections::BTreeSet;

use words::{Language, grouped};

use crate::markup::Markup;
use crate::model::{Counts, Levels, Page};
use crate::sections::parts::{nothing, section};
use crate::sections::requirements;

/// The seven families: short form, name, what it asks in half a sentence.
pub(crate) fn families(language: Language) -> [(&'static str, &'static str, &'static str); 7] {
    language.pick(
        [
            ("IAC", "identification and authentication", "whoever connects must show who they are"),
            ("UC", "use control", "and may only do what they are meant to do"),
            ("SI", "system integrity", "programs, settings and messages are not changed unnoticed"),
            ("DC", "data confidentiality", "what is secret is not read along"),
            ("RDF", "restricted data flow", "zones are apart, and only the needed passes between them"),
            ("TRE", "timely response to events", "what happens is recorded, seen and acted on"),
            ("RA", "resource availability", "the plant keeps running under attack and can be restored"),
        ],
        [
            ("IAC", "Identifizierung und Authentifizierung", "wer sich verbindet, muss zeigen, wer er ist"),
            ("UC", "Nutzungskontrolle", "und darf nur tun, was er soll"),
            ("SI", "Systemintegrität", "Programme, Einstellungen und Nachrichten ändert niemand unbemerkt"),
            ("DC", "Vertraulichkeit der Daten", "Geheimes liest niemand mit"),
            ("RDF", "eingeschränkter Datenfluss", "Zonen sind getrennt, und nur Nötiges geht hindurch"),
            (
                "TRE",
                "rechtzeitige Reaktion auf Ereignisse",
                "was geschieht, wird aufgezeichnet, gesehen und beantwortet",
            ),
            (
                "RA",
                "Verfügbarkeit der Ressourcen",
                "die Anlage läuft auch unter Angriff und lässt sich wiederherstellen",
            ),
        ],
    )
}

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let title =
        language.pick("Levels: how much protection, shown by what", "Stufen: wie viel Schutz, womit belegt");
    let lead = language.pick(
        "IEC 62443 measures protection in seven families, each from 0 to 4: 1 holds against slips, 2 against simple intent, \
         3 against skilled attackers, 4 against attackers with large means. Three values stand beside each other: what the \
         text declares, what the design would reach if the lab's evidence were the plant's, and what evidence from the site \
         shows. A dash means that something needed for a value has not been assessed; it is not a zero. A design \
         can decide only a part of the requirements; how many stands below its values.",
        "IEC 62443 misst den Schutz in sieben Familien, jeweils von 0 bis 4: 1 hält Versehen stand, 2 einfacher Absicht, \
         3 geübten Angreifern, 4 Angreifern mit großen Mitteln. Drei Werte stehen nebeneinander: was der Text angibt, was \
         der Entwurf erreichen würde, wären die Nachweise aus dem Labor die der Anlage, und was Nachweise vor Ort belegen. \
         Ein Strich heißt, dass etwas nicht bewertet ist, was der Wert braucht; er ist keine Null. Ein \
         Entwurf kann nur einen Teil der Anforderungen entscheiden; wie viele, steht unter seinen Werten.",
    );
    section(m, "levels", title, lead, |m| {
        m.with("dl", &[("class", "families")], |m| {
            for (at, (short, name, ask)) in families(language).iter().enumerate() {
                m.with("div", &[], |m| {
                    m.with("dt", &[], |m| {
                        m.leaf("b", &[], short);
                        m.text(&format!(" FR {} · {name}", at + 1));
                    });
                    m.leaf("dd", &[], ask);
                });
            }
        });
        let known = |levels: &&Levels| levels.declared.is_some() || !levels.requirements.is_empty();
        if !page.levels.iter().any(|levels| known(&levels)) {
            nothing(
                m,
                language.pick("No level to show.", "Keine Stufe zu zeigen."),
                language.pick(
                    "The text declares none for any zone or conduit.",
                    "Der Text gibt für keine Zone und kein Conduit eine an.",
                ),
                None,
            );
            return;
        }
        let shown = |counts: Counts| counts.proved + counts.observed + counts.attested + counts.unmet;
        if page.levels.iter().all(|levels| shown(levels.counts) == 0) {
            nothing(
                m,
                language
                    .pick("Only the declared levels are known.", "Nur die angegebenen Stufen sind bekannt."),
                language.pick(
                    "Nothing in evidence shows anything of a requirement yet, and nobody vouches for one.",
                    "Noch kein Nachweis belegt etwas von einer Anforderung, und niemand bescheinigt eine.",
                ),
                Some("ringwall lab PLANT --log DIR; ringwall show PLANT --log DIR"),
            );
        }
        let mut told = BTreeSet::new();
        for (conduits, name) in [
            (false, language.pick("Zones", "Zonen")),
            (true, language.pick("Conduits", "Conduits (Übergänge)")),
        ] {
            let blocks: Vec<&Levels> =
                page.levels.iter().filter(|levels| levels.conduit == conduits).filter(known).collect();
            if blocks.is_empty() {
                continue;
            }
            m.leaf("h3", &[], name);
            m.with("div", &[("class", "levels-grid")], |m| {
                for levels in blocks {
                    block(m, levels, &mut told, language);
                }
            });
        }
    });
}

fn block<'a>(m: &mut Markup, levels: &'a Levels, told: &mut BTreeSet<&'a str>, language: Language) {
    m.with("article", &[("class", "level-block")], |m| {
        m.with("h4", &[], |m| {
            if levels.conduit && levels.id != levels.title {
                m.leaf("span", &[("class", "id")], &levels.id);
                m.text(" ");
            }
            m.text(&levels.title);
        });
        chart(m, levels, language);
        counts(m, levels, language);
        requirements::write(m, levels, told, language);
    });
}

fn chart(m: &mut Markup, levels: &Levels, language: Language) {
    let declared = levels.declared.map_or([None; 7], |declared| declared.map(Some));
    let rows = [
        ("declared", language.pick("declared", "angegeben"), declared),
        ("design", language.pick("design (lab)", "Entwurf (Labor)"), levels.design),
        ("site", language.pick("on site", "vor Ort"), levels.site),
    ];
    m.with("table", &[("class", "vector")], |m| {
        m.with("thead", &[], |m| {
            m.with("tr", &[], |m| {
                m.empty("td", &[]);
                for (short, name, _) in families(language) {
                    m.with("th", &[("scope", "col")], |m| m.leaf("abbr", &[("title", name)], short));
                }
            });
        });
        m.with("tbody", &[], |m| {
            let of: u64 = levels.design_rows.iter().map(|(_, of)| of).sum();
            for (class, name, values) in rows {
                m.with("tr", &[("class", class)], |m| {
                    m.leaf("th", &[("scope", "row")], name);
                    for value in values {
                        value_cell(m, value, language);
                    }
                });
                if class == "design" && of > 0 {
                    decided(m, levels, language);
                }
            }
        });
    });
}

/// How much of each family a design can say anything about.
fn decided(m: &mut Markup, levels: &Levels, language: Language) {
    m.with("tr", &[("class", "decided")], |m| {
        m.leaf("th", &[("scope", "row")], language.pick("decides of", "entscheidet von"));
        for (decided, of) in levels.design_rows {
            m.leaf("td", &[], &format!("{decided}/{of}"));
        }
    });
}

fn value_cell(m: &mut Markup, value: Option<u8>, language: Language) {
    m.with("td", &[], |m| {
        let Some(value) = value else {
            let words = language.pick("not assessed", "nicht bewertet");
            m.leaf("span", &[("class", "meter open"), ("title", words)], "–");
            m.leaf("span", &[("class", "hidden")], words);
            return;
        };
        m.with("span", &[("class", "meter")], |m| {
            m.leaf("span", &[("class", "digit")], &value.to_string());
            m.with("span", &[("class", "steps"), ("aria-hidden", "true")], |m| {
                for step in 1..=4 {
                    m.empty("span", &[("class", if step <= value { "full" } else { "free" })]);
                }
            });
        });
    });
}

fn counts(m: &mut Markup, levels: &Levels, language: Language) {
    let counts = levels.counts;
    let all = [
        (counts.proved, language.pick("proved", "bewiesen")),
        (counts.observed, language.pick("observed", "beobachtet")),
        (counts.attested, language.pick("attested by a person", "von einem Menschen bescheinigt")),
        (counts.not_assessed, language.pick("not assessed", "nicht bewertet")),
        (counts.unmet, language.pick("not met", "nicht erfüllt")),
    ];
    if all.iter().all(|(count, _)| *count == 0) {
        return;
    }
    m.with("p", &[("class", "counts")], |m| {
        for (count, word) in all {
            if count == 0 && word == all[4].1 {
                continue;
            }
            m.with("span", &[], |m| {
                m.leaf("b", &[], &grouped(count, language));
                m.text(&format!(" {word}"));
            });
        }
    });
}
