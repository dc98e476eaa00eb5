//! pthread locks and condition variables that live inside C objects, where all bytes zero is a ready one.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::Deadline;
use core::cell::UnsafeCell;
use core::ffi::c_int;

unsafe extern "C" {
    /// glibc: a timed wait that names its clock, so that an all-zero condition variable can wait on the monotonic one.
    fn pthread_cond_clockwait(
        condition: *mut libc::pthread_cond_t,
        lock: *mut libc::pthread_mutex_t,
        clock: libc::clockid_t,
        until: *const libc::timespec,
    ) -> c_int;
}

/// A pthread mutex.
#[repr(transparent)]
pub struct Guard(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a pthread mutex is made for being used by several threads.
unsafe impl Sync for Guard {}
// SAFETY: it is never moved while it is locked: holding it borrows it.
unsafe impl Send for Guard {}

impl Guard {
    /// An unlocked mutex; all bytes are zero.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER))
    }

    /// Locks it until the result is dropped.
    pub fn hold(&self) -> Held<'_> {
        // SAFETY: the mutex is initialised and stays in place while it is borrowed.
        unsafe { libc::pthread_mutex_lock(self.0.get()) };
        Held(self)
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

/// A locked `Guard`.
pub struct Held<'a>(&'a Guard);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread locked it in hold().
        unsafe { libc::pthread_mutex_unlock(self.0.0.get()) };
    }
}

/// A pthread condition variable.
#[repr(transparent)]
pub struct Condition(UnsafeCell<libc::pthread_cond_t>);

// SAFETY: a pthread condition variable is made for being used by several threads.
unsafe impl Sync for Condition {}
// SAFETY: it is never moved while somebody waits: waiting borrows it.
unsafe impl Send for Condition {}

impl Condition {
    /// A condition variable nobody waits on; all bytes are zero.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(libc::PTHREAD_COND_INITIALIZER))
    }

    /// Waits for a wake-up or the deadline, without the lock meanwhile. May return early.
    pub fn wait(&self, held: &Held<'_>, deadline: Deadline) {
        let lock = held.0.0.get();
        match deadline.as_timespec() {
            // SAFETY: both objects are initialised and borrowed, and this thread holds the lock.
            None => unsafe { libc::pthread_cond_wait(self.0.get(), lock) },
            // SAFETY: as above; the time is read during the call only.
            Some(until) => unsafe {
                pthread_cond_clockwait(self.0.get(), lock, libc::CLOCK_MONOTONIC, &until)
            },
        };
    }

    /// Wakes one waiting thread.
    pub fn wake_one(&self) {
        // SAFETY: the object is initialised and borrowed.
        unsafe { libc::pthread_cond_signal(self.0.get()) };
    }

    /// Wakes all waiting threads.
    pub fn wake_all(&self) {
        // SAFETY: the object is initialised and borrowed.
        unsafe { libc::pthread_cond_broadcast(self.0.get()) };
    }
}

impl Default for Condition {
    fn default() -> Self {
        Self::new()
    }
}
