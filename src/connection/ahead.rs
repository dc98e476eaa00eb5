// SPDX-License-Identifier: Apache-2.0
//! A look at frames that have arrived and stay where they are.

use super::control::act;
use super::receive::{check_limit, message_len};
use super::{Call, Receiver, Settings};
use crate::platform::Platform;
use crate::protocol::{Fragmentation, FrameDecoder, MaskingKey, Opcode, ProtocolError};

/// Where the look stands: what a receive would know of the stream there.
pub(super) struct Look {
    frame: FrameDecoder,
    sequence: Fragmentation,
    message: Opcode,
    message_len: u32,
    /// Unread octets in front of it.
    passed: usize,
}

/// A frame of which at least the header has arrived.
pub(super) struct Ahead {
    /// With the key as it applies to the first payload octet that is there.
    pub(super) frame: FrameDecoder,
    pub(super) opcode: Opcode,
    pub(super) fin: bool,
    /// Type of the message.
    pub(super) message: Opcode,
    /// Unread octets in front of the payload.
    pub(super) start: usize,
    /// Octets of payload.
    pub(super) len: usize,
    /// All of the payload is there.
    pub(super) is_whole: bool,
    /// Its header is among the unread octets.
    has_header: bool,
}

impl Ahead {
    /// Unread octets up to its end.
    fn end(&self) -> usize {
        self.start.saturating_add(self.len)
    }

    /// It is the last frame of a text.
    pub(super) fn ends_text(&self) -> bool {
        self.fin && self.message == Opcode::Text
    }
}

impl Look {
    /// Before the first unread octet.
    pub(super) fn at(receiver: &Receiver) -> Self {
        Self {
            frame: receiver.frame,
            sequence: receiver.sequence,
            message: receiver.message,
            message_len: receiver.message_len,
            passed: 0,
        }
    }

    /// The frame that is there; `None`: its header is incomplete.
    ///
    /// # Errors
    /// The rule that its header breaks.
    pub(super) fn next(
        &mut self,
        unread: &[u8],
        settings: &Settings,
    ) -> Result<Option<Ahead>, ProtocolError> {
        let behind = unread.get(self.passed..).unwrap_or(&[]);
        let has_header = !self.frame.in_payload();
        let mut header_len = 0;
        if has_header {
            header_len = self.frame.header(behind, settings.rules())?;
            if !self.frame.in_payload() {
                return Ok(None);
            }
            self.message = self.sequence.next(self.frame.opcode(), self.frame.fin())?;
            if !self.frame.opcode().is_control() {
                self.message_len = message_len(self.message_len, &self.frame);
                check_limit(self.message_len, settings.max_message_len)?;
            }
        }
        let len = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        Ok(Some(Ahead {
            frame: self.frame,
            opcode: self.frame.opcode(),
            fin: self.frame.fin(),
            message: self.message,
            start: self.passed.saturating_add(header_len),
            len,
            is_whole: behind.len().saturating_sub(header_len) >= len,
            has_header,
        }))
    }

    /// Goes on behind a frame that is whole.
    pub(super) fn pass(&mut self, ahead: &Ahead) {
        self.passed = ahead.end();
        self.frame.end();
    }

    /// Unread octets of the frames that were passed.
    pub(super) fn passed(&self) -> usize {
        self.passed
    }
}

impl Receiver {
    /// Acts upon a control frame that is whole, once.
    ///
    /// # Errors
    /// The rule that a Close frame breaks.
    pub(super) fn act_ahead<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        ahead: &Ahead,
    ) -> Result<(), ProtocolError> {
        if !ahead.has_header && self.acted || self.acted_len >= ahead.end() && ahead.has_header {
            return Ok(());
        }
        let unread = self.cursor.unread_mut(call.buffer);
        let payload = unread.get_mut(ahead.start..ahead.end()).unwrap_or(&mut []);
        if ahead.frame.is_masked() {
            // In place and once: what receives it, or reads the peer's reason, finds a key that changes nothing.
            ahead.frame.masking_key().mask(payload);
            self.unmasked(call.buffer, ahead);
        }
        let unread = self.cursor.unread(call.buffer);
        let payload = unread.get(ahead.start..ahead.end()).unwrap_or(&[]);
        act(
            call.platform,
            call.settings,
            ahead.opcode,
            payload,
            ahead.len,
        )?;
        if ahead.has_header {
            self.acted_len = ahead.end();
        } else {
            self.acted = true;
        }
        Ok(())
    }

    /// Makes the key of a frame all zero, where it stands.
    fn unmasked(&mut self, buffer: &mut [u8], ahead: &Ahead) {
        let zero = [0; 4];
        if !ahead.has_header {
            self.frame.take(0, MaskingKey::new(zero));
            return;
        }
        let header = self.cursor.unread_mut(buffer).get_mut(..ahead.start);
        if let Some(key) = header.and_then(|header| header.last_chunk_mut()) {
            *key = zero;
        }
    }
}
