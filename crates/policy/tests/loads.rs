//! What is rendered, nft and the kernel take.

mod support;

use support::{nft, small};

#[test]
fn the_text_loads_from_nothing_and_over_itself() {
    let text = small().text();
    let list = nft(&[text.clone(), text.clone()], "nft list ruleset")
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    for part in ["policy drop", "timeout 3s500ms", "comment \"F08 F09\"", "ringwall refused C12 "] {
        assert!(list.contains(part), "{part} in {list}");
    }
}
