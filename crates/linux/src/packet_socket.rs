//! Packet sockets: whole frames as an interface receives them, before any ruleset has seen them.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, send, socket};

use crate::Error;
use crate::link::index_of;

/// A socket that sees every frame one link receives or sends.
#[derive(Debug)]
pub struct PacketSocket(OwnedFd);

/// A frame seen on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Length of the frame in the buffer.
    pub length: usize,
    /// Whether the link sent it (otherwise received it).
    pub outgoing: bool,
}

impl PacketSocket {
    /// Listens on a link of the calling thread's namespace.
    pub fn on(link: &str) -> Result<Self, Error> {
        let index = index_of(link)?;
        Self::open(index).map_err(|error| Error::system(format!("open packet socket on {link}"), error))
    }

    fn open(index: u32) -> io::Result<Self> {
        // Without a protocol it hears nothing until it is bound to its link.
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let fd = socket(AddressFamily::Packet, SockType::Raw, flags, None)?;
        let every_protocol = u16::try_from(libc::ETH_P_ALL).unwrap_or_default().to_be();
        // SAFETY: all-zero is a valid value of this plain C structure.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = u16::try_from(libc::AF_PACKET).unwrap_or_default();
        address.sll_protocol = every_protocol;
        address.sll_ifindex = i32::try_from(index).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: the address lives through the call and the length given is its own.
        let done = unsafe {
            libc::bind(
                fd.as_raw_fd(),
                (&raw const address).cast(),
                u32::try_from(size_of::<libc::sockaddr_ll>()).unwrap_or_default(),
            )
        };
        if done != 0 {
            return Err(io::Error::last_os_error());
        }
        let room: libc::c_int = 4 << 20;
        // More room than the default where we may: a frame missed here is a verdict lost.
        for option in [libc::SO_RCVBUFFORCE, libc::SO_RCVBUF] {
            // SAFETY: the value lives through the call and the length given is its own.
            let done = unsafe {
                libc::setsockopt(
                    fd.as_raw_fd(),
                    libc::SOL_SOCKET,
                    option,
                    (&raw const room).cast(),
                    u32::try_from(size_of::<libc::c_int>()).unwrap_or_default(),
                )
            };
            if done == 0 {
                break;
            }
        }
        Ok(Self(fd))
    }

    /// Sends a whole frame.
    pub fn send(&self, frame: &[u8]) -> io::Result<()> {
        send(self.0.as_raw_fd(), frame, MsgFlags::empty())?;
        Ok(())
    }

    /// The next received frame, if one is there; frames the link sent are passed over.
    pub fn try_receive(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.try_see(buffer)? {
                Some(seen) if seen.outgoing => {}
                Some(seen) => return Ok(Some(seen.length)),
                None => return Ok(None),
            }
        }
    }

    /// The next frame in either direction, if one is there.
    pub fn try_see(&self, buffer: &mut [u8]) -> io::Result<Option<Seen>> {
        // SAFETY: all-zero is a valid value of this plain C structure.
        let mut from: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        let mut from_length = u32::try_from(size_of::<libc::sockaddr_ll>()).unwrap_or_default();
        // SAFETY: buffer and address live through the call, with their true lengths.
        let length = unsafe {
            libc::recvfrom(
                self.0.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                0,
                (&raw mut from).cast(),
                &raw mut from_length,
            )
        };
        match usize::try_from(length) {
            Ok(length) => Ok(Some(Seen { length, outgoing: from.sll_pkttype == libc::PACKET_OUTGOING })),
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
                // The link went away or down: nothing more will be seen.
                error if error.raw_os_error() == Some(libc::ENETDOWN) => Ok(None),
                error => Err(error),
            },
        }
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
