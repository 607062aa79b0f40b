//! The transparent proxy for commands: it wires the inspection of streams to sockets of this machine.
//!
//! Rules hand a client's connection to [`Proxy`], which speaks to the client as the device and to the device as the
//! client. What may be asked comes as a [`Table`]; what was refused goes to a [`Sink`]. [`run`] is the daemon around it:
//! signals, and the file the table is read from.
//!
//! Without a row in the table there is no connection, without a permission no command; when the process is gone nothing
//! passes, because nothing else accepts these connections.
//! This crate deliberately knows no plant, no policy, no rule of the firewall and no log; it
//! decides about no command: `inspect` does.

mod counting;
mod daemon;
mod explain;
mod file;
mod in_force;
mod leg;
mod messages;
mod of_policy;
mod pending;
mod proxy;
mod queue;
mod record;
mod said;
mod session;
mod sessions;
mod settings;
mod table;

pub use daemon::{Signals, Watched, run};
pub use explain::{codes, explain};
pub use file::{LARGEST, MOST_ROWS, read, write};
pub use inspect::Reason;
pub use messages::{FileError, RunError};
pub use proxy::{Proxy, Woken};
pub use queue::{Ended, Queue, Turn};
pub use record::{Notice, Record, Sink, Told, What};
pub use settings::Settings;
pub use table::{Origin, Row, Table};
