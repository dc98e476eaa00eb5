// SPDX-License-Identifier: Apache-2.0
//! embedded-websocket on the same work: it has no socket, so that the reads are the caller's.

use std::hint::black_box;

use embedded_websocket::{
    Client, Error, WebSocket, WebSocketClient, WebSocketOptions, WebSocketSendMessageType,
};
use rand_core::RngCore;

use crate::wire::Stream;
use crate::{Case, SEGMENT, ours};

/// A counter, as ours.
struct Counter(u32);

impl RngCore for Counter {
    fn next_u32(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x0102_0305);
        self.0
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32())
    }

    fn fill_bytes(&mut self, target: &mut [u8]) {
        for piece in target.chunks_mut(4) {
            piece.copy_from_slice(&self.next_u32().to_le_bytes()[..piece.len()]);
        }
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(target);
        Ok(())
    }
}

type Peer = WebSocket<Counter, Client>;

const OPTIONS: WebSocketOptions<'static> = WebSocketOptions {
    path: "/chat",
    host: "server.example.com:80",
    origin: "",
    sub_protocols: None,
    additional_headers: None,
};

/// The answer to the key that the counter gives from its start.
fn answer() -> Vec<u8> {
    let mut buffer = [0; SEGMENT];
    let (_, key) = WebSocketClient::new_client(Counter(0))
        .client_connect(&OPTIONS, &mut buffer)
        .unwrap();
    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
    ours::response(&accept)
}

fn connected(answer: &[u8], buffer: &mut [u8]) -> Peer {
    let mut peer = WebSocketClient::new_client(Counter(0));
    let (_, key) = peer.client_connect(&OPTIONS, buffer).unwrap();
    black_box(buffer.as_ptr());
    peer.client_accept(&key, answer).unwrap();
    peer
}

/// Masked binary frames into a buffer that holds them whole.
pub fn send(case: &Case<'_>, len: usize) {
    let payload = vec![7; len];
    let mut buffer = vec![0; len + SEGMENT];
    let mut peer = connected(&answer(), &mut buffer);
    case.run(|n| {
        for _ in 0..n {
            let message = WebSocketSendMessageType::Binary;
            let written = peer.write(message, true, black_box(&payload), &mut buffer);
            assert!(written.is_ok());
            black_box(buffer.as_ptr());
        }
    });
}

/// Whole messages out of a buffer of one segment, whose rest moves to the front before each read.
pub fn receive(case: &Case<'_>, stream: &Stream) {
    let mut peer = connected(&answer(), &mut [0; SEGMENT]);
    let mut stream = stream.again();
    let mut buffer = vec![0; SEGMENT];
    let mut target = vec![0; stream.payload_len];
    let (mut start, mut end) = (0, 0);
    case.run(|n| {
        for _ in 0..n {
            let mut len = 0;
            while len < target.len() {
                if start == end {
                    (start, end) = (0, stream.read(&mut buffer));
                }
                match peer.read(&buffer[start..end], &mut target[len..]) {
                    Ok(result) => {
                        start += result.len_from;
                        len += result.len_to;
                    }
                    Err(Error::ReadFrameIncomplete) => {
                        buffer.copy_within(start..end, 0);
                        end -= start;
                        start = 0;
                        end += stream.read(&mut buffer[end..]);
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
            black_box(target.as_ptr());
        }
    });
}

/// Request and verdict, without sending and receiving.
pub fn handshake(case: &Case<'_>) {
    let answer = answer();
    let mut buffer = vec![0; SEGMENT];
    case.run(|n| {
        for _ in 0..n {
            black_box(connected(black_box(&answer), &mut buffer));
        }
    });
}
