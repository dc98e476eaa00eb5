//! Sending and receiving on the PC's sockets: blocking, time limits and flags as Zephyr's.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::configuration::max_send_wait_ms;
use crate::errno::{self, check};
use crate::host_socket::{self, HostSocket};
use crate::vtable::Object;
use core::ffi::{c_int, c_void};
use libc::{msghdr, sockaddr, socklen_t, ssize_t};
use std::sync::atomic::Ordering::SeqCst;

/// `ZSOCK_MSG_…`
const PEEK: c_int = 0x02;
const TRUNCATED: c_int = 0x20;
const DONT_WAIT: c_int = 0x40;
const WAIT_ALL: c_int = 0x100;

fn waits(socket: &HostSocket, flags: c_int) -> bool {
    flags & DONT_WAIT == 0 && !socket.non_blocking.load(SeqCst)
}

/// The PC's receive flags for Zephyr's.
fn receive_flags(flags: c_int) -> c_int {
    let pairs = [(PEEK, libc::MSG_PEEK), (TRUNCATED, libc::MSG_TRUNC)];
    let set = pairs.iter().filter(|(zephyr, _)| flags & zephyr != 0);
    set.fold(libc::MSG_DONTWAIT, |all, (_, host)| all | host)
}

/// Repeats a send that does not wait until the socket takes at least one byte.
fn send(
    socket: &HostSocket,
    flags: c_int,
    mut attempt: impl FnMut(c_int) -> ssize_t,
) -> Result<ssize_t, c_int> {
    let limit = socket.send_limit().deadline();
    // A peer that takes nothing for so long is given up, whatever the socket's own limit is.
    let give_up = Deadline::after(Timeout::from_ms(max_send_wait_ms()));
    loop {
        match check(attempt(libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT)) {
            Err(libc::EAGAIN) if waits(socket, flags) => {}
            Err(libc::EINTR) => continue,
            other => return other,
        }
        let waited = socket.wait(libc::POLLOUT, limit.earlier(give_up), libc::EAGAIN);
        if waited == Err(libc::EAGAIN) {
            return Err(if limit.passed() {
                libc::EAGAIN
            } else {
                libc::ENOBUFS
            });
        }
        waited?;
    }
}

/// Repeats a receive that does not wait until there is something.
fn receive(
    socket: &HostSocket,
    flags: c_int,
    limit: Deadline,
    mut attempt: impl FnMut(c_int) -> ssize_t,
) -> Result<ssize_t, c_int> {
    loop {
        match check(attempt(receive_flags(flags))) {
            Err(libc::EAGAIN) if waits(socket, flags) => {}
            Err(libc::EINTR) => continue,
            other => return other,
        }
        socket.wait(libc::POLLIN, limit, libc::EAGAIN)?;
    }
}

/// # Safety
/// The pointers are as `sendto()` wants them.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_sendto(
    object: Object,
    buf: *const c_void,
    len: usize,
    flags: c_int,
    address: *const sockaddr,
    address_length: socklen_t,
) -> ssize_t {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        send(&socket, flags, |flags| {
            let descriptor = socket.descriptor();
            // SAFETY: the caller's promise.
            unsafe { libc::sendto(descriptor, buf, len, flags, address, address_length) }
        })
    }))
}

/// # Safety
/// `message` is as `sendmsg()` wants it.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_sendmsg(
    object: Object,
    message: *const msghdr,
    flags: c_int,
) -> ssize_t {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        send(&socket, flags, |flags| {
            // SAFETY: the caller's promise.
            unsafe { libc::sendmsg(socket.descriptor(), message, flags) }
        })
    }))
}

/// # Safety
/// The pointers are as `recvfrom()` wants them.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_recvfrom(
    object: Object,
    buf: *mut c_void,
    max_len: usize,
    flags: c_int,
    address: *mut sockaddr,
    address_length: *mut socklen_t,
) -> ssize_t {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        let limit = socket.receive_limit().deadline();
        let whole = flags & WAIT_ALL != 0 && flags & PEEK == 0 && waits(&socket, flags);
        let mut filled = 0;
        loop {
            let result = receive(&socket, flags, limit, |flags| {
                // SAFETY: `filled` bytes of the caller's `max_len` are behind us.
                let rest = unsafe { buf.byte_add(filled) };
                let space = max_len - filled;
                let descriptor = socket.descriptor();
                // SAFETY: the caller's promise, for the rest of the buffer.
                unsafe { libc::recvfrom(descriptor, rest, space, flags, address, address_length) }
            });
            let count = match result {
                Ok(count) => usize::try_from(count).unwrap_or(0),
                Err(_) if filled > 0 => 0,
                Err(error) => return Err(error),
            };
            filled += count;
            if !whole || count == 0 || filled >= max_len {
                return Ok(ssize_t::try_from(filled).unwrap_or(ssize_t::MAX));
            }
        }
    }))
}

/// # Safety
/// `message` is as `recvmsg()` wants it.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_recvmsg(
    object: Object,
    message: *mut msghdr,
    flags: c_int,
) -> ssize_t {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        let limit = socket.receive_limit().deadline();
        receive(&socket, flags, limit, |flags| {
            // SAFETY: the caller's promise.
            unsafe { libc::recvmsg(socket.descriptor(), message, flags) }
        })
    }))
}

/// # Safety
/// `buf` is valid for writing `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_read(
    object: Object,
    buf: *mut c_void,
    size: usize,
    _offset: usize,
) -> ssize_t {
    let none = core::ptr::null_mut();
    // SAFETY: the caller's promise; no address is wanted.
    unsafe { port_host_recvfrom(object, buf, size, 0, none, core::ptr::null_mut()) }
}

/// # Safety
/// `buf` is valid for reading `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_write(
    object: Object,
    buf: *const c_void,
    size: usize,
    _offset: usize,
) -> ssize_t {
    // SAFETY: the caller's promise; there is no address.
    unsafe { port_host_sendto(object, buf, size, 0, core::ptr::null(), 0) }
}
