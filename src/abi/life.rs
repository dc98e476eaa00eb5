// SPDX-License-Identifier: Apache-2.0
//! The life of a slot for the glue: [`Life`] as the `uint32_t` that C gives room for. All-zero is a free slot.

use super::c_bool;
use crate::platform::zephyr::{Slot, bindings as c};
use crate::slot::{Direction, Life};

/// # Safety
/// `life` is valid, and C changes it through these functions only.
unsafe fn life<'a>(life: *mut u32) -> &'a Life {
    // SAFETY: one atomic word (asserted below); the caller's promise.
    unsafe { &*life.cast() }
}

const _: () = assert!(size_of::<Life>() == size_of::<u32>());
const _: () = assert!(align_of::<Life>() == align_of::<u32>());

/// Takes a free slot; `false`: it is not.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_claim(word: *mut u32) -> c_bool {
    // SAFETY: this function's own contract.
    unsafe { life(word) }.claim().into()
}

/// Lets calls in, for the one who claimed the slot.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_publish(word: *mut u32) {
    // SAFETY: this function's own contract.
    unsafe { life(word) }.publish();
}

/// Which life of the slot it is.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_generation(word: *mut u32) -> u32 {
    // SAFETY: this function's own contract.
    unsafe { life(word) }.generation()
}

/// Lets a call in; `false`: the slot is free, or being closed, or its generation modulo `tags` is not `tag`.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_hold(word: *mut u32, tag: u32, tags: u32) -> c_bool {
    let mask = tags.wrapping_sub(1);
    // SAFETY: this function's own contract.
    unsafe { life(word) }
        .hold(|generation| generation & mask == tag)
        .into()
}

/// It can be held: [`zws_life_hold`] would succeed.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_is_open(word: *mut u32, tag: u32, tags: u32) -> c_bool {
    let mask = tags.wrapping_sub(1);
    // SAFETY: this function's own contract.
    unsafe { life(word) }
        .is_open(|generation| generation & mask == tag)
        .into()
}

/// A call leaves. `true`: somebody closes and is alone now, and has to be woken.
///
/// # Safety
/// - `word`: of a slot that the caller holds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_put(word: *mut u32) -> c_bool {
    // SAFETY: this function's own contract.
    unsafe { life(word) }.put().into()
}

/// Somebody closes the slot.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_is_closing(word: *mut u32) -> c_bool {
    // SAFETY: this function's own contract.
    unsafe { life(word) }.is_closing().into()
}

/// The slot is taken.
///
/// # Safety
/// - `word`: of a slot.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_life_is_used(word: *mut u32) -> c_bool {
    // SAFETY: this function's own contract.
    unsafe { life(word) }.is_used().into()
}

/// Gives back what a thread had that was aborted while it waited for the socket of this slot.
///
/// # Safety
/// - `slot`: one of the glue's, that nobody claims meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_slot_bury(slot: *mut c::zws_slot) {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    slot.bury(Direction::Receive);
    slot.bury(Direction::Send);
}

/// Releases a slot whose last thread was aborted while it closed it, or leaves it to the calls that are in it.
///
/// # Safety
/// - `slot`: one of the glue's, that nobody else claims or buries meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_slot_bury_closer(slot: *mut c::zws_slot) {
    // SAFETY: this function's own contract.
    unsafe { Slot::new(slot) }.bury_closer();
}
