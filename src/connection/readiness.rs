// SPDX-License-Identifier: Apache-2.0
//! What `poll()` and FIONREAD say of the receive half: it is told by looking at what has arrived, not by guessing.
//!
//! A ready socket is no promise of data: what is in it may be half a header, or a ping. So a poll reads what is there
//! into the receive buffer and acts upon control frames as a receive would; only what a receive would return counts.

use super::receive::{ENDED, FAILED, OPEN};
use super::{Delivery, Error, Receiver, Settings, Style};
use crate::platform::{Platform, SocketError};
use crate::protocol::{FrameDecoder, Opcode, ProtocolError};

/// What a poll finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// A receive would wait for the peer.
    Nothing,
    /// The same, because a ping cannot be answered before the peer takes what was sent before: there may be more
    /// behind it.
    Blocked,
    /// A receive would return data, a frame or an error.
    Readable,
    /// A receive would return the end, or the peer's Close frame before it.
    Ended,
}

/// So many frames in a row are passed over by one poll; a poll that finds more says "readable".
const PASSED_OVER_MAX: u32 = 64;

/// Text is looked at in pieces of this size while its frame is incomplete.
const PIECE_LEN: usize = 32;

impl Receiver {
    /// Takes what the socket has, answers pings, and says whether a receive would return without waiting. Never waits.
    ///
    /// Who receives octets is not woken for control frames and empty frames, which are passed over here as the
    /// receive would, nor for a frame that has arrived in part, before it fills the buffer. Who receives frames is.
    /// Before the first receive an application that answers pings itself is told of everything; with
    /// [`Settings::auto_pong`] it counts as one that receives octets.
    pub fn poll<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        settings: &Settings,
    ) -> Readiness {
        let readiness = match self.advance(platform, buffer, settings) {
            Ok(readiness) => readiness,
            Err(Error::Again)
                if self.frame.in_payload() && !self.handled && self.is_unanswered(buffer) =>
            {
                Readiness::Blocked
            }
            Err(Error::Again) => Readiness::Nothing,
            // Data comes before the end, or the error, which the next receive finds behind it.
            Err(_) if self.phase == OPEN && self.has_payload() => Readiness::Readable,
            Err(error) => {
                if error == Error::NotConnected && self.phase == OPEN {
                    self.phase = ENDED;
                    platform.shared().ended();
                }
                self.defer(error);
                if self.phase == ENDED || self.phase == FAILED {
                    Readiness::Ended
                } else {
                    Readiness::Readable
                }
            }
        };
        self.promised |= readiness == Readiness::Readable;
        readiness
    }

    fn advance<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        settings: &Settings,
    ) -> Result<Readiness, Error> {
        let (delivery, frames) = match platform.shared().style() {
            Style::Unknown if settings.auto_pong => (Delivery::Data, false),
            Style::Unknown | Style::Frames => (Delivery::Frames, true),
            Style::Stream => (Delivery::Data, false),
            Style::Messages => (Delivery::Messages, false),
        };
        let now = &mut super::Deadline::after(super::Timeout::None);
        for _ in 0..PASSED_OVER_MAX {
            if self.deferred != 0 {
                return Ok(Readiness::Readable);
            }
            match self.phase {
                OPEN => {}
                // What is left is the end.
                super::receive::CLOSED | ENDED | FAILED => return Ok(Readiness::Ended),
                _ => return Ok(Readiness::Readable),
            }
            while !self.frame.in_payload() {
                if !self.header(platform, buffer, settings)? {
                    self.fill_now(platform, buffer)?;
                }
            }
            let opcode = self.frame.opcode();
            if opcode.is_control() {
                while !self.control(platform, buffer, settings, now)? {
                    self.fill_now(platform, buffer)?;
                }
            }
            // Who receives frames receives the payload, in pieces where it is longer than the buffer.
            let is_awaited = frames && opcode.is_control() && self.delivers(delivery, settings);
            if is_awaited && self.frame.remaining() > 0 && self.cursor.is_empty() {
                self.fill_now(platform, buffer)?;
            }
            if opcode == Opcode::Close {
                return Ok(Readiness::Ended);
            }
            if opcode.is_control() || self.frame.remaining() == 0 {
                if self.delivers(delivery, settings) {
                    return Ok(Readiness::Readable);
                }
                self.pass_over(platform, buffer, settings, now)?;
                continue;
            }
            // Who receives octets may take each receive for a frame, as the stock client gives them: the rest of a
            // frame is waited for here, as far as the buffer has room for it.
            let wanted = if frames {
                1
            } else {
                self.frame.remaining().min(buffer.len() as u64)
            };
            while (self.cursor.len() as u64) < wanted {
                match self.fill_now(platform, buffer) {
                    Err(Error::Again) if self.is_invalid_text(buffer, settings) => {
                        let error = ProtocolError::InvalidUtf8;
                        return Err(self.fail(platform, error, settings));
                    }
                    result => result?,
                }
            }
            return Ok(Readiness::Readable);
        }
        Ok(Readiness::Readable)
    }

    /// The part of a text frame that is buffered can be no part of a text: the peer is told now, not when the frame is
    /// complete, as RFC 6455 §8.1 allows and a receive does.
    fn is_invalid_text(&self, buffer: &[u8], settings: &Settings) -> bool {
        if !settings.utf8 || self.message != Opcode::Text {
            return false;
        }
        let mut utf8 = self.utf8;
        let mut skipped = 0;
        let mut piece = [0; PIECE_LEN];
        loop {
            let len = self.peek_behind(buffer, &mut piece, skipped);
            if len == 0 {
                return false;
            }
            if utf8.push(piece.get(..len).unwrap_or(&[])).is_err() {
                return true;
            }
            skipped = skipped.wrapping_add(len);
        }
    }

    /// Payload of a data frame is buffered.
    fn has_payload(&self) -> bool {
        let in_data = self.frame.in_payload() && !self.frame.opcode().is_control();
        in_data && self.frame.remaining() > 0 && !self.cursor.is_empty()
    }

    /// A whole ping stands at the front of the buffer: the send half could not take the pong.
    fn is_unanswered(&self, buffer: &[u8]) -> bool {
        let wanted = self.frame.remaining().min(buffer.len() as u64);
        self.frame.opcode() == Opcode::Ping && self.cursor.len() as u64 >= wanted
    }

    /// Takes what the socket has, behind the unread octets.
    fn fill_now<P: Platform>(&mut self, platform: &mut P, buffer: &mut [u8]) -> Result<(), Error> {
        let room = self.make_room(buffer);
        match platform.receive(room) {
            Ok(0) => Err(Error::NotConnected),
            Ok(taken) => {
                self.cursor.filled(taken);
                Ok(())
            }
            Err(SocketError::WouldBlock) => Err(Error::Again),
            Err(error) => Err(error.into()),
        }
    }

    /// Payload octets that receives of octets would return without asking the socket.
    pub fn readable_len(&self, buffer: &[u8], settings: &Settings) -> usize {
        if self.phase != OPEN {
            return 0;
        }
        let mut unread = self.cursor.unread(buffer);
        let mut frame = self.frame;
        let mut len: usize = 0;
        // Every turn consumes at least a header.
        while frame.in_payload() || !unread.is_empty() {
            if !frame.in_payload() {
                let Ok((taken, true)) = frame.header(unread, settings.rules()) else {
                    break;
                };
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
        let left = usize::try_from(self.frame.remaining()).unwrap_or(0);
        self.cursor.ending(left, len, buffer)
    }
}
