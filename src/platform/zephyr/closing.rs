// SPDX-License-Identifier: Apache-2.0
//! The end of a connection: who closes it is alone with it before it sends its Close.
#![expect(unsafe_code, reason = "calls into C")]

use super::lock::LOOK_MS;
use super::{Slot, bindings as c};
use crate::connection::{Call, Deadline, Sender};
use crate::slot::Close;

/// So often a thread that closes what is being closed looks whether that has ended: nothing announces it.
const CLOSED_LOOK_MS: i32 = 10;

/// A slot that is being closed, and has no call in it; released when this goes out of scope.
pub(crate) struct Closing(Slot);

impl Closing {
    /// Lets no further call in, and waits until those that are in it have left; they are woken. `Err`: this life of the slot is
    /// over, or another thread closes it. `Ok(None)`: the time is up, and the last call in it will release the slot.
    ///
    /// # Safety
    /// `slot` is one of the glue's.
    pub(crate) unsafe fn begin(
        slot: *mut c::zws_slot,
        tag: u32,
        deadline: &mut Deadline,
    ) -> Result<Option<Self>, ()> {
        // SAFETY: the glue's slots are there for ever; the one that is closed is not released before this returns.
        let mut slot = unsafe { Slot::new(slot) };
        let mask = slot.head().tag_mask;
        let is_alone = match slot.life().close(|generation| generation & mask == tag) {
            Close::Refused => {
                slot.wait_until_closed(tag, deadline);
                return Err(());
            }
            Close::Alone => true,
            Close::CallsInIt => slot.wait_until_alone(deadline),
        };
        if !is_alone {
            return Ok(None);
        }
        Ok(Some(Self(slot)))
    }

    /// Runs `body` as the only sender: nobody else is there, and nobody comes after it.
    pub(crate) fn as_sender<R>(
        &mut self,
        deadline: &Deadline,
        body: impl FnOnce(&mut Sender, &mut Call<'_, Slot>) -> R,
    ) -> R {
        let settings = self.0.settings();
        // SAFETY: the slot is this thread's alone.
        let (sender, buffer) = unsafe { self.0.send_half() };
        let mut call = Call {
            platform: &mut self.0,
            buffer,
            settings: &settings,
            deadline: *deadline,
        };
        body(sender, &mut call)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Slot {
    /// Ends a life that is this thread's alone.
    pub(crate) fn release(&self) {
        // SAFETY: the slot is this thread's alone.
        unsafe { c::zws_slot_hide(self.slot) };
        self.life().release();
    }

    /// Another thread closes this life of the slot: the number is not free before it is done, or out of patience.
    #[cold]
    #[inline(never)]
    fn wait_until_closed(&mut self, tag: u32, deadline: &mut Deadline) {
        let mask = self.head().tag_mask;
        // SAFETY: takes nothing of the slot but its descriptor's lock, if this thread has it.
        let descriptor_lock = unsafe { c::zws_await_begin(self.slot) };
        while self.life().is_owned(|generation| generation & mask == tag)
            && deadline.remaining_ms(self) != 0
        {
            // SAFETY: zws_await_begin() took the mutex.
            unsafe { c::zws_await(CLOSED_LOOK_MS) };
        }
        // SAFETY: zws_await_begin() took the mutex.
        unsafe { c::zws_await_end(descriptor_lock) };
    }

    /// Who closed the slot was aborted while it waited: what it would have done when the time is up.
    pub(crate) fn bury_closer(&mut self) {
        if !cfg!(switch = "aborted_threads") || !self.life().is_awaited() {
            return;
        }
        // SAFETY: one of the glue's slots.
        let is_dead = unsafe { c::zws_closer_is_dead(self.slot) };
        if is_dead && self.life().own_or_leave() {
            self.release();
        }
    }

    /// `false`: the time is up, and the slot is left to the calls in it.
    #[cold]
    #[inline(never)]
    fn wait_until_alone(&mut self, deadline: &mut Deadline) -> bool {
        // SAFETY: takes nothing; the slot is not released before this thread does it or leaves.
        unsafe { c::zws_changed() };
        // Those inside have to have the descriptor's lock when they leave: afterwards the number may be used anew, and the lock
        // with it.
        // SAFETY: as above.
        let descriptor_lock = unsafe { c::zws_await_begin(self.slot) };
        // SAFETY: as above.
        unsafe { c::zws_closer_set(self.slot) };
        let is_alone = loop {
            self.wake();
            if self.life().own() {
                break true;
            }
            let left_ms = deadline.remaining_ms(self);
            if left_ms == 0 {
                // SAFETY: as above.
                unsafe { c::zws_slot_hide(self.slot) };
                break self.life().own_or_leave();
            }
            // SAFETY: zws_await_begin() took the mutex.
            unsafe { c::zws_await(left_ms.min(LOOK_MS)) };
        };
        // SAFETY: zws_await_begin() took the mutex.
        unsafe { c::zws_await_end(descriptor_lock) };
        is_alone
    }
}
