//! The page as a whole: head, sections in the order a reader needs them, foot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use words::Language;

use crate::markup::Markup;
use crate::model::Page;
use crate::sections;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page as HTML: one file, no request to anywhere.
pub fn render(page: &Page, language: Language) -> String {
    let mut m = Markup::default();
    m.raw("<!DOCTYPE html>\n");
    m.with("html", &[("lang", language.tag())], |m| {
        m.with("head", &[], |m| head(m, page, language));
        m.with("body", &[], |m| {
            let skip = language.pick("Skip to the flows", "Weiter zu den Flüssen");
            m.leaf("a", &[("class", "skip"), ("href", "#flows")], skip);
            sections::head::write(m, page, language);
            m.with("main", &[], |m| {
                sections::way::write(m, page, language);
                sections::map::write(m, page, language);
                sections::flows::write(m, page, language);
                sections::proof::write(m, page, language);
                sections::cases::write(m, page, language);
                sections::blocked::write(m, page, language);
                sections::levels::write(m, page, language);
            });
            sections::foot::write(m, page, language);
            m.with("script", &[], |m| m.raw(SCRIPT));
        });
    });
    let mut text = m.finish();
    text.push('\n');
    text
}

fn head(m: &mut Markup, page: &Page, language: Language) {
    m.empty("meta", &[("charset", "utf-8")]);
    m.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy())]);
    m.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    m.empty("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    m.empty("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    let title = language.pick("zones, flows, proof", "Zonen, Flüsse, Beweis");
    m.leaf("title", &[], &format!("{} · {title}", page.name));
    m.with("style", &[], |m| m.raw(STYLE));
}

/// Nothing is loaded from anywhere; of styles and scripts only these very texts are run.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
