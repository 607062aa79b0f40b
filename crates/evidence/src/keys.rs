//! Whom a reader believes, and for what.
//!
//! The name of a key says what it may sign: `lab` or `lab/...` only what was found in the lab, `site/SERIAL` what was
//! found on the machine of that serial number. The name is under the key's own id, so no key changes its kind.

use ledger::Verifier;

use crate::record::Basis;

/// The name of a key of the lab.
pub const LAB: &str = "lab";
/// How the name of a machine's key begins; its serial number follows.
pub const SITE: &str = "site/";

/// The name of the key of a machine; none where the serial number is empty or cannot be part of a name.
pub fn site_name(serial: &str) -> Option<String> {
    let fits = !serial.is_empty()
        && serial.len() <= 64
        && serial.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    fits.then(|| format!("{SITE}{serial}"))
}

/// The serial number in the name of a machine's key.
pub fn serial_of(name: &str) -> Option<&str> {
    let serial = name.strip_prefix(SITE)?;
    site_name(serial).is_some().then_some(serial)
}

/// What a key of this name may sign.
pub fn basis_of(name: &str) -> Option<Basis> {
    if name == LAB || name.strip_prefix(LAB).is_some_and(|rest| rest.starts_with('/')) {
        Some(Basis::Lab)
    } else {
        serial_of(name).map(|_| Basis::Site)
    }
}

/// The key's name says neither lab nor site: it can vouch for no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyKind;

/// The keys a reader believes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    trusted: Vec<Verifier>,
}

impl Keys {
    /// Believes nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Believes a key for what its name says. Only keys the reader got elsewhere belong here; a machine's key that
    /// lies beside the log it should vouch for proves nothing, see [`Keys::beside`].
    pub fn trust(&mut self, key: Verifier) -> Result<(), KeyKind> {
        basis_of(key.name()).ok_or(KeyKind)?;
        if !self.trusted.contains(&key) {
            self.trusted.push(key);
        }
        Ok(())
    }

    /// Believes the key found beside a log, which anybody could have put there: for the lab only.
    pub fn beside(&mut self, key: Verifier) {
        if basis_of(key.name()) == Some(Basis::Lab) && !self.trusted.contains(&key) {
            self.trusted.push(key);
        }
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &Verifier> {
        self.trusted.iter()
    }
}

#[cfg(test)]
mod tests {
    use ledger::Signer;

    use super::*;

    fn key(name: &str) -> Verifier {
        Signer::new(name, &[1; 32]).unwrap().verifier().clone()
    }

    #[test]
    fn the_name_of_a_key_says_what_it_may_sign() {
        for (name, basis) in [
            ("lab", Some(Basis::Lab)),
            ("lab/office", Some(Basis::Lab)),
            ("laboratory", None),
            ("site/0141", Some(Basis::Site)),
            ("site/", None),
            ("site/a/b", None),
            ("site", None),
            ("line3/evidence", None),
        ] {
            assert_eq!(basis_of(name), basis, "{name}");
            assert_eq!(Keys::new().trust(key(name)).is_ok(), basis.is_some(), "{name}");
        }
        assert_eq!(serial_of("site/KX200-0141"), Some("KX200-0141"));
        assert_eq!(site_name("one two"), None);
    }

    #[test]
    fn a_key_beside_a_log_counts_for_the_lab_only() {
        let mut keys = Keys::new();
        keys.beside(key("site/0141"));
        assert_eq!(keys.iter().count(), 0);
        keys.beside(key("lab"));
        keys.beside(key("lab"));
        assert_eq!(keys.iter().count(), 1);
    }
}
