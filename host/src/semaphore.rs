//! `struct k_sem`: a counting semaphore.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::event_poll;
use crate::native::{Condition, Guard};
use core::ffi::{c_int, c_uint};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// `struct k_sem`; the fields before the guard change only while it is held.
#[repr(C)]
pub struct KSem {
    count: AtomicU32,
    limit: AtomicU32,
    /// How often k_sem_reset() was called: who waits gives up when it changes.
    resets: AtomicU32,
    waiting: AtomicU32,
    guard: Guard,
    available: Condition,
}

impl KSem {
    /// How often it can be taken now.
    pub fn count(&self) -> c_uint {
        let _held = self.guard.hold();
        self.count.load(Relaxed)
    }

    fn try_take(&self) -> bool {
        let count = self.count.load(Relaxed);
        if count != 0 {
            self.count.store(count - 1, Relaxed);
        }
        count != 0
    }
}

/// # Safety
/// `sem` is valid for writes, and nobody uses it.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_sem_init(sem: *mut KSem, initial_count: c_uint, limit: c_uint) -> c_int {
    if limit == 0 || initial_count > limit {
        return -libc::EINVAL;
    }
    let initial = KSem {
        count: AtomicU32::new(initial_count),
        limit: AtomicU32::new(limit),
        resets: AtomicU32::new(0),
        waiting: AtomicU32::new(0),
        guard: Guard::new(),
        available: Condition::new(),
    };
    // SAFETY: the caller's promise.
    unsafe { sem.write(initial) };
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_sem_take(sem: &KSem, timeout: Timeout) -> c_int {
    let held = sem.guard.hold();
    if sem.try_take() {
        return 0;
    }
    if timeout == Timeout::NO_WAIT {
        return -libc::EBUSY;
    }
    let deadline = Deadline::after(timeout);
    let resets = sem.resets.load(Relaxed);
    sem.waiting.fetch_add(1, Relaxed);
    let taken = loop {
        sem.available.wait(&held, deadline);
        if sem.resets.load(Relaxed) != resets {
            break false;
        }
        if sem.try_take() {
            break true;
        }
        if deadline.passed() {
            break false;
        }
    };
    sem.waiting.fetch_sub(1, Relaxed);
    if taken { 0 } else { -libc::EAGAIN }
}

#[unsafe(no_mangle)]
extern "C" fn k_sem_give(sem: &KSem) {
    {
        let _held = sem.guard.hold();
        let count = sem.count.load(Relaxed);
        if count < sem.limit.load(Relaxed) {
            sem.count.store(count + 1, Relaxed);
        }
        sem.available.wake_one();
    }
    event_poll::wake(ptr::from_ref(sem).cast());
}

#[unsafe(no_mangle)]
extern "C" fn k_sem_reset(sem: &KSem) {
    let _held = sem.guard.hold();
    sem.count.store(0, Relaxed);
    if sem.waiting.load(Relaxed) != 0 {
        sem.resets.fetch_add(1, Relaxed);
        sem.available.wake_all();
    }
}

#[unsafe(no_mangle)]
extern "C" fn k_sem_count_get(sem: &KSem) -> c_uint {
    sem.count()
}

/// `sizeof(struct k_sem)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_SEM: usize = size_of::<KSem>();
