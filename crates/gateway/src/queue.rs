//! A bounded queue between the proxy and whoever writes down what it tells: a full disk or a reader who does not read
//! stops neither traffic nor refusals; what was lost is counted and said with the next record that arrives.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use crate::record::{Sink, Told};

/// Most things that wait to be written.
const MOST: usize = 4096;
/// How long nothing happens before that is said.
const REST: Duration = Duration::from_secs(1);

/// The end the proxy has.
#[derive(Debug)]
pub struct Queue {
    sender: SyncSender<Told>,
    lost: Arc<AtomicU64>,
}

/// Tells when everything was written.
#[derive(Debug)]
pub struct Ended(Receiver<()>);

/// What whoever writes is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn<'a> {
    /// The next one.
    Told(&'a Told),
    /// Nothing more waits; again every second while that stays so. The moment to make durable what was written.
    Rest,
    /// Nothing follows.
    End,
}

impl Queue {
    /// Starts a thread that hands everything to `write`, in order. What it fails to write counts as lost.
    pub fn start(
        write: impl FnMut(Turn<'_>) -> io::Result<()> + Send + 'static,
    ) -> io::Result<(Self, Ended)> {
        let (sender, receiver) = sync_channel(MOST);
        let (done, ended) = channel();
        let lost = Arc::new(AtomicU64::new(0));
        let again = Arc::clone(&lost);
        thread::Builder::new().name("records".to_owned()).spawn(move || {
            writing(&receiver, &again, write);
            // Nobody waits any more is fine.
            let _ = done.send(());
        })?;
        Ok((Self { sender, lost }, Ended(ended)))
    }
}

impl Ended {
    /// Waits for the last record, but not for ever: whoever does not take it must not keep the process.
    pub fn wait(&self, most: Duration) -> bool {
        !matches!(self.0.recv_timeout(most), Err(RecvTimeoutError::Timeout))
    }
}

fn writing(receiver: &Receiver<Told>, lost: &AtomicU64, mut write: impl FnMut(Turn<'_>) -> io::Result<()>) {
    loop {
        let mut next = match receiver.recv_timeout(REST) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        while let Some(mut told) = next {
            let before = lost.swap(0, Ordering::Relaxed);
            if let Told::Record(record) = &mut told {
                record.lost = record.lost.saturating_add(before);
            } else {
                lost.fetch_add(before, Ordering::Relaxed);
            }
            if write(Turn::Told(&told)).is_err() {
                lost.fetch_add(weight(&told), Ordering::Relaxed);
            }
            next = receiver.try_recv().ok();
        }
        // What cannot be made durable is still written; the next failure to write will say it.
        let _ = write(Turn::Rest);
    }
    let _ = write(Turn::End);
}

/// How many happenings are lost with it.
fn weight(told: &Told) -> u64 {
    match told {
        Told::Record(record) => record.times.saturating_add(record.lost),
        Told::Notice(_) => 0,
    }
}

impl Sink for Queue {
    fn take(&mut self, told: Told) {
        if let Err(TrySendError::Full(told) | TrySendError::Disconnected(told)) = self.sender.try_send(told) {
            self.lost.fetch_add(weight(&told), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::record::{Record, What};

    fn record(times: u64) -> Told {
        Told::Record(Record {
            at: jiff::Timestamp::UNIX_EPOCH,
            client: "10.0.0.1".parse().unwrap(),
            server: "10.0.0.2:502".parse().unwrap(),
            what: What::NotPermitted,
            times,
            lost: 0,
        })
    }

    fn counts(written: &Mutex<Vec<Told>>) -> (u64, u64) {
        let written = written.lock().unwrap();
        written.iter().fold((0, 0), |(times, lost), told| match told {
            Told::Record(record) => (times + record.times, lost + record.lost),
            Told::Notice(_) => (times, lost),
        })
    }

    /// Nothing is lost without being counted, and the proxy never waits.
    #[test]
    fn a_writer_that_does_not_come_back_costs_records_but_no_time() {
        let (let_go, wait) = sync_channel::<()>(0);
        let written = Arc::new(Mutex::new(Vec::new()));
        let (note, mut waited) = (Arc::clone(&written), false);
        let (mut queue, ended) = Queue::start(move |told| {
            if !waited {
                waited = true;
                wait.recv().unwrap();
            }
            if let Turn::Told(told) = told {
                note.lock().unwrap().push(told.clone());
            }
            Ok(())
        })
        .unwrap();
        const ALL: u64 = 3 * MOST as u64;
        (0..ALL).for_each(|_| queue.take(record(1)));
        let_go.send(()).unwrap();
        while counts(&written).0 < MOST as u64 {
            thread::yield_now();
        }
        queue.take(record(1));
        drop(queue);
        assert!(ended.wait(Duration::from_secs(20)));
        let (times, lost) = counts(&written);
        assert_eq!(times + lost, ALL + 1);
        assert!(lost > 0);
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_said_when_it_can() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let (note, mut turns) = (Arc::clone(&written), 0);
        let (mut queue, ended) = Queue::start(move |told| {
            let Turn::Told(told) = told else { return Ok(()) };
            turns += 1;
            if (2..=5).contains(&turns) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            note.lock().unwrap().push(told.clone());
            Ok(())
        })
        .unwrap();
        (0..7).for_each(|_| queue.take(record(3)));
        drop(queue);
        assert!(ended.wait(Duration::from_secs(20)));
        assert_eq!(counts(&written), (9, 12));
    }
}
