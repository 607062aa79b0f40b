//! Modbus as a case asks for it: the request of a command, and what a device says to it.

use protocols::modbus::{Adu, Bits, Body, Buffer, Exception, MOST_ADU, Registers, Request, exception};
use protocols::{Command, Object, Table, Verb};

/// Most registers and coils one message reads.
const MOST_REGISTERS: u32 = 125;
const MOST_COILS: u32 = 2_000;

/// The request that asks for a command; `None` where no single message does.
pub(crate) fn request(command: &Command, unit: u8, transaction: u16) -> Option<Vec<u8>> {
    let (table, first) = match command.object {
        Object::Modbus { table, first, .. } => (table, first),
        Object::Any => (Table::Holding, 0),
        _ => return None,
    };
    let wired: Vec<u16> = command.values.iter().map(|value| *value as u16).collect();
    let words: Vec<u8> = wired.iter().flat_map(|value| value.to_be_bytes()).collect();
    let bits = packed(&wired);
    let (single, value) = (wired.len() <= 1, wired.first().copied().unwrap_or(0));
    let body = match (command.verb, table) {
        (Verb::Identify, _) => Body::DeviceId { code: 1, object: 0 },
        (Verb::Read, table) => {
            let coils = matches!(table, Table::Coil | Table::Discrete);
            let most = if coils { MOST_COILS } else { MOST_REGISTERS };
            let count = command.count.max(1);
            Body::Read { table, first, count: u16::try_from(count).ok().filter(|_| count <= most)? }
        }
        (Verb::Write, Table::Coil) if single => Body::WriteCoil { at: first, on: value != 0 },
        (Verb::Write, Table::Coil) => {
            Body::WriteCoils { first, values: Bits::new(&bits, u16::try_from(wired.len()).ok()?)? }
        }
        (Verb::Write, Table::Holding) if single => Body::WriteRegister { at: first, value },
        (Verb::Write, Table::Holding) => Body::WriteRegisters { first, values: Registers::new(&words) },
        _ => return None,
    };
    let mut buffer: Buffer = [0; MOST_ADU];
    let adu = Request { transaction, unit, body }.encode(&mut buffer);
    (!adu.is_empty()).then(|| adu.to_vec())
}

/// Coils as on the wire, lowest bit first.
fn packed(values: &[u16]) -> Vec<u8> {
    let byte = |chunk: &[u16]| {
        chunk.iter().enumerate().fold(0u8, |byte, (at, value)| byte | u8::from(*value != 0) << at)
    };
    values.chunks(8).map(byte).collect()
}

/// What a device says that has every object, all of them zero.
pub(crate) fn answer(adu: Adu<'_>) -> Vec<u8> {
    let Ok(request) = Request::decode(adu) else { return refusal(adu) };
    let function = request.function();
    let mut pdu = vec![function];
    match request.body {
        Body::Read { table: Table::Coil | Table::Discrete, count, .. } => zeros(&mut pdu, count.div_ceil(8)),
        Body::Read { count, .. } | Body::ReadWrite { read_count: count, .. } => zeros(&mut pdu, count * 2),
        Body::WriteCoil { .. } | Body::WriteRegister { .. } | Body::MaskWrite { .. } => {
            pdu = adu.pdu.to_vec();
        }
        Body::WriteCoils { first, values } => {
            pdu.extend([first, values.len()].map(u16::to_be_bytes).concat())
        }
        Body::WriteRegisters { first, values } => {
            pdu.extend([first, values.len()].map(u16::to_be_bytes).concat());
        }
        // Conformity, more follows, next object, one object: the vendor's name.
        Body::DeviceId { code, .. } => {
            pdu.extend([0x0e, code, 0x01, 0x00, 0x00, 0x01, 0x00, 0x04]);
            pdu.extend(b"Twin");
        }
        _ => return refusal(adu),
    }
    framed(adu.transaction, adu.unit, &pdu)
}

fn zeros(pdu: &mut Vec<u8>, bytes: u16) {
    pdu.push(u8::try_from(bytes).unwrap_or(u8::MAX));
    pdu.resize(pdu.len() + usize::from(bytes), 0);
}

fn refusal(adu: Adu<'_>) -> Vec<u8> {
    let mut buffer: Buffer = [0; MOST_ADU];
    exception(adu.transaction, adu.unit, adu.function(), Exception::IllegalFunction, &mut buffer).to_vec()
}

fn framed(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len() + 1).unwrap_or(u16::MAX);
    let head = [transaction, 0, length].map(u16::to_be_bytes).concat();
    [head.as_slice(), &[unit], pdu].concat()
}

#[cfg(test)]
mod tests {
    use protocols::Service;
    use protocols::modbus::{Reply, Response};

    use super::*;

    #[test]
    fn every_command_is_one_request_and_is_answered() {
        let modbus = Service::parse("modbus").unwrap();
        for (said, pdu) in [
            ("read holding 0 count 60", &[3, 0, 0, 0, 60][..]),
            ("read input 7", &[4, 0, 7, 0, 1]),
            ("read coil 1 count 9", &[1, 0, 1, 0, 9]),
            ("read discrete 1 count 16", &[2, 0, 1, 0, 16]),
            ("write holding 10 = 7", &[6, 0, 10, 0, 7]),
            ("write holding 10 = 175, 1", &[16, 0, 10, 0, 2, 4, 0, 175, 0, 1]),
            ("write coil 3 = 1", &[5, 0, 3, 0xff, 0]),
            ("write coil 3 = 1, 0, 1", &[15, 0, 3, 0, 3, 1, 5]),
            ("identify", &[43, 14, 1, 0]),
        ] {
            let command = Command::parse(&modbus, said).unwrap();
            let bytes = request(&command, 1, 77).unwrap();
            let (adu, rest) = Adu::take(&bytes).unwrap().unwrap();
            assert_eq!((adu.pdu, adu.transaction, adu.unit, rest.len()), (pdu, 77, 1, 0), "{said}");
            let answered = answer(adu);
            let (back, _) = Adu::take(&answered).unwrap().unwrap();
            let response = Response::decode(back).unwrap();
            assert!(Request::decode(adu).unwrap().expected().answered_by(&response), "{said}");
            assert!(!matches!(response.reply, Reply::Exception { .. }), "{said}");
        }
        for said in ["read holding 0 count 126", "any"] {
            assert_eq!(request(&Command::parse(&modbus, said).unwrap(), 1, 1), None, "{said}");
        }
    }
}
