// SPDX-License-Identifier: Apache-2.0
//! A frame that the send buffer does not hold leaves in pieces: through a larger buffer that is everybody's, where it can be
//! had, else through the send buffer, or straight from the caller's memory.

use super::super::buffer::copy;
use super::{Call, Error, Payload, Policy, Sender};
use crate::platform::{Part, Platform, SocketError};
use crate::protocol::MaskingKey;

impl Sender {
    /// Takes the payload, from where it stands, until its end is in the buffer and the buffer has been sent.
    pub(super) fn go_on<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        payload: &Payload<'_>,
    ) -> Result<(), Error> {
        while self.is_worth_more(call) {
            match self.push_large(call, payload) {
                None => break,
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let may_follow = self.taken == self.len;
                    if !self.wait_for_room(call, may_follow, error)? {
                        return Ok(());
                    }
                }
            }
        }
        let mut next = 0;
        let mut piece = payload.behind(self.taken, &mut next);
        loop {
            if !self.mask && !self.has_octets() {
                piece = self.push_direct(call, piece)?;
            }
            let end = usize::from(self.end);
            let room = call.buffer.get_mut(end..).unwrap_or(&mut []);
            let copied = self.take(piece, room);
            self.end = end.wrapping_add(copied) as u16;
            let left = self.len.wrapping_sub(self.taken);
            if left == 0 {
                if !self.has_octets() {
                    return Ok(());
                }
                let part = if self.has_left {
                    Part::End
                } else {
                    Part::Whole
                };
                return self.push(call, part, true);
            }
            piece = piece.get(copied..).unwrap_or(&[]);
            if piece.is_empty() {
                piece = payload.next_piece(&mut next, left);
                if piece.is_empty() {
                    // The caller has taken away what it had promised.
                    return Err(self.torn(call, SocketError::Closing));
                }
            }
            if usize::from(self.end) == call.buffer.len() {
                self.push(call, Part::More, false)?;
            }
        }
    }

    /// Copies as much of the payload's next octets as there is room for, masked if the frame is.
    fn take(&mut self, piece: &[u8], room: &mut [u8]) -> usize {
        let copied = piece.len().min(room.len());
        if self.mask {
            self.key = MaskingKey::new(self.key).mask_into(piece, room).bytes();
        } else {
            let _ = copy(piece, room);
        }
        self.taken = self.taken.wrapping_add(copied);
        copied
    }

    /// The send buffer does not hold what is left, and what a larger one holds need not be kept: not so where the socket
    /// wants to see again what it refused. Octets of the caller's memory need no buffer.
    fn is_worth_more<P: Platform>(&self, call: &Call<'_, P>) -> bool {
        let pending = usize::from(self.end.wrapping_sub(self.start));
        let left = self.len.wrapping_sub(self.taken);
        !call.settings.has(Policy::STICKY_SENDS)
            && (self.mask || pending > 0)
            && left > call.buffer.len().saturating_sub(pending)
    }

    /// One send through the larger buffer. `None`: it cannot be done.
    fn push_large<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        payload: &Payload<'_>,
    ) -> Option<Result<usize, SocketError>> {
        let buffer = &mut *call.buffer;
        call.platform
            .with_large_buffer(|platform, large| {
                self.send_through(platform, buffer, large, payload)
            })
            .flatten()
    }

    /// Sends what is in `buffer` and as much of the payload as `large` holds with it. What the socket does not take is in
    /// `buffer` afterwards, as far as that holds it; the rest has not been taken from the caller. `None`: the payload ends too
    /// early.
    fn send_through<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        large: &mut [u8],
        payload: &Payload<'_>,
    ) -> Option<Result<usize, SocketError>> {
        let pending = usize::from(self.start)..usize::from(self.end);
        let mut filled = copy(buffer.get(pending).unwrap_or(&[]), large);
        let mut next = 0;
        let mut piece = payload.behind(self.taken, &mut next);
        loop {
            let room = large.get_mut(filled..).unwrap_or(&mut []);
            filled = filled.wrapping_add(self.take(piece, room));
            let left = self.len.wrapping_sub(self.taken);
            if left == 0 || filled == large.len() {
                break;
            }
            piece = payload.next_piece(&mut next, left);
            if piece.is_empty() {
                // Who goes on without this buffer sees it, too.
                return None;
            }
        }
        let part = match self.part_of_rest() {
            Part::End if !self.has_left => Part::Whole,
            part => part,
        };
        let octets = large.get(..filled).unwrap_or(&[]);
        let sent = platform.send(octets, part);
        let gone = sent.unwrap_or(0);
        self.has_left |= gone > 0;
        let rest = octets.get(gone..).unwrap_or(&[]);
        let kept = copy(rest, buffer);
        (self.start, self.end) = (0, kept as u16);
        let given_back = rest.len().wrapping_sub(kept);
        self.taken = self.taken.wrapping_sub(given_back);
        self.key = MaskingKey::new(self.key)
            .rotated(given_back.wrapping_neg())
            .bytes();
        Some(sent)
    }

    /// Nothing to mask: straight from the caller's memory, but for an end that the buffer can hold. Returns the rest of the
    /// piece.
    fn push_direct<'p, P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        mut piece: &'p [u8],
    ) -> Result<&'p [u8], Error> {
        loop {
            let left = self.len.wrapping_sub(self.taken);
            if piece.is_empty() || left <= call.buffer.len() {
                return Ok(piece);
            }
            let part = if piece.len() < left {
                Part::More
            } else {
                Part::End
            };
            match call.platform.send(piece, part) {
                Ok(sent) => {
                    self.taken = self.taken.wrapping_add(sent);
                    piece = piece.get(sent..).unwrap_or(&[]);
                }
                Err(error) => {
                    let _ = self.wait_for_room(call, false, error)?;
                }
            }
        }
    }
}
