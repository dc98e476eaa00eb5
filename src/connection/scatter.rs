// SPDX-License-Identifier: Apache-2.0
//! One receive into several pieces of memory, and how much of the stream it is to bring: `recv()` and `recvmsg()`.

use super::{Deadline, Delivery, Error, PiecesMut, Received, Receiver, Settings, Style, Timeout};
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

impl Wanted {
    fn style(self) -> Style {
        if self.ends {
            Style::Messages
        } else {
            Style::Stream
        }
    }
}

impl Receiver {
    /// Receives data into the pieces of `targets`, one after the other. The result tells the octets of all of them,
    /// and of the last frame the rest.
    ///
    /// # Errors
    /// As [`receive`](Self::receive), when nothing was received; [`Error::Invalid`]: there is no room at all.
    pub fn receive_pieces<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        targets: &mut dyn PiecesMut,
        wanted: Wanted,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<Received, Error> {
        let result = self.scatter(platform, buffer, targets, wanted, settings, deadline);
        // The receives in it are ours; how the application receives is what it asked for.
        platform.shared().receives(wanted.style());
        result
    }

    fn scatter<P: Platform>(
        &mut self,
        platform: &mut P,
        buffer: &mut [u8],
        targets: &mut dyn PiecesMut,
        wanted: Wanted,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<Received, Error> {
        // What a poll has promised is there by now; the rest of one frame is not waited for twice.
        let mut now = Deadline::after(Timeout::None);
        let mut delivery = match wanted {
            Wanted { peek: true, .. } => Delivery::Peek,
            Wanted { ends: true, .. } => Delivery::Messages,
            _ => Delivery::Data,
        };
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
                Some(_) if wanted.peek => match self.peek_behind(buffer, target, total) {
                    0 => break,
                    len => len,
                },
                Some(received) if !goes_on(received, wanted.extent) => break,
                _ => {
                    if wanted.extent != Extent::Frame {
                        self.promised = false;
                    }
                    let limit = match &last {
                        Some(_) if wanted.extent == Extent::Frame => &mut now,
                        _ => &mut *deadline,
                    };
                    match self.receive(platform, buffer, target, delivery, settings, limit) {
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
