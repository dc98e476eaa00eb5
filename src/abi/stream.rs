// SPDX-License-Identifier: Apache-2.0
//! What the glue's socket methods call: `send()`, `recv()`, `poll()` and `close()` on a websocket's descriptor.

use core::ffi::c_int;

use super::{Held, c_bool, count, fail, message, octets, target};
use crate::connection::{Deadline, Delivery, Error, Frame, Timeout};
use crate::platform::Platform;
use crate::platform::zephyr::Slot;
use crate::platform::zephyr::bindings as c;
use crate::protocol::{CloseCode, Opcode};

/// Sends `data` as one final TEXT frame, masked where this end is a client: octets, or a negative errno.
///
/// # Safety
/// - `slot`: held by the caller.
/// - `data`: NULL, or valid for `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_send(
    slot: *mut c::zws_slot,
    data: *const u8,
    len: usize,
    timeout: i32,
) -> c_int {
    // SAFETY: this function's own contract.
    let payload = unsafe { octets(data, len) };
    let held = core::mem::ManuallyDrop::new(Held(slot));
    let sent = payload.and_then(|payload| {
        if c_int::try_from(payload.len()).is_err() {
            return Err(Error::MessageSize);
        }
        let frame = Frame {
            opcode: Opcode::Text,
            fin: true,
            mask: held.slot().settings().masks(),
            payload,
        };
        let deadline = &mut Deadline::after(Timeout::from_zephyr(timeout));
        message::send(&held, &frame, deadline)
    });
    sent.map_or_else(fail, count)
}

/// Receives data, or with `peek` looks at it: octets, 0 at the end (the peer's Close, or the end of the stream), or a
/// negative errno.
///
/// # Safety
/// - `slot`: held by the caller.
/// - `data`: NULL, or valid for writes of `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_receive(
    slot: *mut c::zws_slot,
    data: *mut u8,
    len: usize,
    peek: c_bool,
    timeout: i32,
) -> c_int {
    // SAFETY: this function's own contract.
    let target = unsafe { target(data, len) };
    let held = core::mem::ManuallyDrop::new(Held(slot));
    let received = target.and_then(|target| {
        let deadline = &mut Deadline::after(Timeout::from_zephyr(timeout));
        let delivery = if peek != 0 {
            Delivery::Peek
        } else {
            Delivery::Data
        };
        message::receive(&held, target, delivery, deadline)
    });
    match received {
        Ok(received) => count(received.len),
        Err(Error::NotConnected) => 0,
        Err(error) => fail(error),
    }
}

/// Whether a receive would return without waiting for the peer. Does not wait; a receiver at work is "no".
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_ready(slot: *mut c::zws_slot) -> c_bool {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let now = &mut Deadline::after(Timeout::None);
    let ready = slot.with_receiver(now, |_, receiver, buffer, _| {
        receiver.is_ready(buffer, &settings)
    });
    c_bool::from(ready == Ok(true))
}

/// Sends what an earlier call left in the send buffer, as far as the socket takes it now; whether some is still left.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_flush(slot: *mut c::zws_slot) -> c_bool {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let now = &mut Deadline::after(Timeout::None);
    let pending = slot.with_sender(now, |slot, sender, buffer, now| {
        let _ = sender.flush(slot, buffer, now);
        sender.has_pending()
    });
    c_bool::from(pending == Ok(true))
}

/// Starts the closing handshake from this end: a Close frame with status code 1000, once, within the close timeout
/// of the view. Its failure is not the caller's: the descriptor goes away in any case.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_close(slot: *mut c::zws_slot) {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let deadline = &mut Deadline::after(Timeout::Milliseconds(settings.close_timeout_ms));
    let _ = slot.with_sender(deadline, |slot, sender, buffer, deadline| {
        sender.close(slot, buffer, Some(CloseCode::NORMAL), &settings, deadline)
    });
}
