// SPDX-License-Identifier: Apache-2.0
//! The locks of a connection's two directions, and how many threads wait for one of them, in one word.
//!
//! A free lock is taken with one atomic operation. Who finds it taken announces itself before the next try, so that the one
//! who gives the lock back sees it; both is the same word, so none is missed.

use super::atomic::{AtomicU32, add, clear, set};

/// A direction of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Direction {
    /// What the peer sends.
    Receive = 1,
    /// What this end sends.
    Send = 2,
}

/// The locks of one connection. All-zero: both are free.
#[derive(Default, Debug)]
#[repr(C)]
pub struct Locks {
    /// Bits of [`Direction`], and [`CONTENDER`] for each thread that waits.
    word: AtomicU32,
}

const CONTENDER: u32 = 0x100;

impl Locks {
    /// Takes a lock that is free.
    #[inline]
    pub fn try_take(&self, direction: Direction) -> bool {
        let bit = direction as u32;
        set(&self.word, bit) & bit == 0
    }

    /// Gives it back. `true`: somebody waits for a lock, and has to be woken.
    #[inline]
    pub fn give_back(&self, direction: Direction) -> bool {
        let bit = direction as u32;
        clear(&self.word, bit) >= CONTENDER
    }

    /// This thread waits for a lock: from now on it is woken. Before its next try.
    pub fn contend(&self) {
        let _ = add(&self.word, CONTENDER);
    }

    /// This thread does not wait any more.
    pub fn settle(&self) {
        let _ = add(&self.word, CONTENDER.wrapping_neg());
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn the_two_directions_are_apart_and_contenders_are_told_of() {
        let locks = Locks::default();
        assert!(locks.try_take(Direction::Receive) && locks.try_take(Direction::Send));
        assert!(!locks.try_take(Direction::Receive) && !locks.try_take(Direction::Send));
        assert!(!locks.give_back(Direction::Send), "nobody waits");
        locks.contend();
        assert!(!locks.try_take(Direction::Receive) && locks.try_take(Direction::Send));
        assert!(locks.give_back(Direction::Receive), "somebody waits");
        locks.settle();
        assert!(!locks.give_back(Direction::Send));
        assert!(locks.try_take(Direction::Receive) && locks.try_take(Direction::Send));
    }
}
