// SPDX-License-Identifier: Apache-2.0
//! One atomic word: core's; loom's and shuttle's in their models; Zephyr's on a CPU that has no compare-and-swap (Cortex-M0).

#[cfg(loom)]
pub(super) use loom::sync::atomic::AtomicU32;

#[cfg(shuttle)]
pub(super) use shuttle::sync::atomic::AtomicU32;

#[cfg(not(any(loom, shuttle)))]
pub(super) use core::sync::atomic::AtomicU32;

#[cfg(any(loom, shuttle, target_has_atomic = "32"))]
use core::sync::atomic::Ordering::AcqRel;
use core::sync::atomic::Ordering::Acquire;

/// Changes the word by `change` until nobody came in between; `Err` with what `change` refused.
#[cfg(any(loom, shuttle, target_has_atomic = "32"))]
pub(super) fn update(word: &AtomicU32, change: impl Fn(u32) -> Option<u32>) -> Result<u32, u32> {
    word.fetch_update(AcqRel, Acquire, change)
}

#[cfg(not(any(loom, shuttle, target_has_atomic = "32")))]
pub(super) fn update(word: &AtomicU32, change: impl Fn(u32) -> Option<u32>) -> Result<u32, u32> {
    let mut before = word.load(Acquire);
    while let Some(after) = change(before) {
        if crate::platform::zephyr::compare_and_swap(word, before, after) {
            return Ok(before);
        }
        before = word.load(Acquire);
    }
    Err(before)
}

/// Sets bits; the word as it was. A single instruction's loop, where [`update`] compares too.
#[inline]
pub(super) fn set(word: &AtomicU32, bits: u32) -> u32 {
    #[cfg(any(loom, shuttle, target_has_atomic = "32"))]
    return word.fetch_or(bits, AcqRel);
    #[cfg(not(any(loom, shuttle, target_has_atomic = "32")))]
    update(word, |word| Some(word | bits)).unwrap_or_default()
}

/// Clears bits; the word as it was.
#[inline]
pub(super) fn clear(word: &AtomicU32, bits: u32) -> u32 {
    #[cfg(any(loom, shuttle, target_has_atomic = "32"))]
    return word.fetch_and(!bits, AcqRel);
    #[cfg(not(any(loom, shuttle, target_has_atomic = "32")))]
    update(word, |word| Some(word & !bits)).unwrap_or_default()
}

/// Adds, as numbers that begin anew; the word as it was.
#[inline]
pub(super) fn add(word: &AtomicU32, number: u32) -> u32 {
    #[cfg(any(loom, shuttle, target_has_atomic = "32"))]
    return word.fetch_add(number, AcqRel);
    #[cfg(not(any(loom, shuttle, target_has_atomic = "32")))]
    update(word, |word| Some(word.wrapping_add(number))).unwrap_or_default()
}
