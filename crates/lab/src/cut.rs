//! Flows that end while they are in use: a transfer runs on, and the receiving end tells when it stopped coming.
//!
//! Nothing here acts at the end: the sender keeps sending, the receiver keeps reading, the kernel's own timers close.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use crate::batch::ready;
use crate::moment::CUT_AFTER;
use crate::remark::Remark;
use crate::report::{LabError, Seen};
use crate::sockets;
use crate::twin::{Spot, Twin};
use crate::wire::sight;

/// How much later than its end a flow may still be seen: the kernel's timers and this machine's load.
pub(crate) const TOLERANCE: Duration = Duration::from_millis(500);
/// How long a flow that should be over is watched beyond the tolerance.
const WATCHED: Duration = Duration::from_millis(1500);
const EVERY: Duration = Duration::from_millis(20);
const CHUNK: [u8; 512] = [0x52; 512];

/// One transfer.
pub(crate) struct Transfer {
    pub(crate) tag: u16,
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    /// Source and destination where it arrives.
    pub(crate) there: (IpAddr, IpAddr),
    pub(crate) port: u16,
    pub(crate) source: Spot,
    pub(crate) target: Spot,
}

/// What the receiving end saw of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) bytes: u64,
    /// Since the policy was loaded.
    pub(crate) last: Option<Duration>,
    pub(crate) unsent: Option<String>,
}

impl Received {
    pub(crate) fn verdict(&self) -> Seen {
        match self.last {
            Some(_) if self.bytes == 0 => Seen::OneWay,
            None => Seen::Deny,
            Some(last) if last <= CUT_AFTER + TOLERANCE => Seen::Cut,
            Some(_) => Seen::Allow,
        }
    }

    pub(crate) fn reason(&self) -> Option<Remark> {
        let last = self.last?;
        Some(Remark::Transfer { open: CUT_AFTER.as_millis(), last: last.as_millis(), bytes: self.bytes })
    }
}

struct Under {
    listener: TcpListener,
    server: Option<TcpStream>,
    client: TcpStream,
}

/// Runs transfers across the end of their permission, which began at `loaded`.
pub(crate) fn run(twin: &Twin, transfers: &[Transfer], loaded: Instant) -> Result<Vec<Received>, LabError> {
    let mut received: Vec<Received> = vec![Received::default(); transfers.len()];
    let mut under: Vec<Option<Under>> = Vec::new();
    for (transfer, seen) in transfers.iter().zip(&mut received) {
        under.push(match open(twin, transfer)? {
            Ok(open) => Some(open),
            Err(error) => {
                seen.unsent = Some(format!("could not be sent: {error}"));
                None
            }
        });
    }
    let end = loaded + CUT_AFTER + TOLERANCE + WATCHED;
    let mut next = Instant::now();
    loop {
        let now = Instant::now();
        if now >= end {
            return Ok(received);
        }
        if now >= next {
            for open in under.iter_mut().flatten() {
                // Before the connection stands and once the buffer is full nothing is taken; that is no end.
                let _ = open.client.write(&CHUNK);
            }
            next = now + EVERY;
        }
        wait(twin, transfers, &under, next.saturating_duration_since(now))?;
        for ((open, seen), transfer) in under.iter_mut().zip(&mut received).zip(transfers) {
            let bytes = open.as_mut().map_or(0, read);
            seen.bytes += bytes;
            // The gateway's own leg sees packets before any rule does: there, only what the socket got counts.
            if bytes > 0 && transfer.target == Spot::Gateway {
                seen.last = Some(loaded.elapsed());
            }
        }
        count(twin, transfers, &mut received, loaded)?;
    }
}

fn open(twin: &Twin, transfer: &Transfer) -> Result<io::Result<Under>, LabError> {
    let missing = || LabError::NotThere(format!("host {} or {}", transfer.from, transfer.to));
    let target = twin.namespace(transfer.target).ok_or_else(missing)?;
    let source = twin.namespace(transfer.source).ok_or_else(missing)?;
    let listener = target.run(|| sockets::listen(transfer.there.1, transfer.port))?;
    let client = source.run(|| {
        sockets::connect(
            SocketAddr::new(transfer.from, transfer.tag),
            SocketAddr::new(transfer.to, transfer.port),
        )
    })?;
    Ok(listener.and_then(|listener| Ok(Under { listener, server: None, client: client?.into() })))
}

fn wait(
    twin: &Twin,
    transfers: &[Transfer],
    under: &[Option<Under>],
    most: Duration,
) -> Result<(), LabError> {
    let mut fds = Vec::new();
    for open in under.iter().flatten() {
        fds.push(PollFd::new(open.listener.as_fd(), PollFlags::POLLIN));
        if let Some(server) = &open.server {
            fds.push(PollFd::new(server.as_fd(), PollFlags::POLLIN));
        }
    }
    for transfer in transfers {
        if let Spot::Host(number) = transfer.target
            && let Some(host) = twin.hosts.get(number)
        {
            fds.push(PollFd::new(host.counter.as_fd(), PollFlags::POLLIN));
        }
    }
    ready(&mut fds, most)
}

/// Accepts where that is still to be done, and reads everything there is.
fn read(open: &mut Under) -> u64 {
    if open.server.is_none()
        && let Ok((stream, _)) = open.listener.accept()
        && stream.set_nonblocking(true).is_ok()
    {
        open.server = Some(stream);
    }
    let Some(server) = &mut open.server else { return 0 };
    let mut buffer = [0_u8; 16 * 1024];
    let mut bytes = 0;
    // Errors and the end of the stream both mean: nothing more now.
    while let Ok(length) = server.read(&mut buffer) {
        if length == 0 {
            break;
        }
        bytes += u64::try_from(length).unwrap_or(0);
    }
    bytes
}

/// Notes when the destination's link saw a packet of a transfer; a repeated segment counts as well as a new one.
fn count(
    twin: &Twin,
    transfers: &[Transfer],
    received: &mut [Received],
    loaded: Instant,
) -> Result<(), LabError> {
    let mut buffer = [0_u8; 4096];
    for (number, host) in twin.hosts.iter().enumerate() {
        while let Some(length) =
            host.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
        {
            let Some(sighting) = buffer.get(..length).and_then(sight) else { continue };
            for (transfer, seen) in transfers.iter().zip(received.iter_mut()) {
                if transfer.target == Spot::Host(number)
                    && transfer.there == (sighting.from, sighting.to)
                    && sighting.ports == Some((transfer.tag, transfer.port))
                {
                    seen.last = Some(loaded.elapsed());
                }
            }
        }
    }
    Ok(())
}
