//! Connecting, accepting, names and shutdown of the PC's sockets.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::configuration::connect_timeout_ms;
use crate::errno::{self, check};
use crate::host_options;
use crate::host_socket::{self, HostSocket};
use crate::vtable::Object;
use core::ffi::c_int;
use libc::{sockaddr, socklen_t};
use std::sync::atomic::Ordering::SeqCst;

const HOST_SOCKET_FLAGS: c_int = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;

/// `zsock_socket()`: the Zephyr descriptor of a new socket of the PC.
pub fn create(family: c_int, kind: c_int, protocol: c_int) -> Result<c_int, c_int> {
    // SAFETY: the call has no preconditions.
    let host = check(unsafe { libc::socket(family, kind | HOST_SOCKET_FLAGS, protocol) })?;
    host_socket::publish(host)
}

/// `zsock_socketpair()`.
pub fn create_pair(family: c_int, kind: c_int, protocol: c_int) -> Result<[c_int; 2], c_int> {
    let mut host = [-1; 2];
    let kind = kind | HOST_SOCKET_FLAGS;
    // SAFETY: two descriptors are written to our array.
    check(unsafe { libc::socketpair(family, kind, protocol, host.as_mut_ptr()) })?;
    let first = host_socket::publish(host[0]);
    let second = host_socket::publish(host[1]);
    match (first, second) {
        (Ok(first), Ok(second)) => Ok([first, second]),
        (Ok(published), Err(error)) | (Err(error), Ok(published)) => {
            crate::descriptor_io::zvfs_close(published);
            Err(error)
        }
        (Err(error), Err(_)) => Err(error),
    }
}

/// # Safety
/// The address is as `bind()` wants it.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_bind(
    object: Object,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        // SAFETY: the caller's promise.
        check(unsafe { libc::bind(socket.descriptor(), address, length) })
    }))
}

#[unsafe(no_mangle)]
extern "C" fn port_host_listen(object: Object, backlog: c_int) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        // SAFETY: the descriptor is open.
        check(unsafe { libc::listen(socket.descriptor(), backlog) })
    }))
}

#[unsafe(no_mangle)]
extern "C" fn port_host_shutdown(object: Object, how: c_int) -> c_int {
    // Zephyr's numbers are the PC's.
    errno::answer(host_socket::enter(object).and_then(|socket| {
        // SAFETY: the descriptor is open.
        check(unsafe { libc::shutdown(socket.descriptor(), how) })
    }))
}

/// # Safety
/// The address is as `connect()` wants it.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_connect(
    object: Object,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        // SAFETY: the caller's promise.
        match check(unsafe { libc::connect(socket.descriptor(), address, length) }) {
            Err(libc::EINPROGRESS) if !socket.non_blocking.load(SeqCst) => finish_connect(&socket),
            // As the kernel: connecting twice is no error.
            Err(libc::EISCONN) => Ok(0),
            other => other,
        }
    }))
}

fn finish_connect(socket: &HostSocket) -> Result<c_int, c_int> {
    let deadline = Deadline::after(Timeout::from_ms(connect_timeout_ms()));
    socket.wait(libc::POLLOUT, deadline, libc::ETIMEDOUT)?;
    match host_options::pending_error(socket)? {
        0 => Ok(0),
        error => Err(error),
    }
}

/// # Safety
/// The pointers are as `accept()` wants them.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_accept(
    object: Object,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        let limit = socket.receive_limit().deadline();
        loop {
            let descriptor = socket.descriptor();
            // SAFETY: the caller's promise.
            let host = unsafe { libc::accept4(descriptor, address, length, HOST_SOCKET_FLAGS) };
            match check(host) {
                Ok(host) => return host_socket::publish(host),
                Err(libc::EAGAIN) if !socket.non_blocking.load(SeqCst) => {
                    socket.wait(libc::POLLIN, limit, libc::EAGAIN)?;
                }
                Err(libc::EINTR) => {}
                Err(error) => return Err(error),
            }
        }
    }))
}

/// # Safety
/// The pointers are as `getpeername()` wants them.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_getpeername(
    object: Object,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        // SAFETY: the caller's promise.
        check(unsafe { libc::getpeername(socket.descriptor(), address, length) })
    }))
}

/// # Safety
/// The pointers are as `getsockname()` wants them.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_getsockname(
    object: Object,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    errno::answer(host_socket::enter(object).and_then(|socket| {
        // SAFETY: the caller's promise.
        check(unsafe { libc::getsockname(socket.descriptor(), address, length) })
    }))
}
