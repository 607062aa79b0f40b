//! Flows and remote sessions.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use protocols::{Permission, Service};

use super::Builder;
use super::section::{Section, Text};
use crate::ids::{AssetId, FlowId, RoleId};
use crate::model::{EnforcedBy, Flow, Peer, Remote};
use crate::problem::{Flowing, Form, Kind, Network, Problem, Thing, Timing};
use crate::when::Window;

impl Builder<'_> {
    pub(super) fn flows(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let approve = self.role_list(section, "approve");
            let longest = self.duration(section, "longest");
            let essential = section.flag("essential", self.sink);
            if !approve.is_empty() && longest.is_none() && !section.has("longest") {
                self.add(Some(section.place()), Flowing::NoEnd { who: section.who.clone() });
            }
            self.flow(section, Ends { approve, longest, essential, remote: None });
        }
    }

    pub(super) fn remotes(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let approve = self.role_list(section, "approve");
            let longest = self.duration(section, "longest");
            let who = section.text("who", self.sink);
            let via = section.text("via", self.sink);
            let via =
                via.filter(|via| self.known(section, Kind::Asset, via)).map(|via| AssetId::new(via.text));
            let second_factor =
                section.text("factor", self.sink).is_some_and(|factor| factor.text == "second");
            let record = section.flag("record", self.sink);
            let who = who.map(|who| who.text.to_owned()).unwrap_or_default();
            let remote = Some(Remote { who, via, second_factor, record });
            self.flow(section, Ends { approve, longest, essential: false, remote });
        }
    }

    fn flow(&mut self, section: &Section<'_, '_>, ends: Ends) {
        section.text("id", self.sink);
        let from = self.peers(section, "from");
        let to = self.peers(section, "to");
        if from.contains(&Peer::Gateway) && to.contains(&Peer::Gateway) {
            self.add(Some(section.place()), Flowing::GatewayBoth { who: section.who.clone() });
        }
        let services: Vec<_> =
            self.services(section, "service").into_iter().map(|(service, _)| service).collect();
        let allow = self.permissions(section, &services);
        let why = section.string("why", self.sink);
        if ends.essential && why.is_none() && !section.has("why") {
            let problem = Form::MissingKey {
                who: section.who.clone(),
                key: "why".to_owned(),
                example: crate::problem::Own("\"guard door state for the line\"".to_owned()),
            };
            self.add(Some(section.place()), problem);
        }
        let enforced_by = match section.text("enforced-by", self.sink) {
            Some(text) if text.text == "server" => EnforcedBy::Server,
            _ => EnforcedBy::Gateway,
        };
        let when = self.window(section);
        let condition = if section.has("while") {
            self.condition(section, "while")
        } else {
            section.text("while", self.sink);
            None
        };
        let was = self.former_ids(section, Kind::Flow);
        section.finish(self.sink);
        let id = FlowId::new(section.who.id.clone());
        if id.as_str().is_empty() {
            return;
        }
        let flow = Flow {
            id: id.clone(),
            from,
            to,
            services,
            allow,
            why,
            essential: ends.essential,
            enforced_by,
            when,
            approve: ends.approve,
            longest: ends.longest,
            condition,
            remote: ends.remote,
            was,
            place: section.place(),
        };
        self.plant.flows.insert(id, flow);
    }

    fn peers(&mut self, section: &Section<'_, '_>, key: &str) -> Vec<Peer> {
        let mut peers = Vec::new();
        for text in section.texts(key, self.sink) {
            let Some(peer) = self.peer(section, key, &text) else { continue };
            if peers.contains(&peer) {
                let problem = Flowing::WrittenTwice {
                    who: section.who.clone(),
                    other: section.who.clone(),
                    what: format!("{key} {}", text.text),
                };
                self.add(section.at(&text.span), problem);
            } else {
                peers.push(peer);
            }
        }
        peers
    }

    fn peer(&mut self, section: &Section<'_, '_>, key: &str, text: &Text<'_>) -> Option<Peer> {
        if text.text == "gateway" {
            return Some(Peer::Gateway);
        }
        let network = match text.text.parse::<IpAddr>() {
            Ok(_) => self.address(section, &section.who, key, text).map(IpNet::from)?,
            Err(_) if text.text.contains('/') || text.text.contains(':') => {
                let Ok(network) = text.text.parse::<IpNet>() else {
                    let problem = Network::BadAddress {
                        who: section.who.clone(),
                        key: key.to_owned(),
                        text: text.text.to_owned(),
                    };
                    self.add(section.at(&text.span), problem);
                    return None;
                };
                if network.trunc() != network {
                    let problem = Network::HostBits {
                        who: section.who.clone(),
                        text: text.text.to_owned(),
                        network: network.trunc().to_string(),
                    };
                    self.add(section.at(&text.span), problem);
                    return None;
                }
                network
            }
            Err(_) => {
                return self.known(section, Kind::Asset, text).then(|| Peer::Asset(AssetId::new(text.text)));
            }
        };
        if self.plant.leg_of_network(network).is_none() {
            let problem = Network::Nowhere { who: section.who.clone(), address: text.text.to_owned() };
            self.add(section.at(&text.span), problem);
            return None;
        }
        Some(Peer::Address(network))
    }

    fn permissions(&mut self, section: &Section<'_, '_>, services: &[Service]) -> Vec<Permission> {
        let texts = section.texts("allow", self.sink);
        let Some(service) = services.first() else { return Vec::new() };
        if !texts.is_empty() && services.len() > 1 {
            self.add(section.place_of("allow"), Flowing::AllowWhich { who: section.who.clone() });
            return Vec::new();
        }
        let mut permissions = Vec::new();
        for text in texts {
            match Permission::parse(service, text.text) {
                Ok(permission) if permissions.contains(&permission) => {
                    let problem = Flowing::WrittenTwice {
                        who: section.who.clone(),
                        other: section.who.clone(),
                        what: text.text.to_owned(),
                    };
                    self.add(section.at(&text.span), problem);
                }
                Ok(permission) => permissions.push(permission),
                Err(error) => {
                    self.add(section.at(&text.span), Problem::Permission(section.who.clone(), error));
                }
            }
        }
        permissions
    }

    /// A duration above zero.
    pub(super) fn duration(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Duration> {
        let text = section.text(key, self.sink)?;
        let duration = words::duration::parse(text.text).filter(|duration| !duration.is_zero());
        if duration.is_none() {
            let problem = Timing::Duration {
                who: section.who.clone(),
                key: key.to_owned(),
                text: text.text.to_owned(),
            };
            self.add(section.at(&text.span), problem);
        }
        duration
    }

    fn window(&mut self, section: &Section<'_, '_>) -> Option<Window> {
        let text = section.text("when", self.sink)?;
        let window = Window::parse(text.text);
        if window.is_none() {
            self.add(
                section.at(&text.span),
                Timing::Window { who: section.who.clone(), text: text.text.to_owned() },
            );
        } else {
            self.needs_timezone(section, &text, section.who.clone());
        }
        window
    }

    pub(super) fn needs_timezone(&mut self, section: &Section<'_, '_>, text: &Text<'_>, who: Thing) {
        if self.plant.timezone.is_none() {
            self.add(section.at(&text.span), Timing::NoTimezone { who });
        }
    }
}

/// What flows and remote sessions say in different ways.
struct Ends {
    approve: Vec<RoleId>,
    longest: Option<Duration>,
    essential: bool,
    remote: Option<Remote>,
}
