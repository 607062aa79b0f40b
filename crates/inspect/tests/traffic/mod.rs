//! Requests written in hex, and what is heard on both sides.
#![allow(dead_code, reason = "each test file uses its part")]

use inspect::{Closing, Connection, Dropped, Event, ModbusInspector, Reason, Verdict};
use protocols::{Permission, Service};

/// Permissions of flows, all for one unit.
pub(crate) fn inspector(unit: Option<u8>, permissions: &[(&str, &str)]) -> ModbusInspector {
    let service = Service::parse("modbus").unwrap();
    let read = |(flow, text): &(&str, &str)| {
        (
            (*flow).to_owned(),
            Permission::parse(&service, text).unwrap_or_else(|error| panic!("{text}: {error:?}")),
        )
    };
    ModbusInspector::new(permissions.iter().map(read).collect(), unit)
}

/// `UNIT HEX HEX ...`: the unit in decimal, then the PDU.
pub(crate) fn request(text: &str) -> Vec<u8> {
    let (unit, hex) = text.split_once(' ').unwrap();
    let digits: String = hex.split(' ').collect();
    let mut bytes = vec![unit.parse().unwrap()];
    bytes.extend((0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()));
    bytes
}

/// The ADU of a unit and a PDU.
pub(crate) fn adu(transaction: u16, unit_and_pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(unit_and_pdu.len()).unwrap();
    let head = [transaction.to_be_bytes(), [0, 0], length.to_be_bytes()].concat();
    [&head[..], unit_and_pdu].concat()
}

/// Everything that came of some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) to_server: Vec<u8>,
    pub(crate) to_client: Vec<u8>,
    pub(crate) verdicts: Vec<String>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) lines: Vec<String>,
    pub(crate) dropped: Vec<Dropped>,
    pub(crate) closed: Vec<Closing>,
}

impl Heard {
    /// Notes one event.
    pub(crate) fn note(&mut self, event: Event<'_>) {
        match event {
            Event::ToServer(bytes) => self.to_server.extend(bytes),
            Event::ToClient(bytes) => self.to_client.extend(bytes),
            Event::Dropped { why, .. } => self.dropped.push(why),
            Event::Close(why) => self.closed.push(why),
            Event::Decision(decision) => {
                self.lines.push(decision.to_string());
                self.verdicts.push(match decision.verdict {
                    Verdict::Allowed { flow } => format!("ok {flow}"),
                    Verdict::Refused { exception, flow, .. } => {
                        let flow = flow.map(|flow| format!(" {flow}")).unwrap_or_default();
                        format!("{:02X}{flow}", exception.code())
                    }
                });
                if let Verdict::Refused { reason, .. } = decision.verdict {
                    self.reasons.push(reason);
                }
            }
        }
    }
}

/// What comes of a client's pieces on a fresh connection.
pub(crate) fn hear(inspector: &ModbusInspector, pieces: &[&[u8]]) -> Heard {
    let (mut connection, mut heard) = (Connection::new("10.0.0.1"), Heard::default());
    for piece in pieces {
        connection.from_client(inspector, piece, &mut |event| heard.note(event));
    }
    heard
}
