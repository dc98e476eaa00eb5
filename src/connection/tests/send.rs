// SPDX-License-Identifier: Apache-2.0
//! Sending: one send for what fits, never a torn frame, every partial send.

use super::*;

fn binary(payload: &[u8], mask: bool) -> Frame<'_> {
    Frame {
        opcode: Opcode::Binary,
        fin: true,
        mask,
        payload,
    }
}

fn pattern(len: usize) -> Vec<u8> {
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
fn a_large_frame_that_cannot_be_finished_breaks_the_send_half_for_good() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.room = [256, 10].into_iter().collect();
    endpoint.fake.stuck = true;
    let sent = endpoint.send(binary(&pattern(1000), true), Timeout::Milliseconds(10));
    assert_eq!(sent, Err(Error::Aborted));
    assert!(
        endpoint.fake.now_ms >= 1000,
        "it was waited for beyond the caller's time"
    );
    endpoint.fake.stuck = false;
    let taken = endpoint.fake.sent.len();
    assert_eq!(
        endpoint.send(binary(b"next", true), Timeout::Forever),
        Err(Error::Aborted)
    );
    assert_eq!(
        endpoint.fake.sent.len(),
        taken,
        "nothing may follow a torn frame"
    );
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
fn one_grace_time_serves_all_the_pieces_of_a_frame() {
    let mut endpoint = Endpoint::client(64);
    // The socket takes a little, then makes the caller wait, again and again.
    endpoint.fake.room = [100, 0].into_iter().cycle().take(400).collect();
    endpoint.fake.stuck = true;
    let sent = endpoint.send(binary(&pattern(100_000), true), Timeout::Milliseconds(10));
    assert_eq!(sent, Err(Error::Aborted));
    assert!(
        endpoint.fake.now_ms <= 10 + 1000 + 400,
        "{}",
        endpoint.fake.now_ms
    );
}

#[test]
fn the_end_of_a_frame_is_waited_for_where_its_beginning_was() {
    let mut endpoint = Endpoint::client(64);
    let payload = pattern(500);
    // Refused in the middle of the first piece, and again before the last one.
    endpoint.fake.room = [10, 0, 1000, 0, 1000].into_iter().collect();
    endpoint.fake.stuck = true;
    let sent = endpoint.send(binary(&payload, true), Timeout::None);
    assert_eq!(sent, Ok(payload.len()));
    let whole = (true, Opcode::Binary, payload);
    assert_eq!(parse_sent(&endpoint.fake.sent), [whole]);
}

#[test]
fn a_socket_that_remembers_what_it_refused_is_given_the_same_octets_again() {
    let mut endpoint = Endpoint::client(64);
    endpoint.settings.sticky_sends = true;
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

#[test]
fn a_ping_that_cannot_be_answered_in_no_time_is_answered_by_the_next_call() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.room = [3].into_iter().collect();
    endpoint.fake.stuck = true;
    endpoint.send(binary(b"kept", true), Timeout::None).unwrap();
    endpoint
        .fake
        .peer_sends(&frame(true, Opcode::Ping, None, b"p"), 64);
    assert_eq!(endpoint.receive(64).err(), Some(Error::Again));
    endpoint.fake.stuck = false;
    assert_eq!(endpoint.receive(64).unwrap().1.opcode, Opcode::Ping);
    let sent = parse_sent(&endpoint.fake.sent);
    assert_eq!(sent.last(), Some(&(true, Opcode::Pong, b"p".to_vec())));
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
