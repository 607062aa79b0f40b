//! A plant's twin in network namespaces, and real traffic through it.
//!
//! [`run`] builds one host per asset and per address of a case, a switch per leg and the gateway between them, loads
//! the policy, has it proved, and sends every case as real packets between real sockets. A verdict comes from what
//! the receiving end counted. It must be called inside a sandbox (`linux::Sandbox`), where it is root over an empty
//! network; everything it makes dies with the process.
//!
//! What a case should give is worked out from the plant alone, apart from the policy's code. The lab knows nothing of
//! rules and never looks at a ruleset, and nothing of how commands are judged: the gateway's own proxy does that here as
//! it does in a plant.

mod asking;
mod batch;
mod case;
mod counter;
mod cut;
mod derive;
mod keeper;
mod modbus;
mod moment;
mod oracle;
mod placing;
mod remark;
mod report;
mod run;
mod sockets;
mod transfer;
mod twin;
mod wire;

pub use remark::{Fate, Remark};
pub use report::{CaseResult, LabError, LabOptions, LabReport, Progress, Proof, Prove, Seen, State};
pub use run::run;
pub use twin::{Probe, Twin};
