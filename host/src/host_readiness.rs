//! Polling the PC's sockets: ZFD_IOCTL_POLL_PREPARE and ZFD_IOCTL_POLL_UPDATE.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! Every poll of a socket takes one event. The end of the stream is POLLIN with POLLHUP and no more POLLOUT, as the
//! kernel's TCP reports it once all data is read; the PC's TCP says that with POLLRDHUP.

use crate::clock::{Deadline, Timeout};
use crate::event_poll::{PollEvent, host_poll};
use crate::host_options::bytes_available;
use crate::host_socket::{self, HostSocket};
use crate::vtable::{Object, PollDescriptor};
use core::ffi::{c_int, c_short};

/// `ZSOCK_POLL…` and the PC's bits for them.
const BITS: [(c_short, c_short); 5] = [
    (0x01, libc::POLLIN),
    (0x02, libc::POLLPRI),
    (0x04, libc::POLLOUT),
    (0x08, libc::POLLERR),
    (0x10, libc::POLLHUP),
];
const PEER_ENDED: c_short = libc::POLLRDHUP;

fn to_host(zephyr: c_short) -> c_short {
    BITS.iter()
        .filter(|(from, _)| zephyr & from != 0)
        .fold(0, |all, (_, to)| all | to)
}

fn to_zephyr(host: c_short) -> c_short {
    BITS.iter()
        .filter(|(_, from)| host & from != 0)
        .fold(0, |all, (to, _)| all | to)
}

/// # Safety
/// `*next` is `end`, or valid for writing an event.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_poll_prepare(
    object: Object,
    entry: &PollDescriptor,
    next: &mut *mut PollEvent,
    end: *mut PollEvent,
) -> c_int {
    let socket = match host_socket::enter(object) {
        Ok(socket) => socket,
        Err(error) => return -error,
    };
    if *next == end {
        return -libc::ENOMEM;
    }
    let wanted = to_host(entry.events);
    let ended = wanted != 0 && at_end(&socket);
    // Who waits for data wakes for the end as well; who waits for space only must not, while data is unread.
    let for_end = if ended || wanted & libc::POLLIN != 0 {
        PEER_ENDED
    } else {
        0
    };
    // SAFETY: there is room, as the caller promises.
    unsafe { next.write(PollEvent::host(socket.descriptor(), wanted | for_end)) };
    *next = next.wrapping_add(1);
    if ended { -libc::EALREADY } else { 0 }
}

/// # Safety
/// `*next` is the event of the same socket's POLL_PREPARE.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_host_poll_update(
    object: Object,
    entry: &mut PollDescriptor,
    next: &mut *mut PollEvent,
) -> c_int {
    let socket = match host_socket::enter(object) {
        Ok(socket) => socket,
        Err(error) => return -error,
    };
    // SAFETY: the caller's promise.
    let ready = unsafe { (**next).host_ready };
    *next = next.wrapping_add(1);
    let wanted = to_host(entry.events) | libc::POLLERR | libc::POLLHUP;
    let mut answer = ready & wanted;
    if ready & PEER_ENDED != 0 && bytes_available(&socket) == Ok(0) {
        answer = (answer | libc::POLLHUP) & !libc::POLLOUT;
    }
    entry.revents |= to_zephyr(answer);
    0
}

/// Has the peer ended the stream, and is everything read?
fn at_end(socket: &HostSocket) -> bool {
    let mut entry = libc::pollfd {
        fd: socket.descriptor(),
        events: PEER_ENDED,
        revents: 0,
    };
    let now = Deadline::after(Timeout::NO_WAIT);
    let polled = host_poll(core::slice::from_mut(&mut entry), now);
    polled.is_ok() && entry.revents & PEER_ENDED != 0 && bytes_available(socket) == Ok(0)
}
