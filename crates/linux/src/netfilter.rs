//! Reads the ruleset of the calling thread's network namespace as the kernel's own bytes.

use std::io::IoSlice;
use std::os::fd::{AsRawFd, OwnedFd};

use nftables::{Dump, Interruption, Progress, Ruleset, Session};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, connect, recv, sendmsg,
    setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

/// How often a read starts again because the ruleset changed under it.
const ATTEMPTS: u32 = 20;

/// Longer than any datagram of a dump: the kernel fills at most 32 KiB.
const BUFFER: usize = 256 * 1024;

/// How long the kernel may take for one datagram, in seconds.
const PATIENCE: i64 = 10;

/// Why the ruleset could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A call on the socket failed.
    #[error("netlink {call} failed: {errno}")]
    Socket {
        /// Which call.
        call: &'static str,
        /// The error.
        errno: Errno,
    },
    /// The kernel refused a request.
    #[error("the kernel refused to list the {request} of nf_tables: {errno}")]
    Refused {
        /// What was asked for.
        request: &'static str,
        /// The error.
        errno: Errno,
    },
    /// The kernel's answer is no netlink message.
    #[error("the answer to the request for {request} cannot be read")]
    Garbled {
        /// What was asked for.
        request: &'static str,
    },
    /// The ruleset changed each time while it was read.
    #[error("the ruleset changed each of {ATTEMPTS} times it was read")]
    Changing,
}

/// Reads the whole ruleset and decodes it.
pub fn read_ruleset() -> Result<Ruleset, ReadError> {
    read_dump().map(|dump| nftables::decode(&dump))
}

/// Reads the whole ruleset as the bytes the kernel sent. The dump belongs to one generation of the ruleset.
pub fn read_dump() -> Result<Dump, ReadError> {
    let mut buffer = vec![0; BUFFER];
    for _ in 0..ATTEMPTS {
        if let Some(dump) = attempt(&mut buffer)? {
            return Ok(dump);
        }
    }
    Err(ReadError::Changing)
}

/// One read from beginning to end; `None` when the ruleset changed meanwhile. Each has a socket of its own, so
/// that nothing is left over from the one before.
fn attempt(buffer: &mut [u8]) -> Result<Option<Dump>, ReadError> {
    let socket = open()?;
    let mut session = Session::new(1);
    loop {
        send(&socket, &session.request())?;
        loop {
            let datagram = match receive(&socket, buffer) {
                Err(ReadError::Socket { errno: Errno::ENOBUFS, .. }) => return Ok(None),
                received => received?,
            };
            match session.feed(datagram) {
                Ok(Progress::More) => {}
                Ok(Progress::Next) => break,
                Ok(Progress::Complete) => return Ok(Some(session.finish())),
                Err(Interruption::Changed) => return Ok(None),
                Err(Interruption::Refused { request, errno }) => {
                    return Err(ReadError::Refused { request, errno: Errno::from_raw(errno) });
                }
                Err(Interruption::Garbled { request }) => return Err(ReadError::Garbled { request }),
            }
        }
    }
}

fn failed(call: &'static str) -> impl Fn(Errno) -> ReadError {
    move |errno| ReadError::Socket { call, errno }
}

/// A socket connected to the kernel: nobody else can send to it.
fn open() -> Result<OwnedFd, ReadError> {
    let protocol = SockProtocol::NetlinkNetFilter;
    let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)
        .map_err(failed("socket"))?;
    connect(socket.as_raw_fd(), &NetlinkAddr::new(0, 0)).map_err(failed("connect"))?;
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::seconds(PATIENCE))
        .map_err(failed("setsockopt"))?;
    Ok(socket)
}

fn send(socket: &OwnedFd, request: &[u8]) -> Result<(), ReadError> {
    let parts = [IoSlice::new(request)];
    sendmsg::<()>(socket.as_raw_fd(), &parts, &[], MsgFlags::empty(), None).map_err(failed("send"))?;
    Ok(())
}

fn receive<'a>(socket: &OwnedFd, buffer: &'a mut [u8]) -> Result<&'a [u8], ReadError> {
    loop {
        // With MSG_TRUNC the length is that of the datagram, even where it does not fit.
        match recv(socket.as_raw_fd(), buffer, MsgFlags::MSG_TRUNC) {
            Ok(len) => {
                return buffer.get(..len).ok_or(ReadError::Socket { call: "recv", errno: Errno::EMSGSIZE });
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(ReadError::Socket { call: "recv", errno }),
        }
    }
}
