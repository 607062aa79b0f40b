//! A machine as product: what changes with every customer and every contract.

use plant::Peer;

use super::{Rules, Severity};
use crate::both::Both;
use crate::effect::EffectKind;
use crate::knowledge::Class;
use crate::view::may_change;

pub(super) fn find(rules: &mut Rules<'_, '_>) {
    through_another(rules);
    written_from_outside(rules);
    if rules.product {
        many_machines(rules);
        papers(rules);
    }
}

/// Every machine of a type has the same addresses.
fn many_machines(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let inside: Vec<_> = view
        .areas
        .iter()
        .filter(|area| !area.zone.outside && !area.zone.untrusted)
        .flat_map(|area| area.zone.legs.iter().map(move |leg| (area.zone, leg)))
        .collect();
    let Some((zone, leg)) = inside.first() else { return };
    let networks: Vec<String> = leg.networks.iter().map(ToString::to_string).collect();
    let network = networks.join(", ");
    let id = zone.id.to_string();
    let text = Both::new(
        format!(
            "{id}: {network} is the same in every machine of the type: a device is known by the machine's serial number and its address together"
        ),
        format!(
            "{id}: {network} ist in jeder Maschine des Typs gleich: ein Gerät kennt man an Seriennummer der Maschine und Adresse zusammen"
        ),
    );
    let help = Both::new(
        "give each machine an overlay of its own, made from the serial number by a tool and not kept by hand",
        "jeder Maschine ein eigenes Overlay geben, aus der Seriennummer erzeugt und nicht von Hand gepflegt",
    );
    let place = Some(zone.place.clone());
    rules.add(
        ("RW1420", Severity::Warning),
        vec![id.clone()],
        place.clone(),
        (text, help),
        &["SR 7.8", "SR 1.2"],
    );
    let text = Both::new(
        format!("{id}: {network} may be in use already where the machine is installed"),
        format!("{id}: {network} kann dort, wo die Maschine aufgestellt wird, schon vergeben sein"),
    );
    let help = Both::new(
        "reach it by translated addresses only (`[[nat]]`), another overlay per customer, one model",
        "sie nur über umgesetzte Adressen erreichen (`[[nat]]`), je Kunde ein anderes Overlay, ein Modell",
    );
    rules.add(("RW1421", Severity::Note), vec![id], place, (text, help), &["SR 5.1"]);
}

/// What goes with every serial number.
fn papers(rules: &mut Rules<'_, '_>) {
    let plant = rules.view.plant;
    let id = plant.id.clone();
    let text = Both::new(
        format!(
            "{id}: each serial number needs its papers: manual with the assumed context, ports and accounts, declaration of SL-C, list of software, contact for weaknesses, end of support, checklist for the customer"
        ),
        format!(
            "{id}: zu jeder Seriennummer gehören Papiere: Handbuch mit angenommener Umgebung, Ports und Konten, Erklärung der SL-C, Softwareliste, Kontakt für Schwachstellen, Ende der Unterstützung, Checkliste für den Kunden"
        ),
    );
    let help = Both::new(
        "have them made from the plant text of each machine, and keep them with it",
        "sie aus dem Anlagentext jeder Maschine erzeugen und dabei aufbewahren",
    );
    rules.add(("RW1422", Severity::Note), vec![id], None, (text, help), &["SR 7.8", "ZCR 6.1"]);
}

/// Safety logic without an address is reached through whatever programs it.
fn through_another(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let hidden = view.devices.iter().find(|device| {
        device.effects.contains_key(&EffectKind::Safety)
            && device.asset.interfaces.iter().all(|interface| interface.addresses.is_empty())
    });
    let Some(hidden) = hidden else { return };
    for (flow, _) in &view.flows {
        let strange = view.hops(flow).iter().any(|(from, _)| view.untrusted(*from) || view.outside(*from));
        let limited = flow.limited();
        let controller = flow.to.iter().find_map(|peer| match peer {
            Peer::Asset(id) => view.by_id(id).filter(|device| device.class == Class::Controller),
            _ => None,
        });
        let Some(controller) = controller.filter(|_| strange && !limited) else { continue };
        let (id, name, safety) = (&flow.id, controller.asset.name(), hidden.asset.name());
        let text = Both::new(
            format!(
                "{id}: reaches {name} without limits, through which {safety} is programmed: a remote session reaches safety engineering"
            ),
            format!(
                "{id}: erreicht {name} ohne Grenzen, über die {safety} programmiert wird: eine Fernsitzung erreicht das Safety-Engineering"
            ),
        );
        let help = Both::new(
            "make safety engineering a permission of its own, with a person at the machine and a record of the intervention",
            "Safety-Engineering zu einer eigenen Berechtigung machen, mit einer Person an der Maschine und einem Nachweis des Eingriffs",
        );
        let place = Some(flow.place.clone());
        rules.add(
            ("RW1418", Severity::Warning),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 2.1", "SR 2.1 RE 4"],
        );
    }
}

/// Somebody outside may write into a controller.
fn written_from_outside(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for (flow, _) in &view.flows {
        let outside = view.hops(flow).iter().any(|(from, to)| view.outside(*from) && !view.outside(*to));
        let writes = may_change(flow);
        let target = flow.to.iter().find_map(|peer| match peer {
            Peer::Asset(id) => {
                view.by_id(id).filter(|device| matches!(device.class, Class::Controller | Class::Machine))
            }
            _ => None,
        });
        let Some(target) = target.filter(|_| outside && (writes || rules.product)) else { continue };
        let (id, name) = (&flow.id, target.asset.name());
        let place = Some(flow.place.clone());
        if !writes {
            let text = Both::new(
                format!(
                    "{id}: somebody outside may read from {name}; with writing permitted it would be another variant of the product, with a risk and a declaration of its own"
                ),
                format!(
                    "{id}: jemand außerhalb darf von {name} lesen; mit erlaubtem Schreiben wäre es eine andere Variante des Produkts mit eigenem Risiko und eigener Erklärung"
                ),
            );
            let help = Both::new(
                "keep the variants apart as plants of their own",
                "die Varianten als eigene Anlagen auseinanderhalten",
            );
            rules.add(
                ("RW1419", Severity::Note),
                vec![id.to_string()],
                place,
                (text, help),
                &["SR 2.1", "SR 5.2"],
            );
            continue;
        }
        let text = Both::new(
            format!(
                "{id}: somebody outside may steer {name}: that is another machine with another risk, and needs a declaration of its own"
            ),
            format!(
                "{id}: jemand außerhalb darf {name} steuern: das ist eine andere Maschine mit anderem Risiko und braucht eine eigene Erklärung"
            ),
        );
        let help = Both::new(
            "permit reading only, or assess this variant as a product of its own",
            "nur Lesen erlauben oder diese Variante als eigenes Produkt bewerten",
        );
        rules.add(
            ("RW1419", Severity::Warning),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 2.1", "SR 5.2"],
        );
    }
}
