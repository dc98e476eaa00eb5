// SPDX-License-Identifier: Apache-2.0
//! The application polls and receives: what a poll says is what a receive finds, and nothing is lost.

use zephyr_websocket::connection::{
    Delivery, Error, Extent, Readiness, Received, Timeout, Wakes, Wanted,
};
use zephyr_websocket::platform::Platform;
use zephyr_websocket::platform::fake::Incoming;

use super::Session;
use crate::oracle::{self, WireFrame};

impl Session<'_> {
    /// What a poll says is what a receive then finds.
    pub(super) fn poll(&mut self, kind: u8) {
        let coming = self.fake.incoming.iter().map(|incoming| match incoming {
            Incoming::Octets(octets) => octets.len(),
            _ => 0,
        });
        let coming = coming.sum::<usize>();
        let delivery = match self.fake.shared().wakes(&self.settings) {
            Wakes::Data => Delivery::Data,
            Wakes::Messages => Delivery::Messages,
            Wakes::Frames => Delivery::Frames,
        };
        if delivery != Delivery::Frames && self.receiver.buffered() + coming >= self.buffer.len() {
            // What is not for the caller may give way.
            self.has_all = false;
        }
        let (receiver, mut call) = self.parts(Timeout::None);
        let readiness = receiver.poll(&mut call, true);
        assert!(!self.over || readiness != Readiness::Nothing);
        // A part of a frame is there, which who receives octets is not told of before all of it is.
        let in_part = self.receiver.readable_len(&self.buffer, &self.settings) > 0;
        if kind & 1 != 0 {
            return;
        }
        let target_len = usize::from(self.script.octet()) + 1;
        let result = self.receive_frame(delivery, Timeout::None, target_len);
        match readiness {
            Readiness::Readable | Readiness::Ended => assert_ne!(
                result,
                Err(Error::Again),
                "{readiness:?} was no promise: {delivery:?}"
            ),
            // So often a poll asks the socket; the rest of what is in there is the next poll's.
            Readiness::Nothing if coming >= 64 / 2 => {}
            Readiness::Nothing => assert!(in_part || result == Err(Error::Again)),
        }
    }

    pub(super) fn receive(&mut self, kind: u8) {
        // Not for ever: while octets wait to leave, the library would look after them for ever, and rightly.
        let timeout = match self.script.timeout() {
            Timeout::Forever => Timeout::Milliseconds(5000),
            bounded => bounded,
        };
        let target_len = usize::from(self.script.octet()) + 1;
        match kind {
            0..=4 => drop(self.receive_frame(Delivery::Frames, timeout, target_len)),
            5..=9 => drop(self.receive_frame(Delivery::Data, timeout, target_len)),
            _ => self.receive_pieces(kind, timeout),
        }
    }

    pub(super) fn receive_frame(
        &mut self,
        delivery: Delivery,
        timeout: Timeout,
        target_len: usize,
    ) -> Result<Received, Error> {
        let mut target = vec![0xEE; target_len];
        let (receiver, mut call) = self.parts(timeout);
        let result = receiver.receive(&mut call, &mut target, delivery);
        self.received(result, &target, false);
        self.has_all &= delivery == Delivery::Frames;
        if let (Ok(received), true) = (result, self.has_all) {
            if !self.in_frame {
                self.frames.push(WireFrame {
                    opcode: received.opcode as u8,
                    fin: received.fin,
                    payload: Vec::new(),
                });
            }
            let frame = self.frames.last_mut().expect("one was begun");
            frame.payload.extend(&target[..received.len]);
            self.in_frame = received.remaining > 0;
        }
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
        let (receiver, mut call) = self.parts(timeout);
        let mut targets = memory.each_mut().map(Vec::as_mut_slice);
        let result = receiver.receive_pieces(&mut call, &mut targets, wanted);
        if let Ok(received) = result {
            assert!(!received.opcode.is_control());
        }
        self.has_all = false;
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
            Err(Error::Protocol | Error::MessageSize | Error::NotConnected) => self.over = true,
            Err(_) => {}
        }
    }
}
