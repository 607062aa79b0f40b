//! Ids: a type of its own for each kind of thing.

use std::fmt;

/// Longest id in characters.
pub const LONGEST: usize = 40;

/// Whether a text may be an id: letters, digits, `_` and `-`, at most 40.
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is; the reader checks ids before.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// Id of a zone.
    ZoneId
    /// Id of an asset.
    AssetId
    /// Id of a conduit.
    ConduitId
    /// Id of a flow or a remote session.
    FlowId
    /// Id of a role.
    RoleId
    /// Id of a state of the plant.
    StateId
}
