// SPDX-License-Identifier: Apache-2.0
//! loom models of the locks: every order of steps in which a thread finds a lock taken, and another gives it back or closes.
//!
//! As in the models of a slot's life, each runs with one step in the wrong place as well, and has to fail then. A thread that
//! would sleep says so instead: whether somebody wakes it is looked at in the end.

use loom::sync::atomic::{AtomicBool, Ordering::Relaxed};
use loom::sync::{Arc, Mutex};
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
    /// Who closes wakes those that wait, and marks the websocket as closing afterwards.
    MarkedAfterTheWake,
}

struct Connection {
    locks: Locks,
    /// A thread sleeps until it is woken: the context's mutex and its condition variable.
    is_asleep: Mutex<bool>,
    is_closing: AtomicBool,
    order: Order,
}

#[derive(PartialEq, Eq, Debug)]
enum Taken {
    Yes,
    Closing,
    Asleep,
}

impl Connection {
    /// One whose lock is taken.
    fn new(order: Order) -> Arc<Self> {
        let locks = Locks::default();
        assert!(locks.try_take(Direction::Receive));
        Arc::new(Self {
            locks,
            is_asleep: Mutex::new(false),
            is_closing: AtomicBool::new(false),
            order,
        })
    }

    fn take(&self) -> Taken {
        let mut is_asleep = self.is_asleep.lock().unwrap();
        if self.order != Order::AnnouncedAfterTheTry {
            self.locks.contend();
        }
        if self.locks.try_take(Direction::Receive) {
            return Taken::Yes;
        }
        if self.order == Order::AnnouncedAfterTheTry {
            self.locks.contend();
        }
        if self.is_closing.load(Relaxed) {
            return Taken::Closing;
        }
        *is_asleep = true;
        Taken::Asleep
    }

    fn give_back(&self) {
        if self.locks.give_back(Direction::Receive) && self.order != Order::NobodyIsWoken {
            self.wake();
        }
    }

    fn close(&self) {
        if self.order == Order::MarkedAfterTheWake {
            self.wake();
        }
        self.is_closing.store(true, Relaxed);
        if self.order != Order::MarkedAfterTheWake {
            self.wake();
        }
    }

    fn wake(&self) {
        *self.is_asleep.lock().unwrap() = false;
    }
}

/// Whether in all orders of steps a thread that finds the lock taken `goes_on`, at once or when it is woken by the `other`.
fn passes(order: Order, other: fn(&Connection), goes_on: fn(Taken) -> bool) -> bool {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    let model = move || {
        let connection = Connection::new(order);
        let thread = {
            let connection = connection.clone();
            thread::spawn(move || other(&connection))
        };
        let taken = connection.take();
        thread.join().unwrap();
        let is_asleep = *connection.is_asleep.lock().unwrap();
        assert!(!is_asleep, "nobody wakes it");
        assert!(goes_on(taken));
    };
    catch_unwind(AssertUnwindSafe(|| builder.check(model))).is_ok()
}

#[test]
fn who_waits_for_a_lock_is_woken_when_it_is_given_back() {
    let goes_on = |taken| taken != Taken::Closing;
    assert!(passes(Order::Right, Connection::give_back, goes_on));
    assert!(!passes(
        Order::AnnouncedAfterTheTry,
        Connection::give_back,
        goes_on
    ));
    assert!(!passes(
        Order::NobodyIsWoken,
        Connection::give_back,
        goes_on
    ));
}

#[test]
fn who_waits_for_a_lock_is_woken_when_the_websocket_is_closed() {
    let goes_on = |taken| taken != Taken::Yes;
    assert!(passes(Order::Right, Connection::close, goes_on));
    assert!(!passes(
        Order::MarkedAfterTheWake,
        Connection::close,
        goes_on
    ));
}
