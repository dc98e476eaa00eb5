// SPDX-License-Identifier: Apache-2.0
//! Frames that the send buffer does not hold: in which pieces they leave, and that TCP is told which one is the last.

use super::send::{binary, pattern};
use super::*;
use crate::platform::Part::{self, End, More, Whole};

/// Octets of the larger buffer; the send buffer has 256.
const LARGE: usize = 1000;

fn client(has_large_buffer: bool) -> Endpoint {
    let mut endpoint = Endpoint::client(64);
    if has_large_buffer {
        endpoint.fake.large_buffer = vec![0; LARGE];
    }
    endpoint
}

/// How a frame of this length leaves over a socket that takes everything.
fn parts(has_large_buffer: bool, sticky_sends: bool, len: usize, mask: bool) -> Vec<Part> {
    let mut endpoint = client(has_large_buffer);
    endpoint.settings.set(Policy::STICKY_SENDS, sticky_sends);
    let payload = pattern(len);
    let sent = endpoint.send(binary(&payload, mask), Timeout::None);
    assert_eq!(sent, Ok(len));
    let whole = (true, Opcode::Binary, payload);
    assert_eq!(parse_sent(&endpoint.fake.sent), [whole]);
    endpoint.fake.parts
}

#[test]
fn only_the_last_of_several_pieces_is_the_end() {
    for mask in [true, false] {
        assert_eq!(parts(false, false, 200, mask), [Whole]);
        assert_eq!(parts(true, false, 200, mask), [Whole]);
        assert_eq!(parts(true, false, 900, mask), [Whole]);
    }
    assert_eq!(parts(false, false, 700, true), [More, More, End]);
    assert_eq!(parts(true, false, 2900, true), [More, More, End]);
    // What is left of it has a length that the send buffer holds.
    assert_eq!(parts(true, false, 1100, true), [More, End]);
    // Behind the header nothing has to be copied.
    assert_eq!(parts(false, false, 2900, false), [More, End]);
    assert_eq!(parts(true, false, 2900, false), [More, End]);
}

#[test]
fn a_socket_that_remembers_what_it_refused_is_given_pieces_of_the_send_buffer() {
    assert_eq!(parts(true, true, 700, true), [More, More, End]);
}

#[test]
fn the_rest_of_what_a_socket_took_in_part_is_the_end() {
    let mut endpoint = client(false);
    endpoint.fake.room = [3, 0, 5].into_iter().collect();
    endpoint
        .send(binary(b"small", true), Timeout::Forever)
        .unwrap();
    assert_eq!(endpoint.fake.parts, [Whole, End, End]);
    let mut endpoint = client(false);
    endpoint.fake.room = [3].into_iter().collect();
    endpoint.fake.stuck = true;
    endpoint
        .send(binary(b"small", true), Timeout::None)
        .unwrap();
    endpoint.fake.stuck = false;
    endpoint.send(binary(b"next", true), Timeout::None).unwrap();
    assert_eq!(endpoint.fake.parts, [Whole, End, Whole]);
}

#[test]
fn answers_are_sent_as_the_application_has_it() {
    let mut endpoint = client(false);
    let ping = frame(true, Opcode::Ping, None, b"p");
    endpoint.fake.peer_sends(&ping, 64);
    endpoint.receive(64).unwrap();
    assert_eq!(endpoint.fake.parts, [Whole]);
}

#[test]
fn any_sequence_of_partial_sends_through_the_larger_buffer_gives_whole_frames() {
    let payload = pattern(3000);
    let more: [&[u8]; 3] = [&payload[100..101], &payload[101..1500], &payload[1500..]];
    for mask in [true, false] {
        for room in (1..40).chain([255, 256, 257, 744, 745, 999, 1000, 1001]) {
            for timeout in [Timeout::Forever, Timeout::None] {
                for is_gathered in [false, true] {
                    let mut endpoint = client(true);
                    let rooms = [room, 0, room, 0, 0, room * 3, 1, 0];
                    endpoint.fake.room = rooms.into_iter().cycle().take(400).collect();
                    let frame = Frame {
                        payload: if is_gathered {
                            &payload[..100]
                        } else {
                            &payload
                        },
                        ..binary(&payload, mask)
                    };
                    let more: Option<&dyn Pieces> = if is_gathered { Some(&more) } else { None };
                    let mut calls = 0;
                    loop {
                        let sent = as_sender(
                            &mut endpoint.fake,
                            &endpoint.settings,
                            Deadline::after(timeout),
                            |sender, call| sender.send(call, &frame, more),
                        );
                        match sent.expect("nobody else sends") {
                            Ok(len) => break assert_eq!(len, 3000),
                            Err(error) => assert_eq!(error, Error::Again),
                        }
                        calls += 1;
                        assert!(calls < 1000);
                    }
                    endpoint.fake.room.clear();
                    endpoint.send(binary(b"next", mask), Timeout::None).unwrap();
                    let whole = (true, Opcode::Binary, payload.clone());
                    let next = (true, Opcode::Binary, b"next".to_vec());
                    assert_eq!(parse_sent(&endpoint.fake.sent), [whole, next]);
                }
            }
        }
    }
}

#[test]
fn a_large_frame_that_the_socket_does_not_take_has_never_been() {
    let mut endpoint = client(true);
    endpoint.fake.stuck = true;
    for (timeout, error) in [
        (Timeout::None, Error::Again),
        (Timeout::Milliseconds(10), Error::TimedOut),
    ] {
        let sent = endpoint.send(binary(&pattern(900), true), timeout);
        assert_eq!(sent, Err(error));
    }
    endpoint.fake.stuck = false;
    endpoint.send(binary(b"next", true), Timeout::None).unwrap();
    let next = (true, Opcode::Binary, b"next".to_vec());
    assert_eq!(parse_sent(&endpoint.fake.sent), [next]);
}
