// SPDX-License-Identifier: Apache-2.0
//! A hold of a slot for the time of one call.
#![expect(unsafe_code, reason = "calls into C")]

use super::{Slot, bindings as c};
use crate::connection::Error;

/// A slot that is held, until this goes out of scope: it does not become another connection's.
pub(crate) struct Held(Slot);

impl Held {
    /// The slot behind a descriptor, for what is wanted in this direction.
    pub(crate) fn find(ws_sock: i32, direction: u8) -> Result<Self, Error> {
        let (mut slot, mut tag) = (core::ptr::null_mut(), 0);
        // SAFETY: both are writable.
        match unsafe { c::zws_slot_find(ws_sock, direction, &raw mut slot, &raw mut tag) } {
            0 => {}
            c::ZWS_STATUS_NO_ENTRY => return Err(Error::NoEntry),
            _ => return Err(Error::BadDescriptor),
        }
        // SAFETY: one of the glue's slots, which are there for ever.
        let held = unsafe { Self::hold(slot, tag) }.ok_or(Error::BadDescriptor)?;
        if held.0.head().ws_sock != ws_sock {
            return Err(Error::NoEntry);
        }
        Ok(held)
    }

    /// Holds this life of a slot; `None`: it is over, or comes to its end.
    ///
    /// # Safety
    /// `slot` is one of the glue's.
    #[inline(never)]
    pub(crate) unsafe fn new(slot: *mut c::zws_slot, tag: u32) -> Option<Self> {
        // SAFETY: this function's own contract.
        unsafe { Self::hold(slot, tag) }
    }

    #[inline(always)]
    unsafe fn hold(slot: *mut c::zws_slot, tag: u32) -> Option<Self> {
        // SAFETY: this function's own contract; it is used when it is held.
        let slot = unsafe { Slot::new(slot) };
        let mask = slot.head().tag_mask;
        let is_held = slot.life().hold(|generation| generation & mask == tag);
        is_held.then(|| Self(slot))
    }

    /// What is held.
    #[inline]
    pub(crate) fn slot(&mut self) -> &mut Slot {
        &mut self.0
    }
}

impl Drop for Held {
    #[inline(never)]
    fn drop(&mut self) {
        if self.0.life().put() {
            // SAFETY: takes nothing.
            unsafe { c::zws_changed() };
        }
    }
}
