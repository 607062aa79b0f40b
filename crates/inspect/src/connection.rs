//! One connection between a client and a device, in both directions.

use protocols::modbus::{Adu, Buffer, Exception, Expected, Frames, MOST_ADU, Request, Response, exception};

use crate::decision::{Closing, Decision, Dropped, Reason, Verdict};
use crate::inspector::ModbusInspector;

/// Most requests that may wait for their answer at the same time.
pub const MOST_WAITING: usize = 64;

/// What to do next, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Send this to the device.
    ToServer(&'a [u8]),
    /// Send this to the client.
    ToClient(&'a [u8]),
    /// Record this.
    Decision(Decision<'a>),
    /// Record that a message of the device did not go on.
    Dropped {
        /// Its transaction.
        transaction: u16,
        /// Its unit.
        unit: u8,
        /// Its function, exception bit included.
        function: u8,
        /// Why.
        why: Dropped,
    },
    /// End the connection on both sides; nothing follows.
    Close(Closing),
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    expected: Expected,
    /// A later request was answered before it.
    overtaken: bool,
}

/// The state of one connection: at most one cut-off message per direction, and what [`MOST_WAITING`] requests expect.
///
/// Bytes may come in any pieces: the events are the same, in the same order within a direction.
#[derive(Debug, Clone)]
pub struct Connection {
    who: String,
    client: Frames,
    server: Frames,
    waiting: Vec<Waiting>,
    closed: bool,
}

impl Connection {
    /// A new connection; `who` is handed through into every decision.
    pub fn new(who: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            client: Frames::default(),
            server: Frames::default(),
            waiting: Vec::new(),
            closed: false,
        }
    }

    /// How many requests wait for their answer.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether it ended.
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// Takes what the client sent.
    pub fn from_client(
        &mut self,
        inspector: &ModbusInspector,
        mut bytes: &[u8],
        on: &mut dyn FnMut(Event<'_>),
    ) {
        let Self { who, client, waiting, closed, .. } = self;
        while !*closed {
            match client.next(&mut bytes) {
                None => return,
                Some(Ok(adu)) => asked(who, waiting, inspector, adu, on),
                Some(Err(error)) => {
                    *closed = true;
                    on(Event::Close(Closing::Client(error)));
                }
            }
        }
    }

    /// Takes what the device sent.
    pub fn from_server(&mut self, mut bytes: &[u8], on: &mut dyn FnMut(Event<'_>)) {
        let Self { server, waiting, closed, .. } = self;
        while !*closed {
            match server.next(&mut bytes) {
                None => return,
                Some(Ok(adu)) => answered(waiting, adu, on),
                Some(Err(error)) => {
                    *closed = true;
                    on(Event::Close(Closing::Server(error)));
                }
            }
        }
    }

    /// Tells the client about every request that waits that its device did not answer; for the caller's time limit.
    pub fn give_up(&mut self, on: &mut dyn FnMut(Event<'_>)) {
        for waiting in self.waiting.drain(..) {
            unanswered(&waiting.expected, on);
        }
    }
}

fn asked(
    who: &str,
    waiting: &mut Vec<Waiting>,
    inspector: &ModbusInspector,
    adu: Adu<'_>,
    on: &mut dyn FnMut(Event<'_>),
) {
    let mut out: Buffer = [0; MOST_ADU];
    let (transaction, unit, function) = (adu.transaction, adu.unit, adu.function());
    let request = Request::decode(adu);
    let mut verdict = match &request {
        Ok(request) => inspector.judge(request),
        Err(refused) => {
            let reason = Reason::Malformed(refused.reason);
            Verdict::Refused { exception: reason.exception(), reason, flow: None }
        }
    };
    if matches!(verdict, Verdict::Allowed { .. }) && !room(waiting) {
        let reason = Reason::Busy;
        verdict = Verdict::Refused { exception: reason.exception(), reason, flow: None };
    }
    let request = request.ok();
    on(Event::Decision(Decision { who, transaction, unit, function, request, verdict }));
    match (verdict, request) {
        (Verdict::Refused { exception: code, .. }, _) => {
            on(Event::ToClient(exception(transaction, unit, function, code, &mut out)));
        }
        (Verdict::Allowed { .. }, Some(request)) => {
            waiting.push(Waiting { expected: request.expected(), overtaken: false });
            on(Event::ToServer(request.encode(&mut out)));
        }
        (Verdict::Allowed { .. }, None) => {}
    }
}

/// Makes room for one more: a request that was overtaken long ago will not be answered any more.
fn room(waiting: &mut Vec<Waiting>) -> bool {
    if waiting.len() < MOST_WAITING {
        return true;
    }
    match waiting.iter().position(|waiting| waiting.overtaken) {
        Some(lost) => {
            waiting.remove(lost);
            true
        }
        None => false,
    }
}

fn answered(waiting: &mut Vec<Waiting>, adu: Adu<'_>, on: &mut dyn FnMut(Event<'_>)) {
    let (transaction, unit, function) = (adu.transaction, adu.unit, adu.function());
    let mut dropped = |why| on(Event::Dropped { transaction, unit, function, why });
    let Some(concerned) = waiting.iter().position(|it| it.expected.concerns(transaction, unit)) else {
        return dropped(Dropped::Unsolicited);
    };
    // A client may use one transaction for several requests: the first that this can be the answer to.
    let why = match Response::decode(adu) {
        Err(refused) => Dropped::Malformed(refused.reason),
        Ok(response) => match waiting.iter().position(|it| it.expected.answered_by(&response)) {
            Some(index) => {
                waiting.remove(index);
                waiting.iter_mut().take(index).for_each(|earlier| earlier.overtaken = true);
                on(Event::ToClient(response.encode(&mut [0; MOST_ADU])));
                return;
            }
            None => Dropped::Mismatch,
        },
    };
    dropped(why);
    let lost = waiting.remove(concerned);
    unanswered(&lost.expected, on);
}

fn unanswered(expected: &Expected, on: &mut dyn FnMut(Event<'_>)) {
    let Expected { transaction, unit, function, .. } = *expected;
    let mut out: Buffer = [0; MOST_ADU];
    on(Event::ToClient(exception(transaction, unit, function, Exception::NoResponse, &mut out)));
}
