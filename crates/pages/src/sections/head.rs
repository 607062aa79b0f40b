//! Which plant, from which text, when; what the page says and what it does not.

use words::{Language, plural};

use crate::markup::Markup;
use crate::model::Page;

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    m.with("header", &[("class", "top")], |m| {
        let owner = page.owner.as_deref().unwrap_or_default();
        m.with("p", &[("class", "owner")], |m| {
            m.text(if owner.is_empty() { language.pick("Plant", "Anlage") } else { owner });
        });
        m.leaf("h1", &[], &page.name);
        m.leaf("p", &[("class", "says")], &says(page, language));
        m.leaf(
            "p",
            &[("class", "says-not")],
            language.pick(
                "It does not say that the plant is safe or secure, that a standard is fulfilled, or that a level is \
                 reached beyond the evidence shown. People decide that.",
                "Sie sagt nicht, dass die Anlage sicher ist, dass eine Norm erfüllt ist oder dass eine Stufe über die \
                 gezeigten Nachweise hinaus erreicht ist. Das entscheiden Menschen.",
            ),
        );
        m.with("dl", &[("class", "facts")], |m| {
            fact(m, language.pick("made", "erstellt"), &page.made);
            let mut moment = page.moment.clone();
            if !page.given.is_empty() {
                moment.push_str(&format!("; {}", page.given.join(", ")));
            }
            fact(m, language.pick("rules as of", "Regeln zum Zeitpunkt"), &moment);
            fact(m, language.pick("from the text", "aus dem Text"), &page.files.join(", "));
            m.with("div", &[], |m| {
                m.leaf("dt", &[], language.pick("its SHA-256", "dessen SHA-256"));
                m.with("dd", &[], |m| m.leaf("code", &[("class", "hash")], &page.hash));
            });
        });
    });
}

fn fact(m: &mut Markup, name: &str, value: &str) {
    m.with("div", &[], |m| {
        m.leaf("dt", &[], name);
        m.leaf("dd", &[], value);
    });
}

fn says(page: &Page, language: Language) -> String {
    let count = |count: usize, one: [&str; 2], many: [&str; 2]| {
        plural(count as u64, language.pick(one[0], one[1]), language.pick(many[0], many[1]), language)
    };
    let zones = count(page.zones.len(), ["zone", "Zone"], ["zones", "Zonen"]);
    let devices =
        page.zones.iter().flat_map(|zone| &zone.assets).filter(|asset| asset.kind != "address").count();
    let devices = count(devices, ["device", "Gerät"], ["devices", "Geräte"]);
    let flows = count(page.flows.len(), ["connection", "Verbindung"], ["connections", "Verbindungen"]);
    language.pick(
        format!(
            "This page shows who may talk to whom in this plant ({zones}, {devices}, {flows}), what the gateway \
             between the zones really holds to that, and what evidence there is."
        ),
        format!(
            "Diese Seite zeigt, wer in dieser Anlage mit wem sprechen darf ({zones}, {devices}, {flows}), was das \
             Gateway zwischen den Zonen davon wirklich durchsetzt und welche Nachweise es gibt."
        ),
    )
}
