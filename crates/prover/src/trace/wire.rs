//! The packet as rules see it on the wire, while its addresses are translated on the way.

use std::net::IpAddr;

use packets::{ConnectionState, Packet};

/// A packet, and how much of its addresses is known where it is now.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    packet: Packet,
    /// Not those at the forward hook: an error message may carry anything here.
    source_hidden: bool,
    destination_hidden: bool,
    /// Ports may have been changed along with the source.
    source_port_hidden: bool,
    destination_port_hidden: bool,
    /// What a rule translates the packet to.
    to: Option<IpAddr>,
}

impl Wire {
    /// As at the forward hook.
    pub(super) fn of(packet: &Packet) -> Wire {
        Wire {
            packet: packet.clone(),
            source_hidden: false,
            destination_hidden: false,
            source_port_hidden: false,
            destination_port_hidden: false,
            to: None,
        }
    }

    /// As it comes in, its destination not translated yet.
    pub(super) fn arrive(&mut self, packet: &Packet) {
        let called = match packet.state {
            ConnectionState::Reply => {
                self.destination_port_hidden = packet.outside.source.is_some();
                packet.outside.source
            }
            _ => packet.outside.destination,
        };
        self.packet.destination = called.unwrap_or(packet.destination);
        self.destination_hidden = matches!(packet.state, ConnectionState::Related { .. });
    }

    /// Takes the address a rule translates to; `false` where these bytes are none.
    pub(super) fn translate(&mut self, bytes: &[u8]) -> bool {
        self.to = match (<[u8; 4]>::try_from(bytes), <[u8; 16]>::try_from(bytes)) {
            (Ok(short), _) => Some(IpAddr::from(short)),
            (_, Ok(long)) => Some(IpAddr::from(long)),
            _ => None,
        };
        self.to.is_some()
    }

    /// Whether a rule has translated it at this hook.
    pub(super) fn translated(&self) -> bool {
        self.to.is_some()
    }

    /// Goes on from the translation of destinations or sources; whether what the rules made of it is what was asked
    /// about.
    pub(super) fn pass(&mut self, packet: &Packet, source: bool) -> bool {
        let to = self.to.take();
        let related = matches!(packet.state, ConnectionState::Related { .. });
        if source {
            let there = packet.outside.source.unwrap_or(packet.source);
            let plain = packet.outside.source != Some(packet.source);
            let same = to.unwrap_or(packet.source) == there && plain;
            let reply = packet.state == ConnectionState::Reply;
            self.packet.source =
                if reply { packet.outside.destination.unwrap_or(packet.source) } else { there };
            self.source_port_hidden = !reply && packet.outside.source.is_some();
            self.source_hidden = related;
            return same;
        }
        let plain = packet.outside.destination != Some(packet.destination);
        let same = to.unwrap_or(self.packet.destination) == packet.destination && plain;
        *self = Wire::of(packet);
        same
    }

    pub(super) fn packet(&self) -> &Packet {
        &self.packet
    }

    pub(super) fn source_is_sure(&self) -> bool {
        !self.source_hidden
    }

    pub(super) fn destination_is_sure(&self) -> bool {
        !self.destination_hidden
    }

    pub(super) fn source_port_is_sure(&self) -> bool {
        !self.source_port_hidden
    }

    pub(super) fn destination_port_is_sure(&self) -> bool {
        !self.destination_port_hidden
    }
}
