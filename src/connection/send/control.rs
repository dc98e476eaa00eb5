// SPDX-License-Identifier: Apache-2.0
//! The control frames of the library itself: the answers to pings and to a Close, and the Close of this end.

use super::super::answers::PONG_MAX;
use super::{Call, Deadline, Error, Frame, Payload, Sender, State, Timeout};
use crate::platform::{Event, Part, Platform, SocketError};
use crate::protocol::frame::{CONTROL_MAX_LEN, encode_control};
use crate::protocol::{CloseCode, MaskingKey, Opcode};

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
            if len.saturating_add(CONTROL_MAX_LEN) > call.buffer.len() {
                call.platform.log(Event::PongDropped(len));
            } else {
                // It is the library's own word, as a Close: it leaves when there is room.
                let _ = self.send_own(call, Opcode::Pong, payload, true);
            }
        }
        let close = match call.platform.shared().answers.close() {
            None if self.state == State::Closing => Some(CloseCode(self.close_code)),
            close => close,
        };
        if let Some(code) = close
            && !self.has_octets()
            && self.state != State::Broken
        {
            let octets = code.bytes();
            let payload = if code.0 == 0 { &[][..] } else { &octets };
            let _ = self.send_own(call, Opcode::Close, payload, true);
            call.platform.shared().closed_by_us();
            call.platform.shared().answers.discard();
            if self.state != State::Broken {
                self.state = State::CloseSent;
            }
        }
        !self.has_pending()
    }

    /// Sends a control frame from the empty buffer. Where it `stays`, it does so when there is no room for it.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn send_own<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        opcode: Opcode,
        payload: &[u8],
        stays: bool,
    ) -> Result<(), Error> {
        let room = call.buffer.len().saturating_sub(CONTROL_MAX_LEN);
        let (Ok(len), Some(header)) = (u8::try_from(payload.len()), call.buffer.first_chunk_mut())
        else {
            return Ok(());
        };
        if payload.len() > room {
            return self.send_in_pieces(call, opcode, payload, stays);
        }
        let mut key = None;
        if call.settings.masks() {
            call.platform.random(&mut self.key);
            key = Some(MaskingKey::new(self.key));
        }
        let start = encode_control(opcode, key, len, header);
        let room = call.buffer.get_mut(start..).unwrap_or(&mut []);
        let _ = key.unwrap_or(MaskingKey::NONE).mask_into(payload, room);
        (self.taken, self.len) = (0, 0);
        self.start = 0;
        self.end = start.wrapping_add(payload.len()) as u16;
        self.has_left = stays;
        self.push(call, Part::Whole, true)
    }

    /// The same with a send buffer that does not hold it.
    #[cold]
    #[inline(never)]
    fn send_in_pieces<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        opcode: Opcode,
        payload: &[u8],
        stays: bool,
    ) -> Result<(), Error> {
        let frame = Frame {
            opcode,
            fin: true,
            mask: call.settings.masks(),
            payload,
        };
        let payload = Payload::of(payload, None).ok_or(Error::MessageSize)?;
        self.begin(call, &frame, &payload);
        self.has_left = stays;
        self.complete(call, &payload)
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
        // This end has closed from now on, whatever becomes of this thread: the frame leaves when there is room, and no other one.
        self.state = State::Closing;
        let code = payload.first_chunk().copied().unwrap_or_default();
        self.close_code = u16::from_be_bytes(code);
        self.flush(call)?;
        self.state = State::CloseSent;
        let sent = self.send_own(call, Opcode::Close, payload, false);
        if self.is_begun {
            // Likewise: its payload is this call's.
            let _ = self.torn(call, SocketError::Closing);
        }
        if sent.is_err() && self.state == State::CloseSent {
            self.state = State::Closing;
        }
        sent
    }
}
