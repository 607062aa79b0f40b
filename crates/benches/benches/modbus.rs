//! Modbus/TCP: messages per second on one core, with allocations counted.
//!
//! `cargo bench -p benches --bench modbus`. The throughput column counts messages.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use inspect::{Connection, Event, ModbusInspector};
use protocols::modbus::{Buffer, Frames, MOST_ADU, Request, Response};
use protocols::{Permission, Service};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Messages in one stream.
const MESSAGES: u16 = 1_000;

fn adu(transaction: u16, pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len() + 1).unwrap_or(0);
    let mut bytes = Vec::new();
    for word in [transaction, 0, length] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.push(1);
    bytes.extend(pdu);
    bytes
}

/// What a line really says: mostly reads, some writes, an identification.
fn requests() -> Vec<Vec<u8>> {
    let kinds: [&[u8]; 8] = [
        &[3, 0, 0, 0, 60],
        &[4, 0, 0, 0, 16],
        &[1, 0, 0, 0, 64],
        &[6, 0, 10, 0, 150],
        &[16, 0, 10, 0, 2, 4, 0, 175, 0, 1],
        &[15, 0, 3, 0, 10, 2, 0xCD, 1],
        &[23, 0, 0, 0, 8, 0, 10, 0, 1, 2, 0, 175],
        &[43, 14, 1, 0],
    ];
    (0..MESSAGES).zip(kinds.iter().cycle()).map(|(number, pdu)| adu(number, pdu)).collect()
}

fn responses() -> Vec<Vec<u8>> {
    let mut registers = vec![3, 120];
    registers.extend([7; 120]);
    let kinds: [&[u8]; 4] = [&registers, &[6, 0, 10, 0, 150], &[16, 0, 10, 0, 2], &[0x83, 2]];
    (0..MESSAGES).zip(kinds.iter().cycle()).map(|(number, pdu)| adu(number, pdu)).collect()
}

/// Cut and understood.
#[divan::bench]
fn decode_requests(bencher: Bencher<'_, '_>) {
    let stream = requests().concat();
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let (mut frames, mut input) = (Frames::default(), black_box(&stream[..]));
        let mut understood = 0_u32;
        while let Some(Ok(adu)) = frames.next(&mut input) {
            understood += u32::from(black_box(Request::decode(adu)).is_ok());
        }
        assert_eq!(understood, u32::from(MESSAGES));
    });
}

/// Cut and understood.
#[divan::bench]
fn decode_responses(bencher: Bencher<'_, '_>) {
    let stream = responses().concat();
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let (mut frames, mut input) = (Frames::default(), black_box(&stream[..]));
        let mut understood = 0_u32;
        while let Some(Ok(adu)) = frames.next(&mut input) {
            understood += u32::from(black_box(Response::decode(adu)).is_ok());
        }
        assert_eq!(understood, u32::from(MESSAGES));
    });
}

/// Cut, understood and written again.
#[divan::bench]
fn decode_and_encode_requests(bencher: Bencher<'_, '_>) {
    let stream = requests().concat();
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let (mut frames, mut input) = (Frames::default(), black_box(&stream[..]));
        let mut out: Buffer = [0; MOST_ADU];
        while let Some(Ok(adu)) = frames.next(&mut input) {
            if let Ok(request) = Request::decode(adu) {
                black_box(request.encode(&mut out));
            }
        }
    });
}

/// Whole transactions: asked, judged, passed on, answered, matched, passed back.
#[divan::bench]
fn transactions(bencher: Bencher<'_, '_>) {
    let Ok(service) = Service::parse("modbus unit 1") else { return };
    let texts =
        ["read any", "identify", "write holding 10 = 140..190", "write holding 11 = 0..1", "write coil 3-12"];
    let permissions =
        texts.iter().filter_map(|text| Some(("F".to_owned(), Permission::parse(&service, text).ok()?)));
    let inspector = ModbusInspector::new(permissions.collect(), Some(1));
    let mut registers = vec![3, 120];
    registers.extend([7; 120]);
    let (ask, answer) = (&[3, 0, 0, 0, 60][..], &registers[..]);
    let (write, wrote) = (&[16, 0, 10, 0, 2, 4, 0, 175, 0, 1][..], &[16, 0, 10, 0, 2][..]);
    let pairs: Vec<_> = (0..MESSAGES)
        .map(|number| {
            let (ask, answer) = if number % 4 == 0 { (write, wrote) } else { (ask, answer) };
            (adu(number, ask), adu(number, answer))
        })
        .collect();
    let mut connection = Connection::new("10.62.2.20");
    bencher.counter(ItemsCount::new(MESSAGES)).bench_local(|| {
        let mut passed = 0_u32;
        let mut note = |event: Event<'_>| match event {
            Event::ToServer(bytes) | Event::ToClient(bytes) => {
                black_box(bytes);
                passed += 1;
            }
            event => {
                black_box(event);
            }
        };
        for (ask, answer) in &pairs {
            connection.from_client(&inspector, ask, &mut note);
            connection.from_server(answer, &mut note);
        }
        assert_eq!(passed, 2 * u32::from(MESSAGES));
    });
}
