//! Rows that share connections: what passes command by command and what passes as it is.

use ipnet::IpNet;
use protocols::PortRange;

use crate::permission::{Commands, Permission, Traffic};
use crate::policy::Policy;

/// An open row on its way into the policy.
pub(crate) struct Open {
    pub(crate) row: Permission,
    pub(crate) unit: Option<u8>,
    /// What may be asked, where the protocol is one the proxy speaks; such a row has TCP ports.
    pub(crate) allow: Option<Vec<protocols::Permission>>,
    /// The proxy has to look at it.
    pub(crate) limited: bool,
}

/// Tells apart what passes command by command and what passes as it is.
///
/// A connection does one or the other, so rows that share only some of their connections are cut: were a row handed over
/// or forwarded as a whole, what it shares with others would drag those along, or stand on both sides, and pass
/// uninspected as soon as the proxy is gone. Where a flow permits every command between peers that another one limits,
/// both go through the proxy; where the ports are open by a flow whose protocol the proxy does not speak, nobody looks at
/// the commands, and the limited flow is told as uninspected.
pub(crate) fn sort_out(open: Vec<Open>, policy: &mut Policy) {
    let (speaks, other): (Vec<Open>, Vec<Open>) = open.into_iter().partition(|open| open.allow.is_some());
    let ports: Vec<Permission> = other.into_iter().map(|open| open.row).collect();
    let (limited, free): (Vec<Open>, Vec<Open>) = speaks.into_iter().partition(|open| open.limited);
    for Open { row, unit, allow, .. } in limited {
        let (shared, own) = parted(row, &ports);
        for (row, by) in shared {
            policy.uninspected.push(row.flow.clone());
            // Only the other flow opens these ports, and no longer than it is open itself.
            let until = [row.until, by.until].into_iter().flatten().min();
            policy.permissions.push(Permission { until, ..row });
        }
        let allow = allow.unwrap_or_default();
        policy.commands.extend(own.into_iter().map(|row| Commands { row, unit, allow: allow.clone() }));
    }
    let inspected: Vec<Permission> = policy.commands.iter().map(|commands| commands.row.clone()).collect();
    for Open { row, unit, allow, .. } in free {
        let (shared, own) = parted(row, &inspected);
        policy.permissions.extend(own);
        let allow = allow.unwrap_or_default();
        policy.commands.extend(shared.into_iter().map(|(row, _)| Commands {
            row,
            unit,
            allow: allow.clone(),
        }));
    }
    policy.permissions.extend(ports);
}

/// The parts of a row with TCP ports that share connections with one of the others, each with that one, and the parts
/// that share none.
fn parted(row: Permission, others: &[Permission]) -> (Vec<(Permission, &Permission)>, Vec<Permission>) {
    let (mut shared, mut own) = (Vec::new(), vec![row]);
    for other in others {
        let mut left = Vec::new();
        for part in own {
            match common(&part, other) {
                Some(both) => {
                    left.extend(without(&part, &both));
                    shared.push((both, other));
                }
                None => left.push(part),
            }
        }
        own = left;
    }
    (shared, own)
}

/// The connections of a row with TCP ports that belong to another row as well.
fn common(row: &Permission, other: &Permission) -> Option<Permission> {
    let ports = match (row.traffic, other.traffic) {
        (Traffic::Ports { protocol: 6, ports: a }, Traffic::Ports { protocol: 6, ports: b }) => {
            PortRange { first: a.first.max(b.first), last: a.last.min(b.last) }
        }
        (Traffic::Ports { protocol: 6, ports }, Traffic::Any | Traffic::Protocol(6)) => ports,
        _ => return None,
    };
    if ports.first > ports.last || (&row.iif, &row.oif) != (&other.iif, &other.oif) {
        return None;
    }
    let narrower = |a: &IpNet, b: &IpNet| match (a.contains(b), b.contains(a)) {
        (true, _) => Some(*b),
        (false, true) => Some(*a),
        (false, false) => None,
    };
    Some(Permission {
        source: narrower(&row.source, &other.source)?,
        destination: narrower(&row.destination, &other.destination)?,
        traffic: Traffic::Ports { protocol: 6, ports },
        ..row.clone()
    })
}

/// What a row has beside a part of it, as rows that share nothing.
fn without(row: &Permission, part: &Permission) -> Vec<Permission> {
    let sources = beside(row.source, part.source);
    let mut rest: Vec<Permission> =
        sources.into_iter().map(|source| Permission { source, ..row.clone() }).collect();
    let destinations = beside(row.destination, part.destination);
    let of_part = |destination| Permission { source: part.source, destination, ..row.clone() };
    rest.extend(destinations.into_iter().map(of_part));
    if let (Traffic::Ports { protocol, ports: all }, Traffic::Ports { ports, .. }) =
        (row.traffic, part.traffic)
    {
        let below = ports.first.checked_sub(1).map(|last| PortRange { first: all.first, last });
        let above = ports.last.checked_add(1).map(|first| PortRange { first, last: all.last });
        let rows = [below, above].into_iter().flatten().filter(|ports| ports.first <= ports.last);
        rest.extend(
            rows.map(|ports| Permission { traffic: Traffic::Ports { protocol, ports }, ..part.clone() }),
        );
    }
    rest
}

/// The networks of `all` beside `part`, which lies within: at most as many as there are bits between the two.
fn beside(all: IpNet, part: IpNet) -> Vec<IpNet> {
    let mut rest = Vec::new();
    let mut around = all;
    while around.prefix_len() < part.prefix_len() {
        let Ok(halves) = around.subnets(around.prefix_len() + 1) else { break };
        for half in halves {
            if half.contains(&part) {
                around = half;
            } else {
                rest.push(half);
            }
        }
    }
    rest
}
