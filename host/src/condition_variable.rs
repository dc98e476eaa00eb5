//! `struct k_condvar`: a condition variable without spurious wake-ups.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::mutex::KMutex;
use crate::native::{Condition, Guard};
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// `struct k_condvar`; the counters change only while the guard is held.
#[repr(C)]
pub struct KCondvar {
    waiting: AtomicU32,
    /// Wake-ups that no waiting thread has taken yet; never more than `waiting`.
    wakeups: AtomicU32,
    guard: Guard,
    woken: Condition,
}

impl KCondvar {
    /// Nobody waits on it; all bytes are zero.
    pub const fn new() -> Self {
        Self {
            waiting: AtomicU32::new(0),
            wakeups: AtomicU32::new(0),
            guard: Guard::new(),
            woken: Condition::new(),
        }
    }

    /// @return whether a wake-up came before the deadline.
    fn wait_for_wakeup(&self, release: impl FnOnce(), deadline: Deadline) -> bool {
        let held = self.guard.hold();
        self.waiting.fetch_add(1, Relaxed);
        // Only now, so that a signal sent as soon as the mutex is free finds this thread waiting.
        release();
        while self.wakeups.load(Relaxed) == 0 && !deadline.passed() {
            self.woken.wait(&held, deadline);
        }
        self.waiting.fetch_sub(1, Relaxed);
        let woken = self.wakeups.load(Relaxed) != 0;
        if woken {
            self.wakeups.fetch_sub(1, Relaxed);
        }
        woken
    }
}

impl Default for KCondvar {
    fn default() -> Self {
        Self::new()
    }
}

/// # Safety
/// `condvar` is valid for writes, and nobody uses it.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_condvar_init(condvar: *mut KCondvar) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { condvar.write(KCondvar::new()) };
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_condvar_signal(condvar: &KCondvar) -> c_int {
    let _held = condvar.guard.hold();
    let wakeups = condvar.wakeups.load(Relaxed);
    if condvar.waiting.load(Relaxed) > wakeups {
        condvar.wakeups.store(wakeups + 1, Relaxed);
        condvar.woken.wake_one();
    }
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_condvar_broadcast(condvar: &KCondvar) -> c_int {
    let _held = condvar.guard.hold();
    let waiting = condvar.waiting.load(Relaxed);
    let woken = waiting - condvar.wakeups.swap(waiting, Relaxed);
    condvar.woken.wake_all();
    c_int::try_from(woken).unwrap_or(c_int::MAX)
}

#[unsafe(no_mangle)]
extern "C" fn k_condvar_wait(condvar: &KCondvar, mutex: &KMutex, timeout: Timeout) -> c_int {
    let deadline = Deadline::after(timeout);
    let (release, retake) = mutex.split();
    let woken = condvar.wait_for_wakeup(release, deadline);
    retake();
    if woken { 0 } else { -libc::EAGAIN }
}

/// `sizeof(struct k_condvar)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_CONDVAR: usize = size_of::<KCondvar>();
