// SPDX-License-Identifier: Apache-2.0
//! What `poll()` and FIONREAD say of the receive half: it is told by looking at what has arrived, not by guessing.
//!
//! A ready socket is no promise of data: what is in it may be half a header, or a ping. So a poll reads what is there into
//! the receive buffer and looks at the frames in it. Pings and a Close are answered at once, but every frame stays where
//! it is for the receive that follows; only where the buffer is full of frames that are not for the caller they give way.

use super::ahead::{Ahead, Look};
use super::deliver::delivers;
use super::receive::Phase;
use super::{Call, Delivery, Error, Receiver, Settings, Wakes};
use crate::platform::Platform;
use crate::protocol::{FrameDecoder, Opcode, ProtocolError};

/// What a poll finds. All-zero is nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Readiness {
    /// A receive would wait for the peer.
    #[default]
    Nothing = 0,
    /// A receive would return data, a frame or an error.
    Readable,
    /// A receive would return the end, or the peer's Close frame before it.
    Ended,
}

/// What a look at the buffer finds.
enum Seen {
    Ready(Readiness),
    /// A part of a frame that is for the caller.
    Part,
    /// Nothing for the caller.
    Nothing,
}

/// What the receive is expected to ask for that follows a poll.
fn awaited<P: Platform>(call: &Call<'_, P>) -> Delivery {
    match call.platform.shared().wakes(call.settings) {
        Wakes::Data => Delivery::Data,
        Wakes::Messages => Delivery::Messages,
        Wakes::Frames => Delivery::Frames,
    }
}

/// So often a poll asks the socket; what is left there makes it ready for the next turn.
const READS_MAX: u8 = 64;

/// Text is looked at in pieces of this size while its frame is incomplete.
const PIECE_LEN: usize = 32;

impl Receiver {
    /// Says whether a receive would return without waiting. Never waits. When it `reads`, it takes what the socket has, else
    /// it looks at what is buffered; pings in it are answered.
    ///
    /// Control frames, empty frames and parts of a frame count only for those whom they wake ([`Wakes`]). A frame of data
    /// is readable when all of it has arrived, or when the buffer is full of it.
    #[inline(always)]
    pub fn poll<P: Platform>(&mut self, call: &mut Call<'_, P>, reads: bool) -> Readiness {
        let delivery = awaited(call);
        let (asked, readiness) = self.promised;
        if readiness != Readiness::Nothing && asked == delivery {
            return readiness;
        }
        let readiness = self.find(call, delivery, reads);
        self.promised = (delivery, readiness);
        readiness
    }

    fn find<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        delivery: Delivery,
        reads: bool,
    ) -> Readiness {
        match self.phase {
            Phase::Open => {}
            Phase::Closed | Phase::Ended | Phase::Failed => return Readiness::Ended,
            Phase::FailedProtocol | Phase::FailedMessageSize => return Readiness::Readable,
        }
        for _ in 0..READS_MAX {
            let part = match self.look(call, delivery) {
                Ok(Seen::Ready(readiness)) => return readiness,
                Ok(Seen::Part) => true,
                Ok(Seen::Nothing) => false,
                Err(error) => {
                    // Where frames precede it, the receive that comes to it tells both ends.
                    if let Some(error) = error {
                        self.defer(error);
                    }
                    return Readiness::Readable;
                }
            };
            if self.cursor.len() == call.buffer.len() {
                continue;
            }
            if !reads && self.deferred == 0 {
                return Readiness::Nothing;
            }
            match self.fill_now(call) {
                Ok(()) => {}
                Err(Error::Again) => return Readiness::Nothing,
                Err(error) => {
                    self.put_behind(error);
                    return if error == Error::NotConnected && !part {
                        Readiness::Ended
                    } else {
                        Readiness::Readable
                    };
                }
            }
        }
        Readiness::Nothing
    }

    /// What ended the stream, or was an error, comes behind the octets that are there.
    fn put_behind(&mut self, error: Error) {
        if error != Error::NotConnected {
            self.defer(error);
        } else if !self.cursor.is_empty() || self.frame.in_payload() {
            self.phase = Phase::Open;
        }
    }

    /// FIONREAD: takes what the socket has, and says how many octets receives of octets would return without asking it again.
    pub fn readable<P: Platform>(&mut self, call: &mut Call<'_, P>) -> usize {
        // What a poll has found is kept for the receive that follows.
        if self.promised.1 == Readiness::Nothing {
            let _ = self.find(call, awaited(call), true);
        }
        for _ in 0..READS_MAX {
            if self.phase != Phase::Open || self.cursor.len() == call.buffer.len() {
                break;
            }
            if let Err(error) = self.fill_now(call) {
                if error != Error::Again {
                    self.put_behind(error);
                }
                break;
            }
        }
        self.readable_len(call.buffer, call.settings)
    }

    /// A poll has said "readable", and no receive has come since.
    #[inline]
    pub fn has_promised(&self) -> bool {
        self.promised.1 == Readiness::Readable
    }

    /// Nothing is buffered, no frame without payload is there, and nothing has ended: only what comes is worth a look.
    #[inline]
    pub fn has_nothing(&self) -> bool {
        let has_empty_frame = self.frame.in_payload() && self.frame.remaining() == 0;
        let is_starved = !cfg!(switch = "exact_poll") && self.is_starved;
        (is_starved || self.cursor.is_empty() && !has_empty_frame)
            && self.phase == Phase::Open
            && self.deferred == 0
    }

    /// Goes through the frames in the buffer.
    ///
    /// # Errors
    /// The connection has been failed for a rule that the first frame breaks; `None` for a later frame, about which nothing has
    /// been done.
    fn look<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        delivery: Delivery,
    ) -> Result<Seen, Option<Error>> {
        // The header that comes first is taken: a receive goes on behind it.
        if !self.frame.in_payload() && !self.cursor.is_empty() {
            self.header(call)?;
        }
        if !self.frame.in_payload() {
            return Ok(Seen::Nothing);
        }
        if self.has_whole_data() {
            return Ok(Seen::Ready(Readiness::Readable));
        }
        self.look_further(call, delivery)
    }

    /// The same where it is more than one frame of data.
    // Not inlined: what it needs of the stack and of registers most polls do not.
    #[inline(never)]
    fn look_further<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        delivery: Delivery,
    ) -> Result<Seen, Option<Error>> {
        let mut look = Look::at(self);
        let mut seen = Seen::Nothing;
        loop {
            let is_first = look.passed() == 0;
            let unread = self.cursor.unread(call.buffer);
            let Some(ahead) = look
                .next(unread, call.settings)
                .map_err(|error| self.broken(call, is_first, error))?
            else {
                break;
            };
            if ahead.opcode.is_control() && ahead.is_whole {
                self.act_ahead(call, &ahead)
                    .map_err(|error| self.broken(call, is_first, error))?;
                if ahead.opcode == Opcode::Close {
                    return Ok(Seen::Ready(Readiness::Ended));
                }
            }
            let is_for_caller = delivers(
                delivery,
                call.settings,
                ahead.opcode,
                ahead.fin,
                ahead.len == 0,
            );
            if is_for_caller && (ahead.is_whole || self.is_ready_in_part(call, delivery, &ahead)) {
                return Ok(Seen::Ready(Readiness::Readable));
            }
            if is_for_caller || !ahead.is_whole {
                if is_for_caller && ahead.start < self.cursor.len() {
                    seen = Seen::Part;
                }
                break;
            }
            if call.settings.checks_text() && ahead.ends_text() && self.utf8.is_in_character() {
                return Err(self.broken(call, is_first, ProtocolError::InvalidUtf8));
            }
            look.pass(&ahead);
        }
        if self.cursor.len() < call.buffer.len() {
            return Ok(seen);
        }
        // The buffer is full: what is not for the caller gives way.
        if look.passed() > 0 {
            self.leave_out(call, look.passed());
        } else if self.frame.opcode() == Opcode::Close || self.delivers(delivery, call.settings) {
            return Ok(Seen::Ready(Readiness::Readable));
        } else {
            if self.frame.opcode().is_control() {
                let _ = self.control(call);
            }
            let _ = self.pass_over(call);
        }
        Ok(seen)
    }

    /// A part of a frame is there: frames are received in parts, and text that can be no text is refused at once.
    fn is_ready_in_part<P: Platform>(
        &self,
        call: &Call<'_, P>,
        delivery: Delivery,
        ahead: &Ahead,
    ) -> bool {
        // A control frame is held until it is whole, but for one that is longer than the buffer and has been begun.
        let is_begun = ahead.start == 0 && self.acted;
        if ahead.opcode.is_control() && !is_begun {
            return false;
        }
        let unread = self.cursor.unread(call.buffer);
        let payload = unread.get(ahead.start..).unwrap_or(&[]);
        if delivery == Delivery::Frames {
            return !payload.is_empty();
        }
        call.settings.checks_text()
            && ahead.message == Opcode::Text
            && self.is_invalid_text(payload, ahead)
    }

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-8.1>
    fn is_invalid_text(&self, payload: &[u8], ahead: &Ahead) -> bool {
        let mut utf8 = self.utf8;
        let mut key = ahead.frame.masking_key();
        payload.chunks(PIECE_LEN).any(|octets| {
            let mut piece = [0; PIECE_LEN];
            let piece = piece.get_mut(..octets.len()).unwrap_or(&mut []);
            key = key.mask_into(octets, piece);
            utf8.push(piece).is_err()
        })
    }

    /// The frame that comes first is data, and all of it has arrived.
    fn has_whole_data(&self) -> bool {
        let len = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        !self.frame.opcode().is_control() && len > 0 && len <= self.cursor.len()
    }

    fn broken<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        is_first: bool,
        error: ProtocolError,
    ) -> Option<Error> {
        is_first.then(|| self.fail(call, error))
    }

    /// Leaves out whole frames that have been looked at: the first `len` unread octets.
    fn leave_out<P: Platform>(&mut self, call: &mut Call<'_, P>, len: usize) {
        let left = self.cursor.len().saturating_sub(len);
        while self.cursor.len() > left && self.phase == Phase::Open {
            if !self.frame.in_payload() {
                let _ = self.header(call);
            }
            if !self.frame.in_payload() || self.pass_over(call) != Ok(true) {
                break;
            }
        }
    }

    /// Payload octets that receives of octets would return without asking the socket.
    pub fn readable_len(&self, buffer: &[u8], settings: &Settings) -> usize {
        if self.phase != Phase::Open {
            return 0;
        }
        let mut unread = self.cursor.unread(buffer);
        let mut frame = self.frame;
        let mut len: usize = 0;
        // Every turn consumes at least a header.
        while frame.in_payload() || !unread.is_empty() {
            if !frame.in_payload() {
                let Ok(taken) = frame.header(unread, settings.rules()) else {
                    break;
                };
                if !frame.in_payload() {
                    break;
                }
                unread = unread.get(taken..).unwrap_or(&[]);
            }
            if frame.opcode() == Opcode::Close {
                break;
            }
            let wanted = usize::try_from(frame.remaining()).unwrap_or(usize::MAX);
            let here = wanted.min(unread.len());
            if !frame.opcode().is_control() {
                len = len.wrapping_add(here);
            }
            if here < wanted {
                break;
            }
            unread = unread.get(here..).unwrap_or(&[]);
            frame = FrameDecoder::new();
        }
        len
    }

    /// The reason of the peer's Close frame, once it came and while nothing is received any more.
    pub fn peer_reason<'b>(&self, buffer: &'b [u8], len: usize) -> &'b [u8] {
        let left = match self.frame.opcode() {
            Opcode::Close => usize::try_from(self.frame.remaining()).unwrap_or(0),
            // A poll has seen it, and it is still to be received.
            _ => self.acted_len,
        };
        self.cursor.ending(left, len, buffer)
    }
}
