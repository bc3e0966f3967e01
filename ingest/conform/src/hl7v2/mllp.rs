//! The framing of messages over a stream (MLLP): `0x0b` message `0x1c 0x0d`. No I/O: bytes go in, messages come out.

const START: u8 = 0x0b;
const END: u8 = 0x1c;
const RETURN: u8 = 0x0d;

/// After so many faults the connection is to be closed.
const MAX_FAULTS: u8 = 3;

/// What a stream gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A message, without its frame.
    Message(Vec<u8>),
    /// Bytes that are not framed as they should be. They are passed over, up to the next start.
    Fault(Fault),
    /// The third fault: close the connection. Nothing follows.
    Close,
}

/// What is wrong with the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Bytes before a start.
    Outside,
    /// A start within a message.
    Start,
    /// An end that no carriage return follows.
    End,
    /// A message that is longer than it may be.
    Length,
}

/// Where the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between messages.
    Outside,
    /// Between messages, in bytes that were already told.
    Noise,
    Inside,
    /// Behind an end.
    Ended,
    Closed,
}

/// Cuts a stream into messages.
#[derive(Debug)]
pub struct Framer {
    state: State,
    message: Vec<u8>,
    max_bytes: usize,
    faults: u8,
}

impl Framer {
    /// For messages of at most `max_bytes`.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Framer {
            state: State::Outside,
            message: Vec::new(),
            max_bytes,
            faults: 0,
        }
    }

    /// Whether a message has begun that has not ended.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        matches!(self.state, State::Inside | State::Ended)
    }

    /// What the next bytes of the stream give, in their order.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            self.byte(*byte, &mut events);
        }
        events
    }

    fn byte(&mut self, byte: u8, events: &mut Vec<Event>) {
        match (self.state, byte) {
            (State::Closed, _) => {}
            (State::Outside | State::Noise, START) => self.state = State::Inside,
            // Senders put line ends between messages.
            (State::Outside, RETURN | b'\n') | (State::Noise, _) => {}
            (State::Outside, _) => self.fault(Fault::Outside, State::Noise, events),
            (State::Inside, START) => self.fault(Fault::Start, State::Inside, events),
            (State::Inside, END) => self.state = State::Ended,
            (State::Inside, _) if self.message.len() >= self.max_bytes => {
                self.fault(Fault::Length, State::Noise, events);
            }
            (State::Inside, _) => self.message.push(byte),
            (State::Ended, RETURN) => {
                events.push(Event::Message(std::mem::take(&mut self.message)));
                self.state = State::Outside;
            }
            (State::Ended, START) => self.fault(Fault::End, State::Inside, events),
            (State::Ended, _) => self.fault(Fault::End, State::Noise, events),
        }
    }

    fn fault(&mut self, fault: Fault, next: State, events: &mut Vec<Event>) {
        self.message = Vec::new();
        self.faults += 1;
        self.state = next;
        events.push(Event::Fault(fault));
        if self.faults >= MAX_FAULTS {
            self.state = State::Closed;
            events.push(Event::Close);
        }
    }
}

/// A message in its frame.
#[must_use]
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(message.len() + 3);
    framed.push(START);
    framed.extend_from_slice(message);
    framed.extend([END, RETURN]);
    framed
}
