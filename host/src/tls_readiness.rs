//! Polling TLS sockets: the TCP socket's readiness, and what the session has decrypted already.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::descriptor_table;
use crate::event_poll::PollEvent;
use crate::tls_socket;
use crate::vtable::{self, Object, PollDescriptor};
use core::ffi::c_int;

/// `ZSOCK_POLL…`
const POLL_IN: i16 = 0x01;
const POLL_ERROR: i16 = 0x08;
const POLL_HANG_UP: i16 = 0x10;

/// # Safety
/// `*next` is `end`, or valid for writing an event.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_poll_prepare(
    object: Object,
    entry: &mut PollDescriptor,
    next: &mut *mut PollEvent,
    end: *mut PollEvent,
) -> c_int {
    let found = tls_socket::enter(object).and_then(|socket| {
        let (below, target) = descriptor_table::look_up(socket.below())?;
        Ok((socket, below, target))
    });
    let (socket, below, target) = match found {
        Ok(found) => found,
        Err(error) => return -error,
    };
    let result = {
        let _locked = below.lock.hold();
        // SAFETY: the vtable accepts its object; the pointers are the caller's.
        unsafe { vtable::port_ioctl_poll_prepare(target.vtable, target.object, entry, next, end) }
    };
    let has_data = || socket.with_session(|session| Ok(session.available() > 0)) == Ok(true);
    if result == 0 && entry.events & POLL_IN != 0 && has_data() {
        return -libc::EALREADY;
    }
    result
}

/// # Safety
/// `*next` is the event of the same socket's POLL_PREPARE.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_poll_update(
    object: Object,
    entry: &mut PollDescriptor,
    next: &mut *mut PollEvent,
) -> c_int {
    let found = tls_socket::enter(object).and_then(|socket| {
        let (below, target) = descriptor_table::look_up(socket.below())?;
        Ok((socket, below, target))
    });
    let (socket, below, target) = match found {
        Ok(found) => found,
        Err(error) => return -error,
    };
    let result = {
        let _locked = below.lock.hold();
        // SAFETY: the vtable accepts its object; the pointers are the caller's.
        unsafe { vtable::port_ioctl_poll_update(target.vtable, target.object, entry, next) }
    };
    if result != 0 || entry.events & POLL_IN == 0 {
        return result;
    }
    let (before, revents) = (entry.revents, entry.revents);
    let revents = socket.with(|state| {
        // A listening socket has no session: what TCP says is what there is to accept.
        let Some(session) = state.session.as_mut() else {
            return Ok(revents);
        };
        if session.available() > 0 {
            return Ok(revents | POLL_IN);
        }
        if revents & POLL_IN == 0 {
            return Ok(revents);
        }
        Ok(match session.look() {
            Ok(1..) => revents,
            Err(libc::ENOTCONN) => revents | POLL_HANG_UP,
            _ if revents & POLL_HANG_UP != 0 => revents,
            // Octets came, but no data yet: the rest of a record, or the protocol's own business.
            Ok(0) => revents & !POLL_IN,
            Err(error) => {
                session.fail(error);
                revents | POLL_ERROR
            }
        })
    });
    entry.revents = revents.unwrap_or(before);
    // Again, unless there is something else to say.
    if entry.revents == 0 && before != 0 {
        -libc::EAGAIN
    } else {
        0
    }
}
