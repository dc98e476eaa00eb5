// SPDX-License-Identifier: Apache-2.0
//! What both directions and the option calls see of a connection without a lock: small atomics.
//!
//! An option call must not wait for a thread that is in a receive, so nothing here is guarded by the locks of the two
//! directions. Every counter has one writer, the holder of its direction's lock.

use core::sync::atomic::{
    AtomicBool, AtomicU8, AtomicU16, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use super::answers::Answers;
use super::{Policy, Settings};
use crate::protocol::{CloseCode, Opcode};

/// Messages and payload octets of one direction.
#[derive(Default, Debug)]
#[repr(C)]
pub struct Traffic {
    messages: AtomicU32,
    octets_low: AtomicU32,
    /// The upper half is written before and after the lower one, so that a reader sees when it came in between.
    octets_high: AtomicU32,
    octets_high_before: AtomicU32,
}

/// Without counters all of them stay 0.
const COUNTS: bool = cfg!(switch = "counters");

impl Traffic {
    /// Counts a whole data message.
    pub(crate) fn message(&self) {
        if !COUNTS {
            return;
        }
        let messages = self.messages.load(Relaxed).wrapping_add(1);
        self.messages.store(messages, Relaxed);
    }

    /// Counts payload of data frames.
    pub(crate) fn octets(&self, len: usize) {
        if !COUNTS {
            return;
        }
        // A call counts at most 2^31 - 1.
        let (sum, carries) = self.octets_low.load(Relaxed).overflowing_add(len as u32);
        if !carries {
            self.octets_low.store(sum, Relaxed);
            return;
        }
        let high = self.octets_high.load(Relaxed).wrapping_add(1);
        self.octets_high_before.store(high, Relaxed);
        self.octets_low.store(sum, Release);
        self.octets_high.store(high, Release);
    }

    /// Whole messages, and payload octets; they may be a little behind while a call counts.
    pub fn read(&self) -> (u32, u64) {
        let after = self.octets_high.load(Acquire);
        let low = self.octets_low.load(Acquire);
        let before = self.octets_high_before.load(Relaxed);
        // Between the two the lower half has just gone on from 0.
        let low = if before == after { low } else { 0 };
        let octets = u64::from(before) << 32 | u64::from(low);
        (self.messages.load(Relaxed), octets)
    }
}

/// What a poll wakes the application for: control frames wake whoever has received frames, or has sent a ping, with
/// `websocket_*_msg()`; nobody else.
///
/// Who answers pings itself ([`Policy::AUTO_PONG`]) is told of them before its first receive, too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Wakes {
    /// Whole frames of data, as far as the buffer holds them.
    Data = 1,
    /// These, and the end of a message where its last frame has no octets: `recvmsg()` with ancillary data.
    Messages = 2,
    /// Everything that `websocket_recv_msg()` returns.
    Frames = 3,
}

/// What the application says of that: a poll is to tell it of what [`Wakes`] says by itself, of data only, or of control frames
/// in any case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum WakeFor {
    /// As the calls that it has made say.
    Automatic = 0,
    /// Data, and ends of messages for who receives messages.
    Data = 1,
    /// Everything that `websocket_recv_msg()` returns.
    Frames = 2,
}

/// How far this end and its peer have got. All-zero is a fresh connection.
#[derive(Default, Debug)]
#[repr(C)]
pub struct Shared {
    /// Data that was delivered to the application.
    pub received: Traffic,
    /// Data that the application sent.
    pub sent: Traffic,
    max_message_len: AtomicU32,
    pings_sent: AtomicU16,
    /// [`pings_sent`](Self::pings_sent) when the last pong came.
    pings_answered: AtomicU16,
    close_code: AtomicU16,
    peer_close_code: AtomicU16,
    peer_end: AtomicU8,
    peer_reason_len: AtomicU8,
    send_opcode: AtomicU8,
    /// The most that a receive has asked for, of [`Wakes`]; 0: there was none.
    received_as: AtomicU8,
    /// Of [`WakeFor`].
    wake_for: AtomicU8,
    has_pinged: AtomicBool,
    is_shut_for_reading: AtomicBool,
    close_sent: AtomicBool,
    /// What the receive direction wants to be sent.
    pub(super) answers: Answers,
}

/// Values of `peer_end`.
const CLOSED: u8 = 1;
const ENDED: u8 = 2;

impl Shared {
    /// 0: no limit.
    pub fn max_message_len(&self) -> u32 {
        self.max_message_len.load(Relaxed)
    }

    /// Sets it.
    pub fn set_max_message_len(&self, len: u32) {
        self.max_message_len.store(len, Relaxed);
    }

    /// What `send()` sends: text, unless the application said binary.
    pub fn send_opcode(&self) -> Opcode {
        match self.send_opcode.load(Relaxed) {
            BINARY => Opcode::Binary,
            _ => Opcode::Text,
        }
    }

    /// Sets it; `false`: neither text nor binary.
    pub fn set_send_opcode(&self, opcode: Opcode) -> bool {
        let is_data = matches!(opcode, Opcode::Text | Opcode::Binary);
        if is_data {
            self.send_opcode.store(opcode as u8, Relaxed);
        }
        is_data
    }

    /// The status code of the Close frame that this end begins with.
    pub fn close_code(&self) -> CloseCode {
        match self.close_code.load(Relaxed) {
            0 => CloseCode::NORMAL,
            code => CloseCode(code),
        }
    }

    /// Sets it; `false`: it must not stand in a Close frame.
    pub fn set_close_code(&self, code: CloseCode) -> bool {
        if code.may_be_sent() {
            self.close_code.store(code.0, Relaxed);
        }
        code.may_be_sent()
    }

    /// The peer's Close frame came, with this status code or 0, and a reason of this length in the receive buffer.
    pub(crate) fn closed_by_peer(&self, code: u16, reason_len: usize) {
        self.peer_close_code.store(code, Relaxed);
        let len = u8::try_from(reason_len).unwrap_or(0);
        self.peer_reason_len.store(len, Relaxed);
        self.peer_end.store(CLOSED, Relaxed);
    }

    /// The stream ended; a Close frame that came before is what counts.
    pub(crate) fn ended(&self) {
        if self.peer_end.load(Relaxed) == 0 {
            self.peer_end.store(ENDED, Relaxed);
        }
    }

    /// How the peer closed: the status code of its Close frame, 1005 without one, 1006 without a Close frame; `None`
    /// while it has not (RFC 6455 §7.1.5).
    pub fn peer_close_code(&self) -> Option<CloseCode> {
        match self.peer_end.load(Relaxed) {
            0 => None,
            ENDED => Some(CloseCode::ABNORMAL),
            _ => Some(match self.peer_close_code.load(Relaxed) {
                0 => CloseCode::NO_STATUS,
                code => CloseCode(code),
            }),
        }
    }

    /// The length of the reason in the peer's Close frame.
    pub fn peer_reason_len(&self) -> usize {
        usize::from(self.peer_reason_len.load(Relaxed))
    }

    pub(crate) fn ping_sent(&self) {
        let pings = self.pings_sent.load(Relaxed).wrapping_add(1);
        self.pings_sent.store(pings, Relaxed);
        self.has_pinged.store(true, Relaxed);
    }

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3>: a pong may answer the most recent ping only.
    pub(crate) fn pong_received(&self) {
        self.pings_answered
            .store(self.pings_sent.load(Relaxed), Relaxed);
    }

    /// Pings that the application sent.
    pub fn pings_sent(&self) -> u16 {
        self.pings_sent.load(Relaxed)
    }

    /// Pings that the application sent since the last pong came.
    pub fn pings_unanswered(&self) -> u16 {
        let sent = self.pings_sent.load(Relaxed);
        sent.wrapping_sub(self.pings_answered.load(Relaxed))
    }

    /// What the application has said that polls are to wake it for.
    pub fn wake_for(&self) -> WakeFor {
        match self.wake_for.load(Relaxed) {
            DATA => WakeFor::Data,
            FRAMES => WakeFor::Frames,
            _ => WakeFor::Automatic,
        }
    }

    /// Sets it, for polls to come.
    pub fn set_wake_for(&self, wake_for: WakeFor) {
        self.wake_for.store(wake_for as u8, Relaxed);
    }

    /// What a poll wakes the application for.
    pub fn wakes(&self, settings: &Settings) -> Wakes {
        const DATA: u8 = WakeFor::Data as u8;
        const FRAMES: u8 = WakeFor::Frames as u8;
        let received_as = self.received_as.load(Relaxed);
        match (self.wake_for.load(Relaxed), received_as) {
            (DATA, 2) => Wakes::Messages,
            (DATA, _) => Wakes::Data,
            (FRAMES, _) | (_, 3) => Wakes::Frames,
            _ if self.has_pinged.load(Relaxed) => Wakes::Frames,
            (_, 0) if !settings.has(Policy::AUTO_PONG) => Wakes::Frames,
            (_, 2) => Wakes::Messages,
            _ => Wakes::Data,
        }
    }

    /// A receive that returns this much; for the holder of the receive lock.
    pub(crate) fn receives(&self, wakes: Wakes) {
        if self.received_as.load(Relaxed) < wakes as u8 {
            self.received_as.store(wakes as u8, Relaxed);
        }
    }

    /// `shutdown()`: what arrives from now on is the end of the stream.
    pub fn shut_read(&self) {
        self.is_shut_for_reading.store(true, Relaxed);
    }

    /// Whether [`shut_read`](Self::shut_read) was called.
    pub fn is_shut_for_reading(&self) -> bool {
        self.is_shut_for_reading.load(Relaxed)
    }

    /// This end has sent a Close frame, or tried to.
    pub(crate) fn closed_by_us(&self) {
        self.close_sent.store(true, Relaxed);
    }

    /// Whether this end has sent a Close frame, or tried to.
    pub fn close_sent(&self) -> bool {
        self.close_sent.load(Relaxed)
    }

    /// Whether the receive direction waits for something to be sent.
    pub fn has_answers(&self) -> bool {
        self.answers.is_waiting()
    }
}

const BINARY: u8 = Opcode::Binary as u8;
const DATA: u8 = WakeFor::Data as u8;
const FRAMES: u8 = WakeFor::Frames as u8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(not(switch = "counters"), ignore = "needs the switch")]
    fn octets_count_beyond_32_bits() {
        let traffic = Traffic::default();
        traffic.octets(u32::MAX as usize);
        traffic.octets(2);
        traffic.message();
        assert_eq!(traffic.read(), (1, u64::from(u32::MAX) + 2));
    }

    #[test]
    fn a_pong_answers_all_pings_before_it() {
        let shared = Shared::default();
        shared.ping_sent();
        shared.ping_sent();
        assert_eq!(shared.pings_unanswered(), 2);
        shared.pong_received();
        assert_eq!(shared.pings_unanswered(), 0);
    }

    #[test]
    fn only_codes_of_the_wire_are_taken() {
        let shared = Shared::default();
        assert_eq!(shared.close_code(), CloseCode::NORMAL);
        assert!(!shared.set_close_code(CloseCode::NO_STATUS));
        assert!(shared.set_close_code(CloseCode(4000)));
        assert_eq!(shared.close_code(), CloseCode(4000));
    }

    #[test]
    fn control_frames_wake_who_received_frames_or_sent_a_ping_and_nobody_else() {
        let settings = Settings::new(crate::connection::Role::Client);
        let shared = Shared::default();
        assert_eq!(shared.wakes(&settings), Wakes::Data);
        shared.receives(Wakes::Messages);
        assert_eq!(shared.wakes(&settings), Wakes::Messages);
        shared.receives(Wakes::Frames);
        shared.receives(Wakes::Data);
        assert_eq!(shared.wakes(&settings), Wakes::Frames);
        let shared = Shared::default();
        shared.ping_sent();
        assert_eq!(shared.wakes(&settings), Wakes::Frames);
        let shared = Shared::default();
        let mut by_itself = settings;
        by_itself.set(Policy::AUTO_PONG, false);
        assert_eq!(shared.wakes(&by_itself), Wakes::Frames);
        shared.receives(Wakes::Data);
        assert_eq!(shared.wakes(&by_itself), Wakes::Data);
    }

    #[test]
    fn what_the_application_says_of_control_frames_counts_for_more_than_its_calls() {
        let settings = Settings::new(crate::connection::Role::Client);
        let shared = Shared::default();
        assert_eq!(shared.wake_for(), WakeFor::Automatic);
        shared.set_wake_for(WakeFor::Frames);
        assert_eq!(shared.wakes(&settings), Wakes::Frames);
        shared.set_wake_for(WakeFor::Data);
        assert_eq!(shared.wakes(&settings), Wakes::Data);
        shared.receives(Wakes::Messages);
        assert_eq!(shared.wakes(&settings), Wakes::Messages);
        shared.receives(Wakes::Frames);
        shared.ping_sent();
        assert_eq!(shared.wakes(&settings), Wakes::Data);
        let mut by_itself = settings;
        by_itself.set(Policy::AUTO_PONG, false);
        assert_eq!(shared.wakes(&by_itself), Wakes::Data);
        shared.set_wake_for(WakeFor::Automatic);
        assert_eq!(shared.wakes(&settings), Wakes::Frames);
    }
}
