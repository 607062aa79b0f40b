//! Who can get in: devices without authentication, services in clear text or for nothing, sessions, what was seen.

use std::collections::{BTreeMap, BTreeSet};

use plant::{JudgementKind, Peer, Treatment};
use protocols::{Secures, Service};

use super::{Rules, Severity, names};
use crate::both::Both;
use crate::knowledge::Class;
use crate::view::Device;

pub(super) fn find(rules: &mut Rules<'_, '_>) {
    cannot_authenticate(rules);
    clear_text(rules);
    seen(rules);
    sessions(rules);
    unused(rules);
}

/// Why a device is believed not to authenticate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weak {
    /// Its maker says so.
    Stated,
    /// A service of it cannot.
    Service(String),
    /// People operate it, and nobody says anything.
    Unstated,
}

/// Whether a device cannot tell who uses it, or nobody says that it can.
pub(crate) fn weak(device: &Device<'_>) -> Option<Weak> {
    let asset = device.asset;
    if asset.capability.is_some_and(|levels| levels.0.first() == Some(&0)) {
        return Some(Weak::Stated);
    }
    let offers =
        asset.services.iter().filter(|service| !service.layer2() && !service.protocol.transports.is_empty());
    let open: BTreeSet<&str> = offers
        .filter(|service| service.protocol.authenticates == Secures::No)
        .map(|service| service.protocol.name)
        .collect();
    if !open.is_empty() && !matches!(device.class, Class::Network | Class::Service) {
        return Some(Weak::Service(open.into_iter().collect::<Vec<_>>().join(", ")));
    }
    let operated = match device.class {
        Class::Panel => true,
        Class::Machine => asset.services.iter().any(|service| !service.layer2()),
        _ => false,
    };
    (operated && asset.capability.is_none()).then_some(Weak::Unstated)
}

fn cannot_authenticate(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let compensated: BTreeSet<&str> = view
        .holding(JudgementKind::Compensate)
        .filter(|judgement| {
            judgement.about.iter().any(|about| matches!(about.as_str(), "IAC" | "SR 1.1" | "CR 1.1"))
        })
        .flat_map(|judgement| &judgement.places)
        .map(String::as_str)
        .collect();
    let mut groups: BTreeMap<(bool, Weak, &str, &str, Class), Vec<&Device<'_>>> = BTreeMap::new();
    for device in &view.devices {
        let outside = view.area_of.get(&device.asset.zone).is_some_and(|zone| view.outside(*zone));
        if let Some(weak) = weak(device).filter(|_| !outside) {
            let held = [device.asset.id.as_str(), device.asset.zone.as_str()]
                .iter()
                .any(|id| compensated.contains(id));
            let key = (held, weak, device.asset.zone.as_str(), device.asset.kind.as_str(), device.class);
            groups.entry(key).or_default().push(device);
        }
    }
    for ((compensated, weak, ..), devices) in groups {
        let said = names(&devices.iter().map(|device| device.asset.name()).collect::<Vec<_>>());
        let ids: BTreeSet<&str> = devices.iter().map(|device| device.asset.id.as_str()).collect();
        let held: Vec<String> = view
            .flows
            .iter()
            .filter(|(flow, treatment)| {
                *treatment == Treatment::Inspected
                    && flow.to.iter().any(|peer| matches!(peer, Peer::Asset(id) if ids.contains(id.as_str())))
            })
            .map(|(flow, _)| flow.id.to_string())
            .collect();
        let severity = if compensated { Severity::Note } else { Severity::Warning };
        let (english, german) = match &weak {
            Weak::Stated => (
                "cannot authenticate anybody (its maker states level 0)".to_owned(),
                "kann niemanden anmelden (der Hersteller nennt Level 0)".to_owned(),
            ),
            Weak::Service(service) => (
                format!("{service} takes commands without asking who sends them"),
                format!("{service} nimmt Befehle an, ohne zu fragen, von wem sie kommen"),
            ),
            Weak::Unstated => (
                "nobody states that it can tell its users apart, and its service passwords may be the maker's".to_owned(),
                "niemand sagt, dass es seine Benutzer unterscheiden kann, und seine Service-Passwörter sind vielleicht die des Herstellers".to_owned(),
            ),
        };
        let (stands, steht) = if compensated {
            ("compensated for now, not met", "vorerst kompensiert, nicht erfüllt")
        } else {
            ("open", "offen")
        };
        let text = Both::new(
            format!("{}: {english}: authentication is {stands}", said.english),
            format!("{}: {german}: die Authentifizierung ist {steht}", said.german),
        );
        let help = if held.is_empty() {
            Both::new(
                "change default passwords, ask the maker for its level, let only named peers and commands reach it",
                "Standardpasswörter ändern, den Hersteller nach dem Level fragen, nur genannte Gegenstellen und Befehle zulassen",
            )
        } else {
            let flows = words::and_list(&held, words::Language::English);
            let flows_de = words::and_list(&held, words::Language::German);
            Both::new(
                format!(
                    "replace it or compensate: {flows} lets only permitted commands pass, which never closes the row of authentication"
                ),
                format!(
                    "ersetzen oder kompensieren: {flows_de} lässt nur erlaubte Befehle durch, was die Zeile der Authentifizierung nie schließt"
                ),
            )
        };
        let subjects = devices.iter().map(|device| device.asset.id.to_string()).collect();
        let place = devices.first().map(|device| device.asset.place.clone());
        rules.add(
            ("RW1403", severity),
            subjects,
            place,
            (text, help),
            &["SR 1.1", "SR 1.2", "CR 1.1", "CR 1.2"],
        );
    }
}

/// Services whose log-in can be read along.
fn clear_text(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for device in &view.devices {
        let bad: Vec<String> = device
            .asset
            .services
            .iter()
            .filter(|service| matches!(service.protocol.word, "telnet" | "vnc" | "tftp"))
            .map(|service| service.protocol.name.to_owned())
            .collect();
        if bad.is_empty() {
            continue;
        }
        let said = names(&bad);
        let name = device.asset.name();
        let text = Both::new(
            format!("{name}: offers {}, whose log-in anybody on the network can read along", said.english),
            format!("{name}: bietet {} an, dessen Anmeldung jeder im Netz mitlesen kann", said.german),
        );
        let help = Both::new(
            "switch it off or replace it by an encrypted service",
            "abschalten oder durch einen verschlüsselten Dienst ersetzen",
        );
        let place = Some(device.asset.place.clone());
        let id = device.asset.id.to_string();
        rules.add(
            ("RW1408", Severity::Warning),
            vec![id],
            place,
            (text, help),
            &["SR 4.1", "SR 7.7", "SR 1.5"],
        );
    }
}

/// Services seen open that the plant does not have.
fn seen(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for (id, service) in &view.input.observations.services {
        let Some(device) = view.by_id(id) else { continue };
        let known =
            |own: &Service| service.transports.iter().all(|transport| own.transports.contains(transport));
        if device.asset.services.iter().any(known) {
            continue;
        }
        let name = device.asset.name();
        let zone = &device.asset.zone;
        let text = Both::new(
            format!(
                "{name}: {} is open and stands in no plant text: the assessment of zone `{zone}` and its conduits is open again",
                service.text()
            ),
            format!(
                "{name}: {} ist offen und steht in keinem Anlagentext: die Bewertung von Zone `{zone}` und ihrer Conduits ist wieder offen",
                service.text()
            ),
        );
        let help = Both::new(
            "close the service, or add it to the device and assess again",
            "den Dienst schließen oder beim Gerät aufnehmen und neu bewerten",
        );
        let place = Some(device.asset.place.clone());
        rules.add(
            ("RW1407", Severity::Critical),
            vec![id.to_string()],
            place,
            (text, help),
            &["SR 7.7", "SR 7.6", "SR 6.2"],
        );
    }
}

/// Sessions from an untrusted zone without approval or second factor.
fn sessions(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    for (flow, _) in &view.flows {
        // A customer's or an office's machine is no visitor: what it may do is a matter of its flow.
        let visits = |from| view.untrusted(from) && !view.outside(from);
        let enters = view.hops(flow).iter().any(|(from, to)| visits(*from) && !view.untrusted(*to));
        if !enters {
            continue;
        }
        let place = Some(flow.place.clone());
        let id = &flow.id;
        if flow.approve.is_empty() {
            let text = Both::new(
                format!("{id}: comes from an untrusted zone and nobody has to approve it"),
                format!("{id}: kommt aus einer nicht vertrauenswürdigen Zone, und niemand muss es freigeben"),
            );
            let help = Both::new(
                "make it a `[[remote]]` session with `approve` and `longest`",
                "eine `[[remote]]`-Sitzung mit `approve` und `longest` daraus machen",
            );
            rules.add(
                ("RW1415", Severity::Critical),
                vec![id.to_string()],
                place.clone(),
                (text, help),
                &["SR 1.13", "SR 1.13 RE 1", "SR 2.6"],
            );
        }
        if !flow.remote.as_ref().is_some_and(|remote| remote.second_factor) {
            let text = Both::new(
                format!(
                    "{id}: comes from an untrusted zone without a second factor: a stolen password is enough"
                ),
                format!(
                    "{id}: kommt ohne zweiten Faktor aus einer nicht vertrauenswürdigen Zone: ein gestohlenes Passwort genügt"
                ),
            );
            let help = Both::new("write `factor = \"second\"`", "`factor = \"second\"` schreiben");
            rules.add(
                ("RW1416", Severity::Critical),
                vec![id.to_string()],
                place,
                (text, help),
                &["SR 1.1 RE 2", "SR 1.13"],
            );
        }
    }
}

/// Services for people and files that no flow needs.
fn unused(rules: &mut Rules<'_, '_>) {
    let view = rules.view;
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (flow, _) in &view.flows {
        let via = flow.remote.as_ref().and_then(|remote| remote.via.as_ref());
        let reached = flow.to.iter().filter_map(|peer| match peer {
            Peer::Asset(id) => Some(id),
            _ => None,
        });
        {
            for id in reached.chain(via) {
                used.extend(flow.services.iter().map(|service| (id.as_str(), service.protocol.word)));
            }
        }
    }
    let mut idle: Vec<(&Device<'_>, String)> = Vec::new();
    for device in &view.devices {
        let outside = view.area_of.get(&device.asset.zone).is_some_and(|zone| view.outside(*zone));
        let list: Vec<&str> = device
            .asset
            .services
            .iter()
            .map(|service| service.protocol.word)
            .filter(|word| {
                matches!(
                    *word,
                    "smb" | "rdp" | "vnc" | "telnet" | "ftp" | "tftp" | "msrpc" | "http" | "mssql"
                )
            })
            .filter(|word| !used.contains(&(device.asset.id.as_str(), *word)))
            .collect();
        if !list.is_empty() && !outside {
            idle.push((device, list.join(", ")));
        }
    }
    let Some((first, _)) = idle.first() else { return };
    let said = names(
        &idle.iter().map(|(device, list)| format!("{} ({list})", device.asset.name())).collect::<Vec<_>>(),
    );
    let text = Both::new(
        format!(
            "{}: offers services no flow needs: each is one more way in from inside its zone",
            said.english
        ),
        format!(
            "{}: bietet Dienste an, die kein Fluss braucht: jeder ist ein Weg mehr hinein aus der eigenen Zone",
            said.german
        ),
    );
    let help = Both::new(
        "switch them off; what must stay goes into the manual as a hardening item",
        "abschalten; was bleiben muss, kommt als Härtungspunkt ins Handbuch",
    );
    let place = Some(first.asset.place.clone());
    let subjects = idle.iter().map(|(device, _)| device.asset.id.to_string()).collect();
    rules.add(("RW1409", Severity::Note), subjects, place, (text, help), &["SR 7.7"]);
}
