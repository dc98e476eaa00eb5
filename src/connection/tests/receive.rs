// SPDX-License-Identifier: Apache-2.0
//! Receiving: every cut, every output size, control frames, failures.

use proptest::prelude::*;

use super::*;
use crate::platform::Event;
use crate::platform::fake::{Incoming, RESET};
use crate::protocol::ProtocolError;

/// Reads frames until there is nothing more; the payload of each with its type.
fn read_all(endpoint: &mut Endpoint, target_len: usize) -> Vec<(Opcode, bool, Vec<u8>)> {
    let mut frames: Vec<(Opcode, bool, Vec<u8>)> = Vec::new();
    let mut inside = false;
    loop {
        match endpoint.receive(target_len) {
            Ok((payload, received)) => {
                if inside {
                    frames.last_mut().unwrap().2.extend(payload);
                } else {
                    frames.push((received.message, received.fin, payload));
                }
                inside = received.remaining > 0;
            }
            Err(error) => {
                assert_eq!(error, Error::Again);
                return frames;
            }
        }
    }
}

#[test]
fn every_stream_is_the_same_at_every_cut_and_every_output_size() {
    let long: Vec<u8> = (0..300u32).map(|n| n as u8 & 0x7F).collect();
    let expected = [
        (Opcode::Text, true, b"Hello".to_vec()),
        (Opcode::Text, false, b"Hel".to_vec()),
        (Opcode::Ping, true, b"ping".to_vec()),
        (Opcode::Text, true, b"lo".to_vec()),
        (Opcode::Binary, true, Vec::new()),
        (Opcode::Binary, true, long.clone()),
        (Opcode::Pong, true, Vec::new()),
    ];
    let frames = |key| {
        [
            frame(true, Opcode::Text, key, b"Hello"),
            frame(false, Opcode::Text, key, b"Hel"),
            frame(true, Opcode::Ping, key, b"ping"),
            frame(true, Opcode::Continuation, key, b"lo"),
            frame(true, Opcode::Binary, key, b""),
            frame(true, Opcode::Binary, key, &long),
            frame(true, Opcode::Pong, key, b""),
        ]
        .concat()
    };
    for (role, key) in [
        (Role::Client, None),
        (Role::Server, Some([0x37, 0xfa, 0x21, 0x3d])),
    ] {
        let stream = frames(key);
        for piece_len in (1..=40).chain([stream.len()]) {
            for target_len in [1, 2, 3, 5, 7, 64, 299, 300, 1000] {
                for rx_len in [4, 5, 64, 1460] {
                    let mut endpoint = Endpoint::new(role, rx_len);
                    endpoint.fake.peer_sends(&stream, piece_len);
                    let frames = read_all(&mut endpoint, target_len);
                    assert_eq!(
                        frames, expected,
                        "{role:?}, pieces of {piece_len}, output {target_len}, buffer {rx_len}"
                    );
                    let sent = parse_sent(&endpoint.fake.sent);
                    assert_eq!(sent, [(true, Opcode::Pong, b"ping".to_vec())]);
                }
            }
        }
    }
}

#[test]
fn data_delivery_leaves_out_control_frames_and_empty_ones() {
    let mut endpoint = Endpoint::client(64);
    let stream = [
        frame(true, Opcode::Ping, None, b"1"),
        frame(true, Opcode::Text, None, b""),
        frame(true, Opcode::Text, None, b"data"),
        frame(true, Opcode::Close, None, &1001u16.to_be_bytes()),
    ]
    .concat();
    endpoint.fake.peer_sends(&stream, 3);
    let mut target = [0; 16];
    let received = endpoint
        .receive_into(&mut target, Delivery::Data, Timeout::None)
        .unwrap();
    assert_eq!(&target[..received.len], b"data");
    for _ in 0..2 {
        let end = endpoint.receive_into(&mut target, Delivery::Data, Timeout::None);
        assert_eq!(end, Err(Error::NotConnected));
    }
    assert_eq!(
        parse_sent(&endpoint.fake.sent),
        [
            (true, Opcode::Pong, b"1".to_vec()),
            (true, Opcode::Close, vec![0x03, 0xE9])
        ]
    );
}

#[test]
fn a_close_is_delivered_once_and_answered_once_with_its_code() {
    let mut endpoint = Endpoint::client(64);
    let close = frame(true, Opcode::Close, None, b"\x03\xE8bye");
    endpoint.fake.peer_sends(&close, 64);
    let (payload, received) = endpoint.receive(64).unwrap();
    assert_eq!(
        (payload.as_slice(), received.opcode),
        (b"\x03\xE8bye".as_slice(), Opcode::Close)
    );
    assert_eq!(endpoint.receive(64).err(), Some(Error::NotConnected));
    let code = endpoint.fake.shared().peer_close_code();
    assert_eq!(code, Some(crate::protocol::CloseCode::NORMAL));
    assert_eq!(
        parse_sent(&endpoint.fake.sent),
        [(true, Opcode::Close, vec![0x03, 0xE8])]
    );
}

#[test]
fn a_close_without_a_code_is_answered_without_one() {
    let mut endpoint = Endpoint::client(64);
    endpoint
        .fake
        .peer_sends(&frame(true, Opcode::Close, None, b""), 64);
    assert_eq!(endpoint.receive(64).unwrap().1.len, 0);
    assert_eq!(
        parse_sent(&endpoint.fake.sent),
        [(true, Opcode::Close, vec![])]
    );
}

#[test]
#[cfg_attr(not(switch = "utf8"), ignore = "needs the switch")]
fn a_broken_rule_fails_the_connection_with_its_status_code() {
    let cases: &[(&[u8], ProtocolError, u16)] = &[
        (&[0xC1, 0x00], ProtocolError::ReservedBits, 1002),
        (
            &[0x80, 0x01, 0x00],
            ProtocolError::UnexpectedContinuation,
            1002,
        ),
        (
            &[0x01, 0x01, b'a', 0x82, 0x01, 0x00],
            ProtocolError::ExpectedContinuation,
            1002,
        ),
        (&[0x81, 0x02, 0xC0, 0xAF], ProtocolError::InvalidUtf8, 1007),
        (&[0x81, 0x01, 0xC3], ProtocolError::InvalidUtf8, 1007),
        (&[0x88, 0x01, 0x03], ProtocolError::ClosePayloadLength, 1002),
        (
            &[0x88, 0x02, 0x03, 0xED],
            ProtocolError::InvalidCloseCode,
            1002,
        ),
        (
            &[0x88, 0x03, 0x03, 0xE8, 0xFF],
            ProtocolError::InvalidCloseReason,
            1007,
        ),
    ];
    for (octets, error, code) in cases {
        let mut endpoint = Endpoint::client(64);
        endpoint.fake.peer_sends(octets, 1);
        let result = loop {
            match endpoint.receive(64) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(result, Error::Protocol, "{octets:02x?}");
        assert_eq!(endpoint.receive(64).err(), Some(Error::NotConnected));
        assert_eq!(
            endpoint.fake.events.last(),
            Some(&Event::ProtocolError(*error))
        );
        let close = (true, Opcode::Close, code.to_be_bytes().to_vec());
        assert_eq!(parse_sent(&endpoint.fake.sent), [close]);
    }
}

#[test]
#[cfg_attr(not(switch = "utf8"), ignore = "needs the switch")]
fn text_fails_at_the_first_wrong_octet_inside_a_frame() {
    let mut endpoint = Endpoint::client(64);
    // 20 octets are announced; the third cannot follow.
    endpoint.fake.peer_sends(&[0x81, 20, b'a', 0xF4, 0x90], 1);
    assert_eq!(endpoint.receive(64).err(), Some(Error::Protocol));
}

#[test]
fn octets_that_came_before_an_error_are_delivered_first() {
    for (end, error) in [
        (Incoming::End, Error::NotConnected),
        (Incoming::Reset, Error::Os(RESET)),
    ] {
        let mut endpoint = Endpoint::client(64);
        endpoint.fake.peer_sends(&[0x82, 10, 1, 2, 3], 64);
        endpoint.fake.incoming.push_back(end);
        let (payload, received) = endpoint.receive(64).unwrap();
        assert_eq!(
            (payload.as_slice(), received.remaining),
            ([1, 2, 3].as_slice(), 7)
        );
        assert_eq!(endpoint.receive(64).err(), Some(error));
    }
}

#[test]
fn a_call_waits_for_the_whole_frame_until_its_time_is_up() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.incoming.extend([
        Incoming::Octets(vec![0x82, 4, 1]),
        Incoming::Pause(60),
        Incoming::Octets(vec![2]),
        Incoming::Pause(60),
        Incoming::Octets(vec![3, 4]),
    ]);
    let mut target = [0; 8];
    let received = endpoint
        .receive_into(&mut target, Delivery::Frames, Timeout::Milliseconds(100))
        .unwrap();
    assert_eq!(
        (received.len, received.remaining, endpoint.fake.now_ms),
        (2, 2, 100)
    );
    let received = endpoint
        .receive_into(&mut target, Delivery::Frames, Timeout::Milliseconds(100))
        .unwrap();
    assert_eq!((received.len, received.remaining), (2, 0));
}

#[test]
fn a_ping_longer_than_the_buffer_is_delivered_and_the_log_says_why_it_is_not_answered() {
    let mut endpoint = Endpoint::client(16);
    endpoint
        .fake
        .peer_sends(&frame(true, Opcode::Ping, None, &[7; 100]), 9);
    let frames = read_all(&mut endpoint, 33);
    assert_eq!(frames, [(Opcode::Ping, true, vec![7; 100])]);
    assert_eq!(endpoint.fake.events, [Event::PingTooLong(100, 16)]);
    assert!(endpoint.fake.sent.is_empty());
}

#[test]
fn a_flood_of_pings_does_not_keep_a_call_beyond_its_time() {
    let mut endpoint = Endpoint::client(64);
    let pings = frame(true, Opcode::Ping, None, b"").repeat(10_000);
    endpoint.fake.peer_sends(&pings, 64);
    let result = endpoint.receive_into(&mut [0; 8], Delivery::Data, Timeout::None);
    assert_eq!(result, Err(Error::Again));
    assert!(
        !endpoint.fake.incoming.is_empty(),
        "the call read on to the end"
    );
}

#[test]
fn large_payload_goes_past_the_buffer_and_reads_are_few() {
    let payload = vec![0x55; 65_536];
    let stream = frame(true, Opcode::Binary, None, &payload);
    let mut endpoint = Endpoint::client(1460);
    endpoint.fake.peer_sends(&stream, stream.len());
    let (received, _) = endpoint.receive(65_536).unwrap();
    assert_eq!(received, payload);
    assert!(endpoint.fake.receives <= stream.len().div_ceil(1460) + 1);
}

#[test]
fn a_peek_leaves_the_data_where_it_is() {
    let key = Some([1, 2, 3, 4]);
    let mut endpoint = Endpoint::new(Role::Server, 64);
    let stream = [
        frame(true, Opcode::Ping, key, b""),
        frame(true, Opcode::Text, key, b"data"),
    ]
    .concat();
    endpoint.fake.peer_sends(&stream, 64);
    let mut target = [0; 3];
    for delivery in [Delivery::Peek, Delivery::Peek, Delivery::Data] {
        let received = endpoint
            .receive_into(&mut target, delivery, Timeout::None)
            .unwrap();
        assert_eq!((received.len, &target), (3, b"dat"));
    }
    let received = endpoint
        .receive_into(&mut target, Delivery::Data, Timeout::None)
        .unwrap();
    assert_eq!(&target[..received.len], b"a");
    let idle = endpoint.receive_into(&mut target, Delivery::Peek, Timeout::None);
    assert_eq!(idle, Err(Error::Again));
}

/// What Python's websockets sends at the end of a message that it sends in fragments.
#[test]
fn empty_continuations_are_left_out_where_control_frames_are() {
    for swallow_control in [true, false] {
        let mut endpoint = Endpoint::client(64);
        endpoint
            .settings
            .set(Policy::SWALLOW_CONTROL, swallow_control);
        let stream = [
            frame(false, Opcode::Binary, None, b"12"),
            frame(false, Opcode::Continuation, None, b""),
            frame(false, Opcode::Continuation, None, b"34"),
            frame(true, Opcode::Continuation, None, b""),
            frame(true, Opcode::Binary, None, b""),
        ]
        .concat();
        endpoint.fake.peer_sends(&stream, 64);
        let mut lens = Vec::new();
        while let Ok((payload, _)) = endpoint.receive(9) {
            lens.push(payload.len());
        }
        let expected: &[usize] = if swallow_control {
            &[2, 2, 0]
        } else {
            &[2, 0, 2, 0, 0]
        };
        assert_eq!(lens, expected);
    }
}

#[test]
fn state_is_small() {
    assert!(size_of::<Receiver>() <= 64, "{}", size_of::<Receiver>());
    assert!(size_of::<Sender>() <= 48, "{}", size_of::<Sender>());
}

proptest! {
    #[test]
    fn random_octets_never_panic_and_give_the_same_whatever_the_cut(
        octets in prop::collection::vec(any::<u8>(), 0..200),
        piece_len in 1usize..50,
        target_len in 1usize..50,
    ) {
        let run = |piece_len: usize| {
            let mut endpoint = Endpoint::client(150);
            endpoint.fake.peer_sends(&octets, piece_len);
            let mut payload = Vec::new();
            let error = loop {
                match endpoint.receive(target_len) {
                    Ok((piece, _)) => payload.extend(piece),
                    // So many small pieces are no reason to stay for ever.
                    Err(Error::Again) if !endpoint.fake.incoming.is_empty() => {}
                    Err(error) => break error,
                }
            };
            (error, endpoint.fake.sent.clone())
        };
        prop_assert_eq!(run(piece_len), run(200));
    }
}

#[test]
fn a_masked_close_longer_than_the_buffer_is_answered_as_far_as_it_is_known() {
    let close = [&1001u16.to_be_bytes()[..], b"going away, and more"].concat();
    for (rx_len, answer) in [(1, &b""[..]), (2, &[0x03, 0xE9]), (7, &[0x03, 0xE9])] {
        let mut endpoint = Endpoint::new(Role::Server, rx_len);
        let octets = frame(true, Opcode::Close, Some([0x11, 0x92, 0x33, 0xF4]), &close);
        endpoint.fake.peer_sends(&octets, 64);
        let mut delivered = Vec::new();
        while delivered.len() < close.len() {
            let (octets, received) = endpoint.receive(4).unwrap();
            assert_eq!(received.opcode, Opcode::Close);
            delivered.extend(octets);
        }
        assert_eq!(delivered, close, "buffer of {rx_len}");
        let closed = (true, Opcode::Close, answer.to_vec());
        assert_eq!(parse_sent(&endpoint.fake.sent), [closed]);
    }
}
