//! Peers that are written as what others call a device.

use crate::diagnostic::Sink;
use crate::model::{Flow, Peer, Plant};
use crate::problem::Network;

pub(super) fn check(plant: &Plant, flow: &Flow, sink: &mut Sink) {
    for peer in flow.from.iter().chain(&flow.to) {
        let Peer::Address(network) = peer else { continue };
        if network.prefix_len() != network.max_prefix_len() {
            continue;
        }
        let Some(known) = plant.translated(network.addr()) else { continue };
        let device = plant.assets.get(&known.inside).map_or_else(String::new, |asset| asset.name());
        let who = super::flows::who(flow);
        sink.add(
            Some(flow.place.clone()),
            Network::NatPeer { who, address: known.outside.to_string(), device },
        );
    }
}
