//! The grammar of services, verbs, objects and permissions.
//!
//! `service` says which transports a flow uses, `permission` which commands it may carry, `command` what one message
//! asks for; [`Permission::covers`] compares the two and nothing else does.
//! This crate deliberately knows no plant, no policy and no socket.

mod command;
mod decimal;
mod facts;
mod limit;
mod messages;
pub mod modbus;
mod object;
mod permission;
mod service;
mod verb;

pub use command::Command;
pub use decimal::Decimal;
pub use facts::{ALL as PROTOCOLS, Grammar, Protocol, Secures};
pub use limit::{Limit, ValueType, WordOrder};
pub use messages::{CommandError, PermissionError, ServiceError};
pub use object::{Object, Table};
pub use permission::Permission;
pub use service::{PortRange, Service, Transport};
pub use verb::Verb;
