//! The schemas in `docs` are what the crate makes. `RINGWALL_BLESS=1` writes them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::path::Path;

#[test]
fn the_schemas_in_the_tree_are_fresh() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (name, schema) in
        [("plant.schema.json", plant::schema()), ("decisions.schema.json", plant::decisions_schema())]
    {
        let made = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        let file = docs.join(name);
        if std::env::var_os("RINGWALL_BLESS").is_some() {
            std::fs::create_dir_all(&docs).expect("docs can be made");
            std::fs::write(&file, &made).expect("docs can be written");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(found == made, "docs/{name} is stale: run the tests of `plant` with RINGWALL_BLESS=1");
    }
}
