//! `zvfs_poll()`: asks every descriptor's object what to wait for, waits, and asks it what happened.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::configuration::poll_max;
use crate::descriptor_table::{self, Entry, Target};
use crate::errno;
use crate::event_poll::{self, PollEvent};
use crate::vtable::{self, PollDescriptor};
use core::ffi::c_int;

const POLL_INVALID: i16 = 0x20;

/// What a round of asking came to.
enum Prepared {
    /// Wait for that many events until then.
    Wait(usize, Deadline),
    /// Somebody else's poll has to do it.
    Offload(Target, Timeout),
}

/// Waits until a descriptor is ready: how many are.
pub fn poll(descriptors: &mut [PollDescriptor], timeout: Timeout) -> Result<c_int, c_int> {
    let mut events = vec![PollEvent::NEVER; poll_max()];
    match prepare(descriptors, &mut events, timeout)? {
        Prepared::Offload(target, timeout) => Ok(offload(descriptors, target, timeout)),
        Prepared::Wait(count, deadline) => wait(descriptors, &mut events[..count], deadline),
    }
}

fn prepare(
    descriptors: &mut [PollDescriptor],
    events: &mut [PollEvent],
    timeout: Timeout,
) -> Result<Prepared, c_int> {
    let capacity = events.len();
    let start = events.as_mut_ptr();
    let mut next = start;
    let mut timeout = timeout;
    let mut deadline = Deadline::after(timeout);
    let mut offload = None;
    for descriptor in descriptors {
        let Some((entry, target)) = object_of(descriptor.fd) else {
            continue;
        };
        let end = start.wrapping_add(capacity);
        match ask_prepare(entry, target, descriptor, &mut next, end) {
            0.. => {}
            already if already == -libc::EALREADY => {
                timeout = Timeout::NO_WAIT;
                deadline = Deadline::after(timeout);
            }
            elsewhere if elsewhere == -libc::EXDEV => {
                offload.get_or_insert(target);
            }
            error => return Err(-error),
        }
    }
    if let Some(target) = offload {
        return Ok(Prepared::Offload(target, timeout));
    }
    let used = (next.addr() - start.addr()) / size_of::<PollEvent>();
    Ok(Prepared::Wait(used.min(capacity), deadline))
}

fn wait(
    descriptors: &mut [PollDescriptor],
    events: &mut [PollEvent],
    deadline: Deadline,
) -> Result<c_int, c_int> {
    loop {
        match event_poll::poll(events, deadline.remaining()) {
            0 => {}
            over if over == -libc::EAGAIN || over == -libc::EINTR => {}
            error => return Err(-error),
        }
        let (ready, again) = update(descriptors, events)?;
        if !again || ready > 0 || deadline.passed() {
            return Ok(ready);
        }
    }
}

/// How many descriptors are ready, and whether one wants to be waited for again.
fn update(
    descriptors: &mut [PollDescriptor],
    events: &mut [PollEvent],
) -> Result<(c_int, bool), c_int> {
    let mut next = events.as_mut_ptr();
    let mut ready = 0;
    let mut again = false;
    for descriptor in descriptors {
        descriptor.revents = 0;
        if descriptor.fd < 0 {
            continue;
        }
        let Some((entry, target)) = object_of(descriptor.fd) else {
            descriptor.revents = POLL_INVALID;
            ready += 1;
            continue;
        };
        match ask_update(entry, target, descriptor, &mut next) {
            0 => ready += c_int::from(descriptor.revents != 0),
            retry if retry == -libc::EAGAIN => again = true,
            error => return Err(-error),
        }
    }
    Ok((ready, again))
}

/// The object behind a descriptor; none if it is negative, closed, or without an object or methods.
fn object_of(fd: c_int) -> Option<(&'static Entry, Target)> {
    let (entry, target) = descriptor_table::look_up(fd).ok()?;
    (!target.object.is_null() && !target.vtable.is_null()).then_some((entry, target))
}

fn ask_prepare(
    entry: &Entry,
    target: Target,
    descriptor: &mut PollDescriptor,
    next: &mut *mut PollEvent,
    end: *mut PollEvent,
) -> c_int {
    let _locked = entry.lock.hold();
    // SAFETY: the vtable accepts its object; the pointers are to the array of prepare(), and its end.
    unsafe { vtable::port_ioctl_poll_prepare(target.vtable, target.object, descriptor, next, end) }
}

fn ask_update(
    entry: &Entry,
    target: Target,
    descriptor: &mut PollDescriptor,
    next: &mut *mut PollEvent,
) -> c_int {
    let _locked = entry.lock.hold();
    // SAFETY: the vtable accepts its object, which uses up as many events as it asked for.
    unsafe { vtable::port_ioctl_poll_update(target.vtable, target.object, descriptor, next) }
}

fn offload(descriptors: &mut [PollDescriptor], target: Target, timeout: Timeout) -> c_int {
    let count = c_int::try_from(descriptors.len()).unwrap_or(c_int::MAX);
    let entries = descriptors.as_mut_ptr();
    let timeout = timeout.as_ms_floor();
    // SAFETY: the vtable accepts its object; the array has `count` entries.
    unsafe {
        vtable::port_ioctl_poll_offload(target.vtable, target.object, entries, count, timeout)
    }
}

/// # Safety
/// `descriptors` is valid for `count` entries.
#[unsafe(no_mangle)]
unsafe extern "C" fn zvfs_poll_internal(
    descriptors: *mut PollDescriptor,
    count: c_int,
    timeout: Timeout,
) -> c_int {
    let count = usize::try_from(count).unwrap_or(0);
    if count == 0 || descriptors.is_null() {
        return errno::answer(poll(&mut [], timeout));
    }
    // SAFETY: the caller's promise.
    let descriptors = unsafe { core::slice::from_raw_parts_mut(descriptors, count) };
    errno::answer(poll(descriptors, timeout))
}

/// # Safety
/// As for `zvfs_poll_internal()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn zvfs_poll(
    descriptors: *mut PollDescriptor,
    count: c_int,
    timeout_ms: c_int,
) -> c_int {
    let timeout = u64::try_from(timeout_ms).map_or(Timeout::FOREVER, Timeout::from_ms);
    // SAFETY: the caller's promise.
    unsafe { zvfs_poll_internal(descriptors, count, timeout) }
}
