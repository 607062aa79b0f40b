//! Which sources may arrive on a leg: the guard against forged addresses.

use std::collections::BTreeMap;

use crate::policy::Leg;
use crate::ranges::{self, Range};

/// Sources no packet from a network carries: this network, the machine itself, groups, broadcast, link-local.
const NEVER_V4: [Range; 3] = [(0, 0x00ff_ffff), (0x7f00_0000, 0x7fff_ffff), (0xe000_0000, 0xffff_ffff)];
const NEVER_V6: [Range; 3] = [(0, 1), (0xfe80 << 112, (0xfec0 << 112) - 1), (0xff00 << 112, u128::MAX)];

/// The sources that may arrive on a leg, as ordered disjoint ranges; none where the leg has no network of the family.
///
/// The gateway's own addresses never arrive from outside, nor do those it answers for.
pub(crate) fn arrivals(legs: &BTreeMap<String, Leg>, leg: &Leg, v6: bool) -> Vec<Range> {
    let own = networks(leg, v6);
    if own.is_empty() {
        return Vec::new();
    }
    let mut sources = own;
    if leg.default_route {
        let mut taken = if v6 { NEVER_V6.to_vec() } else { NEVER_V4.to_vec() };
        for other in legs.values().filter(|other| other.port != leg.port) {
            taken.extend(networks(other, v6));
        }
        sources.extend(ranges::subtract(&[ranges::all(v6)], &taken));
    }
    let gateways: Vec<Range> = legs
        .values()
        .flat_map(|leg| leg.gateways.iter().copied().chain(leg.translations.iter().map(|each| each.outside)))
        .filter(|address| address.is_ipv6() == v6)
        .map(|address| (ranges::number(address), ranges::number(address)))
        .collect();
    ranges::subtract(&sources, &gateways)
}

fn networks(leg: &Leg, v6: bool) -> Vec<Range> {
    leg.networks.iter().filter(|network| network.addr().is_ipv6() == v6).map(ranges::of).collect()
}
