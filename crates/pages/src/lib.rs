//! One self-contained HTML page about a plant: the map of its zones, flows, cases, proof, blocked commands, levels.
//!
//! [`render`] takes the plain structs of [`model`] and gives the page's text; the same page gives the same bytes. The
//! words in those structs are hostile input: they reach the page only through the escaping writer in `markup`.
//!
//! This crate deliberately knows no plant text, no policy, no log, no file and no clock: what is true of a plant is
//! found elsewhere and handed over in words.

pub mod map;
mod markup;
pub mod model;
mod page;
mod sections;
pub mod way;

pub use page::render;
