// SPDX-License-Identifier: Apache-2.0
//! The send half: frames go through one small buffer, header and payload in one send, and no frame is ever torn. A larger
//! one borrows a larger buffer (`pieces.rs`).
//!
//! What fits into the buffer is accepted when it is in there and the socket has taken a part; its rest goes before the
//! next frame. A larger frame that the socket does not take within the caller's time stays begun: repeating the call goes on
//! where it stopped, and nothing else is sent before it is complete.

mod control;
mod pieces;

use super::pieces::Payload;
use super::{Call, Deadline, Error, Pieces, Policy, Shared, Timeout};
use crate::platform::{Event, Interest, Part, Platform, SocketError};
use crate::protocol::{FrameHeader, MaskingKey, Opcode};

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
    /// The frame that is begun: where its payload lies, how long it is, and how much of it has been taken from there.
    address: usize,
    len: usize,
    taken: usize,
    /// Octets of the send buffer that the socket has not taken.
    start: u16,
    end: u16,
    /// The code of the Close frame that leaves when there is room, 0 for none; where this end is closing.
    close_code: u16,
    /// Of the frame that is begun, as it applies to the next octet.
    key: [u8; 4],
    opcode: Opcode,
    state: State,
    is_begun: bool,
    fin: bool,
    mask: bool,
    /// Octets of it have left, or the socket remembers them.
    has_left: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
enum State {
    #[default]
    Open,
    /// A Close frame of this end leaves when there is room.
    Closing,
    /// <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: "MUST NOT send any more data frames".
    CloseSent,
    /// The socket failed, or a frame that was begun can never be completed.
    Broken,
}

/// How much of something the socket took.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    All,
    /// The time was up before the rest was taken.
    Part,
}

impl Sender {
    /// Frames can be sent: no Close has been (RFC 6455 §5.5.1), and the stream is whole.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Something that was accepted still waits for room in the socket, and leaves without the application.
    pub fn has_pending(&self) -> bool {
        (self.has_octets() && !self.is_begun) || self.state == State::Closing
    }

    /// A frame is begun: only the call that is repeated with the same arguments goes on with it, and pongs wait.
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    fn has_octets(&self) -> bool {
        self.start < self.end
    }

    /// Sends one frame through the send buffer (at least 15 octets) and returns its payload's length.
    ///
    /// # Errors
    /// [`Error::Again`] or [`Error::TimedOut`]: not within the time; the same call goes on where this one stopped.
    /// [`Error::Already`]: the frame that was begun is another one. [`Error::NotConnected`]: either end has closed.
    /// [`Error::Aborted`]: a frame was cut short, or another thread closes. [`Error::MessageSize`]: over 2^31 − 1
    /// octets. [`Error::Os`]: the socket's own.
    pub fn send<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        frame: &Frame<'_>,
        more: Option<&dyn Pieces>,
    ) -> Result<usize, Error> {
        let payload = Payload::of(frame.payload, more).ok_or(Error::MessageSize)?;
        match self.state {
            State::Open => {}
            State::Closing | State::CloseSent => return Err(Error::NotConnected),
            State::Broken => return Err(Error::Aborted),
        }
        if self.is_begun {
            if !self.is_same(frame, &payload) {
                return Err(Error::Already);
            }
        } else if call.platform.shared().answers.close().is_some() {
            return Err(Error::NotConnected);
        }
        self.flush(call)?;
        if !self.is_begun {
            self.begin(call, frame, &payload);
        }
        self.complete(call, &payload)?;
        count(call.platform.shared(), frame, payload.len);
        if frame.opcode == Opcode::Close {
            self.state = State::CloseSent;
        }
        Ok(payload.len)
    }

    /// The arguments of a repeated call are those of the first one.
    fn is_same(&self, frame: &Frame<'_>, payload: &Payload<'_>) -> bool {
        self.opcode == frame.opcode
            && self.fin == frame.fin
            && self.mask == frame.mask
            && self.len == payload.len
            && self.address == payload.address()
    }

    /// Puts the header into the buffer, which is empty.
    fn begin<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        frame: &Frame<'_>,
        payload: &Payload<'_>,
    ) {
        let mut key = None;
        if frame.mask {
            call.platform.random(&mut self.key);
            key = Some(MaskingKey::new(self.key));
        }
        let header = FrameHeader {
            fin: frame.fin,
            opcode: frame.opcode,
            masking_key: key,
            payload_len: payload.len as u64,
        };
        let start = call.buffer.first_chunk_mut();
        self.start = 0;
        self.end = start.map_or(0, |start| header.encode(start) as u16);
        self.address = payload.address();
        self.len = payload.len;
        self.taken = 0;
        self.opcode = frame.opcode;
        self.fin = frame.fin;
        self.mask = frame.mask;
        self.has_left = false;
        self.is_begun = true;
    }

    /// Goes on with the frame that is begun, to its end.
    fn complete<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        payload: &Payload<'_>,
    ) -> Result<(), Error> {
        match payload.only(call.buffer.len().wrapping_sub(self.end.into())) {
            Some(octets) if self.taken == 0 => self.take_all(call, octets)?,
            _ => self.go_on(call, payload)?,
        }
        self.is_begun = false;
        Ok(())
    }

    /// Takes a payload that fits behind the header at once, and sends both.
    fn take_all<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        payload: &[u8],
    ) -> Result<(), Error> {
        let start = usize::from(self.end);
        let room = call.buffer.get_mut(start..).unwrap_or(&mut []);
        let key = if self.mask { self.key } else { [0; 4] };
        let _ = MaskingKey::new(key).mask_into(payload, room);
        self.end = start.wrapping_add(payload.len()) as u16;
        self.taken = payload.len();
        self.push(call, Part::Whole, true)
    }

    /// Sends what is in the buffer, which is not empty, until it is, the time is up or the socket fails. What `may_follow` leaves
    /// later, once a part of it has left.
    fn push<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        mut part: Part,
        may_follow: bool,
    ) -> Result<(), Error> {
        loop {
            let range = usize::from(self.start)..usize::from(self.end);
            let pending = call.buffer.get(range).unwrap_or(&[]);
            match call.platform.send(pending, part) {
                Ok(sent) => {
                    self.has_left = true;
                    if sent >= pending.len() {
                        (self.start, self.end) = (0, 0);
                        return Ok(());
                    }
                    self.start = self.start.wrapping_add(sent as u16);
                    part = self.part_of_rest();
                }
                Err(error) => {
                    if !self.wait_for_room(call, may_follow, error)? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The socket takes nothing more, or failed. `true`: it is to be tried again; `false`: the rest leaves later.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[cold]
    #[inline(never)]
    fn wait_for_room<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        may_follow: bool,
        error: SocketError,
    ) -> Result<bool, Error> {
        let failure = match error {
            SocketError::WouldBlock => {
                // A socket that remembers what it refused has begun the frame.
                self.has_left |= call.settings.has(Policy::STICKY_SENDS);
                match call.platform.wait(Interest::Writable, &mut call.deadline) {
                    Ok(true) => return Ok(true),
                    Ok(false) => None,
                    Err(error) => Some(error),
                }
            }
            error => Some(error),
        };
        match failure {
            // It leaves by itself, or who closes sends it.
            None | Some(SocketError::Closing) if may_follow && self.has_left => Ok(false),
            None => Err(self.time_is_up(call)),
            Some(error) => Err(self.failed(call, error)),
        }
    }

    /// Sends what is left of an earlier frame.
    ///
    /// # Errors
    /// [`Error::Again`] or [`Error::TimedOut`]: some of it is still left. [`Error::Aborted`]: another thread closes.
    pub fn flush<P: Platform>(&mut self, call: &mut Call<'_, P>) -> Result<(), Error> {
        if self.has_octets() {
            self.push(call, self.part_of_rest(), false)?;
        }
        Ok(())
    }

    /// Of what is in the buffer, where some of the frame was sent before.
    fn part_of_rest(&self) -> Part {
        if self.taken < self.len {
            Part::More
        } else {
            Part::End
        }
    }

    /// The time is up in the middle of a frame: the same call goes on with it, unless nothing has left.
    fn time_is_up<P: Platform>(&mut self, call: &Call<'_, P>) -> Error {
        if !self.has_left {
            self.forget();
        }
        over(&call.deadline)
    }

    /// The socket failed, or another thread closes: it finds a whole stream, or a frame that is begun.
    fn failed<P: Platform>(&mut self, call: &mut Call<'_, P>, error: SocketError) -> Error {
        if !self.has_left {
            self.forget();
        } else if error != SocketError::Closing {
            return self.torn(call, error);
        }
        error.into()
    }

    /// The thread that was sending does not live any more. A frame of it that has left in part cannot be completed, and another
    /// thread's payload must not be taken for its rest.
    pub fn abandon(&mut self) {
        if !self.is_begun {
            return;
        }
        if self.has_left && self.taken < self.len {
            self.state = State::Broken;
        }
        if self.taken < self.len || !self.has_left {
            self.forget();
        }
        self.is_begun = false;
    }

    /// The frame that is begun has never been.
    fn forget(&mut self) {
        (self.start, self.end) = (0, 0);
        self.is_begun = false;
    }

    fn torn<P: Platform>(&mut self, call: &mut Call<'_, P>, error: SocketError) -> Error {
        self.state = State::Broken;
        call.platform.log(Event::FrameTorn(self.taken));
        self.forget();
        error.into()
    }
}

/// Sends from `sent` on until all is gone, the time is up or the socket fails; for the opening handshake.
pub(super) fn push<P: Platform>(
    platform: &mut P,
    data: &[u8],
    sent: &mut usize,
    mut part: Part,
    deadline: &mut Deadline,
) -> Result<Sent, SocketError> {
    loop {
        let left = data.get(*sent..).unwrap_or(&[]);
        if left.is_empty() {
            return Ok(Sent::All);
        }
        match platform.send(left, part) {
            Ok(taken) => {
                *sent = sent.wrapping_add(taken);
                if part == Part::Whole {
                    part = Part::End;
                }
            }
            Err(SocketError::WouldBlock) => {
                if !platform.wait(Interest::Writable, deadline)? {
                    return Ok(Sent::Part);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn count(shared: &Shared, frame: &Frame<'_>, len: usize) {
    match frame.opcode {
        Opcode::Ping => shared.ping_sent(),
        Opcode::Close => shared.closed_by_us(),
        Opcode::Pong => {}
        _ => {
            shared.sent.octets(len);
            if frame.fin {
                shared.sent.message();
            }
        }
    }
}

fn over(deadline: &Deadline) -> Error {
    match deadline.timeout() {
        Timeout::None => Error::Again,
        _ => Error::TimedOut,
    }
}
