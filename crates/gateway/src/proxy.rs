//! The proxy: listeners, connections and the event queue of the kernel, on one thread.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inspect::ModbusInspector;
use linux::transparent;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::counting::Counting;
use crate::in_force::{InForce, Now};
use crate::messages::RunError;
use crate::record::{Notice, Sink};
use crate::session::{Next, Patience, Rooms, Session, Side};
use crate::sessions::{Sessions, is_session};
use crate::settings::Settings;
use crate::table::Table;

/// How often the passing of time is looked at.
const TICK: Duration = Duration::from_secs(1);
/// Connections accepted before others have their turn.
const ACCEPTED: usize = 64;
/// Events taken at a time.
const EVENTS: usize = 512;
/// Descriptors that are no connections.
const OTHER_DESCRIPTORS: u64 = 64;
/// Ports the legs to devices come from. To connection tracking both legs of a connection are one between the same two
/// addresses: where they had the same client port it would take one for the other. Clients choose their ports from
/// 32768 or 49152 up, old devices below 5000; this range is left to the proxy.
const PORTS: std::ops::RangeInclusive<u16> = 10_240..=32_767;
/// Ports tried for one connection.
const TRIES: usize = 128;

const TOKEN_V4: u64 = 0;
const TOKEN_V6: u64 = 1;
const TOKEN_WATCHED: u64 = 2;

/// What ended a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Woken {
    /// The descriptor given to [`Proxy::watch`] has something to read.
    pub watched: bool,
}

/// The transparent proxy. It lives in the network namespace of the thread that opened it.
pub struct Proxy {
    settings: Settings,
    most: usize,
    epoll: Epoll,
    events: Vec<EpollEvent>,
    listeners: Vec<(u64, TcpListener)>,
    /// Without descriptors left nothing is accepted for a moment.
    deaf: bool,
    in_force: InForce,
    sessions: Sessions,
    /// Connections that have more to do.
    again: Vec<usize>,
    rooms: Rooms,
    told: Counting,
    next_port: u16,
    ticked: Instant,
}

impl Proxy {
    /// Opens the listeners. Nothing is permitted before the first [`Proxy::replace`].
    pub fn open(settings: Settings, sink: Box<dyn Sink>) -> Result<Self, RunError> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map_err(kernel("open event queue"))?;
        let mut listeners = Vec::new();
        for (token, v6) in [(TOKEN_V4, false), (TOKEN_V6, true)] {
            match transparent::listen(v6, settings.port, settings.mark) {
                Ok(listener) => listeners.push((token, listener)),
                Err(error) if error.kind() == ErrorKind::AddrInUse => {
                    return Err(RunError::Port { port: settings.port });
                }
                // A kernel without IPv6 has none to filter.
                Err(error) if v6 && error.raw_os_error() == Some(Errno::EAFNOSUPPORT as i32) => {}
                Err(error) => return Err(linux::Error::system("listen", error).into()),
            }
        }
        for (token, listener) in &listeners {
            let event = EpollEvent::new(EpollFlags::EPOLLIN, *token);
            epoll.add(listener, event).map_err(kernel("watch listener"))?;
        }
        let most = settings.most.min(descriptors(settings.most).map_err(kernel("read limit of open files"))?);
        Ok(Self {
            settings,
            most,
            epoll,
            events: vec![EpollEvent::empty(); EVENTS],
            listeners,
            deaf: false,
            in_force: InForce::default(),
            sessions: Sessions::default(),
            again: Vec::new(),
            rooms: Rooms::new(),
            told: Counting::new(sink),
            // Not where the one before began: its connections may still be remembered.
            next_port: PORTS.start() + u16::try_from(std::process::id() % 16_384).unwrap_or(0),
            ticked: Instant::now(),
        })
    }

    /// Puts a table in force, as a whole. Connections that have no row any more are cut; the others have their new
    /// rules from the next command on.
    pub fn replace(&mut self, table: Table) {
        self.in_force = self.in_force.succeeded_by(table, Now::read());
        self.reconsider();
    }

    /// How many rows are in force.
    pub fn rows(&self) -> usize {
        self.in_force.rows()
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.sessions.len()
    }

    /// How many there may be.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Ends a turn also when this descriptor has something to read.
    pub fn watch(&mut self, descriptor: BorrowedFd<'_>) -> Result<(), RunError> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, TOKEN_WATCHED);
        Ok(self.epoll.add(descriptor, event).map_err(kernel("watch signals"))?)
    }

    /// Tells something through the same sink.
    pub fn notice(&mut self, notice: Notice) {
        self.told.notice(notice);
    }

    /// Ends every connection and tells what was still being counted.
    pub fn close(mut self) {
        for index in self.sessions.places() {
            drop(self.sessions.remove(index));
        }
        self.told.tell(Instant::now(), true);
    }

    /// Waits until something happens, at most so long, and does what there is to do.
    pub fn turn(&mut self, most: Duration) -> Result<Woken, RunError> {
        let wait = self.wait(most);
        let mut events = std::mem::take(&mut self.events);
        let count = match self.epoll.wait(&mut events, wait) {
            Ok(count) => count,
            Err(Errno::EINTR) => 0,
            Err(errno) => return Err(kernel("wait for events")(errno).into()),
        };
        let now = self.pass_time();
        let mut woken = Woken { watched: false };
        let mut knocked = Vec::new();
        for event in events.iter().take(count) {
            match event.data() {
                TOKEN_WATCHED => woken.watched = true,
                token if is_session(token) => {
                    if let Some((index, side)) = self.sessions.named(token) {
                        self.spoken(index, side, event.events(), now);
                    }
                }
                token => knocked.push(token),
            }
        }
        self.events = events;
        for index in std::mem::take(&mut self.again) {
            if let Some(session) = self.sessions.get(index).filter(|session| session.queued) {
                session.queued = false;
                self.drive(index, now);
            }
        }
        for token in knocked {
            self.accept(token, now);
        }
        Ok(woken)
    }

    fn wait(&self, most: Duration) -> EpollTimeout {
        if !self.again.is_empty() {
            return EpollTimeout::ZERO;
        }
        let now = Instant::now();
        let mut wait = most;
        if self.sessions.len() > 0 || self.told.busy() || self.deaf {
            wait = wait.min((self.ticked + TICK).saturating_duration_since(now));
        }
        if let Some((ends, _)) = self.in_force.next_end() {
            // The clock on the wall may be set: it is looked at once a second.
            wait = wait.min(ends.saturating_duration_since(now)).min(TICK);
        }
        // The kernel counts whole milliseconds, and cuts off what is less.
        EpollTimeout::try_from(wait + Duration::from_millis(1)).unwrap_or(EpollTimeout::ZERO)
    }

    /// Ends what has ended, before anything that came at the same time is looked at.
    fn pass_time(&mut self) -> Instant {
        let now = Instant::now();
        if let Some((ends, until)) = self.in_force.next_end() {
            let both = Now { running: now, wall: jiff::Timestamp::now() };
            if (ends <= both.running || until <= both.wall) && self.in_force.end(both) {
                self.reconsider();
            }
        }
        if now.saturating_duration_since(self.ticked) >= TICK {
            self.ticked = now;
            self.told.tell(now, false);
            let patience = self.patience();
            for index in self.sessions.places() {
                let Some(session) = self.sessions.get(index) else { continue };
                let next = session.tick(&mut self.rooms, &mut self.told, now, patience);
                self.follow(index, next);
            }
            self.listen_again();
        }
        now
    }

    fn patience(&self) -> Patience {
        Patience { answering: self.settings.answering, ending: self.settings.ending }
    }

    fn spoken(&mut self, index: usize, side: Side, flags: EpollFlags, now: Instant) {
        let Some(session) = self.sessions.get(index) else { return };
        if session.note(side, flags) {
            self.drive(index, now);
        } else {
            self.follow(index, Next::Reset);
        }
    }

    fn drive(&mut self, index: usize, now: Instant) {
        let patience = self.patience();
        let Some(session) = self.sessions.get(index) else { return };
        let next = session.drive(&mut self.rooms, &mut self.told, now, patience);
        self.follow(index, next);
    }

    fn follow(&mut self, index: usize, next: Next) {
        match next {
            Next::Wait => {}
            Next::Again => {
                if let Some(session) = self.sessions.get(index).filter(|session| !session.queued) {
                    session.queued = true;
                    self.again.push(index);
                }
            }
            Next::Over => drop(self.sessions.remove(index)),
            Next::Reset => {
                if let Some(session) = self.sessions.remove(index) {
                    transparent::reset_at_end(session.leg(Side::Client));
                    transparent::reset_at_end(session.leg(Side::Server));
                }
            }
        }
    }

    /// Gives every connection the rules that are in force now; without any it is cut.
    fn reconsider(&mut self) {
        for index in self.sessions.places() {
            let Some(session) = self.sessions.get(index) else { continue };
            let (client, server) = session.ends();
            match self.in_force.rights(client, server) {
                Some(rights) => session.rights = rights,
                None => {
                    self.told.ended((client, server));
                    self.follow(index, Next::Reset);
                }
            }
        }
    }

    fn accept(&mut self, token: u64, now: Instant) {
        for _ in 0..ACCEPTED {
            let Some((_, listener)) = self.listeners.iter().find(|(own, _)| *own == token) else { return };
            match transparent::accept(listener) {
                Ok((stream, client)) => self.accepted(stream, client, now),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error)
                    if matches!(
                        error.raw_os_error().map(Errno::from_raw),
                        Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM)
                    ) =>
                {
                    return self.deafen();
                }
                // The connection went away meanwhile.
                Err(_) => {}
            }
        }
    }

    fn accepted(&mut self, client: TcpStream, from: SocketAddr, now: Instant) {
        let Ok(to) = client.local_addr() else { return };
        let ends = (from.ip(), to);
        let Some(rights) = self.in_force.rights(from.ip(), to) else {
            self.told.not_permitted(ends);
            return transparent::reset_at_end(&client);
        };
        let too_many = if self.sessions.len() >= self.most {
            Some(self.most)
        } else {
            (self.sessions.of(from.ip()) >= self.settings.most_of_one).then_some(self.settings.most_of_one)
        };
        if let Some(limit) = too_many {
            self.told.too_many(ends, limit);
            return transparent::reset_at_end(&client);
        }
        let added =
            self.connect(from.ip(), to).and_then(|server| self.add(client, server, (from, to), rights, now));
        if let Err(error) = added {
            self.told.unreachable(ends, &error);
        }
    }

    /// Begins the leg to the device, as the client.
    fn connect(&mut self, client: IpAddr, server: SocketAddr) -> io::Result<TcpStream> {
        let mut last = ErrorKind::AddrInUse.into();
        for _ in 0..TRIES {
            let port = self.next_port;
            self.next_port = if port >= *PORTS.end() { *PORTS.start() } else { port + 1 };
            let from = SocketAddr::new(client, port);
            if self.sessions.has_leg(from, server) {
                continue;
            }
            match transparent::connect(from, server, self.settings.mark) {
                Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable) => {
                    last = error;
                }
                other => return other,
            }
        }
        Err(last)
    }

    fn add(
        &mut self,
        client: TcpStream,
        server: TcpStream,
        ends: (SocketAddr, SocketAddr),
        rights: Arc<ModbusInspector>,
        now: Instant,
    ) -> io::Result<()> {
        let session = Session::new(client, server, ends, rights, now + self.settings.connecting);
        let index = self.sessions.add(session);
        for side in [Side::Client, Side::Server] {
            let token = self.sessions.token(index, side);
            let flags =
                EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET;
            let Some(session) = self.sessions.get(index) else { continue };
            if let Err(errno) = self.epoll.add(session.leg(side), EpollEvent::new(flags, token)) {
                self.follow(index, Next::Reset);
                return Err(errno.into());
            }
        }
        Ok(())
    }

    /// Without descriptors there is nothing to accept with: what waits would wake us for nothing.
    fn deafen(&mut self) {
        self.deaf = true;
        self.interest(EpollFlags::empty());
    }

    fn listen_again(&mut self) {
        if self.deaf {
            self.deaf = false;
            self.interest(EpollFlags::EPOLLIN);
        }
    }

    fn interest(&self, flags: EpollFlags) {
        for (token, listener) in &self.listeners {
            // It is in the queue since it was opened, and stays there.
            let _ = self.epoll.modify(listener, &mut EpollEvent::new(flags, *token));
        }
    }
}

/// How many connections may have their two descriptors, after this process has asked for as many as it may have.
fn descriptors(most: usize) -> nix::Result<usize> {
    let wanted = u64::try_from(most).unwrap_or(u64::MAX).saturating_mul(2).saturating_add(OTHER_DESCRIPTORS);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let mut have = soft;
    // More than may be had takes a right that not everybody has.
    for (soft, hard) in [(wanted, hard.max(wanted)), (wanted.min(hard), hard)] {
        if have < soft && setrlimit(Resource::RLIMIT_NOFILE, soft, hard).is_ok() {
            have = soft;
        }
    }
    Ok(usize::try_from(have.saturating_sub(OTHER_DESCRIPTORS) / 2).unwrap_or(usize::MAX))
}

fn kernel(what: &'static str) -> impl Fn(Errno) -> linux::Error {
    move |errno| linux::Error::system(what, errno)
}
