//! Why a message is not understood, and the protocol's own word for it.

/// Exception codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exception {
    /// The function is not supported, or not permitted at all.
    IllegalFunction = 1,
    /// An address is not there, or not permitted.
    IllegalAddress = 2,
    /// A value is impossible, or not permitted.
    IllegalValue = 3,
    /// The device failed.
    DeviceFailure = 4,
    /// It takes longer.
    Acknowledge = 5,
    /// Too much at once.
    Busy = 6,
    /// The program function cannot be carried out.
    NegativeAcknowledge = 7,
    /// Memory parity.
    MemoryParity = 8,
    /// No path to the unit.
    NoPath = 10,
    /// The unit does not answer.
    NoResponse = 11,
}

impl Exception {
    const ALL: [Self; 10] = [
        Self::IllegalFunction,
        Self::IllegalAddress,
        Self::IllegalValue,
        Self::DeviceFailure,
        Self::Acknowledge,
        Self::Busy,
        Self::NegativeAcknowledge,
        Self::MemoryParity,
        Self::NoPath,
        Self::NoResponse,
    ];

    /// The number on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The exception with this number.
    pub fn of(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exception| exception.code() == code)
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Malformed {
    /// A function the specification does not give to the public.
    Function,
    /// A sub-function or encapsulated interface that does not exist.
    SubFunction,
    /// More or fewer bytes than the function has.
    Length,
    /// A byte count that contradicts the quantity or the length.
    ByteCount,
    /// A quantity of zero, or more than one message carries.
    Quantity,
    /// Addresses past 65535, records past 9999, file 0.
    Address,
    /// A value the function does not have.
    Value,
}

impl Malformed {
    /// The answer the specification gives.
    pub fn exception(self) -> Exception {
        match self {
            Self::Function | Self::SubFunction => Exception::IllegalFunction,
            Self::Address => Exception::IllegalAddress,
            Self::Length | Self::ByteCount | Self::Quantity | Self::Value => Exception::IllegalValue,
        }
    }
}

/// A message that was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refused {
    /// Its function.
    pub function: u8,
    /// What is wrong.
    pub reason: Malformed,
}

impl Refused {
    /// The proper answer.
    pub fn exception(&self) -> Exception {
        self.reason.exception()
    }
}
