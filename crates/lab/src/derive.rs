//! Cases the lab makes itself: for every open flow one that must get through, and its neighbours.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plant::{Endpoint, Flow, Given, Peer, Plant, Route, Treatment, Verdict};

use crate::case::{Case, Dialog, of_service};
use crate::moment::Setting;
use crate::oracle::Oracle;
use crate::placing::{called, network_of, place, spare};
use crate::report::LabOptions;
use crate::wire::Wire;

/// Derives cases from every flow the gateway enforces, by flow id. `known` are settings the plant's own cases need
/// anyway: a window is tried in one of them where that is possible.
pub(crate) fn cases(plant: &Plant, zone: &TimeZone, options: &LabOptions, known: &[Setting]) -> Vec<Case> {
    let oracle = Oracle { plant, zone };
    let everything = everything_given(plant, options);
    let mut settings: Vec<Setting> = known.iter().filter(|setting| !setting.cut).cloned().collect();
    let mut cases: Vec<Case> = Vec::new();
    for flow in plant.flows.values() {
        let treatment = plant.treatment(flow);
        if treatment == Treatment::NotEnforced {
            continue;
        }
        let Some(setting) = setting_for(&oracle, options, flow, &settings, &everything) else { continue };
        if !settings.contains(&setting) {
            settings.push(setting.clone());
        }
        for (what, from, to, wires) in as_called(plant, neighbours(plant, flow)) {
            if cases.len() >= options.most_derived {
                return cases;
            }
            let allowed = wires.iter().filter(|wire| oracle.allows(&setting, from, to, **wire)).count();
            // The other half of a service that another flow opens: neither an allow nor a deny.
            if allowed != 0 && allowed != wires.len() {
                continue;
            }
            let twice = cases.iter().any(|case| {
                (case.from, case.to, &case.setting) == (from, to, &setting) && case.wires == wires
            });
            if twice || !passes_gateway(plant, from, to) {
                continue;
            }
            let words: Vec<String> = wires.iter().map(|wire| wire.text()).collect();
            cases.push(Case {
                id: format!("{}/{what}", flow.id),
                say: format!("{from} -> {to} {}", words.join(" and ")),
                from,
                to,
                wires,
                fragmented: false,
                dialog: Dialog::Wires,
                expected: if allowed > 0 { Verdict::Allow } else { Verdict::Deny },
                setting: setting.clone(),
                derived: true,
            });
        }
    }
    cases
}

/// Every approval given and every state at its highest, so that one load opens all flows that ask for them.
fn everything_given(plant: &Plant, options: &LabOptions) -> Vec<Given> {
    let mut given = options.given.clone();
    for flow in plant.flows.values().filter(|flow| !flow.approve.is_empty()) {
        let has =
            |fact: &Given| matches!(fact, Given::Approved { flow: approved, .. } if *approved == flow.id);
        if !given.iter().any(has) {
            given.push(Given::Approved { flow: flow.id.clone(), lasting: None });
        }
    }
    for state in plant.states.values() {
        let has = |fact: &Given| matches!(fact, Given::State { state: known, .. } if *known == state.id);
        if let Some(value) = state.values.last().filter(|_| !given.iter().any(has)) {
            given.push(Given::State { state: state.id.clone(), value: value.clone() });
        }
    }
    given
}

/// A setting in which a flow is open: the plain one, one that is needed anyway, or one made for it.
fn setting_for(
    oracle: &Oracle<'_>,
    options: &LabOptions,
    flow: &Flow,
    known: &[Setting],
    everything: &[Given],
) -> Option<Setting> {
    let open_long = |setting: &Setting| {
        oracle.now(setting, flow)
            && flow.when.as_ref().and_then(|when| when.open_until(setting.moment, oracle.zone)).is_none_or(
                |end| setting.moment.checked_add(SignedDuration::from_mins(2)).is_ok_and(|soon| end > soon),
            )
    };
    let plain = Setting { moment: options.at, given: options.given.clone(), cut: false };
    if open_long(&plain) {
        return Some(plain);
    }
    let full = Setting { moment: options.at, given: everything.to_vec(), cut: false };
    // An approval in a known setting may be a short one; only those without any are taken over.
    let without_approvals =
        |setting: &&Setting| !setting.given.iter().any(|fact| matches!(fact, Given::Approved { .. }));
    if flow.approve.is_empty()
        && let Some(setting) = known.iter().filter(without_approvals).find(|setting| open_long(setting))
    {
        return Some(setting.clone());
    }
    if open_long(&full) {
        return Some(full);
    }
    quarters(options.at)
        .map(|moment| Setting { moment, given: full.given.clone(), cut: false })
        .find(open_long)
}

/// Every quarter of an hour of eight days.
fn quarters(from: Timestamp) -> impl Iterator<Item = Timestamp> {
    (1..8 * 24 * 4_i64)
        .filter_map(move |quarter| from.checked_add(SignedDuration::from_mins(15 * quarter)).ok())
}

/// With destinations as the sender has to write them, and a case for the first one that differs: written as it is.
fn as_called(plant: &Plant, cases: Vec<Derived>) -> Vec<Derived> {
    let mut plain = None;
    let mut found = Vec::new();
    for (what, from, to, wires) in cases {
        let other = called(plant, from, to);
        if other != to && plain.is_none() {
            plain = Some(("untranslated", from, to, wires.clone()));
        }
        found.push((what, from, other, wires));
    }
    found.extend(plain);
    found
}

/// What to derive a case from: name, source, destination, what is sent.
type Derived = (&'static str, IpAddr, IpAddr, Vec<Wire>);

/// The flow itself and what lies next to it.
fn neighbours(plant: &Plant, flow: &Flow) -> Vec<Derived> {
    let Some(route) = first_route(plant, flow) else { return Vec::new() };
    let (Some(from), Some(to)) = (concrete(plant, &route.from, &[]), concrete(plant, &route.to, &[])) else {
        return Vec::new();
    };
    let mut all: Vec<Wire> = Vec::new();
    for wire in flow.services.iter().flat_map(|service| of_service(service, from.is_ipv6())) {
        if !all.contains(&wire) {
            all.push(wire);
        }
    }
    let Some(first) = all.first().copied() else { return Vec::new() };
    let mut found = vec![("open", from, to, all)];
    let mut add = |what, from, to, wire| found.push((what, from, to, vec![wire]));
    match first {
        Wire::Tcp(port) => {
            let last = last_port(flow, port);
            ports_around(port, last).for_each(|(what, port)| add(what, from, to, Wire::Tcp(port)));
            add("udp", from, to, Wire::Udp(port));
        }
        Wire::Udp(port) => {
            let last = last_port(flow, port);
            ports_around(port, last).for_each(|(what, port)| add(what, from, to, Wire::Udp(port)));
            add("tcp", from, to, Wire::Tcp(port));
        }
        Wire::Echo | Wire::Ip(_) => add("tcp", from, to, Wire::Tcp(7)),
    }
    // Answers of a protocol without ports cannot be told from a connection the other way round.
    if !matches!(first, Wire::Ip(_)) {
        add("reversed", to, from, first);
    }
    if !route.from.gateway
        && let Some(other) = another(plant, &route.from, from)
    {
        add("other source", other, to, first);
    }
    if !route.to.gateway
        && let Some(other) = another(plant, &route.to, to)
    {
        add("other target", from, other, first);
    }
    if let Some(other) = other_zone(plant, &route, from) {
        add("other zone", other, to, first);
    }
    found
}

fn ports_around(first: u16, last: u16) -> impl Iterator<Item = (&'static str, u16)> {
    let below = first.checked_sub(1).filter(|port| *port > 0).map(|port| ("port below", port));
    let above = last.checked_add(1).map(|port| ("port above", port));
    below.into_iter().chain(above)
}

/// The last port of the range that begins with `first`.
fn last_port(flow: &Flow, first: u16) -> u16 {
    flow.services
        .iter()
        .flat_map(|service| &service.transports)
        .find_map(|transport| match transport {
            protocols::Transport::Tcp(ports) | protocols::Transport::Udp(ports) if ports.first == first => {
                Some(ports.last)
            }
            _ => None,
        })
        .unwrap_or(first)
}

/// The first pair of ends the gateway stands between; over a jump host, the first hop.
fn first_route(plant: &Plant, flow: &Flow) -> Option<Route> {
    let via = flow.remote.as_ref().and_then(|remote| remote.via.clone());
    let routes = match via {
        Some(via) => plant.routes(&Flow { to: vec![Peer::Asset(via)], ..flow.clone() }),
        None => plant.routes(flow),
    };
    routes.into_iter().find(|route| {
        let has = |end: &Endpoint| {
            plant.leg(&end.leg).is_some_and(|(_, leg)| {
                leg.networks.iter().any(|net| net.addr().is_ipv6() == end.addresses.addr().is_ipv6())
            })
        };
        route.crosses() && has(&route.from) && has(&route.to)
    })
}

/// One address of an endpoint, other than those taken.
fn concrete(plant: &Plant, end: &Endpoint, taken: &[IpAddr]) -> Option<IpAddr> {
    let network = end.addresses;
    if network.prefix_len() == network.max_prefix_len() {
        return Some(network.addr()).filter(|address| !taken.contains(address));
    }
    let of_assets = plant
        .assets
        .values()
        .flat_map(|asset| &asset.interfaces)
        .flat_map(|interface| &interface.addresses)
        .copied()
        .find(|address| network.contains(address) && !taken.contains(address));
    of_assets.or_else(|| spare(plant, network, taken))
}

/// Another host behind the same leg: an asset, else an address nobody has.
fn another(plant: &Plant, end: &Endpoint, not: IpAddr) -> Option<IpAddr> {
    let behind = plant
        .assets
        .values()
        .flat_map(|asset| &asset.interfaces)
        .filter(|interface| interface.leg.as_deref() == Some(end.leg.as_str()))
        .flat_map(|interface| &interface.addresses)
        .copied();
    let apart = |address: &IpAddr| {
        *address != not && address.is_ipv6() == not.is_ipv6() && !end.addresses.contains(address)
    };
    if let Some(other) = behind.into_iter().find(apart) {
        return Some(other);
    }
    let (_, leg) = plant.leg(&end.leg)?;
    let network = network_of(leg, not).or_else(|| {
        leg.networks.iter().copied().find(|network: &IpNet| network.addr().is_ipv6() == not.is_ipv6())
    })?;
    spare(plant, network, &[not]).filter(apart)
}

/// A host of a zone that is neither end's, with the first such zone by id.
fn other_zone(plant: &Plant, route: &Route, like: IpAddr) -> Option<IpAddr> {
    let not: BTreeSet<_> = [&route.from.zone, &route.to.zone].into_iter().collect();
    let assets = plant.assets.values().filter(|asset| !not.contains(&asset.zone));
    assets
        .flat_map(|asset| &asset.interfaces)
        .filter(|interface| interface.leg.is_some())
        .flat_map(|interface| &interface.addresses)
        .copied()
        .find(|address| address.is_ipv6() == like.is_ipv6())
}

/// Whether something between two addresses goes through the gateway, and is not the gateway speaking to itself.
fn passes_gateway(plant: &Plant, from: IpAddr, to: IpAddr) -> bool {
    let Some((source, target)) = place(plant, from).zip(place(plant, to)) else { return false };
    match (source.is_gateway(), target.is_gateway()) {
        (true, true) => false,
        (true, false) | (false, true) => true,
        (false, false) => source.leg() != target.leg(),
    }
}
