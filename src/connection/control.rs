// SPDX-License-Identifier: Apache-2.0
//! What a connection does with control frames: pings are answered, a Close is answered once, a broken rule fails
//! the connection (RFC 6455 §5.5, §7.1.7).

use super::receive::FAILED;
use super::{Deadline, Error, Frame, Receiver, Settings, Timeout};
use crate::platform::{Event, Platform, SocketError};
use crate::protocol::close::{self, CloseError};
use crate::protocol::{MaskingKey, Opcode, ProtocolError};

impl Receiver {
    /// Acts upon the current control frame once its payload is buffered; `false`: more is needed.
    ///
    /// A payload that is longer than the whole buffer is acted upon as far as it is known: such a ping cannot be
    /// answered.
    // Not inlined, here and in fail(): what they need of the stack is not there while data is received.
    #[inline(never)]
    pub(super) fn control<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<bool, Error> {
        if self.handled {
            return Ok(true);
        }
        let payload_len = usize::try_from(self.frame.remaining()).unwrap_or(usize::MAX);
        let known_len = payload_len.min(buffer.len());
        if self.cursor.len() < known_len {
            return Ok(false);
        }
        self.handled = true;
        let truncated = known_len < payload_len;
        if self.frame.is_masked() && !truncated {
            // In place and once: the payload is looked at again, by a later call or as the peer's reason.
            let unread = self.cursor.unread_mut(buffer);
            let known = unread.get_mut(..known_len).unwrap_or(&mut []);
            self.frame.masking_key().mask(known);
            self.frame.take(0, MaskingKey::new([0; 4]));
        }
        let known = self.cursor.unread(buffer).get(..known_len).unwrap_or(&[]);
        match self.frame.opcode() {
            Opcode::Ping if settings.auto_pong && truncated => {
                platform.log(Event::PingTooLong(payload_len, buffer.len()));
            }
            Opcode::Ping if settings.auto_pong => {
                let answered = pong(platform, known, settings, deadline);
                // What could not be answered in the caller's time is looked at again by the next call.
                self.handled = answered != Err(Error::Again);
                answered?;
            }
            Opcode::Close if truncated => {
                // Nothing of it was unmasked in place. A single octet is not all of its payload, and no code.
                let mut code = known.first_chunk::<CODE_LEN>().copied();
                if let Some(code) = &mut code {
                    self.frame.masking_key().mask(code);
                }
                let known = code.as_ref().map_or(&[][..], |code| code);
                self.closed(platform, known, truncated, settings)?;
            }
            Opcode::Close => self.closed(platform, known, truncated, settings)?,
            Opcode::Pong => platform.shared().pong_received(),
            _ => {}
        }
        Ok(true)
    }

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: "If an endpoint receives a Close frame and did not
    /// previously send a Close frame, the endpoint MUST send a Close frame in response."
    #[inline(never)]
    fn closed<P: Platform>(
        &mut self,
        platform: &mut P,
        payload: &[u8],
        truncated: bool,
        settings: &Settings,
    ) -> Result<(), Error> {
        let code = match close::parse(payload, settings.utf8 && !truncated) {
            Ok(code) => code,
            Err(error) => return Err(self.fail(platform, rule(error), settings)),
        };
        let number = code.map_or(0, |code| code.0);
        let reason_len = if truncated {
            0
        } else {
            payload.len().saturating_sub(CODE_LEN)
        };
        platform.shared().closed_by_peer(number, reason_len);
        platform.log(Event::CloseReceived(number));
        let mut limit = Deadline::after(Timeout::Milliseconds(settings.close_timeout_ms));
        let answered = platform.with_sender(&mut limit, |platform, sender, buffer, limit| {
            sender.close(platform, buffer, code, None, settings, limit)
        });
        match answered {
            Err(SocketError::Closing) => Err(Error::Aborted),
            // The peer may be gone already: its Close is what counts.
            _ => Ok(()),
        }
    }

    /// _Fails the WebSocket Connection_ (RFC 6455 §7.1.7): a Close frame with the rule's status code, in bounded
    /// time, and nothing more is received.
    #[cold]
    #[inline(never)]
    pub(super) fn fail<P: Platform>(
        &mut self,
        platform: &mut P,
        error: ProtocolError,
        settings: &Settings,
    ) -> Error {
        platform.log(Event::ProtocolError(error));
        self.phase = FAILED;
        let mut limit = Deadline::after(Timeout::Milliseconds(settings.close_timeout_ms));
        let code = Some(error.close_code());
        let _ = platform.with_sender(&mut limit, |platform, sender, buffer, limit| {
            sender.close(platform, buffer, code, None, settings, limit)
        });
        match error {
            ProtocolError::MessageTooBig => Error::MessageSize,
            _ => Error::Protocol,
        }
    }
}

/// A status code on the wire (RFC 6455 §5.5.1).
const CODE_LEN: usize = 2;

/// <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3>: a Pong "must have identical Application data". One that
/// cannot leave in bounded time is dropped: the peer does not read.
#[inline(never)]
fn pong<P: Platform>(
    platform: &mut P,
    payload: &[u8],
    settings: &Settings,
    deadline: &mut Deadline,
) -> Result<(), Error> {
    let mut limit = deadline.at_most(settings.close_timeout_ms, platform);
    let frame = Frame {
        opcode: Opcode::Pong,
        fin: true,
        mask: settings.masks(),
        payload,
    };
    let sent = platform.with_sender(&mut limit, |platform, sender, buffer, limit| {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2>: no Pong after a Close; and none that cannot leave.
        if !sender.is_open() {
            return Ok(payload.len());
        }
        sender.send(platform, buffer, &frame, settings, limit)
    });
    match sent {
        Err(SocketError::Closing) => Err(Error::Aborted),
        Err(SocketError::WouldBlock) | Ok(Err(Error::Again | Error::TimedOut))
            if deadline.remaining_ms(platform) == 0 =>
        {
            Err(Error::Again)
        }
        Ok(Err(_)) | Err(_) => {
            platform.log(Event::PongDropped(payload.len()));
            Ok(())
        }
        Ok(Ok(_)) => Ok(()),
    }
}

fn rule(error: CloseError) -> ProtocolError {
    match error {
        CloseError::OneByte => ProtocolError::ClosePayloadLength,
        CloseError::InvalidCode => ProtocolError::InvalidCloseCode,
        CloseError::InvalidReason => ProtocolError::InvalidCloseReason,
    }
}
