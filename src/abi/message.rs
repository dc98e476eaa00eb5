// SPDX-License-Identifier: Apache-2.0
//! `websocket_send_msg` and `websocket_recv_msg`.

use core::ffi::c_int;

use super::{c_bool, count, fail, octets, target, websocket_opcode};
use crate::connection::{
    Deadline, Delivery, Error, Frame, Pieces, Policy, Received, Timeout, as_sender,
};
use crate::platform::Event;
use crate::platform::zephyr::bindings as c;
use crate::platform::zephyr::{Held, Slot, log};
use crate::protocol::Opcode;
use crate::protocol::frame::SHORT_PAYLOAD_MAX;

/// `WEBSOCKET_FLAG_*` of `<zephyr/net/websocket.h>`; the C compiler checks them in zephyr-module/src/abi_check.c.
const FLAG_FINAL: u32 = 0x01;
const FLAG_TEXT: u32 = 0x02;
const FLAG_BINARY: u32 = 0x04;
const FLAG_CLOSE: u32 = 0x08;
const FLAG_PING: u32 = 0x10;
const FLAG_PONG: u32 = 0x20;

/// Sends one frame; returns `payload_len`, or a negative errno, which is also in errno:
/// -EINVAL (opcode; NULL payload with a length; a control frame over 125 octets or not final), -EMSGSIZE (over
/// `INT_MAX`), -EBADF, -ENOENT (not a websocket), -ENOTCONN (closed by either end, or the socket was), -EAGAIN
/// (`timeout` 0) and -ETIMEDOUT (not all of the frame within `timeout`, in milliseconds; -1 has no limit: repeat the call,
/// it goes on where it stopped), -EALREADY (another frame has to be completed so first), -ECONNABORTED (a frame was cut
/// short, or another thread closes), or the socket's own.
///
/// Any number of threads may send and receive at once.
///
/// # Safety
/// - `payload`: NULL, or valid for `payload_len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn websocket_send_msg(
    ws_sock: c_int,
    payload: *const u8,
    payload_len: usize,
    opcode: websocket_opcode,
    mask: c_bool,
    r#final: c_bool,
    timeout: i32,
) -> c_int {
    // SAFETY: this function's own contract.
    let payload = unsafe { octets(payload, payload_len) };
    let frame = frame(opcode, payload, mask != 0, r#final != 0);
    let sent = frame.and_then(|frame| {
        let mut held = Held::find(ws_sock, c::ZWS_LOCK_SEND)?;
        let deadline = Deadline::after(Timeout::from_zephyr(timeout));
        send(held.slot(), &frame, None, deadline)
    });
    sent.map_or_else(fail, count)
}

fn frame(
    opcode: websocket_opcode,
    payload: Result<&[u8], Error>,
    mask: bool,
    fin: bool,
) -> Result<Frame<'_>, Error> {
    let number = u8::try_from(opcode).unwrap_or(u8::MAX);
    let len = payload.map_or(0, <[u8]>::len);
    let refused = |error| {
        log(Event::BadArgument(number, len));
        error
    };
    let opcode = Opcode::from_u8(number).ok_or_else(|| refused(Error::Invalid))?;
    let payload = payload.map_err(refused)?;
    // <https://www.rfc-editor.org/rfc/rfc6455#section-5.5>
    if opcode.is_control() && (!fin || len as u64 > SHORT_PAYLOAD_MAX) {
        return Err(refused(Error::Invalid));
    }
    if c_int::try_from(len).is_err() {
        return Err(refused(Error::MessageSize));
    }
    Ok(Frame {
        opcode,
        fin,
        mask,
        payload,
    })
}

/// Sends one frame under the send lock. Inlined: sends go the deepest into the network stack.
#[inline(always)]
pub(super) fn send(
    slot: &mut Slot,
    frame: &Frame<'_>,
    more: Option<&dyn Pieces>,
    deadline: Deadline,
) -> Result<usize, Error> {
    let settings = slot.settings();
    let sent = as_sender(slot, &settings, deadline, |sender, call| {
        sender.send(call, frame, more)
    });
    match sent.map_err(Error::from) {
        // Another sender had the lock until the time was up.
        Err(Error::Again) if deadline.timeout() != Timeout::None => Err(Error::TimedOut),
        Err(error) => Err(error),
        Ok(sent) => sent,
    }
}

/// Receives payload of one frame; returns its length (0 for an empty frame), or a negative errno, which is also in
/// errno: -EINVAL (NULL or empty `buf`), -EBADF, -ENOENT, -EAGAIN (nothing within `timeout`; what was read of a frame
/// is kept), -ENOTCONN (closed by the peer), -EPROTO (the peer broke the protocol: the connection has been failed), -EMSGSIZE (the same for a message over
/// WEBSOCKET_OPT_MAX_MESSAGE_SIZE),
/// -ECONNABORTED (another thread closes), or the socket's own.
///
/// Any number of threads may send and receive at once.
///
/// # Safety
/// - `buf`: NULL, or valid for writes of `buf_len` octets.
/// - `message_type`, `remaining`: NULL, or valid for writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn websocket_recv_msg(
    ws_sock: c_int,
    buf: *mut u8,
    buf_len: usize,
    message_type: *mut u32,
    remaining: *mut u64,
    timeout: i32,
) -> c_int {
    // SAFETY: this function's own contract.
    let target = unsafe { target(buf, buf_len) };
    let (mut kind, mut rest) = (0, 0);
    let len = target.and_then(|target| {
        let mut held = Held::find(ws_sock, c::ZWS_LOCK_RECEIVE)?;
        let deadline = Deadline::after(Timeout::from_zephyr(timeout));
        let slot = held.slot();
        let settings = slot.settings();
        slot.as_receiver(&settings, deadline, |receiver, call| {
            let received = receiver.receive(call, target, Delivery::Frames)?;
            kind = flags(&received, call.settings.has(Policy::CONTINUATION_TYPE));
            rest = received.remaining;
            Ok(received.len)
        })?
    });
    let len = match len {
        Ok(len) => len,
        Err(error) => return fail(error),
    };
    if !message_type.is_null() {
        // SAFETY: not NULL, and this function's own contract.
        unsafe { message_type.write(kind) };
    }
    if !remaining.is_null() {
        // SAFETY: not NULL, and this function's own contract.
        unsafe { remaining.write(rest) };
    }
    // At most INT_MAX: target() has seen to it.
    len as c_int
}

pub(super) fn flags(received: &Received, typed_continuation: bool) -> u32 {
    let opcode = if typed_continuation {
        received.message
    } else {
        received.opcode
    };
    let kind = match opcode {
        Opcode::Continuation => 0,
        Opcode::Text => FLAG_TEXT,
        Opcode::Binary => FLAG_BINARY,
        Opcode::Close => FLAG_CLOSE,
        Opcode::Ping => FLAG_PING,
        Opcode::Pong => FLAG_PONG,
    };
    kind | if received.fin { FLAG_FINAL } else { 0 }
}
