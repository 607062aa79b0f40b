//! One connection: the leg to the client, the leg to the device, and the inspection between them.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inspect::{Closing, Connection, Event, ModbusInspector};

use crate::counting::Counting;
use crate::leg::{Broken, Heard, Leg};
use crate::pending::MOST_PENDING;

/// Most bytes read at a time.
pub(crate) const READ: usize = 4096;
/// Most bytes that come of one reading, in one direction: an answer may be a byte longer than the eight bytes of the
/// shortest message it is about, and one message may have been held from before.
const MOST_OUT: usize = (READ + 260) / 8 * 9 + 9;
const _: () = assert!(MOST_OUT <= MOST_PENDING, "what comes of one reading must find room");
/// Readings before others have their turn.
const TURNS: usize = 16;

/// Which leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// Rooms that every connection uses in turn.
pub(crate) struct Rooms {
    input: Box<[u8]>,
    to_client: Vec<u8>,
    to_server: Vec<u8>,
}

impl Rooms {
    pub(crate) fn new() -> Self {
        Self {
            input: vec![0; READ].into_boxed_slice(),
            to_client: Vec::with_capacity(MOST_OUT),
            to_server: Vec::with_capacity(MOST_OUT),
        }
    }
}

/// How a connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// When the kernel says something.
    Wait,
    /// There is more to do, after the others.
    Again,
    /// It is over, in order.
    Over,
    /// It is over: the other side must learn that it broke.
    Reset,
}

#[derive(Debug)]
enum State {
    /// The device has not accepted it.
    Connecting {
        until: Instant,
    },
    Running,
    /// One side has ended it; the other may finish until then.
    Ending {
        until: Instant,
    },
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) answering: Duration,
    pub(crate) ending: Duration,
}

/// One connection.
pub(crate) struct Session {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) rights: Arc<ModbusInspector>,
    /// It waits for its next turn.
    pub(crate) queued: bool,
    client: Leg,
    server: Leg,
    machine: Connection,
    state: State,
    /// Since when an answer is awaited, or since the last one.
    awaiting: Instant,
}

impl Session {
    pub(crate) fn new(
        client: TcpStream,
        server: TcpStream,
        ends: (SocketAddr, SocketAddr),
        rights: Arc<ModbusInspector>,
        until: Instant,
    ) -> Self {
        Self {
            from: ends.0,
            to: ends.1,
            rights,
            queued: false,
            client: Leg::new(client),
            server: Leg::new(server),
            machine: Connection::new(String::new()),
            state: State::Connecting { until },
            awaiting: until,
        }
    }

    /// Who asks whom.
    pub(crate) fn ends(&self) -> (IpAddr, SocketAddr) {
        (self.from.ip(), self.to)
    }

    pub(crate) fn leg(&self, side: Side) -> &TcpStream {
        match side {
            Side::Client => &self.client.stream,
            Side::Server => &self.server.stream,
        }
    }

    /// Takes what the kernel says about a leg; `false` if it is over with it.
    pub(crate) fn note(&mut self, side: Side, flags: nix::sys::epoll::EpollFlags) -> bool {
        match side {
            Side::Client => self.client.note(flags),
            Side::Server => self.server.note(flags),
        }
        // A client that is gone waits for nothing; what a device still said is handed on first.
        side == Side::Server || !flags.contains(nix::sys::epoll::EpollFlags::EPOLLERR)
    }

    /// Moves bytes until none moves any more, or others have their turn.
    pub(crate) fn drive(
        &mut self,
        rooms: &mut Rooms,
        told: &mut Counting,
        now: Instant,
        patience: Patience,
    ) -> Next {
        if let State::Connecting { .. } = self.state {
            match self.server.connected() {
                None => return Next::Wait,
                Some(Ok(())) => self.state = State::Running,
                Some(Err(error)) => {
                    told.unreachable(self.ends(), &error);
                    return Next::Reset;
                }
            }
        }
        for _ in 0..TURNS {
            match self.moved(rooms, told, now) {
                Ok(true) => {}
                Ok(false) => return self.ended(rooms, now, patience),
                Err(next) => return next,
            }
        }
        Next::Again
    }

    /// One turn in both directions; whether anything moved.
    fn moved(&mut self, rooms: &mut Rooms, told: &mut Counting, now: Instant) -> Result<bool, Next> {
        self.client.flush().map_err(reset)?;
        self.server.flush().map_err(reset)?;
        let mut moved = false;
        if self.server.readable() && self.client.pending.free() >= MOST_OUT {
            moved |= self.hear(Side::Server, rooms, told, now)?;
        }
        let room = self.server.pending.free().min(self.client.pending.free());
        if self.client.readable() && !self.server.ended && room >= MOST_OUT {
            moved |= self.hear(Side::Client, rooms, told, now)?;
        }
        Ok(moved)
    }

    fn hear(
        &mut self,
        side: Side,
        rooms: &mut Rooms,
        told: &mut Counting,
        now: Instant,
    ) -> Result<bool, Next> {
        let Rooms { input, to_client, to_server } = rooms;
        let heard = match side {
            Side::Client => self.client.read(input),
            Side::Server => self.server.read(input),
        };
        let count = match heard {
            Heard::Bytes(count) => count,
            Heard::Nothing => return Ok(false),
            Heard::End => return Ok(true),
            Heard::Broken => return Err(Next::Reset),
        };
        let bytes = input.get(..count).unwrap_or_default();
        let ends = self.ends();
        let mut closing: Option<Closing> = None;
        to_client.clear();
        to_server.clear();
        let mut on = |event: Event<'_>| match event {
            Event::ToServer(bytes) => to_server.extend_from_slice(bytes),
            Event::ToClient(bytes) => to_client.extend_from_slice(bytes),
            Event::Decision(decision) => told.decided(ends, &decision),
            Event::Dropped { unit, function, why, .. } => told.dropped(ends, unit, function, why),
            Event::Close(why) => closing = Some(why),
        };
        if side == Side::Server || self.machine.waiting() == 0 {
            self.awaiting = now;
        }
        match side {
            Side::Client => self.machine.from_client(&self.rights, bytes, &mut on),
            Side::Server => self.machine.from_server(bytes, &mut on),
        }
        if !to_server.is_empty() {
            self.server.send(to_server).map_err(reset)?;
        }
        if !to_client.is_empty() {
            self.client.send(to_client).map_err(reset)?;
        }
        if let Some(closing) = closing {
            told.broken(ends, closing);
            return Err(Next::Reset);
        }
        Ok(true)
    }

    /// What follows when nothing moves: usually waiting, unless a side has ended.
    fn ended(&mut self, rooms: &mut Rooms, now: Instant, patience: Patience) -> Next {
        if self.server.ended {
            if self.machine.waiting() > 0 && self.give_up(rooms).is_err() {
                return Next::Reset;
            }
            if self.client.pending.is_empty() {
                return Next::Over;
            }
        } else if self.client.ended {
            if self.machine.waiting() == 0 && self.server.pending.is_empty() && self.client.pending.is_empty()
            {
                return Next::Over;
            }
            if self.server.pending.is_empty() && !self.server.shut {
                self.server.shut();
            }
        } else {
            return Next::Wait;
        }
        if let State::Running = self.state {
            self.state = State::Ending { until: now + patience.ending };
        }
        Next::Wait
    }

    /// Tells the client about everything its device did not answer.
    fn give_up(&mut self, rooms: &mut Rooms) -> Result<(), Broken> {
        let to_client = &mut rooms.to_client;
        to_client.clear();
        self.machine.give_up(&mut |event| {
            if let Event::ToClient(bytes) = event {
                to_client.extend_from_slice(bytes);
            }
        });
        self.client.send(to_client)
    }

    /// What the passing of time changes; asked about once a second.
    pub(crate) fn tick(
        &mut self,
        rooms: &mut Rooms,
        told: &mut Counting,
        now: Instant,
        patience: Patience,
    ) -> Next {
        match self.state {
            State::Connecting { until } if now >= until => {
                told.unreachable(self.ends(), &std::io::ErrorKind::TimedOut.into());
                Next::Reset
            }
            State::Ending { until } if now >= until => Next::Reset,
            State::Running
                if self.machine.waiting() > 0
                    && now.saturating_duration_since(self.awaiting) >= patience.answering =>
            {
                told.silent(self.ends());
                if self.give_up(rooms).is_ok() { Next::Wait } else { Next::Reset }
            }
            _ => Next::Wait,
        }
    }
}

fn reset(_: Broken) -> Next {
    Next::Reset
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use inspect::{MOST_WAITING, Rule};
    use nix::sys::epoll::EpollFlags;
    use protocols::{Permission, Service};

    use super::*;

    /// Two ends of a connection of this machine with itself; the first does not wait.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (near, _) = listener.accept().unwrap();
        near.set_nonblocking(true).unwrap();
        far.set_nodelay(true).unwrap();
        near.set_nodelay(true).unwrap();
        (near, far)
    }

    fn rights() -> Arc<ModbusInspector> {
        let service = Service::parse("modbus").unwrap();
        let permission = Permission::parse(&service, "read holding 0-59").unwrap();
        Arc::new(ModbusInspector::of(vec![Rule { flow: "F10".to_owned(), unit: Some(1), permission }]))
    }

    const ASKED: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1];
    const REFUSED: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 6, 0, 0, 0, 1];
    const ANSWER: [u8; 11] = [0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7];

    /// Once everything is warm, a permitted request and its answer cost no allocation, and a refusal that repeats neither.
    #[test]
    fn messages_allocate_nothing() {
        let ((client, mut asking), (server, mut device)) = (pair(), pair());
        let ends = (asking.local_addr().unwrap(), device.local_addr().unwrap());
        let now = Instant::now();
        let patience = Patience { answering: Duration::from_secs(30), ending: Duration::from_secs(10) };
        let mut session = Session::new(client, server, ends, rights(), now + patience.ending);
        let (mut rooms, mut told) = (Rooms::new(), Counting::new(Box::new(|_| {})));
        let all = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT;
        let mut transactions = |count: usize| {
            let mut room = [0; 12];
            for _ in 0..count {
                asking.write_all(&ASKED).unwrap();
                pump(&mut session, Side::Client, all, &mut rooms, &mut told, now, patience);
                device.read_exact(&mut room).unwrap();
                device.write_all(&ANSWER).unwrap();
                pump(&mut session, Side::Server, all, &mut rooms, &mut told, now, patience);
                asking.read_exact(&mut room[..11]).unwrap();
                asking.write_all(&REFUSED).unwrap();
                pump(&mut session, Side::Client, all, &mut rooms, &mut told, now, patience);
                asking.read_exact(&mut room[..9]).unwrap();
                assert_eq!(room[7..9], [0x86, 1]);
            }
        };
        transactions(10);
        let measured = allocation_counter::measure(|| transactions(100));
        assert_eq!(measured.count_total, 0);
    }

    fn pump(
        session: &mut Session,
        side: Side,
        flags: EpollFlags,
        rooms: &mut Rooms,
        told: &mut Counting,
        now: Instant,
        patience: Patience,
    ) {
        assert!(session.note(Side::Client, EpollFlags::EPOLLOUT));
        assert!(session.note(Side::Server, EpollFlags::EPOLLOUT));
        assert!(session.note(side, flags));
        assert_eq!(session.drive(rooms, told, now, patience), Next::Wait);
    }

    /// Everything a connection ever holds: itself, two full waiting rooms, and the requests that await their answer.
    #[test]
    fn a_connection_stays_below_32_kib() {
        let awaited = MOST_WAITING * 2 * 64;
        assert!(size_of::<Session>() + 2 * MOST_PENDING + awaited < 32 * 1024, "{}", size_of::<Session>());
    }
}
