//! The commands, one file each.

pub mod assess;
pub mod assure;
#[cfg(target_os = "linux")]
pub mod bundle;
pub mod check;
#[cfg(target_os = "linux")]
pub mod compare;
pub mod compile;
#[cfg(target_os = "linux")]
pub mod demo;
pub mod diff;
pub mod explain;
#[cfg(target_os = "linux")]
pub mod gateway;
#[cfg(target_os = "linux")]
pub mod lab;
#[cfg(target_os = "linux")]
pub mod load;
pub mod log;
#[cfg(target_os = "linux")]
pub mod prove;
pub mod show;
pub mod verify;
