// SPDX-License-Identifier: Apache-2.0
//! The application sends and closes: a frame is sent whole or not at all, unless it closes in the middle.

use zephyr_websocket::connection::{Deadline, Error, Frame, Pieces, Policy, Timeout, as_sender};
use zephyr_websocket::platform::Event;
use zephyr_websocket::protocol::{CloseCode, Opcode};

use super::Session;
use crate::oracle::{self, CLOSE, PING, WireFrame, check_sent, parse};

/// What the application's own Pongs begin with, so that they are told from answers.
const UNSOLICITED: &[u8] = b"unsolicited";

impl Session<'_> {
    /// Goes on with the frame that is begun, tries another one, or begins one.
    pub(super) fn send(&mut self, kind: u8) {
        if let Some(begun) = self.begun.take() {
            if kind < 12 {
                self.offer(begun, kind);
                return;
            }
            let other = self.frame(kind);
            let timeout = self.script.timeout();
            let (result, is_begun) = self.transmit(&other, kind, timeout);
            assert_eq!((result, is_begun), (Err(Error::Already), true));
            self.begun = Some(begun);
            return;
        }
        let frame = self.frame(kind);
        self.offer(frame, kind);
    }

    fn frame(&mut self, kind: u8) -> WireFrame {
        let opcode = [
            Opcode::Binary,
            Opcode::Text,
            Opcode::Continuation,
            Opcode::Ping,
            Opcode::Pong,
            Opcode::Close,
        ][usize::from(kind) % 6];
        let len = usize::from(self.script.octet()) * if kind >= 12 { 9 } else { 1 };
        let pattern = (self.accepted.len()..).map(|at| at as u8);
        let mut payload: Vec<u8> = match opcode {
            Opcode::Pong => UNSOLICITED
                .iter()
                .copied()
                .chain(pattern.take(len))
                .collect(),
            _ => pattern.take(len).collect(),
        };
        if opcode.is_control() {
            payload.truncate(125);
        }
        WireFrame {
            opcode: opcode as u8,
            fin: opcode.is_control() || kind & 1 == 0,
            payload,
        }
    }

    fn offer(&mut self, frame: WireFrame, kind: u8) {
        let timeout = self.script.timeout();
        match self.transmit(&frame, kind, timeout) {
            (Ok(len), is_begun) => {
                assert_eq!((len, is_begun), (frame.payload.len(), false));
                self.accepted.push(frame);
            }
            // Aborted: a wait without end.
            (Err(Error::Again | Error::TimedOut | Error::Aborted), true) => {
                self.begun = Some(frame);
            }
            (result, is_begun) => assert!(!is_begun, "{result:?}"),
        }
    }

    /// One call of send: its result, and whether a frame is begun after it.
    pub(super) fn transmit(
        &mut self,
        frame: &WireFrame,
        kind: u8,
        timeout: Timeout,
    ) -> (Result<usize, Error>, bool) {
        // Some are one frame of several pieces, of which some are empty.
        let len = frame.payload.len();
        let first_len = if kind & 2 == 0 { len } else { len / 3 };
        let (first, rest) = frame.payload.split_at(first_len);
        let (second, third) = rest.split_at(rest.len() / 2);
        let more: [&[u8]; 3] = [second, &[], third];
        let more: Option<&dyn Pieces> = if rest.is_empty() { None } else { Some(&more) };
        let frame = Frame {
            opcode: Opcode::from_u8(frame.opcode)
                .expect("the application sends none that is reserved"),
            fin: frame.fin,
            mask: self.settings.masks(),
            payload: first,
        };
        let deadline = Deadline::after(timeout);
        let sent = as_sender(&mut self.fake, &self.settings, deadline, |sender, call| {
            let before = call.platform.sent.len();
            let was_idle = !sender.has_pending() && !sender.is_begun();
            let result = sender.send(call, &frame, more);
            if was_idle && result.is_err() && !sender.is_begun() {
                assert_eq!(
                    call.platform.sent.len(),
                    before,
                    "{result:?}, but octets left"
                );
            }
            (result, sender.is_begun())
        });
        sent.expect("nobody else sends")
    }

    /// A frame that is begun is cut short by it, and so may the Close itself be; nothing else ever is.
    pub(super) fn close(&mut self, kind: u8) {
        let code = CloseCode(1000 + u16::from(kind));
        let reason = vec![b'r'; usize::from(self.script.octet()) % 124];
        let payload = [code.bytes().as_slice(), &reason].concat();
        let payload = if kind & 1 == 0 { &payload[..] } else { &[] };
        let deadline = Deadline::after(Timeout::Milliseconds(100));
        let result = as_sender(&mut self.fake, &self.settings, deadline, |sender, call| {
            let result = sender.close(call, payload);
            assert!(!sender.is_open() && !sender.is_begun());
            result
        });
        self.closed = true;
        if self.begun.take().is_some() {
            assert_eq!(result, Ok(Err(Error::Aborted)));
            assert!(self.is_torn());
        }
        if self.is_torn() {
            self.torn_at.get_or_insert(self.fake.sent.len());
        }
    }

    pub(super) fn is_torn(&self) -> bool {
        let is_torn = |event: &Event| matches!(event, Event::FrameTorn(_));
        self.fake.events.iter().any(is_torn)
    }

    pub(super) fn check_sent(&self) {
        assert_eq!(
            self.is_torn(),
            self.torn_at.is_some(),
            "torn without a close"
        );
        let (sent, rest) = parse(&self.fake.sent, self.settings.masks());
        if let Some(torn_at) = self.torn_at {
            assert_eq!(
                self.fake.sent.len(),
                torn_at,
                "something follows a torn frame"
            );
        } else {
            assert_eq!(rest, 0, "octets of a torn frame");
        }
        // Longer ones than the buffer cannot be answered.
        let pings = oracle::frames(&self.peer)
            .into_iter()
            .filter(|(frame, is_whole)| {
                let len = frame.payload.len();
                frame.opcode == PING && *is_whole && len <= self.buffer.len()
            });
        let pings: Vec<_> = match self.settings.has(Policy::AUTO_PONG) {
            true => pings.map(|(frame, _)| frame.payload).collect(),
            false => Vec::new(),
        };
        if pings.iter().any(|ping| ping.starts_with(UNSOLICITED)) {
            return;
        }
        let answer = check_sent(&sent, &self.accepted, &pings);
        let has_closed = sent.last().is_some_and(|frame| frame.opcode == CLOSE);
        if self.torn_at.is_some() || has_closed {
            return;
        }
        assert!(!self.closed, "a Close was not sent");
        if let Some(ping) = pings.last().filter(|ping| ping.len() + 6 <= self.tx_len) {
            assert_eq!(
                answer,
                Some(ping.as_slice()),
                "the latest ping has no answer"
            );
        }
    }
}
