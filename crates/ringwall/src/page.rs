//! What the page shows of a plant: the plant, its policy at a moment and its log, in words.

mod evidence;
mod flows;
mod levels;
mod sentences;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pages::model::{Asset, Case, Conduit, Page, Zone};
use plant::{OnGatewayLoss, Peer, Plant, SourceFile};
use policy::Policy;
use words::Language;

use crate::believed::Believed;

#[cfg(target_os = "linux")]
pub use evidence::fresh;

/// The parts a page is made of.
pub struct Parts<'a> {
    /// The plant.
    pub plant: &'a Plant,
    /// The texts it was read from.
    pub sources: &'a [SourceFile],
    /// Its policy.
    pub policy: &'a Policy,
    /// What was given for it, as written.
    pub given: &'a [String],
    /// When the page is made.
    pub made: Timestamp,
    /// The log, where there is one.
    pub log: Option<&'a Believed>,
}

/// The page in a language.
pub fn page(parts: &Parts<'_>, language: Language) -> Page {
    let Parts { plant, policy, .. } = parts;
    let clock = Clock::of(plant, language);
    let hash = ::evidence::plant_hashes(
        parts.sources.iter().map(|source| (source.name.as_str(), source.text.as_slice())),
    );
    let mut page = Page {
        name: if plant.name.is_empty() { plant.id.clone() } else { plant.name.clone() },
        owner: plant.owner.clone(),
        made: clock.text(parts.made),
        moment: clock.text(policy.moment),
        given: parts.given.to_vec(),
        hash: hash.plant,
        files: parts.sources.iter().map(|source| file_name(&source.name)).collect(),
        program: format!("Ringwall {}", env!("CARGO_PKG_VERSION")),
        zones: zones(plant),
        conduits: conduits(plant, language),
        flows: flows::flows(plant, policy, language),
        cases: cases(plant, language),
        ..Page::default()
    };
    let found = parts.log.map_or(&[][..], |log| log.evidence.as_slice());
    let assurance = levels::assessed(parts, found, &page.hash, &clock);
    page.levels = levels::levels(&assurance, language);
    if let Some(log) = parts.log {
        evidence::fill(&mut page, parts, log, &assurance.passed_over, &clock, language);
    }
    page
}

/// Moments in the plant's time and the reader's way of writing them.
pub struct Clock {
    zone: TimeZone,
    language: Language,
}

impl Clock {
    fn of(plant: &Plant, language: Language) -> Self {
        let zone = plant.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
        Self { zone: zone.unwrap_or(TimeZone::UTC), language }
    }

    fn text(&self, moment: Timestamp) -> String {
        let form = self.language.pick("%Y-%m-%d %H:%M:%S %Z", "%d.%m.%Y %H:%M:%S %Z");
        moment.to_zoned_datetime(self.zone.clone()).strftime(form).to_string()
    }
}

/// The last part of a path: where it lies is nobody's business.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

fn zones(plant: &Plant) -> Vec<Zone> {
    let mut zones: Vec<Zone> = plant
        .zones
        .values()
        .map(|zone| Zone {
            id: zone.id.to_string(),
            title: zone.title.clone(),
            outside: zone.outside,
            untrusted: zone.untrusted,
            declared: zone.declared.map(|levels| levels.0),
            legs: zone.legs.iter().map(|leg| leg.port.clone()).collect(),
            assets: Vec::new(),
        })
        .collect();
    let mut add = |zone: &str, asset: Asset| {
        if let Some(zone) = zones.iter_mut().find(|entry| entry.id == zone)
            && !zone.assets.iter().any(|entry| entry.id == asset.id)
        {
            zone.assets.push(asset);
        }
    };
    for asset in plant.assets.values() {
        let addresses: Vec<String> = asset
            .interfaces
            .iter()
            .flat_map(|interface| &interface.addresses)
            .map(ToString::to_string)
            .collect();
        let entry = Asset {
            id: asset.id.to_string(),
            title: asset.title.clone(),
            kind: asset.kind.clone(),
            address: addresses.join(", "),
        };
        add(asset.zone.as_str(), entry);
    }
    for flow in plant.flows.values() {
        for peer in flow.from.iter().chain(&flow.to) {
            let Peer::Address(network) = peer else { continue };
            // An address a device has is that device.
            if flows::device_of(plant, network.addr()).is_some() {
                continue;
            }
            let Some((zone, _)) = plant.leg_of_network(*network) else { continue };
            let who = flow.remote.as_ref().filter(|_| flow.from.contains(peer)).map(|remote| {
                plant
                    .roles
                    .get(remote.who.as_str())
                    .map_or_else(|| remote.who.clone(), |role| role.title.clone())
            });
            let entry = Asset {
                id: flows::address_id(peer),
                title: who.unwrap_or_else(|| peer.text()),
                kind: "address".to_owned(),
                address: peer.text(),
            };
            add(zone.id.as_str(), entry);
        }
    }
    zones
}

fn conduits(plant: &Plant, language: Language) -> Vec<Conduit> {
    let loss = |loss: OnGatewayLoss| match loss {
        OnGatewayLoss::Closed => language
            .pick("nothing passes when the gateway is lost", "fällt das Gateway aus, geht nichts durch"),
        OnGatewayLoss::Stays => {
            language.pick("stays open when the gateway is lost", "bleibt offen, wenn das Gateway ausfällt")
        }
    };
    plant
        .conduits
        .values()
        .map(|conduit| Conduit {
            id: conduit.id.to_string(),
            title: conduit.title.clone(),
            between: conduit.between.clone().map(|zone| zone.to_string()),
            on_loss: loss(conduit.on_gateway_loss).to_owned(),
        })
        .collect()
}

fn cases(plant: &Plant, language: Language) -> Vec<Case> {
    plant
        .expects
        .iter()
        .map(|expect| {
            let mut circumstances = Vec::new();
            if let Some(at) = &expect.at {
                circumstances.push(language.pick(format!("at {at}"), format!("um {at}")));
            }
            circumstances.extend(expect.given.iter().map(ToString::to_string));
            if let Some(after) = expect.after {
                let after = words::duration::text(after);
                circumstances.push(language.pick(format!("after {after}"), format!("nach {after}")));
            }
            Case {
                id: expect.id.clone(),
                say: expect.say.clone(),
                circumstances,
                expected: sentences::expected(expect.verdict, expect.alarm, language),
                result: None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pages::model::{Flow, Guard};

    use super::*;

    fn line3(language: Language) -> Page {
        let source =
            |name: &str, text: &str| SourceFile { name: format!("/somewhere/{name}"), text: text.into() };
        let sources = [
            source("plant.toml", include_str!("../../../examples/line3/plant.toml")),
            source("decisions.toml", include_str!("../../../examples/line3/decisions.toml")),
        ];
        let plant = plant::read(&sources).plant.expect("the example is a plant");
        let moment = "2027-07-01T12:00:00+02:00".parse().expect("a moment");
        let policy = policy::compile(&plant, moment, &[]).expect("it compiles");
        let parts =
            Parts { plant: &plant, sources: &sources, policy: &policy, given: &[], made: moment, log: None };
        page(&parts, language)
    }

    fn flow<'a>(page: &'a Page, id: &str) -> &'a Flow {
        page.flows.iter().find(|flow| flow.id == id).expect(id)
    }

    #[test]
    fn what_the_gateway_can_do_is_said_as_it_is() {
        let page = line3(Language::English);
        for (id, guard, reason) in [
            ("F01", Guard::Blind, "in the model, not watched yet: both ends are on the same network"),
            ("F05", Guard::Blind, "in the model, not watched yet: it runs below IP"),
            ("F03", Guard::Blind, "decided by A. Yilmaz until 2028-11-25"),
            ("F08", Guard::Blind, "only the server can refuse them"),
            ("F10", Guard::Enforced, "every single command"),
            ("F11", Guard::Enforced, "the plant does not limit the commands"),
            ("F13-robot", Guard::Enforced, "kept closed"),
            ("F19", Guard::Enforced, "a second factor and a recording, which nothing here checks yet"),
        ] {
            let flow = flow(&page, id);
            assert_eq!(flow.guard, guard, "{id}");
            assert!(flow.reason.contains(reason), "{id}: {}", flow.reason);
        }
        // Nothing watches yet, so nothing may say that it is observed.
        assert!(page.flows.iter().all(|flow| flow.guard != Guard::Observed));
    }

    #[test]
    fn flows_are_told_in_words() {
        let page = line3(Language::German);
        assert_eq!(flow(&page, "F10").allowed, ["lesen: Halteregister 0 bis 59", "Gerät identifizieren"]);
        assert_eq!(flow(&page, "F13").when, ["täglich 02:00-03:00"]);
        assert_eq!(flow(&page, "F13").closed.as_deref(), Some("außerhalb seines Zeitfensters geschlossen"));
        assert_eq!(
            flow(&page, "F18").when,
            ["nach Freigabe durch Automation engineer und Safety officer, höchstens 30min"]
        );
        assert_eq!(flow(&page, "F20").via.as_deref(), Some("JMP1"));
        let essential = flow(&page, "F03");
        assert!(essential.essential && essential.stops.iter().any(|line| line.contains("C01")));
        assert_eq!(page.files, ["plant.toml", "decisions.toml"], "no path of the machine");
    }

    #[test]
    fn every_end_of_a_flow_is_on_the_map() {
        let page = line3(Language::English);
        let known = |zone: &str, asset: &str| {
            page.zones
                .iter()
                .any(|entry| entry.id == zone && entry.assets.iter().any(|entry| entry.id == asset))
        };
        for flow in &page.flows {
            assert!(!flow.hops.is_empty(), "{}", flow.id);
            for spot in flow.hops.iter().flat_map(|hop| [&hop.from, &hop.to]) {
                if let Some(asset) = &spot.asset {
                    assert!(known(&spot.zone, asset), "{}: {asset} in {}", flow.id, spot.zone);
                }
            }
        }
        assert!(known("remote", "address:10.99.0.11"));
    }
}
