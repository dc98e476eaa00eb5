// SPDX-License-Identifier: Apache-2.0
//! The receive half: waits for frames, reads their headers at any cut, and decides what becomes of each.

use super::buffer::Cursor;
use super::{Deadline, Error, Settings, Style, Timeout};
use crate::platform::{Interest, OsError, Platform, SocketError};
use crate::protocol::{Fragmentation, FrameDecoder, Opcode, ProtocolError, Utf8Validator};

/// What a call delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Every frame, control frames too: `websocket_recv_msg`.
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
    /// Payload octets of the message that is under way, as its headers announce them.
    message_len: u64,
    /// An error that came after octets had been delivered: it is the next call's result. 0: none.
    pub(super) deferred: i32,
    sequence: Fragmentation,
    pub(super) utf8: Utf8Validator,
    /// Type of the current frame's message.
    pub(super) message: Opcode,
    pub(super) phase: u8,
    /// The current control frame has been acted upon.
    pub(super) handled: bool,
    /// A poll has said that there is data: the next receive of octets does not wait for more than that.
    pub(super) promised: bool,
}

pub(super) const OPEN: u8 = 0;
/// The peer's Close frame has been delivered: nothing that follows is looked at (RFC 6455 §5.5.1).
pub(super) const CLOSED: u8 = 1;
/// The stream has ended.
pub(super) const ENDED: u8 = 2;
/// The peer broke the protocol.
pub(super) const FAILED: u8 = 3;
/// The same, found by a call that does not report it: the next receive does.
pub(super) const FAILED_PROTOCOL: u8 = 4;
pub(super) const FAILED_MESSAGE_SIZE: u8 = 5;

/// So many frames in a row are passed over before a call looks at its time limit.
const PASSED_OVER_MAX: u32 = 64;

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
        platform: &mut P,
        buffer: &mut [u8],
        target: &mut [u8],
        delivery: Delivery,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<Received, Error> {
        let style = match delivery {
            Delivery::Frames => Style::Frames,
            Delivery::Data | Delivery::Peek => Style::Stream,
            Delivery::Messages => Style::Messages,
        };
        platform.shared().receives(style);
        let promised = core::mem::take(&mut self.promised) && style != Style::Frames;
        let mut passed_over: u32 = 0;
        loop {
            self.check_phase()?;
            while !self.frame.in_payload() {
                if !self.header(platform, buffer, settings)? {
                    self.fill(platform, buffer, deadline)?;
                }
            }
            let opcode = self.frame.opcode();
            if opcode.is_control() {
                while !self.control(platform, buffer, settings, deadline)? {
                    self.fill(platform, buffer, deadline)?;
                }
            }
            let delivered = self.delivers(delivery, settings);
            if delivered && delivery == Delivery::Peek {
                return self.peek(platform, buffer, target, deadline);
            }
            if delivered {
                return self.deliver(platform, buffer, target, promised, settings, deadline);
            }
            self.pass_over(platform, buffer, settings, deadline)?;
            passed_over = passed_over.wrapping_add(1);
            if passed_over.is_multiple_of(PASSED_OVER_MAX) && deadline.remaining_ms(platform) == 0 {
                return Err(Error::Again);
            }
        }
    }

    pub(super) fn check_phase(&mut self) -> Result<(), Error> {
        if self.deferred != 0 {
            let error = OsError(self.deferred);
            self.deferred = 0;
            return Err(Error::Os(error));
        }
        let error = match self.phase {
            OPEN => return Ok(()),
            FAILED_PROTOCOL => Error::Protocol,
            FAILED_MESSAGE_SIZE => Error::MessageSize,
            _ => return Err(Error::NotConnected),
        };
        self.phase = FAILED;
        Err(error)
    }

    /// An error that the next receive would report: it is reported here instead.
    pub fn take_error(&mut self) -> Option<Error> {
        match self.check_phase() {
            Ok(()) | Err(Error::NotConnected) => None,
            Err(error) => Some(error),
        }
    }

    /// Reads header octets that are buffered; `true` when the header is complete.
    pub(super) fn header<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &[u8],
        settings: &Settings,
    ) -> Result<bool, Error> {
        let unread = self.cursor.unread(buffer);
        let decoded = self
            .frame
            .header(unread, settings.rules())
            .and_then(|(taken, complete)| {
                if complete {
                    let opcode = self.frame.opcode();
                    let message = self.sequence.next(opcode, self.frame.fin())?;
                    self.message = message;
                    self.handled = false;
                    if !opcode.is_control() {
                        self.limit(opcode, settings)?;
                    }
                }
                Ok((taken, complete))
            });
        match decoded {
            Ok((taken, complete)) => {
                self.cursor.consume(taken);
                Ok(complete)
            }
            Err(error) => Err(self.fail(platform, error, settings)),
        }
    }

    /// A message that is too long is refused by its headers, before its payload is waited for.
    fn limit(&mut self, opcode: Opcode, settings: &Settings) -> Result<(), ProtocolError> {
        if opcode != Opcode::Continuation {
            self.message_len = 0;
        }
        self.message_len = self.message_len.saturating_add(self.frame.remaining());
        let limit = u64::from(settings.max_message_len);
        if limit != 0 && self.message_len > limit {
            return Err(ProtocolError::MessageTooBig);
        }
        Ok(())
    }

    /// Waits for octets and puts them behind the unread ones.
    pub(super) fn fill<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        let target = self.make_room(buffer);
        let taken = self.read(platform, target, deadline)?;
        self.cursor.filled(taken);
        Ok(())
    }

    /// Where further octets go: behind the unread ones, which are moved when there is no other way.
    pub(super) fn make_room<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        if self.cursor.room(buffer.len()).is_empty() {
            self.cursor.move_to_front(buffer);
        }
        let room = self.cursor.room(buffer.len());
        buffer.get_mut(room).unwrap_or(&mut [])
    }

    /// Receives straight into `target`: reads first and waits only when there is nothing.
    pub(super) fn read<P: Platform>(
        &mut self,
        platform: &mut P,
        target: &mut [u8],
        deadline: &mut Deadline,
    ) -> Result<usize, Error> {
        loop {
            match platform.receive(target) {
                Ok(0) => {
                    self.phase = ENDED;
                    platform.shared().ended();
                    return Err(Error::NotConnected);
                }
                Ok(taken) => return Ok(taken),
                Err(SocketError::WouldBlock) => {
                    if !wait_readable(platform, deadline)? {
                        return Err(Error::Again);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// How long a wait for the peer lasts while octets of an accepted frame still want to leave.
const RETRY_MS: u32 = 20;

/// Not inlined: a call that finds octets does not come here.
///
/// Waits for octets, and sends meanwhile what an earlier call had to leave in the send buffer: the peer may be
/// waiting for just that.
#[cold]
#[inline(never)]
fn wait_readable<P: Platform>(
    platform: &mut P,
    deadline: &mut Deadline,
) -> Result<bool, SocketError> {
    let now = &mut Deadline::after(Timeout::None);
    let pending = platform.with_sender(now, |platform, sender, buffer, now| {
        let _ = sender.flush(platform, buffer, now);
        sender.has_pending()
    });
    match pending {
        Ok(false) => return platform.wait(Interest::Readable, deadline),
        Err(SocketError::Closing) => return Err(SocketError::Closing),
        // Some is left, or another thread is sending and may leave some.
        _ => {}
    }
    let mut slice = deadline.at_most(RETRY_MS, platform);
    let ready = platform.wait(Interest::Readable, &mut slice)?;
    Ok(ready || deadline.remaining_ms(platform) != 0)
}
