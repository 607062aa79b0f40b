//! What the gateway can do about the commands of a flow, and which decisions no longer hold.

use std::collections::BTreeMap;

use jiff::civil::Date;

use protocols::{Permission, Service};

use crate::ids::FlowId;
use crate::model::{Asset, Attestation, EnforcedBy, Flow, Peer, Plant, PortOnly};
use crate::problem::{Deciding, Kind, Problem, Thing};

/// What becomes of a flow at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Never reaches the gateway: part of the model, watched, not enforced.
    NotEnforced,
    /// Opened by peer and port; its commands are not limited.
    Open,
    /// Opened by peer and port, its commands checked by the gateway.
    Inspected,
    /// Opened by peer and port although its commands are limited: the gateway cannot see them.
    Uninspected,
    /// Its commands are limited, nothing can check them, and nobody has decided to open it.
    Closed,
}

/// A decision that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Flow the decision is about.
    pub flow: FlowId,
    /// Why it no longer holds.
    pub reason: StaleReason,
}

impl Stale {
    /// What to say about it.
    pub fn problem(&self) -> Problem {
        let who = Thing::new(Kind::Decision, &self.flow);
        match &self.reason {
            StaleReason::Expired { until } => Deciding::Expired { who, until: until.to_string() }.into(),
            StaleReason::Changed { fact, decided, now } => {
                Deciding::FactChanged { who, fact: fact.clone(), decided: decided.clone(), now: now.clone() }
                    .into()
            }
        }
    }
}

/// Why a decision no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaleReason {
    /// Its last day is over.
    Expired {
        /// The last day.
        until: Date,
    },
    /// A fact it rests on has changed.
    Changed {
        /// Fact.
        fact: String,
        /// As the decision has it.
        decided: String,
        /// As it is.
        now: String,
    },
}

impl Asset {
    /// The mark on the cabinet and the id.
    pub fn name(&self) -> String {
        if self.title == self.id.as_str() {
            self.title.clone()
        } else {
            format!("{} ({})", self.title, self.id)
        }
    }
}

impl Flow {
    /// Whether only some commands are permitted, or those to one unit.
    pub fn limited(&self) -> bool {
        let all = self.allow.is_empty() || self.allow.iter().any(Permission::is_any);
        !all || self.services.iter().any(|service| service.unit.is_some())
    }

    /// What may be asked by one of its services, written out where the text names no commands.
    pub fn commands(&self, service: &Service) -> Vec<Permission> {
        if self.allow.is_empty() {
            return Permission::parse(service, "any").into_iter().collect();
        }
        self.allow.clone()
    }

    /// The facts a decision about the flow may rest on, as text: `from`, `to`, `service`, `allow`, `when`.
    pub fn facts(&self) -> BTreeMap<&'static str, String> {
        let list = |items: Vec<String>| items.join(", ");
        let peers = |peers: &[Peer]| list(peers.iter().map(Peer::text).collect());
        BTreeMap::from([
            ("from", peers(&self.from)),
            ("to", peers(&self.to)),
            ("service", list(self.services.iter().map(Service::text).collect())),
            ("allow", list(self.allow.iter().map(ToString::to_string).collect())),
            ("when", self.when.as_ref().map(ToString::to_string).unwrap_or_default()),
        ])
    }
}

impl Peer {
    /// The peer as written.
    pub fn text(&self) -> String {
        match self {
            Self::Asset(id) => id.to_string(),
            Self::Gateway => "gateway".to_owned(),
            Self::Address(network) if network.prefix_len() == network.max_prefix_len() => {
                network.addr().to_string()
            }
            Self::Address(network) => network.to_string(),
        }
    }
}

impl Plant {
    /// What becomes of a flow at the gateway.
    pub fn treatment(&self, flow: &Flow) -> Treatment {
        if flow.services.iter().all(Service::layer2) || !self.routes(flow).iter().any(crate::Route::crosses) {
            return Treatment::NotEnforced;
        }
        if !flow.limited() {
            return Treatment::Open;
        }
        if flow.enforced_by == EnforcedBy::Server {
            return Treatment::Uninspected;
        }
        if flow.services.iter().all(Service::inspector) {
            return Treatment::Inspected;
        }
        if self.decisions.port_only.contains_key(&flow.id) {
            Treatment::Uninspected
        } else {
            Treatment::Closed
        }
    }

    /// The flows with this treatment, by id.
    pub fn treated(&self, treatment: Treatment) -> Vec<FlowId> {
        self.flows
            .values()
            .filter(|flow| self.treatment(flow) == treatment)
            .map(|flow| flow.id.clone())
            .collect()
    }

    /// Decisions that no longer hold on that day, with every reason.
    pub fn stale_decisions(&self, today: Date) -> Vec<Stale> {
        let mut stale = Vec::new();
        for decision in self.decisions.proxy_loss.values().filter(|decision| decision.until < today) {
            let reason = StaleReason::Expired { until: decision.until };
            stale.push(Stale { flow: decision.flow.clone(), reason });
        }
        for decision in self.decisions.port_only.values() {
            let mut add = |reason| stale.push(Stale { flow: decision.flow.clone(), reason });
            if decision.until < today {
                add(StaleReason::Expired { until: decision.until });
            }
            if let Some(flow) = self.flows.get(&decision.flow) {
                for reason in changed(decision, flow) {
                    add(reason);
                }
            }
        }
        stale
    }
}

impl Plant {
    /// Attestations that no longer count on that day, each with what to say about it.
    pub fn stale_attestations(&self, today: Date) -> Vec<(&Attestation, Problem)> {
        let over = self.decisions.attested.iter().filter(|attested| attested.until < today);
        over.map(|attested| {
            let who = Thing::new(Kind::Attestation, attested.requirements.join(", "));
            let until = attested.until.to_string();
            (attested, Deciding::AttestationExpired { who, until }.into())
        })
        .collect()
    }
}

fn changed(decision: &PortOnly, flow: &Flow) -> Vec<StaleReason> {
    let facts = flow.facts();
    decision
        .facts
        .iter()
        .filter_map(|(fact, decided)| {
            let now = facts.get(fact.as_str()).cloned().unwrap_or_default();
            let same = canonical(fact, decided, flow) == canonical(fact, &now, flow);
            (!same).then(|| StaleReason::Changed { fact: fact.clone(), decided: decided.clone(), now })
        })
        .collect()
}

/// The items of a fact, written one way and in one order: `read` and `read any` are the same permission.
fn canonical(fact: &str, text: &str, flow: &Flow) -> Vec<String> {
    let mut items: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| match fact {
            "allow" => flow
                .services
                .first()
                .and_then(|service| Permission::parse(service, item).ok())
                .map_or_else(|| item.to_owned(), |permission| permission.to_string()),
            "service" => Service::parse(item).map_or_else(|_| item.to_owned(), |service| service.text()),
            _ => item.to_owned(),
        })
        .collect();
    items.sort();
    items
}
