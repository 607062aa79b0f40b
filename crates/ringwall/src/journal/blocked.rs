//! What the command proxy refused, on its way into the log: gathered, and written in turns, so that the log is free for
//! every other command in between.

use std::time::{Duration, Instant};

use evidence::{Hashes, Record, Step};
use gateway::{Notice, Origin, Told, Turn, What};
use words::Language;

use super::Journal;
use crate::arguments::LogTo;
use crate::exit::Failure;
use crate::output::Output;

/// How long records are gathered, at least.
const GATHERED: Duration = Duration::from_secs(2);
/// Opening a log means verifying it: a long one is opened so much more seldom that this costs less than a twentieth.
const SELDOM: u32 = 20;
/// Most records that wait; this is also the most at once.
const MOST: usize = 1_000;
/// Records that may be written a day, so that whoever has commands refused all day fills no disk: this many a second
/// on average, and [`MOST`] at once.
const A_SECOND: f64 = 1.0;

/// Records on their way into a log.
pub struct BlockedCommands {
    log: LogTo,
    site: Option<String>,
    of: Option<Origin>,
    waiting: Vec<(Origin, gateway::Record)>,
    /// Could not be kept since the last that was.
    lost: u64,
    /// How many more may wait now.
    allowance: f64,
    counted: Instant,
    next: Instant,
}

impl BlockedCommands {
    /// For this log, which is tried at once: a proxy that cannot keep what it was asked to keep does not start.
    pub fn new(log: &LogTo, site: Option<&str>, output: &Output) -> Result<Option<Self>, Failure> {
        if Journal::open(log, site, output)?.is_none() {
            return Ok(None);
        }
        let now = Instant::now();
        Ok(Some(Self {
            log: log.clone(),
            site: site.map(str::to_owned),
            of: None,
            waiting: Vec::new(),
            lost: 0,
            allowance: MOST as f64,
            counted: now,
            next: now,
        }))
    }

    /// Takes one turn.
    pub fn turn(&mut self, turn: Turn<'_>, output: &Output) {
        match turn {
            Turn::Told(Told::Notice(Notice::Listening { of, .. } | Notice::Taken { of, .. })) => {
                self.of.clone_from(of);
                if of.is_none() {
                    output.message(output.language().pick(
                        "the table does not say of which plant it is, so nothing is kept in the log: write it with \
                         `ringwall load --commands FILE`",
                        "die Tabelle sagt nicht, von welcher Anlage sie ist, also kommt nichts ins Protokoll: sie mit \
                         `ringwall load --commands DATEI` schreiben",
                    ));
                }
            }
            Turn::Told(Told::Record(record)) => self.take(record),
            Turn::Told(Told::Notice(_)) => {}
            Turn::Rest if Instant::now() >= self.next => self.write(output),
            Turn::Rest => {}
            Turn::End => self.write(output),
        }
    }

    fn take(&mut self, record: &gateway::Record) {
        // A device that does not answer is no decision.
        if let What::Unreachable { .. } | What::Silent | What::Dropped { .. } = record.what {
            self.lost = self.lost.saturating_add(record.lost);
            return;
        }
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.counted).as_secs_f64();
        self.allowance = (self.allowance + passed * A_SECOND).min(MOST as f64);
        self.counted = now;
        match &self.of {
            Some(of) if self.allowance >= 1.0 && self.waiting.len() < MOST => {
                self.allowance -= 1.0;
                let lost = record.lost.saturating_add(std::mem::take(&mut self.lost));
                self.waiting.push((of.clone(), gateway::Record { lost, ..record.clone() }));
            }
            _ => self.lost = self.lost.saturating_add(record.times).saturating_add(record.lost),
        }
    }

    /// Writes what waits. What cannot be written waits on; what finds no room then is counted.
    fn write(&mut self, output: &Output) {
        if self.waiting.is_empty() {
            return;
        }
        let start = Instant::now();
        let written = Journal::open(&self.log, self.site.as_deref(), output).and_then(|journal| {
            let Some(mut journal) = journal else { return Ok(()) };
            for (of, record) in &self.waiting {
                let hashes = Hashes { plant: of.plant_hash.clone(), decisions: of.decisions_hash.clone() };
                let made = journal.record(&of.plant, hashes, step(record, output.language()));
                let policy_hash = Some(of.policy_hash.clone());
                journal.write(&Record { time: record.at, policy_hash, ..made })?;
            }
            journal.seal()
        });
        match written {
            Ok(()) => self.waiting.clear(),
            Err(failure) => output.message(&failure.text(output.language())),
        }
        self.next = Instant::now() + GATHERED.max(start.elapsed() * SELDOM);
    }
}

fn step(record: &gateway::Record, language: Language) -> Step {
    let port = record.server.port();
    let connection =
        language.pick(format!("connection to port {port}"), format!("Verbindung zu Port {port}"));
    let (flow, command, exception) = match &record.what {
        What::Refused { command, exception, flow, unit, function, .. } => {
            let command = if command.is_empty() { format!("FC{function}") } else { command.clone() };
            (flow.clone().unwrap_or_default(), format!("unit {unit} {command}"), Some(*exception))
        }
        _ => (String::new(), connection, None),
    };
    Step::Command {
        flow,
        client: record.client.to_string(),
        server: record.server.ip().to_string(),
        command,
        allowed: false,
        exception,
        reason: record.what.reason(language),
        count: record.times,
        lost: record.lost,
    }
}
