//! The ways through the gateway that connections are opened on.

use std::collections::BTreeMap;

use crate::permission::{Permission, Side};

/// The way the opening packet takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Way {
    /// From one leg to another.
    Pass(String, String),
    /// From a leg to the gateway.
    In(String),
    /// From the gateway to a leg.
    Out(String),
}

impl Way {
    pub(crate) fn of(iif: &Side, oif: &Side) -> Option<Way> {
        Some(match (iif, oif) {
            (Side::Leg(from), Side::Leg(to)) if from != to => Way::Pass(from.clone(), to.clone()),
            (Side::Leg(from), Side::Local) => Way::In(from.clone()),
            (Side::Local, Side::Leg(to)) => Way::Out(to.clone()),
            _ => return None,
        })
    }

    /// The way of the answers.
    pub(crate) fn back(&self) -> Way {
        match self {
            Way::Pass(from, to) => Way::Pass(to.clone(), from.clone()),
            Way::In(leg) => Way::Out(leg.clone()),
            Way::Out(leg) => Way::In(leg.clone()),
        }
    }
}

/// Permissions by the way they open.
pub(crate) fn by_way(permissions: &[Permission]) -> BTreeMap<Way, Vec<&Permission>> {
    let mut ways: BTreeMap<Way, Vec<&Permission>> = BTreeMap::new();
    for row in permissions {
        if let Some(way) = Way::of(&row.iif, &row.oif) {
            ways.entry(way).or_default().push(row);
        }
    }
    ways
}
