//! One of the two sockets of a connection.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use nix::sys::epoll::EpollFlags;

use crate::pending::Pending;

/// What came of reading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// So many bytes.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// Nothing ever again: the other side has ended its half.
    End,
    /// The connection is no more.
    Broken,
}

/// The connection is no more, or more waits than may.
#[derive(Debug)]
pub(crate) struct Broken;

/// A socket, what the kernel said about it, and what waits to be sent through it.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) stream: TcpStream,
    pub(crate) pending: Pending,
    readable: bool,
    writable: bool,
    /// The kernel said that the other side ended something: read until that shows.
    hung_up: bool,
    /// The other side has ended its half.
    pub(crate) ended: bool,
    /// We have ended ours.
    pub(crate) shut: bool,
}

impl Leg {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            pending: Pending::default(),
            readable: false,
            writable: false,
            hung_up: false,
            ended: false,
            shut: false,
        }
    }

    /// What the kernel says.
    pub(crate) fn note(&mut self, flags: EpollFlags) {
        let over = flags.intersects(EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP);
        self.readable |= over || flags.intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLRDHUP);
        self.writable |= over || flags.contains(EpollFlags::EPOLLOUT);
        self.hung_up |= over || flags.contains(EpollFlags::EPOLLRDHUP);
    }

    /// Whether reading may bring something.
    pub(crate) fn readable(&self) -> bool {
        self.readable && !self.ended
    }

    pub(crate) fn read(&mut self, room: &mut [u8]) -> Heard {
        loop {
            return match (&self.stream).read(room) {
                Ok(0) => {
                    self.ended = true;
                    Heard::End
                }
                Ok(count) => {
                    // Less than there is room for: that was all, unless an end stands behind it.
                    self.readable = count == room.len() || self.hung_up;
                    Heard::Bytes(count)
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.readable = false;
                    Heard::Nothing
                }
                Err(_) => Heard::Broken,
            };
        }
    }

    /// Sends, after what waits; what the other side does not take waits.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let mut rest = bytes;
        if self.pending.is_empty() {
            rest = rest.get(self.written(bytes)?..).unwrap_or_default();
        }
        if rest.is_empty() || self.pending.push(rest) { Ok(()) } else { Err(Broken) }
    }

    /// Sends what waits.
    pub(crate) fn flush(&mut self) -> Result<(), Broken> {
        while self.writable && !self.pending.is_empty() {
            let count = write(&self.stream, self.pending.bytes(), &mut self.writable)?;
            self.pending.taken(count);
        }
        Ok(())
    }

    fn written(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut gone = 0;
        while self.writable && gone < bytes.len() {
            gone += write(&self.stream, bytes.get(gone..).unwrap_or_default(), &mut self.writable)?;
        }
        Ok(gone)
    }

    /// Ends our half: the other side learns that nothing follows.
    pub(crate) fn shut(&mut self) {
        self.shut = true;
        // Gone already is as good.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Whether the connection that was begun stands.
    pub(crate) fn connected(&mut self) -> Option<io::Result<()>> {
        if !self.writable {
            return None;
        }
        Some(match self.stream.take_error() {
            Ok(None) => self.stream.peer_addr().map(drop),
            Ok(Some(error)) | Err(error) => Err(error),
        })
    }
}

fn write(mut stream: &TcpStream, bytes: &[u8], writable: &mut bool) -> Result<usize, Broken> {
    match stream.write(bytes) {
        Ok(count) => Ok(count),
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            *writable = false;
            Ok(0)
        }
        Err(_) => Err(Broken),
    }
}
