//! What can let packets pass around nf_tables, or around what a ruleset means: plain data, each field saying
//! whether it could be read.

mod bpf;
mod files;
mod hooks;
mod traffic;
mod xfrm;

use std::collections::BTreeMap;
use std::fmt;

pub use bpf::{BpfPoint, BpfPrograms};
pub use files::{LinkSettings, Settings};
pub use hooks::Hook;
pub use traffic::{Filter, Qdisc};

use crate::link::{self, Link};

/// A fact about this namespace, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<T> {
    /// As read.
    Read(T),
    /// The kernel has no such thing (not built in, module not loaded): nothing can be attached there.
    Absent(String),
    /// It may be there; we were not allowed or not able to look.
    Unreadable(String),
}

impl<T> Reading<T> {
    /// The value, where it was read.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Absent(_) | Self::Unreadable(_) => None,
        }
    }

    /// Whether it may be there without our having seen it.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }

    fn map<U>(self, turn: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Read(value) => Reading::Read(turn(value)),
            Self::Absent(why) => Reading::Absent(why),
            Self::Unreadable(why) => Reading::Unreadable(why),
        }
    }

    fn of(result: Result<T, impl fmt::Display>) -> Self {
        match result {
            Ok(value) => Self::Read(value),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Reading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(value) => value.fmt(f),
            Self::Absent(why) => write!(f, "absent ({why})"),
            Self::Unreadable(why) => write!(f, "could not be read ({why})"),
        }
    }
}

/// A bridge and the links that are its ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// Name of the bridge.
    pub name: String,
    /// Names of its ports.
    pub ports: Vec<String>,
}

/// What surrounds the ruleset of a network namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Links, by index: kind, master, up, XDP.
    pub links: Reading<Vec<Link>>,
    /// Bridges with their ports.
    pub bridges: Reading<Vec<Bridge>>,
    /// Queueing disciplines of every link; `clsact` and `ingress` are the ones packets meet on the way in.
    pub qdiscs: Reading<Vec<Qdisc>>,
    /// Traffic-control filters attached to any of them.
    pub filters: Reading<Vec<Filter>>,
    /// BPF programs at a link's tcx or netkit points, for each link.
    pub bpf: Vec<BpfPrograms>,
    /// Legacy xtables: table names by family (`ip`, `ip6`, `arp`).
    pub xtables: BTreeMap<&'static str, Reading<Vec<String>>>,
    /// Modules of legacy ebtables that are loaded; machine-wide, so a hint for this namespace.
    pub ebtables: Reading<Vec<String>>,
    /// Every function at a netfilter hook, nf_tables' own among them (`Absent` on kernels that cannot tell).
    pub hooks: Reading<Vec<Hook>>,
    /// Number of IPsec policies.
    pub xfrm_policies: Reading<usize>,
    /// Number of IPVS services.
    pub ipvs_services: Reading<usize>,
    /// Settings of the namespace.
    pub settings: Settings,
    /// Settings of each link, by name.
    pub link_settings: BTreeMap<String, LinkSettings>,
}

/// Reads what surrounds the ruleset in the calling thread's network namespace.
pub fn read_surroundings() -> Surroundings {
    let links = Reading::of(link::list());
    let known = links.value().map(Vec::as_slice).unwrap_or_default();
    let qdiscs = traffic::qdiscs(known);
    let filters = traffic::filters(known, &qdiscs);
    Surroundings {
        bridges: links.clone().map(|links| bridges(&links)),
        bpf: known.iter().flat_map(bpf::programs).collect(),
        xtables: files::xtables(),
        ebtables: files::ebtables(),
        hooks: hooks::read(known),
        xfrm_policies: xfrm::policies(),
        ipvs_services: files::ipvs_services(),
        settings: Settings::read(),
        link_settings: known.iter().map(|link| (link.name.clone(), LinkSettings::read(&link.name))).collect(),
        links,
        qdiscs: qdiscs.map(|qdiscs| qdiscs.into_iter().map(|(qdisc, _)| qdisc).collect()),
        filters,
    }
}

fn bridges(links: &[Link]) -> Vec<Bridge> {
    links
        .iter()
        .filter(|link| link.kind.as_deref() == Some("bridge"))
        .map(|bridge| Bridge {
            name: bridge.name.clone(),
            ports: links
                .iter()
                .filter(|port| port.master == Some(bridge.index))
                .map(|port| port.name.clone())
                .collect(),
        })
        .collect()
}
