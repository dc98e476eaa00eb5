// SPDX-License-Identifier: Apache-2.0
//! The client's handshake over scripted responses.

use super::*;
use crate::handshake::{Observer, SecWebSocketKey, Seen};
use crate::platform::Event;
use crate::platform::OsError;
use crate::platform::fake::Incoming;

/// An application with a list of headers, or a callback with a result.
#[derive(Default)]
struct Application {
    headers: Vec<&'static [u8]>,
    callback: Option<Result<(), OsError>>,
    wants_body: bool,
    body: Vec<u8>,
    incomplete: Option<usize>,
}

impl Observer for Application {
    fn observe(&mut self, seen: Seen, octets: &[u8], _: u32) {
        if seen == Seen::Body {
            self.body.extend(octets);
        }
    }

    fn wants_body(&self) -> bool {
        self.wants_body
    }
}

impl Exchange for Application {
    fn optional_headers(&self) -> OptionalHeaders {
        match self.callback {
            None => OptionalHeaders::List,
            Some(_) => OptionalHeaders::Callback,
        }
    }

    fn optional_header(&mut self, index: usize) -> Option<&[u8]> {
        self.headers.get(index).copied()
    }

    fn optional_header_is_incomplete(&mut self, index: usize) {
        self.incomplete = Some(index);
    }

    fn send_optional_headers(&mut self) -> Result<(), OsError> {
        self.callback.unwrap_or(Ok(()))
    }
}

const REQUEST: ConnectRequest<'_> = ConnectRequest {
    host: b"server.example.com",
    url: b"/chat",
};

/// The key that [`Fake`]'s generator leads to.
fn key() -> SecWebSocketKey {
    let mut nonce = [0; 16];
    Fake::new(16).random(&mut nonce);
    SecWebSocketKey::new(nonce)
}

fn response(accept: &[u8]) -> Vec<u8> {
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            .as_slice(),
        accept,
        b"\r\n\r\n",
    ]
    .concat()
}

fn connect(
    fake: &mut Fake,
    application: &mut Application,
    rx_len: usize,
) -> Result<Vec<u8>, Error> {
    let mut buffer = vec![0; rx_len];
    let mut deadline = Deadline::after(Timeout::Milliseconds(1000));
    match open(fake, application, &REQUEST, &mut buffer, &mut deadline) {
        Ok((start, end)) => Ok(buffer[start..end].to_vec()),
        Err(HandshakeError { cause }) => Err(cause),
    }
}

#[test]
fn the_request_is_exact_and_takes_as_few_sends_as_the_buffer_allows() {
    let expected = [
        b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nOrigin: x\r\nSec-WebSocket-Key: "
            .as_slice(),
        key().bytes().as_slice(),
        b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ]
    .concat();
    for (tx_len, sends) in [
        (512, 1),
        (expected.len(), 1),
        (16, expected.len().div_ceil(16)),
    ] {
        let mut fake = Fake::new(tx_len);
        let mut application = Application {
            headers: vec![b"Origin: x\r\n"],
            ..Application::default()
        };
        assert_eq!(
            connect(&mut fake, &mut application, 1),
            Err(Error::TimedOut)
        );
        assert_eq!(fake.sent, expected);
        assert_eq!(fake.sends, sends);
        assert_eq!(fake.now_ms, 1000);
    }
}

#[test]
fn a_good_response_is_accepted_at_every_cut_and_buffer_size_and_what_follows_is_kept() {
    let stream = [response(key().accept().bytes()), vec![0x81, 0x01, b'x']].concat();
    for piece_len in 1..=stream.len() {
        for rx_len in [1, 2, 16, 64, 512] {
            let mut fake = Fake::new(64);
            fake.peer_sends(&stream, piece_len);
            let leftover = connect(&mut fake, &mut Application::default(), rx_len).unwrap();
            let unread: usize = fake
                .incoming
                .iter()
                .map(|piece| match piece {
                    Incoming::Octets(octets) => octets.len(),
                    _ => 0,
                })
                .sum();
            assert_eq!(
                leftover.len() + unread,
                3,
                "pieces of {piece_len}, buffer {rx_len}"
            );
        }
    }
}

#[test]
fn each_failure_has_its_cause() {
    let good = response(key().accept().bytes());
    let refused = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_vec();
    let cases = [
        (refused, Error::Refused),
        (response(b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="), Error::Protocol),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), Error::BadMessage),
        (
            [b"HTTP/1.1 101 x\r\nA: ".as_slice(), &vec![b'a'; 20_000]].concat(),
            Error::MessageSize,
        ),
        (good[..20].to_vec(), Error::Reset),
        (Vec::new(), Error::Reset),
    ];
    for (response, cause) in cases {
        let mut fake = Fake::new(64);
        fake.peer_sends(&response, 100);
        fake.incoming.push_back(Incoming::End);
        let result = connect(&mut fake, &mut Application::default(), 256);
        assert_eq!(result, Err(cause), "{}", String::from_utf8_lossy(&response));
    }
}

#[test]
fn a_header_callback_that_fails_ends_the_handshake() {
    let mut fake = Fake::new(64);
    let mut application = Application {
        callback: Some(Err(OsError(12))),
        ..Application::default()
    };
    assert_eq!(
        connect(&mut fake, &mut application, 256),
        Err(Error::Os(OsError(12)))
    );
}

#[test]
fn a_header_that_is_no_whole_line_is_named_and_nothing_is_sent() {
    for wrong in [b"A: b".as_slice(), b"A: b\r\n\r\n", b"\r\n"] {
        let mut fake = Fake::new(64);
        let mut application = Application {
            headers: vec![b"Origin: x\r\n", b"", wrong],
            ..Application::default()
        };
        let result = connect(&mut fake, &mut application, 256);
        assert_eq!(result, Err(Error::Invalid));
        assert_eq!(application.incomplete, Some(2));
        assert!(fake.sent.is_empty());
    }
}

#[test]
fn an_offer_is_known_if_half_of_the_send_buffer_holds_it() {
    let select = |name: &[u8], headers: Vec<&'static [u8]>, tx_len| {
        let good = response(key().accept().bytes());
        let (head, _) = good.split_at(good.len() - 2);
        let stream = [head, b"Sec-WebSocket-Protocol: ", name, b"\r\n\r\n"].concat();
        let mut fake = Fake::new(tx_len);
        fake.peer_sends(&stream, 7);
        let mut application = Application {
            headers,
            ..Application::default()
        };
        connect(&mut fake, &mut application, 16).map(|_| ())
    };
    let offer: Vec<&[u8]> = vec![
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n",
        b"Origin: x\r\nSec-WebSocket-Protocol: a , bc\r\n",
    ];
    for tx_len in [54, 64, 512] {
        for name in [b"graphql-transport-ws".as_slice(), b"a", b"bc"] {
            assert_eq!(select(name, offer.clone(), tx_len), Ok(()));
        }
        for name in [b"b".as_slice(), b"graphql-transport-wss", b"a,bc"] {
            assert_eq!(select(name, offer.clone(), tx_len), Err(Error::Protocol));
        }
        assert_eq!(select(b"a", Vec::new(), tx_len), Err(Error::Protocol));
    }
    // With less room any is accepted.
    for tx_len in [32, 53] {
        assert_eq!(select(b"b", offer.clone(), tx_len), Ok(()));
    }
}

#[test]
#[cfg_attr(not(switch = "handshake_callbacks"), ignore = "needs the switch")]
fn a_refusal_is_the_cause_however_its_body_ends() {
    let refused = b"HTTP/1.1 401 Unauthorized\r\n".as_slice();
    for (headers, body, end, waits) in [
        ("Content-Length: 5", "body!", None, false),
        ("Content-Length: 5", "body", None, true),
        ("Content-Length: 5", "body", Some(Incoming::End), false),
        ("Content-Length: 5", "body", Some(Incoming::Reset), false),
        (
            "Transfer-Encoding: chunked",
            "4\r\nbody\r\n0\r\n\r\n",
            None,
            false,
        ),
        ("Transfer-Encoding: chunked", "4\r\nbody\r\n", None, true),
        ("X: y", "body", None, true),
        ("X: y", "body", Some(Incoming::End), false),
    ] {
        for piece_len in 1..16 {
            let mut fake = Fake::new(64);
            let stream = [refused, headers.as_bytes(), b"\r\n\r\n", body.as_bytes()].concat();
            fake.peer_sends(&stream, piece_len);
            fake.incoming.extend(end.clone());
            let mut application = Application {
                wants_body: true,
                ..Application::default()
            };
            let result = connect(&mut fake, &mut application, 16);
            assert_eq!(result, Err(Error::Refused), "{headers} {body}");
            assert!(application.body.starts_with(b"body"));
            assert_eq!(fake.now_ms, if waits { 1000 } else { 0 });
            assert_eq!(fake.events, [Event::HandshakeStatus(401)]);
        }
    }
}

#[test]
fn the_time_runs_from_the_beginning() {
    let mut fake = Fake::new(64);
    // Three milliseconds of waiting to send.
    fake.room.extend([0, 1, 0, 1, 0]);
    fake.incoming.push_back(Incoming::Pause(997));
    fake.peer_sends(&response(key().accept().bytes()), 500);
    let result = connect(&mut fake, &mut Application::default(), 256);
    assert_eq!(result, Ok(Vec::new()));
    assert_eq!(fake.now_ms, 1000);

    let mut fake = Fake::new(64);
    fake.room.extend([0, 1, 0, 1, 0]);
    fake.incoming.push_back(Incoming::Pause(998));
    fake.peer_sends(&response(key().accept().bytes()), 500);
    let result = connect(&mut fake, &mut Application::default(), 256);
    assert_eq!(result, Err(Error::TimedOut));
}
