//! The hash of a policy: of what it permits, not of how it is written as rules.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::policy::Policy;

impl Policy {
    /// SHA-256 in hexadecimal digits. The moment does not count, only what is permitted and until when.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let mut add = |parts: &[&str]| {
            for part in parts {
                // Lengths keep neighbouring parts apart.
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part.as_bytes());
            }
        };
        add(&["ringwall policy 1"]);
        for leg in self.legs.values() {
            add(&["leg", &leg.port, if leg.default_route { "default" } else { "" }]);
            for network in &leg.networks {
                add(&["network", &network.to_string()]);
            }
            for gateway in &leg.gateways {
                add(&["gateway", &gateway.to_string()]);
            }
            for translation in &leg.translations {
                add(&["translation", &translation.outside.to_string(), &translation.inside.to_string()]);
            }
        }
        for ((from, to), conduit) in &self.conduits {
            add(&["conduit", from, to, conduit.as_str()]);
        }
        let rows = self.permissions.iter().map(|row| ("permission", row));
        let rows = rows.chain(self.commands.iter().map(|commands| ("commands", &commands.row)));
        for (kind, row) in rows.chain(self.transfers.iter().map(|row| ("transfers", row))) {
            let until = row.until.map(|until| until.as_nanosecond().to_string()).unwrap_or_default();
            let side = |side: &crate::Side| match side {
                crate::Side::Leg(port) => format!("leg {port}"),
                crate::Side::Local => "local".to_owned(),
            };
            add(&[
                kind,
                row.flow.as_str(),
                &side(&row.iif),
                &side(&row.oif),
                &row.source.to_string(),
                &row.destination.to_string(),
                &row.traffic.to_string(),
                &until,
            ]);
        }
        for commands in &self.commands {
            add(&["unit", &commands.unit.map(|unit| unit.to_string()).unwrap_or_default()]);
            for permission in &commands.allow {
                add(&["allow", &permission.to_string()]);
            }
        }
        for flow in &self.uninspected {
            add(&["uninspected", flow.as_str()]);
        }
        let mut text = String::with_capacity(64);
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}
