//! The interfaces a comparison speaks about.

use std::collections::BTreeSet;

/// A closed list of interface names, with two values beside them: *absent* (a hook where the interface does not
/// exist) and *other* (any interface nobody names).
///
/// A name that ends in `*` stands for every name with that beginning that nobody names in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interfaces {
    names: Vec<String>,
}

impl Interfaces {
    /// Value of the absent interface.
    pub const ABSENT: u128 = 0;

    /// The list of these names; order and repetition do not matter.
    pub fn new<I, S>(names: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let names: BTreeSet<String> =
            names.into_iter().map(Into::into).filter(|name| !name.is_empty()).collect();
        Interfaces { names: names.into_iter().collect() }
    }

    /// Value of an interface by name.
    pub fn value(&self, name: &str) -> Option<u128> {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).ok().map(|index| index as u128 + 1)
    }

    /// Value that stands for every interface not in the list.
    pub fn other(&self) -> u128 {
        self.names.len() as u128 + 1
    }

    /// The name behind a value; `None` for absent, other and values out of range.
    pub fn name(&self, value: u128) -> Option<&str> {
        let index = usize::try_from(value.checked_sub(1)?).ok()?;
        self.names.get(index).map(String::as_str)
    }

    /// Names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (u128, &str)> {
        self.names.iter().enumerate().map(|(index, name)| (index as u128 + 1, name.as_str()))
    }
}
