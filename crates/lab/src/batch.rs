//! A batch of exchanges, all under way at once: real sockets at both ends, one poll loop, deadlines.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::Socket;

use crate::counter::{Register, collect};
use crate::report::LabError;
use crate::sockets;
use crate::twin::{Spot, Twin};
use crate::wire::{self, Wire};

/// Silence counts from here on: one repeated SYN (after 1 s) has had its time.
pub(crate) const DENY_AFTER: Duration = Duration::from_millis(1300);
/// An answer must be there by then: two repeated SYNs do not fit, a slow machine does.
pub(crate) const ALLOW_UNTIL: Duration = Duration::from_millis(2600);
/// What is no connection is repeated by us.
const AGAIN: Duration = Duration::from_millis(500);
const NONCE: usize = 16;

/// One thing sent from one end to the other, and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Source port, echo identifier, fragment identification: nothing else in the run has it.
    pub(crate) tag: u16,
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    /// Source and destination where it arrives.
    pub(crate) there: (IpAddr, IpAddr),
    pub(crate) source: Spot,
    pub(crate) target: Spot,
    /// Leg it should come in on.
    pub(crate) leg: String,
    pub(crate) wire: Wire,
    pub(crate) fragmented: bool,
    /// Whether an answer is expected and waited for.
    pub(crate) wanted: bool,
}

/// What was seen of an exchange.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Why it could not be sent.
    pub(crate) unsent: Option<String>,
    /// Why nobody could listen for it.
    pub(crate) unheard: Option<String>,
    /// The gateway's leg saw it, before any rule did.
    pub(crate) entered: bool,
    /// Packets of it the destination's link saw.
    pub(crate) arrived: u64,
    /// The destination's socket got the payload.
    pub(crate) received: bool,
    /// A packet of the answer reached the sender's link.
    pub(crate) came_back: bool,
    /// The sender's socket got the answer's payload.
    pub(crate) answered: bool,
}

/// Sends everything and waits for answers and for silence.
pub(crate) fn run(twin: &Twin, exchanges: &[Exchange]) -> Result<Vec<Outcome>, LabError> {
    let mut batch = Batch {
        twin,
        exchanges,
        outcomes: vec![Outcome::default(); exchanges.len()],
        register: Register::of(exchanges),
        listeners: Vec::new(),
        receivers: Vec::new(),
        raws: BTreeMap::new(),
        wholes: BTreeMap::new(),
        clients: BTreeMap::new(),
        talkers: BTreeMap::new(),
        accepted: Vec::new(),
    };
    // What earlier batches left in the counters is nobody's.
    collect(twin, &Register::of(&[]), &[], &mut [])?;
    batch.open_targets()?;
    batch.open_sources()?;
    let start = Instant::now();
    let mut again = start + AGAIN;
    loop {
        let now = Instant::now();
        let waiting = batch.outcomes.iter().zip(exchanges).any(|(outcome, exchange)| {
            exchange.wanted && !outcome.answered && !(exchange.fragmented && outcome.came_back)
        });
        let silence = exchanges.iter().any(|exchange| !exchange.wanted);
        let until = match (waiting, silence) {
            (true, _) => start + ALLOW_UNTIL,
            (false, true) => start + DENY_AFTER,
            (false, false) => now,
        };
        if now >= until {
            break;
        }
        if now >= again {
            batch.send_again();
            again += AGAIN;
        }
        batch.wait(until.min(again).saturating_duration_since(now))?;
    }
    collect(twin, &batch.register, exchanges, &mut batch.outcomes)?;
    Ok(batch.outcomes)
}

/// A connection a client has begun.
struct Client {
    stream: TcpStream,
    connected: bool,
    got: Vec<u8>,
}

struct Accepted {
    stream: TcpStream,
    exchange: usize,
    got: Vec<u8>,
    over: bool,
}

struct Batch<'a> {
    twin: &'a Twin,
    exchanges: &'a [Exchange],
    outcomes: Vec<Outcome>,
    register: Register,
    listeners: Vec<TcpListener>,
    receivers: Vec<UdpSocket>,
    raws: BTreeMap<(Spot, IpAddr, u8), Socket>,
    wholes: BTreeMap<(Spot, bool), Socket>,
    clients: BTreeMap<usize, Client>,
    talkers: BTreeMap<usize, UdpSocket>,
    accepted: Vec<Accepted>,
}

/// What a poll waits for.
#[derive(Clone, Copy)]
enum Token {
    Counter,
    Listener(usize),
    Receiver(usize),
    Raw(Spot, IpAddr, u8),
    Client(usize),
    Talker(usize),
    Accepted(usize),
}

enum Opened {
    Listener(TcpListener),
    Receiver(UdpSocket),
    Raw(IpAddr, u8, Socket),
}

impl Batch<'_> {
    /// Sockets at the destinations, for exactly what will be sent.
    fn open_targets(&mut self) -> Result<(), LabError> {
        let mut wanted: BTreeMap<Spot, BTreeSet<(IpAddr, Wire)>> = BTreeMap::new();
        for exchange in self.exchanges {
            wanted.entry(exchange.target).or_default().insert((exchange.there.1, exchange.wire));
        }
        for (spot, ends) in wanted {
            let Some(namespace) = self.twin.namespace(spot) else { continue };
            let opened = namespace.run(|| {
                ends.iter()
                    .filter_map(|(address, wire)| {
                        let socket = match wire {
                            Wire::Tcp(port) => sockets::listen(*address, *port).map(Opened::Listener),
                            Wire::Udp(port) => sockets::receive(*address, *port).map(Opened::Receiver),
                            // The kernel of the destination answers echoes itself.
                            Wire::Echo => return None,
                            Wire::Ip(number) => sockets::raw(*address, *number)
                                .map(|socket| Opened::Raw(*address, *number, socket)),
                        };
                        Some(((*address, *wire), socket))
                    })
                    .collect::<Vec<_>>()
            })?;
            for ((address, wire), socket) in opened {
                match socket {
                    Ok(Opened::Listener(listener)) => self.listeners.push(listener),
                    Ok(Opened::Receiver(receiver)) => self.receivers.push(receiver),
                    Ok(Opened::Raw(address, number, socket)) => {
                        self.raws.insert((spot, address, number), socket);
                    }
                    Err(error) => self.unheard(spot, address, wire, &error),
                }
            }
        }
        Ok(())
    }

    fn unheard(&mut self, spot: Spot, address: IpAddr, wire: Wire, error: &io::Error) {
        for (exchange, outcome) in self.exchanges.iter().zip(&mut self.outcomes) {
            if (exchange.target, exchange.there.1, exchange.wire) == (spot, address, wire) {
                outcome.unheard = Some(format!("nobody can listen on {address} {}: {error}", wire.text()));
            }
        }
    }

    /// Sockets at the sources; each sends as soon as it is there.
    fn open_sources(&mut self) -> Result<(), LabError> {
        let mut by_spot: BTreeMap<Spot, Vec<usize>> = BTreeMap::new();
        for (number, exchange) in self.exchanges.iter().enumerate() {
            by_spot.entry(exchange.source).or_default().push(number);
        }
        let twin = self.twin;
        for (spot, numbers) in by_spot {
            let Some(namespace) = twin.namespace(spot) else { continue };
            namespace.run(|| {
                for number in numbers {
                    let Some(exchange) = self.exchanges.get(number) else { continue };
                    let result =
                        self.open_source(number, exchange).and_then(|()| self.send(number, exchange));
                    if let (Err(error), Some(outcome)) = (result, self.outcomes.get_mut(number)) {
                        outcome.unsent = unsent(exchange, &error);
                    }
                }
            })?;
        }
        Ok(())
    }

    fn open_source(&mut self, number: usize, exchange: &Exchange) -> io::Result<()> {
        let from = SocketAddr::new(exchange.from, exchange.tag);
        let v6 = exchange.from.is_ipv6();
        if exchange.fragmented {
            self.wholes.insert((exchange.source, v6), sockets::whole_packets(v6)?);
        }
        match exchange.wire {
            Wire::Tcp(_) if exchange.fragmented => {}
            Wire::Tcp(port) => {
                let socket = sockets::connect(from, SocketAddr::new(exchange.to, port))?;
                self.clients
                    .insert(number, Client { stream: socket.into(), connected: false, got: Vec::new() });
            }
            Wire::Udp(port) => {
                self.talkers.insert(number, sockets::converse(from, SocketAddr::new(exchange.to, port))?);
            }
            Wire::Echo | Wire::Ip(_) => {
                let protocol = exchange.wire.number(v6);
                let key = (exchange.source, exchange.from, protocol);
                if let Entry::Vacant(place) = self.raws.entry(key) {
                    place.insert(sockets::raw(exchange.from, protocol)?);
                }
            }
        }
        Ok(())
    }

    /// Sends what is no connection.
    fn send(&self, number: usize, exchange: &Exchange) -> io::Result<()> {
        let (from, to) = (exchange.from, exchange.to);
        let v6 = from.is_ipv6();
        let ask = nonce(exchange.tag, false);
        let protocol = exchange.wire.number(v6);
        if exchange.fragmented {
            let Some(socket) = self.wholes.get(&(exchange.source, v6)) else { return Ok(()) };
            let payload = match exchange.wire {
                Wire::Tcp(port) => wire::syn(from, to, (exchange.tag, port)),
                Wire::Udp(port) => wire::datagram(from, to, (exchange.tag, port), &ask),
                Wire::Echo => wire::echo(from, to, exchange.tag, &ask),
                Wire::Ip(_) => headed(&ask),
            };
            return wire::packets(from, to, protocol, &payload, Some(exchange.tag))
                .iter()
                .try_for_each(|packet| sockets::send_raw(socket, to, packet));
        }
        match exchange.wire {
            Wire::Tcp(_) => Ok(()),
            Wire::Udp(_) => match self.talkers.get(&number) {
                Some(socket) => socket.send(&ask).map(drop),
                None => Ok(()),
            },
            Wire::Echo | Wire::Ip(_) => {
                let payload = match exchange.wire {
                    Wire::Echo => wire::echo(from, to, exchange.tag, &ask),
                    _ => headed(&ask),
                };
                match self.raws.get(&(exchange.source, from, protocol)) {
                    Some(socket) => sockets::send_raw(socket, to, &payload),
                    None => Ok(()),
                }
            }
        }
    }

    /// Repeats what has no answer yet; refusals of a repetition say nothing new.
    fn send_again(&self) {
        for (number, exchange) in self.exchanges.iter().enumerate() {
            if self.outcomes.get(number).is_some_and(|outcome| !outcome.answered && outcome.unsent.is_none())
            {
                let _ = self.send(number, exchange);
            }
        }
    }

    /// Waits for one round of events and handles them.
    fn wait(&mut self, most: Duration) -> Result<(), LabError> {
        let mut fds: Vec<PollFd<'_>> = Vec::new();
        let mut tokens: Vec<Token> = Vec::new();
        let mut watch = |fd, flags, token| {
            fds.push(PollFd::new(fd, flags));
            tokens.push(token);
        };
        let counters = self.twin.hosts.iter().map(|host| host.counter.as_fd());
        for fd in counters.chain(self.twin.legs.values().map(|leg| leg.counter.as_fd())) {
            watch(fd, PollFlags::POLLIN, Token::Counter);
        }
        for (number, listener) in self.listeners.iter().enumerate() {
            watch(listener.as_fd(), PollFlags::POLLIN, Token::Listener(number));
        }
        for (number, receiver) in self.receivers.iter().enumerate() {
            watch(receiver.as_fd(), PollFlags::POLLIN, Token::Receiver(number));
        }
        for ((spot, address, protocol), socket) in &self.raws {
            watch(socket.as_fd(), PollFlags::POLLIN, Token::Raw(*spot, *address, *protocol));
        }
        for (number, client) in &self.clients {
            let flags = if client.connected { PollFlags::POLLIN } else { PollFlags::POLLOUT };
            watch(client.stream.as_fd(), flags, Token::Client(*number));
        }
        for (number, talker) in &self.talkers {
            watch(talker.as_fd(), PollFlags::POLLIN, Token::Talker(*number));
        }
        for (number, accepted) in self.accepted.iter().enumerate().filter(|(_, accepted)| !accepted.over) {
            watch(accepted.stream.as_fd(), PollFlags::POLLIN, Token::Accepted(number));
        }
        ready(&mut fds, most)?;
        let ready: Vec<Token> = fds
            .iter()
            .zip(&tokens)
            .filter(|(fd, _)| fd.any().unwrap_or(true))
            .map(|(_, token)| *token)
            .collect();
        let mut counted = false;
        for token in ready {
            match token {
                Token::Counter if counted => {}
                Token::Counter => {
                    counted = true;
                    collect(self.twin, &self.register, self.exchanges, &mut self.outcomes)?;
                }
                Token::Listener(number) => self.accept(number),
                Token::Receiver(number) => self.answer_datagrams(number),
                Token::Raw(spot, address, protocol) => self.read_raw((spot, address, protocol)),
                Token::Client(number) => self.advance(number),
                Token::Talker(number) => self.hear(number),
                Token::Accepted(number) => self.serve(number),
            }
        }
        Ok(())
    }

    fn accept(&mut self, number: usize) {
        let Some(listener) = self.listeners.get(number) else { return };
        while let Ok((stream, peer)) = listener.accept() {
            let fits = |number: &usize| {
                self.exchanges.get(*number).is_some_and(|exchange| exchange.there.0 == peer.ip())
            };
            if let Some(exchange) = self.register.tagged(peer.port()).filter(fits)
                && stream.set_nonblocking(true).is_ok()
            {
                self.accepted.push(Accepted { stream, exchange, got: Vec::new(), over: false });
            }
        }
    }

    fn serve(&mut self, number: usize) {
        let Some(accepted) = self.accepted.get_mut(number) else { return };
        let Some((exchange, outcome)) =
            self.exchanges.get(accepted.exchange).zip(self.outcomes.get_mut(accepted.exchange))
        else {
            return;
        };
        accepted.over = !take(&mut accepted.stream, &mut accepted.got);
        if accepted.got == nonce(exchange.tag, false) && !outcome.received {
            outcome.received = true;
            // If this fails, the client will not have its answer.
            let _ = accepted.stream.write_all(&nonce(exchange.tag, true));
        }
    }

    fn advance(&mut self, number: usize) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        let Some((exchange, outcome)) = self.exchanges.get(number).zip(self.outcomes.get_mut(number)) else {
            return;
        };
        if !client.connected {
            let sent = match client.stream.take_error() {
                Ok(None) => client.stream.write_all(&nonce(exchange.tag, false)).is_ok(),
                // Refused or unreachable: an answer of somebody, but no connection.
                _ => false,
            };
            client.connected = true;
            if !sent {
                self.clients.remove(&number);
            }
            return;
        }
        let open = take(&mut client.stream, &mut client.got);
        if client.got == nonce(exchange.tag, true) {
            outcome.answered = true;
        }
        if !open || outcome.answered {
            self.clients.remove(&number);
        }
    }

    fn answer_datagrams(&mut self, number: usize) {
        let Some(receiver) = self.receivers.get(number) else { return };
        let mut buffer = [0_u8; 256];
        // An error is an earlier answer that was refused; the next datagram is read all the same.
        for _ in 0..256 {
            let (length, peer) = match receiver.recv_from(&mut buffer) {
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => continue,
            };
            let Some(number) = self.register.tagged(peer.port()) else { continue };
            let Some((exchange, outcome)) = self.exchanges.get(number).zip(self.outcomes.get_mut(number))
            else {
                continue;
            };
            if exchange.there.0 == peer.ip() && buffer.get(..length) == Some(&nonce(exchange.tag, false)) {
                outcome.received = true;
                let _ = receiver.send_to(&nonce(exchange.tag, true), peer);
            }
        }
    }

    fn hear(&mut self, number: usize) {
        let Some(talker) = self.talkers.get(&number) else { return };
        let Some((exchange, outcome)) = self.exchanges.get(number).zip(self.outcomes.get_mut(number)) else {
            return;
        };
        let mut buffer = [0_u8; 256];
        for _ in 0..16 {
            match talker.recv(&mut buffer) {
                Ok(length) if buffer.get(..length) == Some(&nonce(exchange.tag, true)) => {
                    outcome.answered = true
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn read_raw(&mut self, key: (Spot, IpAddr, u8)) {
        let (spot, address, protocol) = key;
        let Some(socket) = self.raws.get(&key) else { return };
        let mut buffer = [0_u8; 4096];
        for _ in 0..256 {
            let Some(payload) = sockets::next_raw(socket, address.is_ipv6(), &mut buffer) else { return };
            let echo = matches!(protocol, wire::ICMP | wire::ICMP6);
            if echo && !matches!(payload.first(), Some(0 | 129)) {
                continue;
            }
            let message = payload.get(if echo { 8 } else { HEADED }..);
            let Some(number) = message.and_then(tag_in).and_then(|tag| self.register.tagged(tag)) else {
                continue;
            };
            let Some((exchange, outcome)) = self.exchanges.get(number).zip(self.outcomes.get_mut(number))
            else {
                continue;
            };
            let asked = message == Some(&nonce(exchange.tag, false));
            if echo && asked && (exchange.source, exchange.from) == (spot, address) {
                outcome.answered = true;
            } else if asked && (exchange.target, exchange.there.1) == (spot, address) {
                outcome.received = true;
                let _ = sockets::send_raw(socket, exchange.there.0, &headed(&nonce(exchange.tag, true)));
            } else if message == Some(&nonce(exchange.tag, true)) && exchange.source == spot {
                outcome.answered = true;
            }
        }
    }
}

/// Why an exchange counts as not sent. That the gateway's own rules stop its own packet is a verdict, no failure.
fn unsent(exchange: &Exchange, error: &io::Error) -> Option<String> {
    let stopped = exchange.source == Spot::Gateway && error.raw_os_error() == Some(nix::libc::EPERM);
    (!stopped).then(|| format!("could not be sent: {error}"))
}

/// Waits until one of the descriptors has something.
pub(crate) fn ready(fds: &mut [PollFd<'_>], most: Duration) -> Result<(), LabError> {
    let milliseconds = u16::try_from(most.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    match poll(fds, PollTimeout::from(milliseconds)) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(errno) => Err(LabError::socket("poll")(errno.into())),
    }
}

/// Reads what is there, up to one nonce and a byte; `false` when the other end is gone.
fn take(stream: &mut TcpStream, got: &mut Vec<u8>) -> bool {
    let mut buffer = [0_u8; 64];
    match stream.read(&mut buffer) {
        Ok(0) => false,
        Ok(length) => {
            got.extend(buffer.get(..length).unwrap_or_default());
            got.len() <= NONCE
        }
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// What is sent one way, and back: the exchange's own tag, so that no answer counts for another.
fn nonce(tag: u16, back: bool) -> [u8; NONCE] {
    let mut nonce = if back { *b"ringwall back.##" } else { *b"ringwall forth##" };
    let [high, low] = tag.to_be_bytes();
    let [.., one, other] = &mut nonce;
    *one = high;
    *other = low;
    nonce
}

/// The payload of other IP protocols begins with zeros: connection tracking reads GRE's flags there, and must find a
/// version it lets pass.
const HEADED: usize = 4;

fn headed(nonce: &[u8]) -> Vec<u8> {
    [&[0; HEADED], nonce].concat()
}

fn tag_in(message: &[u8]) -> Option<u16> {
    wire::u16_at(message, NONCE - 2)
}
