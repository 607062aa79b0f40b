//! Modbus/TCP: bytes to requests and responses, and back.
//!
//! [`Frames`] cuts a stream into ADUs, [`Request::decode`] and [`Response::decode`] understand one, [`Request::encode`]
//! writes what was understood, [`Expected`] says whether a response answers a request, [`Request::commands`] says in
//! the words of the plant text what is asked for.
//! Nothing here allocates before `commands`: requests and responses are views of the bytes they came in.
//!
//! Source of all ranges: MODBUS Application Protocol Specification V1.1b3 and MODBUS Messaging on TCP/IP V1.0b.

mod access;
mod cover;
mod encode;
mod expected;
mod frame;
mod refused;
mod request;
mod response;
mod view;

pub use access::{Access, Span, Values, Written};
pub use cover::{Gap, covered};
pub use encode::exception;
pub use expected::Expected;
pub use frame::{Adu, Buffer, FrameError, Frames, MOST_ADU};
pub use refused::{Exception, Malformed, Refused};
pub use request::{Body, Request};
pub use response::{Reply, Response};
pub use view::{Bits, FileRead, FileReads, FileWrite, FileWrites, Registers};
