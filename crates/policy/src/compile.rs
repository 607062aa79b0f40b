//! From a plant, a moment and what is given to a policy.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plant::ids::{FlowId, StateId};
use plant::{Condition, EnforcedBy, Flow, Given, Peer, Plant, Route};
use protocols::{Service, Transport};

use crate::error::CompileError;
use crate::nat::Translation;
use crate::overlap::{Open, sort_out};
use crate::permission::{Commands, Permission, Side, Traffic};
use crate::policy::{Leg, Policy, Why};

/// Makes the policy of a plant at a moment. The same arguments give the same policy.
pub fn compile(plant: &Plant, moment: Timestamp, given: &[Given]) -> Result<Policy, CompileError> {
    let zone = time_zone(plant)?;
    let today = zone.to_datetime(moment).date();
    let decisions = plant.stale_decisions(today);
    if !decisions.is_empty() {
        return Err(CompileError::Stale { decisions });
    }
    let given = Facts::of(plant, given)?;
    let mut policy = Policy {
        moment,
        legs: legs(plant)?,
        conduits: BTreeMap::new(),
        permissions: Vec::new(),
        commands: Vec::new(),
        transfers: Vec::new(),
        uninspected: Vec::new(),
        closed: Vec::new(),
    };
    for conduit in plant.conduits.values() {
        let [one, other] = &conduit.between;
        for (from, to) in [(one, other), (other, one)] {
            let (Some(from), Some(to)) = (plant.zones.get(from), plant.zones.get(to)) else { continue };
            for from in &from.legs {
                for to in to.legs.iter().filter(|to| to.port != from.port) {
                    policy.conduits.insert((from.port.clone(), to.port.clone()), conduit.id.clone());
                }
            }
        }
    }
    let context = Context { plant, moment, today, zone, given };
    let mut open = Vec::new();
    for flow in plant.flows.values() {
        context.add(flow, &mut policy, &mut open);
    }
    sort_out(open, &mut policy);
    keep_apart(&mut policy);
    policy.permissions.sort();
    policy.permissions.dedup();
    policy.commands.sort();
    policy.commands.dedup();
    policy.transfers.sort();
    policy.transfers.dedup();
    policy.closed.sort();
    policy.closed.dedup();
    policy.uninspected.sort();
    policy.uninspected.dedup();
    Ok(policy)
}

/// Takes from a transfer the connections it announces where its two hosts also have limited commands between them: the
/// port that is announced is for its ends to choose, and could be the one of the commands.
fn keep_apart(policy: &mut Policy) {
    let overlap = |a: &ipnet::IpNet, b: &ipnet::IpNet| a.contains(b) || b.contains(a);
    let Policy { transfers, commands, closed, .. } = policy;
    transfers.retain(|transfer| {
        let meets = commands.iter().any(|Commands { row, .. }| {
            let along =
                overlap(&row.source, &transfer.source) && overlap(&row.destination, &transfer.destination);
            let against =
                overlap(&row.source, &transfer.destination) && overlap(&row.destination, &transfer.source);
            along || against
        });
        if meets {
            closed.push((transfer.flow.clone(), Why::AnnouncesBeside));
        }
        !meets
    });
}

fn time_zone(plant: &Plant) -> Result<TimeZone, CompileError> {
    match &plant.timezone {
        Some(name) => TimeZone::get(name).map_err(|_| CompileError::TimeZone { name: name.clone() }),
        None if plant.flows.values().any(|flow| flow.when.is_some()) => {
            Err(CompileError::TimeZone { name: String::new() })
        }
        None => Ok(TimeZone::UTC),
    }
}

fn legs(plant: &Plant) -> Result<BTreeMap<String, Leg>, CompileError> {
    let mut legs = BTreeMap::new();
    for (zone, leg) in plant.legs() {
        if !is_interface(&leg.port) {
            return Err(CompileError::Port { port: leg.port.clone() });
        }
        legs.insert(
            leg.port.clone(),
            Leg {
                port: leg.port.clone(),
                title: zone.title.clone(),
                networks: leg.networks.clone(),
                gateways: leg.gateways.clone(),
                default_route: leg.default_route,
                translations: Vec::new(),
            },
        );
    }
    for each in &plant.translations {
        if let Some(leg) = legs.get_mut(&each.leg) {
            leg.translations.push(Translation { outside: each.outside, inside: each.address });
        }
    }
    for leg in legs.values_mut() {
        leg.translations.sort();
    }
    Ok(legs)
}

/// What the kernel takes for an interface name and nft reads back as that name and nothing else.
fn is_interface(port: &str) -> bool {
    !port.is_empty()
        && port.len() <= 15
        && !matches!(port, "." | ".." | "lo")
        && !port.chars().any(|c| c.is_whitespace() || c.is_control() || "/*\"\\:$".contains(c))
}

/// What is given, checked.
struct Facts {
    approved: BTreeMap<FlowId, Option<Duration>>,
    states: BTreeMap<StateId, String>,
}

impl Facts {
    fn of(plant: &Plant, given: &[Given]) -> Result<Facts, CompileError> {
        let mut facts = Facts { approved: BTreeMap::new(), states: BTreeMap::new() };
        for fact in given {
            match fact {
                Given::Approved { flow, lasting } => {
                    let known =
                        plant.flows.get(flow).ok_or(CompileError::UnknownFlow { flow: flow.clone() })?;
                    if known.approve.is_empty() {
                        return Err(CompileError::NeedsNoApproval { flow: flow.clone() });
                    }
                    // Of two approvals the longer one counts: each stands on its own.
                    let longer = match facts.approved.get(flow) {
                        Some(Some(before)) => lasting.map(|lasting| lasting.max(*before)),
                        Some(None) => None,
                        None => *lasting,
                    };
                    facts.approved.insert(flow.clone(), longer);
                }
                Given::State { state, value } => {
                    let known =
                        plant.states.get(state).ok_or(CompileError::UnknownState { state: state.clone() })?;
                    if !known.values.contains(value) {
                        return Err(CompileError::UnknownValue {
                            state: state.clone(),
                            value: value.clone(),
                            values: known.values.clone(),
                        });
                    }
                    if facts
                        .states
                        .insert(state.clone(), value.clone())
                        .is_some_and(|before| before != *value)
                    {
                        return Err(CompileError::TwoValues { state: state.clone() });
                    }
                }
            }
        }
        Ok(facts)
    }
}

struct Context<'a> {
    plant: &'a Plant,
    moment: Timestamp,
    today: Date,
    zone: TimeZone,
    given: Facts,
}

impl Context<'_> {
    fn add(&self, flow: &Flow, policy: &mut Policy, all: &mut Vec<Open>) {
        let mut closed: BTreeSet<Why> = BTreeSet::new();
        let (crossing, staying): (Vec<Route>, Vec<Route>) =
            self.routes(flow).into_iter().partition(Route::crosses);
        if !staying.is_empty() {
            closed.insert(Why::SameLeg);
        }
        if flow.services.iter().any(Service::layer2) {
            closed.insert(Why::Layer2);
        }
        let mut rows = Vec::new();
        for route in &crossing {
            for service in &flow.services {
                let made = self.rows(flow, route, service, policy, &mut closed);
                rows.extend(made.into_iter().map(|row| (service, row)));
            }
        }
        if !rows.is_empty() {
            match self.open(flow, &mut closed) {
                Some(until) => {
                    if flow.limited() && !inspected(flow) {
                        policy.uninspected.push(flow.id.clone());
                    }
                    for (service, row) in rows {
                        let row = Permission { until, ..row };
                        let legs = matches!((&row.iif, &row.oif), (Side::Leg(_), Side::Leg(_)));
                        if inspected(flow) && !legs {
                            // The proxy stands between two legs; what the gateway itself says or is told it does not see.
                            closed.insert(Why::NotInspected);
                            continue;
                        }
                        if service.announces() && legs {
                            if policy.translated(&row) {
                                closed.insert(Why::Announces);
                            } else {
                                policy.transfers.push(row.clone());
                            }
                        }
                        let speaks = service.inspector() && legs && (inspected(flow) || !flow.limited());
                        all.push(Open {
                            row,
                            unit: service.unit,
                            allow: speaks.then(|| flow.commands(service)),
                            limited: inspected(flow),
                        });
                    }
                }
                None => debug_assert!(!closed.is_empty(), "a closed flow has a reason"),
            }
        }
        policy.closed.extend(closed.into_iter().map(|why| (flow.id.clone(), why)));
    }

    /// Pairs of ends; over a jump host both hops.
    fn routes(&self, flow: &Flow) -> Vec<Route> {
        let Some(via) = flow.remote.as_ref().and_then(|remote| remote.via.clone()) else {
            return self.plant.routes(flow);
        };
        let via = vec![Peer::Asset(via)];
        let mut routes = self.plant.routes(&Flow { to: via.clone(), ..flow.clone() });
        routes.extend(self.plant.routes(&Flow { from: via, ..flow.clone() }));
        routes
    }

    /// Whether the flow is open, and until when; else all the reasons.
    fn open(&self, flow: &Flow, closed: &mut BTreeSet<Why>) -> Option<Option<Timestamp>> {
        let mut until: Option<Timestamp> = None;
        let mut reasons: BTreeSet<Why> = BTreeSet::new();
        let mut ends = |end: Timestamp| until = Some(until.map_or(end, |until| until.min(end)));
        if let Some(window) = &flow.when {
            match window.open_until(self.moment, &self.zone) {
                Some(end) if end > self.moment => ends(end),
                _ => {
                    reasons.insert(Why::OutsideWindow);
                }
            }
        }
        if !flow.approve.is_empty() {
            match self.given.approved.get(&flow.id) {
                Some(lasting) => {
                    let life = [*lasting, flow.longest].into_iter().flatten().min();
                    if let Some(life) = life {
                        let end = self.moment.checked_add(life).unwrap_or(Timestamp::MAX);
                        ends(end);
                        if end <= self.moment {
                            reasons.insert(Why::NotApproved);
                        }
                    }
                }
                None => {
                    reasons.insert(Why::NotApproved);
                }
            }
        }
        if flow.condition.as_ref().is_some_and(|condition| !self.holds(condition)) {
            reasons.insert(Why::State);
        }
        let blind = flow.limited() && flow.enforced_by == EnforcedBy::Gateway && !inspected(flow);
        if blind && !self.decided(flow) {
            reasons.insert(Why::NotInspected);
        }
        let open = reasons.is_empty();
        closed.extend(reasons);
        open.then_some(until)
    }

    fn holds(&self, condition: &Condition) -> bool {
        let Some(value) = self.given.states.get(&condition.state) else { return false };
        let Some(state) = self.plant.states.get(&condition.state) else { return false };
        let place = |value: &String| state.values.iter().position(|known| known == value);
        match (place(value), place(&condition.value)) {
            (Some(now), Some(asked)) if condition.at_least => now >= asked,
            (Some(now), Some(asked)) => now == asked,
            _ => false,
        }
    }

    /// Whether somebody decided to open the flow by peer and port, and the decision holds today.
    fn decided(&self, flow: &Flow) -> bool {
        self.plant
            .decisions
            .port_only
            .get(&flow.id)
            .is_some_and(|decision| decision.date <= self.today && self.today <= decision.until)
    }

    /// The permissions of one service of a flow on one route, their end left open.
    fn rows(
        &self,
        flow: &Flow,
        route: &Route,
        service: &Service,
        policy: &Policy,
        closed: &mut BTreeSet<Why>,
    ) -> Vec<Permission> {
        let side = |end: &plant::Endpoint| {
            if end.gateway { Side::Local } else { Side::Leg(end.leg.clone()) }
        };
        let v6 = route.to.addresses.addr().is_ipv6();
        let legs = [&route.from.leg, &route.to.leg];
        if !legs.into_iter().all(|port| policy.legs.get(port).is_some_and(|leg| leg.has_family(v6))) {
            closed.insert(Why::NoNetwork);
            return Vec::new();
        }
        let mut rows = Vec::new();
        for transport in &service.transports {
            let traffic = match transport {
                Transport::Tcp(ports) => Traffic::Ports { protocol: 6, ports: *ports },
                Transport::Udp(ports) => Traffic::Ports { protocol: 17, ports: *ports },
                Transport::Icmp { kind: 8 } if !v6 => Traffic::Echo,
                Transport::Icmp6 { kind: 128 } if v6 => Traffic::Echo,
                Transport::Icmp { kind: 8 } | Transport::Icmp6 { kind: 128 } | Transport::Layer2 => continue,
                Transport::Icmp { .. } | Transport::Icmp6 { .. } => {
                    closed.insert(Why::NoRule);
                    continue;
                }
                Transport::Ip(protocol) => Traffic::Protocol(*protocol),
                Transport::Any => Traffic::Any,
            };
            rows.push(Permission {
                iif: side(&route.from),
                oif: side(&route.to),
                source: route.from.addresses.trunc(),
                destination: route.to.addresses.trunc(),
                traffic,
                until: None,
                flow: flow.id.clone(),
            });
        }
        rows
    }
}

/// Whether the proxy looks at every command of a flow.
fn inspected(flow: &Flow) -> bool {
    flow.limited() && flow.enforced_by == EnforcedBy::Gateway && flow.services.iter().all(Service::inspector)
}
