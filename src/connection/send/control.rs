// SPDX-License-Identifier: Apache-2.0
//! The control frames of the library itself: the answers to pings and to a Close, and the Close of this end.

use super::super::answers::PONG_MAX;
use super::{Call, Deadline, Error, Frame, Payload, Sender, State, Timeout};
use crate::platform::{Event, Platform, SocketError};
use crate::protocol::{CloseCode, Opcode};

impl Sender {
    /// Lets the answers leave that the receive direction has put aside; does not wait. `false`: there is no room for all
    /// of them, and it is to be called again.
    ///
    /// Not inlined: the payload's copy is on the stack only here.
    #[inline(never)]
    pub fn answer<P: Platform>(&mut self, call: &mut Call<'_, P>) -> bool {
        call.deadline = Deadline::after(Timeout::None);
        let _ = self.flush(call);
        if !matches!(self.state, State::Open | State::Closing) {
            call.platform.shared().answers.discard();
            return !self.has_octets();
        }
        if self.is_begun {
            // Whoever completes the frame comes here again.
            return true;
        }
        if self.has_octets() {
            return false;
        }
        let mut payload = [0; PONG_MAX];
        if let Some((len, pings)) = call.platform.shared().answers.pong(&mut payload) {
            call.platform.shared().answers.pong_sent(pings);
            let payload = payload.get(..len).unwrap_or(&[]);
            if !self.put(call, Opcode::Pong, payload) {
                call.platform.log(Event::PongDropped(len));
            }
        }
        let close = match call.platform.shared().answers.close() {
            None if self.state == State::Closing => Some(CloseCode(self.close_code)),
            close => close,
        };
        if let Some(code) = close
            && !self.has_octets()
        {
            let octets = code.bytes();
            let payload = if code.0 == 0 { &[][..] } else { &octets };
            let _ = self.put(call, Opcode::Close, payload);
            call.platform.shared().closed_by_us();
            call.platform.shared().answers.discard();
            if self.state != State::Broken {
                self.state = State::CloseSent;
            }
        }
        !self.has_pending()
    }

    /// Puts a control frame into the empty buffer, where it may wait; `false`: there is no room for it.
    fn put<P: Platform>(&mut self, call: &mut Call<'_, P>, opcode: Opcode, payload: &[u8]) -> bool {
        if payload.len().saturating_add(CONTROL_HEADER_MAX) > call.buffer.len() {
            return false;
        }
        let frame = Frame {
            opcode,
            fin: true,
            mask: call.settings.masks(),
            payload,
        };
        let Some(whole) = Payload::of(payload, None) else {
            return false;
        };
        self.begin(call, &frame, &whole);
        // It is the library's own word: it leaves when there is room.
        self.has_left = true;
        let _ = self.take_all(call, payload);
        self.is_begun = false;
        true
    }

    /// Sends a Close frame once; what comes later is refused. `payload` is a status code and a reason, or empty. Where the peer
    /// has closed, or broken a rule, that decides the code.
    ///
    /// # Errors
    /// As [`send`](Self::send): the frame could not be sent within the time. It leaves when there is room.
    pub fn close<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        payload: &[u8],
    ) -> Result<(), Error> {
        let code = match self.state {
            State::Open => call.platform.shared().answers.close(),
            State::Closing => Some(CloseCode(self.close_code)),
            State::CloseSent => return self.flush(call),
            State::Broken => return Ok(()),
        };
        call.platform.shared().answers.discard();
        call.platform.shared().closed_by_us();
        if self.is_begun {
            // Nobody comes back to complete it.
            return Err(self.torn(call, SocketError::Closing));
        }
        let code_only = code.unwrap_or(CloseCode(0)).bytes();
        let payload = match code {
            None => payload,
            Some(CloseCode(0)) => &[],
            Some(_) => code_only.as_slice(),
        };
        let frame = Frame {
            opcode: Opcode::Close,
            fin: true,
            mask: call.settings.masks(),
            payload,
        };
        self.state = State::Open;
        let sent = self.send(call, &frame, None);
        if self.is_begun {
            // Likewise: its payload is this call's.
            let _ = self.torn(call, SocketError::Closing);
        }
        if self.state == State::Open {
            // This end has closed all the same: the frame leaves when there is room, and no other one.
            self.state = State::Closing;
            let code = payload.first_chunk().copied().unwrap_or_default();
            self.close_code = u16::from_be_bytes(code);
        }
        sent.map(|_| ())
    }
}

/// Two octets and the masking key.
const CONTROL_HEADER_MAX: usize = 6;
