//! Commands: a client asks, a device answers and keeps what it was asked, the gateway stands between.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use protocols::modbus::{Adu, Frames};

use crate::batch::{ALLOW_UNTIL, DENY_AFTER, ready};
use crate::modbus;
use crate::report::LabError;
use crate::sockets;
use crate::twin::{Spot, Twin};
use crate::wire::{self, TCP, sight};

/// One command from one end to the other.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    /// Source port and transaction: nothing else in the run has it.
    pub(crate) tag: u16,
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    /// The device's own address.
    pub(crate) device: IpAddr,
    pub(crate) port: u16,
    pub(crate) source: Spot,
    pub(crate) target: Spot,
    /// The request as it is sent.
    pub(crate) request: Vec<u8>,
    /// The segment with the request goes in two IP fragments.
    pub(crate) fragmented: bool,
    /// Whether an answer is expected and waited for.
    pub(crate) wanted: bool,
}

/// What was seen of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The client's connection stood.
    pub(crate) connected: bool,
    /// The device got this very request.
    pub(crate) reached: bool,
    /// The device got something else.
    pub(crate) other: bool,
    /// What the client was told.
    pub(crate) answer: Option<Answer>,
    /// The gateway's leg saw a packet of it, before any rule did.
    pub(crate) entered: bool,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Of the device.
    Data,
    /// A refusal with this code.
    Exception(u8),
}

/// Asks, and watches both ends until there is an answer or silence has lasted.
pub(crate) fn run(twin: &Twin, asking: &Asking) -> Result<Asked, LabError> {
    let missing = || LabError::NotThere(format!("host {} or {}", asking.from, asking.to));
    let target = twin.namespace(asking.target).ok_or_else(missing)?;
    let source = twin.namespace(asking.source).ok_or_else(missing)?;
    drain(twin, asking)?;
    let listener = target
        .run(|| sockets::listen(asking.device, asking.port))?
        .map_err(LabError::socket(format!("listen at {}", asking.to)))?;
    let client: TcpStream = source
        .run(|| {
            let ends = (SocketAddr::new(asking.from, asking.tag), SocketAddr::new(asking.to, asking.port));
            sockets::connect(ends.0, ends.1)
        })?
        .map_err(LabError::socket(format!("connect from {}", asking.from)))?
        .into();
    let mut dialog = Dialog {
        twin,
        asking,
        client,
        sent: false,
        answers: Frames::default(),
        listener,
        device: Vec::new(),
        asked: Asked::default(),
    };
    let start = Instant::now();
    loop {
        let done = asking.wanted && dialog.asked.reached && dialog.asked.answer.is_some();
        let until = start + if asking.wanted { ALLOW_UNTIL } else { DENY_AFTER };
        let left = until.saturating_duration_since(Instant::now());
        if done || left.is_zero() {
            return Ok(dialog.asked);
        }
        dialog.step(left)?;
    }
}

/// What earlier cases left in the counters is nobody's.
fn drain(twin: &Twin, asking: &Asking) -> Result<(), LabError> {
    let mut buffer = [0_u8; 4096];
    let leg = leg(twin, asking);
    for counter in leg.map(|leg| &leg.counter).into_iter().chain(host(twin, asking).map(|host| &host.counter))
    {
        while counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?.is_some() {}
    }
    Ok(())
}

fn host<'a>(twin: &'a Twin, asking: &Asking) -> Option<&'a crate::twin::Host> {
    match asking.source {
        Spot::Host(number) => twin.hosts.get(number),
        Spot::Gateway => None,
    }
}

fn leg<'a>(twin: &'a Twin, asking: &Asking) -> Option<&'a crate::twin::LegTwin> {
    twin.legs.get(&host(twin, asking)?.leg)
}

struct Dialog<'a> {
    twin: &'a Twin,
    asking: &'a Asking,
    client: TcpStream,
    sent: bool,
    answers: Frames,
    listener: TcpListener,
    /// Connections the device has; more than one where the gateway opens its own.
    device: Vec<(TcpStream, Frames)>,
    asked: Asked,
}

impl Dialog<'_> {
    /// Waits for something to happen at either end, and does what follows from it.
    fn step(&mut self, most: Duration) -> Result<(), LabError> {
        let writes = if self.sent { PollFlags::POLLIN } else { PollFlags::POLLOUT };
        {
            let mut fds = vec![
                PollFd::new(self.client.as_fd(), writes),
                PollFd::new(self.listener.as_fd(), PollFlags::POLLIN),
            ];
            fds.extend(self.device.iter().map(|(stream, _)| PollFd::new(stream.as_fd(), PollFlags::POLLIN)));
            for counter in [
                leg(self.twin, self.asking).map(|leg| &leg.counter),
                host(self.twin, self.asking).map(|host| &host.counter),
            ]
            .into_iter()
            .flatten()
            {
                fds.push(PollFd::new(counter.as_fd(), PollFlags::POLLIN));
            }
            // A connection that failed would be ready for ever: every step then waits a little at most.
            ready(&mut fds, most.min(Duration::from_millis(50)))?;
        }
        self.watch()?;
        self.serve();
        self.ask()
    }

    /// Packets on the client's leg, and answers to what the client's socket does not know it sent.
    fn watch(&mut self) -> Result<(), LabError> {
        let mut buffer = [0_u8; 4096];
        let ports = (self.asking.tag, self.asking.port);
        if let Some(leg) = leg(self.twin, self.asking) {
            while let Some(length) =
                leg.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
            {
                let seen = buffer.get(..length).and_then(sight);
                self.asked.entered |= seen.is_some_and(|seen| {
                    (seen.from, seen.to, seen.ports) == (self.asking.from, self.asking.to, Some(ports))
                });
            }
        }
        if let Some(host) = host(self.twin, self.asking) {
            while let Some(length) =
                host.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
            {
                let frame = buffer.get(..length).unwrap_or_default();
                let back = sight(frame).is_some_and(|seen| {
                    (seen.from, seen.to, seen.ports)
                        == (self.asking.to, self.asking.from, Some((ports.1, ports.0)))
                });
                if back
                    && self.asking.fragmented
                    && let Some(payload) = wire::tcp_payload(frame)
                    && let Ok(Some((adu, _))) = Adu::take(payload)
                {
                    self.asked.answer = Some(answered(adu));
                }
            }
        }
        Ok(())
    }

    fn serve(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                self.device.push((stream, Frames::default()));
            }
        }
        let request = self.asking.request.as_slice();
        let asked = &mut self.asked;
        self.device.retain_mut(|(stream, frames)| {
            let mut buffer = [0_u8; 2048];
            loop {
                let mut bytes = match stream.read(&mut buffer) {
                    Ok(0) => return false,
                    Ok(length) => buffer.get(..length).unwrap_or_default(),
                    Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
                };
                while let Some(adu) = frames.next(&mut bytes) {
                    let Ok(adu) = adu else { return false };
                    // The gateway may number its own requests.
                    let same = request.get(6) == Some(&adu.unit) && request.get(7..) == Some(adu.pdu);
                    asked.reached |= same;
                    asked.other |= !same;
                    if stream.write_all(&modbus::answer(adu)).is_err() {
                        return false;
                    }
                }
            }
        });
    }

    fn ask(&mut self) -> Result<(), LabError> {
        if !self.sent {
            // Not connected yet, or refused: then nothing is sent.
            if self.client.peer_addr().is_err() || !matches!(self.client.take_error(), Ok(None)) {
                return Ok(());
            }
            self.asked.connected = true;
            self.sent = true;
            if self.asking.fragmented {
                return self.send_fragmented();
            }
            // If it fails nothing comes back, which is what will be seen.
            let _ = self.client.write_all(&self.asking.request);
            return Ok(());
        }
        let mut buffer = [0_u8; 2048];
        while let Ok(length @ 1..) = self.client.read(&mut buffer) {
            let mut bytes = buffer.get(..length).unwrap_or_default();
            while let Some(Ok(adu)) = self.answers.next(&mut bytes) {
                if adu.transaction == self.asking.tag {
                    self.asked.answer = Some(answered(adu));
                }
            }
        }
        Ok(())
    }

    /// The segment the client's socket would send next, made by hand and cut in two.
    fn send_fragmented(&mut self) -> Result<(), LabError> {
        let asking = self.asking;
        let missing = || LabError::NotThere(format!("host {}", asking.from));
        let host = host(self.twin, asking).ok_or_else(missing)?;
        let leg = leg(self.twin, asking).ok_or_else(missing)?;
        let numbers = linux::sequence::next(&self.client)?;
        let segment = wire::segment(
            asking.from,
            asking.to,
            (asking.tag, asking.port),
            (numbers.send, numbers.receive),
            &asking.request,
        );
        let kind: u16 = if asking.to.is_ipv4() { 0x0800 } else { 0x86dd };
        for packet in wire::packets(asking.from, asking.to, TCP, &segment, Some(asking.tag)) {
            let mut frame = [leg.mac.as_slice(), host.mac.as_slice(), &kind.to_be_bytes()].concat();
            frame.extend(packet);
            host.counter.send(&frame).map_err(LabError::socket("send frame"))?;
        }
        Ok(())
    }
}

fn answered(adu: Adu<'_>) -> Answer {
    if adu.function() & 0x80 == 0 {
        Answer::Data
    } else {
        Answer::Exception(adu.pdu.get(1).copied().unwrap_or(0))
    }
}
