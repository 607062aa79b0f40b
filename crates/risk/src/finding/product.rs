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
        let Some(target) = target.filter(|_| outside && writes) else { continue };
        let (id, name) = (&flow.id, target.asset.name());
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
        let place = Some(flow.place.clone());
        rules.add(
            ("RW1419", Severity::Warning),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 2.1", "SR 5.2"],
        );
    }
}
