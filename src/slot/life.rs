// SPDX-License-Identifier: Apache-2.0
//! One life after the other of a slot, in one word: its generation, its phase, and how many calls are in it.
//!
//! A call **holds** a slot while it uses it. Closing lets nobody in any more; who closes waits until it is alone, and then
//! everything in the slot is its own. Releasing ends the life: what belongs to it finds another generation and stays out.

use super::atomic::{AtomicU32, update};
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// The life of a slot. All-zero is a free one.
#[derive(Debug)]
#[repr(C)]
pub struct Life {
    /// Calls in it ([`HOLDS`]), [`PHASE`], generation.
    word: AtomicU32,
}

const HOLDS: u32 = 0xFFF;
const PHASE: u32 = 0x3000;
const FREE: u32 = 0;
/// Taken, and known to the one who took it.
const CLAIMED: u32 = 0x1000;
/// It has a descriptor.
const OPEN: u32 = 0x2000;
const CLOSING: u32 = 0x3000;
const GENERATION_SHIFT: u32 = 14;
const ONE_GENERATION: u32 = 1 << GENERATION_SHIFT;

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

impl Life {
    /// A free slot that has not been used.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            word: AtomicU32::new(FREE),
        }
    }

    /// A free slot that has not been used.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(FREE),
        }
    }

    /// Takes a free slot; `false`: it is not.
    pub fn claim(&self) -> bool {
        let claimed = |word: u32| (word & PHASE == FREE).then_some(word | CLAIMED);
        update(&self.word, claimed).is_ok()
    }

    /// Everything in the slot is ready: it can be held from now on. For the one who claimed it.
    pub fn publish(&self) {
        let word = self.word.load(Relaxed);
        self.word.store(word & !PHASE | OPEN, Release);
    }

    /// Which life it is. Only who holds the slot, or closes it, can rely on it.
    pub fn generation(&self) -> u32 {
        self.word.load(Acquire) >> GENERATION_SHIFT
    }

    /// Lets a call in; `false`: the slot is not open, or `is_this` refuses its generation.
    pub fn hold(&self, is_this: impl Fn(u32) -> bool) -> bool {
        let held = |word: u32| {
            let may =
                word & PHASE == OPEN && word & HOLDS != HOLDS && is_this(word >> GENERATION_SHIFT);
            may.then_some(word.wrapping_add(1))
        };
        update(&self.word, held).is_ok()
    }

    /// A call would be let in. For who keeps the slot from being released in another way.
    pub fn is_open(&self, is_this: impl Fn(u32) -> bool) -> bool {
        let word = self.word.load(Acquire);
        word & PHASE == OPEN && is_this(word >> GENERATION_SHIFT)
    }

    /// A call leaves. `true`: somebody closes and is alone now, and has to be woken. Nothing of the slot may be touched
    /// after this.
    pub fn put(&self) -> bool {
        let left = |word: u32| Some(word.wrapping_sub(1));
        let before = update(&self.word, left).unwrap_or_default();
        before & (PHASE | HOLDS) == CLOSING | 1
    }

    /// Lets nobody in any more; `false`: it was not open, or another call closes it, or `is_this` refuses its generation. The
    /// caller has to wait until it
    /// [is alone](Self::is_alone), and to [release](Self::release) it.
    pub fn begin_close(&self, is_this: impl Fn(u32) -> bool) -> bool {
        let closing = |word: u32| {
            let may = word & PHASE == OPEN && is_this(word >> GENERATION_SHIFT);
            may.then_some(word | CLOSING)
        };
        update(&self.word, closing).is_ok()
    }

    /// Somebody has begun to close it.
    pub fn is_closing(&self) -> bool {
        self.word.load(Acquire) & PHASE == CLOSING
    }

    /// It is taken: a life goes on.
    pub fn is_used(&self) -> bool {
        self.word.load(Acquire) & PHASE != FREE
    }

    /// No call is in it. For the one who closes: everything in the slot is its own then.
    pub fn is_alone(&self) -> bool {
        self.word.load(Acquire) & HOLDS == 0
    }

    /// Ends this life. For the one who closes, or who claimed the slot and has not published it.
    pub fn release(&self) {
        let generation = self.word.load(Relaxed) & !(PHASE | HOLDS);
        self.word
            .store(generation.wrapping_add(ONE_GENERATION), Release);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_life_has_its_phases_and_the_next_one_another_generation() {
        let life = Life::new();
        assert!(!life.is_used() && !life.hold(|_| true) && !life.begin_close(|_| true));
        assert!(life.claim() && life.is_used());
        assert!(!life.claim() && !life.hold(|_| true) && !life.begin_close(|_| true));
        life.publish();
        let first = life.generation();
        assert!(life.hold(|generation| generation == first) && !life.is_alone());
        assert!(!life.put(), "nobody waits");
        assert!(life.hold(|_| true) && life.begin_close(|_| true) && life.is_closing());
        assert!(!life.hold(|_| true) && !life.begin_close(|_| true) && !life.is_alone());
        assert!(life.put(), "who closes waits");
        assert!(life.is_alone());
        life.release();
        assert!(!life.is_used() && life.claim());
        life.publish();
        assert!(!life.hold(|generation| generation == first));
    }

    #[test]
    fn generations_go_on_from_the_beginning() {
        let life = Life::new();
        for _ in 0..(1 << 18) + 3 {
            assert!(life.claim());
            life.release();
        }
        assert_eq!(life.generation(), 3);
    }
}
