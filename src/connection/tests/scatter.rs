// SPDX-License-Identifier: Apache-2.0
//! Receives into several pieces and past the end of a frame; sends from several pieces.

use super::*;
use crate::platform::fake::Incoming;

fn receive(
    endpoint: &mut Endpoint,
    lens: [usize; 3],
    peek: bool,
    extent: Extent,
) -> Result<(Vec<u8>, Received), Error> {
    let mut memory = lens.map(|len| vec![0; len]);
    let mut pieces = memory.each_mut().map(Vec::as_mut_slice);
    let wanted = Wanted {
        peek,
        ends: false,
        extent,
    };
    let (receiver, mut call) = endpoint.parts(Timeout::Milliseconds(100));
    let received = receiver.receive_pieces(&mut call, &mut pieces, wanted)?;
    let mut octets = memory.concat();
    octets.truncate(received.len);
    Ok((octets, received))
}

fn two_messages() -> Endpoint {
    let mut endpoint = Endpoint::new(Role::Server, 32);
    let key = Some([9, 8, 7, 6]);
    let stream = [
        frame(false, Opcode::Text, key, b"one "),
        frame(true, Opcode::Ping, key, b""),
        frame(true, Opcode::Continuation, key, b"message"),
        frame(true, Opcode::Binary, key, b"two"),
    ]
    .concat();
    endpoint.fake.peer_sends(&stream, 7);
    endpoint
}

#[test]
fn one_frame_fills_piece_after_piece() {
    let mut endpoint = two_messages();
    let (octets, received) = receive(&mut endpoint, [1, 0, 9], false, Extent::Frame).unwrap();
    assert_eq!(octets, b"one ");
    assert_eq!((received.fin, received.remaining), (false, 0));
    let (octets, received) = receive(&mut endpoint, [2, 2, 0], false, Extent::Frame).unwrap();
    assert_eq!(octets, b"mess");
    assert_eq!(
        (received.message, received.fin, received.remaining),
        (Opcode::Text, true, 3)
    );
}

#[test]
fn a_message_is_collected_up_to_its_end() {
    let mut endpoint = two_messages();
    let (octets, received) = receive(&mut endpoint, [4, 30, 30], false, Extent::Message).unwrap();
    assert_eq!(octets, b"one message");
    assert_eq!((received.message, received.fin), (Opcode::Text, true));
    let (octets, received) = receive(&mut endpoint, [4, 30, 30], false, Extent::Message).unwrap();
    assert_eq!(
        (octets.as_slice(), received.message),
        (&b"two"[..], Opcode::Binary)
    );
}

/// What Python's websockets sends at the end of a message that it sends in fragments.
#[test]
fn a_message_may_end_with_a_frame_without_octets() {
    for ends in [false, true] {
        let mut endpoint = Endpoint::client(32);
        let stream = [
            frame(false, Opcode::Text, None, b"one"),
            frame(true, Opcode::Continuation, None, b""),
            frame(true, Opcode::Binary, None, b""),
            frame(true, Opcode::Binary, None, b"two"),
        ]
        .concat();
        endpoint.fake.peer_sends(&stream, 7);
        let mut seen = Vec::new();
        let mut target = [0; 9];
        let wanted = Wanted {
            peek: false,
            ends,
            extent: Extent::Message,
        };
        loop {
            let (receiver, mut call) = endpoint.parts(Timeout::None);
            let targets = &mut [&mut target[..]];
            let Ok(received) = receiver.receive_pieces(&mut call, targets, wanted) else {
                break;
            };
            assert!(received.fin);
            seen.push((received.message, received.len));
            if ends && seen.len() == 1 {
                assert_eq!(endpoint.poll(), Readiness::Readable, "an empty message");
            }
        }
        let empty: &[_] = if ends { &[(Opcode::Binary, 0)] } else { &[] };
        let expected = [&[(Opcode::Text, 3)], empty, &[(Opcode::Binary, 3)]].concat();
        assert_eq!(seen, expected);
    }
}

#[test]
fn memory_is_filled_across_messages() {
    let mut endpoint = two_messages();
    endpoint.fake.incoming.push_back(Incoming::End);
    let (octets, _) = receive(&mut endpoint, [5, 0, 7], false, Extent::Full).unwrap();
    assert_eq!(octets, b"one messaget");
    let (octets, _) = receive(&mut endpoint, [5, 0, 7], false, Extent::Full).unwrap();
    assert_eq!(octets, b"wo", "the end comes first");
    let end = receive(&mut endpoint, [5, 0, 7], false, Extent::Full);
    assert_eq!(end.unwrap_err(), Error::NotConnected);
}

#[test]
fn what_was_received_before_an_error_is_delivered_and_the_error_comes_next() {
    let mut endpoint = two_messages();
    endpoint.fake.peer_sends(&[0xF1, 0x80], 2);
    let (octets, _) = receive(&mut endpoint, [20, 20, 20], false, Extent::Full).unwrap();
    assert_eq!(octets, b"one messagetwo");
    let errors = [Error::Protocol, Error::NotConnected];
    for error in errors {
        let result = receive(&mut endpoint, [20, 20, 20], false, Extent::Full);
        assert_eq!(result.unwrap_err(), error);
    }
}

#[test]
fn a_peek_fills_the_pieces_and_takes_nothing() {
    let mut endpoint = two_messages();
    endpoint.poll();
    for _ in 0..2 {
        let (octets, _) = receive(&mut endpoint, [1, 1, 9], true, Extent::Frame).unwrap();
        assert!(b"one ".starts_with(&octets) && !octets.is_empty());
    }
    let (octets, _) = receive(&mut endpoint, [9, 0, 0], false, Extent::Frame).unwrap();
    assert_eq!(octets, b"one ");
}

#[test]
fn no_room_is_invalid() {
    let result = receive(&mut two_messages(), [0; 3], false, Extent::Frame);
    assert_eq!(result.unwrap_err(), Error::Invalid);
}

/// One frame whatever the pieces: every cut of a payload gives the octets of the whole.
#[test]
fn a_payload_in_pieces_is_one_frame() {
    let payload: Vec<u8> = (0..=255).cycle().take(700).collect();
    for mask in [true, false] {
        for cut in [0, 1, 3, 118, 120, 121, 122, 250, 699, 700] {
            for second_len in [0, 1, 255, 256, 257] {
                let (first, rest) = payload.split_at(cut);
                let (second, third) = rest.split_at(second_len.min(rest.len()));
                let mut endpoint = Endpoint::client(64);
                endpoint.fake = Fake::new(128);
                let frame = Frame {
                    opcode: Opcode::Binary,
                    fin: true,
                    mask,
                    payload: first,
                };
                let now = Deadline::after(Timeout::None);
                let more = [second, &[], third];
                let sent = as_sender(
                    &mut endpoint.fake,
                    &endpoint.settings,
                    now,
                    |sender, call| sender.send(call, &frame, Some(&more)),
                );
                assert_eq!(sent, Ok(Ok(payload.len())));
                let frames = parse_sent(&endpoint.fake.sent);
                assert_eq!(frames, [(true, Opcode::Binary, payload.clone())]);
            }
        }
    }
}

#[test]
fn close_code_and_reason_are_one_frame() {
    let mut endpoint = Endpoint::client(64);
    let now = Deadline::after(Timeout::None);
    let closed = as_sender(
        &mut endpoint.fake,
        &endpoint.settings,
        now,
        |sender, call| sender.close(call, b"\x0F\xA1why not"),
    );
    assert_eq!(closed, Ok(Ok(())));
    assert!(endpoint.fake.shared().close_sent());
    let frames = parse_sent(&endpoint.fake.sent);
    assert_eq!(frames, [(true, Opcode::Close, b"\x0F\xA1why not".to_vec())]);
}
