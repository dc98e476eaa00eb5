//! `struct k_mutex`: a mutex that its owner may lock again.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::native::{Condition, Guard, Held};
use crate::thread::{self, KThread};
use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

/// `struct k_mutex`; the fields before the guard change only while it is held.
#[repr(C)]
pub struct KMutex {
    owner: AtomicPtr<KThread>,
    lock_count: AtomicU32,
    waiting: AtomicU32,
    guard: Guard,
    released: Condition,
}

impl KMutex {
    /// An unlocked mutex; all bytes are zero.
    pub const fn new() -> Self {
        Self {
            owner: AtomicPtr::new(ptr::null_mut()),
            lock_count: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            guard: Guard::new(),
            released: Condition::new(),
        }
    }

    /// Locks it until the result is dropped.
    pub fn hold(&self) -> HeldMutex<'_> {
        k_mutex_lock(self, Timeout::FOREVER);
        HeldMutex(self)
    }

    /// What k_mutex_init() does in the kernel, where it strands who waits for the mutex: here that ends the program.
    pub fn initialise(&self) {
        let _held = self.guard.hold();
        assert_eq!(
            self.waiting.load(Relaxed),
            0,
            "k_mutex_init() of a mutex that a thread waits for"
        );
        self.owner.store(ptr::null_mut(), Relaxed);
        self.lock_count.store(0, Relaxed);
    }

    /// Releases it for the time of `wait`, as a condition variable does, if this thread holds it.
    pub fn without<T>(&self, wait: impl FnOnce() -> T) -> T {
        let held = k_mutex_unlock(self) == 0;
        let result = wait();
        if held {
            k_mutex_lock(self, Timeout::FOREVER);
        }
        result
    }

    /// Gives it up once and takes it again, whatever the first step came to: what a condition variable does.
    pub fn split(&self) -> (impl FnOnce(), impl FnOnce()) {
        (
            || {
                k_mutex_unlock(self);
            },
            || {
                k_mutex_lock(self, Timeout::FOREVER);
            },
        )
    }

    fn try_take(&self, _held: &Held<'_>) -> bool {
        let me = thread::current();
        let count = self.lock_count.load(Relaxed);
        if count != 0 && self.owner.load(Relaxed) != me {
            return false;
        }
        self.owner.store(me, Relaxed);
        self.lock_count.store(count + 1, Relaxed);
        true
    }
}

impl Default for KMutex {
    fn default() -> Self {
        Self::new()
    }
}

/// A locked `KMutex`.
pub struct HeldMutex<'a>(&'a KMutex);

impl Drop for HeldMutex<'_> {
    fn drop(&mut self) {
        k_mutex_unlock(self.0);
    }
}

/// # Safety
/// `mutex` is valid for writes, and nobody uses it.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_mutex_init(mutex: *mut KMutex) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { mutex.write(KMutex::new()) };
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_mutex_lock(mutex: &KMutex, timeout: Timeout) -> c_int {
    let held = mutex.guard.hold();
    if mutex.try_take(&held) {
        return 0;
    }
    if timeout == Timeout::NO_WAIT {
        return -libc::EBUSY;
    }
    let deadline = Deadline::after(timeout);
    mutex.waiting.fetch_add(1, Relaxed);
    let taken = loop {
        mutex.released.wait(&held, deadline);
        if mutex.try_take(&held) {
            break true;
        }
        if deadline.passed() {
            break false;
        }
    };
    mutex.waiting.fetch_sub(1, Relaxed);
    if taken { 0 } else { -libc::EAGAIN }
}

#[unsafe(no_mangle)]
extern "C" fn k_mutex_unlock(mutex: &KMutex) -> c_int {
    let _held = mutex.guard.hold();
    let count = mutex.lock_count.load(Relaxed);
    if count == 0 {
        return -libc::EINVAL;
    }
    if mutex.owner.load(Relaxed) != thread::current() {
        return -libc::EPERM;
    }
    mutex.lock_count.store(count - 1, Relaxed);
    if count == 1 {
        mutex.owner.store(ptr::null_mut(), Relaxed);
        if mutex.waiting.load(Relaxed) != 0 {
            mutex.released.wake_one();
        }
    }
    0
}

/// `sizeof(struct k_mutex)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_MUTEX: usize = size_of::<KMutex>();
