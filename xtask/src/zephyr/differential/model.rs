// SPDX-License-Identifier: Apache-2.0
//! What both images have before them: the peer's frames, how far the application has received them, what it has sent.

use super::lines::{Outcome, Step, word};

pub(super) const CLOSE: i64 = 8;
pub(super) const PING: i64 = 9;

#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) opcode: i64,
    pub(super) len: i64,
    header: i64,
    /// Octets of it that have been sent, its header's included.
    sent: i64,
    /// It was ordered for the next call, which may not wait for it.
    is_arriving: bool,
}

impl Frame {
    pub(super) fn is_whole(&self) -> bool {
        self.sent == self.header + self.len
    }

    pub(super) fn is_control(&self) -> bool {
        self.opcode >= CLOSE
    }

    fn has_header(&self) -> bool {
        self.sent >= self.header
    }

    /// Neither a control frame nor empty.
    pub(super) fn has_data(&self) -> bool {
        !self.is_control() && self.len > 0
    }
}

/// How far one image has come in the peer's frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Position {
    pub(super) frame: usize,
    pub(super) octets: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) frames: Vec<Frame>,
    pub(super) stock: Position,
    pub(super) ours: Position,
    pub(super) stream_ended: bool,
    /// websocket_recv_msg() was called.
    pub(super) has_received_frames: bool,
    pub(super) has_polled: bool,
    pub(super) has_sent_ping: bool,
    /// A Close of the application itself.
    pub(super) has_sent_close: bool,
    /// A Close of ours was seen by the peer.
    pub(super) ours_has_sent_close: bool,
    /// Our application was told of the Close, or of the end of the connection.
    pub(super) ours_has_ended: bool,
    pub(super) is_nonblocking: bool,
    pub(super) is_below_closed: bool,
    pub(super) was_paused: bool,
    /// The only frame comes with the response to a handshake that has not begun.
    has_response_frame: bool,
}

impl Model {
    /// Frames that are not wholly received.
    pub(super) fn unread(&self) -> &[Frame] {
        self.frames.get(self.ours.frame..).unwrap_or_default()
    }

    pub(super) fn current(&self) -> Option<&Frame> {
        self.unread().first()
    }

    /// Octets of payload of the current frame that are there and not received.
    pub(super) fn ready(&self) -> i64 {
        self.current().map_or(0, |frame| {
            (frame.sent - frame.header - self.ours.octets).max(0)
        })
    }

    /// Octets of data that are there, of all frames.
    pub(super) fn all_ready(&self) -> i64 {
        let there = |frame: &Frame| (frame.sent - frame.header).max(0);
        let all: i64 = self
            .unread()
            .iter()
            .filter(|frame| frame.has_data())
            .map(there)
            .sum();
        let is_data = self.current().is_some_and(Frame::has_data);
        all - if is_data { self.ours.octets } else { 0 }
    }

    /// A receive of this application's kind has something for certain.
    pub(super) fn is_readable(&self) -> bool {
        self.unread()
            .iter()
            .filter(|frame| !frame.is_arriving)
            .any(|frame| frame.is_whole() && (frame.has_data() || self.has_received_frames))
    }

    /// The peer's Close is whole.
    pub(super) fn is_close_there(&self) -> bool {
        self.frames
            .iter()
            .any(|frame| frame.opcode == CLOSE && frame.is_whole())
    }

    /// The images can be compared further.
    pub(super) fn is_comparable(&self) -> bool {
        self.stock == self.ours
    }

    /// What a step brings before it begins: a frame of the peer is there, or arrives while the call waits.
    pub(super) fn before(&mut self, step: &Step) {
        let number = |name| step.number(name).unwrap_or_default();
        match step.name() {
            "connect" => {
                let frames = if self.has_response_frame {
                    std::mem::take(&mut self.frames)
                } else {
                    Vec::new()
                };
                *self = Self {
                    frames,
                    ..Self::default()
                };
            }
            "frame" => {
                if step.word("with").is_some() {
                    *self = Self {
                        has_response_frame: true,
                        ..Self::default()
                    };
                }
                self.frames.push(Frame {
                    opcode: number("op"),
                    len: number("len"),
                    header: number("header"),
                    sent: number("sent"),
                    is_arriving: step.word("after").is_some(),
                });
            }
            "rest" => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.sent += number("sent");
                }
            }
            "end_of_stream" => self.stream_ended = true,
            "pause" => self.was_paused |= number("is") == 1,
            _ => {}
        }
    }

    /// What a step has changed.
    pub(super) fn after(&mut self, stock: &Step, ours: &Step) {
        if ours.outcome != Outcome::Nothing {
            self.frames
                .iter_mut()
                .for_each(|frame| frame.is_arriving = false);
        }
        self.stock = self.received(self.stock, stock, false);
        self.ours = self.received(self.ours, ours, true);
        let ended = |step: &Step| {
            step.result()
                .is_some_and(|result| result < 0 && is_end(step))
        };
        match ours.name() {
            "recv_msg" => {
                self.has_received_frames = true;
                let is_close = ours
                    .got_number("type")
                    .is_some_and(|bits| bits & CLOSE != 0);
                self.ours_has_ended |= is_close || ended(ours);
            }
            "recv" => self.ours_has_ended |= ours.result() == Some(0) || ended(ours),
            "poll" => self.has_polled = true,
            "send_msg" => {
                self.has_sent_ping |= ours.number("op") == Some(PING);
                self.has_sent_close |= ours.number("op") == Some(CLOSE);
            }
            "nonblock" => self.is_nonblocking = ours.number("set") == Some(1),
            "close_below" => self.is_below_closed = true,
            _ => {}
        }
        self.ours_has_sent_close |= ours.saw.iter().any(|saw| word(saw, "op") == Some("8"));
    }

    /// Where an image is after a receive.
    fn received(&self, from: Position, step: &Step, passes_control_over: bool) -> Position {
        let (Some(got), is_octets) = (step.result().filter(|&got| got >= 0), step.name() == "recv")
        else {
            return from;
        };
        if !is_octets && step.name() != "recv_msg" {
            return from;
        }
        let mut at = from;
        if is_octets && passes_control_over {
            while got > 0
                && self
                    .frames
                    .get(at.frame)
                    .is_some_and(|frame| !frame.has_data())
            {
                at = Position {
                    frame: at.frame + 1,
                    octets: 0,
                };
            }
        }
        let Some(frame) = self.frames.get(at.frame) else {
            return at;
        };
        at.octets += got;
        let is_end = at.octets >= frame.len && frame.has_header();
        if is_end && (got > 0 || step.got("left") == Some("0") || (is_octets && frame.len == 0)) {
            at = Position {
                frame: at.frame + 1,
                octets: 0,
            };
        }
        at
    }
}

/// Not only that there is nothing now.
fn is_end(step: &Step) -> bool {
    !["EAGAIN", "ETIMEDOUT"].contains(&step.error())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zephyr::differential::lines::steps;

    fn after(lines: &[&str]) -> Model {
        let mut model = Model::default();
        for step in steps(lines.iter().copied(), Outcome::Nothing) {
            model.before(&step);
            model.after(&step, &step);
        }
        model
    }

    #[test]
    fn a_frame_is_received_in_pieces() {
        let lines = [
            "connect tmp=256 = 0",
            "frame op=1 fin=1 len=5 header=2 sent=7",
            "recv_msg size=4 timeout=0 = 4 type=3 left=1",
        ];
        assert_eq!((after(&lines).ours.octets, after(&lines).ready()), (4, 1));
        let all = [&lines[..], &["recv_msg size=4 timeout=0 = 1 type=3 left=0"]].concat();
        assert_eq!(
            after(&all).ours,
            Position {
                frame: 1,
                octets: 0
            }
        );
    }

    #[test]
    fn octets_of_ours_are_data_only() {
        let model = after(&[
            "connect tmp=256 = 0",
            "frame op=9 fin=1 len=4 header=2 sent=6",
            "frame op=1 fin=1 len=5 header=2 sent=7",
            "recv size=16 wait=0 = 5",
        ]);
        assert_eq!(
            model.ours,
            Position {
                frame: 2,
                octets: 0
            }
        );
        assert_eq!(
            model.stock,
            Position {
                frame: 1,
                octets: 0
            }
        );
        assert!(!model.is_comparable());
    }

    #[test]
    fn a_frame_that_comes_with_the_response_belongs_to_the_connection() {
        let model = after(&[
            "frame op=1 fin=1 len=5 header=2 sent=7 with=response",
            "connect tmp=256 = 0",
        ]);
        assert_eq!((model.frames.len(), model.ready()), (1, 5));
    }
}
