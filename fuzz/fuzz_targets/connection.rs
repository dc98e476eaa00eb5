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
    ConnectRequest, Deadline, Delivery, Error, Exchange, Extent, Frame, OptionalHeaders, Pieces,
    Readiness, Received, Receiver, Role, Settings, Style, Timeout, Wanted, open,
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
            _ => self.poll(operation >> 4),
        }
    }

    /// What a poll says is what a receive then finds.
    fn poll(&mut self, kind: u8) {
        let coming = self.fake.incoming.iter().map(|incoming| match incoming {
            Incoming::Octets(octets) => octets.len(),
            _ => 0,
        });
        let unread = coming.sum::<usize>() + self.receiver.buffered();
        let sends_alike = self.fake.room.is_empty();
        let style = self.fake.shared().style();
        let readiness = self
            .receiver
            .poll(&mut self.fake, &mut self.buffer, &self.settings);
        assert!(!self.over || readiness != Readiness::Nothing);
        // A part of a frame is there, which who receives octets is not told of before all of it is.
        let in_part = self.receiver.readable_len(&self.buffer, &self.settings) > 0;
        let delivery = match style {
            Style::Unknown => return,
            Style::Stream => Delivery::Data,
            Style::Frames => Delivery::Frames,
            Style::Messages => Delivery::Messages,
        };
        // After 64 frames that are passed over, a poll says "readable" to come to an end.
        if kind & 1 != 0 || unread >= 2 * 64 {
            return;
        }
        let result = self.receive_frame(delivery, Timeout::None);
        match readiness {
            Readiness::Readable | Readiness::Ended => {
                assert_ne!(
                    result,
                    Err(Error::Again),
                    "{readiness:?} was no promise: {style:?}"
                )
            }
            Readiness::Nothing if sends_alike && !in_part => assert_eq!(result, Err(Error::Again)),
            // The socket may take now what it did not take before.
            Readiness::Nothing | Readiness::Blocked => {}
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
        let payload: Vec<u8> = (self.accepted.len()..)
            .map(|at| at as u8)
            .take(len)
            .collect();
        // Some are one frame of several pieces, of which some are empty.
        let first_len = if kind & 2 == 0 { len } else { len / 3 };
        let (first, rest) = payload.split_at(first_len);
        let (second, third) = rest.split_at(rest.len() / 2);
        let timeout = self.script.timeout();
        let fin = opcode.is_control() || kind & 1 == 0;
        let frame = Frame {
            opcode,
            fin,
            mask: self.settings.masks(),
            payload: first,
        };
        let settings = self.settings;
        let before = self.fake.sent.len();
        let more: [&[u8]; 3] = [second, &[], third];
        let more: Option<&dyn Pieces> = if rest.is_empty() { None } else { Some(&more) };
        let result = self.fake.with_sender(
            &mut Deadline::after(timeout),
            |fake, sender, buffer, deadline| {
                (
                    sender.has_pending(),
                    sender.send_pieces(fake, buffer, &frame, more, &settings, deadline),
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
        // Not for ever: while octets wait to leave, the library would look after them for ever, and rightly.
        let timeout = match self.script.timeout() {
            Timeout::Forever => Timeout::Milliseconds(5000),
            bounded => bounded,
        };
        match kind {
            0..=4 => drop(self.receive_frame(Delivery::Frames, timeout)),
            5..=9 => drop(self.receive_frame(Delivery::Data, timeout)),
            _ => self.receive_pieces(kind, timeout),
        }
    }

    fn receive_frame(&mut self, delivery: Delivery, timeout: Timeout) -> Result<Received, Error> {
        let mut target = vec![0xEE; usize::from(self.script.octet()) + 1];
        let result = self.receiver.receive(
            &mut self.fake,
            &mut self.buffer,
            &mut target,
            delivery,
            &self.settings,
            &mut Deadline::after(timeout),
        );
        self.received(result, &target, false);
        result
    }

    /// Into three places, some of them empty, to the end of a frame, of a message or of the memory.
    fn receive_pieces(&mut self, kind: u8, timeout: Timeout) {
        let wanted = Wanted {
            peek: kind & 1 == 0,
            ends: kind & 8 != 0,
            extent: [Extent::Frame, Extent::Message, Extent::Full][usize::from(kind / 2) % 3],
        };
        let lens = [0; 3].map(|_| usize::from(self.script.octet()) % 64);
        let mut memory = lens.map(|len| vec![0xEE; len]);
        let result = self.receiver.receive_pieces(
            &mut self.fake,
            &mut self.buffer,
            &mut memory.each_mut().map(Vec::as_mut_slice),
            wanted,
            &self.settings,
            &mut Deadline::after(timeout),
        );
        if let Ok(received) = result {
            assert!(!received.opcode.is_control());
        }
        self.received(result, &memory.concat(), wanted.peek);
    }

    fn received(&mut self, result: Result<Received, Error>, target: &[u8], peek: bool) {
        match result {
            Ok(received) => {
                assert!(!self.over, "delivered after the end");
                let octets = &target[..received.len];
                if peek {
                    let peeked = [self.delivered.as_slice(), octets].concat();
                    assert!(oracle::data(&self.peer).starts_with(&peeked));
                } else if !received.opcode.is_control() {
                    self.delivered.extend(octets);
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
                sender.close(
                    fake,
                    buffer,
                    code,
                    Some(&[b"reason".as_slice()]),
                    &settings,
                    deadline,
                )
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
                    sender.send(fake, buffer, &probe, &settings, deadline),
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
