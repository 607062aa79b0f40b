//! The table of a policy: what its limited flows may ask.

use inspect::Rule;
use policy::{Policy, Traffic};

use crate::table::{Row, Table};

impl Table {
    /// What passes command by command at the moment of the policy, with the ends its permissions have.
    pub fn of(policy: &Policy) -> Self {
        let mut rows = Vec::new();
        for commands in &policy.commands {
            let Traffic::Ports { protocol: 6, ports } = commands.row.traffic else { continue };
            let rule = |permission: &protocols::Permission| Rule {
                flow: commands.row.flow.to_string(),
                unit: commands.unit,
                permission: permission.clone(),
            };
            let rules: Vec<Rule> = commands.allow.iter().map(rule).collect();
            rows.extend((ports.first..=ports.last).map(|port| Row {
                client: commands.row.source,
                server: commands.row.destination,
                port,
                until: commands.row.until,
                rules: rules.clone(),
            }));
        }
        Self { of: None, rows }
    }
}
