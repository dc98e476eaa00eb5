// SPDX-License-Identifier: Apache-2.0
//! Connections on the deterministic platform, by topic.

mod leftovers;
mod open;
mod readiness;
mod receive;
mod scatter;
mod send;
mod send_pieces;

use super::*;
use crate::platform::fake::Fake;
use crate::platform::{Platform, SocketError};
use crate::protocol::{FrameHeader, MaskingKey, Opcode};

/// A frame as a peer would send it.
fn frame(fin: bool, opcode: Opcode, key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let header = FrameHeader {
        fin,
        opcode,
        masking_key: key.map(MaskingKey::new),
        payload_len: payload.len() as u64,
    };
    let mut octets = [0; FrameHeader::MAX_LEN];
    let len = header.encode(&mut octets);
    let mut payload = payload.to_vec();
    if let Some(key) = header.masking_key {
        key.mask(&mut payload);
    }
    [&octets[..len], &payload].concat()
}

/// Both halves of a connection, their buffer, and the system below.
struct Endpoint {
    fake: Fake,
    receiver: Receiver,
    buffer: Vec<u8>,
    settings: Settings,
}

impl Endpoint {
    fn new(role: Role, rx_len: usize) -> Self {
        Self {
            fake: Fake::new(256),
            receiver: Receiver::default(),
            buffer: vec![0; rx_len],
            settings: Settings::new(role),
        }
    }

    fn client(rx_len: usize) -> Self {
        Self::new(Role::Client, rx_len)
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

    fn receive_into(
        &mut self,
        target: &mut [u8],
        delivery: Delivery,
        timeout: Timeout,
    ) -> Result<Received, Error> {
        let (receiver, mut call) = self.parts(timeout);
        receiver.receive(&mut call, target, delivery)
    }

    /// One call of `websocket_recv_msg` with no time to wait.
    fn receive(&mut self, target_len: usize) -> Result<(Vec<u8>, Received), Error> {
        let mut target = vec![0; target_len];
        let received = self.receive_into(&mut target, Delivery::Frames, Timeout::None)?;
        target.truncate(received.len);
        Ok((target, received))
    }

    /// One poll, as the kernel would see it.
    fn poll(&mut self) -> Readiness {
        let (receiver, mut call) = self.parts(Timeout::None);
        receiver.poll(&mut call, true)
    }

    /// The closing handshake from this end.
    fn close(&mut self, timeout: Timeout) -> Result<(), Error> {
        let limit = Deadline::after(timeout);
        let code = crate::protocol::CloseCode::NORMAL.bytes();
        as_sender(&mut self.fake, &self.settings, limit, |sender, call| {
            sender.close(call, &code)
        })
        .expect("nobody else sends")
    }

    fn send(&mut self, frame: Frame<'_>, timeout: Timeout) -> Result<usize, Error> {
        let deadline = Deadline::after(timeout);
        let sent = as_sender(&mut self.fake, &self.settings, deadline, |sender, call| {
            sender.send(call, &frame, None)
        });
        match sent {
            Ok(result) => result,
            Err(SocketError::WouldBlock) => Err(Error::Again),
            Err(error) => Err(error.into()),
        }
    }
}

/// The frames in what a connection sent: fin, opcode, payload unmasked.
fn parse_sent(mut octets: &[u8]) -> Vec<(bool, Opcode, Vec<u8>)> {
    let any = crate::protocol::Rules::new(None, true);
    let mut frames = Vec::new();
    while !octets.is_empty() {
        let mut decoder = crate::protocol::FrameDecoder::new();
        let taken = decoder.header(octets, any).unwrap();
        let done = decoder.in_payload();
        assert!(done, "torn header");
        let len = decoder.remaining() as usize;
        let mut payload = octets[taken..taken + len].to_vec();
        if decoder.is_masked() {
            decoder.masking_key().mask(&mut payload);
        }
        frames.push((decoder.fin(), decoder.opcode(), payload));
        octets = &octets[taken + len..];
    }
    frames
}
