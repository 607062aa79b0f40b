//! The proof: what it came to, when, where, and what it rests on.

use words::{Language, grouped};

use crate::markup::Markup;
use crate::model::{Basis, Page, Proof, Verdict};
use crate::sections::parts::{flow_link, list, mark, nothing, section, verdict};

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let title = language.pick(
        "Proof: does the firewall do what the text says?",
        "Beweis: tut die Firewall, was der Text sagt?",
    );
    let lead = language.pick(
        "The rules are read back from the Linux kernel and compared with the plant's text over every possible packet, \
         not over samples. Equal means: no packet passes that the text does not name, and none is stopped that it names.",
        "Die Regeln werden aus dem Linux-Kernel zurückgelesen und über alle möglichen Pakete mit dem Text der Anlage \
         verglichen, nicht nur über Stichproben. Gleich heißt: kein Paket kommt durch, das der Text nicht nennt, und \
         keines wird aufgehalten, das er nennt.",
    );
    section(m, "proof", title, lead, |m| {
        match (&page.proof, &page.log) {
            (Some(proof), _) => shown(m, proof, language),
            (None, None) => nothing(
                m,
                language.pick("This page was made without a log of evidence.", "Diese Seite entstand ohne ein Protokoll der Nachweise."),
                language.pick(
                    "A proof leaves a record in a log. Prove and keep it, then make the page again with that log:",
                    "Ein Beweis hinterlässt einen Eintrag in einem Protokoll. Beweisen, aufheben und die Seite mit diesem \
                     Protokoll noch einmal erstellen:",
                ),
                Some("ringwall lab PLANT --log DIR; ringwall show PLANT --log DIR"),
            ),
            (None, Some(log)) if log.fault.is_some() => nothing(
                m,
                language.pick("No proof that could be relied on.", "Kein Beweis, auf den Verlass wäre."),
                language.pick(
                    "The log is damaged, so nothing of it is shown.",
                    "Das Protokoll ist beschädigt, deshalb wird nichts daraus gezeigt.",
                ),
                Some("ringwall log verify DIR"),
            ),
            (None, Some(_)) => nothing(
                m,
                language.pick("Not proved yet.", "Noch nicht bewiesen."),
                language.pick("The log holds no proof of this plant.", "Das Protokoll enthält keinen Beweis dieser Anlage."),
                Some("ringwall lab PLANT --log DIR"),
            ),
        }
        if let Some(log) = &page.log {
            m.with("p", &[("class", "log-line")], |m| {
                let records = grouped(log.records, language);
                match &log.fault {
                    None => {
                        mark(m, "good", "✓", language.pick("log verified", "Protokoll geprüft"));
                        m.text(&language.pick(
                            format!(" {records} records that fit together and their signatures. A cut at the end shows only against a checkpoint kept elsewhere."),
                            format!(" {records} Einträge, die zueinander und zu ihren Unterschriften passen. Ein Schnitt am Ende zeigt sich nur an einem anderswo aufgehobenen Prüfpunkt."),
                        ));
                    }
                    Some(fault) => {
                        mark(m, "bad", "✗", language.pick("log damaged", "Protokoll beschädigt"));
                        m.text(&format!(" {fault}"));
                    }
                }
            });
            if !log.refused.is_empty() {
                m.leaf("p", &[], language.pick("Records that do not count:", "Einträge, die nicht zählen:"));
                list(m, &log.refused);
            }
        }
    });
}

fn shown(m: &mut Markup, proof: &Proof, language: Language) {
    m.with("div", &[("class", "verdict")], |m| {
        m.with("p", &[("class", "verdict-line")], |m| {
            verdict(m, proof.verdict, language);
            m.text(&format!(" {}", sentence(proof.verdict, language)));
        });
        if !proof.of_this_text {
            m.with("p", &[], |m| {
                mark(m, "bad", "!", language.pick("stale", "überholt"));
                m.text(language.pick(
                    " This proof is about another text of the plant. It does not count for the one shown here.",
                    " Dieser Beweis gehört zu einem anderen Text der Anlage. Für den hier gezeigten zählt er nicht.",
                ));
            });
        }
        m.with("dl", &[("class", "facts")], |m| {
            fact(m, language.pick("when", "wann"), &proof.when);
            let place = match &proof.basis {
                Basis::Lab => language.pick(
                    "lab: the plant's twin in network namespaces of a Linux kernel, not the plant itself",
                    "Labor: der Zwilling der Anlage in Netz-Namensräumen eines Linux-Kernels, nicht die Anlage selbst",
                )
                .to_owned(),
                Basis::Site(machine) => language.pick(
                    format!("on site: gateway {machine}"),
                    format!("vor Ort: Gateway {machine}"),
                ),
            };
            fact(m, language.pick("where", "wo"), &place);
            fact(
                m,
                language.pick("evidence", "Nachweis"),
                &match proof.record {
                    Some(record) => language
                        .pick(format!("record {record} of the log"), format!("Eintrag {record} des Protokolls")),
                    None => language
                        .pick(
                            "seen just now, not kept in a log; --log DIR keeps it",
                            "eben gesehen, in keinem Protokoll aufgehoben; --log DIR hebt auf",
                        )
                        .to_owned(),
                },
            );
        });
    });
    if !proof.not_understood.is_empty() {
        m.leaf("h3", &[], language.pick("What was not understood", "Was nicht zu verstehen war"));
        list(m, &proof.not_understood);
    }
    m.leaf("h3", &[], language.pick("What the proof rests on", "Worauf der Beweis beruht"));
    if proof.assumptions.is_empty() {
        m.leaf(
            "p",
            &[],
            language.pick("Nothing beyond the rules themselves.", "Auf nichts außer den Regeln selbst."),
        );
    } else {
        list(m, &proof.assumptions);
    }
    m.leaf(
        "h3",
        &[],
        language.pick(
            "What it does not cover: commands nobody looks at",
            "Was er nicht abdeckt: Befehle, die niemand ansieht",
        ),
    );
    if proof.uninspected.is_empty() {
        m.leaf(
            "p",
            &[],
            language.pick(
                "No flow with limited commands is open without a look at them.",
                "Kein Fluss mit begrenzten Befehlen ist ohne Blick auf sie offen.",
            ),
        );
    } else {
        m.with("p", &[], |m| {
            m.text(language.pick(
                "These flows are held to their peers and ports only; their commands are limited in the text, and the gateway does not see them: ",
                "Diese Flüsse sind nur nach Gegenstelle und Port begrenzt; ihre Befehle begrenzt der Text, und das Gateway sieht sie nicht: ",
            ));
            for (at, flow) in proof.uninspected.iter().enumerate() {
                if at > 0 {
                    m.text(", ");
                }
                flow_link(m, flow);
            }
        });
    }
}

fn fact(m: &mut Markup, name: &str, value: &str) {
    m.with("div", &[], |m| {
        m.leaf("dt", &[], name);
        m.leaf("dd", &[], value);
    });
}

fn sentence(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Equal => language.pick(
            "The kernel lets through exactly what the text names.",
            "Der Kernel lässt genau das durch, was der Text nennt.",
        ),
        Verdict::Differs => language
            .pick("The kernel does not do what the text says.", "Der Kernel tut nicht, was der Text sagt."),
        Verdict::Unknown => language.pick(
            "Nobody can tell: something on the machine was not understood.",
            "Niemand kann es sagen: etwas auf der Maschine war nicht zu verstehen.",
        ),
    }
}
