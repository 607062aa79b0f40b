//! What the kernel tells in files: settings, legacy tables, IPVS.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use super::Reading;
use crate::sysctl;

/// Settings of the namespace that decide whether and how packets are forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `net.ipv4.ip_forward`.
    pub ip_forward: Reading<String>,
    /// `net.ipv6.conf.all.forwarding`.
    pub ipv6_forwarding: Reading<String>,
    /// `net.ipv4.conf.all.rp_filter`.
    pub rp_filter: Reading<String>,
    /// `net.ipv4.conf.all.accept_source_route`.
    pub accept_source_route: Reading<String>,
    /// `net.netfilter.nf_conntrack_tcp_loose`.
    pub tcp_loose: Reading<String>,
    /// `net.netfilter.nf_conntrack_tcp_be_liberal`.
    pub tcp_be_liberal: Reading<String>,
    /// `net.netfilter.nf_conntrack_helper` (gone from Linux 6.0 on).
    pub conntrack_helper: Reading<String>,
    /// `net.bridge.bridge-nf-call-iptables`.
    pub bridge_nf_call_iptables: Reading<String>,
    /// `net.bridge.bridge-nf-call-ip6tables`.
    pub bridge_nf_call_ip6tables: Reading<String>,
    /// `net.bridge.bridge-nf-call-arptables`.
    pub bridge_nf_call_arptables: Reading<String>,
}

impl Settings {
    pub(super) fn read() -> Self {
        Self {
            ip_forward: setting("net/ipv4/ip_forward"),
            ipv6_forwarding: setting("net/ipv6/conf/all/forwarding"),
            rp_filter: setting("net/ipv4/conf/all/rp_filter"),
            accept_source_route: setting("net/ipv4/conf/all/accept_source_route"),
            tcp_loose: setting("net/netfilter/nf_conntrack_tcp_loose"),
            tcp_be_liberal: setting("net/netfilter/nf_conntrack_tcp_be_liberal"),
            conntrack_helper: setting("net/netfilter/nf_conntrack_helper"),
            bridge_nf_call_iptables: setting("net/bridge/bridge-nf-call-iptables"),
            bridge_nf_call_ip6tables: setting("net/bridge/bridge-nf-call-ip6tables"),
            bridge_nf_call_arptables: setting("net/bridge/bridge-nf-call-arptables"),
        }
    }
}

/// Settings of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// `net.ipv4.conf.LINK.forwarding`.
    pub forwarding_v4: Reading<String>,
    /// `net.ipv6.conf.LINK.forwarding`.
    pub forwarding_v6: Reading<String>,
    /// `net.ipv4.conf.LINK.rp_filter`.
    pub rp_filter: Reading<String>,
    /// `net.ipv4.conf.LINK.proxy_arp`.
    pub proxy_arp: Reading<String>,
}

impl LinkSettings {
    pub(super) fn read(link: &str) -> Self {
        Self {
            forwarding_v4: setting(&format!("net/ipv4/conf/{link}/forwarding")),
            forwarding_v6: setting(&format!("net/ipv6/conf/{link}/forwarding")),
            rp_filter: setting(&format!("net/ipv4/conf/{link}/rp_filter")),
            proxy_arp: setting(&format!("net/ipv4/conf/{link}/proxy_arp")),
        }
    }
}

fn setting(path: &str) -> Reading<String> {
    reading(path, sysctl::get(path))
}

/// Legacy tables by family. Reading the list does not create any.
pub(super) fn xtables() -> BTreeMap<&'static str, Reading<Vec<String>>> {
    [("ip", "ip_tables_names"), ("ip6", "ip6_tables_names"), ("arp", "arp_tables_names")]
        .into_iter()
        .map(|(family, file)| {
            (family, of_this_thread(file).map(|text| text.lines().map(str::to_owned).collect()))
        })
        .collect()
}

/// Loaded modules of legacy ebtables. Asking the kernel for its tables would load them, so the list of modules has
/// to do.
pub(super) fn ebtables() -> Reading<Vec<String>> {
    let path = "/proc/modules";
    reading(path, fs::read_to_string(path)).map(|text| {
        text.lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|module| module.starts_with("ebtable_"))
            .map(str::to_owned)
            .collect()
    })
}

/// Number of virtual services.
pub(super) fn ipvs_services() -> Reading<usize> {
    of_this_thread("ip_vs").map(|text| {
        text.lines()
            .filter(|line| ["TCP", "UDP", "SCTP", "FWM"].iter().any(|kind| line.starts_with(kind)))
            .count()
    })
}

/// A file of the calling thread's namespace: `/proc/net` would be the first thread's.
fn of_this_thread(file: &str) -> Reading<String> {
    let path = format!("/proc/thread-self/net/{file}");
    reading(&path, fs::read_to_string(&path))
}

fn reading(path: &str, result: io::Result<String>) -> Reading<String> {
    match result {
        Ok(text) => Reading::Read(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Reading::Absent(format!("no {path}")),
        Err(error) => Reading::Unreadable(format!("{path}: {error}")),
    }
}
