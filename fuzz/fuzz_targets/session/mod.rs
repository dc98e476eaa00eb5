// SPDX-License-Identifier: Apache-2.0
//! A connection under test, what has happened to it so far, and the script that says what happens next.

mod receiving;
mod sending;

use zephyr_websocket::connection::{
    Call, ConnectRequest, Deadline, Delivery, Error, Exchange, OptionalHeaders, Policy, Receiver,
    Role, Settings, Timeout, as_sender, open,
};
use zephyr_websocket::handshake::{Observer, SecWebSocketKey};
use zephyr_websocket::platform::fake::{Fake, Incoming};
use zephyr_websocket::platform::{OsError, Platform};

use crate::oracle::{self, CLOSE, PING, WireFrame, check_received};

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
pub struct Script<'a>(pub &'a [u8]);

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

pub struct Session<'a> {
    script: Script<'a>,
    settings: Settings,
    fake: Fake,
    /// The length of the send buffer.
    tx_len: usize,
    receiver: Receiver,
    buffer: Vec<u8>,
    /// Everything that the peer sends behind its response.
    peer: Vec<u8>,
    /// Data octets that were delivered.
    delivered: Vec<u8>,
    /// Frames that were delivered as such, and whether the last of them goes on.
    frames: Vec<WireFrame>,
    in_frame: bool,
    /// Until now every frame had to be among them.
    has_all: bool,
    /// Frames that the sender has accepted.
    accepted: Vec<WireFrame>,
    /// The frame that is begun, in the memory that it was begun from.
    begun: Option<WireFrame>,
    /// The application has closed.
    closed: bool,
    /// What had been sent when a frame was cut short.
    torn_at: Option<usize>,
    /// No further octet may be delivered.
    over: bool,
}

impl<'a> Session<'a> {
    /// A new connection with the settings that come first in the script; `None`: its handshake fails.
    pub fn open(mut script: Script<'a>) -> Option<Self> {
        let flags = script.octet();
        let role = if flags & 1 == 0 {
            Role::Client
        } else {
            Role::Server
        };
        let mut settings = Settings::new(role);
        settings.set(Policy::STRICT, flags & 2 == 0);
        settings.set(Policy::UTF8, flags & 4 == 0);
        settings.set(Policy::AUTO_PONG, flags & 8 == 0);
        settings.set(Policy::SWALLOW_CONTROL, flags & 16 != 0);
        settings.set(Policy::ANY_ROLE, flags & 32 != 0);
        settings.set(Policy::STICKY_SENDS, flags & 64 != 0);
        settings.max_message_len = u32::from(flags & 128);
        let tx_len = 15 + usize::from(script.octet());
        let buffer = vec![0; 1 + usize::from(script.octet())];
        let mut session = Self {
            script,
            settings,
            fake: Fake::new(tx_len),
            tx_len,
            receiver: Receiver::default(),
            buffer,
            peer: Vec::new(),
            delivered: Vec::new(),
            frames: Vec::new(),
            in_frame: false,
            has_all: true,
            accepted: Vec::new(),
            begun: None,
            closed: false,
            torn_at: None,
            over: false,
        };
        (role == Role::Server || session.handshake()).then_some(session)
    }

    /// The receive half, and what a call of it works with.
    fn parts(&mut self, timeout: Timeout) -> (&mut Receiver, Call<'_, Fake>) {
        let call = Call {
            platform: &mut self.fake,
            buffer: &mut self.buffer,
            settings: &self.settings,
            deadline: Deadline::after(timeout),
        };
        (&mut self.receiver, call)
    }

    fn peer_sends(&mut self, octets: Vec<u8>, piece_len: usize) {
        let ends = |incoming| matches!(incoming, &Incoming::End | &Incoming::Reset);
        if !self.fake.incoming.iter().any(ends) {
            self.fake.peer_sends(&octets, piece_len);
            self.peer.extend(octets);
        }
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

    /// What the script says next; `false`: it is at its end.
    pub fn step(&mut self) -> bool {
        if self.script.0.is_empty() {
            return false;
        }
        let operation = self.script.octet();
        match operation % 16 {
            0..=2 => {
                let head = self.script.octet();
                let len = self.script.octet();
                let mut payload = self.script.octets(usize::from(len & 0x7F));
                if head & 0x0F == PING {
                    // No two alike, so that it can be said which one was answered.
                    payload.push(self.peer.len() as u8);
                }
                let mut frame = vec![head];
                let mask = if self.settings.role() == Role::Server {
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
        true
    }

    /// The socket takes everything now, and the peer's octets have all arrived: what was left behind goes out.
    pub fn check(mut self) {
        self.fake.room.clear();
        self.fake.stuck = false;
        let pause = |incoming: &Incoming| matches!(incoming, Incoming::Pause(_));
        self.fake.incoming.retain(|incoming| !pause(incoming));
        if let Some(begun) = self.begun.take() {
            let whole = self.transmit(&begun, 0, Timeout::None);
            assert_eq!(whole, (Ok(begun.payload.len()), false));
            self.accepted.push(begun);
        }
        let is_drained = loop {
            match self.receive_frame(Delivery::Frames, Timeout::None, 256) {
                Ok(_) => {}
                // So many octets by themselves are not waited for in one call.
                Err(Error::Again) if !self.fake.incoming.is_empty() => {}
                result => break result == Err(Error::Again),
            }
        };
        let now = Deadline::after(Timeout::None);
        let is_empty = as_sender(&mut self.fake, &self.settings, now, |sender, call| {
            sender.answer(call) && !sender.has_pending()
        });
        assert_eq!(is_empty, Ok(true), "something is left");
        self.check_sent();

        let data = oracle::data(&self.peer);
        assert!(
            data.starts_with(&self.delivered),
            "delivered something that the peer did not send"
        );
        assert!(!is_drained || data == self.delivered, "octets were lost");
        let mut frames = oracle::frames(&self.peer);
        if self.settings.has(Policy::SWALLOW_CONTROL) {
            frames.retain(|(frame, _)| match frame.opcode {
                0 => !frame.payload.is_empty(),
                opcode => opcode <= CLOSE,
            });
        }
        check_received(&self.frames, &frames, is_drained && self.has_all);
    }
}
