// SPDX-License-Identifier: Apache-2.0
//! What a connection needs of the system it runs on: one trait, the calls into the C glue that implement it on
//! Zephyr, and a deterministic stand-in for tests.

use crate::connection::{Deadline, Sender, Shared, Timeout};

#[cfg(any(test, feature = "fake-platform"))]
pub mod fake;
#[cfg(feature = "zephyr")]
pub(crate) mod zephyr;

/// An error number of the C library in use. Its meaning is the C side's: numbers differ between C libraries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OsError(pub i32);

/// Why a socket call did not do what was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SocketError {
    /// Not without waiting.
    WouldBlock,
    /// The application is closing this websocket in another thread.
    Closing,
    /// The socket failed.
    Os(OsError),
}

/// What to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    /// Data or the end of the stream.
    Readable,
    /// Room for data.
    Writable,
}

/// One line for the log. The C side has the words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The server's HTTP status was not 101.
    HandshakeStatus(u16),
    /// The check of the server's response that failed.
    HandshakeFailed(u8),
    /// The peer broke a rule.
    ProtocolError(crate::protocol::ProtocolError),
    /// The peer's Close frame and its status code, 0 without one.
    CloseReceived(u16),
    /// A ping longer than `tmp_buf` cannot be answered: its length and the buffer's.
    PingTooLong(usize, usize),
    /// A pong could not be sent in time: the length of its payload.
    PongDropped(usize),
    /// A frame was cut short by a time-out or an error after so many octets.
    FrameTorn(usize),
    /// A send was refused for its arguments: opcode and length.
    BadArgument(u8, usize),
    /// A websocket was closed while calls were in it that did not leave in time.
    ClosedUnderACall,
}

/// Which part of what leaves together a send is: TCP_NODELAY is the application's, but for pieces that only a small buffer
/// has made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Part {
    /// All of it: as the application has it.
    Whole = 0,
    /// More follows at once: a segment that is not full may wait for it.
    More = 1,
    /// The end, of which parts have been sent: it does not wait for their acknowledgement.
    End = 2,
}

/// The system below one connection. No call but [`wait`](Self::wait) and [`with_sender`](Self::with_sender) waits.
pub trait Platform {
    /// Milliseconds, monotonic.
    fn uptime_ms(&mut self) -> u64;

    /// Fills `target` from the cryptographic generator (RFC 6455 §5.3, §10.3).
    fn random(&mut self, target: &mut [u8]);

    /// Sends what the socket takes now: at least one octet.
    fn send(&mut self, data: &[u8], part: Part) -> Result<usize, SocketError>;

    /// Runs `body`, which does not wait, with a buffer that is larger than the sender's own and nobody else's meanwhile. `None`:
    /// there is none, or it is another connection's at this moment.
    fn with_large_buffer<R>(&mut self, body: impl FnOnce(&mut Self, &mut [u8]) -> R) -> Option<R>;

    /// Receives what is there; 0 is the end of the stream.
    fn receive(&mut self, target: &mut [u8]) -> Result<usize, SocketError>;

    /// How long the options of the socket let a call wait for `interest`; not [`Timeout::OfSocket`].
    fn timeout_of_socket(&mut self, interest: Interest) -> Timeout;

    /// Waits until the socket may be ready; `Ok(false)`: the time is up.
    fn wait(&mut self, interest: Interest, deadline: &mut Deadline) -> Result<bool, SocketError>;

    /// Runs `body` with the send half of this connection and its buffer, locked against other senders.
    /// `WouldBlock`: the lock could not be had before `deadline`.
    fn with_sender<R>(
        &mut self,
        deadline: &mut Deadline,
        body: impl FnOnce(&mut Self, &mut Sender, &mut [u8], &mut Deadline) -> R,
    ) -> Result<R, SocketError>;

    /// Something is left in the send buffer, or is an answer that finds no room: [`Sender::answer`] is to be called again,
    /// until nothing is left.
    fn leave_later(&mut self);

    /// What both directions of this connection see without a lock.
    fn shared(&self) -> &Shared;

    /// Writes one line to the log.
    fn log(&mut self, event: Event);
}
