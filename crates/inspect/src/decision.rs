//! What was decided, and why.

use std::fmt;

use protocols::modbus::{Exception, FrameError, Malformed, Request};

/// One decision about one message of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Who asked, in the caller's words.
    pub who: &'a str,
    /// Transaction.
    pub transaction: u16,
    /// Unit.
    pub unit: u8,
    /// Function.
    pub function: u8,
    /// What was asked, where it was understood.
    pub request: Option<Request<'a>>,
    /// What comes of it.
    pub verdict: Verdict<'a>,
}

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It goes on to the device.
    Allowed {
        /// The flow that permits it; of a request that reads and writes, the write. Where several flows permit parts,
        /// the first.
        flow: &'a str,
    },
    /// It does not, and the client is told.
    Refused {
        /// The answer.
        exception: Exception,
        /// Why.
        reason: Reason,
        /// The flow that came closest and still forbids it: the first one between these peers where none is about such a
        /// command, none where the message was not understood.
        flow: Option<&'a str>,
    },
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It was not understood.
    Malformed(Malformed),
    /// No flow carries the unit.
    Unit,
    /// No flow permits the function on any object it could have.
    Function,
    /// An object is in no permission.
    Address,
    /// A value is outside its limit, half of one, or not known beforehand.
    Value,
    /// Too many requests without an answer.
    Busy,
}

impl Reason {
    /// The proper answer: 01 what is not permitted at all, 02 an address outside, 03 a value outside, 06 too much at
    /// once, 0A a unit there is no path to.
    pub fn exception(self) -> Exception {
        match self {
            Self::Malformed(malformed) => malformed.exception(),
            Self::Unit => Exception::NoPath,
            Self::Function => Exception::IllegalFunction,
            Self::Address => Exception::IllegalAddress,
            Self::Value => Exception::IllegalValue,
            Self::Busy => Exception::Busy,
        }
    }
}

/// Why a message of the device does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dropped {
    /// Nobody asked.
    Unsolicited,
    /// It does not answer what was asked. The client is told that the device did not answer.
    Mismatch,
    /// It was not understood. The client is told that the device did not answer.
    Malformed(Malformed),
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closing {
    /// The client's stream cannot be cut into messages any more.
    Client(FrameError),
    /// The device's stream cannot be cut into messages any more.
    Server(FrameError),
}

impl fmt::Display for Decision<'_> {
    /// `10.62.2.20 unit 1 FC6 write holding 10 = 139: 03 by G02`, in the words of the plant text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} unit {} FC{}", self.who, self.unit, self.function)?;
        let commands = self.request.map(|request| request.commands()).unwrap_or_default();
        for (index, command) in commands.iter().enumerate() {
            write!(f, "{} {command}", if index == 0 { "" } else { "," })?;
        }
        match self.verdict {
            Verdict::Allowed { flow } => write!(f, ": allowed by {flow}"),
            Verdict::Refused { exception, flow, .. } => {
                write!(f, ": {:02X}", exception.code())?;
                flow.map_or(Ok(()), |flow| write!(f, " by {flow}"))
            }
        }
    }
}
