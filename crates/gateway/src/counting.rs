//! Identical records within a second are counted, not repeated; a flood of different ones is bounded too.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use inspect::{Closing, Decision, Dropped, Verdict};
use jiff::Timestamp;
use protocols::modbus::{Buffer, MOST_ADU};

use crate::record::{Notice, Record, Sink, Told, What};

/// How long identical ones are counted together.
const WITHIN: Duration = Duration::from_secs(1);
/// Most different ones within that time; further ones count as lost.
const MOST: usize = 1024;
/// Most characters of a command in a record.
const LONGEST: usize = 200;

/// Counts identical ones and hands the others on.
pub(crate) struct Counting {
    sink: Box<dyn Sink>,
    // Keyed at random: nobody can make two commands look identical on purpose.
    keys: RandomState,
    seen: BTreeMap<u64, Seen>,
    lost: u64,
}

struct Seen {
    record: Record,
    further: u64,
    since: Instant,
}

impl Counting {
    pub(crate) fn new(sink: Box<dyn Sink>) -> Self {
        Self { sink, keys: RandomState::new(), seen: BTreeMap::new(), lost: 0 }
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        self.sink.take(Told::Notice(notice));
    }

    /// A request that was refused; one that was not is no record.
    pub(crate) fn decided(&mut self, ends: (IpAddr, SocketAddr), decision: &Decision<'_>) {
        let Verdict::Refused { exception, reason, flow } = decision.verdict else { return };
        let mut room: Buffer = [0; MOST_ADU];
        // The transaction is another every time.
        let asked = match &decision.request {
            Some(request) => request.encode(&mut room).get(2..),
            None => None,
        };
        let key = (decision.unit, decision.function, exception.code(), reason, flow, asked);
        self.note(ends, key, || What::Refused {
            unit: decision.unit,
            function: decision.function,
            command: in_words(decision),
            exception: exception.code(),
            reason,
            flow: flow.map(str::to_owned),
        });
    }

    pub(crate) fn dropped(&mut self, ends: (IpAddr, SocketAddr), unit: u8, function: u8, why: Dropped) {
        self.note(ends, (unit, function, why), || What::Dropped { unit, function, why });
    }

    pub(crate) fn broken(&mut self, ends: (IpAddr, SocketAddr), closing: Closing) {
        self.note(ends, closing, || What::Broken { closing });
    }

    pub(crate) fn not_permitted(&mut self, ends: (IpAddr, SocketAddr)) {
        self.note(ends, "not permitted", || What::NotPermitted);
    }

    pub(crate) fn ended(&mut self, ends: (IpAddr, SocketAddr)) {
        self.note(ends, "ended", || What::Ended);
    }

    pub(crate) fn silent(&mut self, ends: (IpAddr, SocketAddr)) {
        self.note(ends, "silent", || What::Silent);
    }

    pub(crate) fn too_many(&mut self, ends: (IpAddr, SocketAddr), limit: usize) {
        self.note(ends, limit, || What::TooMany { limit });
    }

    pub(crate) fn unreachable(&mut self, ends: (IpAddr, SocketAddr), error: &std::io::Error) {
        self.note(ends, error.raw_os_error(), || What::Unreachable { error: error.to_string() });
    }

    fn note(&mut self, ends: (IpAddr, SocketAddr), key: impl Hash, what: impl FnOnce() -> What) {
        let key = self.keys.hash_one((ends, key));
        if let Some(seen) = self.seen.get_mut(&key) {
            seen.further = seen.further.saturating_add(1);
            return;
        }
        if self.seen.len() >= MOST {
            self.lost = self.lost.saturating_add(1);
            return;
        }
        let (client, server) = ends;
        let lost = std::mem::take(&mut self.lost);
        let record = Record { at: Timestamp::now(), client, server, what: what(), times: 1, lost };
        self.sink.take(Told::Record(record.clone()));
        self.seen.insert(key, Seen { record, further: 0, since: Instant::now() });
    }

    /// Whether something is being counted.
    pub(crate) fn busy(&self) -> bool {
        !self.seen.is_empty()
    }

    /// Hands on what was counted for long enough; `all` whatever was counted.
    pub(crate) fn tell(&mut self, now: Instant, all: bool) {
        let Self { sink, seen, lost, .. } = self;
        seen.retain(|_, one| {
            if !all && now.saturating_duration_since(one.since) < WITHIN {
                return true;
            }
            let further = std::mem::take(&mut one.further);
            if further > 0 {
                one.record = Record {
                    at: Timestamp::now(),
                    times: further,
                    lost: std::mem::take(lost),
                    ..one.record.clone()
                };
                sink.take(Told::Record(one.record.clone()));
                one.since = now;
            }
            // What came again may well come again.
            further > 0 && !all
        });
    }
}

/// The commands of a request, shortened: two thousand coils fit one message, but no line.
fn in_words(decision: &Decision<'_>) -> String {
    let commands = decision.request.map(|request| request.commands()).unwrap_or_default();
    let words: Vec<String> = commands.iter().map(ToString::to_string).collect();
    let words = words.join(", ");
    if words.chars().count() <= LONGEST {
        return words;
    }
    words.chars().take(LONGEST).chain(" …".chars()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn counting() -> (Counting, Receiver<Told>) {
        let (sender, receiver) = channel();
        (Counting::new(Box::new(move |told| sender.send(told).unwrap())), receiver)
    }

    fn ends(port: u16) -> (IpAddr, SocketAddr) {
        ("10.0.0.1".parse().unwrap(), SocketAddr::new("10.0.0.2".parse().unwrap(), port))
    }

    fn heard(receiver: &Receiver<Told>) -> Vec<(u16, u64, u64)> {
        let record = |told| match told {
            Told::Record(Record { server, times, lost, .. }) => (server.port(), times, lost),
            Told::Notice(notice) => panic!("{notice:?}"),
        };
        receiver.try_iter().map(record).collect()
    }

    #[test]
    fn identical_ones_are_counted_and_told_after_a_second() {
        let (mut counting, receiver) = counting();
        for _ in 0..1_000 {
            counting.not_permitted(ends(502));
        }
        counting.not_permitted(ends(503));
        counting.ended(ends(502));
        assert_eq!(heard(&receiver), [(502, 1, 0), (503, 1, 0), (502, 1, 0)]);
        let now = Instant::now();
        counting.tell(now, false);
        assert_eq!(heard(&receiver), []);
        counting.tell(now + WITHIN, false);
        assert_eq!(heard(&receiver), [(502, 999, 0)]);
        counting.not_permitted(ends(502));
        counting.tell(now + WITHIN * 3, false);
        assert_eq!(heard(&receiver), [(502, 1, 0)]);
        counting.tell(now + WITHIN * 5, false);
        assert!(!counting.busy());
    }

    #[test]
    fn a_flood_of_different_ones_is_bounded_and_what_was_lost_is_said() {
        let (mut counting, receiver) = counting();
        for port in 0..2_000 {
            counting.not_permitted(ends(port));
        }
        assert_eq!(heard(&receiver).len(), MOST);
        counting.tell(Instant::now() + WITHIN, false);
        counting.not_permitted(ends(3_000));
        assert_eq!(heard(&receiver), [(3_000, 1, 2_000 - MOST as u64)]);
    }
}
