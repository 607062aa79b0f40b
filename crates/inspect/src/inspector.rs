//! What the flows between two peers permit, and the judgement of one request.

use protocols::Permission;
use protocols::modbus::{Gap, Request, covered};

use crate::decision::{Reason, Verdict};

/// One permission of one flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Id of the flow.
    pub flow: String,
    /// The unit the flow names; without one, every unit but the broadcast.
    pub unit: Option<u8>,
    /// What it permits.
    pub permission: Permission,
}

/// What may be asked of one device by one client.
///
/// A request passes whole or not at all. It passes if every object it touches is permitted: everything it reads *and*
/// everything it writes, whichever function does it. Several permissions may share one request if it can be cut into
/// parts that one permission each covers ([`covered`]); values of two registers are never cut. A masked write passes no
/// limit. What has no address in a table (status, diagnostics, counters, file
/// records, identification) needs a permission for its verb without an object; an opaque CANopen message needs `any`.
///
/// If it does not pass, the answer names the gravest reason: unit (0A), then function (01: no permission is about this
/// verb and table), then address (02: some object is in none), then value (03: every object is in one, but a value is
/// outside, half, or unknown). Unit 0 is a broadcast on the line behind a device; only a flow that names it carries it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModbusInspector {
    rules: Vec<Rule>,
}

impl ModbusInspector {
    /// Permissions with the ids of their flows, all for one unit.
    pub fn new(permissions: Vec<(String, Permission)>, unit: Option<u8>) -> Self {
        let rules = permissions.into_iter().map(|(flow, permission)| Rule { flow, unit, permission });
        Self { rules: rules.collect() }
    }

    /// Permissions of several units.
    pub fn of(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    /// What it permits.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    fn flow(&self, index: usize) -> Option<&str> {
        self.rules.get(index).map(|rule| rule.flow.as_str())
    }

    /// Judges one request.
    pub fn judge(&self, request: &Request<'_>) -> Verdict<'_> {
        let refused = |reason: Reason, flow| Verdict::Refused { exception: reason.exception(), reason, flow };
        let carries = |rule: &Rule| match rule.unit {
            Some(unit) => unit == request.unit,
            None => request.unit != 0,
        };
        if !self.rules.iter().any(carries) {
            return refused(Reason::Unit, self.flow(0));
        }
        let permissions = self.rules.iter().enumerate().filter(|(_, rule)| carries(rule));
        let permissions = permissions.map(|(index, rule)| (index, &rule.permission));
        // Of the flows between these two, the first that permits such a verb at all, else the first.
        let verb = request.accesses().last().map(|access| access.verb());
        let mut nearest = self.rules.iter().filter(|rule| carries(rule));
        let same = nearest.clone().find(|rule| Some(rule.permission.verb) == verb);
        let nearest = same.or_else(|| nearest.next()).map(|rule| rule.flow.as_str());
        let (mut by, mut worst) = (None, None);
        for access in request.accesses() {
            match covered(permissions.clone(), &access) {
                Ok(index) => by = Some(index),
                // Gaps are ordered from the mildest to the gravest.
                Err(gap) => worst = worst.max(Some(gap)),
            }
        }
        match worst {
            Some(Gap::Value(index)) => refused(Reason::Value, self.flow(index)),
            Some(Gap::Address(index)) => refused(Reason::Address, self.flow(index)),
            Some(Gap::Function) => refused(Reason::Function, nearest),
            None => match by.and_then(|index| self.flow(index)) {
                Some(flow) => Verdict::Allowed { flow },
                None => refused(Reason::Function, nearest),
            },
        }
    }
}
