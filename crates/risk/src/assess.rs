//! The one function.

use crate::assessment::{Assessment, Inputs};
use crate::input::Input;
use crate::scenario::scenarios;
use crate::target::targets;
use crate::tolerance::Tolerance;
use crate::view::View;

/// Assesses a plant.
pub fn assess(input: Input<'_>) -> Assessment {
    let view = View::new(input);
    let tolerance = Tolerance::default();
    let scenarios = scenarios(&view, &tolerance);
    let (zones, conduits) = targets(&view, &scenarios, &tolerance);
    let mut hashes = input.hashes.clone();
    let (version, sha256) = input.knowledge.version();
    hashes.insert("knowledge".to_owned(), format!("{version} {sha256}"));
    let catalogue = standard::version();
    hashes.insert("catalogue".to_owned(), format!("{} {}", catalogue.collected, catalogue.sha256));
    Assessment { inputs: Inputs { hashes, day: input.today.to_string() }, zones, conduits, scenarios }
}
