//! A flow against conduits, legs, inspectors and the clock.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use protocols::Secures;

use crate::Route;
use crate::diagnostic::Sink;
use crate::ids::{ConduitId, ZoneId};
use crate::model::{EnforcedBy, Flow, Peer, Plant};
use crate::problem::{Deciding, Flowing, How, Kind, Reason, Thing, Timing};
use crate::treatment::Treatment;

/// Years in which a window is compared with changes of the clock. Reading knows no today; rules for the clock change
/// seldom, and any year shows what they do.
const YEARS: (i16, i16) = (2026, 2027);

pub(super) fn who(flow: &Flow) -> Thing {
    Thing::new(if flow.remote.is_some() { Kind::Remote } else { Kind::Flow }, &flow.id)
}

pub(super) fn check<'p>(
    plant: &'p Plant,
    flow: &Flow,
    conduits: &BTreeMap<(&ZoneId, &ZoneId), &'p ConduitId>,
    used: &mut BTreeSet<ConduitId>,
    sink: &mut Sink,
) {
    let place = || Some(flow.place.clone());
    let routes = plant.routes(flow);
    if flow.services.iter().any(protocols::Service::layer2) {
        layer2(plant, flow, sink);
        return;
    }
    no_route(plant, flow, &routes, sink);
    let mut missing = BTreeSet::new();
    for route in &routes {
        let (from, to) = (&route.from, &route.to);
        if from.gateway || to.gateway || from.zone == to.zone {
            continue;
        }
        if let Some(conduit) = conduits.get(&(&from.zone, &to.zone)) {
            if !used.contains(*conduit) {
                used.insert((*conduit).clone());
            }
        } else if missing.insert((&from.zone, &to.zone)) {
            let problem = Flowing::NoConduit {
                who: who(flow),
                from: name(plant, route, true),
                to: name(plant, route, false),
                zone: from.zone.to_string(),
                other: to.zone.to_string(),
            };
            sink.add(place(), problem);
        }
    }
    if let Some(route) = routes.iter().find(|route| !route.crosses()) {
        let problem = Flowing::IntraZone {
            who: who(flow),
            zone: route.from.zone.to_string(),
            port: route.from.leg.clone(),
        };
        sink.add(place(), problem);
    }
    essential(flow, sink);
    commands(plant, flow, sink);
}

fn name(plant: &Plant, route: &Route, from: bool) -> String {
    let end = if from { &route.from } else { &route.to };
    if end.addresses.prefix_len() == end.addresses.max_prefix_len() {
        plant.describe_address(end.addresses.addr())
    } else {
        end.addresses.to_string()
    }
}

fn peer_name(plant: &Plant, peer: &Peer) -> String {
    match peer {
        Peer::Asset(id) => plant.assets.get(id).map_or_else(|| id.to_string(), crate::Asset::name),
        _ => peer.text(),
    }
}

/// Every pair of peers needs a route; an asset that could not be read is not there to have one.
fn no_route(plant: &Plant, flow: &Flow, routes: &[Route], sink: &mut Sink) {
    let there = |peer: &Peer| match peer {
        Peer::Asset(id) => plant.assets.get(id).is_some_and(|asset| {
            // Addresses that lie outside the zone were reported and left without a leg.
            asset.interfaces.iter().all(|interface| interface.leg.is_some() || interface.addresses.is_empty())
        }),
        _ => true,
    };
    if routes.is_empty()
        && let (Some(from), Some(to)) = (flow.from.first(), flow.to.first())
        && flow.from.iter().chain(&flow.to).all(there)
        && !(flow.from.contains(&Peer::Gateway) && flow.to.contains(&Peer::Gateway))
    {
        let problem =
            Flowing::NoRoute { who: who(flow), from: peer_name(plant, from), to: peer_name(plant, to) };
        sink.add(Some(flow.place.clone()), problem);
    }
}

/// Devices that speak below IP must hang on the same leg, or stand in the same zone where one has no address.
fn layer2(plant: &Plant, flow: &Flow, sink: &mut Sink) {
    let service = flow.services.iter().find(|service| service.layer2()).map(protocols::Service::text);
    let legs = |peer: &Peer, other: &Peer| -> BTreeSet<(ZoneId, Option<String>)> {
        let ends = plant.endpoints(peer, other);
        match peer {
            Peer::Asset(id) if ends.is_empty() => {
                plant.assets.get(id).map(|asset| (asset.zone.clone(), None)).into_iter().collect()
            }
            _ => ends.into_iter().map(|end| (end.zone, Some(end.leg))).collect(),
        }
    };
    let mut inside = None;
    for from in &flow.from {
        for to in &flow.to {
            let (sources, targets) = (legs(from, to), legs(to, from));
            if sources.is_empty() || targets.is_empty() {
                continue;
            }
            let met = sources.iter().find(|(zone, leg)| {
                targets.iter().any(|(z, l)| zone == z && (leg == l || leg.is_none() || l.is_none()))
            });
            match met {
                Some((zone, leg)) => inside = Some((zone.clone(), leg.clone())),
                None => {
                    let problem = Flowing::Layer2 {
                        who: who(flow),
                        from: peer_name(plant, from),
                        to: peer_name(plant, to),
                        service: service.clone().unwrap_or_default(),
                    };
                    sink.add(Some(flow.place.clone()), problem);
                    return;
                }
            }
        }
    }
    if let Some((zone, leg)) = inside {
        let problem = Flowing::IntraZone {
            who: who(flow),
            zone: zone.to_string(),
            port: leg.unwrap_or_else(|| "-".to_owned()),
        };
        sink.add(Some(flow.place.clone()), problem);
    }
}

fn essential(flow: &Flow, sink: &mut Sink) {
    if !flow.essential {
        return;
    }
    let barred = [
        ("approve", !flow.approve.is_empty()),
        ("when", flow.when.is_some()),
        ("while", flow.condition.is_some()),
    ];
    for (by, _) in barred.iter().filter(|(_, barred)| *barred) {
        let problem = Flowing::EssentialBarred { who: who(flow), by: (*by).to_owned() };
        sink.add(Some(flow.place.clone()), problem);
    }
    if let Some(why) = &flow.why {
        sink.add(Some(flow.place.clone()), Flowing::Essential { who: who(flow), why: why.clone() });
    }
}

/// Who looks at the commands.
fn commands(plant: &Plant, flow: &Flow, sink: &mut Sink) {
    let place = || Some(flow.place.clone());
    let service = || flow.services.first().map(protocols::Service::text).unwrap_or_default();
    if flow.enforced_by == EnforcedBy::Server
        && flow.services.iter().any(|service| service.protocol.authenticates == Secures::No)
    {
        sink.add(place(), Flowing::ServerCannot { who: who(flow), service: service() });
    }
    if !flow.limited() {
        return;
    }
    match plant.treatment(flow) {
        Treatment::Closed => sink.add(place(), Flowing::Closed { who: who(flow), service: service() }),
        Treatment::Uninspected => {
            let reason = match (flow.enforced_by, plant.decisions.port_only.get(&flow.id)) {
                (EnforcedBy::Gateway, Some(decision)) => Reason::PortOnly(decision.until.to_string()),
                _ => Reason::Server,
            };
            sink.add(place(), Flowing::Uninspected { who: who(flow), reason });
        }
        Treatment::Inspected if flow.essential && !plant.decisions.proxy_loss.contains_key(&flow.id) => {
            sink.add(place(), Flowing::EssentialProxied { who: who(flow) });
        }
        Treatment::NotEnforced | Treatment::Open | Treatment::Inspected => {}
    }
}

/// Decisions nothing needs.
pub(super) fn decisions(plant: &Plant, sink: &mut Sink) {
    for decision in plant.decisions.port_only.values() {
        let Some(flow) = plant.flows.get(&decision.flow) else { continue };
        let needed =
            flow.enforced_by == EnforcedBy::Gateway && plant.treatment(flow) == Treatment::Uninspected;
        if !needed {
            let who = Thing::new(Kind::Decision, &decision.flow);
            sink.add(Some(decision.place.clone()), Deciding::NotNeeded { who });
        }
    }
}

/// What changes of the clock do to a window.
pub(super) fn clock(plant: &Plant, flow: &Flow, sink: &mut Sink) {
    let Some(window) = &flow.when else { return };
    let Some(zone) = plant.timezone.as_deref().and_then(|name| TimeZone::get(name).ok()) else { return };
    let changes = window.clock_changes(YEARS.0, YEARS.1, &zone);
    if let Some(change) = changes.iter().find(|change| change.skipped) {
        let problem = Timing::Skipped {
            who: who(flow),
            window: window.to_string(),
            date: change.date.to_string(),
            how: if change.whole { How::Whole } else { How::Shorter },
        };
        sink.add(Some(flow.place.clone()), problem);
    }
    if let Some(change) = changes.iter().find(|change| !change.skipped) {
        let problem =
            Timing::Doubled { who: who(flow), window: window.to_string(), date: change.date.to_string() };
        sink.add(Some(flow.place.clone()), problem);
    }
}
