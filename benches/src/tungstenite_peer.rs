// SPDX-License-Identifier: Apache-2.0
//! tungstenite on the same work, over a stream in memory.

use std::hint::black_box;
use std::io::{Read, Result, Write};

use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Bytes, Message, WebSocket, client};

use crate::wire::Stream;
use crate::{Case, SEGMENT, ours};

struct Pipe(Stream);

impl Read for Pipe {
    fn read(&mut self, target: &mut [u8]) -> Result<usize> {
        Ok(self.0.read(target))
    }
}

impl Write for Pipe {
    fn write(&mut self, data: &[u8]) -> Result<usize> {
        black_box(data.as_ptr());
        Ok(data.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

fn websocket(stream: Stream) -> WebSocket<Pipe> {
    // As much read at once as our tmp_buf holds; larger reads would be filled with zeros first.
    let config = WebSocketConfig::default().read_buffer_size(SEGMENT);
    WebSocket::from_raw_socket(Pipe(stream), Role::Client, Some(config))
}

/// Masked binary frames.
pub fn send(case: &Case<'_>, len: usize) {
    let payload = Bytes::from(vec![7; len]);
    let mut websocket = websocket(Stream::of(Vec::new()));
    case.run(|n| {
        for _ in 0..n {
            assert!(
                websocket
                    .send(Message::Binary(black_box(&payload).clone()))
                    .is_ok()
            );
        }
    });
}

/// What the masking key of one frame costs: taken off the send cases, where ours has a counter.
pub fn generator(case: &Case<'_>) {
    case.run(|n| {
        for _ in 0..n {
            black_box(rand::random::<[u8; 4]>());
        }
    });
}

/// Whole messages.
pub fn receive(case: &Case<'_>, stream: &Stream) {
    let mut websocket = websocket(stream.again());
    case.run(|n| {
        for _ in 0..n {
            match websocket.read() {
                Ok(Message::Binary(data)) => assert!(data.len() == stream.payload_len),
                other => panic!("{other:?}"),
            }
        }
    });
}

/// The whole opening handshake with the key that ours has.
pub fn handshake(case: &Case<'_>) {
    let key = "AAAAAAAAAAAAAAAAAAAAAA==";
    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
    let stream = Stream::of(ours::response(&accept));
    case.run(|n| {
        for _ in 0..n {
            let request = tungstenite::http::Request::builder()
                .uri("ws://server.example.com:80/chat")
                .header("Host", "server.example.com:80")
                .header("Connection", "Upgrade")
                .header("Upgrade", "websocket")
                .header("Sec-WebSocket-Version", "13")
                .header("Sec-WebSocket-Key", key)
                .body(())
                .unwrap();
            // The stream is made anew: tungstenite keeps it.
            assert!(client(request, Pipe(stream.again())).is_ok());
        }
    });
}
