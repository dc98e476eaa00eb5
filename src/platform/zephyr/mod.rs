// SPDX-License-Identifier: Apache-2.0
//! [`Platform`] over the C glue: each call is one call of `include/zws/glue.h`.
#![expect(unsafe_code, reason = "calls into C")]

use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::{Event, Interest, OsError, Platform, SocketError};
use crate::connection::{Call, Deadline, Error, Receiver, Role, Sender, Settings, Shared, Timeout};
use crate::slot::{Direction, Life, Locks};

/// cbindgen:ignore
#[expect(
    unreachable_pub,
    dead_code,
    reason = "written by bindgen from include/zws/glue.h, where every item is described"
)]
pub(crate) mod bindings;
mod closing;
mod held;
mod lock;

pub(crate) use closing::Closing;
pub(crate) use held::Held;
use lock::Lock;

use crate::abi::{ZWS_RECEIVER_WORDS, ZWS_SENDER_WORDS, ZWS_SHARED_WORDS};
use bindings as c;

/// Where a slot has the send half, what both directions see, and its head; the receive half is its beginning.
const SENDER_OFFSET: usize = ZWS_RECEIVER_WORDS * size_of::<u64>();
const SHARED_OFFSET: usize = SENDER_OFFSET + ZWS_SENDER_WORDS * size_of::<u64>();
const HEAD_OFFSET: usize = SHARED_OFFSET + ZWS_SHARED_WORDS * size_of::<u64>();

/// A slot that somebody holds while this is used.
pub(crate) struct Slot(*mut c::zws_slot);

impl Slot {
    /// # Safety
    /// `slot` came from `zws_slot_claim`, or is given to a socket method by the glue, and stays held while the result is
    /// used.
    pub(crate) unsafe fn new(slot: *mut c::zws_slot) -> Self {
        Self(slot)
    }

    fn head(&self) -> &c::zws_slot_head {
        // SAFETY: it is in the slot (asserted by the glue), and stays as it is while the slot is held but for what has
        // an accessor of its own, which nobody reads through this.
        unsafe { &*self.0.wrapping_byte_add(HEAD_OFFSET).cast() }
    }

    fn sender(&self) -> *mut Sender {
        self.0.wrapping_byte_add(SENDER_OFFSET).cast()
    }

    fn life(&self) -> &Life {
        const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, life);
        // SAFETY: a word of the slot, which is changed through such references only.
        unsafe { &*self.0.wrapping_byte_add(OFFSET).cast() }
    }

    fn locks(&self) -> &Locks {
        const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, locks);
        // SAFETY: as for the life.
        unsafe { &*self.0.wrapping_byte_add(OFFSET).cast() }
    }

    /// A hint for polls: octets are buffered, or the end has been seen.
    fn has_input(&self) -> &AtomicU8 {
        const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, has_input);
        // SAFETY: an octet of the slot, which is changed through such references only.
        unsafe { &*self.0.wrapping_byte_add(OFFSET).cast() }
    }

    /// This thread's waits do not give the descriptor's lock up any more. For one who is alone with the slot.
    fn forget_descriptor_lock(&mut self) {
        const OFFSET: usize =
            HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, descriptor_lock);
        // SAFETY: a field of the slot, which nobody else uses.
        unsafe {
            self.0
                .wrapping_byte_add(OFFSET)
                .cast::<*mut core::ffi::c_void>()
                .write(core::ptr::null_mut());
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let policy = self.head().policy;
        let is_set = |bit: u8| policy & bit != 0;
        let image = Settings {
            role: if self.is_client() {
                Role::Client
            } else {
                Role::Server
            },
            strict: is_set(c::ZWS_POLICY_STRICT),
            utf8: is_set(c::ZWS_POLICY_UTF8),
            auto_pong: is_set(c::ZWS_POLICY_AUTO_PONG),
            swallow_control: is_set(c::ZWS_POLICY_SWALLOW_CONTROL),
            any_masking: is_set(c::ZWS_POLICY_ANY_ROLE),
            sticky_sends: is_set(c::ZWS_POLICY_STICKY_SENDS),
            max_message_len: 0,
        };
        self.shared().apply(image)
    }

    /// Continuation frames carry the type of their message.
    pub(crate) fn types_continuations(&self) -> bool {
        self.head().policy & c::ZWS_POLICY_CONTINUATION_TYPE != 0
    }

    /// This end masks its frames.
    pub(crate) fn is_client(&self) -> bool {
        !cfg!(switch = "server") || self.head().policy & c::ZWS_POLICY_CLIENT != 0
    }

    /// Polls are to look.
    pub(crate) fn announce_input(&self) {
        self.has_input().store(1, Relaxed);
    }

    /// Ends the waits of other threads for the socket.
    pub(crate) fn wake(&mut self) {
        self.bury(Direction::Receive);
        self.bury(Direction::Send);
        // SAFETY: the slot is held.
        unsafe { c::zws_socket_wake(self.0) };
    }

    /// A thread that was aborted while it waited for the socket gives nothing back: this does it. `true`: there was one.
    pub(crate) fn bury(&mut self, direction: Direction) -> bool {
        if !cfg!(switch = "aborted_threads") {
            return false;
        }
        // SAFETY: the slot is held.
        let is_dead = unsafe { c::zws_waiter_bury(self.0, direction as u8) };
        if is_dead {
            if direction == Direction::Send {
                // SAFETY: as in with_sender(): the lock is the dead thread's, and given back below.
                let sender = unsafe { &mut *self.sender() };
                sender.abandon();
                if sender.has_pending() {
                    self.leave_later();
                }
            }
            let was_awaited = self.locks().give_back(direction);
            if self.life().bury() || was_awaited {
                // SAFETY: takes nothing.
                unsafe { c::zws_changed() };
            }
        }
        is_dead
    }

    /// The text that the server selected as sub-protocol.
    pub(crate) fn protocol(&self) -> Result<&[u8], Error> {
        let mut len = 0;
        // SAFETY: the slot is held, and `len` is writable.
        let data = unsafe { c::zws_protocol(self.0, &raw mut len) };
        if data.is_null() {
            return Err(Error::MessageSize);
        }
        // SAFETY: the glue's own array, written before the descriptor existed.
        Ok(unsafe { core::slice::from_raw_parts(data, len) })
    }

    /// The payload of the Close frame to come: its first two octets are room for the status code, the reason follows.
    ///
    /// # Safety
    /// The send lock is held as long as the result is used, and there is no other one meanwhile.
    pub(crate) unsafe fn close_payload<'a>(&self) -> &'a mut [u8] {
        let mut len = 0;
        // SAFETY: the slot is held, and `len` is writable.
        let data = unsafe { c::zws_close_payload(self.0, &raw mut len) };
        // SAFETY: the glue's own array, which changes under the send lock only.
        unsafe { core::slice::from_raw_parts_mut(data, len) }
    }

    /// Sets the reason; `false`: there is no room for it.
    pub(crate) fn set_close_reason(&mut self, _sender: &mut Sender, reason: &[u8]) -> bool {
        // SAFETY: the slot is held, and its send lock too; pointer and length are one slice's.
        unsafe { c::zws_close_reason_set(self.0, reason.as_ptr(), reason.len()) }
    }

    /// The HTTP status of the opening handshake.
    pub(crate) fn handshake_status(&self) -> u16 {
        // SAFETY: the slot is held.
        unsafe { c::zws_slot_handshake_status(self.0) }
    }

    /// Runs `body` with the receive half and the receive buffer, locked against other receivers.
    pub(crate) fn as_receiver<R>(
        &mut self,
        settings: &Settings,
        mut deadline: Deadline,
        body: impl FnOnce(&mut Receiver, &mut Call<'_, Self>) -> R,
    ) -> Result<R, SocketError> {
        let lock = Lock::take(self, Direction::Receive, &mut deadline)?;
        // SAFETY: the storage is large and aligned enough (asserted in src/abi), all-zero or written by us, and the lock
        // makes this the only reference to it.
        let receiver = unsafe { &mut *self.0.cast::<Receiver>() };
        let (data, len) = (self.head().rx_buffer, self.head().rx_buffer_len);
        // SAFETY: as for `receiver`; the length is the application's word for its buffer.
        let buffer = unsafe { slice(data, len) };
        let mut call = Call {
            platform: self,
            buffer,
            settings,
            deadline,
        };
        let result = body(receiver, &mut call);
        let has_input = !receiver.has_nothing();
        self.has_input().store(has_input.into(), Relaxed);
        drop(lock);
        Ok(result)
    }
}

/// # Safety
/// `data` is NULL or valid for `len` octets, which nothing else refers to meanwhile.
unsafe fn slice<'a>(data: *mut u8, len: usize) -> &'a mut [u8] {
    if data.is_null() {
        return &mut [];
    }
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts_mut(data, len) }
}

impl Platform for Slot {
    fn uptime_ms(&mut self) -> u64 {
        // SAFETY: takes nothing.
        unsafe { c::zws_uptime_ms() }.unsigned_abs()
    }

    fn random(&mut self, target: &mut [u8]) {
        // SAFETY: pointer and length are one slice's.
        unsafe { c::zws_random(target.as_mut_ptr(), target.len()) };
    }

    fn send(&mut self, data: &[u8]) -> Result<usize, SocketError> {
        // SAFETY: the slot is held; pointer and length are one slice's.
        outcome(unsafe { c::zws_socket_send(self.0, data.as_ptr(), data.len()) })
    }

    fn receive(&mut self, target: &mut [u8]) -> Result<usize, SocketError> {
        // SAFETY: the slot is held; pointer and length are one slice's.
        let result = unsafe { c::zws_socket_receive(self.0, target.as_mut_ptr(), target.len()) };
        outcome(result).map(|len| len.min(target.len()))
    }

    fn timeout_of_socket(&mut self, interest: Interest) -> Timeout {
        // SAFETY: the slot is held.
        Timeout::from_zephyr(unsafe { c::zws_socket_limit(self.0, events(interest)) })
    }

    fn wait(&mut self, interest: Interest, deadline: &mut Deadline) -> Result<bool, SocketError> {
        let timeout_ms = deadline.remaining_ms(self);
        if timeout_ms == 0 {
            return Ok(false);
        }
        // SAFETY: the slot is held.
        let result = unsafe { c::zws_socket_wait(self.0, events(interest), timeout_ms) };
        outcome(result).map(|ready| ready > 0)
    }

    #[inline(always)]
    fn with_sender<R>(
        &mut self,
        deadline: &mut Deadline,
        body: impl FnOnce(&mut Self, &mut Sender, &mut [u8], &mut Deadline) -> R,
    ) -> Result<R, SocketError> {
        let lock = Lock::take(self, Direction::Send, deadline)?;
        // SAFETY: the storage is in the slot (asserted by the glue), large and aligned enough (asserted in src/abi),
        // all-zero or written by us, and the lock makes this the only reference to it.
        let sender = unsafe { &mut *self.sender() };
        let (data, len) = (self.head().tx_buffer, self.head().tx_buffer_len);
        // SAFETY: as for `sender`; the glue gives its own array.
        let buffer = unsafe { slice(data, len) };
        let result = body(self, sender, buffer, deadline);
        drop(lock);
        Ok(result)
    }

    fn leave_later(&mut self) {
        if !cfg!(switch = "leftovers") {
            return;
        }
        // SAFETY: the slot is held.
        unsafe { c::zws_leave_later(self.0) };
    }

    fn shared(&self) -> &Shared {
        // SAFETY: the storage is in the slot (asserted by the glue), large and aligned enough (asserted in src/abi),
        // all-zero or written through its own atomics, and lives as long as the slot is held.
        unsafe { &*self.0.wrapping_byte_add(SHARED_OFFSET).cast::<Shared>() }
    }

    fn log(&mut self, event: Event) {
        log(event);
    }
}

/// The glue's name for what is waited for.
fn events(interest: Interest) -> u8 {
    match interest {
        Interest::Readable => c::ZWS_READABLE,
        Interest::Writable => c::ZWS_WRITABLE,
    }
}

/// On a CPU that has no compare-and-swap.
#[cfg(not(target_has_atomic = "32"))]
pub(crate) fn compare_and_swap(
    word: &core::sync::atomic::AtomicU32,
    before: u32,
    after: u32,
) -> bool {
    // SAFETY: a valid word; C changes it as one, against every other thread.
    unsafe { c::zws_compare_and_swap(word.as_ptr(), before, after) }
}

/// Writes one line to the log.
pub(crate) fn log(event: Event) {
    if !cfg!(switch = "log") {
        return;
    }
    let number = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
    let (event, first, second) = match event {
        Event::HandshakeStatus(status) => (c::ZWS_EVENT_HANDSHAKE_STATUS, i32::from(status), 0),
        Event::HandshakeFailed(check) => (c::ZWS_EVENT_HANDSHAKE_FAILED, i32::from(check), 0),
        Event::ProtocolError(error) => (
            c::ZWS_EVENT_PROTOCOL_ERROR,
            i32::from(error.close_code().0),
            error as i32,
        ),
        Event::CloseReceived(code) => (c::ZWS_EVENT_CLOSE_RECEIVED, i32::from(code), 0),
        Event::PingTooLong(len, buffer_len) => {
            (c::ZWS_EVENT_PING_TOO_LONG, number(len), number(buffer_len))
        }
        Event::PongDropped(len) => (c::ZWS_EVENT_PONG_DROPPED, number(len), 0),
        Event::FrameTorn(sent) => (c::ZWS_EVENT_FRAME_TORN, number(sent), 0),
        Event::BadArgument(opcode, len) => {
            (c::ZWS_EVENT_BAD_ARGUMENT, i32::from(opcode), number(len))
        }
        Event::ClosedUnderACall => (c::ZWS_EVENT_CLOSED_UNDER_A_CALL, 0, 0),
    };
    // SAFETY: takes numbers only.
    unsafe { c::zws_log(event, first, second) };
}

/// The glue's convention: a count, or one of two names, or a negative error number.
fn outcome(result: i32) -> Result<usize, SocketError> {
    usize::try_from(result).map_err(|_| match result {
        c::ZWS_WOULD_BLOCK => SocketError::WouldBlock,
        c::ZWS_CLOSING => SocketError::Closing,
        number => SocketError::Os(OsError(number.wrapping_neg())),
    })
}
