//! The story of a command: loaded, proxied, refused, with the program as it is run on a gateway.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::{file, inside, legs, line3, ringwall};
use linux::link::{End, add_veth, set_up};
use linux::route::{self, Route};
use linux::{NetNs, address};

const HISTORIAN: &str = "10.62.2.20";
const METER: &str = "10.62.1.70";
const PATIENCE: Duration = Duration::from_secs(10);
/// Nobody answers within that who may not.
const SILENCE: Duration = Duration::from_millis(1200);

/// A host behind a leg of the gateway.
fn host(leg: &str, number: u8, own: &str, gateway: &str) -> NetNs {
    let (near, far) = (NetNs::current().unwrap(), NetNs::new().unwrap());
    add_veth(
        End { name: leg, mac: [2, 0, 0, 8, 0, number], namespace: &near },
        End { name: "eth0", mac: [2, 0, 0, 9, 0, number], namespace: &far },
    )
    .unwrap();
    let via: IpAddr = gateway.parse().unwrap();
    address::add(leg, via, 24).unwrap();
    set_up(leg).unwrap();
    far.run(|| {
        set_up("eth0").unwrap();
        address::add("eth0", own.parse().unwrap(), 24).unwrap();
        route::add(Route { to: ("0.0.0.0".parse().unwrap(), 0), via: Some(via), link: "eth0" }).unwrap();
    })
    .unwrap();
    far
}

/// A meter that answers, and tells which functions it was asked for.
fn meter(namespace: &NetNs) -> Receiver<u8> {
    let (asked, functions) = channel();
    let listener = namespace.run(|| TcpListener::bind((METER, 502))).unwrap().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, asked) = (stream.unwrap(), asked.clone());
            std::thread::spawn(move || {
                let mut request = [0; 12];
                while stream.read_exact(&mut request).is_ok() {
                    asked.send(request[7]).unwrap();
                    // One register, whatever was asked.
                    let answer = [&request[..4], &[0, 5, request[6], request[7], 2, 0, 42]].concat();
                    stream.write_all(&answer).unwrap();
                }
            });
        }
    });
    functions
}

/// Asks, and returns function and code or value of the answer; nothing where no connection stands or none comes.
fn ask(client: &NetNs, function: u8, words: [u16; 2]) -> Option<(u8, u8)> {
    let mut stream = client
        .run(|| TcpStream::connect_timeout(&SocketAddr::new(METER.parse().unwrap(), 502), SILENCE))
        .unwrap()
        .ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let [first, second] = words.map(u16::to_be_bytes);
    stream.write_all(&[[0, 7, 0, 0, 0, 6, 1, function].as_slice(), &first, &second].concat()).ok()?;
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    Some((head[7], head[8]))
}

/// The proxy, once it takes connections.
fn gateway(table: &str) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringwall"))
        .args(["gateway", "--commands", table, "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("7502"), "{first}");
    child
}

#[test]
fn a_command_passes_or_is_refused_and_without_the_proxy_nothing_passes() {
    if !inside("a_command_passes_or_is_refused_and_without_the_proxy_nothing_passes") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let table = file(&folder, "commands.json", "");
    set_up("lo").unwrap();
    let _others = legs(&["z0", "z3", "wg0", "x0"]);
    let control = host("z1", 1, METER, "10.62.1.1");
    let data = host("z2", 2, HISTORIAN, "10.62.2.1");
    let asked = meter(&control);
    let plant = line3();
    let plant = plant.to_str().unwrap();

    let run = ringwall(&["load", plant, "--commands", &table, "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(run.json()["proof"]["through_proxy"], serde_json::json!(["F10"]));
    assert_eq!(ask(&data, 3, [0, 1]), None, "before the proxy runs");

    let mut proxy = gateway(&table);
    assert_eq!(ask(&data, 3, [0, 1]), Some((3, 2)));
    assert_eq!(ask(&data, 6, [10, 7]), Some((0x86, 1)), "a write");
    assert_eq!(ask(&data, 3, [40, 60]), Some((0x83, 2)), "past register 59");
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [3], "what the meter was asked");

    // Killed, not ended: nothing of it is left to close anything.
    proxy.kill().unwrap();
    proxy.wait().unwrap();
    assert_eq!(ask(&data, 3, [0, 1]), None, "after the proxy is gone");
    assert_eq!(asked.try_iter().count(), 0);
    let proof = ringwall(&["prove", plant]);
    assert_eq!(proof.code, 0, "{}", proof.out);

    let mut proxy = gateway(&table);
    assert_eq!(ask(&data, 3, [0, 1]), Some((3, 2)), "started again");
    proxy.kill().unwrap();
    proxy.wait().unwrap();
}
