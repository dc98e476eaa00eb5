//! Delayable work: one thread, the system's work queue, runs what is due.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::native::{Condition, Guard};
use core::cell::UnsafeCell;
use core::ffi::c_int;
use std::sync::Once;

/// `struct k_work`.
#[repr(C)]
pub struct Work {
    handler: Option<unsafe extern "C" fn(*mut Self)>,
}

/// `struct k_work_delayable`.
#[repr(C)]
pub struct DelayableWork {
    work: Work,
}

/// An item that is scheduled: where it is, and when it is due. Work is static, as the kernel wants it.
struct Item {
    work: *mut Work,
    due: Deadline,
}

struct Queue {
    guard: Guard,
    changed: Condition,
    items: UnsafeCell<Vec<Item>>,
}

// SAFETY: `items` is used under `guard` only.
unsafe impl Sync for Queue {}

static QUEUE: Queue = Queue {
    guard: Guard::new(),
    changed: Condition::new(),
    items: UnsafeCell::new(Vec::new()),
};
static STARTED: Once = Once::new();

/// 1: scheduled; 0: it was already, and stays as it is.
#[unsafe(no_mangle)]
extern "C" fn k_work_schedule(delayable: *mut DelayableWork, delay: Timeout) -> c_int {
    STARTED.call_once(|| {
        std::thread::spawn(run);
    });
    let _held = QUEUE.guard.hold();
    // SAFETY: under the guard.
    let items = unsafe { &mut *QUEUE.items.get() };
    let work = delayable.cast::<Work>();
    if items.iter().any(|item| item.work == work) {
        return 0;
    }
    let due = Deadline::after(delay);
    items.push(Item { work, due });
    QUEUE.changed.wake_all();
    1
}

fn run() {
    loop {
        let work = next();
        // SAFETY: scheduled by its owner, and static.
        if let Some(handler) = unsafe { (*work).handler } {
            // SAFETY: the owner's function, for this work.
            unsafe { handler(work) };
        }
    }
}

/// Waits for the next item that is due, and takes it.
fn next() -> *mut Work {
    let held = QUEUE.guard.hold();
    loop {
        // SAFETY: under the guard.
        let items = unsafe { &mut *QUEUE.items.get() };
        if let Some(due) = items.iter().position(|item| item.due.passed()) {
            return items.swap_remove(due).work;
        }
        let first = items
            .iter()
            .map(|item| item.due)
            .reduce(Deadline::earlier)
            .unwrap_or_else(|| Deadline::after(Timeout::FOREVER));
        QUEUE.changed.wait(&held, first);
    }
}
