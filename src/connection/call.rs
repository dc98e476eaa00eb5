// SPDX-License-Identifier: Apache-2.0
//! What one call works with: the system below, the buffer of its direction, the policy, and how long it may take.

use super::{Deadline, Sender, Settings, Timeout};
use crate::platform::{Platform, SocketError};

/// The context of a call. A receive has the receive buffer, a send the send buffer.
pub struct Call<'a, P> {
    /// The system below the connection.
    pub platform: &'a mut P,
    /// The buffer of this direction.
    pub buffer: &'a mut [u8],
    /// Role and policy of the connection.
    pub settings: &'a Settings,
    /// The caller's time limit.
    pub deadline: Deadline,
}

/// Runs `body` as the only sender. What the receive direction asks to be sent meanwhile leaves afterwards, and what finds no
/// room leaves later, by itself.
///
/// # Errors
/// [`SocketError::WouldBlock`]: another thread was sending until the time was up. [`SocketError::Closing`].
#[inline]
pub fn as_sender<P: Platform, R>(
    platform: &mut P,
    settings: &Settings,
    mut deadline: Deadline,
    body: impl FnOnce(&mut Sender, &mut Call<'_, P>) -> R,
) -> Result<R, SocketError> {
    let (result, has_pending) =
        platform.with_sender(&mut deadline, |platform, sender, buffer, deadline| {
            let mut call = Call {
                platform,
                buffer,
                settings,
                deadline: *deadline,
            };
            (body(sender, &mut call), sender.has_pending())
        })?;
    if has_pending {
        platform.leave_later();
    }
    if platform.shared().has_answers() {
        answer(platform, settings);
    }
    Ok(result)
}

/// Two threads can hand answers to each other so often before one of them leaves it to the next call.
const TURNS: u8 = 4;

/// Lets a Pong or the Close's answer leave, as far as it can at once. Where another thread is sending, that one does it
/// when it is done.
#[cold]
#[inline(never)]
pub(super) fn answer<P: Platform>(platform: &mut P, settings: &Settings) {
    for _ in 0..TURNS {
        match flush(platform, settings) {
            Ok(true) if platform.shared().has_answers() => {}
            Ok(false) => return platform.leave_later(),
            _ => return,
        }
    }
}

/// Sends what is left of earlier calls, and the answers, as far as the socket takes them at once; `false`: something is still
/// left.
///
/// # Errors
/// [`SocketError::WouldBlock`]: another thread is sending. [`SocketError::Closing`].
pub fn flush<P: Platform>(platform: &mut P, settings: &Settings) -> Result<bool, SocketError> {
    let now = &mut Deadline::after(Timeout::None);
    platform.with_sender(now, |platform, sender, buffer, now| {
        let mut call = Call {
            platform,
            buffer,
            settings,
            deadline: *now,
        };
        sender.answer(&mut call)
    })
}
