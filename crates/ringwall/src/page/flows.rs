//! The flows of the page: what is allowed, when, and what the gateway can do about each.

use std::collections::BTreeSet;
use std::net::IpAddr;

use pages::model::{Flow as Shown, Guard, Hop, Spot};
use plant::{Asset, Endpoint, EnforcedBy, Flow, OnGatewayLoss, Peer, Plant, Route, Treatment};
use policy::{Policy, Why};
use protocols::Service;
use words::{Language, and_list};

use super::sentences;

/// The id an address has on the map; no device can have it.
pub(super) fn address_id(peer: &Peer) -> String {
    format!("address:{}", peer.text())
}

/// The device that has an address.
pub(super) fn device_of(plant: &Plant, address: IpAddr) -> Option<&Asset> {
    plant
        .assets
        .values()
        .find(|asset| asset.interfaces.iter().any(|interface| interface.addresses.contains(&address)))
}

pub(super) fn flows(plant: &Plant, policy: &Policy, language: Language) -> Vec<Shown> {
    plant.flows.values().map(|flow| shown(plant, policy, flow, language)).collect()
}

fn shown(plant: &Plant, policy: &Policy, flow: &Flow, language: Language) -> Shown {
    let routes = plant.routes(flow);
    let (guard, reason) = guard(plant, policy, flow, &routes, language);
    let name = |peer: &Peer| match peer {
        Peer::Asset(id) => plant.assets.get(id).map_or_else(|| id.to_string(), |asset| asset.title.clone()),
        Peer::Gateway => "Gateway".to_owned(),
        Peer::Address(_) => peer.text(),
    };
    let via = flow.remote.as_ref().and_then(|remote| remote.via.clone());
    Shown {
        id: flow.id.to_string(),
        from: flow.from.iter().map(name).collect(),
        to: flow.to.iter().map(name).collect(),
        via: via.map(|via| name(&Peer::Asset(via))),
        services: flow.services.iter().map(Service::text).collect(),
        allowed: if flow.limited() {
            flow.allow.iter().map(|permission| sentences::permission(permission, language)).collect()
        } else {
            Vec::new()
        },
        when: sentences::when(plant, flow, language),
        approval: !flow.approve.is_empty(),
        closed: policy
            .closed
            .iter()
            .filter(|(id, why)| {
                id == &flow.id && matches!(why, Why::OutsideWindow | Why::NotApproved | Why::State)
            })
            .map(|(_, why)| why.text(language).to_owned())
            .next(),
        guard,
        reason,
        why: flow.why.clone(),
        essential: flow.essential,
        stops: if flow.essential { stops(plant, flow, &routes, language) } else { Vec::new() },
        hops: hops(plant, flow, &routes),
    }
}

fn guard(
    plant: &Plant,
    policy: &Policy,
    flow: &Flow,
    routes: &[Route],
    language: Language,
) -> (Guard, String) {
    let unread = policy.closed.iter().any(|(id, why)| id == &flow.id && *why == Why::NotInspected);
    let closed = language.pick(
        "kept closed: its commands are limited, and the gateway cannot read this protocol yet",
        "bleibt geschlossen: seine Befehle sind begrenzt, und das Gateway kann dieses Protokoll noch nicht lesen",
    );
    let (guard, mut reason) = match plant.treatment(flow) {
        Treatment::Open => (
            Guard::Enforced,
            language
                .pick(
                    "peers and ports; the plant does not limit the commands",
                    "Gegenstellen und Ports; die Befehle begrenzt die Anlage nicht",
                )
                .to_owned(),
        ),
        Treatment::Inspected if !unread => (
            Guard::Enforced,
            language
                .pick(
                    "peers, ports and every single command: the gateway reads each one and refuses what is not allowed",
                    "Gegenstellen, Ports und jeder einzelne Befehl: das Gateway liest jeden und lehnt ab, was nicht \
                     erlaubt ist",
                )
                .to_owned(),
        ),
        Treatment::Closed | Treatment::Inspected => (Guard::Enforced, closed.to_owned()),
        Treatment::Uninspected => (Guard::Blind, uninspected(plant, flow, language)),
        Treatment::NotEnforced => {
            let below = flow.services.iter().all(Service::layer2);
            let why = if below {
                language.pick(
                    "it runs below IP, where no firewall of this kind sees it",
                    "er läuft unterhalb von IP, wo keine Firewall dieser Art ihn sieht",
                )
            } else {
                language.pick(
                    "both ends are on the same network, so nothing of it passes the gateway",
                    "beide Enden hängen am selben Netz, nichts davon läuft über das Gateway",
                )
            };
            let text = language.pick("in the model, not watched yet: ", "im Modell, noch nicht beobachtet: ");
            (Guard::Blind, format!("{text}{why}"))
        }
    };
    let crossing = routes.iter().filter(|route| route.crosses()).count();
    if crossing > 0 && crossing < routes.len() && flow.remote.is_none() {
        reason.push_str(language.pick(
            "; some of its ends share a network, and between those the gateway sees nothing",
            "; einige seiner Enden teilen sich ein Netz, dazwischen sieht das Gateway nichts",
        ));
    }
    if let Some(remote) = &flow.remote {
        let mut wanted = Vec::new();
        if remote.second_factor {
            wanted.push(language.pick("a second factor", "einen zweiten Faktor"));
        }
        if remote.record {
            wanted.push(language.pick("a recording", "eine Aufzeichnung"));
        }
        if !wanted.is_empty() {
            let wanted = and_list(&wanted, language);
            reason.push_str(&language.pick(
                format!("; the text also asks for {wanted}, which nothing here checks yet"),
                format!("; der Text verlangt außerdem {wanted}; das prüft hier noch nichts"),
            ));
        }
    }
    (guard, reason)
}

fn uninspected(plant: &Plant, flow: &Flow, language: Language) -> String {
    if flow.enforced_by == EnforcedBy::Server {
        return language
            .pick(
                "peers and ports are enforced; the commands are encrypted, so only the server can refuse them",
                "Gegenstellen und Ports sind durchgesetzt; die Befehle sind verschlüsselt, nur der Server kann sie \
                 ablehnen",
            )
            .to_owned();
    }
    let Some(decision) = plant.decisions.port_only.get(&flow.id) else { return String::new() };
    language.pick(
        format!(
            "peers and ports are enforced, the commands are not looked at: decided by {} until {}: {}",
            decision.who, decision.until, decision.why
        ),
        format!(
            "Gegenstellen und Ports sind durchgesetzt, die Befehle sieht niemand an: entschieden von {} bis {}: {}",
            decision.who, decision.until, decision.why
        ),
    )
}

/// What an essential flow keeps going: what its ends are for, and what happens to its way when the gateway is lost.
fn stops(plant: &Plant, flow: &Flow, routes: &[Route], language: Language) -> Vec<String> {
    let mut list = Vec::new();
    for peer in flow.from.iter().chain(&flow.to) {
        let Peer::Asset(id) = peer else { continue };
        let Some(asset) = plant.assets.get(id) else { continue };
        let facts: Vec<&str> = ["worst", "downtime"]
            .iter()
            .filter_map(|key| asset.function.get(*key))
            .map(String::as_str)
            .collect();
        if !facts.is_empty() {
            list.push(format!("{}: {}", asset.title, facts.join(", ")));
        }
    }
    let ways: BTreeSet<_> = routes
        .iter()
        .filter_map(|route| plant.conduit_between(&route.from.zone, &route.to.zone))
        .map(|conduit| (conduit.id.clone(), conduit.on_gateway_loss))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|(id, loss)| (id, loss == OnGatewayLoss::Closed))
        .collect();
    for (id, closed) in ways {
        list.push(match closed {
            true => language.pick(
                format!("when the gateway itself is lost, {id} is closed and this flow with it"),
                format!("fällt das Gateway selbst aus, ist {id} geschlossen und dieser Fluss mit ihm"),
            ),
            false => language.pick(
                format!("when the gateway itself is lost, {id} stays as it is"),
                format!("fällt das Gateway selbst aus, bleibt {id}, wie es ist"),
            ),
        });
    }
    list
}

fn hops(plant: &Plant, flow: &Flow, routes: &[Route]) -> Vec<Hop> {
    let mut hops: BTreeSet<Hop> = routes
        .iter()
        .map(|route| Hop { from: spot(plant, &route.from), to: spot(plant, &route.to) })
        .collect();
    if hops.is_empty() {
        // Devices without an address stand in their zone all the same.
        let at = |peer: &Peer| match peer {
            Peer::Asset(id) => plant.assets.get(id).map(|asset| Spot {
                zone: asset.zone.to_string(),
                leg: String::new(),
                asset: Some(id.to_string()),
            }),
            _ => None,
        };
        for from in flow.from.iter().filter_map(at) {
            hops.extend(
                flow.to
                    .iter()
                    .filter_map(at)
                    .filter(|to| to.zone == from.zone)
                    .map(|to| Hop { from: from.clone(), to }),
            );
        }
    }
    hops.into_iter().collect()
}

fn spot(plant: &Plant, end: &Endpoint) -> Spot {
    let asset = (!end.gateway).then(|| match device_of(plant, end.addresses.addr()) {
        Some(asset) => asset.id.to_string(),
        None => address_id(&Peer::Address(end.addresses)),
    });
    Spot { zone: end.zone.to_string(), leg: end.leg.clone(), asset }
}
