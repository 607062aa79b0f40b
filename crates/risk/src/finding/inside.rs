//! What no gateway enforces: flows inside a zone and below IP; what safety devices need from elsewhere.

use std::collections::BTreeMap;

use plant::ids::AssetId;
use plant::{Peer, Treatment};

use super::{Rules, Severity, names};
use crate::both::Both;
use crate::effect::protects;

pub(super) fn find(rules: &mut Rules<'_, '_>) {
    never_enforced(rules);
    below_ip(rules);
    relay(rules);
}

/// Limited flows that never reach the gateway.
fn never_enforced(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for (flow, treatment) in &view.flows {
        let limited =
            flow.limited() || flow.condition.is_some() || flow.when.is_some() || !flow.approve.is_empty();
        let layer2 = flow.services.iter().all(protocols::Service::layer2);
        if *treatment != Treatment::NotEnforced || !limited || layer2 {
            continue;
        }
        let targets: Vec<String> = flow
            .to
            .iter()
            .filter_map(|peer| match peer {
                Peer::Asset(id) => view.by_id(id).map(|device| device.asset.name()),
                _ => None,
            })
            .collect();
        let targets = names(&targets);
        let Some(zone) = flow.to.first().and_then(|peer| view.zone_of(peer)).and_then(|zone| view.area(zone))
        else {
            continue;
        };
        let service = flow.services.first().map(protocols::Service::text).unwrap_or_default();
        let open =
            flow.services.iter().any(|service| service.protocol.authenticates == protocols::Secures::No);
        let (anybody, jeder) = if open {
            (
                format!("any host there can write to {} by {service}", targets.english),
                format!("jeder Rechner dort kann per {service} auf {} schreiben", targets.german),
            )
        } else {
            (
                format!("{} alone decides who may do what by {service}", targets.english),
                format!("allein {} entscheidet, wer per {service} was darf", targets.german),
            )
        };
        let (id, title) = (&flow.id, &zone.zone.title);
        let text = Both::new(
            format!(
                "{id}: stays inside zone {title} and never reaches the gateway, so its limits are not enforced: {anybody}"
            ),
            format!(
                "{id}: bleibt in Zone {title} und erreicht das Gateway nie, seine Grenzen werden also nicht erzwungen: {jeder}"
            ),
        );
        let help = Both::new(
            "isolate the ports of the switch or make a zone of its own; or accept it and have the zone monitored",
            "die Anschlüsse des Switches trennen oder eine eigene Zone bilden; oder es akzeptieren und die Zone überwachen",
        );
        let place = Some(flow.place.clone());
        rules.add(
            ("RW1404", Severity::Warning),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 2.1", "SR 5.2"],
        );
    }
}

/// Protocols below IP.
fn below_ip(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for (flow, _) in &view.flows {
        let words: Vec<String> = flow
            .services
            .iter()
            .filter(|service| service.layer2())
            .map(|service| service.protocol.name.to_owned())
            .collect();
        if words.is_empty() {
            continue;
        }
        let guards = flow.from.iter().chain(&flow.to).any(|peer| match peer {
            Peer::Asset(id) => view.by_id(id).is_some_and(|device| protects(device.asset, device.class)),
            _ => false,
        });
        let said = names(&words);
        let id = &flow.id;
        let crosses = !view.hops(flow).is_empty();
        let severity = match (crosses, guards) {
            (true, _) => Severity::Critical,
            (false, true) => Severity::Warning,
            (false, false) => Severity::Note,
        };
        let text = Both::new(
            format!(
                "{id}: {} runs below IP: no IP firewall can filter it, so it must stay inside its zone",
                said.english
            ),
            format!(
                "{id}: {} läuft unterhalb von IP: keine IP-Firewall kann es filtern, es muss also in seiner Zone bleiben",
                said.german
            ),
        );
        let help = Both::new(
            "keep its devices in one zone and wire signals between zones",
            "seine Geräte in einer Zone halten und Signale zwischen Zonen verdrahten",
        );
        let place = Some(flow.place.clone());
        rules.add(("RW1405", severity), vec![id.to_string()], place, (text, help), &["SR 5.1", "SR 5.2"]);
    }
}

/// Time and log of a safety zone.
fn relay(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let mut served: BTreeMap<&AssetId, Vec<&plant::Flow>> = BTreeMap::new();
    for (flow, _) in &view.flows {
        let serves = flow
            .services
            .iter()
            .any(|service| matches!(service.protocol.word, "ntp" | "nts" | "ptp" | "syslog" | "syslog-tls"));
        for peer in flow.from.iter().filter(|_| serves) {
            if let Peer::Asset(id) = peer {
                served.entry(id).or_default().push(flow);
            }
        }
    }
    for device in &view.devices {
        let logic = device.effects.contains_key(&crate::effect::EffectKind::Safety);
        if !logic || device.asset.interfaces.iter().all(|interface| interface.addresses.is_empty()) {
            continue;
        }
        let id = &device.asset.id;
        let own = served.get(id).map_or(&[][..], Vec::as_slice);
        let name = device.asset.name();
        let place = Some(device.asset.place.clone());
        let subjects = vec![id.to_string()];
        let direct: Vec<_> = own.iter().filter(|flow| !view.hops(flow).is_empty()).collect();
        let relayed = own.iter().find(|flow| flow.to.contains(&Peer::Gateway));
        let (severity, text, help) = match (direct.first(), relayed) {
            (Some(flow), _) => (
                Severity::Warning,
                Both::new(
                    format!(
                        "{name}: time and log leave the safety zone directly ({}): no direct way is needed, the gateway can relay both",
                        flow.id
                    ),
                    format!(
                        "{name}: Zeit und Protokoll verlassen die Sicherheitszone direkt ({}): das braucht keinen direkten Weg, das Gateway kann beides weiterreichen",
                        flow.id
                    ),
                ),
                Both::new(
                    "send both to `gateway` and let the gateway pass them on",
                    "beides an `gateway` senden und vom Gateway weiterreichen lassen",
                ),
            ),
            (None, Some(flow)) => (
                Severity::Note,
                Both::new(
                    format!(
                        "{name}: needs time and log and has no direct way to another zone for them: the gateway relays both ({})",
                        flow.id
                    ),
                    format!(
                        "{name}: braucht Zeit und Protokoll und hat dafür keinen direkten Weg in eine andere Zone: das Gateway reicht beides weiter ({})",
                        flow.id
                    ),
                ),
                Both::new(
                    "keep the relay; open no direct way",
                    "das Weiterreichen beibehalten; keinen direkten Weg öffnen",
                ),
            ),
            (None, None) => (
                Severity::Warning,
                Both::new(
                    format!("{name}: has no source of time and nowhere to send its log"),
                    format!("{name}: hat keine Zeitquelle und kein Ziel für sein Protokoll"),
                ),
                Both::new(
                    "add a flow for time and log to `gateway`, which relays both",
                    "einen Fluss für Zeit und Protokoll an `gateway` aufnehmen, das beides weiterreicht",
                ),
            ),
        };
        rules.add(("RW1406", severity), subjects, place, (text, help), &["SR 2.8", "SR 2.11", "SR 5.2"]);
    }
}
