//! What matters most: what stands between the outside and the zone with most to lose.

use words::{Language, and_list, plural};

use crate::map::Tier;
use crate::markup::Markup;
use crate::model::{Page, Zone};
use crate::sections::parts::{flow_link, guard, mark, section};
use crate::sections::tiles;
use crate::way::{Crossing, Way, innermost, sources, way};

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    let target = innermost(page).and_then(|at| page.zones.get(at));
    let sources: Vec<&Zone> = sources(page).into_iter().filter_map(|at| page.zones.get(at)).collect();
    let title = match (sources.first(), target) {
        (Some(source), Some(target)) => language.pick(
            format!("What stands between {} and {}?", source.title, target.title),
            format!("Was steht zwischen {} und {}?", source.title, target.title),
        ),
        _ => language.pick("In short", "Kurz gesagt").to_owned(),
    };
    section(m, "way", &title, "", |m| {
        match target {
            Some(target) if !sources.is_empty() => {
                let lead = language.pick(
                    "Somebody who holds a device in one zone can use every connection its devices may open. This is how \
                     far that gets, connection by connection. What a server outside answers to somebody inside who asked \
                     is not counted here.",
                    "Wer ein Gerät in einer Zone in der Hand hat, kann jede Verbindung nutzen, die von dort aufgebaut \
                     werden darf. So weit kommt man damit, Verbindung für Verbindung. Was ein Server draußen auf eine \
                     Anfrage von innen antwortet, ist hier nicht mitgezählt.",
                );
                m.leaf("p", &[("class", "lead")], lead);
                m.with("div", &[("class", "ways")], |m| {
                    for source in &sources {
                        one(m, page, source, target, language);
                    }
                });
            }
            _ => m.leaf(
                "p",
                &[("class", "lead")],
                language.pick(
                    "The text names no zone outside and none that is exposed, so there is no way inwards to show.",
                    "Der Text nennt keine Zone außerhalb und keine exponierte; es gibt keinen Weg nach innen zu zeigen.",
                ),
            ),
        }
        tiles::write(m, page, language);
    });
}

fn name<'a>(page: &'a Page, zone: &'a str) -> &'a str {
    page.zones.iter().find(|entry| entry.id == zone).map_or(zone, |entry| entry.title.as_str())
}

fn one(m: &mut Markup, page: &Page, source: &Zone, target: &Zone, language: Language) {
    let way = way(page, &source.id, &target.id);
    m.with("article", &[("class", "way")], |m| {
        m.leaf("h3", &[], &language.pick(format!("From {}", source.title), format!("Von {}", source.title)));
        m.leaf("p", &[("class", "answer")], &answer(page, &way, target, language));
        m.with("ol", &[("class", "ladder")], |m| {
            m.with("li", &[("class", "stop")], |m| m.leaf("span", &[], &source.title));
            if way.crossings.is_empty() {
                m.with("li", &[("class", "crossing shut")], |m| {
                    mark(m, "good", "■", language.pick("no way inwards", "kein Weg nach innen"));
                    m.leaf("p", &[], &shut(page, source, &way, language));
                });
            }
            for (at, crossing) in way.crossings.iter().enumerate() {
                step(m, page, crossing, language);
                if at + 1 < way.crossings.len() {
                    m.with("li", &[("class", "stop")], |m| m.leaf("span", &[], name(page, crossing.to)));
                }
            }
            m.with("li", &[("class", "stop end")], |m| m.leaf("span", &[], &target.title));
        });
    });
}

fn answer(page: &Page, way: &Way<'_>, target: &Zone, language: Language) -> String {
    let what = match Tier::of(target) {
        Tier::Safety => language.pick("the safety devices", "zu den Sicherheitsgeräten"),
        _ => language.pick("the innermost zone", "zur innersten Zone"),
    };
    if way.crossings.is_empty() {
        return language.pick(
            format!("No chain of permitted connections leads from here to {what}."),
            format!("Keine Kette erlaubter Verbindungen führt von hier {what}."),
        );
    }
    let crossings = plural(
        way.crossings.len() as u64,
        language.pick("crossing", "Übergang"),
        language.pick("crossings", "Übergänge"),
        language,
    );
    let direct = way.crossings.len() == 1;
    let approved: Vec<String> = way
        .crossings
        .iter()
        .filter(|crossing| crossing.flows.iter().all(|flow| flow.approval))
        .map(|crossing| name(page, crossing.to).to_owned())
        .collect();
    let mut text = if direct {
        language.pick(
            format!("A permitted connection leads from here straight to {what}."),
            format!("Eine erlaubte Verbindung führt von hier direkt {what}."),
        )
    } else {
        language.pick(
            format!("A chain over {crossings} of the gateway leads to {what}: a device in between has to be taken over first."),
            format!("Eine Kette über {crossings} des Gateways führt {what}: ein Gerät dazwischen muss erst übernommen werden."),
        )
    };
    if !approved.is_empty() {
        let zones = and_list(&approved, language);
        text.push_str(&language.pick(
            format!(" The step to {zones} needs a person's approval each time."),
            format!(" Der Schritt nach {zones} braucht jedes Mal die Freigabe eines Menschen."),
        ));
    }
    text
}

/// Why there is no chain: what is opened from here at all.
fn shut(page: &Page, source: &Zone, way: &Way<'_>, language: Language) -> String {
    if way.reached.is_empty() {
        let inside = page
            .flows
            .iter()
            .filter(|flow| flow.hops.iter().any(|hop| hop.to.zone == source.id && hop.from.zone != source.id))
            .count();
        let others = match inside {
            0 => String::new(),
            count => language.pick(
                format!(
                    " {} from inside to here; only answers to them come back.",
                    plural(count as u64, "connection leads", "connections lead", language)
                ),
                format!(
                    " {} von innen hierher; zurück kommen nur Antworten darauf.",
                    plural(count as u64, "Verbindung führt", "Verbindungen führen", language)
                ),
            ),
        };
        return language.pick(
            format!(
                "The gateway lets nobody in {} open a connection to any other zone.{others}",
                source.title
            ),
            format!(
                "Das Gateway lässt niemanden in {} eine Verbindung in eine andere Zone aufbauen.{others}",
                source.title
            ),
        );
    }
    let reached: Vec<&str> = way.reached.iter().map(|zone| name(page, zone)).collect();
    language.pick(
        format!("From here one gets to {}, and no further.", and_list(&reached, language)),
        format!("Von hier kommt man bis {}, weiter nicht.", and_list(&reached, language)),
    )
}

fn step(m: &mut Markup, page: &Page, crossing: &Crossing<'_>, language: Language) {
    let conduit = page.conduits.iter().find(|conduit| {
        let [a, b] = &conduit.between;
        (a == crossing.from && b == crossing.to) || (b == crossing.from && a == crossing.to)
    });
    m.with("li", &[("class", "crossing")], |m| {
        m.with("p", &[("class", "crossing-name")], |m| {
            m.text(language.pick("Gateway", "Gateway"));
            if let Some(conduit) = conduit {
                m.text(&format!(" · {}", conduit.id));
            }
        });
        m.with("ul", &[], |m| {
            for flow in crossing.flows.iter().take(8) {
                m.with("li", &[], |m| {
                    flow_link(m, &flow.id);
                    m.text(&format!(" {} ", flow.services.join(", ")));
                    guard(m, flow.guard, language);
                    if flow.approval {
                        mark(m, "plain", "✎", language.pick("on approval", "mit Freigabe"));
                    }
                });
            }
            if crossing.flows.len() > 8 {
                let more = crossing.flows.len() - 8;
                m.leaf("li", &[], &language.pick(format!("and {more} more"), format!("und {more} weitere")));
            }
        });
    });
}
