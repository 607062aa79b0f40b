//! What holds for any bytes that are read as a table.

use words::{Language, Message};

/// A table is written back the same; an error has a sentence in every language.
pub(crate) fn check(bytes: &[u8]) {
    match gateway::read(bytes) {
        Ok(table) => assert_eq!(gateway::read(gateway::write(&table).as_bytes()), Ok(table)),
        Err(error) => {
            for language in Language::ALL {
                // However long what was read is, the sentence is one a person reads.
                assert!((1..1_000).contains(&error.text(language).len()), "{error}");
            }
        }
    }
}
