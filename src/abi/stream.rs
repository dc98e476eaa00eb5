// SPDX-License-Identifier: Apache-2.0
//! What the glue's socket methods call: `send()`, `recv()`, `poll()`, `shutdown()` and `close()` on a websocket's
//! descriptor.

use core::ffi::c_int;

use super::message::{self, flags};
use super::{count, fail};
use crate::connection::{
    Deadline, Error, Extent, Frame, Pieces, PiecesMut, Readiness, Timeout, Wanted, as_sender,
};
use crate::platform::zephyr::Slot;
use crate::platform::zephyr::bindings as c;
use crate::platform::{Platform, SocketError};

/// The caller's pieces of memory, as C gives them: a pointer is NULL only where the length is 0.
struct Memory(*const c::zws_piece, usize);

impl Memory {
    /// # Safety
    /// `pieces` is NULL or valid for `count` pieces, each NULL or valid for its length, and nothing else refers to
    /// them while the result is used.
    unsafe fn new(pieces: *const c::zws_piece, count: usize) -> Result<Self, Error> {
        let memory = Self(pieces, if pieces.is_null() { 0 } else { count });
        for index in 0..memory.1 {
            let (data, len) = memory.at(index).unwrap_or((core::ptr::null_mut(), 0));
            if data.is_null() && len > 0 {
                return Err(Error::Invalid);
            }
        }
        Ok(memory)
    }

    fn at(&self, index: usize) -> Option<(*mut u8, usize)> {
        if index >= self.1 {
            return None;
        }
        // SAFETY: in bounds by new()'s contract.
        let piece = unsafe { *self.0.wrapping_add(index) };
        Some((piece.data.cast(), piece.len))
    }
}

impl Pieces for Memory {
    fn piece(&self, index: usize) -> Option<&[u8]> {
        Some(match self.at(index)? {
            (_, 0) => &[],
            // SAFETY: not NULL (checked by new()), and valid by its contract.
            (data, len) => unsafe { core::slice::from_raw_parts(data, len) },
        })
    }
}

impl PiecesMut for Memory {
    fn piece(&mut self, index: usize) -> Option<&mut [u8]> {
        Some(match self.at(index)? {
            (_, 0) => &mut [],
            // SAFETY: not NULL (checked by new()), and valid and unshared by its contract.
            (data, len) => unsafe { core::slice::from_raw_parts_mut(data, len) },
        })
    }
}

/// Sends all `pieces` as one final frame of the type that WEBSOCKET_OPT_SEND_OPCODE says, masked where this end is a
/// client: octets, or a negative errno. -EAGAIN: not within the time, and nothing was sent.
///
/// # Safety
/// - `slot`: held by the caller.
/// - `pieces`: NULL, or valid for `piece_count` pieces, each NULL or valid for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_send(
    slot: *mut c::zws_slot,
    pieces: *const c::zws_piece,
    piece_count: usize,
    timeout: i32,
) -> c_int {
    // SAFETY: this function's own contract.
    let payload = unsafe { Memory::new(pieces, piece_count) };
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let sent = payload.and_then(|payload| {
        let frame = Frame {
            opcode: slot.shared().send_opcode(),
            fin: true,
            mask: slot.is_client(),
            payload: &[],
        };
        let deadline = Deadline::after(Timeout::from_zephyr(timeout));
        message::send(&mut slot, &frame, Some(&payload), deadline)
    });
    match sent {
        Ok(len) => count(len),
        // SO_SNDTIMEO: what sockets say.
        Err(Error::TimedOut) => fail(Error::Again),
        Err(error) => fail(error),
    }
}

/// Receives data: octets, 0 at the end (the peer's Close, or the end of the stream), or a negative errno.
///
/// # Safety
/// - `slot`: held by the caller.
/// - `receive`: valid for reads and writes; its pieces as in [`zws_stream_send`], and valid for writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_receive(
    slot: *mut c::zws_slot,
    receive: *mut c::zws_receive,
) -> c_int {
    // SAFETY: this function's own contract.
    let receive = unsafe { &mut *receive };
    // SAFETY: this function's own contract.
    let memory = unsafe { Memory::new(receive.pieces, receive.piece_count) };
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let asked = receive.flags;
    let is_set = |flag: u8| asked & flag != 0;
    let wanted = Wanted {
        peek: is_set(c::ZWS_RECEIVE_PEEK),
        ends: is_set(c::ZWS_RECEIVE_ENDS),
        extent: if is_set(c::ZWS_RECEIVE_FULL) {
            Extent::Full
        } else if is_set(c::ZWS_RECEIVE_MESSAGE) {
            Extent::Message
        } else {
            Extent::Frame
        },
    };
    let len = memory.and_then(|mut memory| {
        let settings = slot.settings();
        let deadline = Deadline::after(Timeout::from_zephyr(receive.timeout_ms));
        slot.as_receiver(&settings, deadline, |receiver, call| {
            let received = receiver.receive_pieces(call, &mut memory, wanted)?;
            receive.message_type = flags(&received, true);
            receive.remaining = received.remaining;
            Ok(received.len)
        })?
    });
    match len {
        Ok(len) => {
            let rest = usize::try_from(receive.remaining).unwrap_or(usize::MAX);
            count(if !is_set(c::ZWS_RECEIVE_REAL_LENGTH) {
                len
            } else if wanted.peek {
                // What was looked at is still to be received.
                rest
            } else {
                len.saturating_add(rest)
            })
        }
        Err(Error::NotConnected) => {
            receive.message_type = 0;
            receive.remaining = 0;
            0
        }
        Err(error) => fail(error),
    }
}

/// Takes what the socket has, answers pings, and says what a receive would find: bits ZWS_POLL_*. Does not wait.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_poll(slot: *mut c::zws_slot) -> u8 {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let readiness = slot.as_receiver(&settings, now, |receiver, call| receiver.poll(call));
    match readiness {
        Ok(Readiness::Nothing) => 0,
        Ok(Readiness::Readable) => c::ZWS_POLL_READABLE,
        Ok(Readiness::Ended) => c::ZWS_POLL_READABLE | c::ZWS_POLL_ENDED,
        Err(_) => c::ZWS_POLL_BUSY,
    }
}

/// FIONREAD: payload octets of data that receives would return without asking the socket, after taking what it has.
/// 0 while another thread is receiving.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_readable(slot: *mut c::zws_slot) -> c_int {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let readable = slot.as_receiver(&settings, now, |receiver, call| {
        let _ = receiver.poll(call);
        receiver.readable_len(call.buffer, call.settings)
    });
    count(readable.unwrap_or(0))
}

/// SO_ERROR: takes an error that the next receive would report; 0 when there is none, or another thread is receiving.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_take_error(slot: *mut c::zws_slot) -> c_int {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let error = slot.as_receiver(&settings, now, |receiver, _| receiver.take_error());
    match error {
        Ok(Some(error)) => fail(error).wrapping_neg(),
        _ => 0,
    }
}

/// Sends what an earlier call left in the send buffer, as far as the socket takes it now; whether some is still left.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_flush(slot: *mut c::zws_slot) -> super::c_bool {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let has_left = as_sender(&mut slot, &settings, now, |sender, call| {
        sender.answer(call)
    });
    super::c_bool::from(has_left == Ok(false))
}

/// `shutdown()` for receiving: what was received is still delivered, then the end; nothing more is read.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_shut_read(slot: *mut c::zws_slot) {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    slot.shared().shut_read();
    slot.wake();
}

/// Starts the closing handshake from this end: a Close frame with the code and reason of the options, once, within
/// the image's close timeout. 0, or a negative errno: the frame could not be sent.
///
/// # Safety
/// - `slot`: held by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_close(slot: *mut c::zws_slot) -> c_int {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let deadline = Deadline::after(Timeout::Milliseconds(settings.close_timeout_ms));
    let closed = as_sender(&mut slot, &settings, deadline, |sender, call| {
        let code = call.platform.shared().close_code();
        // SAFETY: `sender` is ours under its lock.
        let reason = unsafe { call.platform.close_reason_to_send(sender) };
        sender.close(call, Some(code), Some(&reason))
    });
    match closed.map_err(|error: SocketError| Error::from(error)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) | Err(error) => fail(error),
    }
}
