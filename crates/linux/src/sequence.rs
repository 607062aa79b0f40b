//! Where a TCP connection stands: the numbers of the next byte each way, for who wants to send a segment by hand.

use std::net::TcpStream;
use std::os::fd::AsRawFd;

use nix::libc;

use crate::Error;

/// Sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Of the next byte this end sends.
    pub send: u32,
    /// Of the next byte it expects.
    pub receive: u32,
}

/// `TCP_REPAIR` of linux/tcp.h and what goes with it.
const REPAIR: i32 = 19;
const REPAIR_QUEUE: i32 = 20;
const QUEUE_SEQ: i32 = 21;
const RECEIVE_QUEUE: i32 = 1;
const SEND_QUEUE: i32 = 2;

/// Reads the numbers of a connection. It needs the right to administer the network; meanwhile the connection stands
/// still.
pub fn next(stream: &TcpStream) -> Result<Numbers, Error> {
    set(stream, REPAIR, 1)?;
    let numbers = (|| {
        set(stream, REPAIR_QUEUE, SEND_QUEUE)?;
        let send = get(stream, QUEUE_SEQ)?;
        set(stream, REPAIR_QUEUE, RECEIVE_QUEUE)?;
        Ok(Numbers { send, receive: get(stream, QUEUE_SEQ)? })
    })();
    // -1: goes on without probing the other end, so that the numbers stay true.
    set(stream, REPAIR, -1)?;
    numbers
}

fn set(stream: &TcpStream, option: i32, value: i32) -> Result<(), Error> {
    let length = u32::try_from(size_of::<i32>()).unwrap_or(4);
    // SAFETY: the descriptor is open, and the kernel reads `length` bytes of `value`, which lives that long.
    let result = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            option,
            std::ptr::from_ref(&value).cast(),
            length,
        )
    };
    done(result, "set TCP_REPAIR")
}

fn get(stream: &TcpStream, option: i32) -> Result<u32, Error> {
    let mut value = 0_u32;
    let mut length = u32::try_from(size_of::<u32>()).unwrap_or(4);
    // SAFETY: the descriptor is open, and the kernel writes at most `length` bytes into `value`.
    let result = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            option,
            std::ptr::from_mut(&mut value).cast(),
            &raw mut length,
        )
    };
    done(result, "read TCP_QUEUE_SEQ")?;
    Ok(value)
}

fn done(result: i32, what: &str) -> Result<(), Error> {
    if result == 0 { Ok(()) } else { Err(Error::system(what, std::io::Error::last_os_error())) }
}
