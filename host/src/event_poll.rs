//! `k_poll()` over signals, semaphores and the PC's descriptors.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! The waiting itself is the PC's poll(). A waiting thread is on a list with an eventfd of its own; raising a signal
//! or giving a semaphore writes to the eventfds of the threads that wait for that object.

use crate::clock::{Deadline, Timeout};
use crate::errno;
use crate::native::Guard;
use crate::semaphore::KSem;
use core::cell::OnceCell;
use core::ffi::{c_int, c_short, c_uint, c_void};
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const TYPE_SIGNAL: u8 = 0x01;
const TYPE_SEMAPHORE: u8 = 0x02;
/// `K_POLL_TYPE_HOST_DESCRIPTOR`.
pub const TYPE_HOST_DESCRIPTOR: u8 = 0x80;
const STATE_SIGNALED: u8 = 0x01;
const STATE_SEMAPHORE: u8 = 0x02;
const STATE_DATA: u8 = 0x04;

/// `struct k_poll_event`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PollEvent {
    object: *mut c_void,
    /// The PC's descriptor.
    pub host_descriptor: c_int,
    /// What poll() is asked for there.
    pub host_events: c_short,
    /// What poll() answered.
    pub host_ready: c_short,
    tag: u8,
    kind: u8,
    state: u8,
    mode: u8,
}

impl PollEvent {
    /// An event that never happens, to fill an array with.
    pub const NEVER: Self = Self {
        object: ptr::null_mut(),
        host_descriptor: -1,
        host_events: 0,
        host_ready: 0,
        tag: 0,
        kind: 0,
        state: 0,
        mode: 0,
    };

    /// Waits for the PC's descriptor.
    pub fn host(descriptor: c_int, events: c_short) -> Self {
        Self {
            host_descriptor: descriptor,
            host_events: events,
            kind: TYPE_HOST_DESCRIPTOR,
            ..Self::NEVER
        }
    }

    /// Marks it if its signal or semaphore is ready.
    fn update(&mut self) -> bool {
        match self.kind {
            TYPE_SIGNAL => {
                // SAFETY: k_poll()'s caller keeps the objects of its events alive.
                let signal = unsafe { &*self.object.cast::<PollSignal>() };
                self.mark(signal.signaled.load(Relaxed) != 0, STATE_SIGNALED)
            }
            TYPE_SEMAPHORE => {
                // SAFETY: k_poll()'s caller keeps the objects of its events alive.
                let semaphore = unsafe { &*self.object.cast::<KSem>() };
                self.mark(semaphore.count() != 0, STATE_SEMAPHORE)
            }
            _ => false,
        }
    }

    /// Takes over what poll() says about its descriptor.
    fn update_host(&mut self, ready: c_short) -> bool {
        self.host_ready = ready;
        self.mark(ready != 0, STATE_DATA)
    }

    fn mark(&mut self, ready: bool, state: u8) -> bool {
        if ready {
            self.state |= state;
        }
        ready
    }
}

/// `struct k_poll_signal`; changes under `WAITING`'s guard only.
#[repr(C)]
pub struct PollSignal {
    signaled: AtomicU32,
    result: AtomicI32,
}

/// One thread in k_poll(), and its place in the list.
struct Waiter {
    objects: Vec<*mut c_void>,
    wake_descriptor: c_int,
}

/// Guards the list and the signals.
static GUARD: Guard = Guard::new();
static WAITING: WaiterList = WaiterList(core::cell::UnsafeCell::new(Vec::new()));

struct WaiterList(core::cell::UnsafeCell<Vec<Waiter>>);
// SAFETY: it is only reached through with_waiters(), which holds the guard.
unsafe impl Sync for WaiterList {}

fn with_waiters<T>(action: impl FnOnce(&mut Vec<Waiter>) -> T) -> T {
    let _held = GUARD.hold();
    // SAFETY: the guard is held, and `action` does not come here again: it is one of the closures in this file.
    action(unsafe { &mut *WAITING.0.get() })
}

/// Wakes the threads in k_poll() that wait for this object.
pub fn wake(object: *const c_void) {
    with_waiters(|waiters| wake_in(waiters, object));
}

fn wake_in(waiters: &[Waiter], object: *const c_void) {
    let concerned = waiters
        .iter()
        .filter(|waiter| waiter.objects.contains(&object.cast_mut()));
    for waiter in concerned {
        let one: u64 = 1;
        // SAFETY: eight bytes of our variable; the descriptor is open while its waiter is listed.
        unsafe {
            libc::write(
                waiter.wake_descriptor,
                (&raw const one).cast(),
                size_of::<u64>(),
            )
        };
    }
}

thread_local! {
    static WAKE_DESCRIPTOR: OnceCell<OwnedFd> = const { OnceCell::new() };
}

/// This thread's eventfd.
fn wake_descriptor() -> c_int {
    let create = || {
        // SAFETY: the call has no preconditions.
        let descriptor = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if descriptor < 0 {
            crate::log_sink::fatal("k_poll: the PC has no more descriptors");
        }
        // SAFETY: it is open and nobody else's.
        unsafe { OwnedFd::from_raw_fd(descriptor) }
    };
    WAKE_DESCRIPTOR.with(|cell| cell.get_or_init(create).as_raw_fd())
}

/// Waits until an event is ready (0), time is up (-EAGAIN), or fails with another negative error.
pub fn poll(events: &mut [PollEvent], timeout: Timeout) -> c_int {
    let deadline = Deadline::after(timeout);
    let objects: Vec<_> = events
        .iter()
        .filter(|event| matches!(event.kind, TYPE_SIGNAL | TYPE_SEMAPHORE))
        .map(|event| event.object)
        .collect();
    if objects.is_empty() {
        return poll_until(events, deadline, -1);
    }
    let wake_descriptor = wake_descriptor();
    with_waiters(|waiters| {
        waiters.push(Waiter {
            objects,
            wake_descriptor,
        })
    });
    let result = poll_until(events, deadline, wake_descriptor);
    with_waiters(|waiters| waiters.retain(|waiter| waiter.wake_descriptor != wake_descriptor));
    drain(wake_descriptor);
    result
}

fn poll_until(events: &mut [PollEvent], deadline: Deadline, wake_descriptor: c_int) -> c_int {
    let mut host: Vec<libc::pollfd> = events.iter().map(host_entry).collect();
    host.push(libc::pollfd {
        fd: wake_descriptor,
        events: libc::POLLIN,
        revents: 0,
    });
    loop {
        let mut ready = update_objects(events);
        let limit = if ready {
            Deadline::after(Timeout::NO_WAIT)
        } else {
            deadline
        };
        if let Err(error) = host_poll(&mut host, limit) {
            return -error;
        }
        for (event, entry) in events.iter_mut().zip(&host) {
            ready |= entry.fd >= 0 && event.update_host(entry.revents);
        }
        ready |= update_objects(events);
        if ready {
            return 0;
        }
        if deadline.passed() {
            return -libc::EAGAIN;
        }
        drain(wake_descriptor);
    }
}

fn host_entry(event: &PollEvent) -> libc::pollfd {
    let is_host = event.kind == TYPE_HOST_DESCRIPTOR;
    libc::pollfd {
        fd: if is_host { event.host_descriptor } else { -1 },
        events: event.host_events,
        revents: 0,
    }
}

fn update_objects(events: &mut [PollEvent]) -> bool {
    let _held = GUARD.hold();
    let mut ready = false;
    for event in events {
        ready |= event.update();
    }
    ready
}

fn drain(wake_descriptor: c_int) {
    let mut count: u64 = 0;
    // SAFETY: eight bytes of our variable; without a descriptor (-1) the call fails, which is as good.
    unsafe { libc::read(wake_descriptor, (&raw mut count).cast(), size_of::<u64>()) };
}

/// The PC's poll() until the deadline; signals of the PC do not end it.
pub fn host_poll(entries: &mut [libc::pollfd], deadline: Deadline) -> Result<c_int, c_int> {
    loop {
        let remaining = deadline.remaining_timespec();
        let limit = remaining.as_ref().map_or(ptr::null(), ptr::from_ref);
        let count = entries.len() as libc::nfds_t;
        // SAFETY: the array has `count` entries; the time lives until the call returns.
        let result = unsafe { libc::ppoll(entries.as_mut_ptr(), count, limit, ptr::null()) };
        match errno::check(result) {
            Err(libc::EINTR) => {}
            other => return other,
        }
    }
}

/// # Safety
/// `events` is valid for `count` events whose objects are alive, and no other thread changes them.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_poll(events: *mut PollEvent, count: c_int, timeout: Timeout) -> c_int {
    let Ok(count) = usize::try_from(count) else {
        return -libc::EINVAL;
    };
    if count == 0 {
        return poll(&mut [], timeout);
    }
    if events.is_null() {
        return -libc::EINVAL;
    }
    // SAFETY: the caller's promise.
    poll(
        unsafe { core::slice::from_raw_parts_mut(events, count) },
        timeout,
    )
}

/// # Safety
/// `event` is valid for writes.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_poll_event_init(
    event: *mut PollEvent,
    kind: u32,
    mode: c_int,
    object: *mut c_void,
) {
    let kind = u8::try_from(kind).unwrap_or(0);
    let mode = u8::try_from(mode).unwrap_or(0);
    // SAFETY: the caller's promise.
    unsafe {
        event.write(PollEvent {
            object,
            kind,
            mode,
            ..PollEvent::NEVER
        })
    };
}

#[unsafe(no_mangle)]
extern "C" fn k_poll_signal_init(signal: &PollSignal) {
    k_poll_signal_reset(signal);
}

#[unsafe(no_mangle)]
extern "C" fn k_poll_signal_reset(signal: &PollSignal) {
    let _held = GUARD.hold();
    signal.signaled.store(0, Relaxed);
}

#[unsafe(no_mangle)]
extern "C" fn k_poll_signal_check(signal: &PollSignal, signaled: &mut c_uint, result: &mut c_int) {
    let _held = GUARD.hold();
    *signaled = signal.signaled.load(Relaxed);
    *result = signal.result.load(Relaxed);
}

#[unsafe(no_mangle)]
extern "C" fn k_poll_signal_raise(signal: &PollSignal, result: c_int) -> c_int {
    with_waiters(|waiters| {
        signal.result.store(result, Relaxed);
        signal.signaled.store(1, Relaxed);
        wake_in(waiters, ptr::from_ref(signal).cast());
    });
    0
}

/// `sizeof(struct k_poll_event)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_POLL_EVENT: usize = size_of::<PollEvent>();
