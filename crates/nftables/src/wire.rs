//! The two framings of netlink: messages in a datagram, attributes in a message.
//!
//! Everything here borrows from the bytes it reads, checks each length against what is left, and keeps the
//! number of what it could not read. Nesting is bounded by the decoder's own calls: no function recurses on
//! the input's depth.

use std::fmt;

/// Length of `struct nlmsghdr`.
pub(crate) const HEADER: usize = 16;

/// Attribute numbers below this fit in an [`Attributes`] table; nf_tables uses fewer than 32.
const SLOTS: usize = 32;

/// The two top bits of an attribute type: nested, and network byte order.
const TYPE_MASK: u16 = 0x3fff;

/// Why some bytes could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A length that runs past its container, or leaves a rest.
    Cut {
        /// Offset in the container.
        at: usize,
    },
    /// The same attribute twice.
    Twice(u16),
    /// An attribute this decoder has no meaning for.
    Attribute(u16),
    /// An attribute that must be there is not.
    Missing(u16),
    /// An attribute of the wrong length.
    Length(u16),
    /// A value that is none of those known.
    Value(u16, u32),
    /// A name that is not text.
    Text(u16),
    /// A flaw inside an attribute.
    Inside(u16, Box<Flaw>),
    /// An expression where this one cannot be.
    Name(String),
    /// A message type this decoder has no meaning for.
    Message(u16),
    /// A flaw in the element of this number, counted from 0.
    Element(usize, Box<Flaw>),
    /// A flaw inside a nested expression.
    Expression(String, Box<Flaw>),
}

impl Flaw {
    /// The same flaw, seen from the container.
    pub(crate) fn inside(self, attribute: u16) -> Flaw {
        Flaw::Inside(attribute, Box::new(self))
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Cut { at } => write!(out, "cut short at byte {at}"),
            Flaw::Twice(kind) => write!(out, "attribute {kind} comes twice"),
            Flaw::Attribute(kind) => write!(out, "attribute {kind} is not known"),
            Flaw::Missing(kind) => write!(out, "attribute {kind} is missing"),
            Flaw::Length(kind) => write!(out, "attribute {kind} has a wrong length"),
            Flaw::Value(kind, value) => write!(out, "attribute {kind} has the unknown value {value:#x}"),
            Flaw::Text(kind) => write!(out, "attribute {kind} is not text"),
            Flaw::Inside(kind, flaw) => write!(out, "attribute {kind}: {flaw}"),
            Flaw::Name(name) => write!(out, "`{name}` cannot be here"),
            Flaw::Message(kind) => write!(out, "message type {kind:#x} is not known"),
            Flaw::Element(index, flaw) => write!(out, "element {index}: {flaw}"),
            Flaw::Expression(name, flaw) => write!(out, "`{name}`: {flaw}"),
        }
    }
}

/// One netlink message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    /// `nlmsg_type`.
    pub(crate) kind: u16,
    /// `NLM_F_*`.
    pub(crate) flags: u16,
    /// Sequence number of the request it answers.
    pub(crate) seq: u32,
    /// What follows the header.
    pub(crate) body: &'a [u8],
}

/// The messages of one datagram; a rest that is no message comes as an error, once, and ends the walk.
pub(crate) struct Messages<'a> {
    rest: &'a [u8],
    at: usize,
}

/// Walks over the messages of `bytes`.
pub(crate) fn messages(bytes: &[u8]) -> Messages<'_> {
    Messages { rest: bytes, at: 0 }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = read_message(self.rest);
        match read {
            Some((message, taken)) => {
                self.rest = self.rest.get(taken..).unwrap_or_default();
                self.at += taken;
                Some(Ok(message))
            }
            None => {
                self.rest = &[];
                Some(Err(Flaw::Cut { at: self.at }))
            }
        }
    }
}

fn read_message(bytes: &[u8]) -> Option<(Message<'_>, usize)> {
    let len = usize::try_from(native_u32(bytes, 0)?).ok()?;
    let kind = native_u16(bytes, 4)?;
    let flags = native_u16(bytes, 6)?;
    let seq = native_u32(bytes, 8)?;
    let body = bytes.get(HEADER..len)?;
    Some((Message { kind, flags, seq, body }, align(len)))
}

/// One attribute: its number without the flag bits, and its payload.
pub(crate) type Attribute<'a> = (u16, &'a [u8]);

/// Walks over attributes in order: for lists, where numbers repeat.
pub(crate) struct List<'a> {
    rest: &'a [u8],
    at: usize,
}

/// Walks over the attributes of `bytes`.
pub(crate) fn list(bytes: &[u8]) -> List<'_> {
    List { rest: bytes, at: 0 }
}

impl<'a> Iterator for List<'a> {
    type Item = Result<Attribute<'a>, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match read_attribute(self.rest) {
            Some((attribute, taken)) => {
                self.rest = self.rest.get(taken..).unwrap_or_default();
                self.at += taken;
                Some(Ok(attribute))
            }
            None => {
                self.rest = &[];
                Some(Err(Flaw::Cut { at: self.at }))
            }
        }
    }
}

fn read_attribute(bytes: &[u8]) -> Option<(Attribute<'_>, usize)> {
    let len = usize::from(native_u16(bytes, 0)?);
    let kind = native_u16(bytes, 2)? & TYPE_MASK;
    let payload = bytes.get(4..len)?;
    Some(((kind, payload), align(len)))
}

/// The attributes of one container, each number at most once. Taking an attribute removes it: what is left
/// at [`Attributes::finish`] was not understood by anybody.
pub(crate) struct Attributes<'a> {
    slots: [Option<&'a [u8]>; SLOTS],
}

impl<'a> Attributes<'a> {
    /// Reads all attributes of `bytes`.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let mut slots = [None; SLOTS];
        for attribute in list(bytes) {
            let (kind, payload) = attribute?;
            let slot = slots.get_mut(usize::from(kind)).ok_or(Flaw::Attribute(kind))?;
            if slot.replace(payload).is_some() {
                return Err(Flaw::Twice(kind));
            }
        }
        Ok(Attributes { slots })
    }

    /// The payload of attribute `kind`, if it is there.
    pub(crate) fn take(&mut self, kind: u16) -> Option<&'a [u8]> {
        self.slots.get_mut(usize::from(kind))?.take()
    }

    /// Whether attribute `kind` is there and not taken yet.
    pub(crate) fn has(&self, kind: u16) -> bool {
        self.slots.get(usize::from(kind)).is_some_and(Option::is_some)
    }

    /// Drops attributes that carry no meaning for a verdict.
    pub(crate) fn harmless(&mut self, kinds: &[u16]) {
        for &kind in kinds {
            self.take(kind);
        }
    }

    /// A number in network byte order.
    pub(crate) fn u32(&mut self, kind: u16) -> Result<Option<u32>, Flaw> {
        self.take(kind).map(|bytes| be_u32(bytes).ok_or(Flaw::Length(kind))).transpose()
    }

    /// A number in network byte order that must be there.
    pub(crate) fn need_u32(&mut self, kind: u16) -> Result<u32, Flaw> {
        self.u32(kind)?.ok_or(Flaw::Missing(kind))
    }

    /// A one-byte number.
    pub(crate) fn u8(&mut self, kind: u16) -> Result<Option<u8>, Flaw> {
        match self.take(kind) {
            None => Ok(None),
            Some(&[byte]) => Ok(Some(byte)),
            Some(_) => Err(Flaw::Length(kind)),
        }
    }

    /// A long number in network byte order.
    pub(crate) fn u64(&mut self, kind: u16) -> Result<Option<u64>, Flaw> {
        self.take(kind)
            .map(|bytes| bytes.try_into().map(u64::from_be_bytes).map_err(|_| Flaw::Length(kind)))
            .transpose()
    }

    /// Text, with the zero at its end taken off.
    pub(crate) fn text(&mut self, kind: u16) -> Result<Option<String>, Flaw> {
        self.take(kind).map(|bytes| text(bytes).map(str::to_owned).ok_or(Flaw::Text(kind))).transpose()
    }

    /// Text that must be there.
    pub(crate) fn need_text(&mut self, kind: u16) -> Result<String, Flaw> {
        self.text(kind)?.ok_or(Flaw::Missing(kind))
    }

    /// Reads the attributes inside attribute `kind`.
    pub(crate) fn nested(&mut self, kind: u16) -> Result<Option<Attributes<'a>>, Flaw> {
        self.take(kind).map(|bytes| Attributes::read(bytes).map_err(|flaw| flaw.inside(kind))).transpose()
    }

    /// Succeeds when every attribute was taken.
    pub(crate) fn finish(&self) -> Result<(), Flaw> {
        match self.slots.iter().position(Option::is_some) {
            None => Ok(()),
            Some(kind) => Err(Flaw::Attribute(u16::try_from(kind).unwrap_or(u16::MAX))),
        }
    }
}

/// Text up to the zero that must end it; nothing may follow the zero.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let (last, head) = bytes.split_last()?;
    if *last != 0 || head.contains(&0) {
        return None;
    }
    std::str::from_utf8(head).ok()
}

/// Four bytes in network byte order.
pub(crate) fn be_u32(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

/// Two bytes at an offset, in the byte order of the machine.
pub(crate) fn native_u16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_ne_bytes)
}

/// Four bytes at an offset, in the byte order of the machine.
pub(crate) fn native_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_ne_bytes)
}

/// Netlink pads to four bytes.
pub(crate) fn align(len: usize) -> usize {
    len.saturating_add(3) & !3
}

/// Writes one attribute, padded.
pub(crate) fn put(out: &mut Vec<u8>, kind: u16, payload: &[u8]) {
    let Ok(len) = u16::try_from(payload.len().saturating_add(4)) else { return };
    out.extend_from_slice(&len.to_ne_bytes());
    out.extend_from_slice(&kind.to_ne_bytes());
    out.extend_from_slice(payload);
    out.resize(align(out.len()), 0);
}
