// SPDX-License-Identifier: Apache-2.0
//! loom models: every order of steps in which callers can meet that use, close and reuse a slot.
//!
//! Each model is also run with one step in the wrong place ([`Order`]), and has to fail then.

use loom::sync::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
use loom::thread;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Close, Life};

/// The order of steps that the glue has, or one that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Right,
    /// The slot is released without a wait for the calls in it.
    ReleasedWithCallsInIt,
    /// A call does not ask which life it is.
    AnyGeneration,
    /// A call gives up its hold, and takes the descriptor's lock again afterwards.
    HoldEndsBeforeTheLock,
    /// The last call in the slot wakes nobody.
    NobodyIsWoken,
    /// Who closes does not have the descriptor's lock.
    ClosedWithoutTheLock,
    /// A thread that was aborted in a call is not looked for.
    NobodyIsBuried,
    /// Who cannot wait any longer releases the slot by itself.
    ReleasedInsteadOfLeft,
}

/// A slot as the glue has it.
struct Slot {
    life: Life,
    /// Whose connection is in it.
    owner: AtomicU32,
    mutex: Mutex<()>,
    hold_ended: Condvar,
    descriptor_lock: Mutex<()>,
    /// Threads that wait for the descriptor's lock.
    at_the_lock: AtomicU32,
    order: Order,
}

impl Slot {
    /// With a first connection in it.
    fn open(order: Order) -> Arc<Self> {
        let slot = Arc::new(Self {
            life: Life::new(),
            owner: AtomicU32::new(0),
            mutex: Mutex::new(()),
            hold_ended: Condvar::new(),
            descriptor_lock: Mutex::new(()),
            at_the_lock: AtomicU32::new(0),
            order,
        });
        slot.take(1);
        slot
    }

    fn take(&self, owner: u32) {
        assert!(self.life.claim());
        self.owner.store(owner, Relaxed);
        self.life.publish();
    }

    fn hold(&self, generation: u32) -> bool {
        let is_any = self.order == Order::AnyGeneration;
        self.life.hold(|found| is_any || found == generation)
    }

    fn put(&self) {
        if self.life.put() && self.order != Order::NobodyIsWoken {
            let _guard = self.mutex.lock().unwrap();
            self.hold_ended.notify_all();
        }
    }

    /// A call of somebody who looked the first connection up, at any time.
    fn use_first(&self) {
        if self.hold(0) {
            assert_eq!(
                self.owner.load(Relaxed),
                1,
                "the call is in another connection"
            );
            thread::yield_now();
            assert_eq!(
                self.owner.load(Relaxed),
                1,
                "the connection changed under the call"
            );
            self.put();
        }
    }

    /// A poll's request: under the descriptor's lock, and without a hold.
    fn ask_first(&self) {
        let _lock = self.lock_descriptor();
        if self.life.is_open(|generation| generation == 0) {
            thread::yield_now();
            assert_eq!(
                self.owner.load(Relaxed),
                1,
                "the connection changed under the request"
            );
        }
    }

    fn wait_until_alone(&self) {
        if self.order == Order::ReleasedWithCallsInIt {
            return;
        }
        let mut guard = self.mutex.lock().unwrap();
        while !self.life.own() {
            guard = self.hold_ended.wait(guard).unwrap();
        }
    }

    fn close(&self) -> bool {
        match self.life.close(|_| true) {
            Close::Refused => return false,
            Close::Alone => {}
            Close::CallsInIt => self.wait_until_alone(),
        }
        self.owner.store(0, Relaxed);
        self.life.release();
        true
    }

    fn lock_descriptor(&self) -> MutexGuard<'_, ()> {
        self.at_the_lock.fetch_add(1, SeqCst);
        let guard = self.descriptor_lock.lock().unwrap();
        self.at_the_lock.fetch_sub(1, SeqCst);
        guard
    }
}

/// Whether all orders of steps pass.
fn passes(order: Order, model: impl Fn(Order) + Sync + Send + 'static) -> bool {
    let mut builder = loom::model::Builder::new();
    // Of the orders with more switches between threads none has shown what these do not.
    builder.preemption_bound = Some(3);
    catch_unwind(AssertUnwindSafe(|| builder.check(move || model(order)))).is_ok()
}

/// A slot is closed and used again while two calls of the first connection come late.
fn reuse(order: Order) {
    let slot = Slot::open(order);
    let callers: Vec<_> = (0..2)
        .map(|_| {
            let slot = slot.clone();
            thread::spawn(move || slot.use_first())
        })
        .collect();
    assert!(slot.close());
    slot.take(2);
    for caller in callers {
        caller.join().unwrap();
    }
    assert_eq!(slot.owner.load(Relaxed), 2);
}

#[test]
fn a_late_call_never_reaches_the_next_connection_of_its_slot() {
    assert!(passes(Order::Right, reuse));
    assert!(!passes(Order::AnyGeneration, reuse));
    assert!(!passes(Order::ReleasedWithCallsInIt, reuse));
    assert!(!passes(Order::NobodyIsWoken, reuse));
}

/// Two threads close, one of them is the one.
fn two_close(order: Order) {
    let slot = Slot::open(order);
    let other = {
        let slot = slot.clone();
        thread::spawn(move || slot.close())
    };
    let closed = slot.close();
    assert!(closed != other.join().unwrap(), "one close, and only one");
    assert!(!slot.life.is_used());
}

#[test]
fn a_slot_is_released_once() {
    assert!(passes(Order::Right, two_close));
}

/// A call of a socket method lets the descriptor's lock go while it waits, and has to have it when it returns; close() is
/// called with the lock, and its number is used anew behind it, which initialises the lock.
fn descriptor(order: Order) {
    let slot = Slot::open(order);
    let caller = {
        let slot = slot.clone();
        let inside = slot.lock_descriptor();
        assert!(slot.hold(0));
        drop(inside);
        thread::spawn(move || {
            // It has waited, and comes back.
            if slot.order == Order::HoldEndsBeforeTheLock {
                slot.put();
                drop(slot.lock_descriptor());
            } else {
                let lock = slot.lock_descriptor();
                slot.put();
                drop(lock);
            }
        })
    };
    let lock = slot.lock_descriptor();
    if slot.life.close(|_| true) == Close::CallsInIt {
        drop(lock);
        slot.wait_until_alone();
    } else {
        drop(lock);
    }
    let lock = slot.lock_descriptor();
    slot.life.release();
    drop(lock);
    assert_eq!(
        slot.at_the_lock.load(SeqCst),
        0,
        "k_mutex_init() strands a thread"
    );
    caller.join().unwrap();
}

#[test]
fn nobody_waits_for_the_lock_of_a_descriptor_that_is_closed() {
    assert!(passes(Order::Right, descriptor));
    assert!(!passes(Order::HoldEndsBeforeTheLock, descriptor));
}

/// A poll asks while another thread closes, whose number and slot are used anew behind it.
fn poll(order: Order) {
    let slot = Slot::open(order);
    let poller = {
        let slot = slot.clone();
        thread::spawn(move || slot.ask_first())
    };
    let lock = (order != Order::ClosedWithoutTheLock).then(|| slot.lock_descriptor());
    let calls_in_it = slot.life.close(|_| true) == Close::CallsInIt;
    drop(lock);
    if calls_in_it {
        slot.wait_until_alone();
    }
    slot.owner.store(0, Relaxed);
    slot.life.release();
    slot.take(2);
    poller.join().unwrap();
}

#[test]
fn a_request_of_a_poll_needs_no_hold() {
    assert!(passes(Order::Right, poll));
    assert!(!passes(Order::ClosedWithoutTheLock, poll));
}

/// A thread is aborted in a call, and another one uses the slot, when a third closes.
fn abort(order: Order) {
    let slot = Slot::open(order);
    assert!(slot.hold(0), "the call of the thread that is aborted");
    let caller = {
        let slot = slot.clone();
        thread::spawn(move || slot.use_first())
    };
    if order != Order::NobodyIsBuried && slot.life.bury() {
        slot.hold_ended.notify_all();
    }
    let (closed, in_time) = slot.close_in_time();
    assert!(closed);
    caller.join().unwrap();
    assert!(in_time || !slot.life.is_used(), "the slot is lost");
    slot.take(2);
}

/// Who closes cannot wait for the call that is in the slot.
fn leave(order: Order) {
    let slot = Slot::open(order);
    let caller = {
        let slot = slot.clone();
        thread::spawn(move || slot.use_first())
    };
    assert!(slot.close_in_time().0);
    let is_reused = slot.life.claim();
    if is_reused {
        slot.owner.store(2, Relaxed);
        slot.life.publish();
    }
    caller.join().unwrap();
    assert!(is_reused || slot.life.claim(), "the slot is lost");
}

impl Slot {
    /// Closes without a wait; whether it did, and whether it was alone.
    fn close_in_time(&self) -> (bool, bool) {
        let is_alone = match self.life.close(|_| true) {
            Close::Refused => return (false, false),
            Close::Alone => true,
            Close::CallsInIt => self.life.own_or_leave(),
        };
        if is_alone || self.order == Order::ReleasedInsteadOfLeft {
            self.owner.store(0, Relaxed);
            self.life.release();
        }
        (true, is_alone)
    }
}

#[test]
fn a_thread_that_was_aborted_does_not_keep_the_slot() {
    assert!(passes(Order::Right, abort));
    assert!(!passes(Order::NobodyIsBuried, abort));
}

#[test]
fn a_slot_that_was_left_is_released_by_its_last_call() {
    assert!(passes(Order::Right, leave));
    assert!(!passes(Order::ReleasedInsteadOfLeft, leave));
}
