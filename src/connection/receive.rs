// SPDX-License-Identifier: Apache-2.0
//! The receive half: waits for frames, reads their headers at any cut, and decides what becomes of each.

use super::buffer::Cursor;
use super::{Call, Error, Readiness, Wakes, flush};
use crate::platform::{Interest, OsError, Platform, SocketError};
use crate::protocol::{Fragmentation, FrameDecoder, Opcode, ProtocolError, Utf8Validator};

/// What a call delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Delivery {
    /// Every frame, control frames too: `websocket_recv_msg`.
    #[default]
    Frames,
    /// Only data, as a stream of octets: `recv`.
    Data,
    /// Data, and the end of a message also where the last frame has none: `recvmsg` with ancillary data.
    Messages,
    /// Data that stays where it is: `recv` with `MSG_PEEK`.
    Peek,
}

/// Payload of one frame that was delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    /// Octets written to the caller's memory.
    pub len: usize,
    /// The frame's opcode.
    pub opcode: Opcode,
    /// The type of the message that the frame belongs to; the opcode itself for control frames.
    pub message: Opcode,
    /// Last frame of its message.
    pub fin: bool,
    /// Octets of this frame that are still to be delivered.
    pub remaining: u64,
}

/// The receive half of a connection. Its storage is the C side's: all-zero is a fresh one.
#[derive(Default)]
#[repr(C)]
pub struct Receiver {
    pub(super) frame: FrameDecoder,
    pub(super) cursor: Cursor,
    /// Payload octets of the message that is under way, as its headers announce them; it does not count further than it can.
    pub(super) message_len: u32,
    /// What came behind the octets, and is reported when they have been delivered: an error of the socket, or [`END`]. 0: nothing.
    pub(super) deferred: i32,
    pub(super) sequence: Fragmentation,
    pub(super) utf8: Utf8Validator,
    /// Type of the current frame's message.
    pub(super) message: Opcode,
    pub(super) phase: Phase,
    /// The current control frame has been acted upon.
    pub(super) acted: bool,
    /// The last receive wanted more octets than are there. Only where polls do not look at them.
    pub(super) is_starved: bool,
    /// What the last poll has found for this delivery; a receive makes it void.
    pub(super) promised: (Delivery, Readiness),
    /// So many of the unread octets have been looked at: the control frames in them have been acted upon.
    pub(super) acted_len: usize,
}

/// How far the peer's half of the stream has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub(super) enum Phase {
    #[default]
    Open,
    /// The peer's Close frame has been delivered: nothing that follows is looked at (RFC 6455 §5.5.1).
    Closed,
    /// The stream has ended.
    Ended,
    /// The peer broke the protocol.
    Failed,
    /// The same, found by a call that does not report it: the next receive does.
    FailedProtocol,
    /// Likewise, for a message that is too long.
    FailedMessageSize,
}

/// The socket gives nothing more. No error number is this.
pub(super) const END: i32 = i32::MIN;

/// So many times in a row a call reads what is not for its caller before it looks at its time limit.
const READS_MAX: u32 = 64;

impl Receiver {
    /// Takes over the octets `start..end` of the buffer, which came behind the server's response.
    pub fn begin(&mut self, start: usize, end: usize, buffer: &mut [u8]) {
        *self = Self::default();
        self.cursor = Cursor::over(start, end);
        self.cursor.move_to_front(buffer);
    }

    /// Octets that were received and not yet delivered, headers included.
    pub fn buffered(&self) -> usize {
        self.cursor.len()
    }

    /// The decoder of the frame that is under way, for views from outside.
    pub fn frame(&self) -> &FrameDecoder {
        &self.frame
    }

    /// The frame that is under way, for views from outside: of [`Received`] all but the length.
    pub fn current(&self) -> Received {
        self.received(0)
    }

    /// Waits for payload of one frame and writes it to `target`, which is not empty. A frame that is larger is
    /// delivered by several calls.
    ///
    /// # Errors
    /// [`Error::Again`]: nothing within the time; what was read of a frame is kept. [`Error::NotConnected`]: the peer
    /// closed, or the connection was failed earlier. [`Error::Protocol`]: this call failed it. [`Error::Aborted`]:
    /// closed by another thread. [`Error::Os`]: the socket's own.
    pub fn receive<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        target: &mut [u8],
        delivery: Delivery,
    ) -> Result<Received, Error> {
        call.platform.shared().receives(match delivery {
            Delivery::Frames => Wakes::Frames,
            Delivery::Messages => Wakes::Messages,
            Delivery::Data | Delivery::Peek => Wakes::Data,
        });
        // A poll says "readable" of a frame that fills the buffer: its octets are given without a wait for the rest.
        let waits = delivery == Delivery::Frames || self.cursor.len() < call.buffer.len();
        let received = self.next_frame(call, target, delivery, waits);
        if !cfg!(switch = "exact_poll") {
            self.is_starved = received == Err(Error::Again);
        }
        received
    }

    /// The same; unless it `waits`, it does so for the first octet only.
    pub(super) fn next_frame<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        target: &mut [u8],
        delivery: Delivery,
        waits: bool,
    ) -> Result<Received, Error> {
        let mut reads: u32 = 0;
        self.promised.1 = Readiness::Nothing;
        loop {
            self.check_phase()?;
            if !self.frame.in_payload() && !self.cursor.is_empty() {
                self.header(call)?;
            }
            if self.frame.in_payload()
                && (!self.frame.opcode().is_control() || self.control(call)?)
            {
                if self.delivers(delivery, call.settings) {
                    return match delivery {
                        Delivery::Peek => self.peek(call, target),
                        _ => self.deliver(call, target, waits),
                    };
                }
                if self.pass_over(call)? {
                    continue;
                }
            }
            // Not for ever while what comes is not for the caller.
            reads = reads.wrapping_add(1);
            if reads.is_multiple_of(READS_MAX) && call.deadline.remaining_ms(call.platform) == 0 {
                return Err(Error::Again);
            }
            self.fill(call)?;
        }
    }

    pub(super) fn check_phase(&mut self) -> Result<(), Error> {
        let error = match self.phase {
            Phase::Open => return Ok(()),
            Phase::FailedProtocol => Error::Protocol,
            Phase::FailedMessageSize => Error::MessageSize,
            _ => return Err(Error::NotConnected),
        };
        self.phase = Phase::Failed;
        Err(error)
    }

    /// `shutdown()`: what is buffered is still delivered, then the end.
    pub fn shut_read(&mut self) {
        if self.deferred == 0 {
            self.deferred = END;
        }
    }

    /// An error that the next receive would report: it is reported here instead.
    pub fn take_error(&mut self) -> Option<Error> {
        self.promised.1 = Readiness::Nothing;
        match self.check_phase().and_then(|()| self.check_deferred()) {
            Ok(()) | Err(Error::NotConnected) => None,
            Err(error) => Some(error),
        }
    }

    fn check_deferred(&mut self) -> Result<(), Error> {
        match self.deferred {
            0 => Ok(()),
            END => Err(Error::NotConnected),
            number => {
                self.deferred = 0;
                Err(Error::Os(OsError(number)))
            }
        }
    }

    /// Reads header octets that are buffered; the frame is in its payload then, or more is needed.
    pub(super) fn header<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<(), Error> {
        let unread = self.cursor.unread(call.buffer);
        let mut decoded = self.frame.header(unread, call.settings.rules());
        if let Ok(taken) = decoded
            && self.frame.in_payload()
            && let Err(error) = self.frame_begins(taken, call.settings.max_message_len)
        {
            decoded = Err(error);
        }
        match decoded {
            Ok(taken) => {
                self.consume(taken);
                Ok(())
            }
            Err(error) => Err(self.fail(call, error)),
        }
    }

    /// The header is complete; `taken` octets of it are unread.
    fn frame_begins(&mut self, taken: usize, max_message_len: u32) -> Result<(), ProtocolError> {
        let opcode = self.frame.opcode();
        self.message = self.sequence.next(opcode, self.frame.fin())?;
        if opcode.is_control() {
            // A poll has looked at all of it, and acted.
            let end = (taken as u64).saturating_add(self.frame.remaining());
            self.acted = self.acted_len as u64 >= end;
            return Ok(());
        }
        self.message_len = message_len(self.message_len, &self.frame);
        check_limit(self.message_len, max_message_len)
    }

    /// Marks unread octets as read.
    pub(super) fn consume(&mut self, len: usize) {
        self.cursor.consume(len);
        if self.acted_len != 0 {
            self.acted_len = self.acted_len.saturating_sub(len);
        }
    }

    /// Waits for octets and puts them behind the unread ones.
    pub(super) fn fill<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<(), Error> {
        loop {
            match self.fill_now(call) {
                Err(Error::Again) => wait_readable(call)?,
                result => return result,
            }
        }
    }

    /// The same without waiting.
    pub(super) fn fill_now<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<(), Error> {
        let mut room = self.cursor.room(call.buffer.len());
        if room.is_empty() {
            self.cursor.move_to_front(call.buffer);
            room = self.cursor.room(call.buffer.len());
        }
        let target = call.buffer.get_mut(room).unwrap_or(&mut []);
        let taken = self.read_now(call.platform, target)?;
        self.cursor.filled(taken);
        Ok(())
    }

    /// Receives what is there.
    #[inline(always)]
    pub(super) fn read_now<P: Platform>(
        &mut self,
        platform: &mut P,
        target: &mut [u8],
    ) -> Result<usize, Error> {
        if self.deferred != END {
            self.check_deferred()?;
        }
        if self.deferred == 0 && !platform.shared().is_shut_for_reading() {
            match platform.receive(target) {
                Ok(0) => platform.shared().ended(),
                Ok(taken) => return Ok(taken),
                Err(error) => return Err(error.into()),
            }
        }
        self.deferred = END;
        self.phase = Phase::Ended;
        Err(Error::NotConnected)
    }
}

/// The length of the message that is under way, the frame included whose header has just been read.
pub(super) fn message_len(before: u32, frame: &FrameDecoder) -> u32 {
    let len = u32::try_from(frame.remaining()).unwrap_or(u32::MAX);
    match frame.opcode() {
        Opcode::Continuation => before.saturating_add(len),
        _ => len,
    }
}

/// A message that is too long is refused by its headers, before its payload is waited for.
pub(super) fn check_limit(message_len: u32, max: u32) -> Result<(), ProtocolError> {
    if max != 0 && message_len > max {
        return Err(ProtocolError::MessageTooBig);
    }
    Ok(())
}

/// How long a wait for the peer lasts while octets of an accepted frame still want to leave.
const RETRY_MS: u32 = 20;

/// Waits for octets, and sends meanwhile what an earlier call had to leave: the peer may be waiting for just that.
///
/// # Errors
/// [`Error::Again`]: the time is up.
// Not inlined: a call that finds octets does not come here.
#[cold]
#[inline(never)]
pub(super) fn wait_readable<P: Platform>(call: &mut Call<'_, P>) -> Result<(), Error> {
    let ready = match flush(call.platform, call.settings) {
        Ok(true) => call.platform.wait(Interest::Readable, &mut call.deadline)?,
        Err(SocketError::Closing) => return Err(Error::Aborted),
        // Some is left, or another thread is sending and may leave some.
        _ => {
            let mut slice = call.deadline.at_most(RETRY_MS, call.platform);
            let ready = call.platform.wait(Interest::Readable, &mut slice)?;
            ready || call.deadline.remaining_ms(call.platform) != 0
        }
    };
    if ready { Ok(()) } else { Err(Error::Again) }
}
