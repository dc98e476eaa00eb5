//! Connecting, accepting, sending and receiving on TLS sockets: what waits, and how long.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::configuration::{connect_timeout_ms, tls_content_len};
use crate::descriptor_io::zvfs_close;
use crate::descriptor_table;
use crate::errno::{self, check};
use crate::log_sink;
use crate::socket_calls::{zsock_accept, zsock_connect};
use crate::tls_session::Session;
use crate::tls_socket::{self, TlsSocket, deadline};
use crate::vtable::Object;
use core::ffi::{c_int, c_void};
use libc::{msghdr, sockaddr, socklen_t, ssize_t};
use rustls::Connection;

/// `ZSOCK_POLL…`
const POLL_IN: i16 = 0x01;
const POLL_OUT: i16 = 0x04;
/// `ZSOCK_MSG_WAITALL`
const WAIT_ALL: c_int = 0x100;

fn reported(error: rustls::Error) -> c_int {
    log_sink::error("tls", &error.to_string());
    libc::ECONNABORTED
}

/// Repeats a step that says EAGAIN until it is done or the connection's time is up.
fn shake_hands(
    mut step: impl FnMut() -> Result<(), (c_int, bool)>,
    wait: impl Fn(i16, Deadline) -> Result<(), c_int>,
) -> Result<(), c_int> {
    let deadline = Deadline::after(Timeout::from_ms(connect_timeout_ms()));
    loop {
        let (error, has_outgoing) = match step() {
            Ok(()) => return Ok(()),
            Err(failed) => failed,
        };
        if error != libc::EAGAIN {
            return Err(error);
        }
        if deadline.passed() {
            return Err(libc::ETIMEDOUT);
        }
        wait(if has_outgoing { POLL_OUT } else { POLL_IN }, deadline)?;
    }
}

fn step(session: &mut Session) -> Result<(), (c_int, bool)> {
    session
        .shake_hands()
        .map_err(|error| (error, session.has_outgoing()))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_connect(
    object: Object,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    errno::answer(tls_socket::enter(object).and_then(|socket| {
        check(zsock_connect(socket.below(), address, length))?;
        socket.with(|state| {
            let connection = state.options.client().map_err(reported)?;
            state.session = Some(Session::new(Connection::Client(connection), socket.below()));
            Ok(())
        })?;
        let attempt = || {
            let mut has_outgoing = false;
            let result = socket.with_session(|session| {
                step(session).map_err(|(error, outgoing)| {
                    has_outgoing = outgoing;
                    error
                })
            });
            result.map_err(|error| (error, has_outgoing))
        };
        // As the kernel: also a non-blocking socket waits for its handshake.
        shake_hands(attempt, |events, deadline| socket.wait(events, deadline))?;
        Ok(0)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_accept(
    object: Object,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    errno::answer(tls_socket::enter(object).and_then(|parent| {
        let fd = descriptor_table::reserve()?;
        let accept = || zsock_accept(parent.below(), address, length);
        let below = check(parent.unlocked(accept)).inspect_err(|_| descriptor_table::free(fd))?;
        let accepted = serve_handshake(&parent, below);
        match accepted {
            Ok(session) => {
                let options = parent.with(|state| Ok(state.options.clone()))?;
                tls_socket::publish(fd, below, options, Some(session))
            }
            Err(error) => {
                zvfs_close(below);
                descriptor_table::free(fd);
                Err(error)
            }
        }
    }))
}

fn serve_handshake(parent: &TlsSocket, below: c_int) -> Result<Session, c_int> {
    let connection = parent.with(|state| state.options.server().map_err(reported))?;
    let mut session = Session::new(Connection::Server(connection), below);
    let wait = |events, deadline: Deadline| {
        let mut entry = crate::vtable::PollDescriptor {
            fd: below,
            events,
            revents: 0,
        };
        let entries = core::slice::from_mut(&mut entry);
        crate::socket_poll::poll(entries, deadline.remaining()).map(|_| ())
    };
    shake_hands(|| step(&mut session), wait)?;
    Ok(session)
}

fn send(socket: &TlsSocket, data: &[u8], flags: c_int) -> Result<usize, c_int> {
    let limit = deadline(socket.with(|state| Ok(state.send_limit_us))?);
    loop {
        match socket.with_session(|session| session.send(data, tls_content_len())) {
            Err(libc::EAGAIN) if socket.waits(flags) && !limit.passed() => {}
            other => return other,
        }
        // With the descriptor's lock, as the kernel.
        socket.wait(POLL_OUT, limit)?;
    }
}

/// # Safety
/// `buffer` is valid for reading `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_sendto(
    object: Object,
    buffer: *const c_void,
    len: usize,
    flags: c_int,
    _address: *const sockaddr,
    _length: socklen_t,
) -> ssize_t {
    errno::answer(tls_socket::enter(object).and_then(|socket| {
        // SAFETY: the caller's promise.
        let data = unsafe { slice_of(buffer, len) };
        send(&socket, data, flags).map(size)
    }))
}

/// # Safety
/// `message` is as `sendmsg()` wants it.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_sendmsg(
    object: Object,
    message: *const msghdr,
    flags: c_int,
) -> ssize_t {
    errno::answer(tls_socket::enter(object).and_then(|socket| {
        // SAFETY: the caller's promise.
        let message = unsafe { message.as_ref() }.ok_or(libc::EINVAL)?;
        // SAFETY: as above.
        let parts = unsafe { core::slice::from_raw_parts(message.msg_iov, message.msg_iovlen) };
        let mut total = 0;
        for part in parts {
            // SAFETY: as above.
            let mut rest = unsafe { slice_of(part.iov_base, part.iov_len) };
            while !rest.is_empty() {
                // As the kernel: an error forgets what has left before it.
                let sent = send(&socket, rest, flags)?;
                rest = rest.get(sent..).unwrap_or(&[]);
                total += sent;
            }
        }
        Ok(size(total))
    }))
}

/// # Safety
/// `buffer` is valid for writing `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_recvfrom(
    object: Object,
    buffer: *mut c_void,
    len: usize,
    flags: c_int,
    _address: *mut sockaddr,
    _length: *mut socklen_t,
) -> ssize_t {
    errno::answer(tls_socket::enter(object).and_then(|socket| {
        let room: &mut [u8] = if len == 0 {
            &mut []
        } else {
            // SAFETY: the caller's promise.
            unsafe { core::slice::from_raw_parts_mut(buffer.cast(), len) }
        };
        let limit = deadline(socket.with(|state| Ok(state.receive_limit_us))?);
        let mut filled = 0;
        loop {
            match socket.with_session(|session| session.receive(&mut room[filled..])) {
                Err(libc::EAGAIN) if socket.waits(flags) && !limit.passed() => {
                    socket.unlocked(|| socket.wait(POLL_IN, limit))?;
                    continue;
                }
                Ok(0) => return Ok(size(filled)),
                Ok(count) => filled += count,
                Err(error) => return Err(error),
            }
            if flags & WAIT_ALL == 0 || filled == len {
                return Ok(size(filled));
            }
        }
    }))
}

/// # Safety
/// As `port_tls_recvfrom()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_read(
    object: Object,
    buffer: *mut c_void,
    len: usize,
    _offset: usize,
) -> ssize_t {
    let none = core::ptr::null_mut();
    // SAFETY: the caller's promise; no address is wanted.
    unsafe { port_tls_recvfrom(object, buffer, len, 0, none, core::ptr::null_mut()) }
}

/// # Safety
/// As `port_tls_sendto()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_write(
    object: Object,
    buffer: *const c_void,
    len: usize,
    _offset: usize,
) -> ssize_t {
    // SAFETY: the caller's promise; there is no address.
    unsafe { port_tls_sendto(object, buffer, len, 0, core::ptr::null(), 0) }
}

/// # Safety
/// `octets` is valid for reading `len` bytes, or `len` is 0.
unsafe fn slice_of<'a>(octets: *const c_void, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(octets.cast(), len) }
}

fn size(count: usize) -> ssize_t {
    ssize_t::try_from(count).unwrap_or(ssize_t::MAX)
}
