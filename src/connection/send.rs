// SPDX-License-Identifier: Apache-2.0
//! The send half: frames leave whole or not at all, through one small buffer, header and payload in one send.
//!
//! A frame of which a part has gone out is never torn: its rest stays in the buffer and goes before the next frame,
//! or, where it does not fit, is waited for beyond the caller's limit for a bounded time. When that fails too, the
//! send half is broken for good and says so.

use super::pieces::Payload;
use super::{Deadline, Error, Pieces, Settings, Shared, Timeout};
use crate::platform::{Event, Interest, Platform, SocketError};
use crate::protocol::{CloseCode, FrameHeader, MaskingKey, Opcode};

/// A frame to send.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What the payload is.
    pub opcode: Opcode,
    /// Last frame of its message.
    pub fin: bool,
    /// Masked, as a client's frames have to be.
    pub mask: bool,
    /// Sent as it is; masking goes through the send buffer.
    pub payload: &'a [u8],
}

/// The send half of a connection. Its storage is the C side's: all-zero is a fresh one.
#[derive(Default, Debug)]
#[repr(C)]
pub struct Sender {
    /// Octets of an earlier frame in the send buffer that the socket has not taken.
    pending_start: u16,
    pending_end: u16,
    state: u8,
}

const OPEN: u8 = 0;
const CLOSE_SENT: u8 = 1;
const BROKEN: u8 = 2;

/// Where a frame stands that takes several sends.
struct Progress {
    /// Octets that have left.
    gone: usize,
    is_control: bool,
    /// The socket has to be given the same octets again after it refused them.
    sticky: bool,
    /// For what is left of a frame when the caller's time is up: one limit for all of it.
    grace: Option<Deadline>,
    grace_ms: u32,
}

/// How much of something the socket took.
pub(super) enum Sent {
    All,
    /// The time was up before the rest was taken.
    Part,
}

impl Sender {
    /// Frames can be sent: no Close has been (RFC 6455 §5.5.1), and none was cut short.
    pub fn is_open(&self) -> bool {
        self.state == OPEN
    }

    /// Octets of an accepted frame still wait for room in the socket.
    pub fn has_pending(&self) -> bool {
        self.pending_start < self.pending_end
    }

    /// Sends one frame through `buffer` (at least 15 octets) and returns its payload's
    /// length.
    ///
    /// # Errors
    /// [`Error::Again`] or [`Error::TimedOut`]: nothing of the frame was sent. [`Error::NotConnected`]: a Close was
    /// sent before. [`Error::Aborted`]: this frame or an earlier one was cut short. [`Error::Os`]: the socket's own.
    pub fn send<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        frame: &Frame<'_>,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<usize, Error> {
        self.send_pieces(platform, buffer, frame, None, settings, deadline)
    }

    /// The same for a payload that goes on in `more`: all of it is one frame.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Error::MessageSize`]: over 2^31 − 1 octets.
    pub fn send_pieces<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        frame: &Frame<'_>,
        more: Option<&dyn Pieces>,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<usize, Error> {
        let payload = Payload::of(frame.payload, more).ok_or(Error::MessageSize)?;
        let len = payload.len;
        match self.state {
            OPEN => {}
            CLOSE_SENT => return Err(Error::NotConnected),
            _ => return Err(Error::Aborted),
        }
        self.flush(platform, buffer, deadline)?;
        self.write(platform, buffer, frame, payload, settings, deadline)?;
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: "MUST NOT send any more data frames after".
        if frame.opcode == Opcode::Close && self.state == OPEN {
            self.state = CLOSE_SENT;
        }
        count(platform.shared(), frame.opcode, frame.fin, len);
        Ok(len)
    }

    /// Sends a Close frame once; what comes later is refused. Without `code` there is no `reason`, which is at most
    /// 123 octets of UTF-8 in all its pieces.
    pub fn close<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        code: Option<CloseCode>,
        reason: Option<&dyn Pieces>,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        let payload = code.map(CloseCode::bytes);
        let reason = reason.filter(|_| code.is_some());
        let frame = Frame {
            opcode: Opcode::Close,
            fin: true,
            mask: settings.masks(),
            payload: payload.as_ref().map_or(&[], |code| code.as_slice()),
        };
        let result = match self.state {
            OPEN => self.send_pieces(platform, buffer, &frame, reason, settings, deadline),
            _ => return Ok(()),
        };
        platform.shared().closed_by_us();
        if self.state == OPEN {
            // Said or not: this end has closed.
            self.state = CLOSE_SENT;
        }
        result.map(|_| ())
    }

    /// Sends what is left of an earlier frame.
    ///
    /// # Errors
    /// [`Error::Again`] or [`Error::TimedOut`]: some of it is still left.
    pub fn flush<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &[u8],
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        if !self.has_pending() {
            return Ok(());
        }
        let range = usize::from(self.pending_start)..usize::from(self.pending_end);
        let pending = buffer.get(range).unwrap_or(&[]);
        let mut sent = 0;
        let result = push(platform, pending, &mut sent, deadline);
        self.pending_start = self
            .pending_start
            .saturating_add(u16::try_from(sent).unwrap_or(u16::MAX));
        match result {
            Ok(Sent::All) => Ok(()),
            Ok(Sent::Part) => Err(time_is_up(deadline)),
            // Who closes sends the rest.
            Err(SocketError::Closing) => Err(Error::Aborted),
            Err(error) => Err(self.torn(platform, error, sent)),
        }
    }

    fn write<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        frame: &Frame<'_>,
        payload: Payload<'_>,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        let mut key = frame.mask.then(|| {
            let mut key = [0; 4];
            platform.random(&mut key);
            MaskingKey::new(key)
        });
        let header = FrameHeader {
            fin: frame.fin,
            opcode: frame.opcode,
            masking_key: key,
            payload_len: payload.len as u64,
        };
        let header = buffer.first_chunk_mut().map(|start| header.encode(start));
        let mut filled = header.unwrap_or(0);
        let mut progress = Progress {
            gone: 0,
            is_control: frame.opcode.is_control(),
            sticky: settings.sticky_sends,
            grace: None,
            grace_ms: settings.close_timeout_ms,
        };
        let (mut piece, mut next, mut left) = (payload.first, 0, payload.len);
        loop {
            if piece.is_empty() && left > 0 {
                piece = payload.next_piece(&mut next, left);
                if piece.is_empty() {
                    // The caller has taken away what it had promised.
                    self.torn(platform, SocketError::WouldBlock, progress.gone);
                    return Err(Error::Aborted);
                }
            }
            let chunk = if key.is_none() && filled == 0 && left > buffer.len() {
                // Nothing to mask: straight from the caller's memory, but for an end that can be kept.
                let limit = left.wrapping_sub(buffer.len());
                let direct = piece.get(..limit).unwrap_or(piece);
                left = left.wrapping_sub(direct.len());
                piece = piece.get(direct.len()..).unwrap_or(&[]);
                direct
            } else {
                let room = buffer.get_mut(filled..).unwrap_or(&mut []);
                let copied = piece.len().min(room.len());
                key = copy(piece, room, key);
                filled = filled.wrapping_add(copied);
                left = left.wrapping_sub(copied);
                piece = piece.get(copied..).unwrap_or(&[]);
                if left > 0 && filled < buffer.len() {
                    continue;
                }
                let full = buffer.get(..filled).unwrap_or(&[]);
                filled = 0;
                full
            };
            self.chunk(platform, chunk, left == 0, &mut progress, deadline)?;
            if left == 0 {
                return Ok(());
            }
        }
    }

    /// Sends one chunk of a frame. Only the `last` one, which stays in the buffer, may be left unsent.
    fn chunk<P: Platform>(
        &mut self,
        platform: &mut P,
        chunk: &[u8],
        last: bool,
        progress: &mut Progress,
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        let first = platform.send(chunk);
        if first == Ok(chunk.len()) {
            progress.gone = progress.gone.wrapping_add(chunk.len());
            return Ok(());
        }
        self.chunk_in_parts(platform, chunk, first, last, progress, deadline)
    }

    /// The same where the socket did not take all of it at `first`.
    #[inline(never)]
    fn chunk_in_parts<P: Platform>(
        &mut self,
        platform: &mut P,
        chunk: &[u8],
        first: Result<usize, SocketError>,
        last: bool,
        progress: &mut Progress,
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        let refused = first == Err(SocketError::WouldBlock);
        let mut sent = 0;
        let mut result = push_on(platform, chunk, first, &mut sent, deadline);
        // A socket that remembers what it refused has begun the frame.
        let started = progress.gone.wrapping_add(sent) > 0 || (progress.sticky && refused);
        let time_was_up = matches!(result, Ok(Sent::Part));
        if time_was_up && !started && !(last && progress.is_control) {
            return Err(time_is_up(deadline));
        }
        // The end of a frame can be kept: it is not waited for, unless what precedes it was.
        if time_was_up && (!last || progress.grace.is_some()) {
            let limit = Timeout::Milliseconds(progress.grace_ms);
            let grace = progress.grace.get_or_insert_with(|| Deadline::after(limit));
            result = push(platform, chunk, &mut sent, grace);
        }
        if let Ok(Sent::Part) | Err(SocketError::Closing) = result {
            // A control frame is the library's own word, or small: it may wait in the buffer as a whole.
            if last && (started || (progress.is_control && result.is_ok())) {
                self.keep(sent, chunk.len());
                platform.wake();
                return Ok(());
            }
        }
        progress.gone = progress.gone.wrapping_add(sent);
        match result {
            Ok(Sent::All) => Ok(()),
            Ok(Sent::Part) => {
                self.torn(platform, SocketError::WouldBlock, progress.gone);
                // Never "again" or "timed out", which say that nothing was sent.
                Err(Error::Aborted)
            }
            Err(error) if started => Err(self.torn(platform, error, progress.gone)),
            Err(error) => Err(error.into()),
        }
    }

    fn keep(&mut self, start: usize, end: usize) {
        let narrow = |at| u16::try_from(at).unwrap_or(u16::MAX);
        (self.pending_start, self.pending_end) = (narrow(start), narrow(end));
    }

    fn torn<P: Platform>(&mut self, platform: &mut P, error: SocketError, sent: usize) -> Error {
        self.state = BROKEN;
        self.keep(0, 0);
        platform.log(Event::FrameTorn(sent));
        error.into()
    }
}

/// Sends from `sent` on until all is gone, the time is up or the socket fails.
pub(super) fn push<P: Platform>(
    platform: &mut P,
    data: &[u8],
    sent: &mut usize,
    deadline: &mut Deadline,
) -> Result<Sent, SocketError> {
    let left = data.get(*sent..).unwrap_or(&[]);
    if left.is_empty() {
        return Ok(Sent::All);
    }
    let first = platform.send(left);
    push_on(platform, data, first, sent, deadline)
}

/// The same after a `first` send.
fn push_on<P: Platform>(
    platform: &mut P,
    data: &[u8],
    first: Result<usize, SocketError>,
    sent: &mut usize,
    deadline: &mut Deadline,
) -> Result<Sent, SocketError> {
    let mut result = first;
    loop {
        match result {
            Ok(taken) => *sent = sent.wrapping_add(taken),
            Err(SocketError::WouldBlock) => {
                if !platform.wait(Interest::Writable, deadline)? {
                    return Ok(Sent::Part);
                }
            }
            Err(error) => return Err(error),
        }
        let left = data.get(*sent..).unwrap_or(&[]);
        if left.is_empty() {
            return Ok(Sent::All);
        }
        result = platform.send(left);
    }
}

/// Copies as much of `source` as `target` holds, masked where there is a key, and returns the key for what follows.
fn copy(source: &[u8], target: &mut [u8], key: Option<MaskingKey>) -> Option<MaskingKey> {
    if let Some(key) = key {
        return Some(key.mask_into(source, target));
    }
    let len = source.len().min(target.len());
    if let (Some(source), Some(target)) = (source.get(..len), target.get_mut(..len)) {
        target.copy_from_slice(source);
    }
    None
}

fn count(shared: &Shared, opcode: Opcode, fin: bool, len: usize) {
    match opcode {
        Opcode::Ping => shared.ping_sent(),
        Opcode::Close => shared.closed_by_us(),
        Opcode::Pong => {}
        _ => {
            shared.sent.octets(len);
            if fin {
                shared.sent.message();
            }
        }
    }
}

fn time_is_up(deadline: &Deadline) -> Error {
    match deadline.timeout() {
        Timeout::None => Error::Again,
        _ => Error::TimedOut,
    }
}
