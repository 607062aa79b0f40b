//! What holds for any bytes whatever; shared by the fuzz target and the tests that replay its corpus.

use inspect::{Connection, Event, ModbusInspector};
use protocols::modbus::{Adu, Buffer, Frames, MOST_ADU, Request, Response};
use protocols::{Permission, Service};

/// Some permissions of every kind.
pub fn inspector() -> ModbusInspector {
    let service = Service::parse("modbus").unwrap();
    let texts = [
        "read holding 0-59",
        "read coil",
        "identify",
        "write holding 10 = 140..190",
        "write holding 11 = 0..1",
        "write holding 20-23 = 0..100000 type int32 words low-first",
        "write holding 30-31 = -1..1 type float32",
        "write coil 3-20",
    ];
    let permissions = texts.map(|text| ("F".to_owned(), Permission::parse(&service, text).unwrap()));
    ModbusInspector::new(permissions.into(), Some(1))
}

/// What is understood is written again byte for byte, and an inspector passes on nothing but that.
fn written_again(bytes: &[u8]) {
    let (mut frames, mut input) = (Frames::default(), bytes);
    while let Some(Ok(adu)) = frames.next(&mut input) {
        let mut out: Buffer = [0; MOST_ADU];
        if let Ok(request) = Request::decode(adu) {
            assert_eq!(Adu::take(request.encode(&mut out)), Ok(Some((adu, &[][..]))));
            assert!(request.accesses().count() > 0);
            assert!(request.commands().len() >= request.accesses().count());
        }
        if let Ok(response) = Response::decode(adu) {
            assert_eq!(Adu::take(response.encode(&mut out)), Ok(Some((adu, &[][..]))));
        }
    }
}

/// Everything that comes of the bytes of both directions, in pieces of a size: first the client, then the device.
fn talk(
    inspector: &ModbusInspector,
    client: &[u8],
    server: &[u8],
    size: usize,
) -> (Vec<u8>, Vec<u8>, Vec<String>) {
    let (mut to_server, mut to_client, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let mut connection = Connection::new("x");
    let mut note = |event: Event<'_>| match event {
        Event::ToServer(bytes) => to_server.extend(bytes),
        Event::ToClient(bytes) => to_client.extend(bytes),
        event => told.push(format!("{event:?}")),
    };
    client.chunks(size).for_each(|piece| connection.from_client(inspector, piece, &mut note));
    server.chunks(size).for_each(|piece| connection.from_server(piece, &mut note));
    (to_server, to_client, told)
}

/// All properties. The first byte says where the client's bytes end and the device's begin.
pub fn check(bytes: &[u8]) {
    let Some((split, bytes)) = bytes.split_first() else { return };
    let (client, server) = bytes.split_at(bytes.len() * usize::from(*split) / 255);
    written_again(client);
    written_again(server);
    let service = Service::parse("modbus").unwrap();
    let any = ModbusInspector::new(vec![("A".to_owned(), Permission::parse(&service, "any").unwrap())], None);
    for inspector in [&any, &inspector()] {
        let whole = talk(inspector, client, server, bytes.len().max(1));
        for size in [1, 2, 3, 5, 7, 11, 13, 64] {
            assert_eq!(talk(inspector, client, server, size), whole, "pieces of {size}");
        }
        // What passes, passes again: it is permitted, and nothing else hides in it.
        let again = talk(inspector, &whole.0, &[], usize::MAX);
        assert_eq!(again.0, whole.0, "what passed is refused the second time");
    }
}
