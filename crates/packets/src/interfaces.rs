//! The interfaces a comparison speaks about.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A closed list of interface names, with two values beside them: *absent* (a hook where the interface does not
/// exist) and *other* (any interface nobody names).
///
/// A name that ends in `*` stands for every name with that beginning that nobody names in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interfaces {
    names: Vec<String>,
    hosts: BTreeMap<u128, Vec<IpAddr>>,
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
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort_by(|one, other| place(one).cmp(&place(other)));
        Interfaces { names, hosts: BTreeMap::new() }
    }

    /// The same list, knowing hosts behind an interface (or, for the empty name, the machine's own addresses):
    /// examples prefer them to addresses nobody has. Nothing else depends on them.
    #[must_use]
    pub fn with_hosts(mut self, name: &str, hosts: impl IntoIterator<Item = IpAddr>) -> Self {
        let value = if name.is_empty() { Some(Self::ABSENT) } else { self.value(name) };
        if let Some(value) = value {
            self.hosts.entry(value).or_default().extend(hosts);
        }
        self
    }

    /// Hosts known behind an interface.
    pub(crate) fn hosts(&self, value: u128) -> &[IpAddr] {
        self.hosts.get(&value).map(Vec::as_slice).unwrap_or_default()
    }

    /// Value of an interface by name.
    pub fn value(&self, name: &str) -> Option<u128> {
        self.names
            .binary_search_by(|known| place(known).cmp(&place(name)))
            .ok()
            .map(|index| index as u128 + 1)
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

/// Names nobody can read come last: an example takes the first that fits.
fn place(name: &str) -> (bool, &str) {
    (name.contains(char::is_control), name)
}
