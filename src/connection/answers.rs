// SPDX-License-Identifier: Apache-2.0
//! What the receive direction asks the send direction to say: a Pong, and the Close that answers or fails.
//!
//! The peer may have stopped reading, and another thread may be in the middle of a frame: so nothing here waits. The
//! holder of the receive lock puts an answer here, the holder of the send lock takes it when there is room.

use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

use crate::protocol::CloseCode;

/// The longest payload of a Pong (RFC 6455 §5.5).
pub(super) const PONG_MAX: usize = 125;
const WORDS: usize = PONG_MAX.div_ceil(WORD);
const WORD: usize = size_of::<u32>();

/// The answers of one connection. All-zero is none.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Answers {
    /// Two for each ping that was kept, and one while it is being written.
    pings: AtomicU32,
    /// [`pings`](Self::pings) at the last Pong.
    answered: AtomicU32,
    len: AtomicU32,
    payload: [AtomicU32; WORDS],
    /// 0: none is to be sent; else [`CLOSE`] and the status code, 0 for a Close frame without one.
    close: AtomicU32,
}

const CLOSE: u32 = 0x1_0000;

impl Default for Answers {
    fn default() -> Self {
        Self {
            pings: AtomicU32::new(0),
            answered: AtomicU32::new(0),
            len: AtomicU32::new(0),
            payload: [const { AtomicU32::new(0) }; WORDS],
            close: AtomicU32::new(0),
        }
    }
}

impl Answers {
    /// Keeps the payload of a ping, at most [`PONG_MAX`] octets, in place of an earlier one that has not been answered:
    /// <https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3>: "MAY elect to send a Pong frame for only the most
    /// recently processed Ping frame". For the holder of the receive lock.
    pub(super) fn keep_pong(&self, payload: &[u8]) {
        let pings = self.pings.load(Relaxed);
        self.pings.store(pings.wrapping_add(1), Relaxed);
        fence(Release);
        for (kept, octets) in self.payload.iter().zip(payload.chunks(WORD)) {
            let mut word = [0; WORD];
            for (target, octet) in word.iter_mut().zip(octets) {
                *target = *octet;
            }
            kept.store(u32::from_ne_bytes(word), Relaxed);
        }
        self.len.store(payload.len() as u32, Relaxed);
        self.pings.store(pings.wrapping_add(2), Release);
    }

    /// Copies the payload of the Pong to send and returns its length, with what [`pong_sent`](Self::pong_sent) takes.
    /// `None`: there is none, or a newer one is being written, and its writer comes to send it.
    pub(super) fn pong(&self, target: &mut [u8; PONG_MAX]) -> Option<(usize, u32)> {
        let pings = self.pings.load(Acquire);
        if pings & 1 != 0 || pings == self.answered.load(Relaxed) {
            return None;
        }
        for (kept, octets) in self.payload.iter().zip(target.chunks_mut(WORD)) {
            for (target, octet) in octets.iter_mut().zip(kept.load(Relaxed).to_ne_bytes()) {
                *target = octet;
            }
        }
        let len = self.len.load(Relaxed) as usize;
        fence(Acquire);
        (self.pings.load(Relaxed) == pings).then_some((len.min(PONG_MAX), pings))
    }

    /// The Pong that [`pong`](Self::pong) gave is on its way. For the holder of the send lock.
    pub(super) fn pong_sent(&self, pings: u32) {
        self.answered.store(pings, Relaxed);
    }

    /// Asks for a Close frame; the first one counts. For the holder of the receive lock.
    pub(super) fn keep_close(&self, code: Option<CloseCode>) {
        if self.close.load(Relaxed) == 0 {
            let code = code.map_or(0, |code| u32::from(code.0));
            self.close.store(CLOSE | code, Release);
        }
    }

    /// The status code of the Close frame to send, 0 for one without.
    pub(super) fn close(&self) -> Option<CloseCode> {
        let close = self.close.load(Acquire);
        (close != 0).then_some(CloseCode(close as u16))
    }

    /// Nothing more is to be sent. For the holder of the send lock.
    pub(super) fn discard(&self) {
        self.close.store(0, Relaxed);
        // Not one that is being written: its writer comes.
        self.answered.store(self.pings.load(Relaxed) & !1, Relaxed);
    }

    /// Whether something waits to be sent.
    pub(super) fn is_waiting(&self) -> bool {
        self.pings.load(Acquire) != self.answered.load(Relaxed) || self.close.load(Relaxed) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pong(answers: &Answers) -> Option<(Vec<u8>, u32)> {
        let mut target = [0xEE; PONG_MAX];
        let (len, pings) = answers.pong(&mut target)?;
        Some((target[..len].to_vec(), pings))
    }

    #[test]
    fn the_latest_ping_of_any_length_is_answered_once() {
        let answers = Answers::default();
        assert_eq!(pong(&answers), None);
        for len in 0..=PONG_MAX {
            let payload: Vec<u8> = (0..len).map(|at| at as u8).collect();
            answers.keep_pong(b"an earlier one");
            answers.keep_pong(&payload);
            assert!(answers.is_waiting());
            let (kept, pings) = pong(&answers).expect("a ping was kept");
            assert_eq!(kept, payload);
            answers.pong_sent(pings);
            assert_eq!(pong(&answers), None);
            assert!(!answers.is_waiting());
        }
    }

    #[test]
    fn the_first_close_counts() {
        let answers = Answers::default();
        assert_eq!(answers.close(), None);
        answers.keep_close(None);
        answers.keep_close(Some(CloseCode::NORMAL));
        assert_eq!(answers.close(), Some(CloseCode(0)));
        answers.discard();
        assert_eq!(answers.close(), None);
        answers.keep_close(Some(CloseCode::PROTOCOL_ERROR));
        assert_eq!(answers.close(), Some(CloseCode::PROTOCOL_ERROR));
    }

    #[test]
    fn a_pong_is_never_a_mixture_of_two_pings() {
        let answers = Answers::default();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for turn in 0..20_000_u32 {
                    answers.keep_pong(&[turn as u8; PONG_MAX]);
                }
            });
            let mut last = 0;
            while last != 40_000 {
                if let Some((payload, pings)) = pong(&answers) {
                    assert!(payload.iter().all(|octet| *octet == payload[0]));
                    answers.pong_sent(pings);
                    last = pings;
                }
            }
        });
    }
}
