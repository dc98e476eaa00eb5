// SPDX-License-Identifier: Apache-2.0
//! A whole connection over the deterministic platform: a script of incoming pieces, sockets that take little or fail,
//! and calls. What was sent are whole frames or the sender says that it is broken; nothing follows a Close.
//!
//! Input: the settings, then one step after the other, see [`Session::step`].
#![no_main]

mod oracle;

use libfuzzer_sys::fuzz_target;
use oracle::{WireFrame, parse};
use zephyr_websocket::connection::{
    ConnectRequest, Deadline, Delivery, Error, Exchange, Frame, OptionalHeaders, Receiver, Role,
    Settings, Timeout, open,
};
use zephyr_websocket::handshake::{Observer, SecWebSocketKey};
use zephyr_websocket::platform::fake::{Fake, Incoming};
use zephyr_websocket::platform::{OsError, Platform};
use zephyr_websocket::protocol::{CloseCode, Opcode};

struct Application;

impl Observer for Application {}

impl Exchange for Application {
    fn optional_headers(&self) -> OptionalHeaders {
        OptionalHeaders::List
    }

    fn optional_header(&mut self, index: usize) -> Option<&[u8]> {
        (index == 0).then_some(b"Origin: http://a\r\n")
    }

    fn send_optional_headers(&mut self) -> Result<(), OsError> {
        Ok(())
    }
}

/// The input, octet by octet; zeros behind its end.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn octets(&mut self, len: usize) -> Vec<u8> {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken.to_vec()
    }

    fn timeout(&mut self) -> Timeout {
        match self.octet() {
            0..=99 => Timeout::None,
            octet @ 100..=219 => Timeout::Milliseconds(u32::from(octet)),
            _ => Timeout::Forever,
        }
    }
}

struct Session<'a> {
    script: Script<'a>,
    settings: Settings,
    fake: Fake,
    receiver: Receiver,
    buffer: Vec<u8>,
    /// Everything that the peer sends behind its response.
    peer: Vec<u8>,
    /// Data octets that were delivered.
    delivered: Vec<u8>,
    /// Data frames that the sender has accepted.
    accepted: Vec<WireFrame>,
    /// No further octet may be delivered.
    over: bool,
}

impl Session<'_> {
    fn peer_sends(&mut self, octets: Vec<u8>, piece_len: usize) {
        self.fake.peer_sends(&octets, piece_len);
        self.peer.extend(octets);
    }

    /// The client's handshake, so that a part of the first frames may come with the response.
    fn handshake(&mut self) -> bool {
        let mut nonce = [0; 16];
        Fake::new(0).random(&mut nonce);
        let accept = SecWebSocketKey::new(nonce).accept();
        let mut response =
            b"HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                .to_vec();
        response.extend(accept.bytes());
        response.extend(b"\r\n\r\n");
        let piece_len = usize::from(self.script.octet());
        let behind_len = usize::from(self.script.octet() % 32);
        let behind = self.script.octets(behind_len);
        self.peer.extend(&behind);
        response.extend(behind);
        self.fake.peer_sends(&response, piece_len);
        let request = ConnectRequest {
            host: b"h",
            url: b"/",
        };
        let deadline = &mut Deadline::after(Timeout::Forever);
        match open(
            &mut self.fake,
            &mut Application,
            &request,
            &mut self.buffer,
            deadline,
        ) {
            Ok((start, end)) => {
                self.receiver.begin(start, end, &mut self.buffer);
                assert!(self.fake.sent.starts_with(b"GET / HTTP/1.1\r\n"));
                assert!(self.fake.sent.ends_with(b"\r\n\r\n"));
                self.fake.sent.clear();
                true
            }
            Err(_) => false,
        }
    }

    fn step(&mut self) {
        let operation = self.script.octet();
        match operation % 16 {
            0..=2 => {
                let head = self.script.octet();
                let len = self.script.octet();
                let payload = self.script.octets(usize::from(len & 0x7F));
                let mut frame = vec![head];
                let mask = if self.settings.role == Role::Server {
                    0x80
                } else {
                    0
                };
                if payload.len() > 125 {
                    frame.extend([mask | 126, 0, payload.len() as u8]);
                } else {
                    frame.push(mask | payload.len() as u8);
                }
                if mask != 0 {
                    frame.extend([0; 4]);
                }
                frame.extend(payload);
                self.peer_sends(
                    frame,
                    usize::from(operation >> 4) + usize::from(len >> 7) * 200 + 1,
                );
            }
            3 => {
                let len = self.script.octet() & 0x3F;
                let octets = self.script.octets(usize::from(len));
                self.peer_sends(octets, usize::from(operation >> 4) + 1);
            }
            4 => self
                .fake
                .incoming
                .push_back(Incoming::Pause(u32::from(operation >> 4) * 30)),
            5 if operation > 0x80 => self.fake.incoming.push_back(Incoming::End),
            5 => self.fake.incoming.push_back(Incoming::Reset),
            6 => {
                let room = self.script.octet();
                self.fake
                    .room
                    .extend(vec![usize::from(room); usize::from(operation >> 4)]);
            }
            7 => self.fake.stuck = !self.fake.stuck,
            8..=10 => self.send(operation >> 4),
            11..=13 => self.receive(operation >> 4),
            14 => self.close(operation >> 4),
            _ => {
                let readiness =
                    self.receiver
                        .poll(&mut self.fake, &mut self.buffer, &self.settings);
                assert!(!self.over || readiness != Readiness::Nothing);
                let promised = self.receiver.readable_len(&self.buffer, &self.settings);
                assert!(promised == 0 || readiness != Readiness::Nothing);
            }
        }
    }

    fn send(&mut self, kind: u8) {
        let opcode = [
            Opcode::Binary,
            Opcode::Text,
            Opcode::Continuation,
            Opcode::Ping,
            Opcode::Pong,
            Opcode::Close,
        ][usize::from(kind) % 6];
        let len = usize::from(self.script.octet()) * if kind >= 12 { 9 } else { 1 };
        let len = if opcode.is_control() {
            len.min(125)
        } else {
            len
        };
        let payload = vec![self.accepted.len() as u8; len];
        let timeout = self.script.timeout();
        let fin = opcode.is_control() || kind & 1 == 0;
        let frame = Frame {
            opcode,
            fin,
            mask: self.settings.masks(),
            payload: &payload,
        };
        let settings = self.settings;
        let before = self.fake.sent.len();
        let result = self.fake.with_sender(
            &mut Deadline::after(timeout),
            |fake, sender, buffer, deadline| {
                (
                    sender.has_pending(),
                    sender.send(fake, buffer, frame, &settings, deadline),
                )
            },
        );
        match result {
            Ok((_, Ok(sent))) => {
                assert_eq!(sent, len);
                if !opcode.is_control() {
                    self.accepted.push(WireFrame {
                        opcode: opcode as u8,
                        fin,
                        payload,
                    });
                }
            }
            Ok((false, Err(Error::Again))) => {
                assert_eq!(self.fake.sent.len(), before, "EAGAIN, but octets left")
            }
            Ok((_, Err(_))) => {}
            Err(error) => panic!("the sender is free: {error:?}"),
        }
    }

    fn receive(&mut self, kind: u8) {
        let mut target = vec![0xEE; usize::from(self.script.octet()) + 1];
        let delivery = if kind & 1 == 0 {
            Delivery::Frames
        } else {
            Delivery::Data
        };
        // Not for ever: while octets wait to leave, the library would look after them for ever, and rightly.
        let timeout = match self.script.timeout() {
            Timeout::Forever => Timeout::Milliseconds(5000),
            bounded => bounded,
        };
        let deadline = &mut Deadline::after(timeout);
        let (fake, buffer) = (&mut self.fake, &mut self.buffer);
        match self.receiver.receive(
            fake,
            buffer,
            &mut target,
            delivery,
            &self.settings,
            deadline,
        ) {
            Ok(received) => {
                assert!(!self.over, "delivered after the end");
                assert!(received.len <= target.len());
                if !received.opcode.is_control() {
                    self.delivered.extend(&target[..received.len]);
                }
            }
            Err(Error::Protocol | Error::NotConnected) => self.over = true,
            Err(_) => {}
        }
    }

    fn close(&mut self, kind: u8) {
        let code = (kind & 1 == 0).then_some(CloseCode(1000 + u16::from(kind)));
        let settings = self.settings;
        let deadline = &mut Deadline::after(Timeout::Milliseconds(100));
        let _ = self
            .fake
            .with_sender(deadline, |fake, sender, buffer, deadline| {
                sender.close(fake, buffer, code, &settings, deadline)
            });
    }

    fn check(mut self) {
        // The socket takes everything now: what was left behind goes out, or the sender is broken.
        self.fake.room.clear();
        self.fake.stuck = false;
        let settings = self.settings;
        let payload = [0x5A; 3];
        let probe = Frame {
            opcode: Opcode::Pong,
            fin: true,
            mask: settings.masks(),
            payload: &payload,
        };
        let deadline = &mut Deadline::after(Timeout::Forever);
        let probed = self
            .fake
            .with_sender(deadline, |fake, sender, buffer, deadline| {
                let flushed = sender.flush(fake, buffer, deadline);
                (
                    flushed,
                    sender.send(fake, buffer, probe, &settings, deadline),
                )
            });
        let (flushed, probed) = probed.unwrap_or((Err(Error::Invalid), Err(Error::Invalid)));
        let broken = probed == Err(Error::Aborted);
        assert!(broken || flushed.is_ok());
        assert!(broken || probed == Ok(3) || probed == Err(Error::NotConnected));

        let (frames, rest) = parse(&self.fake.sent, settings.masks());
        assert!(
            broken || rest == 0,
            "{rest} octets of a torn frame, and the sender is not broken"
        );
        let close_at = frames
            .iter()
            .position(|frame| frame.opcode == Opcode::Close as u8);
        assert!(
            close_at.is_none_or(|at| at + 1 == frames.len() && rest == 0),
            "something follows a Close"
        );
        let data: Vec<&WireFrame> = frames.iter().filter(|frame| frame.opcode < 8).collect();
        assert!(
            data.len() <= self.accepted.len(),
            "a frame was sent and not accepted"
        );
        assert!(
            broken || data.len() == self.accepted.len(),
            "an accepted frame was not sent"
        );
        assert!(
            data.iter()
                .zip(&self.accepted)
                .all(|(sent, accepted)| *sent == accepted)
        );

        let expected = oracle::data(&self.peer);
        assert!(
            expected.starts_with(&self.delivered),
            "delivered something that the peer did not send"
        );
    }
}

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let flags = script.octet();
    let role = if flags & 1 == 0 {
        Role::Client
    } else {
        Role::Server
    };
    let mut settings = Settings::new(role);
    settings.strict = flags & 2 == 0;
    settings.utf8 = flags & 4 == 0;
    settings.auto_pong = flags & 8 == 0;
    settings.swallow_control = flags & 16 != 0;
    settings.any_masking = flags & 32 != 0;
    let fake = Fake::new(15 + usize::from(script.octet()));
    let buffer = vec![0; 1 + usize::from(script.octet())];
    let mut session = Session {
        script,
        settings,
        fake,
        receiver: Receiver::default(),
        buffer,
        peer: Vec::new(),
        delivered: Vec::new(),
        accepted: Vec::new(),
        over: false,
    };
    if role == Role::Client && !session.handshake() {
        return;
    }
    while !session.script.0.is_empty() {
        session.step();
    }
    session.check();
});
