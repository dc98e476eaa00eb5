// SPDX-License-Identifier: Apache-2.0
//! shuttle model: many threads use, contend for, abort in, close and reuse a slot, in random orders. loom tries all orders of two or
//! three threads; this one sees those that need more.
//!
//! As loom's models, it is run with one step in the wrong place as well, and has to fail then.

use shuttle::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use shuttle::sync::{Arc, Condvar, Mutex};
use shuttle::thread;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Close, Direction, Life, Locks};

/// The order of steps that `platform::zephyr` has, or one that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Right,
    /// A call does not ask which life it is.
    AnyGeneration,
    /// The last call in a slot wakes nobody.
    NobodyIsWoken,
    /// A thread tries to take a lock, and announces afterwards that it waits.
    AnnouncedAfterTheTry,
    /// The lock of a thread that was aborted is not given back.
    LockIsNotBuried,
}

struct Slot {
    life: Life,
    locks: Locks,
    /// Whose connection is in it: its generation.
    owner: AtomicU32,
    /// Somebody has the receive half.
    is_receiving: AtomicBool,
    /// A thread was aborted in a wait, with hold and lock.
    has_corpse: AtomicBool,
    mutex: Mutex<()>,
    changed: Condvar,
    order: Order,
}

impl Slot {
    fn new(order: Order) -> Arc<Self> {
        let slot = Self {
            life: Life::new(),
            locks: Locks::default(),
            owner: AtomicU32::new(0),
            is_receiving: AtomicBool::new(false),
            has_corpse: AtomicBool::new(false),
            mutex: Mutex::new(()),
            changed: Condvar::new(),
            order,
        };
        slot.open();
        Arc::new(slot)
    }

    fn open(&self) {
        assert!(self.life.claim());
        self.owner.store(self.life.generation(), Relaxed);
        self.life.publish();
    }

    fn announce(&self) {
        let _guard = self.mutex.lock().unwrap();
        self.changed.notify_all();
    }

    fn put(&self) {
        if self.life.put() && self.order != Order::NobodyIsWoken {
            self.announce();
        }
    }

    fn give_back(&self) {
        if self.locks.give_back(Direction::Receive) {
            self.announce();
        }
    }

    /// `false`: somebody closes.
    fn take(&self) -> bool {
        if self.locks.try_take(Direction::Receive) {
            return true;
        }
        let mut guard = self.mutex.lock().unwrap();
        if self.order == Order::AnnouncedAfterTheTry && self.locks.try_take(Direction::Receive) {
            return true;
        }
        let mut is_announced = self.order != Order::AnnouncedAfterTheTry;
        if is_announced {
            self.locks.contend();
        }
        let is_taken = loop {
            if is_announced && self.locks.try_take(Direction::Receive) {
                break true;
            }
            if self.life.is_closing() {
                break false;
            }
            if !is_announced {
                drop(guard);
                thread::yield_now();
                guard = self.mutex.lock().unwrap();
                self.locks.contend();
                is_announced = true;
            }
            guard = self.changed.wait(guard).unwrap();
        };
        self.locks.settle();
        is_taken
    }

    /// A receive of somebody who looked the connection up when its generation was this; `dies`: it is aborted while it waits.
    fn receive(&self, generation: u32, dies: bool) {
        let is_any = self.order == Order::AnyGeneration;
        if !self.life.hold(|found| is_any || found == generation) {
            return;
        }
        let check = || assert_eq!(self.owner.load(Relaxed), generation, "another connection");
        check();
        if self.take() {
            assert!(!self.is_receiving.swap(true, SeqCst), "two have the half");
            thread::yield_now();
            check();
            self.is_receiving.store(false, SeqCst);
            if dies {
                self.has_corpse.store(true, SeqCst);
                return;
            }
            self.give_back();
        }
        check();
        self.put();
    }

    fn bury(&self) {
        if self.has_corpse.swap(false, SeqCst) {
            if self.order != Order::LockIsNotBuried {
                self.give_back();
            }
            if self.life.bury() {
                self.announce();
            }
        }
    }

    fn close(&self) -> bool {
        match self.life.close(|_| true) {
            Close::Refused => return false,
            Close::Alone => {}
            Close::CallsInIt => {
                self.announce();
                let mut guard = self.mutex.lock().unwrap();
                while !self.life.own() {
                    guard = self.changed.wait(guard).unwrap();
                }
            }
        }
        self.owner.store(u32::MAX, Relaxed);
        self.life.release();
        true
    }
}

/// Three threads receive, one of which is aborted; another one looks for it; a slot lives three times.
fn lives(order: Order) {
    const LIVES: u32 = 3;
    let slot = Slot::new(order);
    let mut threads = Vec::new();
    for number in 0..3 {
        let slot = slot.clone();
        threads.push(thread::spawn(move || {
            for generation in 0..LIVES {
                slot.receive(generation, number == 0 && generation == 1);
            }
        }));
    }
    let gravedigger = {
        let slot = slot.clone();
        thread::spawn(move || {
            // Those that wait look from time to time.
            while slot.owner.load(Relaxed) != LIVES {
                slot.bury();
                thread::yield_now();
            }
        })
    };
    for generation in 0..LIVES {
        assert!(slot.close());
        if generation + 1 < LIVES {
            slot.open();
        }
    }
    slot.owner.store(LIVES, Relaxed);
    gravedigger.join().unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(!slot.life.is_used());
    assert!(
        slot.locks.try_take(Direction::Receive),
        "a lock is lost with its thread"
    );
}

/// So many random orders; wrong ones are found in far fewer.
const ORDERS: usize = 20_000;

fn passes(order: Order) -> bool {
    let check = || shuttle::check_random(move || lives(order), ORDERS);
    catch_unwind(AssertUnwindSafe(check)).is_ok()
}

#[test]
fn threads_in_random_orders() {
    assert!(passes(Order::Right));
}

#[test]
fn wrong_orders_are_found() {
    for order in [
        Order::AnyGeneration,
        Order::NobodyIsWoken,
        Order::AnnouncedAfterTheTry,
        Order::LockIsNotBuried,
    ] {
        assert!(!passes(order), "{order:?}");
    }
}
