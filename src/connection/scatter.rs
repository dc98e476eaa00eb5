// SPDX-License-Identifier: Apache-2.0
//! One receive into several pieces of memory, and how much of the stream it is to bring: `recv()` and `recvmsg()`.

use super::{Call, Deadline, Delivery, Error, PiecesMut, Received, Receiver, Timeout, Wakes};
use crate::platform::Platform;

/// How far a receive goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// To the end of a frame, as each receive without flags.
    Frame,
    /// To the end of a message: `recvmsg()` with MSG_WAITALL.
    Message,
    /// Until the memory is full: `recv()` with MSG_WAITALL.
    Full,
}

/// What a receive of octets is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The octets stay where they are.
    pub peek: bool,
    /// The end of a message is told too, also where its last frame has no octets.
    pub ends: bool,
    /// Where it ends.
    pub extent: Extent,
}

impl Receiver {
    /// Receives data into the pieces of `targets`, one after the other. The result tells the octets of all of them,
    /// and of the last frame the rest.
    ///
    /// # Errors
    /// As [`receive`](Self::receive), when nothing was received; [`Error::Invalid`]: there is no room at all.
    pub fn receive_pieces<P: Platform>(
        &mut self,
        call: &mut Call<'_, P>,
        targets: &mut dyn PiecesMut,
        wanted: Wanted,
    ) -> Result<Received, Error> {
        let mut delivery = match wanted {
            Wanted { peek: true, .. } => Delivery::Peek,
            Wanted { ends: true, .. } => Delivery::Messages,
            _ => Delivery::Data,
        };
        call.platform.shared().receives(match delivery {
            Delivery::Messages => Wakes::Messages,
            _ => Wakes::Data,
        });
        let waits = wanted.extent != Extent::Frame || self.buffered() < call.buffer.len();
        let mut last: Option<Received> = None;
        let mut total: usize = 0;
        let mut index: usize = 0;
        let mut filled: usize = 0;
        while let Some(piece) = targets.piece(index) {
            let target = piece.get_mut(filled..).unwrap_or(&mut []);
            if target.is_empty() {
                index = index.wrapping_add(1);
                filled = 0;
                continue;
            }
            let len = match &last {
                Some(_) if wanted.peek => match self.peek_behind(call.buffer, target, total) {
                    0 => break,
                    len => len,
                },
                Some(received) if !goes_on(received, wanted.extent) => break,
                _ => {
                    if last.is_some() && wanted.extent == Extent::Frame {
                        // The rest of a frame is not waited for twice.
                        call.deadline = Deadline::after(Timeout::None);
                    }
                    match self.next_frame(call, target, delivery, waits) {
                        Ok(received) => last.insert(received).len,
                        Err(error) if last.is_none() => return Err(error),
                        Err(error) => {
                            self.defer(error);
                            break;
                        }
                    }
                }
            };
            if wanted.extent == Extent::Message {
                // It may end with a frame that has no octets.
                delivery = Delivery::Messages;
            }
            filled = filled.wrapping_add(len);
            total = total.saturating_add(len);
        }
        let last = last.ok_or(Error::Invalid)?;
        Ok(Received { len: total, ..last })
    }
}

fn goes_on(received: &Received, extent: Extent) -> bool {
    match extent {
        Extent::Frame => received.remaining > 0,
        Extent::Message => !received.fin || received.remaining > 0,
        Extent::Full => true,
    }
}
