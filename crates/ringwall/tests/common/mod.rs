//! Running the program as a user would, and being inside a network namespace to do so.
#![allow(unreachable_pub, reason = "a test has no outside")]
#![allow(dead_code, reason = "every test file uses some of these")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "test helpers may stop at the first surprise"
)]

pub mod tiny;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The example plant.
pub fn line3() -> PathBuf {
    root().join("examples/line3")
}

/// The example machine, whose addresses are translated.
pub fn kx200() -> PathBuf {
    root().join("examples/kx200")
}

/// What a run of the program gave.
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// The one document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }
}

/// Runs the program.
pub fn ringwall(arguments: &[&str]) -> Run {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_ringwall"))
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("RINGWALL_INSIDE")
        .output()
        .unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs the rest of a test inside new user and network namespaces, by running the test of this name again there.
/// Returns whether this is the inside.
pub fn inside(test: &str) -> bool {
    if std::env::var("RINGWALL_TEST_INSIDE").as_deref() == Ok(test) {
        return true;
    }
    let code = linux::Sandbox::this_program(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("RINGWALL_TEST_INSIDE", test)
        .run()
        .expect("these tests need user namespaces and nft");
    assert_eq!(code, 0, "{test} failed inside the namespace");
    false
}

/// A file with this text in a folder that goes away.
pub fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The legs of the example line as veth ends, as on a gateway; the far ends lie in the namespace returned.
pub fn legs(names: &[&str]) -> linux::NetNs {
    let (near, far) = (linux::NetNs::current().unwrap(), linux::NetNs::new().unwrap());
    for (number, name) in names.iter().enumerate() {
        let peer = format!("far{number}");
        let mac = |side| [2, 0, 0, side, 0, number as u8];
        linux::link::add_veth(
            linux::link::End { name, mac: mac(0), namespace: &near },
            linux::link::End { name: &peer, mac: mac(1), namespace: &far },
        )
        .unwrap();
        linux::link::set_up(name).unwrap();
    }
    linux::sysctl::router().unwrap();
    far
}

/// Joins legs by a bridge, as somebody might by hand.
pub fn bridge(name: &str, legs: &[&str]) {
    linux::link::add_bridge(name).unwrap();
    legs.iter().for_each(|leg| linux::link::set_master(leg, Some(name)).unwrap());
    linux::link::set_up(name).unwrap();
}

/// Interfaces of the example line.
pub const LINE3_LEGS: [&str; 6] = ["z0", "z1", "z2", "z3", "wg0", "x0"];
