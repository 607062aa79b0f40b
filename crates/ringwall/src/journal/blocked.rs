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
                let made = journal.record(&of.plant, hashes, refusal(record, output.language()));
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

/// What a refusal leaves behind.
pub fn refusal(record: &gateway::Record, language: Language) -> Step {
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

#[cfg(test)]
mod tests {
    use gateway::Reason;
    use tempfile::TempDir;

    use super::*;
    use crate::arguments::Format;

    fn output() -> Output {
        Output::new(Format::Text, Some(Language::English))
    }

    fn log(folder: &TempDir) -> LogTo {
        let key = folder.path().join("key");
        ledger_files::create_key(&key, evidence::LAB).unwrap();
        LogTo { log: Some(folder.path().join("log")), sign_key: Some(key) }
    }

    fn blocked(log: &LogTo) -> BlockedCommands {
        let mut blocked = BlockedCommands::new(log, None, &output()).unwrap().unwrap();
        let of = Origin {
            plant: "line3".to_owned(),
            plant_hash: evidence::sha256(b"plant"),
            decisions_hash: None,
            policy_hash: evidence::sha256(b"policy"),
        };
        let notice = Told::Notice(Notice::Taken { rows: 1, of: Some(of) });
        blocked.turn(Turn::Told(&notice), &output());
        blocked
    }

    fn refused(number: u64) -> Told {
        Told::Record(gateway::Record {
            at: jiff::Timestamp::now(),
            client: "10.62.2.20".parse().unwrap(),
            server: "10.62.1.70:502".parse().unwrap(),
            what: What::Refused {
                unit: 1,
                function: 6,
                command: format!("write holding {number} = 139"),
                exception: 3,
                reason: Reason::Value,
                flow: Some("G02".to_owned()),
            },
            times: 2,
            lost: 0,
        })
    }

    /// The counts and what was lost before each, in the order of the log.
    fn written(log: &LogTo) -> Vec<(u64, u64)> {
        let bytes = ledger_files::records(log.log.as_ref().unwrap()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        text.split("\"count\":")
            .skip(1)
            .map(|part| (number(part), number(part.split_once("\"lost\":").unwrap().1)))
            .collect()
    }

    #[test]
    fn a_flood_is_bounded_and_what_was_left_out_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(&folder);
        let mut blocked = blocked(&log);
        (0..3_000).for_each(|number| blocked.turn(Turn::Told(&refused(number)), &output()));
        blocked.turn(Turn::Rest, &output());
        let first = written(&log);
        assert!((MOST..MOST + 30).contains(&first.len()), "{}", first.len());
        assert!(first.iter().all(|one| *one == (2, 0)));
        // A moment later there is room for one more, which says how many were not.
        blocked.allowance = 1.0;
        blocked.turn(Turn::Told(&refused(1)), &output());
        blocked.turn(Turn::End, &output());
        let last = written(&log);
        assert_eq!(last.last(), Some(&(2, 2 * (3_000 - first.len() as u64))));
    }

    #[test]
    fn while_another_command_writes_the_log_records_wait() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(&folder);
        let mut blocked = blocked(&log);
        let other = Journal::open(&log, None, &output()).unwrap();
        blocked.turn(Turn::Told(&refused(1)), &output());
        blocked.turn(Turn::Rest, &output());
        assert_eq!(written(&log), []);
        drop(other);
        blocked.turn(Turn::End, &output());
        assert_eq!(written(&log), [(2, 0)]);
    }
}
