//! Decoding, encoding and judging Modbus allocates nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod recorded;

use std::path::Path;

use protocols::modbus::{Buffer, Frames, MOST_ADU, Request, Response, covered};
use protocols::{Permission, Service};
use recorded::{Streams, segments};

#[test]
fn nothing_is_allocated() {
    let service = Service::parse("modbus").unwrap();
    let texts =
        ["read any", "write holding 0-99 = 0..9000", "write coil 3", "write coil 4-9999 = 0..1", "identify"];
    let permissions = texts.map(|text| Permission::parse(&service, text).unwrap());
    let (mut messages, mut answered, mut waiting) = (0, 0, None);
    for name in ["ModbusTCP.pcap", "modbus_test.pcap", "modbus_test_data_part2.pcap", "modbusSmall.pcap"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name);
        let mut streams: Streams<Frames> = Streams::default();
        for segment in segments(&path) {
            let (frames, mut data) = streams.next(&segment);
            let counted = allocation_counter::measure(|| {
                let mut out: Buffer = [0; MOST_ADU];
                while let Some(Ok(adu)) = frames.next(&mut data) {
                    messages += 1;
                    if segment.to_server {
                        let Ok(request) = Request::decode(adu) else { continue };
                        let expected = request.expected();
                        assert!(!request.encode(&mut out).is_empty());
                        for access in request.accesses() {
                            let _ = covered(permissions.iter().enumerate(), &access);
                        }
                        waiting = Some(expected);
                    } else if let Ok(response) = Response::decode(adu) {
                        answered += usize::from(waiting.is_some_and(|it| it.answered_by(&response)));
                        assert!(!response.encode(&mut out).is_empty());
                    }
                }
            });
            assert_eq!(counted.count_total, 0, "{name} frame {}", segment.frame);
        }
    }
    assert!(messages > 10_000 && answered > 1_000, "{messages} {answered}");
}
