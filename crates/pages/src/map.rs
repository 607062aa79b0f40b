//! The map: which zone stands where, and its drawing.
//!
//! Zones are stacked from the outside down to safety. Each is wired to the gateway by its legs; on the gateway's other
//! side the conduits join what may speak to each other. What is not joined there has no way between it.

mod draw;
mod icons;
mod layout;
mod measure;
mod routes;
mod tier;

pub(crate) use draw::draw;
pub use icons::{Icon, kind_words};
pub use layout::{Arc, Card, Layout, Leg, Rect, Size, ZoneBox, layout};
pub use tier::{Tier, order};
