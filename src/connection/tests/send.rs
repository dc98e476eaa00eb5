// SPDX-License-Identifier: Apache-2.0
//! Sending: one send for what fits, never a torn frame, every partial send.

use super::*;
use crate::platform::Part;

pub(super) fn binary(payload: &[u8], mask: bool) -> Frame<'_> {
    Frame {
        opcode: Opcode::Binary,
        fin: true,
        mask,
        payload,
    }
}

pub(super) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 7) as u8).collect()
}

#[test]
fn every_size_arrives_whole_masked_and_not() {
    for mask in [true, false] {
        for len in [
            0, 1, 125, 126, 127, 241, 242, 243, 256, 1000, 65_535, 65_536, 70_001,
        ] {
            let mut endpoint = Endpoint::client(64);
            let payload = pattern(len);
            let sent = endpoint.send(binary(&payload, mask), Timeout::None);
            assert_eq!(sent, Ok(len));
            assert_eq!(
                parse_sent(&endpoint.fake.sent),
                [(true, Opcode::Binary, payload)],
                "{len} octets, mask {mask}"
            );
        }
    }
}

#[test]
fn what_fits_the_buffer_takes_one_send() {
    for mask in [true, false] {
        for len in [0, 16, 125, 200] {
            let mut endpoint = Endpoint::client(64);
            endpoint
                .send(binary(&pattern(len), mask), Timeout::None)
                .unwrap();
            assert_eq!(endpoint.fake.sends, 1);
        }
    }
}

#[test]
fn keys_differ_from_frame_to_frame() {
    let mut endpoint = Endpoint::client(64);
    endpoint.send(binary(b"same", true), Timeout::None).unwrap();
    let first = endpoint.fake.sent.split_off(0);
    endpoint.send(binary(b"same", true), Timeout::None).unwrap();
    assert_ne!(first[2..6], endpoint.fake.sent[2..6]);
}

#[test]
fn any_sequence_of_partial_sends_gives_whole_frames() {
    for room in 1..20 {
        for len in [0, 5, 100, 700] {
            let mut endpoint = Endpoint::client(64);
            endpoint.fake.room = [room, 0, room, 0, 0, room * 3, 1, 0].into_iter().collect();
            let payload = pattern(len);
            for mask in [true, false] {
                let sent = endpoint.send(binary(&payload, mask), Timeout::Forever);
                assert_eq!(sent, Ok(len));
            }
            assert_eq!(parse_sent(&endpoint.fake.sent).len(), 2);
        }
    }
}

#[test]
fn nothing_is_sent_when_the_socket_takes_nothing() {
    for (timeout, error) in [
        (Timeout::None, Error::Again),
        (Timeout::Milliseconds(50), Error::TimedOut),
    ] {
        let mut endpoint = Endpoint::client(64);
        endpoint.fake.stuck = true;
        assert_eq!(endpoint.send(binary(b"data", true), timeout), Err(error));
        endpoint.fake.stuck = false;
        assert_eq!(endpoint.send(binary(b"next", true), timeout), Ok(4));
        let next = (true, Opcode::Binary, b"next".to_vec());
        assert_eq!(parse_sent(&endpoint.fake.sent), [next]);
    }
}

#[test]
fn the_rest_of_a_small_frame_waits_in_the_buffer_and_goes_first() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.room = [3].into_iter().collect();
    endpoint.fake.stuck = true;
    assert_eq!(endpoint.send(binary(b"first", true), Timeout::None), Ok(5));
    assert_eq!(endpoint.fake.sent.len(), 3);
    assert_eq!(
        endpoint.send(binary(b"second", true), Timeout::None),
        Err(Error::Again)
    );
    endpoint.fake.stuck = false;
    assert_eq!(endpoint.send(binary(b"third", true), Timeout::None), Ok(5));
    assert_eq!(
        parse_sent(&endpoint.fake.sent),
        [
            (true, Opcode::Binary, b"first".to_vec()),
            (true, Opcode::Binary, b"third".to_vec())
        ]
    );
}

#[test]
fn a_receiver_that_waits_sends_the_rest_of_a_frame() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.room = [3].into_iter().collect();
    endpoint.fake.stuck = true;
    endpoint
        .send(binary(b"request", true), Timeout::None)
        .unwrap();
    endpoint.fake.stuck = false;
    let result = endpoint.receive_into(&mut [0; 8], Delivery::Frames, Timeout::Milliseconds(10));
    assert_eq!(result, Err(Error::Again));
    let request = (true, Opcode::Binary, b"request".to_vec());
    assert_eq!(parse_sent(&endpoint.fake.sent), [request]);
}

#[test]
#[cfg_attr(not(switch = "counters"), ignore = "needs the switch")]
fn a_large_frame_goes_on_when_the_call_is_repeated() {
    for (mask, sticky_sends) in [(true, false), (false, false), (true, true), (false, true)] {
        for (timeout, error) in [
            (Timeout::None, Error::Again),
            (Timeout::Milliseconds(10), Error::TimedOut),
        ] {
            let mut endpoint = Endpoint::client(64);
            endpoint.settings.set(Policy::STICKY_SENDS, sticky_sends);
            let payload = pattern(3000);
            let frame = binary(&payload, mask);
            let mut calls = 0;
            loop {
                // A little room, then none.
                endpoint.fake.room = [256, 10 + calls].into_iter().collect();
                endpoint.fake.stuck = true;
                calls += 1;
                match endpoint.send(frame, timeout) {
                    Ok(len) => break assert_eq!(len, payload.len()),
                    Err(again) => assert_eq!(again, error),
                }
                assert!(calls < 100);
            }
            assert!(calls > 3);
            endpoint.fake.stuck = false;
            endpoint.fake.room.clear();
            assert_eq!(endpoint.send(binary(b"next", mask), timeout), Ok(4));
            let whole = (true, Opcode::Binary, payload.clone());
            let next = (true, Opcode::Binary, b"next".to_vec());
            assert_eq!(parse_sent(&endpoint.fake.sent), [whole, next]);
            let (messages, octets) = endpoint.fake.shared().sent.read();
            assert_eq!((messages, octets), (2, 3004), "each is counted once");
        }
    }
}

#[test]
fn nothing_else_is_sent_before_a_frame_that_is_begun_is_complete() {
    let mut endpoint = Endpoint::client(64);
    let payload = pattern(3000);
    endpoint.fake.room = [256].into_iter().collect();
    endpoint.fake.stuck = true;
    let sent = endpoint.send(binary(&payload, true), Timeout::None);
    assert_eq!(sent, Err(Error::Again));
    let others = [
        binary(&payload[1..], true),
        binary(&payload[..2999], true),
        binary(&payload, false),
        Frame {
            opcode: Opcode::Text,
            ..binary(&payload, true)
        },
        Frame {
            fin: false,
            ..binary(&payload, true)
        },
        Frame {
            opcode: Opcode::Ping,
            ..binary(b"", true)
        },
    ];
    endpoint.fake.stuck = false;
    let gone = endpoint.fake.sent.len();
    for other in others {
        assert_eq!(endpoint.send(other, Timeout::Forever), Err(Error::Already));
    }
    let ping = frame(true, Opcode::Ping, None, b"are you there");
    endpoint.fake.peer_sends(&ping, 64);
    endpoint.receive(64).unwrap();
    assert!(
        endpoint.fake.sent.len() <= gone + 256,
        "only its own octets follow"
    );
    endpoint
        .send(binary(&payload, true), Timeout::None)
        .unwrap();
    let sent = parse_sent(&endpoint.fake.sent);
    assert_eq!(sent[0].2, payload);
    assert_eq!(sent[1], (true, Opcode::Pong, b"are you there".to_vec()));
}

#[test]
fn a_frame_that_is_begun_and_not_completed_is_not_followed_by_a_close() {
    let mut endpoint = Endpoint::client(64);
    let payload = pattern(3000);
    endpoint.fake.room = [256].into_iter().collect();
    endpoint.fake.stuck = true;
    endpoint
        .send(binary(&payload, true), Timeout::None)
        .unwrap_err();
    endpoint.fake.stuck = false;
    let gone = endpoint.fake.sent.len();
    assert_eq!(
        endpoint.close(Timeout::Milliseconds(10)),
        Err(Error::Aborted)
    );
    assert_eq!(endpoint.fake.sent.len(), gone);
    let sent = endpoint.send(binary(&payload, true), Timeout::None);
    assert_eq!(sent, Err(Error::Aborted));
}

#[test]
fn a_close_that_finds_no_room_leaves_when_there_is_some() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.stuck = true;
    assert_eq!(
        endpoint.close(Timeout::Milliseconds(10)),
        Err(Error::TimedOut)
    );
    let late = endpoint.send(binary(b"late", true), Timeout::None);
    assert_eq!(late, Err(Error::NotConnected));
    endpoint.fake.stuck = false;
    endpoint.receive(9).unwrap_err();
    let ping = frame(true, Opcode::Ping, None, b"");
    endpoint.fake.peer_sends(&ping, 64);
    endpoint.receive(9).unwrap();
    let close = (true, Opcode::Close, 1000_u16.to_be_bytes().to_vec());
    assert_eq!(parse_sent(&endpoint.fake.sent)[0], close);
}

#[test]
fn nothing_follows_a_close() {
    let mut endpoint = Endpoint::client(64);
    let close = Frame {
        opcode: Opcode::Close,
        fin: true,
        mask: true,
        payload: &[],
    };
    assert_eq!(endpoint.send(close, Timeout::None), Ok(0));
    assert_eq!(
        endpoint.send(binary(b"late", true), Timeout::None),
        Err(Error::NotConnected)
    );
    assert_eq!(parse_sent(&endpoint.fake.sent).len(), 1);
}

#[test]
fn a_pong_waits_in_the_buffer_while_the_socket_is_full() {
    let mut endpoint = Endpoint::client(64);
    endpoint
        .fake
        .peer_sends(&frame(true, Opcode::Ping, None, b"are you there"), 64);
    endpoint.fake.stuck = true;
    let (_, received) = endpoint.receive(64).unwrap();
    assert_eq!(received.opcode, Opcode::Ping);
    endpoint.fake.stuck = false;
    endpoint.send(binary(b"x", true), Timeout::None).unwrap();
    let sent = parse_sent(&endpoint.fake.sent);
    assert_eq!(sent[0], (true, Opcode::Pong, b"are you there".to_vec()));
    assert_eq!(sent.len(), 2);
}

#[test]
fn one_time_limit_serves_all_the_pieces_of_a_frame() {
    let mut endpoint = Endpoint::client(64);
    // The socket takes a little, then makes the caller wait, again and again.
    endpoint.fake.room = [100, 0].into_iter().cycle().take(400).collect();
    endpoint.fake.stuck = true;
    let sent = endpoint.send(binary(&pattern(100_000), true), Timeout::Milliseconds(10));
    assert_eq!(sent, Err(Error::TimedOut));
    assert!(endpoint.fake.now_ms <= 11, "{}", endpoint.fake.now_ms);
}

#[test]
fn a_socket_that_remembers_what_it_refused_is_given_the_same_octets_again() {
    let mut endpoint = Endpoint::client(64);
    endpoint.settings.set(Policy::STICKY_SENDS, true);
    endpoint.fake.stuck = true;
    assert_eq!(endpoint.send(binary(b"first", true), Timeout::None), Ok(5));
    assert_eq!(
        endpoint.send(binary(b"second", true), Timeout::None),
        Err(Error::Again)
    );
    endpoint.fake.stuck = false;
    assert_eq!(endpoint.send(binary(b"third", true), Timeout::None), Ok(5));
    let payloads: Vec<_> = parse_sent(&endpoint.fake.sent)
        .into_iter()
        .map(|f| f.2)
        .collect();
    assert_eq!(payloads, [b"first".to_vec(), b"third".to_vec()]);
}

/// Two pings and data behind an accepted frame of which a part is left: `89 01 70  89 01 71  82 04 64 61 74 61`.
#[test]
fn a_ping_never_holds_up_data() {
    for timeout in [
        Timeout::None,
        Timeout::Milliseconds(100),
        Timeout::Milliseconds(1500),
        Timeout::Forever,
    ] {
        for (is_polled, delivery) in [
            (false, Delivery::Data),
            (true, Delivery::Data),
            (false, Delivery::Frames),
            (true, Delivery::Frames),
        ] {
            for piece_len in [1, 2, 3, 12] {
                let mut endpoint = Endpoint::client(64);
                endpoint.fake.room = [3].into_iter().collect();
                endpoint.fake.stuck = true;
                endpoint.send(binary(b"kept", true), Timeout::None).unwrap();
                let stream = b"\x89\x01p\x89\x01q\x82\x04data";
                endpoint.fake.peer_sends(stream, piece_len);
                if is_polled {
                    assert_eq!(endpoint.poll(), Readiness::Readable);
                }
                let expected: &[&[u8]] = match delivery {
                    Delivery::Frames => &[b"p", b"q", b"data"],
                    _ => &[b"data"],
                };
                for payload in expected {
                    let mut target = [0; 9];
                    let received = endpoint.receive_into(&mut target, delivery, timeout);
                    let received = received.expect("it has arrived");
                    assert_eq!(&target[..received.len], *payload);
                }
                assert_eq!(endpoint.fake.now_ms, 0, "nothing was waited for");
                endpoint.fake.stuck = false;
                endpoint.receive(9).unwrap_err();
                let _ = endpoint.receive_into(&mut [0; 9], delivery, Timeout::Milliseconds(100));
                let sent = parse_sent(&endpoint.fake.sent);
                let kept = (true, Opcode::Binary, b"kept".to_vec());
                let pong = (true, Opcode::Pong, b"q".to_vec());
                assert_eq!(sent, [kept, pong], "the latest ping is answered");
            }
        }
    }
}

#[test]
fn the_answer_to_a_close_never_holds_up_the_end() {
    for (octets, closed) in [(&b"\x88\x02\x03\xE9"[..], true), (b"\xF2\x00", false)] {
        let mut endpoint = Endpoint::client(64);
        endpoint.fake.room = [3].into_iter().collect();
        endpoint.fake.stuck = true;
        endpoint.send(binary(b"kept", true), Timeout::None).unwrap();
        endpoint.fake.peer_sends(octets, 64);
        assert_ne!(endpoint.poll(), Readiness::Nothing);
        let received = endpoint.receive_into(&mut [0; 9], Delivery::Data, Timeout::Forever);
        let expected = if closed {
            Error::NotConnected
        } else {
            Error::Protocol
        };
        assert_eq!(received.err(), Some(expected));
        assert_eq!(endpoint.fake.now_ms, 0, "nothing was waited for");
        let late = endpoint.send(binary(b"late", true), Timeout::None);
        assert_eq!(late, Err(Error::NotConnected));
        endpoint.fake.stuck = false;
        endpoint.close(Timeout::Milliseconds(10)).unwrap();
        let code: u16 = if closed { 1001 } else { 1002 };
        let sent = parse_sent(&endpoint.fake.sent);
        assert_eq!(
            sent[1..],
            [(true, Opcode::Close, code.to_be_bytes().to_vec())]
        );
    }
}

#[test]
fn a_pong_that_the_send_buffer_does_not_hold_is_not_sent_and_the_log_says_so() {
    let mut endpoint = Endpoint::client(256);
    endpoint.fake = Fake::new(64);
    for len in [58, 59] {
        let ping = frame(true, Opcode::Ping, None, &vec![7; len]);
        endpoint.fake.peer_sends(&ping, 256);
        endpoint.receive(125).unwrap();
    }
    let pong = (true, Opcode::Pong, vec![7; 58]);
    assert_eq!(parse_sent(&endpoint.fake.sent), [pong]);
    assert_eq!(
        endpoint.fake.events,
        [crate::platform::Event::PongDropped(59)]
    );
}

/// The socket fails in the middle of the Pong that follows a large frame; a Close is to come behind it.
#[test]
fn nothing_follows_a_pong_that_was_torn() {
    let payload = pattern(3000);
    let mut last_send = 0;
    for reset_at in [0, 1] {
        let mut endpoint = Endpoint::client(64);
        endpoint.fake.room = [256].into_iter().collect();
        endpoint.fake.stuck = true;
        let begun = endpoint.send(binary(&payload, true), Timeout::None);
        assert_eq!(begun, Err(Error::Again));
        endpoint.fake.peer_sends(b"\x89\x01p\x88\x02\x03\xE8", 64);
        endpoint.receive(9).unwrap();
        endpoint.receive(9).unwrap();
        endpoint.fake.stuck = false;
        // The first round finds out which send is the Pong's, the one before the Close.
        endpoint.fake.reset_at = reset_at * last_send;
        let _ = endpoint.send(binary(&payload, true), Timeout::None);
        last_send = endpoint.fake.sends - 1;
        let frames = parse_sent(&endpoint.fake.sent).len();
        assert_eq!(frames, if reset_at == 0 { 3 } else { 1 });
    }
}

#[test]
fn the_rest_of_a_pong_is_an_end_whatever_was_given_up_before() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.stuck = true;
    let given_up = endpoint.send(binary(&pattern(3000), true), Timeout::None);
    assert_eq!(given_up, Err(Error::Again));
    endpoint.fake.stuck = false;
    endpoint.fake.room = [3].into_iter().collect();
    let ping = frame(true, Opcode::Ping, None, b"p");
    endpoint.fake.peer_sends(&ping, 64);
    endpoint.receive(9).unwrap();
    assert_eq!(endpoint.fake.parts, [Part::Whole, Part::End]);
}

#[test]
fn a_close_in_another_thread_leaves_the_rest_of_a_frame_to_be_sent() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.room = [3].into_iter().collect();
    endpoint.fake.stuck = true;
    endpoint.send(binary(b"kept", true), Timeout::None).unwrap();
    // The wait for room ends because the connection is being closed.
    let refused = endpoint.send(binary(b"next", true), Timeout::Forever);
    assert_eq!(refused, Err(Error::Aborted));
    endpoint.fake.stuck = false;
    endpoint.send(binary(b"", true), Timeout::None).unwrap();
    let kept = (true, Opcode::Binary, b"kept".to_vec());
    assert_eq!(parse_sent(&endpoint.fake.sent)[0], kept);
}

#[test]
fn a_close_that_is_cut_short_is_the_end_of_the_stream() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake = Fake::new(64);
    endpoint.fake.room = [64].into_iter().collect();
    endpoint.fake.stuck = true;
    let limit = Deadline::after(Timeout::Milliseconds(10));
    let payload = [&b"\x03\xE8"[..], &pattern(123)].concat();
    let closed = as_sender(
        &mut endpoint.fake,
        &endpoint.settings,
        limit,
        |sender, call| sender.close(call, &payload),
    );
    assert_eq!(closed, Ok(Err(Error::TimedOut)));
    let nothing_left = as_sender(
        &mut endpoint.fake,
        &endpoint.settings,
        limit,
        |sender, call| sender.answer(call),
    );
    assert_eq!(nothing_left, Ok(true), "its reason is gone");
    assert_eq!(
        endpoint.fake.events,
        [crate::platform::Event::FrameTorn(122)]
    );
}
