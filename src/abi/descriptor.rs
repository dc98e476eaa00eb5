// SPDX-License-Identifier: Apache-2.0
//! `websocket_init`, `_register`, `_unregister`, `_disconnect` and `_context_foreach`: descriptors come and go.

use core::ffi::{c_int, c_void};

use super::{error, fail};
use crate::connection::Error;
use crate::platform::zephyr::{Slot, bindings as c};

/// Prepares the library. May be called at any time, any number of times: live connections stay.
#[unsafe(no_mangle)]
pub extern "C" fn websocket_init() {
    // SAFETY: takes nothing.
    unsafe { c::zws_slots_init() };
}

/// Makes a websocket of a server's connection whose opening handshake is done; returns its descriptor, or a negative
/// errno, which is also in errno: -EINVAL (`http_sock` < 0, NULL or empty `recv_buf`), -EBADF (not an open socket),
/// -EEXIST (carries a websocket already), -ENOENT (no slot is free), -ENOSPC (no descriptor is free).
///
/// # Safety
/// - `recv_buf`: NULL, or valid for `recv_buf_len` octets for as long as the websocket exists.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn websocket_register(
    http_sock: c_int,
    recv_buf: *mut u8,
    recv_buf_len: usize,
) -> c_int {
    if !cfg!(switch = "server") {
        // SAFETY: takes nothing.
        return unsafe { c::zws_not_supported() };
    }
    if http_sock < 0 || recv_buf.is_null() || recv_buf_len == 0 {
        return fail(Error::Invalid);
    }
    let slot = match claim(http_sock, false, recv_buf, recv_buf_len) {
        Ok(slot) => slot,
        Err(error) => return fail(error),
    };
    publish(slot).unwrap_or_else(fail)
}

/// Takes a free slot for a socket.
pub(super) fn claim(
    real_sock: c_int,
    is_client: bool,
    rx_buffer: *mut u8,
    rx_buffer_len: usize,
) -> Result<*mut c::zws_slot, Error> {
    let mut slot = core::ptr::null_mut();
    // SAFETY: `slot` is writable; the buffer is only remembered.
    let status = unsafe {
        c::zws_slot_claim(
            real_sock,
            is_client,
            rx_buffer,
            rx_buffer_len,
            &raw mut slot,
        )
    };
    match status {
        0 => Ok(slot),
        status => Err(error(status)),
    }
}

/// Gives a claimed slot its descriptor, or gives it back.
pub(super) fn publish(slot: *mut c::zws_slot) -> Result<c_int, Error> {
    // SAFETY: the slot is claimed and not published.
    let ws_sock = unsafe { c::zws_slot_publish(slot) };
    if ws_sock < 0 {
        // SAFETY: as above; nobody else knows it.
        unsafe { Slot::new(slot) }.release();
        return Err(Error::NoSpace);
    }
    Ok(ws_sock)
}

/// Closes a websocket and the socket below it; returns 0, or a negative errno, which is also in errno: -EINVAL
/// (negative), -ENOENT (not a websocket).
#[unsafe(no_mangle)]
pub extern "C" fn websocket_unregister(ws_sock: c_int) -> c_int {
    if !cfg!(switch = "server") {
        // SAFETY: takes nothing.
        return unsafe { c::zws_not_supported() };
    }
    // SAFETY: takes a number.
    match unsafe { c::zws_slot_unregister(ws_sock) } {
        0 => 0,
        status => fail(error(status)),
    }
}

/// Closes a websocket, with a Close frame in bounded time, and leaves the socket below it to the caller; returns 0,
/// or **-1** with errno EBADF or ENOENT (not a websocket).
#[unsafe(no_mangle)]
pub extern "C" fn websocket_disconnect(ws_sock: c_int) -> c_int {
    // SAFETY: takes a number.
    unsafe { c::zws_descriptor_close(ws_sock) }
}

/// Calls `cb` for every used context under its lock.
///
/// # Safety
/// - `cb`: NULL, or a function that C may call with a context and `user_data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn websocket_context_foreach(
    cb: Option<unsafe extern "C" fn(context: *mut c::websocket_context, user_data: *mut c_void)>,
    user_data: *mut c_void,
) {
    // SAFETY: this function's own contract.
    unsafe { c::zws_slots_foreach(cb, user_data) };
}
