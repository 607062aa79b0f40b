//! BPF programs at the tcx and netkit points of a link.

use std::io;

use super::Reading;
use crate::link::Link;

const BPF_PROG_QUERY: libc::c_long = 16;
/// More programs than this at one point are told as this many.
const MOST: usize = 64;

/// A point of a link where BPF programs are attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BpfPoint {
    /// On the way in.
    TcxIngress,
    /// On the way out.
    TcxEgress,
    /// A netkit link's own end.
    NetkitPrimary,
    /// A netkit link's other end.
    NetkitPeer,
}

impl BpfPoint {
    fn attach_type(self) -> u32 {
        match self {
            Self::TcxIngress => 46,
            Self::TcxEgress => 47,
            Self::NetkitPrimary => 54,
            Self::NetkitPeer => 55,
        }
    }
}

/// The programs at one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BpfPrograms {
    /// Name of the link.
    pub link: String,
    /// Point.
    pub point: BpfPoint,
    /// Ids of the programs, in their order.
    pub programs: Reading<Vec<u32>>,
}

/// What `bpf(BPF_PROG_QUERY)` reads and writes.
#[repr(C)]
#[derive(Default)]
struct Query {
    target: u32,
    attach_type: u32,
    query_flags: u32,
    attach_flags: u32,
    ids: u64,
    count: u32,
    padding: u32,
    prog_attach_flags: u64,
    link_ids: u64,
    link_attach_flags: u64,
    revision: u64,
}

/// The programs at each point of a link.
pub(super) fn programs(link: &Link) -> Vec<BpfPrograms> {
    let mut points = vec![BpfPoint::TcxIngress, BpfPoint::TcxEgress];
    if link.kind.as_deref() == Some("netkit") {
        points.extend([BpfPoint::NetkitPrimary, BpfPoint::NetkitPeer]);
    }
    points
        .into_iter()
        .map(|point| BpfPrograms { link: link.name.clone(), point, programs: at(link.index, point) })
        .collect()
}

fn at(link: u32, point: BpfPoint) -> Reading<Vec<u32>> {
    let mut ids = [0_u32; MOST];
    let mut query = Query {
        target: link,
        attach_type: point.attach_type(),
        ids: ids.as_mut_ptr().expose_provenance() as u64,
        count: MOST as u32,
        ..Query::default()
    };
    // SAFETY: the query and the ids it points to live through the call, with their true sizes.
    let done = unsafe { libc::syscall(libc::SYS_bpf, BPF_PROG_QUERY, &raw mut query, size_of::<Query>()) };
    if done == 0 {
        let count = usize::try_from(query.count).unwrap_or(MOST);
        return Reading::Read(ids.into_iter().take(count).collect());
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::ENOSYS | libc::EINVAL) => Reading::Absent("kernel without BPF at links".to_owned()),
        // More programs than places: those that fitted are enough to know that there are some.
        Some(libc::ENOSPC) => Reading::Read(ids.to_vec()),
        _ => Reading::Unreadable(format!("bpf: {error}")),
    }
}
