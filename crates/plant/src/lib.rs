//! The plant: text in, plant and diagnostics out.
//!
//! [`read`] takes the files of one plant and gives every diagnostic in one run. The language is declared once, in
//! `keys`: the reader refuses what is not there, the JSON Schema is made from it. `protocols` judges services and
//! commands. This crate deliberately knows no risk, no packet, no kernel, no clock and no file system.

mod check;
mod diagnostic;
mod explain;
mod fail_safe;
mod given;
pub mod ids;
mod judgement;
mod keys;
mod model;
pub mod problem;
mod read;
mod schema;
pub mod span;
mod topology;
mod treatment;
pub mod when;

pub use diagnostic::{Diagnostic, MOST as MOST_DIAGNOSTICS, Severity};
pub use explain::{explain, small_plant};
pub use fail_safe::sign as fail_safe;
pub use judgement::{Judgement, JudgementKind, Lapsed, Method, RISKS, ToleranceTable};
pub use model::*;
pub use problem::Problem;
pub use problem::codes;
pub use read::{LARGEST, Reading, SourceFile, read};
pub use schema::{decisions_schema, schema};
pub use topology::Route;
pub use treatment::{Stale, StaleReason, Treatment};
