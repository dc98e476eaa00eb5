// SPDX-License-Identifier: Apache-2.0
//! The library over a socket in memory that costs next to nothing.

use std::hint::black_box;

use zephyr_websocket::connection::{
    Call, ConnectRequest, Deadline, Delivery, Exchange, Frame, OptionalHeaders, Receiver, Role,
    Sender, Settings, Shared, Timeout, open,
};
use zephyr_websocket::handshake::{Observer, SecWebSocketKey};
use zephyr_websocket::platform::{Event, Interest, OsError, Part, Platform, SocketError};
use zephyr_websocket::protocol::Opcode;

use crate::wire::Stream;
use crate::{Case, SEGMENT};

/// What the socket counted.
#[derive(Default)]
pub struct Counts {
    pub reads: usize,
    pub sends: usize,
    /// Octets moved: by the socket, and once more if they went through the receive buffer.
    pub copied: usize,
    received: usize,
}

/// The socket: takes everything, gives what the stream has. It counts in a run of its own.
struct Socket<const COUNT: bool> {
    stream: Stream,
    key: u32,
    shared: Shared,
    counts: Counts,
    /// Where the caller's memory is; what is received elsewhere is copied once more.
    direct: core::ops::Range<usize>,
}

impl<const COUNT: bool> Socket<COUNT> {
    fn new(stream: Stream) -> Self {
        Self {
            stream,
            key: 0,
            shared: Shared::default(),
            counts: Counts::default(),
            direct: 0..0,
        }
    }
}

impl<const COUNT: bool> Platform for Socket<COUNT> {
    fn uptime_ms(&mut self) -> u64 {
        0
    }

    fn random(&mut self, target: &mut [u8]) {
        if let [a, b, c, d] = target {
            self.key = self.key.wrapping_add(0x0102_0305);
            [*a, *b, *c, *d] = self.key.to_le_bytes();
        }
    }

    fn send(&mut self, data: &[u8], _: Part) -> Result<usize, SocketError> {
        if COUNT {
            self.counts.sends += 1;
        }
        black_box(data.as_ptr());
        Ok(data.len())
    }

    fn with_large_buffer<R>(&mut self, _: impl FnOnce(&mut Self, &mut [u8]) -> R) -> Option<R> {
        None
    }

    fn receive(&mut self, target: &mut [u8]) -> Result<usize, SocketError> {
        let len = self.stream.read(target);
        if COUNT {
            self.counts.reads += 1;
            self.counts.received += len;
            self.counts.copied += len;
            if !self.direct.contains(&(target.as_ptr() as usize)) {
                self.counts.copied += len;
            }
        }
        Ok(len)
    }

    fn timeout_of_socket(&mut self, _: Interest) -> Timeout {
        Timeout::Forever
    }

    fn wait(&mut self, _: Interest, _: &mut Deadline) -> Result<bool, SocketError> {
        Ok(true)
    }

    fn with_sender<R>(
        &mut self,
        deadline: &mut Deadline,
        body: impl FnOnce(&mut Self, &mut Sender, &mut [u8], &mut Deadline) -> R,
    ) -> Result<R, SocketError> {
        let (mut sender, mut buffer) = (Sender::default(), [0; 128]);
        Ok(body(self, &mut sender, &mut buffer, deadline))
    }

    fn leave_later(&mut self) {}

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn log(&mut self, _: Event) {}
}

/// Masked binary frames through a send buffer of `tx_len` octets.
pub fn send(case: &Case<'_>, len: usize, tx_len: usize) {
    let payload: Vec<u8> = (0..len).map(|i| i as u8).collect();
    let mut buffer = vec![0; tx_len];
    let settings = Settings::new(Role::Client);
    let mut sender = Sender::default();
    let mut socket = Socket::<false>::new(Stream::of(Vec::new()));
    case.run(|n| {
        send_n(
            n,
            &mut sender,
            &mut socket,
            &mut buffer,
            &payload,
            &settings,
        )
    });
    let mut socket = Socket::<true>::new(Stream::of(Vec::new()));
    send_n(
        1,
        &mut sender,
        &mut socket,
        &mut buffer,
        &payload,
        &settings,
    );
    case.io(1, &socket.counts, len);
}

fn send_n<P: Platform>(
    n: usize,
    sender: &mut Sender,
    socket: &mut P,
    buffer: &mut [u8],
    payload: &[u8],
    settings: &Settings,
) {
    for _ in 0..n {
        let frame = Frame {
            opcode: Opcode::Binary,
            fin: true,
            mask: true,
            payload: black_box(payload),
        };
        let mut call = Call {
            platform: socket,
            buffer,
            settings,
            deadline: Deadline::after(Timeout::Forever),
        };
        let sent = sender.send(&mut call, &frame, None);
        assert!(sent == Ok(payload.len()));
    }
}

/// Whole frames into the caller's memory, through a `tmp_buf` of one segment.
pub fn receive(case: &Case<'_>, stream: &Stream) {
    let settings = Settings::new(Role::Client);
    let mut buffer = vec![0; SEGMENT];
    let mut target = vec![0; stream.payload_len];
    let mut receiver = Receiver::default();
    let mut socket = Socket::<false>::new(stream.again());
    case.run(|n| {
        receive_n(
            n,
            &mut receiver,
            &mut socket,
            &mut buffer,
            &mut target,
            &settings,
        )
    });

    let mut socket = Socket::<true>::new(stream.again());
    let start = target.as_ptr() as usize;
    socket.direct = start..start + target.len();
    let mut receiver = Receiver::default();
    receive_n(
        stream.messages,
        &mut receiver,
        &mut socket,
        &mut buffer,
        &mut target,
        &settings,
    );
    case.io(
        stream.messages,
        &socket.counts,
        stream.messages * stream.payload_len,
    );
}

fn receive_n<P: Platform>(
    n: usize,
    receiver: &mut Receiver,
    socket: &mut P,
    buffer: &mut [u8],
    target: &mut [u8],
    settings: &Settings,
) {
    for _ in 0..n {
        let mut len = 0;
        while len < target.len() {
            let mut call = Call {
                platform: socket,
                buffer,
                settings,
                deadline: Deadline::after(Timeout::Forever),
            };
            match receiver.receive(&mut call, &mut target[len..], Delivery::Frames) {
                Ok(received) => len += received.len,
                Err(error) => panic!("{error:?}"),
            }
        }
        black_box(target.as_ptr());
    }
}

/// An application without headers and callbacks.
struct Application;

impl Observer for Application {}

impl Exchange for Application {
    fn optional_headers(&self) -> OptionalHeaders {
        OptionalHeaders::List
    }

    fn optional_header(&mut self, _: usize) -> Option<&[u8]> {
        None
    }

    fn send_optional_headers(&mut self) -> Result<(), OsError> {
        Ok(())
    }
}

/// What a server answers to a key, with the headers that real ones send.
pub fn response(accept: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes()
}

/// The whole opening handshake in memory: nonce to verdict.
pub fn handshake(case: &Case<'_>) {
    // The generator above leaves the nonce as it is: zeros.
    let accept = SecWebSocketKey::new([0; 16]).accept();
    let accept = core::str::from_utf8(accept.bytes()).unwrap();
    let stream = Stream::of(response(accept));
    let request = ConnectRequest {
        host: b"server.example.com:80",
        url: b"/chat",
    };
    let mut buffer = vec![0; SEGMENT];
    let mut socket = Socket::<false>::new(stream.again());
    case.run(|n| handshake_n(n, &mut socket, &request, &mut buffer));
    let mut socket = Socket::<true>::new(stream);
    handshake_n(1, &mut socket, &request, &mut buffer);
    case.io(1, &socket.counts, 0);
}

fn handshake_n<P: Platform>(
    n: usize,
    socket: &mut P,
    request: &ConnectRequest<'_>,
    buffer: &mut [u8],
) {
    for _ in 0..n {
        let deadline = &mut Deadline::after(Timeout::Forever);
        let opened = open(
            socket,
            &mut Application,
            black_box(request),
            buffer,
            deadline,
        );
        assert!(opened.is_ok());
    }
}
