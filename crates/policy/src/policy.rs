//! The policy: legs, permissions, and what is not open and why.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use plant::ids::{ConduitId, FlowId};

use crate::nat::Translation;
use crate::permission::{Commands, Permission, Side};

/// A leg of the gateway as the policy sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Interface name.
    pub port: String,
    /// Title of the zone behind it.
    pub title: String,
    /// Networks directly behind it.
    pub networks: Vec<IpNet>,
    /// The gateway's own addresses on it.
    pub gateways: Vec<IpAddr>,
    /// Whether every address outside all networks lies behind it.
    pub default_route: bool,
    /// Machines of other legs that are known under another address here, in order.
    pub translations: Vec<Translation>,
}

impl Leg {
    /// Whether the leg has a network of the family.
    pub fn has_family(&self, v6: bool) -> bool {
        self.networks.iter().any(|network| matches!(network, IpNet::V6(_)) == v6)
    }
}

/// Why a flow, or one way of it, is not open here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Its commands are limited and nothing inspects them.
    NotInspected,
    /// Outside its window.
    OutsideWindow,
    /// It needs an approval and has none.
    NotApproved,
    /// The state of the plant does not allow it.
    State,
    /// Below IP: nothing the gateway carries.
    Layer2,
    /// Both ends are behind the same leg: the gateway does not see it.
    SameLeg,
    /// A leg on the way has no network of the family.
    NoNetwork,
    /// No rule can say this kind of packet.
    NoRule,
    /// It announces connections, and its addresses are translated.
    Announces,
    /// Open, but what it announces stays closed: the same two hosts have limited commands between them.
    AnnouncesBeside,
}

/// What may pass at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The moment it was compiled for.
    pub moment: Timestamp,
    /// Legs by interface name.
    pub legs: BTreeMap<String, Leg>,
    /// Conduits by the pair of interfaces they join, in both orders.
    pub conduits: BTreeMap<(String, String), ConduitId>,
    /// Permissions, in order, none twice.
    pub permissions: Vec<Permission>,
    /// What passes command by command, through the proxy, in order, none twice.
    pub commands: Vec<Commands>,
    /// File transfers among the permissions: their control connection announces others, which pass as well.
    pub transfers: Vec<Permission>,
    /// Flows opened by peer and port although their commands are limited.
    pub uninspected: Vec<FlowId>,
    /// Flows, or ways of flows, that are not open here.
    pub closed: Vec<(FlowId, Why)>,
}

impl Policy {
    /// The interfaces the policy speaks about.
    pub fn interfaces(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = self.legs.keys().cloned().collect();
        names.insert(LOOPBACK.to_owned());
        names.into_iter().collect()
    }

    /// The ends of the permissions that have one.
    pub fn ends(&self) -> Vec<Timestamp> {
        let ends: BTreeSet<Timestamp> = self.rows().filter_map(|row| row.until).collect();
        ends.into_iter().collect()
    }

    /// The same policy with only the permissions alive at an instant.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> Policy {
        let mut later = self.clone();
        later.permissions.retain(|row| row.alive(instant));
        later.commands.retain(|commands| commands.row.alive(instant));
        later.transfers.retain(|row| row.alive(instant));
        later
    }

    /// All rows: what passes as it is, and what passes through the proxy.
    pub fn rows(&self) -> impl Iterator<Item = &Permission> {
        self.permissions.iter().chain(self.commands.iter().map(|commands| &commands.row))
    }

    /// The leg of a side, if it is one.
    pub(crate) fn leg(&self, side: &Side) -> Option<&Leg> {
        match side {
            Side::Leg(port) => self.legs.get(port),
            Side::Local => None,
        }
    }
}

/// The interface the machine talks to itself through.
pub(crate) const LOOPBACK: &str = "lo";
