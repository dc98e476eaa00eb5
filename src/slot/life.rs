// SPDX-License-Identifier: Apache-2.0
//! One life after the other of a slot, in one word: its generation, its phase, and how many calls are in it.
//!
//! A call **holds** a slot while it uses it. Closing lets nobody in any more; who closes waits until it is alone, and then
//! everything in the slot is its own, as for one who claims it. Releasing ends the life: what belongs to it finds another
//! generation and stays out. Who cannot wait any longer leaves, and the last call in the slot releases it.

use super::atomic::{AtomicU32, add, update};
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// The life of a slot. All-zero is a free one.
#[derive(Debug)]
#[repr(C)]
pub struct Life {
    /// Calls in it ([`HOLDS`]), [`PHASE`], generation.
    word: AtomicU32,
}

const HOLDS: u32 = 0xFFF;
const PHASE: u32 = 0x7000;
const FREE: u32 = 0;
/// Everything in it belongs to the one who claimed it, or who closes it and is alone.
const CLAIMED: u32 = 0x1000;
/// It has a descriptor.
const OPEN: u32 = 0x2000;
/// Who closes it waits for the calls in it.
const CLOSING: u32 = 0x3000;
/// Nobody waits for the calls in it any more.
const LEFT: u32 = 0x4000;
/// They have left, too: as good as free.
const DESERTED: u32 = LEFT;
const GENERATION_SHIFT: u32 = 15;
const ONE_GENERATION: u32 = 1 << GENERATION_SHIFT;

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

impl Life {
    /// A free slot that has not been used.
    #[cfg(not(any(loom, shuttle)))]
    pub const fn new() -> Self {
        Self {
            word: AtomicU32::new(FREE),
        }
    }

    /// A free slot that has not been used.
    #[cfg(any(loom, shuttle))]
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(FREE),
        }
    }

    /// Takes a free slot; `false`: it is not.
    pub fn claim(&self) -> bool {
        let claimed = |word: u32| match word & (PHASE | HOLDS) {
            FREE => Some(word | CLAIMED),
            DESERTED => Some(next_life(word) | CLAIMED),
            _ => None,
        };
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

    /// A call would be let in. For who keeps the slot from being released in another way, by a lock that orders what it sees.
    pub fn is_open(&self, is_this: impl Fn(u32) -> bool) -> bool {
        let word = self.word.load(Relaxed);
        word & PHASE == OPEN && is_this(word >> GENERATION_SHIFT)
    }

    /// A call leaves. `true`: somebody closes and is alone now, and has to be woken. Nothing of the slot may be touched
    /// after this.
    pub fn put(&self) -> bool {
        let before = add(&self.word, 1_u32.wrapping_neg());
        before & (PHASE | HOLDS) == CLOSING | 1
    }

    /// The same for a thread that does not live any more, and was in a call or had the slot to itself.
    pub fn bury(&self) -> bool {
        let left = |word: u32| {
            Some(match word & PHASE {
                CLAIMED => next_life(word),
                _ => word.wrapping_sub(1),
            })
        };
        let before = update(&self.word, left).unwrap_or_default();
        before & (PHASE | HOLDS) == CLOSING | 1
    }

    /// Lets nobody in any more.
    pub fn close(&self, is_this: impl Fn(u32) -> bool) -> Close {
        let closing = |word: u32| {
            let may = word & PHASE == OPEN && is_this(word >> GENERATION_SHIFT);
            let phase = if word & HOLDS == 0 { CLAIMED } else { CLOSING };
            may.then_some(word & !PHASE | phase)
        };
        match update(&self.word, closing) {
            Err(_) => Close::Refused,
            Ok(before) if before & HOLDS == 0 => Close::Alone,
            Ok(_) => Close::CallsInIt,
        }
    }

    /// Takes the slot where no call is in it any more. For the one who closes.
    pub fn own(&self) -> bool {
        let owned = |word: u32| (word & HOLDS == 0).then_some(word & !PHASE | CLAIMED);
        update(&self.word, owned).is_ok()
    }

    /// The same; with calls still in it, the last of them releases the slot. For the one who closes.
    pub fn own_or_leave(&self) -> bool {
        let phase = |word: u32| if word & HOLDS == 0 { CLAIMED } else { LEFT };
        let before = update(&self.word, |word| Some(word & !PHASE | phase(word)));
        before.unwrap_or_default() & HOLDS == 0
    }

    /// Every call in it has to leave.
    pub fn is_closing(&self) -> bool {
        matches!(self.word.load(Acquire) & PHASE, CLOSING | LEFT)
    }

    /// Somebody closes it, and waits for the calls in it.
    pub fn is_awaited(&self) -> bool {
        self.word.load(Acquire) & PHASE == CLOSING
    }

    /// One thread has this life of the slot to itself, or waits for that.
    pub fn is_owned(&self, is_this: impl Fn(u32) -> bool) -> bool {
        let word = self.word.load(Acquire);
        matches!(word & PHASE, CLAIMED | CLOSING) && is_this(word >> GENERATION_SHIFT)
    }

    /// It is taken: a life goes on.
    pub fn is_used(&self) -> bool {
        !matches!(self.word.load(Acquire) & (PHASE | HOLDS), FREE | DESERTED)
    }

    /// Ends this life. For the one who claimed the slot, or owns it.
    pub fn release(&self) {
        let word = self.word.load(Relaxed);
        self.word.store(next_life(word), Release);
    }
}

fn next_life(word: u32) -> u32 {
    (word & !(PHASE | HOLDS)).wrapping_add(ONE_GENERATION)
}

/// What [`Life::close`] finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Close {
    /// It was not open, or another call closes it, or it is another life.
    Refused,
    /// Everything in the slot is the caller's, who has to [release](Life::release) it.
    Alone,
    /// Calls are in it: they have to be woken, and the caller waits until it [owns](Life::own) the slot, or
    /// [leaves](Life::own_or_leave) it to them.
    CallsInIt,
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn a_life_has_its_phases_and_the_next_one_another_generation() {
        let life = Life::new();
        assert!(!life.is_used() && !life.hold(|_| true));
        assert_eq!(life.close(|_| true), Close::Refused);
        assert!(life.claim() && life.is_used());
        assert!(!life.claim() && !life.hold(|_| true));
        assert_eq!(life.close(|_| true), Close::Refused);
        life.publish();
        let first = life.generation();
        assert!(life.hold(|generation| generation == first));
        assert!(!life.put(), "nobody waits");
        assert!(life.hold(|_| true));
        assert_eq!(life.close(|_| true), Close::CallsInIt);
        assert!(life.is_closing() && !life.own());
        assert!(!life.hold(|_| true));
        assert_eq!(life.close(|_| true), Close::Refused);
        assert!(life.put(), "who closes waits");
        assert!(life.own() && !life.is_closing() && life.is_used());
        life.release();
        assert!(!life.is_used() && life.claim());
        life.publish();
        assert!(!life.hold(|generation| generation == first));
        assert_eq!(life.close(|_| true), Close::Alone);
        life.release();
        assert_eq!(life.generation(), first + 2);
    }

    #[test]
    fn the_last_call_releases_a_slot_that_was_left_to_it() {
        let life = Life::new();
        assert!(life.claim());
        life.publish();
        assert!(life.hold(|_| true) && life.hold(|_| true));
        assert_eq!(life.close(|_| true), Close::CallsInIt);
        assert!(!life.own_or_leave() && life.is_closing());
        assert!(!life.put() && life.is_used() && !life.claim());
        assert!(!life.put() && !life.is_used() && !life.hold(|_| true));
        assert!(life.claim());
        assert_eq!(life.generation(), 1);
    }

    #[test]
    fn generations_go_on_from_the_beginning() {
        let life = Life::new();
        for _ in 0..(1 << 17) + 3 {
            assert!(life.claim());
            life.release();
        }
        assert_eq!(life.generation(), 3);
    }
}
