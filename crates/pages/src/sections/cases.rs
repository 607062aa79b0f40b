//! The plant's own cases and what came of them.

use words::Language;

use crate::markup::Markup;
use crate::model::{Case, Page};
use crate::sections::parts::{cell, mark, nothing, outcome, section, table};

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let title = language.pick("Cases: tried with real traffic", "Fälle: mit echtem Verkehr ausprobiert");
    let lead = language.pick(
        "The plant's text carries its own tests: what must pass and what must not. The lab builds the plant's twin and \
         sends each one as real packets; the verdict is what arrived at the other end.",
        "Der Text der Anlage trägt seine eigenen Prüfungen: was durchkommen muss und was nicht. Das Labor baut den \
         Zwilling der Anlage auf und schickt jede als echte Pakete; das Urteil ist, was am anderen Ende ankam.",
    );
    section(m, "cases", title, lead, |m| {
        if page.cases.is_empty() {
            nothing(
                m,
                language.pick("The text carries no case.", "Der Text trägt keinen Fall."),
                language.pick(
                    "Write down with [[expect]] what must pass and what must not; the lab tries it.",
                    "Mit [[expect]] aufschreiben, was durchkommen muss und was nicht; das Labor probiert es aus.",
                ),
                None,
            );
            return;
        }
        when(m, page, language);
        let columns = [
            language.pick("Case", "Fall"),
            language.pick("What is sent", "Was gesendet wird"),
            language.pick("Must", "Soll"),
            language.pick("Happened", "Geschah"),
        ];
        table(m, "cases-table", &columns, |m| {
            for case in &page.cases {
                row(m, case, &columns, language);
            }
        });
        if let Some((passed, of)) = page.derived {
            m.leaf("p", &[("class", "small")], &language.pick(
                format!("Besides, the lab derived {of} cases from the flows' neighbourhood; {passed} came out as they must."),
                format!("Außerdem hat das Labor {of} Fälle aus der Umgebung der Flüsse abgeleitet; {passed} kamen heraus, wie sie müssen."),
            ));
        }
    });
}

fn when(m: &mut Markup, page: &Page, language: Language) {
    match &page.tried {
        None => nothing(
            m,
            language.pick("Not tried yet.", "Noch nicht ausprobiert."),
            language.pick(
                "The lab tries them all and keeps what it saw:",
                "Das Labor probiert alle aus und hebt auf, was es sah:",
            ),
            Some("ringwall lab PLANT --log DIR; ringwall show PLANT --log DIR"),
        ),
        Some(tried) => m.with("p", &[], |m| {
            m.text(&language.pick(
                format!("Tried in the lab, {}. ", tried.when),
                format!("Im Labor ausprobiert, {}. ", tried.when),
            ));
            if !tried.of_this_text {
                mark(m, "bad", "!", language.pick("stale", "überholt"));
                m.text(language.pick(
                    " That run was about another text of the plant.",
                    " Dieser Lauf gehörte zu einem anderen Text der Anlage.",
                ));
            }
        }),
    }
}

fn row(m: &mut Markup, case: &Case, columns: &[&str; 4], language: Language) {
    let [id, sent, must, happened] = *columns;
    m.with("tr", &[], |m| {
        cell(m, id, |m| m.leaf("b", &[("class", "id")], &case.id));
        cell(m, sent, |m| {
            m.leaf("code", &[("class", "say")], &case.say);
            if !case.circumstances.is_empty() {
                m.leaf("p", &[("class", "small")], &case.circumstances.join("; "));
            }
        });
        cell(m, must, |m| m.text(&case.expected));
        cell(m, happened, |m| match &case.result {
            None => mark(m, "blind", "□", language.pick("not tried yet", "noch nicht ausprobiert")),
            Some(result) => {
                outcome(m, result.outcome, language);
                if let Some(seen) = &result.seen {
                    m.text(&format!(" {seen}"));
                }
                if let Some(reason) = &result.reason {
                    m.leaf("p", &[("class", "small")], reason);
                }
            }
        });
    });
}
