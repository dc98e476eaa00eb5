// SPDX-License-Identifier: Apache-2.0
//! What a connection does with control frames: pings are answered, a Close is answered once, a broken rule fails
//! the connection (RFC 6455 §5.5, §7.1.7). Nothing of it waits: answers leave when there is room.

use super::call::answer;
use super::receive::Phase;
use super::{Call, Error, Policy, Receiver, Settings};
use crate::platform::{Event, Platform};
use crate::protocol::close::{self, CODE_LEN, CloseError};
use crate::protocol::{MaskingKey, Opcode, ProtocolError};

impl Receiver {
    /// Acts upon the current control frame once its payload is buffered; `false`: more is needed.
    ///
    /// A payload that is longer than the whole buffer is acted upon as far as it is known: such a ping cannot be
    /// answered.
    // Not inlined, here and in fail(): what they need of the stack is not there while data is received.
    #[inline(never)]
    pub(super) fn control<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<bool, Error> {
        if self.acted {
            return Ok(true);
        }
        let payload_len = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        let known_len = payload_len.min(call.buffer.len());
        if self.cursor.len() < known_len {
            return Ok(false);
        }
        self.acted = true;
        let is_whole = known_len == payload_len;
        if !is_whole && self.frame.opcode() == Opcode::Ping && call.settings.has(Policy::AUTO_PONG)
        {
            let event = Event::PingTooLong(payload_len, call.buffer.len());
            call.platform.log(event);
            return Ok(true);
        }
        let mut key = self.frame.masking_key();
        let unread = self.cursor.unread_mut(call.buffer);
        let known = unread.get_mut(..known_len).unwrap_or(&mut []);
        let mut code = [0; CODE_LEN];
        let payload = if is_whole {
            // In place and once: the payload is looked at again, by a later call or as the peer's reason.
            if self.frame.is_masked() {
                key.mask(known);
                key = MaskingKey::new([0; 4]);
            }
            &*known
        } else {
            // The buffer stays as it is. A single octet is no status code.
            let code_len = if known.len() < CODE_LEN { 0 } else { CODE_LEN };
            let code = code.get_mut(..code_len).unwrap_or(&mut []);
            let _ = key.mask_into(known, code);
            &*code
        };
        self.frame.take(0, key);
        let opcode = self.frame.opcode();
        match act(call.platform, call.settings, opcode, payload, payload_len) {
            Ok(()) => Ok(true),
            Err(error) => Err(self.fail(call, error)),
        }
    }

    /// _Fails the WebSocket Connection_ (RFC 6455 §7.1.7): a Close frame with the rule's status code leaves as soon as
    /// it can, and nothing more is received.
    #[cold]
    #[inline(never)]
    pub(super) fn fail<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        error: ProtocolError,
    ) -> Error {
        call.platform.log(Event::ProtocolError(error));
        self.phase = Phase::Failed;
        let code = Some(error.close_code());
        call.platform.shared().answers.keep_close(code);
        answer(call.platform, call.settings);
        match error {
            ProtocolError::MessageTooBig => Error::MessageSize,
            _ => Error::Protocol,
        }
    }
}

/// What a control frame asks for. `payload` is what is known of it, unmasked; its length is `payload_len`.
///
/// # Errors
/// The rule that a Close frame breaks.
pub(super) fn act<P: Platform>(
    platform: &mut P,
    settings: &Settings,
    opcode: Opcode,
    payload: &[u8],
    payload_len: usize,
) -> Result<(), ProtocolError> {
    match opcode {
        Opcode::Ping if settings.has(Policy::AUTO_PONG) => {
            platform.shared().answers.keep_pong(payload)
        }
        Opcode::Close => {
            // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: "If an endpoint receives a Close frame and did
            // not previously send a Close frame, the endpoint MUST send a Close frame in response."
            let is_whole = payload.len() == payload_len;
            let code = close::parse(payload, settings.checks_text() && is_whole).map_err(rule)?;
            let number = code.map_or(0, |code| code.0);
            // Of a longer one only the code is known.
            let reason_len = payload.len().saturating_sub(CODE_LEN);
            platform.shared().closed_by_peer(number, reason_len);
            platform.log(Event::CloseReceived(number));
            platform.shared().answers.keep_close(code);
        }
        Opcode::Pong => {
            platform.shared().pong_received();
            return Ok(());
        }
        _ => return Ok(()),
    }
    answer(platform, settings);
    Ok(())
}

fn rule(error: CloseError) -> ProtocolError {
    match error {
        CloseError::OneByte => ProtocolError::ClosePayloadLength,
        CloseError::InvalidCode => ProtocolError::InvalidCloseCode,
        CloseError::InvalidReason => ProtocolError::InvalidCloseReason,
    }
}
