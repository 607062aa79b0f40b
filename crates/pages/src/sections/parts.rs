//! Parts that several sections are made of.

use words::Language;

use crate::markup::Markup;
use crate::model::{Guard, Outcome, Standing, Verdict};

/// A section with its heading and an introduction.
pub(crate) fn section(m: &mut Markup, id: &str, title: &str, lead: &str, inside: impl FnOnce(&mut Markup)) {
    let heading = format!("h-{id}");
    m.with("section", &[("id", id), ("aria-labelledby", &heading)], |m| {
        m.leaf("h2", &[("id", &heading)], title);
        if !lead.is_empty() {
            m.leaf("p", &[("class", "lead")], lead);
        }
        inside(m);
    });
}

/// A mark: a sign and a word, so that no colour is needed to read it.
pub(crate) fn mark(m: &mut Markup, tone: &str, sign: &str, word: &str) {
    m.with("span", &[("class", &format!("mark {tone}"))], |m| {
        m.leaf("span", &[("class", "sign"), ("aria-hidden", "true")], sign);
        m.text(word);
    });
}

/// What the gateway can do.
pub(crate) fn guard(m: &mut Markup, guard: Guard, language: Language) {
    let (tone, sign) = match guard {
        Guard::Enforced => ("good", "■"),
        Guard::Observed => ("watch", "◧"),
        Guard::Blind => ("blind", "□"),
    };
    mark(m, tone, sign, guard_word(guard, language));
}

/// The word for what the gateway can do.
pub(crate) fn guard_word(guard: Guard, language: Language) -> &'static str {
    match guard {
        Guard::Enforced => language.pick("enforced", "durchgesetzt"),
        Guard::Observed => language.pick("observed", "beobachtet"),
        Guard::Blind => language.pick("blind", "blind"),
    }
}

/// What became of a case.
pub(crate) fn outcome(m: &mut Markup, outcome: Outcome, language: Language) {
    match outcome {
        Outcome::Pass => mark(m, "good", "✓", language.pick("as expected", "wie erwartet")),
        Outcome::Fail => mark(m, "bad", "✗", language.pick("not as expected", "nicht wie erwartet")),
        Outcome::NotInspected => mark(m, "blind", "□", language.pick("not inspected", "nicht geprüft")),
        Outcome::Error => mark(m, "bad", "!", language.pick("could not be tried", "nicht ausführbar")),
    }
}

/// What a proof came to.
pub(crate) fn verdict(m: &mut Markup, verdict: Verdict, language: Language) {
    match verdict {
        Verdict::Equal => mark(m, "good", "=", language.pick("equal", "gleich")),
        Verdict::Differs => mark(m, "bad", "≠", language.pick("differs", "verschieden")),
        Verdict::Unknown => mark(m, "blind", "?", language.pick("unknown", "unbekannt")),
    }
}

/// State of a requirement.
pub(crate) fn standing(m: &mut Markup, standing: Standing, language: Language) {
    let (tone, sign, word) = match standing {
        Standing::Proved => ("good", "■", language.pick("proved", "bewiesen")),
        Standing::Observed => ("watch", "◧", language.pick("observed", "beobachtet")),
        Standing::Attested => ("watch", "✎", language.pick("attested", "bescheinigt")),
        Standing::NotAssessed => ("blind", "□", language.pick("not assessed", "nicht bewertet")),
        Standing::Unmet => ("bad", "✗", language.pick("not met", "nicht erfüllt")),
    };
    mark(m, tone, sign, word);
}

/// A section that has nothing to show, and why.
pub(crate) fn nothing(m: &mut Markup, title: &str, why: &str, command: Option<&str>) {
    m.with("div", &[("class", "nothing")], |m| {
        m.leaf("p", &[("class", "nothing-title")], title);
        m.leaf("p", &[], why);
        if let Some(command) = command {
            m.with("p", &[], |m| m.leaf("code", &[], command));
        }
    });
}

/// A list of sentences.
pub(crate) fn list(m: &mut Markup, items: &[String]) {
    m.with("ul", &[], |m| items.iter().for_each(|item| m.leaf("li", &[], item)));
}

/// A link to a flow.
pub(crate) fn flow_link(m: &mut Markup, id: &str) {
    m.leaf("a", &[("class", "id"), ("href", &format!("#flow-{id}")), ("data-flow", id)], id);
}

/// A cell of a table; on a phone its column's name stands beside it.
pub(crate) fn cell(m: &mut Markup, name: &str, inside: impl FnOnce(&mut Markup)) {
    m.with("td", &[("data-name", name)], |m| m.with("div", &[], inside));
}

/// A table with a head.
pub(crate) fn table(m: &mut Markup, class: &str, columns: &[&str], body: impl FnOnce(&mut Markup)) {
    m.with("table", &[("class", &format!("rows {class}"))], |m| {
        m.with("thead", &[], |m| {
            m.with("tr", &[], |m| {
                columns.iter().for_each(|column| m.leaf("th", &[("scope", "col")], column))
            });
        });
        m.with("tbody", &[], body);
    });
}
