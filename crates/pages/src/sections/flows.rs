//! The flows: who to whom, what is allowed, when, and what the gateway can do about it.

use words::Language;

use crate::markup::Markup;
use crate::model::{Flow, Page};
use crate::sections::parts::{cell, guard, list, mark, nothing, section, table};

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let title = language.pick("Flows: who may talk to whom", "Flüsse: wer mit wem sprechen darf");
    let lead = language.pick(
        "A flow is a permitted connection: who opens it, to whom, by which service, with which commands. Whatever is not \
         listed here does not pass from one zone to another.",
        "Ein Fluss ist eine erlaubte Verbindung: wer sie aufbaut, zu wem, mit welchem Dienst, mit welchen Befehlen. Was \
         hier nicht steht, kommt nicht von einer Zone in eine andere.",
    );
    section(m, "flows", title, lead, |m| {
        if page.flows.is_empty() {
            nothing(
                m,
                language.pick("No flow is written down.", "Kein Fluss ist eingetragen."),
                language.pick(
                    "So nothing passes between the zones at all.",
                    "Also geht zwischen den Zonen überhaupt nichts hindurch.",
                ),
                None,
            );
            return;
        }
        words_of_the_marks(m, language);
        let columns = columns(language);
        table(m, "flows-table", &columns, |m| {
            for flow in &page.flows {
                row(m, flow, &columns, language);
            }
        });
    });
}

fn columns(language: Language) -> [&'static str; 5] {
    [
        language.pick("Flow", "Fluss"),
        language.pick("From → to", "Von → nach"),
        language.pick("What is allowed", "Was erlaubt ist"),
        language.pick("When", "Wann"),
        language.pick("At the gateway", "Am Gateway"),
    ]
}

fn words_of_the_marks(m: &mut Markup, language: Language) {
    use crate::model::Guard;
    let marks = [
        (
            Guard::Enforced,
            language.pick(
                "the gateway stops whatever is not allowed",
                "das Gateway hält auf, was nicht erlaubt ist",
            ),
        ),
        (
            Guard::Observed,
            language.pick(
                "it watches and reports, and does not stop",
                "es sieht zu und meldet, hält aber nicht auf",
            ),
        ),
        (
            Guard::Blind,
            language.pick(
                "it cannot see this, or not yet; the reason stands beside it",
                "es sieht das nicht, oder noch nicht; der Grund steht dabei",
            ),
        ),
    ];
    m.with("ul", &[("class", "marks")], |m| {
        for (kind, words) in marks {
            m.with("li", &[], |m| {
                guard(m, kind, language);
                m.text(&format!(" {words}"));
            });
        }
    });
}

fn row(m: &mut Markup, flow: &Flow, columns: &[&str; 5], language: Language) {
    let [id, ends, allowed, when, gateway] = *columns;
    m.with("tr", &[("id", &format!("flow-{}", flow.id)), ("data-flow", &flow.id)], |m| {
        cell(m, id, |m| {
            m.leaf("b", &[("class", "id")], &flow.id);
            if flow.essential {
                m.text(" ");
                mark(m, "plain", "◆", language.pick("essential", "wesentlich"));
            }
        });
        cell(m, ends, |m| {
            m.leaf("span", &[("class", "ends")], &flow.from.join(", "));
            m.text(" → ");
            m.leaf("span", &[("class", "ends")], &flow.to.join(", "));
            if let Some(via) = &flow.via {
                let via = language.pick(format!("only over {via}"), format!("nur über {via}"));
                m.leaf("p", &[("class", "small")], &via);
            }
            if let Some(why) = &flow.why {
                m.with("p", &[("class", "small why")], |m| {
                    m.leaf("span", &[("class", "small-name")], language.pick("why: ", "wozu: "));
                    m.text(why);
                });
            }
        });
        cell(m, allowed, |m| {
            m.leaf("b", &[("class", "service")], &flow.services.join(", "));
            if flow.allowed.is_empty() {
                let any = language.pick("everything this service can do", "alles, was dieser Dienst kann");
                m.leaf("p", &[("class", "small")], any);
            } else {
                list(m, &flow.allowed);
            }
        });
        cell(m, when, |m| {
            if flow.when.is_empty() {
                m.text(language.pick("always", "immer"));
            }
            for when in &flow.when {
                m.leaf("p", &[], when);
            }
            if let Some(closed) = &flow.closed {
                m.with("p", &[("class", "small")], |m| {
                    m.leaf(
                        "span",
                        &[("class", "small-name")],
                        language.pick("at the moment: ", "zum Zeitpunkt: "),
                    );
                    m.text(closed);
                });
            }
        });
        cell(m, gateway, |m| {
            guard(m, flow.guard, language);
            m.leaf("p", &[("class", "small")], &flow.reason);
            if flow.essential {
                m.with("div", &[("class", "stops")], |m| {
                    let text = language.pick(
                        "Essential: security must never be what blocks it. Without it:",
                        "Wesentlich: Security darf ihn nie blockieren. Ohne ihn:",
                    );
                    m.leaf("p", &[("class", "small")], text);
                    if flow.stops.is_empty() {
                        let unknown = language
                            .pick("the text does not say what stops", "der Text sagt nicht, was stillsteht");
                        m.leaf("p", &[("class", "small")], unknown);
                    } else {
                        list(m, &flow.stops);
                    }
                });
            }
        });
    });
}
