// SPDX-License-Identifier: Apache-2.0
//! Payload of one frame on its way to the caller: copied once, unmasked and validated in place, or looked at, or passed over.

use super::receive::{CLOSED, FAILED_MESSAGE_SIZE, FAILED_PROTOCOL};
use super::{Deadline, Delivery, Error, Received, Receiver, Settings, Timeout};
use crate::platform::{OsError, Platform};
use crate::protocol::{Opcode, ProtocolError};

impl Receiver {
    /// Writes payload of the current frame to `target`, which is not empty.
    pub(super) fn deliver<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        target: &mut [u8],
        promised: bool,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<Received, Error> {
        let limit = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        let mut now;
        let wanted = target.len().min(limit);
        let mut len: usize = 0;
        while len < wanted {
            let room = target.get_mut(len..wanted).unwrap_or(&mut []);
            let limit = if promised && len > 0 {
                now = Deadline::after(Timeout::None);
                &mut now
            } else {
                &mut *deadline
            };
            let taken = match self.take(platform, buffer, room, limit) {
                Ok(taken) => taken,
                Err(error) if len > 0 => {
                    platform.shared().received.octets(len);
                    self.defer(error);
                    return Ok(self.received(len));
                }
                Err(error) => return Err(error),
            };
            let piece = room.get_mut(..taken).unwrap_or(&mut []);
            let mut key = self.frame.masking_key();
            if self.frame.is_masked() {
                key = key.mask(piece);
            }
            self.frame.take(taken, key);
            self.validate(platform, piece, settings)?;
            len = len.wrapping_add(taken);
        }
        if !self.frame.opcode().is_control() {
            platform.shared().received.octets(len);
        }
        let received = self.received(len);
        if received.remaining == 0 {
            self.end_frame(platform, settings)?;
        }
        Ok(received)
    }

    /// Puts octets into `target`: what is buffered, or straight from the socket where `target` holds as much as the
    /// buffer.
    fn take<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        target: &mut [u8],
        deadline: &mut Deadline,
    ) -> Result<usize, Error> {
        if self.cursor.is_empty() {
            if target.len() >= buffer.len() {
                return self.read(platform, target, deadline);
            }
            self.fill(platform, buffer, deadline)?;
        }
        let unread = self.cursor.unread(buffer);
        let len = unread.len().min(target.len());
        if let (Some(source), Some(target)) = (unread.get(..len), target.get_mut(..len)) {
            target.copy_from_slice(source);
        }
        self.cursor.consume(len);
        Ok(len)
    }

    fn validate<P: Platform>(
        &mut self,
        platform: &mut P,
        piece: &[u8],
        settings: &Settings,
    ) -> Result<(), Error> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-8.1>
        if !settings.utf8 || self.message != Opcode::Text || self.utf8.push(piece).is_ok() {
            return Ok(());
        }
        Err(self.fail(platform, ProtocolError::InvalidUtf8, settings))
    }

    /// Copies payload of the current data frame that is buffered, and leaves it there.
    pub(super) fn peek<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        target: &mut [u8],
        deadline: &mut Deadline,
    ) -> Result<Received, Error> {
        if self.cursor.is_empty() {
            self.fill(platform, buffer, deadline)?;
        }
        let len = self.peek_behind(buffer, target, 0);
        Ok(self.received(len))
    }

    /// The same for what lies behind the next `skipped` octets of the frame; how many octets were copied.
    pub(super) fn peek_behind(&self, buffer: &[u8], target: &mut [u8], skipped: usize) -> usize {
        let limit = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        let unread = self.cursor.unread(buffer);
        let seen = unread.get(..unread.len().min(limit)).unwrap_or(unread);
        let behind = seen.get(skipped..).unwrap_or(&[]);
        let len = behind.len().min(target.len());
        if let (Some(source), Some(target)) = (behind.get(..len), target.get_mut(..len)) {
            target.copy_from_slice(source);
            if self.frame.is_masked() {
                self.frame.masking_key().rotated(skipped).mask(target);
            }
        }
        len
    }

    /// The whole frame has been delivered or passed over.
    pub(super) fn end_frame<P: Platform>(
        &mut self,
        platform: &mut P,
        settings: &Settings,
    ) -> Result<(), Error> {
        self.frame.end();
        if self.frame.opcode() == Opcode::Close {
            self.phase = CLOSED;
        }
        if self.frame.fin() && !self.frame.opcode().is_control() {
            platform.shared().received.message();
        }
        let text_ends = self.message == Opcode::Text && self.frame.fin();
        if settings.utf8 && text_ends && self.utf8.finish().is_err() {
            return Err(self.fail(platform, ProtocolError::InvalidUtf8, settings));
        }
        Ok(())
    }

    /// Leaves out the rest of the current frame.
    pub(super) fn pass_over<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<(), Error> {
        // The rest of a Close that is longer than the buffer says nothing more.
        while self.frame.remaining() > 0 && self.frame.opcode() != Opcode::Close {
            let limit = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
            let len = self.cursor.len().min(limit);
            if len == 0 {
                self.fill(platform, buffer, deadline)?;
            }
            self.cursor.consume(len);
            self.frame.take(len, self.frame.masking_key());
        }
        self.end_frame(platform, settings)
    }

    /// Whether the current frame goes to the caller.
    pub(super) fn delivers(&self, delivery: Delivery, settings: &Settings) -> bool {
        let opcode = self.frame.opcode();
        let is_empty = self.frame.remaining() == 0;
        match delivery {
            Delivery::Data | Delivery::Peek => !opcode.is_control() && !is_empty,
            Delivery::Messages => !opcode.is_control() && (!is_empty || self.frame.fin()),
            Delivery::Frames if settings.swallow_control => {
                opcode == Opcode::Close
                    || !opcode.is_control() && (!is_empty || opcode != Opcode::Continuation)
            }
            Delivery::Frames => true,
        }
    }

    /// Octets were delivered before `error`: they are this call's result, and the error the next one's.
    pub(super) fn defer(&mut self, error: Error) {
        match error {
            Error::Os(OsError(number)) => self.deferred = number,
            Error::Protocol => self.phase = FAILED_PROTOCOL,
            Error::MessageSize => self.phase = FAILED_MESSAGE_SIZE,
            // Nothing happened, or the next call finds it by itself.
            _ => {}
        }
    }

    pub(super) fn received(&self, len: usize) -> Received {
        Received {
            len,
            opcode: self.frame.opcode(),
            message: self.message,
            fin: self.frame.fin(),
            remaining: self.frame.remaining(),
        }
    }
}
