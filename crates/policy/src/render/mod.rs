//! A policy as nft text people can read and review.

mod base;
mod chains;
mod nat;
mod pieces;
mod sets;

pub(crate) use base::{TRANSLATING, base, hooks, hooks_of, table};
pub(crate) use pieces::{Chain, Object, Pieces, Set};

use crate::policy::Policy;

/// The table the gateway runs.
pub const TABLE: &str = "ringwall";

impl Policy {
    /// The policy as one file that loads from nothing, and again over itself, in one transaction.
    pub fn text(&self) -> String {
        self.text_named(TABLE)
    }

    /// The same for a table of another name.
    pub fn text_named(&self, name: &str) -> String {
        let pieces = Pieces::of(self, 1);
        let mut text = format!(
            "# Made from the plant for {}. Ends of permissions count from the moment of loading: load at once.\n",
            self.moment
        );
        text.push_str(&format!("table inet {name}\ndelete table inet {name}\n\ntable inet {name} {{\n"));
        text.push_str(&base());
        for object in &pieces.objects {
            text.push_str(&object.text());
        }
        for set in &pieces.sets {
            text.push_str(&set.text());
        }
        for chain in &pieces.chains {
            text.push_str(&chain.text());
        }
        text.push_str(&hooks(1, &pieces));
        text.push_str("}\n");
        text
    }
}
