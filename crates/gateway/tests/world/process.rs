//! The proxy as a process of its own: this test program again.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::{fs, thread};

use gateway::{Queue, Settings, Signals, Told, Turn, Watched, run};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use words::Language;

use super::{PATIENCE, World};

const COMMANDS: &str = "RINGWALL_TEST_COMMANDS";
const MOST_OF_ONE: &str = "RINGWALL_TEST_MOST_OF_ONE";

/// The body of the test `the_proxy_itself`, which is the proxy where [`Proxy`] started it and nothing otherwise.
pub fn the_proxy() {
    let Some(commands) = std::env::var_os(COMMANDS) else { return };
    let signals = Signals::take().unwrap();
    let (queue, ended) = Queue::start(|told| {
        let mut out = std::io::stdout().lock();
        match told {
            Turn::Told(told @ Told::Record(record)) => {
                let line = serde_json::to_string(&record.document()).unwrap();
                writeln!(out, "\n@{line} {}", told.text(Language::English))
            }
            Turn::Told(notice) => writeln!(out, "\n@{}", notice.text(Language::English)),
            Turn::Rest | Turn::End => out.flush(),
        }
    })
    .unwrap();
    let mut settings = Settings::default();
    if let Ok(most) = std::env::var(MOST_OF_ONE) {
        settings.most_of_one = most.parse().unwrap();
    }
    settings.answering = std::time::Duration::from_secs(2);
    settings.connecting = std::time::Duration::from_secs(2);
    run(settings, Watched::new(PathBuf::from(commands)), &signals, Box::new(queue)).unwrap();
    assert!(ended.wait(PATIENCE));
}

/// The running proxy of a gateway.
pub struct Proxy {
    child: Child,
    said: Receiver<String>,
    folder: TempDir,
}

/// A row of a table, for [`rows`].
pub type Row<'a> = (&'a str, &'a str, Option<jiff::Timestamp>, &'a [(&'a str, &'a str)]);

impl Proxy {
    /// Starts it with these rows and waits until it listens.
    pub fn start(world: &World, rows: &[Row<'_>]) -> Self {
        Self::started(world, rows, 256)
    }

    pub fn started(world: &World, rows: &[Row<'_>], most_of_one: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("commands.json");
        put(&path, &text(rows));
        let mut child = world
            .gateway
            .run(|| {
                // The test harness has threads of its own, which a signal would end; a mask is inherited by all.
                let mut mask = SigSet::empty();
                mask.add(Signal::SIGTERM);
                mask.add(Signal::SIGHUP);
                mask.thread_block().unwrap();
                Command::new("/proc/self/exe")
                    .args(["--exact", "the_proxy_itself", "--nocapture", "--test-threads=1"])
                    .env(COMMANDS, &path)
                    .env(MOST_OF_ONE, most_of_one.to_string())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .unwrap();
        let (sender, said) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(line) = line.strip_prefix('@') {
                    // The test has heard enough.
                    let _ = sender.send(line.to_owned());
                }
            }
        });
        let proxy = Self { child, said, folder };
        proxy.says("listening");
        proxy
    }

    /// Waits for a line that has this in it, and hands it over.
    pub fn says(&self, part: &str) -> String {
        let mut others = Vec::new();
        loop {
            match self.said.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => others.push(line),
                Err(error) => panic!("the proxy never said `{part}` but {others:#?}: {error}"),
            }
        }
    }

    /// Gives it another table and waits until that is in force.
    pub fn reload(&self, rows: &[Row<'_>]) {
        self.replace(&text(rows));
        self.signal(Signal::SIGHUP);
        self.says("new table is in force");
    }

    /// Puts another file in the place of its own.
    pub fn replace(&self, text: &str) {
        put(&self.folder.path().join("commands.json"), text);
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn put(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// Rows in the form of the file; every rule is for unit 1.
fn text(rows: &[Row<'_>]) -> String {
    let rows = rows.iter().map(|(client, server, until, rules)| {
        let rules =
            rules.iter().map(|(flow, allow)| serde_json::json!({"flow": flow, "unit": 1, "allow": allow}));
        serde_json::json!({
            "client": client, "server": server, "port": 502,
            "until": until.map(|until| until.to_string()),
            "rules": rules.collect::<Vec<_>>(),
        })
    });
    serde_json::json!({"version": 1, "of": null, "rows": rows.collect::<Vec<_>>()}).to_string()
}
