//! Who answers for what: two owners, roles nobody has, declared levels that differ.

use super::{Rules, Severity};
use crate::both::Both;
use crate::knowledge::Role;
use standard::Fr;
use words::Language;

pub(super) fn find(rules: &mut Rules<'_, '_>) {
    two_owners(rules);
    nobody(rules);
    declared(rules);
    derivations(rules);
}

/// A conduit between zones of two owners.
fn two_owners(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for conduit in view.plant.conduits.values() {
        let owners: Vec<&str> = conduit
            .between
            .iter()
            .filter_map(|zone| view.plant.zones.get(zone))
            .filter_map(|zone| zone.owner.as_deref())
            .collect();
        let [one, other] = owners.as_slice() else { continue };
        if one == other {
            continue;
        }
        let id = &conduit.id;
        let text = Both::new(
            format!(
                "{id}: joins zones of two owners ({one}, {other}): each of its flows needs the approval of both"
            ),
            format!(
                "{id}: verbindet Zonen zweier Eigentümer ({one}, {other}): jeder seiner Flüsse braucht die Zustimmung beider"
            ),
        );
        let help = Both::new(
            "let both owners sign what may pass",
            "beide Eigentümer unterschreiben lassen, was durch darf",
        );
        let place = Some(conduit.place.clone());
        rules.add(
            ("RW1413", Severity::Note),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 5.2", "ZCR 7.1"],
        );
    }
}

/// Roles requirements fall to and nobody is named for.
fn nobody(rules: &mut Rules<'_, '_>) {
    let plant = rules.view.plant;
    let roles = [
        (Role::AssetOwner, &plant.owner, "owner"),
        (Role::IntegrationProvider, &plant.integrator, "integrator"),
        (Role::MaintenanceProvider, &plant.maintainer, "maintainer"),
    ];
    let missing: Vec<_> = roles.iter().filter(|(_, name, _)| name.is_none()).collect();
    if missing.is_empty() {
        return;
    }
    let list = |language: Language| {
        let names: Vec<&str> = missing.iter().map(|(role, ..)| role.title(language)).collect();
        words::and_list(&names, language)
    };
    let keys: Vec<String> = missing.iter().map(|(_, _, key)| format!("`{key}`")).collect();
    let id = if plant.id.is_empty() { "plant" } else { &plant.id };
    let text = Both::new(
        format!(
            "{id}: nobody is named as {}, and requirements fall to that role: a joint nobody owns",
            list(Language::English)
        ),
        format!(
            "{id}: niemand ist als {} genannt, und Anforderungen fallen dieser Rolle zu: eine Fuge ohne Eigentümer",
            list(Language::German)
        ),
    );
    let help = Both::new(
        format!("name them in `[plant]`: {}", words::and_list(&keys, Language::English)),
        format!("sie in `[plant]` nennen: {}", words::and_list(&keys, Language::German)),
    );
    rules.add(("RW1417", Severity::Warning), vec![id.to_owned()], None, (text, help), &["ZCR 6.1"]);
}

/// Levels somebody wants that are not the ones the risk asks for.
fn declared(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let zones = view.plant.zones.values().filter_map(|zone| {
        Some((zone.id.to_string(), zone.declared?, rules.zones.get(&zone.id)?, zone.place.clone()))
    });
    let conduits = view.plant.conduits.values().filter_map(|conduit| {
        Some((
            conduit.id.to_string(),
            conduit.declared?,
            rules.conduits.get(&conduit.id)?,
            conduit.place.clone(),
        ))
    });
    let all: Vec<_> = zones.chain(conduits).collect();
    for (id, declared, target, place) in all {
        let differing: Vec<(Fr, u8, u8)> = target
            .reasons
            .iter()
            .zip(declared.0)
            .filter(|(reason, declared)| reason.level != *declared)
            .map(|(reason, declared)| (reason.fr, declared, reason.level))
            .collect();
        if differing.is_empty() {
            continue;
        }
        let list = |language: Language| {
            let each: Vec<String> = differing
                .iter()
                .map(|(fr, declared, level)| {
                    let (fr, level_word) = (fr.abbr(), language.pick("derived", "abgeleitet"));
                    format!("{fr} {declared} ({level_word} {level})")
                })
                .collect();
            words::and_list(&each, language)
        };
        let lower = differing.iter().any(|(_, declared, level)| declared < level);
        let text = Both::new(
            format!("{id}: declared levels differ from what the risk asks for: {}", list(Language::English)),
            format!(
                "{id}: die angegebenen Level weichen von dem ab, was das Risiko verlangt: {}",
                list(Language::German)
            ),
        );
        let help = Both::new(
            "take the derived level, or let whoever owns the zone decide otherwise, with a reason and an end",
            "das abgeleitete Level übernehmen oder den Eigentümer mit Grund und Frist anders entscheiden lassen",
        );
        let severity = if lower { Severity::Warning } else { Severity::Note };
        rules.add(("RW1414", severity), vec![id], Some(place), (text, help), &["ZCR 5.6"]);
    }
}

/// Levels the two derivations disagree about.
fn derivations(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let zones = view.plant.zones.values();
    let zones =
        zones.filter_map(|zone| Some((zone.id.to_string(), rules.zones.get(&zone.id)?, zone.place.clone())));
    let conduits = view.plant.conduits.values();
    let conduits = conduits.filter_map(|conduit| {
        Some((conduit.id.to_string(), rules.conduits.get(&conduit.id)?, conduit.place.clone()))
    });
    let all: Vec<_> = zones.chain(conduits).collect();
    for (id, target, place) in all {
        let differing: Vec<String> = target
            .reasons
            .iter()
            .filter(|reason| reason.level != reason.cross_check)
            .map(|reason| format!("{} {}/{}", reason.fr.abbr(), reason.level, reason.cross_check))
            .collect();
        if differing.is_empty() {
            continue;
        }
        let list = |language: Language| words::and_list(&differing, language);
        let text = Both::new(
            format!(
                "{id}: the two ways to derive a level disagree (method/cross-check): {}",
                list(Language::English)
            ),
            format!(
                "{id}: die zwei Wege zu einem Level sind uneins (Methode/Gegenprobe): {}",
                list(Language::German)
            ),
        );
        let help = Both::new(
            "the project's method counts; look at the scenario behind each, and write an `[[override]]` where it is wrong",
            "es zählt die Methode des Projekts; das Szenario dahinter ansehen und ein `[[override]]` schreiben, wo sie falsch liegt",
        );
        rules.add(("RW1423", Severity::Note), vec![id], Some(place), (text, help), &["ZCR 5.5", "ZCR 5.6"]);
    }
}
