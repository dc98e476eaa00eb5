// SPDX-License-Identifier: Apache-2.0
//! loom models of the locks: every order of steps in which threads take, wait for, and give back a direction's lock.
//!
//! As in the models of a slot's life, each runs with one step in the wrong place as well, and has to fail then.

use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Direction, Locks};

/// The order of steps that `platform::zephyr` has, or one that is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Right,
    /// A thread tries, and announces afterwards that it waits.
    AnnouncedAfterTheTry,
    /// Who gives a lock back wakes nobody.
    NobodyIsWoken,
}

struct Connection {
    locks: Locks,
    mutex: Mutex<()>,
    unlocked: Condvar,
    is_closing: AtomicBool,
    /// Threads that have the lock, and how often it was had.
    inside: AtomicU32,
    turns: AtomicU32,
    order: Order,
}

impl Connection {
    fn new(order: Order) -> Arc<Self> {
        Arc::new(Self {
            locks: Locks::default(),
            mutex: Mutex::new(()),
            unlocked: Condvar::new(),
            is_closing: AtomicBool::new(false),
            inside: AtomicU32::new(0),
            turns: AtomicU32::new(0),
            order,
        })
    }

    /// `false`: the websocket is being closed.
    fn take(&self) -> bool {
        if self.locks.try_take(Direction::Receive) {
            return true;
        }
        let mut guard = self.mutex.lock().unwrap();
        let is_late = self.order == Order::AnnouncedAfterTheTry;
        if !is_late {
            self.locks.contend();
        }
        let is_taken = loop {
            if self.locks.try_take(Direction::Receive) {
                break true;
            }
            if is_late {
                self.locks.contend();
            }
            if self.is_closing.load(Relaxed) {
                break false;
            }
            guard = self.unlocked.wait(guard).unwrap();
            if is_late {
                self.locks.settle();
            }
        };
        if !(is_late && is_taken) {
            self.locks.settle();
        }
        is_taken
    }

    fn give_back(&self) {
        if self.locks.give_back(Direction::Receive) && self.order != Order::NobodyIsWoken {
            self.wake();
        }
    }

    fn wake(&self) {
        let _guard = self.mutex.lock().unwrap();
        self.unlocked.notify_all();
    }

    fn take_a_turn(&self) {
        if self.take() {
            assert_eq!(self.inside.fetch_add(1, Relaxed), 0, "two have the lock");
            self.turns.fetch_add(1, Relaxed);
            self.inside.fetch_sub(1, Relaxed);
            self.give_back();
        }
    }
}

/// Whether all orders of steps pass.
fn passes(order: Order, model: impl Fn(Order) + Sync + Send + 'static) -> bool {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    catch_unwind(AssertUnwindSafe(|| builder.check(move || model(order)))).is_ok()
}

/// Three threads, one lock.
fn contention(order: Order) {
    let connection = Connection::new(order);
    let others: Vec<_> = (0..2)
        .map(|_| {
            let connection = connection.clone();
            thread::spawn(move || connection.take_a_turn())
        })
        .collect();
    connection.take_a_turn();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(connection.turns.load(Relaxed), 3, "everybody had a turn");
}

#[test]
fn one_has_the_lock_and_everybody_has_a_turn() {
    assert!(passes(Order::Right, contention));
    assert!(!passes(Order::AnnouncedAfterTheTry, contention));
    assert!(!passes(Order::NobodyIsWoken, contention));
}

/// A thread waits for a lock that is never given back, and another one closes.
fn close(order: Order) {
    let connection = Connection::new(order);
    assert!(connection.locks.try_take(Direction::Receive));
    let closer = {
        let connection = connection.clone();
        thread::spawn(move || {
            connection.is_closing.store(true, Relaxed);
            connection.wake();
        })
    };
    assert!(!connection.take());
    closer.join().unwrap();
}

#[test]
fn who_waits_for_a_lock_leaves_when_the_websocket_is_closed() {
    assert!(passes(Order::Right, close));
}
