//! `zvfs_select()` on top of `zvfs_poll()`, and its sets.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::Timeout;
use crate::configuration::{open_max, poll_max};
use crate::errno;
use crate::socket_poll;
use crate::vtable::PollDescriptor;
use core::ffi::{c_int, c_void};

const WORD_BITS: usize = u32::BITS as usize;

const READABLE: i16 = 0x01;
const EXCEPTIONAL: i16 = 0x02;
const WRITABLE: i16 = 0x04;
const INVALID: i16 = 0x20;
/// Exceptional conditions, errors and hang-ups: the kernel reports them in two sets.
const TROUBLE: i16 = EXCEPTIONAL | 0x08 | 0x10;

/// `struct zvfs_fd_set`, whose length depends on `CONFIG_ZVFS_OPEN_MAX`.
type RawSet = *mut u32;

/// The words of a set.
///
/// # Safety
/// `set` is a `struct zvfs_fd_set` of the program, and nobody else uses it during `'a`.
unsafe fn words<'a>(set: RawSet) -> &'a mut [u32] {
    // SAFETY: the caller's promise; the program's configuration says how long the set is.
    unsafe { core::slice::from_raw_parts_mut(set, open_max().div_ceil(WORD_BITS)) }
}

fn place(set: &mut [u32], fd: c_int) -> Option<(&mut u32, u32)> {
    let fd = usize::try_from(fd).ok()?;
    Some((set.get_mut(fd / WORD_BITS)?, 1 << (fd % WORD_BITS)))
}

fn contains(set: &mut [u32], fd: c_int) -> bool {
    place(set, fd).is_some_and(|(word, bit)| *word & bit != 0)
}

fn insert(set: &mut [u32], fd: c_int) {
    if let Some((word, bit)) = place(set, fd) {
        *word |= bit;
    }
}

/// One of the three sets, the events that belong to it, and the answers that put a descriptor into it.
struct Asked<'a> {
    set: &'a mut [u32],
    events: i16,
    answers: i16,
}

fn select(asked: &mut [Asked<'_>], timeout: Timeout) -> Result<c_int, c_int> {
    let mut descriptors = Vec::new();
    for fd in (0..open_max()).filter_map(|fd| c_int::try_from(fd).ok()) {
        let events = asked
            .iter_mut()
            .filter_map(|asked| contains(asked.set, fd).then_some(asked.events))
            .fold(0, |all, events| all | events);
        if events != 0 {
            descriptors.push(PollDescriptor {
                fd,
                events,
                revents: 0,
            });
        }
    }
    if descriptors.len() > poll_max() {
        return Err(libc::ENOMEM);
    }
    socket_poll::poll(&mut descriptors, timeout)?;
    for asked in asked.iter_mut() {
        asked.set.fill(0);
    }
    let mut count = 0;
    for descriptor in descriptors {
        if descriptor.revents & INVALID != 0 {
            return Err(libc::EBADF);
        }
        // As the kernel does, whether the descriptor was in that set or not.
        for asked in asked
            .iter_mut()
            .filter(|asked| descriptor.revents & asked.answers != 0)
        {
            insert(asked.set, descriptor.fd);
            count += 1;
        }
    }
    Ok(count)
}

/// # Safety
/// The sets are null or `struct zvfs_fd_set` of the program that only this thread uses.
#[unsafe(no_mangle)]
unsafe extern "C" fn zvfs_select(
    _count: c_int,
    readable: RawSet,
    writable: RawSet,
    exceptional: RawSet,
    timeout: Option<&libc::timespec>,
    _signal_mask: *const c_void,
) -> c_int {
    let wishes = [
        (readable, READABLE, READABLE),
        (writable, WRITABLE, WRITABLE | TROUBLE),
        (exceptional, EXCEPTIONAL, TROUBLE),
    ];
    let mut asked: Vec<_> = wishes
        .into_iter()
        .filter(|(set, ..)| !set.is_null())
        .map(|(set, events, answers)| {
            // SAFETY: the caller's promise.
            let set = unsafe { words(set) };
            Asked {
                set,
                events,
                answers,
            }
        })
        .collect();
    let timeout = timeout.map_or(Timeout::FOREVER, |limit| {
        Timeout::from_us(limit.tv_sec.saturating_mul(1_000_000) + limit.tv_nsec / 1000)
    });
    errno::answer(select(&mut asked, timeout))
}

/// # Safety
/// `set` is a `struct zvfs_fd_set` of the program that only this thread uses.
#[unsafe(no_mangle)]
unsafe extern "C" fn ZVFS_FD_ZERO(set: RawSet) {
    // SAFETY: the caller's promise.
    unsafe { words(set) }.fill(0);
}

/// # Safety
/// As for `ZVFS_FD_ZERO()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ZVFS_FD_SET(fd: c_int, set: RawSet) {
    // SAFETY: the caller's promise.
    insert(unsafe { words(set) }, fd);
}

/// # Safety
/// As for `ZVFS_FD_ZERO()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ZVFS_FD_CLR(fd: c_int, set: RawSet) {
    // SAFETY: the caller's promise.
    if let Some((word, bit)) = place(unsafe { words(set) }, fd) {
        *word &= !bit;
    }
}

/// # Safety
/// As for `ZVFS_FD_ZERO()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ZVFS_FD_ISSET(fd: c_int, set: RawSet) -> c_int {
    // SAFETY: the caller's promise.
    c_int::from(contains(unsafe { words(set) }, fd))
}
