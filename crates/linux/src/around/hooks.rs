//! The functions registered at netfilter's hooks, whoever registered them: nf_tables, legacy xtables, BPF, IPVS,
//! security modules.

use std::io;

use super::Reading;
use crate::link::Link;
use crate::netlink::{Body, Socket, attributes, attributes_after, be32, text};

/// `NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET`.
const GET: u16 = 12 << 8;
const HOOKNUM: u16 = 1;
const PRIORITY: u16 = 2;
const DEVICE: u16 = 3;
const FUNCTION: u16 = 4;
const MODULE: u16 = 5;
const CHAIN_INFO: u16 = 6;
const INFO_DESC: u16 = 1;
const INFO_TYPE: u16 = 2;
const DESC_TABLE: u16 = 1;
const DESC_NAME: u16 = 3;
const TYPE_NFTABLES: u32 = 1;
const NFPROTO_NETDEV: u8 = 5;

/// A function at a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// `ip`, `ip6`, `arp`, `bridge` or `netdev`.
    pub family: &'static str,
    /// `prerouting`, `input`, `forward`, `output`, `postrouting`, `ingress`, `egress`.
    pub hook: &'static str,
    /// Link, at netdev hooks.
    pub link: Option<String>,
    /// Priority.
    pub priority: i32,
    /// Kernel function.
    pub function: String,
    /// Module it comes from; `None` where it is built in.
    pub module: Option<String>,
    /// Table and chain, where it is a base chain of nf_tables.
    pub chain: Option<(String, String)>,
}

const INET: [&str; 5] = ["prerouting", "input", "forward", "output", "postrouting"];
const ARP: [&str; 3] = ["input", "output", "forward"];
const NETDEV: [&str; 2] = ["ingress", "egress"];

/// Reads them all.
pub(super) fn read(links: &[Link]) -> Reading<Vec<Hook>> {
    let mut found = Vec::new();
    let families: [(&'static str, u8, &[&'static str]); 4] =
        [("ip", 2, &INET), ("ip6", 10, &INET), ("arp", 3, &ARP), ("bridge", 7, &INET)];
    for (family, number, hooks) in families {
        for (hook, name) in (0_u32..).zip(hooks) {
            if let Err(reading) = add(&mut found, family, number, (hook, name), None) {
                return reading;
            }
        }
    }
    for link in links {
        for (hook, name) in (0_u32..).zip(&NETDEV) {
            if let Err(reading) = add(&mut found, "netdev", NFPROTO_NETDEV, (hook, name), Some(&link.name)) {
                return reading;
            }
        }
    }
    Reading::Read(found)
}

fn add(
    found: &mut Vec<Hook>,
    family: &'static str,
    number: u8,
    (hook, name): (u32, &'static str),
    link: Option<&str>,
) -> Result<(), Reading<Vec<Hook>>> {
    let mut body = Body::new(&[number, 0, 0, 0]);
    body.attribute(HOOKNUM, &hook.to_be_bytes());
    if let Some(link) = link {
        body.text(DEVICE, link);
    }
    match Socket::netfilter().and_then(|mut socket| socket.dump(GET, &body)) {
        Ok(messages) => {
            let place = (family, name, link);
            found.extend(messages.iter().filter_map(|message| parse(&message.body, place)));
            Ok(())
        }
        // This family or hook has never been used, or does not exist in this kernel.
        Err(error)
            if matches!(
                error.raw_os_error(),
                Some(libc::ENOENT | libc::EOPNOTSUPP | libc::EPROTONOSUPPORT)
            ) =>
        {
            Ok(())
        }
        Err(error) if no_such_subsystem(&error) => {
            Err(Reading::Absent("kernel without CONFIG_NETFILTER_NETLINK_HOOK".to_owned()))
        }
        Err(error) => Err(Reading::Unreadable(format!("netfilter hooks: {error}"))),
    }
}

fn no_such_subsystem(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL))
}

fn parse(body: &[u8], (family, hook, link): (&'static str, &'static str, Option<&str>)) -> Option<Hook> {
    let mut entry = Hook {
        family,
        hook,
        link: link.map(str::to_owned),
        priority: 0,
        function: String::new(),
        module: None,
        chain: None,
    };
    for (kind, value) in attributes_after(body, 4) {
        match kind {
            PRIORITY => entry.priority = be32(value)?.cast_signed(),
            FUNCTION => entry.function = text(value),
            MODULE => entry.module = Some(text(value)),
            CHAIN_INFO => entry.chain = chain(value),
            _ => {}
        }
    }
    Some(entry)
}

fn chain(info: &[u8]) -> Option<(String, String)> {
    let kind = attributes(info).find(|(kind, _)| *kind == INFO_TYPE).and_then(|(_, value)| be32(value))?;
    if kind != TYPE_NFTABLES {
        return None;
    }
    let (_, description) = attributes(info).find(|(kind, _)| *kind == INFO_DESC)?;
    let part =
        |wanted| attributes(description).find(|(kind, _)| *kind == wanted).map(|(_, value)| text(value));
    Some((part(DESC_TABLE)?, part(DESC_NAME)?))
}
