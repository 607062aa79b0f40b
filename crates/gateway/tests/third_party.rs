//! The proxy between a client and a device that others wrote: pymodbus on both ends, unchanged.

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

use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};
use world::{PATIENCE, Proxy, Row, World, inside};

/// Where [`Proxy`] starts this program again, this is the proxy.
#[test]
fn the_proxy_itself() {
    world::the_proxy();
}

/// The Python that `tools/install-peers` makes, in the build directory.
fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers").join("bin/python");
    assert!(
        python.is_file(),
        "there is no {}: this test needs Python and pymodbus, run tools/install-peers (./test does)",
        python.display()
    );
    python
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}

/// A running device; it ends with its standard input.
struct Device {
    child: Child,
    lines: Receiver<String>,
}

impl Device {
    fn start(world: &World, address: &str) -> Self {
        let mut child = world
            .device
            .run(|| {
                Command::new(python())
                    .arg(script("device.py"))
                    .args([address, "502"])
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .unwrap();
        let (sender, lines) = channel();
        let read = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || {
            for line in read.map_while(Result::ok) {
                // The test has heard enough.
                let _ = sender.send(line);
            }
        });
        assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "ready");
        Self { child, lines }
    }

    /// The functions of the messages that reached it so far.
    fn functions(&self) -> Vec<u8> {
        let function =
            |line: String| u8::from_str_radix(&line.strip_prefix("got ").unwrap()[14..16], 16).unwrap();
        self.lines.try_iter().map(function).collect()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Ended already is as good.
        let _ = self.child.wait();
    }
}

/// What the client heard, step by step.
fn client(world: &World, server: IpAddr, steps: &[Value]) -> Vec<String> {
    let output = world
        .client
        .run(|| {
            Command::new(python())
                .arg(script("client.py"))
                .args([server.to_string(), "502".to_owned(), Value::from(steps.to_vec()).to_string()])
                .stderr(Stdio::inherit())
                .output()
                .unwrap()
        })
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Does the steps on a fresh device, and says what the client heard and which functions reached the device.
fn played(rules: &[(&str, &str)], steps: &[(Value, &str)]) -> Vec<u8> {
    let world = World::new();
    let row: Row<'_> = ("10.62.2.20", "10.62.1.70", None, rules);
    let _proxy = Proxy::start(&world, &[row]);
    let device = Device::start(&world, "10.62.1.70");
    let asked: Vec<Value> = steps.iter().map(|(step, _)| step.clone()).collect();
    let expected: Vec<&str> = steps.iter().map(|(_, answer)| *answer).collect();
    assert_eq!(client(&world, "10.62.1.70".parse().unwrap(), &asked), expected);
    assert_eq!(world.forwarded(), 0);
    device.functions()
}

#[test]
fn limits_hold_for_every_function_that_writes() {
    inside("limits_hold_for_every_function_that_writes", || {
        let rules = [
            ("G01", "read holding 0-59"),
            ("G02", "write holding 10 = 140..190"),
            ("G02", "write holding 11 = 0..1"),
        ];
        let read = |address, count| json!(["read_holding_registers", {"address": address, "count": count}]);
        let write = |address, value| json!(["write_register", {"address": address, "value": value}]);
        let several =
            |address, values: Value| json!(["write_registers", {"address": address, "values": values}]);
        let functions = played(
            &rules,
            &[
                (write(10, 140), "ok"),
                (write(10, 190), "ok"),
                (write(10, 139), "exception 3"),
                (write(10, 191), "exception 3"),
                (read(10, 2), "ok 190 7"),
                (several(10, json!([175, 1])), "ok"),
                (several(10, json!([180, 2])), "exception 3"),
                (read(9, 3), "ok 7 175 1"),
                (several(9, json!([1, 175])), "exception 2"),
                (
                    json!(["mask_write_register", {"address": 10, "and_mask": 0, "or_mask": 175}]),
                    "exception 3",
                ),
                (
                    json!(["readwrite_registers", {
                        "read_address": 0, "read_count": 1, "write_address": 10, "values": [230]
                    }]),
                    "exception 3",
                ),
                (json!(["write_register", {"address": 10, "value": 150, "slave": 2}]), "exception 10"),
                (json!(["write_coil", {"address": 10, "value": true}]), "exception 1"),
                (read(9, 3), "ok 7 175 1"),
            ],
        );
        assert_eq!(functions, [6, 6, 3, 16, 3, 3], "nothing that was refused reaches the device");
    });
}

/// Rows 1 to 3 of the reference line: the historian reads the meter, asks what it is, and does nothing else.
#[test]
fn the_historian_reads_the_meter() {
    inside("the_historian_reads_the_meter", || {
        let sevens = format!("ok{}", " 7".repeat(60));
        let functions = played(
            &[("F10", "read holding 0-59"), ("F10", "identify")],
            &[
                (json!(["read_holding_registers", {"address": 0, "count": 60}]), &sevens),
                (json!(["write_register", {"address": 10, "value": 1}]), "exception 1"),
                (json!(["read_holding_registers", {"address": 40, "count": 60}]), "exception 2"),
                (json!(["read_device_information", {"read_code": 1}]), "ok Nobody"),
                (json!(["read_holding_registers", {"address": 10, "count": 1}]), "ok 7"),
            ],
        );
        assert_eq!(functions, [3, 43, 3], "the device has received no write");
    });
}
