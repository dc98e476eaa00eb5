// SPDX-License-Identifier: Apache-2.0
//! getsockopt() and setsockopt() at the level of the websocket: which option has which type and where its value is.

use core::ffi::{c_int, c_void};

use super::websocket_socket::{
    WEBSOCKET_OPT_AUTO_PONG, WEBSOCKET_OPT_CLOSE_CODE, WEBSOCKET_OPT_CLOSE_REASON,
    WEBSOCKET_OPT_COUNTERS, WEBSOCKET_OPT_HANDSHAKE_STATUS, WEBSOCKET_OPT_MAX_MESSAGE_SIZE,
    WEBSOCKET_OPT_PEER_CLOSE_CODE, WEBSOCKET_OPT_PEER_CLOSE_REASON, WEBSOCKET_OPT_PROTOCOL,
    WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPT_WAKE, WEBSOCKET_WAKE_AUTOMATIC, WEBSOCKET_WAKE_DATA,
    WEBSOCKET_WAKE_FRAMES, websocket_counters,
};
use super::{close_timeout, fail_method, octets};
use crate::connection::{Deadline, Error, Policy, Timeout, WakeFor};
use crate::platform::Platform;
use crate::platform::zephyr::Slot;
use crate::platform::zephyr::bindings as c;
use crate::protocol::close::CODE_LEN;
use crate::protocol::{CloseCode, Opcode};

/// Sets an option of the websocket's own level: 0, or -1 with errno.
///
/// # Safety
/// - `slot`: held by the caller.
/// - `value`: NULL, or valid for `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_option_set(
    slot: *mut c::zws_slot,
    name: c_int,
    value: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    // SAFETY: this function's own contract.
    let value = unsafe { octets(value.cast(), len) };
    match value.and_then(|value| set(&mut slot, name, value)) {
        Ok(()) => 0,
        Err(error) => fail_method(error),
    }
}

fn set(slot: &mut Slot, name: c_int, value: &[u8]) -> Result<(), Error> {
    match name {
        WEBSOCKET_OPT_SEND_OPCODE => {
            let number = u8::try_from(integer(value)?).unwrap_or(u8::MAX);
            let opcode = Opcode::from_u8(number).ok_or(Error::Invalid)?;
            allowed(slot.shared().set_send_opcode(opcode))
        }
        WEBSOCKET_OPT_MAX_MESSAGE_SIZE => {
            let len = integer(value)?.cast_unsigned();
            slot.shared().set_max_message_len(len);
            Ok(())
        }
        WEBSOCKET_OPT_AUTO_PONG => {
            slot.set_auto_pong(integer(value)? != 0);
            Ok(())
        }
        WEBSOCKET_OPT_CLOSE_CODE => {
            let code = u16::try_from(integer(value)?).unwrap_or(0);
            allowed(slot.shared().set_close_code(CloseCode(code)))
        }
        WEBSOCKET_OPT_CLOSE_REASON => {
            // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>: the reason is UTF-8.
            core::str::from_utf8(value).map_err(|_| Error::Invalid)?;
            // A sender may be at work for as long as its peer pleases.
            let limit = &mut Deadline::after(close_timeout());
            let changed = slot.with_sender(limit, |slot, sender, _, _| {
                slot.set_close_reason(sender, value)
            })?;
            allowed(changed)
        }
        WEBSOCKET_OPT_WAKE => {
            let wake_for = match integer(value)? {
                WEBSOCKET_WAKE_AUTOMATIC => WakeFor::Automatic,
                WEBSOCKET_WAKE_DATA => WakeFor::Data,
                WEBSOCKET_WAKE_FRAMES => WakeFor::Frames,
                _ => return Err(Error::Invalid),
            };
            slot.shared().set_wake_for(wake_for);
            Ok(())
        }
        _ => Err(Error::NoOption),
    }
}

const _: () = assert!(WakeFor::Automatic as c_int == WEBSOCKET_WAKE_AUTOMATIC);
const _: () = assert!(WakeFor::Data as c_int == WEBSOCKET_WAKE_DATA);
const _: () = assert!(WakeFor::Frames as c_int == WEBSOCKET_WAKE_FRAMES);

/// Reads an option of the websocket's own level into `value`, of whose `*len` octets it uses the first, and sets
/// `*len`: 0, or -1 with errno.
///
/// # Safety
/// - `slot`: held by the caller.
/// - `len`: NULL, or valid for reads and writes.
/// - `value`: NULL, or valid for writes of `*len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_option_get(
    slot: *mut c::zws_slot,
    name: c_int,
    value: *mut c_void,
    len: *mut usize,
) -> c_int {
    if value.is_null() || len.is_null() {
        return fail_method(Error::Invalid);
    }
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    // SAFETY: not NULL, and this function's own contract.
    let room = unsafe { len.read() };
    // SAFETY: not NULL, and this function's own contract.
    let target = unsafe { core::slice::from_raw_parts_mut(value.cast(), room) };
    match get(&mut slot, name, target) {
        Ok(used) => {
            // SAFETY: not NULL, and this function's own contract.
            unsafe { len.write(used) };
            0
        }
        Err(error) => fail_method(error),
    }
}

fn get(slot: &mut Slot, name: c_int, target: &mut [u8]) -> Result<usize, Error> {
    let shared = slot.shared();
    let number = match name {
        WEBSOCKET_OPT_SEND_OPCODE => shared.send_opcode() as c_int,
        WEBSOCKET_OPT_MAX_MESSAGE_SIZE => slot.settings().max_message_len.cast_signed(),
        WEBSOCKET_OPT_AUTO_PONG => c_int::from(slot.settings().has(Policy::AUTO_PONG)),
        WEBSOCKET_OPT_CLOSE_CODE => c_int::from(shared.close_code().0),
        WEBSOCKET_OPT_WAKE => shared.wake_for() as c_int,
        WEBSOCKET_OPT_PEER_CLOSE_CODE => shared.peer_close_code().map_or(0, |code| code.0.into()),
        WEBSOCKET_OPT_HANDSHAKE_STATUS => slot.handshake_status().into(),
        WEBSOCKET_OPT_CLOSE_REASON => {
            let limit = &mut Deadline::after(close_timeout());
            return slot.with_sender(limit, |slot, _, _, _| {
                // SAFETY: under the send lock, and for this copy only.
                let payload = unsafe { slot.close_payload() };
                copy(payload.get(CODE_LEN..).unwrap_or(&[]), target)
            })?;
        }
        WEBSOCKET_OPT_PEER_CLOSE_REASON => {
            let len = shared.peer_reason_len();
            let settings = slot.settings();
            let now = Deadline::after(Timeout::None);
            return slot.as_receiver(&settings, now, |receiver, call| {
                copy(receiver.peer_reason(call.buffer, len), target)
            })?;
        }
        WEBSOCKET_OPT_PROTOCOL => return copy(slot.protocol()?, target),
        WEBSOCKET_OPT_COUNTERS => {
            let (messages_received, bytes_received) = shared.received.read();
            let (messages_sent, bytes_sent) = shared.sent.read();
            let counters = websocket_counters {
                bytes_received,
                bytes_sent,
                messages_received,
                messages_sent,
                pings_sent: shared.pings_sent().into(),
                pings_unanswered: shared.pings_unanswered().into(),
            };
            return write(counters, target);
        }
        _ => return Err(Error::NoOption),
    };
    write(number, target)
}

fn integer(value: &[u8]) -> Result<c_int, Error> {
    value
        .try_into()
        .map(c_int::from_ne_bytes)
        .map_err(|_| Error::Invalid)
}

fn allowed(taken: bool) -> Result<(), Error> {
    if taken { Ok(()) } else { Err(Error::Invalid) }
}

fn copy(text: &[u8], target: &mut [u8]) -> Result<usize, Error> {
    if text.len() > target.len() {
        return Err(Error::Invalid);
    }
    Ok(crate::connection::buffer::copy(text, target))
}

/// A value of fixed size, at an address that need not be aligned.
fn write<T: Copy>(value: T, target: &mut [u8]) -> Result<usize, Error> {
    if target.len() < size_of::<T>() {
        return Err(Error::Invalid);
    }
    // SAFETY: long enough, and written without an assumption of alignment.
    unsafe { target.as_mut_ptr().cast::<T>().write_unaligned(value) };
    Ok(size_of::<T>())
}
