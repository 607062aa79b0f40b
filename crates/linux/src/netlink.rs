//! Netlink messages to and from the kernel.
//!
//! Some two dozen kinds of message are all this crate ever sends, each a fixed head and a list of attributes, so
//! they are written out here over a plain socket instead of taking a netlink library with its own tree of types.
//! Reading is total: what is cut short or unknown is skipped, never indexed.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::sys::socket::{MsgFlags, NetlinkAddr, bind, recv, send};

const HEAD: usize = 16;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
const NLM_F_DUMP: u16 = 0x300;
/// Create, and fail if it is there already.
pub(crate) const CREATE: u16 = 0x400 | 0x200;
/// Create or replace.
pub(crate) const REPLACE: u16 = 0x400 | 0x100;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NESTED: u16 = 0x8000;

/// One message from the kernel: what follows its head.
pub(crate) struct Message {
    pub(crate) body: Vec<u8>,
}

/// A netlink socket in the namespace of the thread that opened it.
pub(crate) struct Socket {
    fd: OwnedFd,
    sequence: u32,
}

impl Socket {
    pub(crate) fn route() -> io::Result<Self> {
        Self::open(libc::NETLINK_ROUTE)
    }

    pub(crate) fn netfilter() -> io::Result<Self> {
        Self::open(libc::NETLINK_NETFILTER)
    }

    pub(crate) fn xfrm() -> io::Result<Self> {
        Self::open(libc::NETLINK_XFRM)
    }

    fn open(protocol: libc::c_int) -> io::Result<Self> {
        // SAFETY: takes three numbers and touches no memory of ours.
        let raw = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, protocol) };
        if raw < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just opened and nobody else has it.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        bind(fd.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
        Ok(Self { fd, sequence: 0 })
    }

    /// Sends a request and waits for the kernel's word on it.
    pub(crate) fn request(&mut self, kind: u16, flags: u16, body: &Body) -> io::Result<()> {
        self.send(kind, flags | NLM_F_ACK, body)?;
        self.receive(|_| {})
    }

    /// Asks for everything of a kind.
    pub(crate) fn dump(&mut self, kind: u16, body: &Body) -> io::Result<Vec<Message>> {
        self.send(kind, NLM_F_DUMP, body)?;
        let mut messages = Vec::new();
        self.receive(|message| messages.push(message))?;
        Ok(messages)
    }

    fn send(&mut self, kind: u16, flags: u16, body: &Body) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let length = u32::try_from(HEAD + body.0.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut bytes = Vec::with_capacity(HEAD + body.0.len());
        bytes.extend_from_slice(&length.to_ne_bytes());
        bytes.extend_from_slice(&kind.to_ne_bytes());
        bytes.extend_from_slice(&(flags | NLM_F_REQUEST).to_ne_bytes());
        bytes.extend_from_slice(&self.sequence.to_ne_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&body.0);
        send(self.fd.as_raw_fd(), &bytes, MsgFlags::empty())?;
        Ok(())
    }

    /// Hands every message of the answer over, until the kernel says that it is done.
    fn receive(&mut self, mut each: impl FnMut(Message)) -> io::Result<()> {
        let mut buffer = vec![0_u8; 256 * 1024];
        loop {
            let length = recv(self.fd.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
            let mut rest = buffer.get(..length).unwrap_or_default();
            while let (Some(size), Some(kind), Some(sequence)) =
                (u32_at(rest, 0), u16_at(rest, 4), u32_at(rest, 8))
            {
                let size = size as usize;
                let Some(body) = rest.get(HEAD..size) else { break };
                if sequence == self.sequence {
                    match kind {
                        NLMSG_DONE => return error_in(body),
                        NLMSG_ERROR => return error_in(body),
                        _ => each(Message { body: body.to_vec() }),
                    }
                }
                rest = rest.get(aligned(size)..).unwrap_or_default();
            }
        }
    }
}

/// The error number both ending messages begin with: 0 or a negated errno.
fn error_in(body: &[u8]) -> io::Result<()> {
    match u32_at(body, 0).unwrap_or(0).cast_signed() {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code.wrapping_neg())),
    }
}

/// The body of a message under construction.
#[derive(Default)]
pub(crate) struct Body(Vec<u8>);

impl Body {
    /// Begins with the fixed head of the message's kind.
    pub(crate) fn new(head: &[u8]) -> Self {
        let mut body = Self(head.to_vec());
        body.pad();
        body
    }

    /// Adds an attribute.
    pub(crate) fn attribute(&mut self, kind: u16, value: &[u8]) -> &mut Self {
        let length = u16::try_from(value.len() + 4).unwrap_or(u16::MAX);
        self.0.extend_from_slice(&length.to_ne_bytes());
        self.0.extend_from_slice(&kind.to_ne_bytes());
        self.0.extend_from_slice(value);
        self.pad();
        self
    }

    /// Adds an attribute of attributes.
    pub(crate) fn nested(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        fill(&mut inner);
        self.attribute(kind | NESTED, &inner.0)
    }

    /// Adds a string attribute, closed by a zero.
    pub(crate) fn text(&mut self, kind: u16, value: &str) -> &mut Self {
        let mut bytes = value.as_bytes().to_vec();
        bytes.push(0);
        self.attribute(kind, &bytes)
    }

    /// Adds raw bytes that are no attribute (a second fixed head).
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self.pad();
        self
    }

    fn pad(&mut self) {
        self.0.resize(aligned(self.0.len()), 0);
    }
}

fn aligned(length: usize) -> usize {
    length.div_ceil(4) * 4
}

/// The attributes in `bytes`; ends at the first that does not fit.
pub(crate) fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(rest, 0)?);
        let kind = u16_at(rest, 2)? & 0x3fff;
        let value = rest.get(4..length)?;
        rest = rest.get(aligned(length)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// The attributes behind a fixed head of `head` bytes.
pub(crate) fn attributes_after(bytes: &[u8], head: usize) -> impl Iterator<Item = (u16, &[u8])> {
    attributes(bytes.get(head..).unwrap_or_default())
}

/// A string attribute without its closing zero.
pub(crate) fn text(value: &[u8]) -> String {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(value.get(..end).unwrap_or_default()).into_owned()
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// A big-endian number, as netfilter writes them.
pub(crate) fn be32(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut body = Body::new(&[1, 2, 3, 4]);
        body.text(3, "z0").nested(18, |inner| {
            inner.text(1, "veth");
        });
        let read: Vec<_> = attributes_after(&body.0, 4).collect();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].0, text(read[0].1)), (3, "z0".to_owned()));
        let inner: Vec<_> = attributes(read[1].1).collect();
        assert_eq!((inner[0].0, text(inner[0].1)), (1, "veth".to_owned()));
    }

    #[test]
    fn every_cut_of_a_message_is_survived() {
        let mut body = Body::new(&[]);
        body.text(3, "z0").attribute(4, &[1, 2, 3, 4, 5]);
        for end in 0..body.0.len() {
            assert!(attributes(&body.0[..end]).count() <= 2);
        }
        // A length below the attribute's own head must not loop for ever.
        assert_eq!(attributes(&[0, 0, 1, 0, 9, 9, 9, 9]).count(), 0);
    }
}
