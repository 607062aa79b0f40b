//! Settings below `/proc/sys`; those of the network are the calling thread's namespace's own.

use std::fs;
use std::io;

use crate::Error;

/// Reads a setting, `net/ipv4/ip_forward`.
pub fn get(path: &str) -> io::Result<String> {
    Ok(fs::read_to_string(format!("/proc/sys/{path}"))?.trim().to_owned())
}

/// Writes a setting.
pub fn set(path: &str, value: &str) -> Result<(), Error> {
    fs::write(format!("/proc/sys/{path}"), value)
        .map_err(|error| Error::system(format!("set {path} to {value}"), error))
}

/// Writes a setting where it exists: a kernel without IPv6 has none of its settings.
pub fn set_if_present(path: &str, value: &str) -> Result<(), Error> {
    match set(path, value) {
        Err(Error::System { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes this namespace a router of both families that takes no up mid-stream packets and leaves source checks to
/// the ruleset.
pub fn router() -> Result<(), Error> {
    set("net/ipv4/ip_forward", "1")?;
    set_if_present("net/ipv6/conf/all/forwarding", "1")?;
    set_if_present("net/netfilter/nf_conntrack_tcp_loose", "0")?;
    set("net/ipv4/conf/all/rp_filter", "0")?;
    set("net/ipv4/conf/default/rp_filter", "0")?;
    // Answer for an address only on the leg that has it.
    set("net/ipv4/conf/all/arp_ignore", "1")?;
    set("net/ipv4/conf/all/send_redirects", "0")?;
    set("net/ipv4/conf/default/send_redirects", "0")
}

/// Makes IPv6 usable at once and only by what is configured: no waiting for duplicates, no router advertisements,
/// no addresses of its own. Holds for interfaces created afterwards.
pub fn quiet_ipv6() -> Result<(), Error> {
    for scope in ["all", "default"] {
        set_if_present(&format!("net/ipv6/conf/{scope}/accept_dad"), "0")?;
        set_if_present(&format!("net/ipv6/conf/{scope}/dad_transmits"), "0")?;
        set_if_present(&format!("net/ipv6/conf/{scope}/accept_ra"), "0")?;
        set_if_present(&format!("net/ipv6/conf/{scope}/router_solicitations"), "0")?;
    }
    Ok(())
}
