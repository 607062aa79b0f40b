//! The catalogue of IEC 62443 as typed, versioned data: requirements with their levels, roles, threats, techniques,
//! protocols, law, and the closed table of which result may prove which part of which requirement.
//!
//! Titles are short names that identify a clause, everything else is in own words; nothing here replaces the
//! standard. Every record keeps how sure it is (`verified`) and where it is from, and says no more than the data: see
//! `data/NOTICE`. The files are part of the program and are parsed once, when they are first asked for.
//!
//! This crate deliberately knows no plant, no evidence and no person; it judges nothing.

mod assessment;
mod attack;
mod component;
mod file;
mod law;
mod levels;
mod lifecycle;
mod programs;
mod protocols;
mod proves;
mod roles;
mod sources;
mod system;
mod threats;
mod vector;

pub use assessment::{ZoneRequirement, zone_requirements};
pub use attack::{
    Answer, Link, Mitigation, Named, Technique, attack_notice, mitigations, tactics, techniques,
};
pub use component::{ComponentRequirement, LevelDiffers, component, component_differs, components};
pub use file::{Version, version};
pub use law::{AgencyMeasure, LegalDate, LegalDuty, agency_measures, legal_dates, legal_duties};
pub use levels::{LevelMeaning, level_meanings};
pub use lifecycle::{LifecycleRequirement, Practice, lifecycle, practices};
pub use programs::{OwnerRequirement, ProviderRequirement, owner_program, provider_program};
pub use protocols::{Endpoint, ProtocolFact, Secures, protocol_facts};
pub use proves::{
    Condition, NEVER_PROVED, Provable, ResultKind, Row, Texts, never_proved, proving, proving_of,
    result_days, result_says,
};
pub use roles::{Role, roles};
pub use sources::{Source, source, sources};
pub use system::{Gateway, Kind, Measure, SystemRequirement, applicable, foundational, system, systems};
pub use threats::{Threat, threats};
pub use vector::{Fr, SlVector};
