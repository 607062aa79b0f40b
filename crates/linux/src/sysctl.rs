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
    host()?;
    set("net/ipv4/ip_forward", "1")?;
    set_if_present("net/ipv6/conf/all/forwarding", "1")?;
    set_if_present("net/netfilter/nf_conntrack_tcp_loose", "0")?;
    // Answer for an address only on the leg that has it.
    set("net/ipv4/conf/all/arp_ignore", "1")?;
    set("net/ipv4/conf/all/send_redirects", "0")?;
    set("net/ipv4/conf/default/send_redirects", "0")
}

/// Makes this namespace an ordinary host, whatever the machine's own settings are: namespaces start with a copy.
pub fn host() -> Result<(), Error> {
    set("net/ipv4/ip_forward", "0")?;
    for scope in ["all", "default"] {
        for setting in ["rp_filter", "arp_ignore", "arp_filter", "arp_announce"] {
            set(&format!("net/ipv4/conf/{scope}/{setting}"), "0")?;
        }
    }
    Ok(())
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
