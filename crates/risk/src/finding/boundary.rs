//! Boundaries: separation, ways around the gateway, what stands on the wrong side.

use std::collections::BTreeSet;

use super::{Rules, Severity, names};
use crate::both::Both;
use crate::effect::protects;
use crate::knowledge::Class;

pub(super) fn find(rules: &mut Rules<'_, '_>) {
    wrong_zone(rules);
    not_separated(rules);
    second_cards(rules);
    around(rules);
    stricter(rules);
}

/// A fail-safe controller in a zone without protective functions.
fn wrong_zone(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for device in &view.devices {
        if device.asset.function.contains_key("safety") {
            continue;
        }
        let Some(sign) = plant::fail_safe(&device.asset.product) else { continue };
        let zone = &device.asset.zone;
        let guards = view.area_of.get(zone).and_then(|at| view.area(*at)).is_some_and(|area| {
            let mut others = area.devices.iter().filter_map(|at| view.device(*at));
            area.zone.outside || others.any(|other| protects(other.asset, other.class))
        });
        if guards {
            continue;
        }
        let name = device.asset.name();
        let text = Both::new(
            format!(
                "{name}: the order number or name `{sign}` says fail-safe controller, but it stands in zone `{zone}`, which protects no safety function"
            ),
            format!(
                "{name}: Bestellnummer oder Name `{sign}` sagt fehlersichere Steuerung, sie steht aber in Zone `{zone}`, die keine Sicherheitsfunktion schützt"
            ),
        );
        let help = Both::new(
            "move it to the safety zone, or write `function = { safety = \"none\" }` if no safety function runs on it",
            "sie in die Sicherheitszone setzen oder `function = { safety = \"none\" }` schreiben, wenn keine Sicherheitsfunktion darauf läuft",
        );
        let id = device.asset.id.to_string();
        let place = Some(device.asset.place.clone());
        rules.add(("RW1401", Severity::Critical), vec![id], place, (text, help), &["SR 5.1", "SR 5.2"]);
    }
}

/// Until somebody shows that zones are networks of their own, they are one.
fn not_separated(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let inside: Vec<_> =
        view.areas.iter().filter(|area| !area.zone.outside && !area.zone.legs.is_empty()).collect();
    let open: Vec<_> = inside.iter().filter(|area| !area.separated).collect();
    let Some(first) = open.first().filter(|_| inside.len() > 1) else { return };
    let said = names(&open.iter().map(|area| format!("`{}`", area.zone.id)).collect::<Vec<_>>());
    let switches = view.devices.iter().filter(|device| device.class == Class::Network).count();
    let text = Both::new(
        format!(
            "zones {}: nobody has attested or observed that they are separate networks ({switches} {} described): on a shared network every boundary can be walked around, and the achieved level of RDF is 0",
            said.english,
            if switches == 1 { "switch is" } else { "switches are" }
        ),
        format!(
            "Zonen {}: niemand hat bestätigt oder beobachtet, dass sie getrennte Netze sind ({switches} {} beschrieben): in einem gemeinsamen Netz lässt sich jede Grenze umgehen, und das erreichte Level von RDF ist 0",
            said.german,
            if switches == 1 { "Switch ist" } else { "Switches sind" }
        ),
    );
    let help = Both::new(
        "give each zone a switch or VLAN of its own and attest SR 5.1 for it in decisions.toml",
        "jeder Zone einen eigenen Switch oder ein eigenes VLAN geben und SR 5.1 dafür in decisions.toml bestätigen",
    );
    let subjects = open.iter().map(|area| area.zone.id.to_string()).collect();
    let place = Some(first.zone.place.clone());
    // Where a product will stand is for its owner to show.
    let severity = if rules.product { Severity::Warning } else { Severity::Critical };
    rules.add(("RW1402", severity), subjects, place, (text, help), &["SR 5.1", "SR 5.1 RE 1"]);
}

/// A device with a card in another zone.
fn second_cards(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for device in view.devices.iter().filter(|device| !device.bridges.is_empty()) {
        let name = device.asset.name();
        let others = names(&device.bridges.iter().map(|zone| format!("`{zone}`")).collect::<Vec<_>>());
        let zone = &device.asset.zone;
        let text = Both::new(
            format!(
                "{name}: stands in zone `{zone}` and has a card in {}: it bypasses the gateway",
                others.english
            ),
            format!(
                "{name}: steht in Zone `{zone}` und hat eine Karte in {}: es umgeht das Gateway",
                others.german
            ),
        );
        let help = Both::new(
            "remove the second card and let the traffic pass the gateway as a flow",
            "die zweite Karte entfernen und den Verkehr als Fluss über das Gateway führen",
        );
        let id = device.asset.id.to_string();
        let place = Some(device.asset.place.clone());
        rules.add(
            ("RW1411", Severity::Critical),
            vec![id],
            place,
            (text, help),
            &["SR 5.1", "SR 5.2", "SR 5.2 RE 1"],
        );
    }
}

/// Sticks, sockets and radio pass no gateway.
fn around(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let inside = |device: &&crate::view::Device<'_>| {
        view.area_of.get(&device.asset.zone).is_some_and(|zone| !view.outside(*zone))
    };
    let kinds: [(&str, &str, Vec<_>, &[&str]); 3] = [
        (
            "sticks and files brought along pass no gateway",
            "Datenträger und mitgebrachte Dateien passieren kein Gateway",
            view.devices
                .iter()
                .filter(|device| {
                    device.class == Class::Media
                        || device.asset.marks.iter().any(|mark| mark == "removable-media")
                })
                .filter(inside)
                .collect(),
            &["SR 2.3", "SR 3.2", "SR 3.2 RE 1"],
        ),
        (
            "whoever plugs in here is behind the gateway",
            "wer hier einsteckt, ist hinter dem Gateway",
            view.devices.iter().filter(|device| device.class == Class::Socket).filter(inside).collect(),
            &["SR 1.2", "SR 2.3"],
        ),
        (
            "radio reaches past the cabinet and passes no gateway",
            "Funk reicht über den Schrank hinaus und passiert kein Gateway",
            view.devices
                .iter()
                .filter(|device| device.asset.marks.iter().any(|mark| mark == "wireless"))
                .filter(inside)
                .collect(),
            &["SR 1.6", "SR 2.2"],
        ),
    ];
    for (english, german, devices, requirements) in kinds {
        let Some(first) = devices.first() else { continue };
        let said = names(&devices.iter().map(|device| device.asset.name()).collect::<Vec<_>>());
        let text = Both::new(
            format!("{}: {english}: not enforced, a physical measure is needed", said.english),
            format!("{}: {german}: nicht erzwungen, es braucht eine Maßnahme vor Ort", said.german),
        );
        let help = Both::new(
            "close or lock it, bring files in through a scan station, and attest it",
            "schließen oder verschließen, Dateien über eine Schleuse einbringen, und es bestätigen",
        );
        let subjects = devices.iter().map(|device| device.asset.id.to_string()).collect();
        let place = Some(first.asset.place.clone());
        rules.add(("RW1412", Severity::Warning), subjects, place, (text, help), requirements);
    }
}

/// A conduit may have to be stricter than both its zones.
fn stricter(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for conduit in view.plant.conduits.values() {
        let Some(target) = rules.conduits.get(&conduit.id) else { continue };
        let sides: Vec<_> = conduit.between.iter().filter_map(|zone| rules.zones.get(zone)).collect();
        let groups: BTreeSet<usize> = (0..target.reasons.len())
            .filter(|at| {
                let level = target.reasons.get(*at).map_or(0, |reason| reason.level);
                let side =
                    sides.iter().filter_map(|side| side.reasons.get(*at)).map(|reason| reason.level).max();
                side.is_some_and(|side| side < level)
            })
            .collect();
        let Some(reason) = groups.first().and_then(|at| target.reasons.get(*at)) else { continue };
        let (id, group, level) = (&conduit.id, reason.fr.abbr(), reason.level);
        let text = Both::new(
            format!("{id}: needs {group} {level}, more than either of its zones: {}", reason.why.english),
            format!("{id}: braucht {group} {level}, mehr als jede seiner Zonen: {}", reason.why.german),
        );
        let help = Both::new(
            "keep the conduit's own level; from level 3 people from an untrusted network need a second factor",
            "das eigene Level des Conduits beibehalten; ab Level 3 brauchen Menschen aus einem nicht vertrauenswürdigen Netz einen zweiten Faktor",
        );
        let place = Some(conduit.place.clone());
        rules.add(
            ("RW1410", Severity::Note),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 1.1 RE 2", "SR 1.13"],
        );
    }
}
