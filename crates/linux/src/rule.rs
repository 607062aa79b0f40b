//! Routing rules: which table decides about marked packets.

use std::io;

use crate::Error;
use crate::link::index_of;
use crate::netlink::{Body, CREATE, Socket};

const FRA_PRIORITY: u16 = 6;
const FRA_FWMARK: u16 = 10;
const FRA_TABLE: u16 = 15;
const FRA_FWMASK: u16 = 16;
const FRA_PROTOCOL: u16 = 21;
const FR_ACT_TO_TBL: u8 = 1;
const RTA_OIF: u16 = 4;
const RTA_TABLE: u16 = 15;
/// Behind the rule for this machine's own addresses (0), before the one for the main table (32766).
const PRIORITY: u32 = 7502;

/// Delivers packets that have the mark to this machine, whatever their destination: a rule that looks them up in the
/// table, and a table in which everything is local. Both families, as far as the kernel has them; there already is
/// fine.
pub fn deliver(mark: u32, table: u32) -> Result<(), Error> {
    let lo = index_of("lo")?;
    for family in [libc::AF_INET, libc::AF_INET6] {
        let family = u8::try_from(family).unwrap_or_default();
        let made = add_route(family, table, lo).and_then(|()| add_rule(family, mark, table));
        match made {
            Err(error) if family != 2 && without_family(&error) => {}
            made => {
                made.map_err(|error| Error::system(format!("deliver packets marked {mark:#x}"), error))?;
            }
        }
    }
    Ok(())
}

fn add_rule(family: u8, mark: u32, table: u32) -> io::Result<()> {
    let mut body = Body::new(&[family, 0, 0, 0, 0, 0, 0, FR_ACT_TO_TBL, 0, 0, 0, 0]);
    body.attribute(FRA_PRIORITY, &PRIORITY.to_ne_bytes())
        .attribute(FRA_FWMARK, &mark.to_ne_bytes())
        .attribute(FRA_FWMASK, &u32::MAX.to_ne_bytes())
        .attribute(FRA_TABLE, &table.to_ne_bytes())
        .attribute(FRA_PROTOCOL, &[libc::RTPROT_STATIC]);
    there_is_fine(Socket::route()?.request(libc::RTM_NEWRULE, CREATE, &body))
}

fn add_route(family: u8, table: u32, lo: u32) -> io::Result<()> {
    let head = [
        family,
        0,
        0,
        0,
        libc::RT_TABLE_UNSPEC,
        libc::RTPROT_STATIC,
        libc::RT_SCOPE_HOST,
        libc::RTN_LOCAL,
        0,
        0,
        0,
        0,
    ];
    let mut body = Body::new(&head);
    body.attribute(RTA_TABLE, &table.to_ne_bytes()).attribute(RTA_OIF, &lo.to_ne_bytes());
    there_is_fine(Socket::route()?.request(libc::RTM_NEWROUTE, CREATE, &body))
}

fn there_is_fine(made: io::Result<()>) -> io::Result<()> {
    match made {
        Err(error) if error.raw_os_error() == Some(libc::EEXIST) => Ok(()),
        made => made,
    }
}

fn without_family(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EOPNOTSUPP | libc::ENODEV | libc::EACCES))
}
