//! The map, the flows to point at, and how to read it.

use words::{Language, and_list};

use crate::map::{Icon, Size, draw};
use crate::markup::Markup;
use crate::model::{Flow, Page};
use crate::sections::parts::{guard_word, section};

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let title = language.pick("Map of the zones", "Zonenkarte");
    let lead = language.pick(
        "A zone is a group of devices that need the same protection. A conduit is the only permitted way between two \
         zones; each one runs through the gateway. Where no conduit joins two zones, nothing passes between them.",
        "Eine Zone ist eine Gruppe von Geräten, die den gleichen Schutz brauchen. Ein Conduit (Übergang) ist der einzige \
         erlaubte Weg zwischen zwei Zonen; jeder führt durch das Gateway. Wo kein Conduit zwei Zonen verbindet, geht \
         nichts hindurch.",
    );
    section(m, "map", title, lead, |m| {
        m.with("figure", &[("class", "map-figure"), ("id", "map-figure")], |m| {
            let label = language.pick("Map, can be scrolled", "Karte, verschiebbar");
            m.with(
                "div",
                &[("class", "map-frame"), ("tabindex", "0"), ("role", "region"), ("aria-label", label)],
                |m| {
                    draw(m, page, Size::Wide, language);
                    draw(m, page, Size::Paper, language);
                    draw(m, page, Size::Narrow, language);
                },
            );
            picker(m, page, language);
            legend(m, language);
        });
        on_paper(m, page, language);
        m.with("details", &[("class", "how")], |m| {
            m.leaf("summary", &[], language.pick("How the map is made", "Wie die Karte entsteht"));
            m.leaf("p", &[], language.pick(
                "The order from top to bottom is worked out from the plant's text: zones marked as outside, then zones \
                 marked as untrusted, then zones without controllers, then zones with controllers, panels, drives or \
                 robots, then zones with safety devices. Among equals the lower declared level stands higher. Left of \
                 the gateway are its legs, the network ports into the zones; right of it are the conduits.",
                "Die Reihenfolge von oben nach unten folgt aus dem Text der Anlage: Zonen außerhalb, dann Zonen, die als \
                 nicht vertrauenswürdig gelten, dann Zonen ohne Steuerungen, dann solche mit Steuerungen, Panels, \
                 Antrieben oder Robotern, dann solche mit Sicherheitsgeräten. Unter gleichen steht die niedrigere \
                 angegebene Stufe weiter oben. Links am Gateway sitzen seine Anschlüsse, die Netzwerkports in die Zonen; \
                 rechts die Conduits.",
            ));
        });
        conduits(m, page, language);
        devices(m, page, language);
    });
}

/// A flow in one sentence.
pub(crate) fn sentence(flow: &Flow, language: Language) -> String {
    let via = flow.via.as_ref().map(|via| language.pick(format!(" via {via}"), format!(" über {via}")));
    format!(
        "{} → {}{}, {}; {}",
        and_list(&flow.from, language),
        and_list(&flow.to, language),
        via.unwrap_or_default(),
        flow.services.join(", "),
        guard_word(flow.guard, language)
    )
}

fn picker(m: &mut Markup, page: &Page, language: Language) {
    if page.flows.is_empty() {
        return;
    }
    m.with("div", &[("class", "picker")], |m| {
        let rest = language.pick(
            "Point at a flow, a device or a conduit, or use the tab key: its way lights up. A click holds it, Esc lets go.",
            "Auf einen Fluss, ein Gerät oder ein Conduit zeigen oder die Tabulatortaste benutzen: der Weg leuchtet auf. \
             Ein Klick hält ihn fest, Esc löst.",
        );
        m.with("p", &[("class", "readout"), ("aria-live", "polite"), ("data-rest", rest)], |m| m.text(rest));
        m.with("div", &[("class", "chips"), ("role", "group"), ("aria-label", language.pick("Flows", "Flüsse"))], |m| {
            for flow in &page.flows {
                let say = format!("{}: {}", flow.id, sentence(flow, language));
                let attributes = [
                    ("type", "button"),
                    ("class", "chip"),
                    ("data-flow", flow.id.as_str()),
                    ("data-say", say.as_str()),
                    ("aria-pressed", "false"),
                ];
                m.leaf("button", &attributes, &flow.id);
            }
        });
    });
}

fn legend(m: &mut Markup, language: Language) {
    m.with("figcaption", &[("class", "legend")], |m| {
        let lines = [
            ("solid", language.pick("flow the gateway enforces", "Fluss, den das Gateway durchsetzt")),
            (
                "dashed",
                language.pick(
                    "flow it is blind to, or only observes",
                    "Fluss, für den es blind ist oder den es nur beobachtet",
                ),
            ),
        ];
        for (class, words) in lines {
            m.with("span", &[("class", "legend-item")], |m| {
                m.with(
                    "svg",
                    &[("viewBox", "0 0 34 12"), ("width", "34"), ("height", "12"), ("aria-hidden", "true")],
                    |m| {
                        m.with(
                            "g",
                            &[("class", if class == "dashed" { "flow dashed on" } else { "flow on" })],
                            |m| {
                                m.empty("path", &[("class", "line"), ("d", "M3 6 H24")]);
                                m.empty("path", &[("class", "head"), ("d", "M24 1 L32 6 L24 11 Z")]);
                                m.empty(
                                    "circle",
                                    &[("class", "tail"), ("cx", "4"), ("cy", "6"), ("r", "3.5")],
                                );
                            },
                        );
                    },
                );
                m.text(words);
            });
        }
        let icons = [
            (Icon::Safety, language.pick("shield: safety device", "Schild: Sicherheitsgerät")),
            (Icon::Plc, language.pick("controller (PLC)", "Steuerung (SPS)")),
            (Icon::Address, language.pick("an address a flow names", "Adresse, die ein Fluss nennt")),
        ];
        for (icon, words) in icons {
            m.with("span", &[("class", "legend-item")], |m| {
                m.with(
                    "svg",
                    &[("viewBox", "0 0 20 20"), ("width", "18"), ("height", "18"), ("aria-hidden", "true")],
                    |m| {
                        m.with(
                            "g",
                            &[("class", if icon == Icon::Safety { "card safety" } else { "card" })],
                            |m| icon.draw(m, 0, 0, false),
                        );
                    },
                );
                m.text(words);
            });
        }
    });
}

/// On paper nothing can be pointed at: the flows in order, by number.
fn on_paper(m: &mut Markup, page: &Page, language: Language) {
    if page.flows.is_empty() {
        return;
    }
    m.with("div", &[("class", "on-paper")], |m| {
        m.leaf("h3", &[], language.pick("The flows on the map", "Die Flüsse auf der Karte"));
        m.with("ol", &[], |m| {
            for flow in &page.flows {
                m.with("li", &[], |m| {
                    m.leaf("b", &[], &flow.id);
                    m.text(&format!(" {}", sentence(flow, language)));
                });
            }
        });
    });
}

/// Every conduit with its two zones and what happens to it when the gateway is lost.
fn conduits(m: &mut Markup, page: &Page, language: Language) {
    if page.conduits.is_empty() {
        return;
    }
    let title = |id: &str| {
        page.zones.iter().find(|zone| zone.id == id).map_or_else(|| id.to_owned(), |zone| zone.title.clone())
    };
    m.with("details", &[("class", "how")], |m| {
        m.leaf("summary", &[], language.pick("All conduits as a list", "Alle Conduits als Liste"));
        m.with("ul", &[], |m| {
            for conduit in &page.conduits {
                let [a, b] = &conduit.between;
                m.with("li", &[], |m| {
                    m.leaf("b", &[], &conduit.id);
                    if conduit.title != conduit.id {
                        m.text(&format!(" {}", conduit.title));
                    }
                    m.text(&format!(": {} ↔ {}", title(a), title(b)));
                    if !conduit.on_loss.is_empty() {
                        m.text(&format!("; {}", conduit.on_loss));
                    }
                });
            }
        });
    });
}

/// Every device with its full name, for those who cannot use the drawing.
fn devices(m: &mut Markup, page: &Page, language: Language) {
    m.with("details", &[("class", "how devices")], |m| {
        m.leaf("summary", &[], language.pick("All devices as a list", "Alle Geräte als Liste"));
        for at in crate::map::order(&page.zones) {
            let Some(zone) = page.zones.get(at) else { continue };
            m.leaf("h3", &[], &zone.title);
            m.with("ul", &[], |m| {
                for asset in &zone.assets {
                    m.with("li", &[], |m| {
                        m.leaf("b", &[], &asset.title);
                        m.text(&format!(" · {}", crate::map::kind_words(&asset.kind, language)));
                        if !asset.address.is_empty() && asset.address != asset.title {
                            m.text(&format!(" · {}", asset.address));
                        }
                    });
                }
            });
        }
    });
}
