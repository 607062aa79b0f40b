//! A client, a gateway and a device in namespaces of their own, the rules of the path, and the proxy as a process.
#![allow(dead_code, reason = "each test file uses its part")]

mod device;
mod process;

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use linux::link::{self, End};
use linux::route::{self, Route};
use linux::{NetNs, Sandbox, address, nft, sysctl};

#[allow(unused_imports, reason = "each test file uses its part")]
pub use device::Device;
pub use process::{Proxy, Row, the_proxy};

/// The rules, written by hand after the architecture of the path.
const RULES: &str = include_str!("proxy.nft");
/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

const INSIDE: &str = "RINGWALL_TEST_INSIDE";

/// Runs the test `name` again inside a sandbox; there, and only there, runs `body`.
pub fn inside(name: &str, body: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let code = Sandbox::this_program(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .run()
        .unwrap();
    assert_eq!(code, 0, "{name} failed inside the sandbox");
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// The three of them.
pub struct World {
    pub client: NetNs,
    pub gateway: NetNs,
    pub device: NetNs,
}

impl World {
    pub fn new() -> Self {
        let [client, gateway, device] = [(); 3].map(|()| {
            let namespace = NetNs::new().unwrap();
            namespace.run(|| sysctl::host().and_then(|()| sysctl::quiet_ipv6())).unwrap().unwrap();
            namespace
        });
        gateway.run(sysctl::router).unwrap().unwrap();
        for (number, leg, other, host) in [(2, "z2", &client, "20"), (1, "z1", &device, "70")] {
            let end = |name, own, namespace| End { name, mac: [2, 0x57, 0, 0, number, own], namespace };
            link::add_veth(end(leg, 1, &gateway), end("eth0", 2, other)).unwrap();
            let (v4, v6) = (format!("10.62.{number}"), format!("fd62:{number}"));
            let up = |link: &str, last: &str| {
                link::set_up(link).unwrap();
                address::add(link, ip(&format!("{v4}.{last}")), 24).unwrap();
                address::add(link, ip(&format!("{v6}::{last}")), 64).unwrap();
            };
            gateway.run(|| up(leg, "1")).unwrap();
            other
                .run(|| {
                    up("eth0", host);
                    for via in [format!("{v4}.1"), format!("{v6}::1")] {
                        let any = if via.contains(':') { ip("::") } else { ip("0.0.0.0") };
                        route::add(Route { to: (any, 0), via: Some(ip(&via)), link: "eth0" }).unwrap();
                    }
                })
                .unwrap();
        }
        gateway.run(|| nft::replace(RULES)).unwrap().unwrap();
        Self { client, gateway, device }
    }

    /// A connection of the client; an error if none comes about.
    pub fn connect(&self, server: &str) -> std::io::Result<TcpStream> {
        self.client.run(|| connect(at(server))).unwrap()
    }

    /// Packets that the forward hook saw: not one of a command flow may.
    pub fn forwarded(&self) -> u64 {
        let listed = self.gateway.run(nft::list).unwrap().unwrap();
        let counter = listed.split_once("counter forwarded {").unwrap().1;
        counter.trim().strip_prefix("packets ").unwrap().split(' ').next().unwrap().parse().unwrap()
    }
}

fn connect(server: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, Duration::from_secs(3))?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    Ok(stream)
}

/// `UNIT HEX HEX ...`: the unit in decimal, then the PDU.
pub fn request(text: &str) -> Vec<u8> {
    let (unit, hex) = text.split_once(' ').unwrap();
    let digits: String = hex.split(' ').collect();
    let mut bytes = vec![unit.parse().unwrap()];
    bytes.extend((0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()));
    bytes
}

/// The message of a unit and a PDU.
pub fn adu(transaction: u16, unit_and_pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(unit_and_pdu.len()).unwrap();
    [&transaction.to_be_bytes()[..], &[0, 0], &length.to_be_bytes(), unit_and_pdu].concat()
}

/// The next whole message.
pub fn heard(mut stream: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 6];
    stream.read_exact(&mut message)?;
    let length = usize::from(u16::from_be_bytes([message[4], message[5]]));
    message.resize(6 + length, 0);
    stream.read_exact(&mut message[6..])?;
    Ok(message)
}

/// Asks and hears the answer: `ok`, or the code of the exception.
pub fn ask(mut stream: &TcpStream, text: &str) -> String {
    stream.write_all(&adu(7, &request(text))).unwrap();
    match heard(stream).unwrap().as_slice() {
        [0, 7, 0, 0, _, 3, _, function, code] if *function >= 0x80 => format!("{code:02X}"),
        [0, 7, 0, 0, ..] => "ok".to_owned(),
        other => panic!("{text}: {other:?}"),
    }
}

/// Whether the other side ends the connection without another byte.
pub fn ends(mut stream: &TcpStream) -> bool {
    match stream.read(&mut [0; 1]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}
