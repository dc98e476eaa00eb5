// SPDX-License-Identifier: Apache-2.0
//! The two locks of a connection, and waiting for another thread that has one.
#![expect(unsafe_code, reason = "calls into C")]

use super::{Slot, bindings as c, locks_of};
use crate::connection::Deadline;
use crate::platform::SocketError;
use crate::slot::Direction;

/// One of the two locks, given back when it goes out of scope.
pub(super) struct Lock {
    slot: *mut c::zws_slot,
    direction: Direction,
}

/// So often a thread that waits for another one looks whether that one still lives.
pub(super) const LOOK_MS: i32 = 500;

impl Lock {
    #[inline]
    pub(super) fn take(
        slot: &mut Slot,
        direction: Direction,
        deadline: &mut Deadline,
    ) -> Result<Self, SocketError> {
        take(slot, direction, deadline)?;
        Ok(Self {
            slot: slot.slot,
            direction,
        })
    }

    #[cold]
    #[inline(never)]
    fn contend(
        slot: &mut Slot,
        direction: Direction,
        deadline: &mut Deadline,
    ) -> Result<(), SocketError> {
        if slot.bury(direction) && slot.locks().try_take(direction) {
            return Ok(());
        }
        if deadline.remaining_ms(slot) == 0 {
            return Err(SocketError::WouldBlock);
        }
        // SAFETY: the slot is held.
        let descriptor_lock = unsafe { c::zws_await_begin(slot.slot) };
        slot.locks().contend();
        let result = loop {
            if slot.locks().try_take(direction) {
                break Ok(());
            }
            if slot.life().is_closing() {
                break Err(SocketError::Closing);
            }
            let left_ms = match deadline.remaining_ms(slot) {
                0 => break Err(SocketError::WouldBlock),
                -1 => LOOK_MS,
                left_ms => left_ms.min(LOOK_MS),
            };
            // SAFETY: zws_await_begin() took the mutex.
            unsafe { c::zws_await(left_ms) };
            slot.bury(direction);
        };
        slot.locks().settle();
        // SAFETY: the slot is held, and zws_await_begin() took the mutex.
        unsafe { c::zws_await_end(descriptor_lock) };
        result
    }
}

impl Drop for Lock {
    #[inline]
    fn drop(&mut self) {
        give_back(self.slot, self.direction);
    }
}

// Not inlined, and neither is the next one: a dozen calls take locks.
#[inline(never)]
fn take(slot: &mut Slot, direction: Direction, deadline: &mut Deadline) -> Result<(), SocketError> {
    if slot.locks().try_take(direction) {
        return Ok(());
    }
    Lock::contend(slot, direction, deadline)
}

/// The slot is held by the caller.
#[inline(never)]
fn give_back(slot: *mut c::zws_slot, direction: Direction) {
    // SAFETY: the slot is held.
    if unsafe { &*locks_of(slot) }.give_back(direction) {
        // SAFETY: takes nothing.
        unsafe { c::zws_changed() };
    }
}
