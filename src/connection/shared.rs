// SPDX-License-Identifier: Apache-2.0
//! What both directions and the option calls see of a connection without a lock: small atomics.
//!
//! An option call must not wait for a thread that is in a receive, so nothing here is guarded by the locks of the two
//! directions. Every counter has one writer, the holder of its direction's lock.

use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::Relaxed};

use super::Settings;
use crate::protocol::{CloseCode, Opcode};

/// Messages and payload octets of one direction.
#[derive(Default, Debug)]
#[repr(C)]
pub struct Traffic {
    messages: AtomicU32,
    octets_low: AtomicU32,
    octets_high: AtomicU32,
}

impl Traffic {
    /// Counts a whole data message.
    pub(crate) fn message(&self) {
        let messages = self.messages.load(Relaxed).wrapping_add(1);
        self.messages.store(messages, Relaxed);
    }

    /// Counts payload of data frames.
    pub(crate) fn octets(&self, len: usize) {
        let low = self.octets_low.load(Relaxed);
        let sum = u64::from(low).wrapping_add(len as u64);
        self.octets_low.store(sum as u32, Relaxed);
        let carry = (sum >> 32) as u32;
        if carry != 0 {
            let high = self.octets_high.load(Relaxed);
            self.octets_high.store(high.wrapping_add(carry), Relaxed);
        }
    }

    /// Whole messages, and payload octets; the octets may be a little behind while a call counts.
    pub fn read(&self) -> (u32, u64) {
        let high = u64::from(self.octets_high.load(Relaxed));
        let low = u64::from(self.octets_low.load(Relaxed));
        (self.messages.load(Relaxed), high << 32 | low)
    }
}

/// How the application receives: it decides whether a ping is worth waking it for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Style {
    /// It has not received yet, and sent nothing with `websocket_send_msg()`.
    Unknown = 0,
    /// Octets, with `recv()`, `read()` and `recvmsg()`.
    Stream = 1,
    /// Frames, with `websocket_recv_msg()`.
    Frames = 2,
    /// Octets and the ends of messages, with `recvmsg()` and room for ancillary data.
    Messages = 3,
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
    /// 0: the image's, 1: no, 2: yes.
    auto_pong: AtomicU8,
    style: AtomicU8,
    shut: AtomicU8,
}

/// Values of `peer_end`.
const CLOSED: u8 = 1;
const ENDED: u8 = 2;
const SHUT_READ: u8 = 1;
const SHUT_WRITE: u8 = 2;

impl Shared {
    /// The policy of the image, with what the application set for this connection.
    pub fn apply(&self, settings: Settings) -> Settings {
        Settings {
            auto_pong: match self.auto_pong.load(Relaxed) {
                1 => false,
                2 => true,
                _ => settings.auto_pong,
            },
            max_message_len: self.max_message_len.load(Relaxed),
            ..settings
        }
    }

    /// 0: no limit.
    pub fn set_max_message_len(&self, len: u32) {
        self.max_message_len.store(len, Relaxed);
    }

    /// Whether pings are answered on this connection.
    pub fn set_auto_pong(&self, on: bool) {
        self.auto_pong.store(if on { 2 } else { 1 }, Relaxed);
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

    /// How the application receives, by its last receive; before that, by what it sends with.
    pub fn style(&self) -> Style {
        match self.style.load(Relaxed) {
            1 => Style::Stream,
            2 => Style::Frames,
            3 => Style::Messages,
            _ => Style::Unknown,
        }
    }

    /// A receive of this style began.
    pub(crate) fn receives(&self, style: Style) {
        self.style.store(style as u8, Relaxed);
    }

    /// A frame was sent with `websocket_send_msg()`: who writes frames reads frames, until a receive says otherwise.
    pub fn sends_frames(&self) {
        if self.style() == Style::Unknown {
            self.style.store(Style::Frames as u8, Relaxed);
        }
    }

    /// `shutdown()`: what arrives from now on is the end of the stream.
    pub fn shut_read(&self) {
        let shut = self.shut.load(Relaxed);
        self.shut.store(shut | SHUT_READ, Relaxed);
    }

    /// Whether [`shut_read`](Self::shut_read) was called.
    pub fn is_shut_for_reading(&self) -> bool {
        self.shut.load(Relaxed) & SHUT_READ != 0
    }

    /// This end has sent a Close frame, or tried to.
    pub(crate) fn closed_by_us(&self) {
        let shut = self.shut.load(Relaxed);
        self.shut.store(shut | SHUT_WRITE, Relaxed);
    }

    /// Whether this end has sent a Close frame, or tried to.
    pub fn close_sent(&self) -> bool {
        self.shut.load(Relaxed) & SHUT_WRITE != 0
    }
}

const BINARY: u8 = Opcode::Binary as u8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
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
    fn who_sends_frames_reads_frames_until_it_receives() {
        let shared = Shared::default();
        assert_eq!(shared.style(), Style::Unknown);
        shared.sends_frames();
        assert_eq!(shared.style(), Style::Frames);
        shared.receives(Style::Stream);
        shared.sends_frames();
        assert_eq!(shared.style(), Style::Stream);
    }
}
