// SPDX-License-Identifier: Apache-2.0
//! Payload of one frame on its way to the caller: copied once, unmasked and validated in place, or looked at, or passed over.

use super::buffer::copy;
use super::receive::{Phase, wait_readable};
use super::{Call, Delivery, Error, Policy, Received, Receiver, Settings};
use crate::platform::{OsError, Platform};
use crate::protocol::{MaskingKey, Opcode, ProtocolError};

/// So many octets are copied by words, whatever their addresses: the C library's copy takes longer to begin.
const FEW: usize = 128;

impl Receiver {
    /// Writes payload of the current frame to `target`, which is not empty. Unless it `waits`, it does so for the first
    /// octet only.
    pub(super) fn deliver<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        target: &mut [u8],
        waits: bool,
    ) -> Result<Received, Error> {
        let limit = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        let wanted = target.len().min(limit);
        let mut len: usize = 0;
        while len < wanted {
            let room = target.get_mut(len..wanted).unwrap_or(&mut []);
            let (taken, key) = match self.take(call, room) {
                Ok(taken) => taken,
                Err(Error::Again) if waits || len == 0 => match wait_readable(call) {
                    Ok(()) => continue,
                    Err(error) if len == 0 => return Err(error),
                    Err(error) => {
                        self.defer(error);
                        break;
                    }
                },
                Err(error) if len == 0 => return Err(error),
                Err(error) => {
                    self.defer(error);
                    break;
                }
            };
            let piece = room.get(..taken).unwrap_or(&[]);
            self.frame.take(taken, key);
            // <https://www.rfc-editor.org/rfc/rfc6455#section-8.1>
            if call.settings.checks_text()
                && self.message == Opcode::Text
                && self.utf8.push(piece).is_err()
            {
                return Err(self.fail(call, ProtocolError::InvalidUtf8));
            }
            len = len.wrapping_add(taken);
        }
        if !self.frame.opcode().is_control() {
            call.platform.shared().received.octets(len);
        }
        let received = self.received(len);
        if received.remaining == 0 {
            self.end_frame(call)?;
        }
        Ok(received)
    }

    /// Puts octets into `target` without waiting, unmasked: what is buffered, or straight from the socket where `target`
    /// holds as much as the buffer. Their number, and the key for what follows them.
    fn take<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        target: &mut [u8],
    ) -> Result<(usize, MaskingKey), Error> {
        let key = self.frame.masking_key();
        if self.cursor.is_empty() {
            if target.len() >= call.buffer.len() {
                let len = self.read_now(call.platform, target)?;
                let octets = target.get_mut(..len).unwrap_or(&mut []);
                return Ok((
                    len,
                    if self.frame.is_masked() {
                        key.mask(octets)
                    } else {
                        key
                    },
                ));
            }
            self.fill_now(call)?;
        }
        let unread = self.cursor.unread(call.buffer);
        let len = unread.len().min(target.len());
        let key = if self.frame.is_masked() || len <= FEW {
            // The key of a frame without one is zero.
            key.mask_into(unread, target)
        } else {
            let _ = copy(unread, target);
            key
        };
        self.consume(len);
        Ok((len, key))
    }

    /// Copies payload of the current data frame that is buffered, and leaves it there.
    pub(super) fn peek<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        target: &mut [u8],
    ) -> Result<Received, Error> {
        if self.cursor.is_empty() {
            self.fill(call)?;
        }
        let len = self.peek_behind(call.buffer, target, 0);
        Ok(self.received(len))
    }

    /// The same for what lies behind the next `skipped` octets of the frame; how many octets were copied.
    pub(super) fn peek_behind(&self, buffer: &[u8], target: &mut [u8], skipped: usize) -> usize {
        let limit = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        let unread = self.cursor.unread(buffer);
        let seen = unread.get(..unread.len().min(limit)).unwrap_or(unread);
        let behind = seen.get(skipped..).unwrap_or(&[]);
        let len = copy(behind, target);
        if self.frame.is_masked()
            && let Some(copied) = target.get_mut(..len)
        {
            self.frame.masking_key().rotated(skipped).mask(copied);
        }
        len
    }

    /// The whole frame has been delivered or passed over.
    pub(super) fn end_frame<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<(), Error> {
        self.frame.end();
        if self.frame.opcode().is_control() {
            if self.frame.opcode() == Opcode::Close {
                self.phase = Phase::Closed;
            }
            return Ok(());
        }
        if !self.frame.fin() {
            return Ok(());
        }
        call.platform.shared().received.message();
        if call.settings.checks_text()
            && self.message == Opcode::Text
            && self.utf8.finish().is_err()
        {
            return Err(self.fail(call, ProtocolError::InvalidUtf8));
        }
        Ok(())
    }

    /// Leaves out the rest of the current frame; `false`: not all of it is there.
    pub(super) fn pass_over<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<bool, Error> {
        // The rest of a Close that is longer than the buffer says nothing more.
        if self.frame.opcode() != Opcode::Close {
            let limit = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
            let len = self.cursor.len().min(limit);
            self.consume(len);
            self.frame.take(len, self.frame.masking_key());
            if self.frame.remaining() > 0 {
                return Ok(false);
            }
        }
        self.end_frame(call)?;
        Ok(true)
    }

    /// Whether the current frame goes to the caller.
    #[inline]
    pub(super) fn delivers(&self, delivery: Delivery, settings: &Settings) -> bool {
        let opcode = self.frame.opcode();
        let is_empty = self.frame.remaining() == 0;
        // Octets of data are for everybody.
        !opcode.is_control() && !is_empty
            || delivers(delivery, settings, opcode, self.frame.fin(), is_empty)
    }

    /// Octets were delivered before `error`: they are this call's result, and the error the next one's.
    pub(super) fn defer(&mut self, error: Error) {
        match error {
            Error::Os(OsError(number)) => self.deferred = number,
            Error::Protocol => self.phase = Phase::FailedProtocol,
            Error::MessageSize => self.phase = Phase::FailedMessageSize,
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

/// Whether a frame goes to a caller who wants this.
pub(super) fn delivers(
    delivery: Delivery,
    settings: &Settings,
    opcode: Opcode,
    fin: bool,
    is_empty: bool,
) -> bool {
    match delivery {
        Delivery::Data | Delivery::Peek => !opcode.is_control() && !is_empty,
        Delivery::Messages => !opcode.is_control() && (!is_empty || fin),
        Delivery::Frames if settings.has(Policy::SWALLOW_CONTROL) => {
            opcode == Opcode::Close
                || !opcode.is_control() && (!is_empty || opcode != Opcode::Continuation)
        }
        Delivery::Frames => true,
    }
}
