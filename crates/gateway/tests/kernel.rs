//! The proxy on the running kernel: a client, a gateway with the rules of the path, and a device.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "tests stop at the first surprise"
)]

mod world;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use world::{Device, Proxy, World, adu, ask, ends, heard, inside, ip, request};

/// The permissions of issue and examples: a reading flow, and limits on two registers and on one value of 32 bits.
const RULES: &[(&str, &str)] = &[
    ("G01", "read holding 0-59"),
    ("G02", "write holding 10 = 140..190"),
    ("G02", "write holding 11 = 0..1"),
    ("G03", "write holding 20-21 = 0..100000 type int32"),
];
const V4: (&str, &str) = ("10.62.2.20", "10.62.1.70");
const V6: (&str, &str) = ("fd62:2::20", "fd62:1::70");

/// Where [`Proxy`] starts this program again, this is the proxy.
#[test]
fn the_proxy_itself() {
    world::the_proxy();
}

fn both(rules: &'static [(&'static str, &'static str)]) -> [world::Row<'static>; 2] {
    [V4, V6].map(|(client, server)| (client, server, None, rules))
}

#[test]
fn what_the_plant_permits_passes_and_the_device_sees_nothing_else() {
    inside("what_the_plant_permits_passes_and_the_device_sees_nothing_else", || {
        let world = World::new();
        let proxy = Proxy::start(&world, &both(RULES));
        for (client, server) in [V4, V6] {
            let listening = format!(
                "{}:502",
                if server.contains(':') { format!("[{server}]") } else { server.to_owned() }
            );
            let device = Device::start(&world.device, &listening);
            let stream = world.connect(&listening).unwrap();
            for (asked, expected) in [
                ("1 03 0000 003C", "ok"),
                ("1 03 0028 003C", "02"),
                ("1 06 000A 008C", "ok"),
                ("1 06 000A 00BE", "ok"),
                ("1 06 000A 008B", "03"),
                ("1 06 000A 00BF", "03"),
                ("1 10 000A 0002 04 00AF 0001", "ok"),
                ("1 10 000A 0002 04 00AF 0002", "03"),
                ("1 10 0009 0002 04 0000 00AF", "02"),
                ("1 16 000A FFFF 0000", "03"),
                ("1 16 000A 0000 00AF", "03"),
                ("1 17 0000 0002 000A 0001 02 00E6", "03"),
                ("1 10 0014 0002 04 0001 86A0", "ok"),
                ("1 10 0014 0001 02 0001", "03"),
                ("1 06 0015 0000", "03"),
                ("0 06 000A 00AF", "0A"),
                ("2 06 000A 00AF", "0A"),
                ("1 05 000A FF00", "01"),
                ("1 5A 00", "01"),
            ] {
                assert_eq!(ask(&stream, asked), expected, "{asked}");
                let peers = device.peers();
                let expected: &[Vec<u8>] = if expected == "ok" { &[request(asked)] } else { &[] };
                assert_eq!(device.seen(), expected, "{asked}");
                assert!(peers.iter().all(|peer| peer.ip() == ip(client)), "{peers:?}");
            }
            proxy.says("\"command\":\"write holding 10 = 139\",\"exception\":3,\"reason\":\"value\"");
        }
        assert_eq!(world.forwarded(), 0);
    });
}

#[test]
fn messages_come_in_any_pieces() {
    inside("messages_come_in_any_pieces", || {
        let world = World::new();
        let _proxy = Proxy::start(&world, &both(RULES));
        let device = Device::start(&world.device, "10.62.1.70:502");
        let mut stream = world.connect("10.62.1.70:502").unwrap();
        // Coalesced: many in one piece, good and bad ones.
        let many: Vec<u8> = (0..20)
            .flat_map(|number| {
                adu(number, &request(if number % 4 == 3 { "1 06 000A 0001" } else { "1 06 000A 00AF" }))
            })
            .collect();
        stream.write_all(&many).unwrap();
        let mut answers: Vec<Vec<u8>> = (0..20).map(|_| heard(&stream).unwrap()).collect();
        answers.sort();
        for (number, answer) in answers.iter().enumerate() {
            let expected = if number % 4 == 3 { vec![1, 0x86, 3] } else { request("1 06 000A 00AF") };
            assert_eq!(answer[6..], expected, "{number}");
        }
        assert_eq!(device.seen().len(), 15);
        // Split: byte by byte, each in a packet of its own.
        for byte in adu(7, &request("1 03 0000 0002")) {
            stream.write_all(&[byte]).unwrap();
        }
        assert_eq!(heard(&stream).unwrap()[6..], [1, 3, 4, 0, 0, 0, 0]);
        // Half a message is nothing to the device, even when the client leaves.
        device.seen();
        stream.write_all(&adu(7, &request("1 06 000A 00AF"))[..11]).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(ends(&stream));
        assert_eq!(device.seen(), Vec::<Vec<u8>>::new());
    });
}

#[test]
fn after_an_impossible_length_nothing_passes() {
    inside("after_an_impossible_length_nothing_passes", || {
        let world = World::new();
        let proxy = Proxy::start(&world, &both(RULES));
        let device = Device::start(&world.device, "10.62.1.70:502");
        let good = adu(7, &request("1 06 000A 00AF"));
        for length in [0_u16, 1, 255, 65_535] {
            let mut stream = world.connect("10.62.1.70:502").unwrap();
            assert_eq!(ask(&stream, "1 06 000A 00AF"), "ok");
            let head = [&[0, 8, 0, 0][..], &length.to_be_bytes(), &good].concat();
            stream.write_all(&head).unwrap();
            assert!(ends(&stream), "{length}");
            proxy.says(&format!("length {length} in a header"));
            assert_eq!(device.seen(), [request("1 06 000A 00AF")], "{length}");
        }
    });
}

#[test]
fn killed_nothing_passes_and_started_again_it_works_again() {
    inside("killed_nothing_passes_and_started_again_it_works_again", || {
        let world = World::new();
        let mut proxy = Proxy::start(&world, &both(RULES));
        let device = Device::start(&world.device, "10.62.1.70:502");
        let stream = world.connect("10.62.1.70:502").unwrap();
        assert_eq!(ask(&stream, "1 06 000A 00AF"), "ok");
        assert_eq!(device.seen().len(), 1);
        proxy.signal(Signal::SIGKILL);
        proxy.wait();
        assert!(ends(&stream));
        world.connect("10.62.1.70:502").expect_err("nothing may pass without the proxy");
        assert_eq!(device.seen().len(), 0);
        let mut proxy = Proxy::start(&world, &both(RULES));
        let stream = world.connect("10.62.1.70:502").unwrap();
        assert_eq!(ask(&stream, "1 06 000A 00AF"), "ok");
        assert_eq!(ask(&stream, "1 06 000A 0001"), "03");
        assert_eq!(device.seen().len(), 1);
        proxy.signal(Signal::SIGTERM);
        assert!(proxy.wait().success());
        assert!(ends(&stream));
    });
}

#[test]
fn a_connection_ends_with_its_permission() {
    inside("a_connection_ends_with_its_permission", || {
        let world = World::new();
        let start = Instant::now();
        let until = jiff::Timestamp::now() + Duration::from_millis(1_500);
        let (client, server) = V4;
        let lasting: &[_] = &[("G01", "read holding 0-59")];
        let passing: &[_] = &[("G02", "write holding 10 = 140..190")];
        // The same connection stands on two permissions, then on one.
        let proxy =
            Proxy::start(&world, &[(client, server, None, lasting), (client, server, Some(until), passing)]);
        let device = Device::start(&world.device, "10.62.1.70:502");
        let stream = world.connect("10.62.1.70:502").unwrap();
        assert_eq!(ask(&stream, "1 06 000A 00AF"), "ok");
        while ask(&stream, "1 06 000A 00AF") == "ok" {}
        let late = start.elapsed();
        assert!((1_400..2_500).contains(&late.as_millis()), "{late:?}");
        assert_eq!(ask(&stream, "1 03 0000 0001"), "ok");
        // On one that ends, alone.
        let start = Instant::now();
        let until = jiff::Timestamp::now() + Duration::from_millis(1_500);
        proxy.reload(&[(client, server, Some(until), lasting)]);
        assert_eq!(ask(&stream, "1 03 0000 0001"), "ok");
        assert!(ends(&stream));
        let late = start.elapsed();
        assert!((1_400..2_500).contains(&late.as_millis()), "{late:?}");
        proxy.says("its permission has ended");
        // A new one does not come about either: it is closed without a byte.
        device.seen();
        assert!(closed_at_once(&world, "10.62.1.70:502"));
        proxy.says("no flow permits it");
        assert_eq!(device.seen(), Vec::<Vec<u8>>::new());
    });
}

#[test]
fn a_new_table_holds_for_running_connections_and_a_bad_one_changes_nothing() {
    inside("a_new_table_holds_for_running_connections_and_a_bad_one_changes_nothing", || {
        let world = World::new();
        let proxy = Proxy::start(&world, &both(RULES));
        let _device = Device::start(&world.device, "10.62.1.70:502");
        let stream = world.connect("10.62.1.70:502").unwrap();
        assert_eq!(ask(&stream, "1 06 000A 00AF"), "ok");
        proxy.reload(&both(&[("G01", "read holding 0-59")]));
        assert_eq!(ask(&stream, "1 06 000A 00AF"), "01");
        assert_eq!(ask(&stream, "1 03 0000 0001"), "ok");
        // Without a signal it is noticed too.
        proxy.replace("{\"version\": 1, \"of\": null, \"rows\": [{}]}");
        proxy.says("the one in force stays");
        assert_eq!(ask(&stream, "1 03 0000 0001"), "ok");
        proxy.reload(&[]);
        assert!(ends(&stream));
        assert!(closed_at_once(&world, "10.62.1.70:502"));
        proxy.says("no flow permits it");
    });
}

#[test]
fn a_device_that_is_not_there_or_silent_is_said() {
    inside("a_device_that_is_not_there_or_silent_is_said", || {
        let world = World::new();
        let (client, server) = V4;
        let proxy =
            Proxy::start(&world, &[(client, server, None, RULES), (client, "10.62.1.99", None, RULES)]);
        // Refused by the device.
        assert!(closed_at_once(&world, "10.62.1.70:502"));
        proxy.says("cannot be reached: Connection refused");
        // Nobody at the address.
        assert!(closed_at_once(&world, "10.62.1.99:502"));
        proxy.says("10.62.1.99:502: the device cannot be reached");
        // It accepts and never answers.
        let _deaf = Device::deaf(&world.device, "10.62.1.70:502");
        let stream = world.connect("10.62.1.70:502").unwrap();
        assert_eq!(ask(&stream, "1 03 0000 0001"), "0B");
        proxy.says("did not answer in time");
    });
}

/// A client that asks and does not read, and a device that does not read, are held back, and nothing gets lost.
#[test]
fn whoever_does_not_take_is_not_given_more() {
    inside("whoever_does_not_take_is_not_given_more", || {
        let world = World::new();
        let proxy = Proxy::start(&world, &both(RULES));
        let device = Device::start(&world.device, "10.62.1.70:502");
        let stream = world.connect("10.62.1.70:502").unwrap();
        // Refusals need no device: each is an answer.
        let asked = adu(1, &request("1 06 000A 0001")).repeat(1_000);
        let sent = stuffed(&stream, &asked, 64 * 1024 * 1024);
        assert!(sent < 16 * 1024 * 1024, "{sent} bytes taken from a client that does not read");
        let mut answer = [0; 9];
        for number in 0..sent / 12 {
            (&stream).read_exact(&mut answer).unwrap();
            assert_eq!(answer, [0, 1, 0, 0, 0, 3, 1, 0x86, 3], "{number}");
        }
        assert_eq!(device.seen(), Vec::<Vec<u8>>::new());
        // The proxy serves others all the while, and has not grown.
        let other = world.connect("10.62.1.70:502").unwrap();
        assert_eq!(ask(&other, "1 03 0000 0001"), "ok");
        let memory = std::fs::read_to_string(format!("/proc/{}/status", proxy.id())).unwrap();
        let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
        let peak: u64 = peak.trim_end_matches(" kB").parse().unwrap();
        assert!(peak < 64 * 1024, "{peak} KiB");
    });
}

/// Sends until nothing is taken for a while; how much was.
fn stuffed(mut stream: &TcpStream, bytes: &[u8], most: usize) -> usize {
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut sent = 0;
    while sent < most {
        match stream.write(&bytes[sent % bytes.len()..]) {
            Ok(count) => sent += count,
            Err(_) => break,
        }
    }
    sent
}

#[test]
fn one_client_does_not_take_all_places() {
    inside("one_client_does_not_take_all_places", || {
        let world = World::new();
        let proxy = Proxy::started(&world, &both(RULES), 3);
        let _device = Device::start(&world.device, "10.62.1.70:502");
        let _device6 = Device::start(&world.device, "[fd62:1::70]:502");
        let streams: Vec<TcpStream> = (0..3).map(|_| world.connect("10.62.1.70:502").unwrap()).collect();
        for stream in &streams {
            assert_eq!(ask(stream, "1 03 0000 0001"), "ok");
        }
        assert!(closed_at_once(&world, "10.62.1.70:502"));
        proxy.says("connection refused: there are 3 already");
        let other = world.connect("[fd62:1::70]:502").unwrap();
        assert_eq!(ask(&other, "1 03 0000 0001"), "ok");
        drop(streams);
        // A place is free as soon as the proxy has seen that they are gone.
        let deadline = Instant::now() + world::PATIENCE;
        while closed_at_once(&world, "10.62.1.70:502") {
            assert!(Instant::now() < deadline, "no place became free");
        }
    });
}

/// Whether a new connection is closed before it is good for anything.
fn closed_at_once(world: &World, server: &str) -> bool {
    match world.connect(server) {
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
        Ok(mut stream) => {
            // Closed already is the answer.
            let _ = stream.write_all(&adu(7, &request("1 03 0000 0001")));
            heard(&stream).is_err()
        }
    }
}
