// SPDX-License-Identifier: Apache-2.0
//! What the glue's socket methods call: `send()`, `recv()`, `poll()`, `shutdown()` and `close()` on a websocket's
//! descriptor.

use core::ffi::c_int;

use super::message::{self, flags};
use super::{c_bool, close_timeout, count, fail, fail_method};
use crate::connection::{
    Call, Deadline, Delivery, Error, Extent, Frame, Pieces, PiecesMut, Readiness, Sender, Timeout,
    Wanted, as_sender, flush,
};
use crate::platform::zephyr::bindings as c;
use crate::platform::zephyr::{Closing, Held, Slot, log};
use crate::platform::{Event, Interest, Platform, SocketError};
use crate::slot::Direction;

/// Without them each call has one piece of memory.
const MESSAGE_CALLS: bool = cfg!(switch = "message_calls");

/// The caller's pieces of memory, as C gives them: a pointer is NULL only where the length is 0.
struct Memory(*const c::zws_piece, usize);

impl Memory {
    /// # Safety
    /// `pieces` is NULL or valid for `count` pieces, each NULL or valid for its length, and nothing else refers to
    /// them while the result is used.
    unsafe fn new(pieces: *const c::zws_piece, count: usize) -> Result<Self, Error> {
        if pieces.is_null() && count > 0 {
            return Err(Error::Invalid);
        }
        let memory = Self(pieces, count);
        for index in 0..memory.1 {
            let (data, len) = memory.at(index).unwrap_or((core::ptr::null_mut(), 0));
            if data.is_null() && len > 0 {
                return Err(Error::Invalid);
            }
        }
        Ok(memory)
    }

    fn first(&self) -> &[u8] {
        Pieces::piece(self, 0).unwrap_or(&[])
    }

    /// The piece, where there is one and it is not empty.
    fn only(&mut self) -> Option<&mut [u8]> {
        if self.1 != 1 {
            return None;
        }
        PiecesMut::piece(self, 0).filter(|piece| !piece.is_empty())
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
/// client: octets, or -1 with errno. EAGAIN: not within the time; repeating the call goes on where it stopped. The time is
/// SO_SNDTIMEO's, none with `no_wait`.
///
/// # Safety
/// - `slot`: of the object that the method is called with, and `tag` its life.
/// - `pieces`: NULL, or valid for `piece_count` pieces, each NULL or valid for its length.
#[cfg(switch = "socket_calls")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_send(
    slot: *mut c::zws_slot,
    tag: u32,
    pieces: *const c::zws_piece,
    piece_count: usize,
    no_wait: c_bool,
) -> c_int {
    // SAFETY: this function's own contract.
    let Some(mut held) = (unsafe { Held::new(slot, tag) }) else {
        return fail_method(Error::BadDescriptor);
    };
    let slot = held.slot();
    let timeout = match no_wait {
        0 => Timeout::OfSocket(Interest::Writable),
        _ => Timeout::None,
    };
    // SAFETY: this function's own contract.
    let sent = unsafe { Memory::new(pieces, piece_count) }.and_then(|payload| {
        let frame = Frame {
            opcode: slot.shared().send_opcode(),
            fin: true,
            mask: slot.settings().masks(),
            payload: if piece_count == 1 {
                payload.first()
            } else {
                &[]
            },
        };
        let more: Option<&dyn Pieces> = if !MESSAGE_CALLS || piece_count == 1 {
            None
        } else {
            Some(&payload)
        };
        message::send(slot, &frame, more, Deadline::after(timeout))
    });
    match sent {
        Ok(len) => count(len),
        // SO_SNDTIMEO: what sockets say.
        Err(Error::TimedOut) => fail_method(Error::Again),
        Err(error) => fail_method(error),
    }
}

/// Receives data: octets, 0 at the end (the peer's Close, or the end of the stream), or -1 with errno. The time is
/// SO_RCVTIMEO's.
///
/// # Safety
/// - `slot`, `tag`, and the pieces of `receive`: as in [`zws_stream_send`]; the pieces are valid for writes.
/// - `receive`: valid for reads and writes.
#[cfg(switch = "socket_calls")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_receive(
    slot: *mut c::zws_slot,
    tag: u32,
    receive: *mut c::zws_receive,
) -> c_int {
    // SAFETY: this function's own contract.
    let Some(mut held) = (unsafe { Held::new(slot, tag) }) else {
        return fail_method(Error::BadDescriptor);
    };
    // SAFETY: this function's own contract.
    let receive = unsafe { &mut *receive };
    let asked = receive.flags;
    let is_set = |flag: u8| asked & flag != 0;
    let timeout = if is_set(c::ZWS_RECEIVE_NO_WAIT) {
        Timeout::None
    } else {
        Timeout::OfSocket(Interest::Readable)
    };
    // SAFETY: this function's own contract.
    let memory = unsafe { Memory::new(receive.pieces, receive.piece_count) };
    let len = memory.and_then(|mut memory| {
        let slot = held.slot();
        let settings = slot.settings();
        slot.as_receiver(&settings, Deadline::after(timeout), |receiver, call| {
            let received = match memory.only() {
                Some(target) if asked & !c::ZWS_RECEIVE_NO_WAIT == 0 => {
                    receiver.receive(call, target, Delivery::Data)?
                }
                _ if !MESSAGE_CALLS => return Err(Error::Invalid),
                _ => receiver.receive_pieces(call, &mut memory, wanted(asked))?,
            };
            receive.message_type = flags(&received, true);
            receive.remaining = received.remaining;
            Ok(received.len)
        })?
    });
    match len {
        Ok(len) if is_set(c::ZWS_RECEIVE_REAL_LENGTH) => {
            let rest = usize::try_from(receive.remaining).unwrap_or(usize::MAX);
            // What was looked at is still to be received.
            let taken = if is_set(c::ZWS_RECEIVE_PEEK) { 0 } else { len };
            count(rest.saturating_add(taken))
        }
        Ok(len) => count(len),
        Err(Error::NotConnected) => {
            receive.message_type = 0;
            receive.remaining = 0;
            0
        }
        Err(error) => fail_method(error),
    }
}

/// The flags of `recv()` and `recvmsg()`.
#[cold]
fn wanted(asked: u8) -> Wanted {
    let is_set = |flag: u8| asked & flag != 0;
    Wanted {
        peek: is_set(c::ZWS_RECEIVE_PEEK),
        ends: is_set(c::ZWS_RECEIVE_ENDS),
        extent: if is_set(c::ZWS_RECEIVE_FULL) {
            Extent::Full
        } else if is_set(c::ZWS_RECEIVE_MESSAGE) {
            Extent::Message
        } else {
            Extent::Frame
        },
    }
}

/// Says what a receive would find, by bits; `how` is of bits, too (ZWS_POLL_*). Does not wait. Pings in what it looks at are
/// answered.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(switch = "exact_poll")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_poll(slot: *mut c::zws_slot, how: u8) -> u8 {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::with_lock_below(slot, how & c::ZWS_POLL_LOCKED != 0) };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let reads = how & c::ZWS_POLL_READ != 0;
    let readiness = slot.as_receiver(&settings, now, |receiver, call| {
        if !reads && receiver.has_nothing() {
            return Readiness::Nothing;
        }
        receiver.poll(call, reads)
    });
    match readiness {
        Ok(Readiness::Nothing) => 0,
        Ok(Readiness::Readable) => c::ZWS_POLL_READABLE,
        Ok(Readiness::Ended) => c::ZWS_POLL_READABLE | c::ZWS_POLL_ENDED,
        Err(_) => c::ZWS_POLL_BUSY,
    }
}

/// So long a poll stands back for a thread that is in the call which it has announced, and may be less urgent than the poll's.
const PATIENCE: Timeout = Timeout::Milliseconds(10);

/// Stands back for a moment for the thread that is receiving, or sending; `true`: it still is.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(switch = "exact_poll")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_await(slot: *mut c::zws_slot, sends: c_bool) -> c_bool {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let direction = match sends {
        0 => Direction::Receive,
        _ => Direction::Send,
    };
    slot.stand_back(direction, Deadline::after(PATIENCE)).into()
}

/// FIONREAD: payload octets of data that receives would return without asking the socket, after taking what it has.
/// 0 while another thread is receiving.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(all(switch = "socket_calls", switch = "exact_poll"))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_readable(slot: *mut c::zws_slot) -> c_int {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let readable = slot.as_receiver(&settings, now, |receiver, call| receiver.readable(call));
    count(readable.unwrap_or(0))
}

/// SO_ERROR: takes an error that the next receive would report; 0 when there is none, or another thread is receiving.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(switch = "socket_calls")]
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

/// Sends what an earlier call left in the send buffer, as far as the socket takes it now; whether some may still be left.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(switch = "leftovers")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_flush(slot: *mut c::zws_slot) -> c_bool {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let settings = slot.settings();
    let flushed = flush(&mut slot, &settings);
    // Who is sending meanwhile may leave some, too.
    c_bool::from(matches!(flushed, Ok(false) | Err(SocketError::WouldBlock)))
}

/// `shutdown()` for receiving: what was received is still delivered, then the end; nothing more is read.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(switch = "socket_calls")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_shut_read(slot: *mut c::zws_slot) {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    // For the one who waits for input: woken, it is at the end, and gives the receive half to this thread.
    slot.shared().shut_read();
    slot.wake();
    let settings = slot.settings();
    let soon = Deadline::after(close_timeout());
    // Who closes meanwhile leaves nothing to shut.
    let _ = slot.as_receiver(&settings, soon, |receiver, _| receiver.shut_read());
}

/// `shutdown()` for sending: a Close frame with the code and reason of the options, once, within the image's close timeout.
/// 0, or -1 with errno: the frame could not be sent yet.
///
/// # Safety
/// - `slot`: held by the caller.
#[cfg(switch = "socket_calls")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_shut_write(slot: *mut c::zws_slot) -> c_int {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    match send_close(&mut slot, Deadline::after(close_timeout())) {
        Ok(()) => 0,
        Err(error) => fail_method(error),
    }
}

fn send_close(slot: &mut Slot, deadline: Deadline) -> Result<(), Error> {
    let settings = slot.settings();
    as_sender(slot, &settings, deadline, close).map_err(Error::from)?
}

/// Sends the Close frame that the options describe.
fn close(sender: &mut Sender, call: &mut Call<'_, Slot>) -> Result<(), Error> {
    // SAFETY: under the send lock, and for this call only.
    let payload = unsafe { call.platform.close_payload() };
    if let Some(code) = payload.first_chunk_mut() {
        *code = call.platform.shared().close_code().bytes();
    }
    sender.close(call, payload)
}

/// `close()`: a Close frame, as [`zws_stream_shut_write`], when no other call is in the websocket any more; then its slot is free.
/// All of it within `timeout_ms`. 0, or -1 with errno EBADF: it is not open, or is being closed.
///
/// # Safety
/// - `slot`, `tag`: as in [`zws_stream_send`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_stream_close(
    slot: *mut c::zws_slot,
    tag: u32,
    timeout_ms: u32,
) -> c_int {
    let mut deadline = Deadline::after(Timeout::Milliseconds(timeout_ms));
    // SAFETY: this function's own contract.
    match unsafe { Closing::begin(slot, tag, &mut deadline) } {
        Ok(Some(mut closing)) => {
            // Its failure is not the caller's: the descriptor goes away in any case.
            let _ = closing.as_sender(&deadline, close);
            0
        }
        Ok(None) => {
            log(Event::ClosedUnderACall);
            0
        }
        Err(()) => fail_method(Error::BadDescriptor),
    }
}
