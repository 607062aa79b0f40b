//! The table that is in force: which rules a connection has, and when they end.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inspect::{ModbusInspector, Rule};
use ipnet::IpNet;
use jiff::Timestamp;

use crate::table::{Row, Table};

/// Most combinations of rows that are kept at hand; beyond, they are put together anew.
const MOST_COMBINED: usize = 1024;

/// A moment by both clocks: it is past as soon as one of them says so, so that setting the clock back prolongs nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Of the clock that only runs forward.
    pub(crate) running: Instant,
    /// Of the clock on the wall.
    pub(crate) wall: Timestamp,
}

impl Now {
    pub(crate) fn read() -> Self {
        Self { running: Instant::now(), wall: Timestamp::now() }
    }
}

/// A table, ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    rows: Vec<Live>,
    /// Rows about one server each.
    hosts: BTreeMap<(IpAddr, u16), Vec<usize>>,
    /// Rows about networks of servers.
    networks: Vec<usize>,
    combined: BTreeMap<Vec<usize>, Arc<ModbusInspector>>,
    /// The earliest end that has not come.
    next: Option<(Instant, Timestamp)>,
}

#[derive(Debug)]
struct Live {
    row: Row,
    ends: Option<Instant>,
    ended: bool,
}

impl Live {
    fn is(&self, row: &Row) -> bool {
        let key = |row: &Row| (row.client, row.server, row.port, row.until);
        key(&self.row) == key(row)
    }

    fn carries(&self, client: IpAddr, server: SocketAddr) -> bool {
        let Row { client: clients, server: servers, port, .. } = &self.row;
        !self.ended && *port == server.port() && clients.contains(&client) && servers.contains(&server.ip())
    }
}

impl InForce {
    /// A table in the place of this one. A row that was in force keeps the end it had, if that comes sooner.
    pub(crate) fn succeeded_by(&self, table: Table, now: Now) -> Self {
        let mut known: BTreeMap<(IpNet, IpNet, u16), Vec<&Live>> = BTreeMap::new();
        for live in self.rows.iter().filter(|live| live.row.until.is_some()) {
            known.entry((live.row.client, live.row.server, live.row.port)).or_default().push(live);
        }
        let mut next = Self::default();
        for (index, row) in table.rows.into_iter().enumerate() {
            let before = known.get(&(row.client, row.server, row.port)).into_iter().flatten();
            let before: Vec<&&Live> = before.filter(|live| live.is(&row)).collect();
            let ends = row.until.and_then(|until| {
                let left = Duration::try_from(until.duration_since(now.wall)).unwrap_or(Duration::ZERO);
                let ends = now.running.checked_add(left);
                before.iter().filter_map(|live| live.ends).chain(ends).min()
            });
            if row.server.prefix_len() == row.server.max_prefix_len() {
                next.hosts.entry((row.server.addr(), row.port)).or_default().push(index);
            } else {
                next.networks.push(index);
            }
            next.rows.push(Live { row, ends, ended: before.iter().any(|live| live.ended) });
        }
        next.end(now);
        next.find_next();
        next
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Ends what is past; whether anything ended.
    pub(crate) fn end(&mut self, now: Now) -> bool {
        let mut any = false;
        for live in self.rows.iter_mut().filter(|live| !live.ended) {
            let Some(until) = live.row.until else { continue };
            live.ended = until <= now.wall || live.ends.is_some_and(|ends| ends <= now.running);
            any |= live.ended;
        }
        if any {
            self.combined.clear();
            self.find_next();
        }
        any
    }

    /// The earliest end that has not come.
    pub(crate) fn next_end(&self) -> Option<(Instant, Timestamp)> {
        self.next
    }

    fn find_next(&mut self) {
        let open = || self.rows.iter().filter(|live| !live.ended);
        let running = open().filter_map(|live| live.ends).min();
        let wall = open().filter_map(|live| live.row.until).min();
        self.next = running.zip(wall);
    }

    /// What the client may ask of the server: the rules of every row it falls under; nothing without one.
    pub(crate) fn rights(&mut self, client: IpAddr, server: SocketAddr) -> Option<Arc<ModbusInspector>> {
        let hosts = self.hosts.get(&(server.ip(), server.port())).into_iter().flatten();
        let carries =
            |index: &&usize| self.rows.get(**index).is_some_and(|live| live.carries(client, server));
        let under: Vec<usize> = hosts.chain(&self.networks).filter(carries).copied().collect();
        if under.is_empty() {
            return None;
        }
        if let Some(known) = self.combined.get(&under) {
            return Some(Arc::clone(known));
        }
        let rows = under.iter().filter_map(|index| self.rows.get(*index));
        let rules: Vec<Rule> = rows.flat_map(|live| live.row.rules.iter().cloned()).collect();
        let rights = Arc::new(ModbusInspector::of(rules));
        if self.combined.len() >= MOST_COMBINED {
            self.combined.clear();
        }
        self.combined.insert(under, Arc::clone(&rights));
        Some(rights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn table(rows: &[(&str, &str, Option<Timestamp>, &str)]) -> Table {
        let service = protocols::Service::parse("modbus").unwrap();
        let network =
            |text: &str| text.parse().unwrap_or_else(|_| IpNet::from(text.parse::<IpAddr>().unwrap()));
        let row = |(client, server, until, allow): &(&str, &str, Option<Timestamp>, &str)| Row {
            client: network(client),
            server: network(server),
            port: 502,
            until: *until,
            rules: vec![Rule {
                flow: format!("{client} {allow}"),
                unit: None,
                permission: protocols::Permission::parse(&service, allow).unwrap(),
            }],
        };
        Table { of: None, rows: rows.iter().map(row).collect() }
    }

    fn rules(in_force: &mut InForce, client: &str, server: &str) -> usize {
        let rights = in_force.rights(client.parse().unwrap(), server.parse().unwrap());
        rights.map_or(0, |rights| rights.rules().len())
    }

    #[test]
    fn a_connection_has_the_rules_of_every_row_it_falls_under() {
        let rows = [
            ("10.0.0.0/24", "10.1.0.1", None, "read any"),
            ("10.0.0.7", "10.1.0.1", None, "write holding 1"),
            ("10.0.0.7", "10.1.0.0/24", None, "identify"),
            ("fd00::1", "fd01::1", None, "read any"),
        ];
        let mut in_force = InForce::default().succeeded_by(table(&rows), Now::read());
        for (client, server, expected) in [
            ("10.0.0.7", "10.1.0.1:502", 3),
            ("10.0.0.8", "10.1.0.1:502", 1),
            ("10.0.0.7", "10.1.0.2:502", 1),
            ("10.0.0.8", "10.1.0.2:502", 0),
            ("10.0.1.7", "10.1.0.1:502", 0),
            ("10.0.0.7", "10.1.0.1:503", 0),
            ("fd00::1", "[fd01::1]:502", 1),
            ("fd00::2", "[fd01::1]:502", 0),
        ] {
            assert_eq!(rules(&mut in_force, client, server), expected, "{client} {server}");
        }
    }

    /// Whichever clock says first that it is over.
    #[test]
    fn an_end_comes_by_either_clock() {
        let start = Now::read();
        let rows = [("10.0.0.7", "10.1.0.1", Some(start.wall + SECOND), "read any")];
        let after = |running: u32, wall: i32| Now {
            running: start.running + SECOND * running / 10,
            wall: start.wall + jiff::SignedDuration::from_millis(i64::from(wall) * 100),
        };
        for (now, open) in [
            (after(0, 0), true),
            (after(9, 9), true),
            (after(10, 10), false),
            (after(10, -36_000), false), // the clock was set back
            (after(1, 10), false),       // or forward
        ] {
            let mut in_force = InForce::default().succeeded_by(table(&rows), start);
            assert_eq!(in_force.end(now), !open, "{now:?}");
            assert_eq!(rules(&mut in_force, "10.0.0.7", "10.1.0.1:502"), usize::from(open), "{now:?}");
            assert_eq!(in_force.next_end().is_some(), open);
        }
    }

    /// The same row, read again after the clock was set back, ends when it would have.
    #[test]
    fn a_table_read_again_prolongs_nothing() {
        let start = Now::read();
        let rows = [("10.0.0.7", "10.1.0.1", Some(start.wall + SECOND), "read any")];
        let first = InForce::default().succeeded_by(table(&rows), start);
        let hour = jiff::SignedDuration::from_hours(1);
        let back = Now { running: start.running + SECOND / 2, wall: start.wall - hour };
        let mut second = first.succeeded_by(table(&rows), back);
        assert_eq!(rules(&mut second, "10.0.0.7", "10.1.0.1:502"), 1);
        assert!(second.end(Now { running: start.running + SECOND, ..back }));
        let mut third = second.succeeded_by(table(&rows), back);
        assert_eq!(rules(&mut third, "10.0.0.7", "10.1.0.1:502"), 0);
    }
}
