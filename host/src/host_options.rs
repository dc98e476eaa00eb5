//! Options and descriptor flags of the PC's sockets.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::errno::{self, check};
use crate::host_socket::{self, HostSocket, Limit};
use crate::vtable::Object;
use core::ffi::{c_int, c_void};
use libc::{socklen_t, timeval};
use std::sync::atomic::Ordering::SeqCst;

const MICROSECONDS: i64 = 1_000_000;
/// `ZVFS_O_NONBLOCK`
const NON_BLOCKING: c_int = 0x4000;

/// The time limit that an option stands for: the port keeps it, as the PC's socket never waits.
fn limit_of(socket: &HostSocket, level: c_int, name: c_int) -> Option<Limit<'_>> {
    match (level, name) {
        (libc::SOL_SOCKET, libc::SO_RCVTIMEO) => Some(socket.receive_limit()),
        (libc::SOL_SOCKET, libc::SO_SNDTIMEO) => Some(socket.send_limit()),
        _ => None,
    }
}

/// `SO_ERROR`: what went wrong since the last time, 0 for nothing.
pub fn pending_error(socket: &HostSocket) -> Result<c_int, c_int> {
    let mut error: c_int = 0;
    let mut length = size_of::<c_int>() as socklen_t;
    let (level, name) = (libc::SOL_SOCKET, libc::SO_ERROR);
    let value = (&raw mut error).cast();
    // SAFETY: the option is written to our variable of that length.
    let result = unsafe { libc::getsockopt(socket.descriptor(), level, name, value, &mut length) };
    check(result)?;
    Ok(error)
}

/// # Safety
/// `value` is valid for writing `*length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_getsockopt(
    object: Object,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: &mut socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        let Some(limit) = limit_of(&socket, level, name) else {
            // SAFETY: the caller's promise.
            let result =
                unsafe { libc::getsockopt(socket.descriptor(), level, name, value, length) };
            return check(result);
        };
        if (*length as usize) < size_of::<timeval>() {
            return Err(libc::EINVAL);
        }
        *length = size_of::<timeval>() as socklen_t;
        let us = limit.us();
        let time = timeval {
            tv_sec: us / MICROSECONDS,
            tv_usec: us % MICROSECONDS,
        };
        // SAFETY: the buffer is large enough, says the caller's length.
        unsafe { value.cast::<timeval>().write_unaligned(time) };
        Ok(0)
    }))
}

/// # Safety
/// `value` is valid for reading `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_setsockopt(
    object: Object,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        let Some(limit) = limit_of(&socket, level, name) else {
            // SAFETY: the caller's promise.
            let result =
                unsafe { libc::setsockopt(socket.descriptor(), level, name, value, length) };
            return check(result);
        };
        if (length as usize) != size_of::<timeval>() {
            return Err(libc::EINVAL);
        }
        // SAFETY: the buffer has that length, says the caller.
        let time = unsafe { value.cast::<timeval>().read_unaligned() };
        if time.tv_sec < 0 || time.tv_usec < 0 {
            return Err(libc::EDOM);
        }
        limit.set_us(
            time.tv_sec
                .saturating_mul(MICROSECONDS)
                .saturating_add(time.tv_usec),
        );
        Ok(0)
    }))
}

/// F_GETFL
#[unsafe(no_mangle)]
extern "C" fn port_host_get_flags(object: Object) -> c_int {
    errno::answer(host_socket::enter(object).map(|socket| {
        if socket.non_blocking.load(SeqCst) {
            NON_BLOCKING
        } else {
            0
        }
    }))
}

/// F_SETFL
#[unsafe(no_mangle)]
extern "C" fn port_host_set_flags(object: Object, flags: c_int) -> c_int {
    errno::answer(host_socket::enter(object).map(|socket| {
        socket.non_blocking.store(flags & NON_BLOCKING != 0, SeqCst);
        0
    }))
}

/// FIONREAD
#[unsafe(no_mangle)]
extern "C" fn port_host_available(object: Object, available: &mut c_int) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        *available = bytes_available(&socket)?;
        Ok(0)
    }))
}

/// How many received bytes wait in the PC's socket.
pub fn bytes_available(socket: &HostSocket) -> Result<c_int, c_int> {
    let mut available: c_int = 0;
    // SAFETY: the number is written to our variable.
    check(unsafe { libc::ioctl(socket.descriptor(), libc::FIONREAD, &raw mut available) })?;
    Ok(available)
}
