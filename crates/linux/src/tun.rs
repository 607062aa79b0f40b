//! TUN interfaces: raw IP packets put in front of the kernel, and taken from behind it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::{Error, Lacking, Need, Remedy};

nix::ioctl_write_int!(tun_set_iff, b'T', 202);

/// `struct ifreq` as TUNSETIFF reads it.
#[repr(C)]
struct Request {
    name: [u8; 16],
    flags: u16,
    rest: [u8; 22],
}

const IFF_TUN: u16 = 0x0001;
const IFF_NO_PI: u16 = 0x1000;

/// An open TUN interface; it disappears when this is dropped.
#[derive(Debug)]
pub struct Tun {
    file: File,
    name: String,
}

impl Tun {
    /// Creates a TUN interface in the calling thread's namespace.
    pub fn open(name: &str) -> Result<Self, Error> {
        let mut request = Request { name: [0; 16], flags: IFF_TUN | IFF_NO_PI, rest: [0; 22] };
        if name.len() > 15 {
            return Err(Error::system(format!("create TUN {name}"), nix::errno::Errno::ENAMETOOLONG));
        }
        for (place, byte) in request.name.iter_mut().zip(name.bytes()) {
            *place = byte;
        }
        let path = "/dev/net/tun";
        let file =
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(
                |error| Lacking::new(Need::Tun, format!("{path}: {error}"), Remedy::Device { module: "tun" }),
            )?;
        // SAFETY: the request lives through the call and is as long as the kernel's `struct ifreq`.
        unsafe { tun_set_iff(file.as_raw_fd(), (&raw const request).expose_provenance() as u64) }
            .map_err(|errno| Error::system(format!("create TUN {name}"), errno))?;
        Ok(Self { file, name: name.to_owned() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hands a raw IP packet to the kernel, as if it had come in on this interface.
    pub fn send(&self, packet: &[u8]) -> io::Result<()> {
        (&self.file).write_all(packet)
    }

    /// The next packet the kernel sends out of this interface, if one is there.
    pub fn try_receive(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match (&self.file).read(buffer) {
            Ok(length) => Ok(Some(length)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The next packet the kernel sends out of this interface before the deadline.
    pub fn receive(&self, buffer: &mut [u8], deadline: Instant) -> io::Result<Option<usize>> {
        loop {
            if let Some(length) = self.try_receive(buffer)? {
                return Ok(Some(length));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let mut wait = [PollFd::new(self.file.as_fd(), PollFlags::POLLIN)];
            poll(&mut wait, timeout(left))?;
        }
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// A poll timeout that does not end before `left`.
fn timeout(left: Duration) -> PollTimeout {
    let milliseconds = u16::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    PollTimeout::from(milliseconds)
}
