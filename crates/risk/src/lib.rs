//! The assessment after IEC 62443-3-2 as one pure function: scenarios, target levels, requirements, findings, measures.
//!
//! [`assess`] takes a plant with its decisions, what is known ([`Knowledge`]), what was seen ([`Observations`]) and a
//! day; the same input gives the same bytes. A scenario is a path from an entry over zones to an effect on a device's
//! function. Target levels come from the risk without any measure, the residual risk from what the plant has.
//! [`compare`] says what a change means for risk.
//!
//! This crate deliberately knows no packet, no kernel, no file and no clock, and claims no conformity.

mod assess;
mod assessment;
mod both;
mod capability;
mod compare;
mod decision;
mod effect;
mod entry;
mod explain;
mod facts;
mod finding;
mod input;
mod knowledge;
mod measure;
mod requirement;
mod scenario;
mod target;
mod tolerance;
mod view;

pub use assess::assess;
pub use assessment::{Assessment, Inputs};
pub use both::Both;
pub use capability::Capability;
pub use compare::{Change, Comparison, Verdict, compare};
pub use decision::Decision;
pub use effect::EffectKind;
pub use explain::{codes, explain};
pub use facts::Facts;
pub use finding::{Finding, Severity};
pub use input::{Input, Observations, Shown, ShownAt};
pub use knowledge::{Class, Component, FactorRow, Knowledge, KnowledgeError, LARGEST, Role};
pub use measure::Measure;
pub use requirement::{Requirement, State};
pub use scenario::{Boundary, Factor, Scenario};
pub use target::{LevelReason, Target};
pub use tolerance::{Tolerance, WORDS, word};
