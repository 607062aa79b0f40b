//! A file transfer: control connection, then the data connection its two ends agree on, in both ways of agreeing.
//!
//! The ends speak as much of RFC 959 as the agreement needs: `PASV` with its answer 227, `PORT` with its answer 200.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use crate::batch::{ALLOW_UNTIL, DENY_AFTER, ready};
use crate::report::LabError;
use crate::sockets;
use crate::twin::{Spot, Twin};

/// Any port will do: the kernel picks one.
const FREE: u16 = 0;

/// One transfer to try.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    /// Source port of the control connection; the next one is the client's data port.
    pub(crate) tag: u16,
    pub(crate) from: Ipv4Addr,
    pub(crate) to: Ipv4Addr,
    pub(crate) port: u16,
    pub(crate) source: Spot,
    pub(crate) target: Spot,
}

/// What was seen of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Transferred {
    /// The control connection carried an answer.
    pub(crate) control: bool,
    /// Data came over a connection to the port the server named.
    pub(crate) passive: bool,
    /// Data came over a connection to the port the client named.
    pub(crate) active: bool,
    /// A connection to a port nobody named was made.
    pub(crate) unnamed: bool,
}

/// Runs a transfer both ways, and then tries a port nobody agreed on.
pub(crate) fn run(twin: &Twin, transfer: &Transfer) -> Result<Transferred, LabError> {
    let missing = || LabError::NotThere(format!("host {} or {}", transfer.from, transfer.to));
    let target = twin.namespace(transfer.target).ok_or_else(missing)?;
    let source = twin.namespace(transfer.source).ok_or_else(missing)?;
    let (client_address, server_address) = (IpAddr::from(transfer.from), IpAddr::from(transfer.to));
    let listening = |at: IpAddr, port: u16| -> Result<(TcpListener, u16), LabError> {
        let namespace = if at == client_address { source } else { target };
        let what = format!("listen at {at}");
        let listener = namespace.run(|| sockets::listen(at, port))?.map_err(LabError::socket(what))?;
        let port = listener.local_addr().map_err(LabError::socket("read port"))?.port();
        Ok((listener, port))
    };
    let connecting = |from: SocketAddr, to: SocketAddr| -> Result<TcpStream, LabError> {
        let namespace = if from.ip() == client_address { source } else { target };
        let what = format!("connect from {from}");
        Ok(namespace.run(|| sockets::connect(from, to))?.map_err(LabError::socket(what))?.into())
    };
    let mut seen = Transferred::default();
    let (listener, _) = listening(server_address, transfer.port)?;
    let mut client = connecting(
        SocketAddr::new(client_address, transfer.tag),
        SocketAddr::new(server_address, transfer.port),
    )?;
    let Some(mut server) = accepted(&listener, ALLOW_UNTIL)? else { return Ok(seen) };
    if !said(&mut server, &mut client, "220 ready\r\n")? {
        return Ok(seen);
    }
    seen.control = true;

    // The server names a port, the client connects to it.
    let (data, port) = listening(server_address, FREE)?;
    let agreed = said(&mut client, &mut server, "PASV\r\n")?
        && said(
            &mut server,
            &mut client,
            &format!("227 Entering Passive Mode ({})\r\n", host_port(transfer.to, port)),
        )?;
    if agreed {
        let from = connecting(SocketAddr::new(client_address, FREE), SocketAddr::new(server_address, port))?;
        seen.passive = carries(&data, from)?;
    }
    // The client names a port, the server connects to it from the port before its own.
    let (data, port) = listening(client_address, FREE)?;
    let agreed = said(&mut client, &mut server, &format!("PORT {}\r\n", host_port(transfer.from, port)))?
        && said(&mut server, &mut client, "200 PORT command successful\r\n")?;
    if agreed {
        let data_port = transfer.port.saturating_sub(1);
        let from =
            connecting(SocketAddr::new(server_address, data_port), SocketAddr::new(client_address, port))?;
        seen.active = carries(&data, from)?;
    }
    // Nobody named this one.
    let (data, port) = listening(server_address, FREE)?;
    let _kept = connecting(SocketAddr::new(client_address, FREE), SocketAddr::new(server_address, port))?;
    seen.unnamed = accepted(&data, DENY_AFTER)?.is_some();
    Ok(seen)
}

/// `h1,h2,h3,h4,p1,p2`, as RFC 959 writes an address and a port.
fn host_port(address: Ipv4Addr, port: u16) -> String {
    let [high, low] = port.to_be_bytes();
    let parts = address.octets().into_iter().chain([high, low]).map(|part| part.to_string());
    parts.collect::<Vec<_>>().join(",")
}

/// The next connection of a listener.
fn accepted(listener: &TcpListener, within: Duration) -> Result<Option<TcpStream>, LabError> {
    let end = Instant::now() + within;
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true).map_err(LabError::socket("accept"))?;
            return Ok(Some(stream));
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        ready(&mut [PollFd::new(listener.as_fd(), PollFlags::POLLIN)], left)?;
    }
}

/// Sends a line from one end to the other; whether it arrived whole.
fn said(from: &mut TcpStream, to: &mut TcpStream, line: &str) -> Result<bool, LabError> {
    let end = Instant::now() + ALLOW_UNTIL;
    let (mut sent, mut got) = (false, Vec::new());
    loop {
        // A connection that does not stand yet takes nothing.
        sent = sent || from.write_all(line.as_bytes()).is_ok();
        let mut buffer = [0_u8; 256];
        while let Ok(length @ 1..) = to.read(&mut buffer) {
            got.extend_from_slice(buffer.get(..length).unwrap_or_default());
        }
        let left = end.saturating_duration_since(Instant::now());
        if got == line.as_bytes() || got.len() > line.len() || left.is_zero() {
            return Ok(got == line.as_bytes());
        }
        let mut fds = vec![PollFd::new(to.as_fd(), PollFlags::POLLIN)];
        if !sent {
            fds.push(PollFd::new(from.as_fd(), PollFlags::POLLOUT));
        }
        ready(&mut fds, left)?;
    }
}

/// Whether a connection that was begun is accepted and carries data both ways.
fn carries(listener: &TcpListener, mut from: TcpStream) -> Result<bool, LabError> {
    let Some(mut to) = accepted(listener, ALLOW_UNTIL)? else { return Ok(false) };
    Ok(said(&mut from, &mut to, "data\r\n")? && said(&mut to, &mut from, "more data\r\n")?)
}
