//! Traffic control: queueing disciplines, and the filters attached to them that may drop, rewrite or redirect.

use std::io;

use super::Reading;
use crate::link::Link;
use crate::netlink::{Body, Socket, attributes_after, text, u32_at};

const HEAD: usize = 20;
const TCA_KIND: u16 = 1;
const TCA_OPTIONS: u16 = 2;
const TC_H_CLSACT: u32 = 0xffff_fff1;
const TC_H_CLSACT_INGRESS: u32 = 0xffff_fff2;
const TC_H_CLSACT_EGRESS: u32 = 0xffff_fff3;

/// A queueing discipline of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qdisc {
    /// Name of the link.
    pub link: String,
    /// Kind: `clsact`, `ingress`, `noqueue`, `fq_codel` ...
    pub kind: String,
}

/// A filter of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Name of the link.
    pub link: String,
    /// Where packets meet it: `ingress`, `egress`, or the kind of the discipline it hangs on.
    pub point: String,
    /// Kind: `bpf`, `u32`, `flower`, `matchall` ...
    pub kind: String,
    /// Whether it comes with options: classes, actions, programs.
    pub options: bool,
}

/// All disciplines, each with its handle.
pub(super) fn qdiscs(links: &[Link]) -> Reading<Vec<(Qdisc, (u32, u32))>> {
    let messages =
        Socket::route().and_then(|mut socket| socket.dump(libc::RTM_GETQDISC, &Body::new(&[0; HEAD])));
    reading(messages, "traffic control").map(|messages| {
        messages
            .iter()
            .filter_map(|message| {
                let index = u32_at(&message.body, 4)?;
                let handle = u32_at(&message.body, 8)?;
                let kind = attributes_after(&message.body, HEAD)
                    .find(|(kind, _)| *kind == TCA_KIND)
                    .map(|(_, value)| text(value))?;
                let link = links.iter().find(|link| link.index == index)?.name.clone();
                Some((Qdisc { link, kind }, (index, handle)))
            })
            .collect()
    })
}

/// All filters of all disciplines.
pub(super) fn filters(links: &[Link], qdiscs: &Reading<Vec<(Qdisc, (u32, u32))>>) -> Reading<Vec<Filter>> {
    let qdiscs = match qdiscs {
        Reading::Read(qdiscs) => qdiscs,
        Reading::Absent(why) => return Reading::Absent(why.clone()),
        Reading::Unreadable(why) => return Reading::Unreadable(why.clone()),
    };
    let mut found = Vec::new();
    for (qdisc, (index, handle)) in qdiscs {
        let points: &[(u32, &str)] = match qdisc.kind.as_str() {
            "clsact" => &[(TC_H_CLSACT_INGRESS, "ingress"), (TC_H_CLSACT_EGRESS, "egress")],
            "ingress" => &[(TC_H_CLSACT & 0xffff_0000, "ingress")],
            // Has no room for filters.
            "noqueue" => &[],
            kind => &[(*handle, kind)],
        };
        for (parent, point) in points {
            match filters_at(*index, *parent) {
                Ok(kinds) => found.extend(kinds.into_iter().map(|(kind, options)| Filter {
                    link: qdisc.link.clone(),
                    point: (*point).to_owned(),
                    kind,
                    options,
                })),
                // Disciplines without classes take none.
                Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {}
                Err(error) => return Reading::Unreadable(format!("filters of {}: {error}", qdisc.link)),
            }
        }
    }
    debug_assert!(found.iter().all(|filter| links.iter().any(|link| link.name == filter.link)));
    Reading::Read(found)
}

fn filters_at(index: u32, parent: u32) -> io::Result<Vec<(String, bool)>> {
    let mut head = [0_u8; HEAD];
    for (at, value) in [(4, index), (12, parent)] {
        if let Some(place) = head.get_mut(at..at + 4) {
            place.copy_from_slice(&value.to_ne_bytes());
        }
    }
    let messages = Socket::route()?.dump(libc::RTM_GETTFILTER, &Body::new(&head))?;
    Ok(messages
        .iter()
        .filter_map(|message| {
            let mut kind = None;
            let mut options = false;
            for (attribute, value) in attributes_after(&message.body, HEAD) {
                match attribute {
                    TCA_KIND => kind = Some(text(value)),
                    TCA_OPTIONS => options = true,
                    _ => {}
                }
            }
            Some((kind?, options))
        })
        .collect())
}

fn reading<T>(result: io::Result<T>, what: &str) -> Reading<T> {
    match result {
        Ok(value) => Reading::Read(value),
        Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {
            Reading::Absent(format!("kernel without {what}"))
        }
        Err(error) => Reading::Unreadable(format!("{what}: {error}")),
    }
}
