//! `ringwall gateway`: what it says, what its table may be, and how it ends.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{file, inside, ringwall};
use serde_json::Value;

const TABLE: &str = r#"{"version": 1,
  "of": {"plant": "line3", "plant_hash": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "decisions_hash": null, "policy_hash": "123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"},
  "rows": [{"client": "10.62.2.20", "server": "10.62.1.70", "port": 502, "until": null,
  "rules": [{"flow": "F10", "unit": 1, "allow": "read holding 0-59"}]}]}"#;

#[test]
fn a_table_that_cannot_be_used_ends_with_two_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.json").to_str().unwrap().to_owned();
    let torn = file(&folder, "torn.json", &TABLE[..60]);
    let wrong = file(&folder, "wrong.json", &TABLE.replace("read holding", "reed holding"));
    for (path, words) in [
        (&missing, ["cannot be read", "RW1501"]),
        (&torn, ["no table of commands", "RW1502"]),
        (&wrong, ["row 1, flow F10", "RW1503"]),
    ] {
        let run = ringwall(&["gateway", "--commands", path]);
        assert_eq!(run.code, 2, "{path}: {}{}", run.out, run.err);
        assert!(run.err.starts_with(path.as_str()), "{}", run.err);
        assert!(words.iter().all(|word| run.err.contains(word)), "{}", run.err);
        let german = ringwall(&["gateway", "--commands", path, "--language", "de"]);
        assert!(german.err.contains("Abhilfe: ") && german.err.contains(words[1]), "{}", german.err);
    }
}

#[test]
fn without_the_right_to_transparent_sockets_it_ends_with_five() {
    if !inside("without_the_right_to_transparent_sockets_it_ends_with_five") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let table = file(&folder, "commands.json", TABLE);
    let output = Command::new("setpriv")
        .args(["--bounding-set", "-all", "--inh-caps", "-all", env!("CARGO_BIN_EXE_ringwall")])
        .args(["gateway", "--commands", &table, "--language", "en"])
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{err}");
    assert!(err.contains("[RW1006]") && err.contains("CAP_NET_ADMIN"), "{err}");
}

struct Running {
    child: Child,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Running {
    fn start(state: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ringwall"))
            .arg("gateway")
            .args(arguments)
            // The key of the lab is made there.
            .env("XDG_STATE_HOME", state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = Box::new(BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok));
        Self { child, lines }
    }

    fn says(&mut self) -> String {
        self.lines.next().unwrap()
    }

    fn signal(&self, name: &str) {
        // The shell's own: not every machine has the command.
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(status.unwrap().success());
    }
}

#[test]
fn it_says_what_it_does_and_signals_mean_something() {
    if !inside("it_says_what_it_does_and_signals_mean_something") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let table = file(&folder, "commands.json", TABLE);
    let log = folder.path().join("log");
    let empty = format!("{}}}", TABLE.split_once("\n  \"rows\"").unwrap().0.to_owned() + " \"rows\": []");
    linux::link::set_up("lo").unwrap();
    let arguments = ["--commands", &table, "--log", log.to_str().unwrap(), "--language", "en"];
    let mut gateway = Running::start(folder.path(), &arguments);
    assert!(gateway.says().contains("listening at port 7502, 1 rows in force"));
    // A second one is told that there is one.
    let second = ringwall(&["gateway", "--commands", &table]);
    assert_eq!(second.code, 5);
    assert!(second.err.contains("RW1504"), "{}", second.err);
    file(&folder, "commands.json", "{}");
    gateway.signal("HUP");
    assert!(gateway.says().contains("the one in force stays"));
    file(&folder, "commands.json", &empty);
    gateway.signal("HUP");
    assert!(gateway.says().contains("a new table is in force, 0 rows"));
    // The loopback has no row: that is refused, and recorded. 127.0.0.1 is where a connection past every rule would go.
    std::net::TcpStream::connect("127.0.0.1:7502").unwrap();
    assert!(gateway.says().contains("127.0.0.1 -> 127.0.0.1:7502: connection refused: no flow permits it"));
    gateway.signal("TERM");
    assert!(gateway.says().contains("ended"));
    assert!(gateway.child.wait().unwrap().success());
    // What was refused stands in the log, which is whole.
    let verified = ringwall(&["log", "verify", log.to_str().unwrap(), "--format", "json"]).json();
    assert_eq!((&verified["ok"], &verified["records"]), (&Value::from(true), &Value::from(1)));
    let written = String::from_utf8_lossy(&std::fs::read(log.join("records")).unwrap()).into_owned();
    for part in [
        "\"step\":\"command\"",
        "\"plant\":\"line3\"",
        "\"command\":\"connection to port 7502\"",
        "\"allowed\":false",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    // For scripts, a line is an object.
    let mut gateway = Running::start(folder.path(), &["--commands", &table, "--format", "json"]);
    let notice: Value = serde_json::from_str(&gateway.says()).unwrap();
    assert!(notice["notice"].is_string());
    gateway.signal("INT");
    assert!(gateway.child.wait().unwrap().success());
}
