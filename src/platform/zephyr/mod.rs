// SPDX-License-Identifier: Apache-2.0
//! [`Platform`] over the C glue: each call is one call of `include/zws/glue.h`.
#![expect(unsafe_code, reason = "calls into C")]

use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::{Event, Interest, OsError, Part, Platform, SocketError};
use crate::connection::{
    Call, Deadline, Error, Policy, Receiver, Sender, Settings, Shared, Timeout,
};
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

/// One name for each decision, on both sides.
const _: () = {
    assert!(Policy::STRICT.bits() == c::ZWS_POLICY_STRICT);
    assert!(Policy::UTF8.bits() == c::ZWS_POLICY_UTF8);
    assert!(Policy::AUTO_PONG.bits() == c::ZWS_POLICY_AUTO_PONG);
    assert!(Policy::SWALLOW_CONTROL.bits() == c::ZWS_POLICY_SWALLOW_CONTROL);
    assert!(Policy::CONTINUATION_TYPE.bits() == c::ZWS_POLICY_CONTINUATION_TYPE);
    assert!(Policy::ANY_ROLE.bits() == c::ZWS_POLICY_ANY_ROLE);
    assert!(Policy::STICKY_SENDS.bits() == c::ZWS_POLICY_STICKY_SENDS);
    assert!(Policy::CLIENT.bits() == c::ZWS_POLICY_CLIENT);
};

/// A slot that somebody holds while this is used.
pub(crate) struct Slot {
    slot: *mut c::zws_slot,
    /// The caller has the lock of the real socket.
    is_locked_below: bool,
}

impl Slot {
    /// # Safety
    /// `slot` came from `zws_slot_claim`, or is given to a socket method by the glue, and stays held while the result is
    /// used.
    pub(crate) unsafe fn new(slot: *mut c::zws_slot) -> Self {
        // SAFETY: this function's own contract.
        unsafe { Self::with_lock_below(slot, false) }
    }

    /// The same for a caller who has the lock of the real socket, if `is_locked`, and keeps it while the result is used.
    ///
    /// # Safety
    /// As for [`new`](Self::new).
    pub(crate) unsafe fn with_lock_below(slot: *mut c::zws_slot, is_locked: bool) -> Self {
        Self {
            slot,
            is_locked_below: is_locked,
        }
    }

    fn head(&self) -> &c::zws_slot_head {
        // SAFETY: it is in the slot (asserted by the glue), and stays as it is while the slot is held but for what has
        // an accessor of its own, which nobody reads through this.
        unsafe { &*self.slot.wrapping_byte_add(HEAD_OFFSET).cast() }
    }

    fn sender(&self) -> *mut Sender {
        self.slot.wrapping_byte_add(SENDER_OFFSET).cast()
    }

    fn life(&self) -> &Life {
        const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, life);
        // SAFETY: a word of the slot, which is changed through such references only.
        unsafe { &*self.slot.wrapping_byte_add(OFFSET).cast() }
    }

    fn locks(&self) -> &Locks {
        // SAFETY: as for the life.
        unsafe { &*locks_of(self.slot) }
    }

    /// What polls know without a lock: `ZWS_INPUT_*`.
    fn input(&self) -> &AtomicU8 {
        const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, input);
        // SAFETY: an octet of the slot, which is changed through such references only.
        unsafe { &*self.slot.wrapping_byte_add(OFFSET).cast() }
    }

    fn policy(&self) -> &AtomicU8 {
        const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, policy);
        // SAFETY: an octet of the slot, which is changed through such references only.
        unsafe { &*self.slot.wrapping_byte_add(OFFSET).cast() }
    }

    #[inline]
    pub(crate) fn settings(&self) -> Settings {
        let policy = Policy::from_bits(self.policy().load(Relaxed));
        Settings {
            // Without the server's role there is only one.
            policy: policy.with(
                Policy::CLIENT,
                !cfg!(switch = "server") || policy.has(Policy::CLIENT),
            ),
            max_message_len: self.shared().max_message_len(),
        }
    }

    /// Whether pings are answered on this connection: the one decision that changes.
    pub(crate) fn set_auto_pong(&self, on: bool) {
        let policy = self.settings().policy.with(Policy::AUTO_PONG, on);
        self.policy().store(policy.bits(), Relaxed);
    }

    /// Ends the waits of other threads for the socket.
    pub(crate) fn wake(&mut self) {
        self.bury(Direction::Receive);
        self.bury(Direction::Send);
        // SAFETY: the slot is held.
        unsafe { c::zws_socket_wake(self.slot) };
    }

    /// A thread that was aborted while it waited for the socket gives nothing back: this does it. `true`: there was one.
    pub(crate) fn bury(&mut self, direction: Direction) -> bool {
        if !cfg!(switch = "aborted_threads") {
            return false;
        }
        // SAFETY: the slot is held.
        let is_dead = unsafe { c::zws_waiter_bury(self.slot, direction as u8) };
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

    /// Waits for the thread that has this lock; `true`: it still has it when the time is up.
    pub(crate) fn stand_back(&mut self, direction: Direction, mut deadline: Deadline) -> bool {
        Lock::take(self, direction, &mut deadline).is_err()
    }

    /// The text that the server selected as sub-protocol.
    pub(crate) fn protocol(&self) -> Result<&[u8], Error> {
        let mut len = 0;
        // SAFETY: the slot is held, and `len` is writable.
        let data = unsafe { c::zws_protocol(self.slot, &raw mut len) };
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
        let data = unsafe { c::zws_close_payload(self.slot, &raw mut len) };
        // SAFETY: the glue's own array, which changes under the send lock only.
        unsafe { core::slice::from_raw_parts_mut(data, len) }
    }

    /// Sets the reason; `false`: there is no room for it.
    pub(crate) fn set_close_reason(&mut self, _sender: &mut Sender, reason: &[u8]) -> bool {
        // SAFETY: the slot is held, and its send lock too; pointer and length are one slice's.
        unsafe { c::zws_close_reason_set(self.slot, reason.as_ptr(), reason.len()) }
    }

    /// The HTTP status of the opening handshake.
    pub(crate) fn handshake_status(&self) -> u16 {
        // SAFETY: the slot is held.
        unsafe { c::zws_slot_handshake_status(self.slot) }
    }

    /// The send half and its buffer.
    ///
    /// # Safety
    /// Nobody else uses them as long as the result is used: the caller has the send lock, or is alone with the slot.
    unsafe fn send_half<'a>(&self) -> (&'a mut Sender, &'a mut [u8]) {
        // SAFETY: the storage is in the slot (asserted by the glue), large and aligned enough (asserted in src/abi),
        // all-zero or written by us, and this is the only reference to it by this function's own contract.
        let sender = unsafe { &mut *self.sender() };
        let (data, len) = (self.head().tx_buffer, self.head().tx_buffer_len);
        // SAFETY: as for `sender`; it is the glue's own array.
        (sender, unsafe {
            core::slice::from_raw_parts_mut(data, len)
        })
    }

    /// Runs `body` with the receive half and the receive buffer, locked against other receivers.
    pub(crate) fn as_receiver<R>(
        &mut self,
        settings: &Settings,
        deadline: Deadline,
        body: impl FnOnce(&mut Receiver, &mut Call<'_, Self>) -> R,
    ) -> Result<R, SocketError> {
        let mut call = Call {
            platform: self,
            buffer: &mut [],
            settings,
            deadline,
        };
        let lock = Lock::take(call.platform, Direction::Receive, &mut call.deadline)?;
        let slot = &*call.platform;
        // SAFETY: the storage is large and aligned enough (asserted in src/abi), all-zero or written by us, and the lock
        // makes this the only reference to it.
        let receiver = unsafe { &mut *slot.slot.cast::<Receiver>() };
        let (data, len) = (slot.head().rx_buffer, slot.head().rx_buffer_len);
        // SAFETY: as for `receiver`; the length is the application's word for its buffer, which is not NULL.
        call.buffer = unsafe { core::slice::from_raw_parts_mut(data, len) };
        let result = body(receiver, &mut call);
        let input = if receiver.has_promised() {
            c::ZWS_INPUT_READABLE
        } else if receiver.has_nothing() {
            c::ZWS_INPUT_NONE
        } else {
            c::ZWS_INPUT_SOME
        };
        call.platform.input().store(input, Relaxed);
        drop(lock);
        Ok(result)
    }
}

/// Where a slot has its locks.
fn locks_of(slot: *mut c::zws_slot) -> *const Locks {
    const OFFSET: usize = HEAD_OFFSET + core::mem::offset_of!(c::zws_slot_head, locks);
    slot.wrapping_byte_add(OFFSET).cast()
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

    fn send(&mut self, data: &[u8], part: Part) -> Result<usize, SocketError> {
        // SAFETY: the slot is held; pointer and length are one slice's.
        outcome(unsafe { c::zws_socket_send(self.slot, data.as_ptr(), data.len(), part as u8) })
    }

    fn with_large_buffer<R>(&mut self, body: impl FnOnce(&mut Self, &mut [u8]) -> R) -> Option<R> {
        let mut len = 0;
        // SAFETY: `len` is writable.
        let data = unsafe { c::zws_large_buffer_take(&raw mut len) };
        if data.is_null() {
            return None;
        }
        // SAFETY: the glue's own array, which is nobody else's until it is given back.
        let result = body(self, unsafe { core::slice::from_raw_parts_mut(data, len) });
        // SAFETY: it was taken above.
        unsafe { c::zws_large_buffer_give() };
        Some(result)
    }

    fn receive(&mut self, target: &mut [u8]) -> Result<usize, SocketError> {
        // SAFETY: the slot is held; pointer and length are one slice's.
        let result = unsafe {
            c::zws_socket_receive(
                self.slot,
                target.as_mut_ptr(),
                target.len(),
                self.is_locked_below,
            )
        };
        outcome(result).map(|len| len.min(target.len()))
    }

    fn timeout_of_socket(&mut self, interest: Interest) -> Timeout {
        // SAFETY: the slot is held.
        Timeout::from_zephyr(unsafe { c::zws_socket_limit(self.slot, events(interest)) })
    }

    fn wait(&mut self, interest: Interest, deadline: &mut Deadline) -> Result<bool, SocketError> {
        let timeout_ms = deadline.remaining_ms(self);
        if timeout_ms == 0 {
            return Ok(false);
        }
        if interest == Interest::Readable {
            // A promise of an earlier poll does not hold while its receive waits for more.
            self.input().store(c::ZWS_INPUT_SOME, Relaxed);
        }
        // SAFETY: the slot is held.
        let result = unsafe { c::zws_socket_wait(self.slot, events(interest), timeout_ms) };
        outcome(result).map(|ready| ready > 0)
    }

    #[inline(always)]
    fn with_sender<R>(
        &mut self,
        deadline: &mut Deadline,
        body: impl FnOnce(&mut Self, &mut Sender, &mut [u8], &mut Deadline) -> R,
    ) -> Result<R, SocketError> {
        let lock = Lock::take(self, Direction::Send, deadline)?;
        // SAFETY: the send lock is this call's.
        let (sender, buffer) = unsafe { self.send_half() };
        let result = body(self, sender, buffer, deadline);
        drop(lock);
        Ok(result)
    }

    fn leave_later(&mut self) {
        if !cfg!(switch = "leftovers") {
            return;
        }
        // SAFETY: the slot is held.
        unsafe { c::zws_leave_later(self.slot) };
    }

    fn shared(&self) -> &Shared {
        // SAFETY: the storage is in the slot (asserted by the glue), large and aligned enough (asserted in src/abi),
        // all-zero or written through its own atomics, and lives as long as the slot is held.
        unsafe { &*self.slot.wrapping_byte_add(SHARED_OFFSET).cast::<Shared>() }
    }

    fn log(&mut self, event: Event) {
        log(event);
    }
}

const _: () = assert!(Part::Whole as u8 == c::ZWS_PART_WHOLE);
const _: () = assert!(Part::More as u8 == c::ZWS_PART_MORE);
const _: () = assert!(Part::End as u8 == c::ZWS_PART_END);

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
