//! The kernel and the commands of a Linux machine: network namespaces, links, addresses, routes, routing rules, sysctl,
//! `nft`, TUN, transparent sockets, and everything that can pass around nf_tables.
//!
//! Every function works in the network namespace of the calling thread; [`NetNs::run`] chooses another one.
//! This crate fetches bytes and runs commands. It does not know plants, policies, risks or what a rule is for, and
//! it judges nothing: whoever asks decides what a bridge or an XDP program means.
//!
//! It is the one crate where `unsafe` may be.

pub mod address;
pub mod around;
mod error;
mod explain;
pub mod link;
mod messages;
mod namespace;
pub mod neighbour;
pub mod netfilter;
mod netlink;
pub mod nft;
pub mod packet_socket;
pub mod route;
pub mod rule;
mod sandbox;
pub mod sequence;
pub mod sysctl;
pub mod transparent;
mod tun;

pub use around::{Surroundings, read_surroundings};
pub use error::Error;
pub use explain::{codes, explain};
pub use messages::{Lacking, Need, Remedy};
pub use namespace::NetNs;
pub use sandbox::Sandbox;
pub use tun::Tun;
