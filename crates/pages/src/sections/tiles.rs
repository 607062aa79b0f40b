//! The four figures a reader asks for first.

use words::Language;

use crate::markup::Markup;
use crate::model::{Basis, Case, Guard, Outcome, Page, Verdict};

/// A figure with its sign, its tone and what it means.
struct Tile {
    sign: &'static str,
    tone: &'static str,
    figure: String,
    words: String,
}

impl Tile {
    fn open(figure: &str, words: &str) -> Self {
        Self { sign: "□", tone: "blind", figure: figure.to_owned(), words: words.to_owned() }
    }
}

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let of = page.flows.len();
    let count = |guard: Guard| page.flows.iter().filter(|flow| flow.guard == guard).count();
    let enforced = Tile {
        sign: "■",
        tone: "good",
        figure: format!("{}/{of}", count(Guard::Enforced)),
        words: language
            .pick("flows held by the gateway as written", "Flüsse hält das Gateway wie geschrieben")
            .to_owned(),
    };
    let blind = Tile::open(
        &format!("{}/{of}", count(Guard::Blind)),
        language
            .pick("flows it cannot see into, or not at all", "Flüsse, in die es nicht oder gar nicht sieht"),
    );
    m.with("ul", &[("class", "tiles")], |m| {
        tile(m, "#proof", language.pick("Proof", "Beweis"), &proof(page, language));
        tile(m, "#cases", language.pick("Cases", "Fälle"), &cases(page, language));
        tile(m, "#flows", language.pick("Enforced", "Durchgesetzt"), &enforced);
        tile(m, "#flows", language.pick("Blind", "Blind"), &blind);
    });
}

fn stale(language: Language) -> Tile {
    Tile::open(
        language.pick("stale", "überholt"),
        language.pick("of another text, does not count", "zu einem anderen Text, zählt nicht"),
    )
}

fn cases(page: &Page, language: Language) -> Tile {
    let is = |case: &Case, outcomes: &[Outcome]| {
        case.result.as_ref().is_some_and(|result| outcomes.contains(&result.outcome))
    };
    let count = |outcomes: &[Outcome]| page.cases.iter().filter(|case| is(case, outcomes)).count();
    let of = page.cases.len();
    if of == 0 {
        return Tile::open("0", language.pick("the plant carries no case", "die Anlage trägt keinen Fall"));
    }
    match &page.tried {
        None => {
            return Tile::open(&format!("0/{of}"), language.pick("not tried yet", "noch nicht ausprobiert"));
        }
        Some(tried) if !tried.of_this_text => return stale(language),
        Some(_) => {}
    }
    let (passed, open) = (count(&[Outcome::Pass]), count(&[Outcome::NotInspected]));
    let mut words = language
        .pick("cases came out as the plant says", "Fälle kamen heraus, wie die Anlage es sagt")
        .to_owned();
    if open > 0 {
        words.push_str(&language.pick(format!("; {open} not inspected"), format!("; {open} nicht geprüft")));
    }
    let (sign, tone) = if count(&[Outcome::Fail, Outcome::Error]) > 0 {
        ("✗", "bad")
    } else if passed == of {
        ("✓", "good")
    } else {
        ("□", "blind")
    };
    Tile { sign, tone, figure: format!("{passed}/{of}"), words }
}

fn proof(page: &Page, language: Language) -> Tile {
    let Some(proof) = &page.proof else {
        return Tile::open("–", language.pick("not proved yet", "noch nicht bewiesen"));
    };
    if !proof.of_this_text {
        return stale(language);
    }
    let place = match proof.basis {
        Basis::Lab => language.pick("in the lab", "im Labor"),
        Basis::Site(_) => language.pick("on site", "vor Ort"),
    };
    let (sign, tone, figure, words) = match proof.verdict {
        Verdict::Equal => (
            "=",
            "good",
            language.pick("equal", "gleich"),
            language.pick("the kernel does what the text says", "der Kernel tut, was der Text sagt"),
        ),
        Verdict::Differs => (
            "≠",
            "bad",
            language.pick("differs", "verschieden"),
            language.pick("the kernel does something else", "der Kernel tut etwas anderes"),
        ),
        Verdict::Unknown => (
            "?",
            "blind",
            language.pick("unknown", "unbekannt"),
            language.pick("something could not be understood", "etwas war nicht zu verstehen"),
        ),
    };
    Tile { sign, tone, figure: figure.to_owned(), words: format!("{words}; {place}") }
}

fn tile(m: &mut Markup, href: &str, name: &str, tile: &Tile) {
    m.with("li", &[], |m| {
        m.with("a", &[("class", &format!("tile {}", tile.tone)), ("href", href)], |m| {
            m.leaf("span", &[("class", "tile-name")], name);
            m.with("span", &[("class", "figure")], |m| {
                m.leaf("span", &[("class", "sign"), ("aria-hidden", "true")], tile.sign);
                m.text(&format!(" {}", tile.figure));
            });
            m.leaf("span", &[("class", "tile-words")], &tile.words);
        });
    });
}
