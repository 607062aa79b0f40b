//! The commands, one file each.

pub mod check;
#[cfg(target_os = "linux")]
pub mod compare;
pub mod compile;
#[cfg(target_os = "linux")]
pub mod prove;
