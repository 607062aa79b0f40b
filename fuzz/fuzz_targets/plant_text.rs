//! Any bytes as a plant text: reading returns, and what it says can be said in both languages.
//!
//! The corpus is `crates/plant/tests/corpus`, which the ordinary tests replay.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plant::{SourceFile, read};
use words::{Language, Message};

fuzz_target!(|text: &[u8]| {
    for name in ["plant.toml", "decisions.toml"] {
        let reading = read(&[SourceFile { name: name.to_owned(), text: text.to_vec() }]);
        for diagnostic in &reading.diagnostics {
            for language in Language::ALL {
                let _ = diagnostic.sentence(language);
                let _ = diagnostic.message.help(language);
            }
        }
        let Some(plant) = reading.plant else { continue };
        for flow in plant.flows.values() {
            let _ = plant.routes(flow);
            let _ = plant.treatment(flow);
        }
    }
});
