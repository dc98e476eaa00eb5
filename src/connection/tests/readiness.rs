// SPDX-License-Identifier: Apache-2.0
//! Polls: they say "readable" exactly when a receive would return, whatever the octets in the socket are.

use super::*;
use crate::platform::Event;
use crate::platform::fake::Incoming;

fn stream_client(frames: &[Vec<u8>]) -> Endpoint {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.peer_sends(&frames.concat(), 64);
    endpoint
}

fn receive_data(endpoint: &mut Endpoint, len: usize) -> Result<Vec<u8>, Error> {
    let mut target = vec![0; len];
    let received =
        endpoint.receive_into(&mut target, Delivery::Data, Timeout::Milliseconds(1000))?;
    target.truncate(received.len);
    Ok(target)
}

#[test]
fn readiness_is_what_a_receive_would_find() {
    let mut endpoint = stream_client(&[
        frame(true, Opcode::Binary, None, b"1234"),
        frame(true, Opcode::Binary, None, b"5678"),
        vec![0x82],
    ]);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    endpoint.receive(2).unwrap();
    assert_eq!(endpoint.poll(), Readiness::Readable, "the first's rest");
    endpoint.receive(2).unwrap();
    assert_eq!(endpoint.poll(), Readiness::Readable, "the second frame");
    endpoint.receive(4).unwrap();
    assert_eq!(endpoint.poll(), Readiness::Nothing, "half a header");
}

#[test]
fn who_receives_octets_is_told_of_whole_frames_as_far_as_the_buffer_holds_them() {
    let mut endpoint = stream_client(&[vec![0x82, 4], b"123".to_vec()]);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    endpoint.fake.peer_sends(b"4", 1);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"1234");

    let mut endpoint = stream_client(&[vec![0x82, 126, 0, 200], vec![7; 63]]);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    endpoint.fake.peer_sends(&[7; 10], 10);
    assert_eq!(endpoint.poll(), Readiness::Readable, "the buffer is full");
    let part = receive_data(&mut endpoint, 200).unwrap();
    assert_eq!(part, [7; 73], "no wait for the rest");
    assert_eq!(endpoint.poll(), Readiness::Nothing);
}

#[test]
fn who_receives_frames_is_told_of_every_octet() {
    let mut endpoint = stream_client(&[]);
    assert_eq!(endpoint.receive(1), Err(Error::Again));
    endpoint.fake.peer_sends(&[0x82, 4, b'1'], 9);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(endpoint.receive(9).unwrap().0, b"1");
}

#[test]
#[cfg_attr(not(switch = "utf8"), ignore = "needs the switch")]
fn text_that_cannot_become_valid_is_refused_while_its_frame_is_incomplete() {
    let key = Some([1, 2, 3, 4]);
    for role in [Role::Client, Role::Server] {
        let mut octets = vec![b'a'; 40];
        octets.extend([0xC3, 0x28]);
        octets.extend([b'b'; 18]);
        let key = key.filter(|_| role == Role::Server);
        let text = frame(true, Opcode::Text, key, &octets);
        let header_len = text.len() - octets.len();
        let mut endpoint = Endpoint::new(role, 128);
        endpoint.fake.peer_sends(&text[..header_len + 41], 128);
        assert_eq!(endpoint.poll(), Readiness::Nothing);
        endpoint.fake.peer_sends(&text[header_len + 41..][..1], 128);
        assert_eq!(endpoint.poll(), Readiness::Readable);
        assert_eq!(receive_data(&mut endpoint, 99), Err(Error::Protocol));
        let sent = parse_sent(&endpoint.fake.sent);
        assert_eq!(sent, [(true, Opcode::Close, vec![0x03, 0xEF])]);
    }
}

#[test]
fn a_control_frame_longer_than_the_buffer_is_readable_while_octets_are_there() {
    let mut endpoint = Endpoint::client(2);
    assert_eq!(endpoint.receive(1), Err(Error::Again));
    endpoint.fake.peer_sends(&[0x8A, 4, 1, 2], 9);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(endpoint.receive(9).unwrap().0, [1, 2]);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    endpoint.fake.peer_sends(&[3, 4], 9);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(endpoint.receive(9).unwrap().0, [3, 4]);
}

#[test]
fn a_control_frame_longer_than_the_buffer_is_nothing_to_who_receives_octets() {
    for opcode in [Opcode::Ping, Opcode::Pong] {
        let mut endpoint = Endpoint::client(2);
        assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Again));
        let octets = frame(true, opcode, None, b"abcde");
        endpoint.fake.peer_sends(&octets[..4], 9);
        assert_eq!(endpoint.poll(), Readiness::Nothing);
        assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Again));
        endpoint.fake.peer_sends(&octets[4..], 9);
        endpoint.fake.peer_sends(b"\x82\x02hi", 9);
        assert_eq!(endpoint.poll(), Readiness::Readable);
        assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"hi");
    }
}

#[test]
fn a_part_of_a_frame_is_delivered_before_the_end() {
    for end in [Incoming::End, Incoming::Reset] {
        let mut endpoint = stream_client(&[vec![0x82, 4, b'1', b'2']]);
        endpoint.fake.incoming.push_back(end);
        for _ in 0..2 {
            assert_eq!(endpoint.poll(), Readiness::Readable);
        }
        assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"12");
        assert!(matches!(
            receive_data(&mut endpoint, 9),
            Err(Error::NotConnected | Error::Os(_))
        ));
    }
}

#[test]
fn a_stream_is_not_woken_for_pings_which_are_answered() {
    let mut endpoint = stream_client(&[
        frame(true, Opcode::Ping, None, b"there?"),
        frame(true, Opcode::Text, None, b""),
        frame(true, Opcode::Pong, None, b""),
    ]);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    let sent = parse_sent(&endpoint.fake.sent);
    assert_eq!(sent, [(true, Opcode::Pong, b"there?".to_vec())]);
    endpoint
        .fake
        .peer_sends(&frame(true, Opcode::Text, None, b"data"), 64);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"data");
}

#[test]
fn who_receives_frames_is_woken_for_every_frame() {
    let mut endpoint = stream_client(&[]);
    assert_eq!(endpoint.receive(1), Err(Error::Again));
    let frames = [
        frame(true, Opcode::Ping, None, b"a"),
        frame(true, Opcode::Text, None, b""),
    ];
    endpoint.fake.peer_sends(&frames.concat(), 64);
    for opcode in [Opcode::Ping, Opcode::Text] {
        assert_eq!(endpoint.poll(), Readiness::Readable);
        assert_eq!(endpoint.receive(9).unwrap().1.opcode, opcode);
    }
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    assert_eq!(parse_sent(&endpoint.fake.sent).len(), 1, "one pong");
}

#[test]
fn without_automatic_pongs_a_ping_is_reported_before_the_first_receive() {
    let mut endpoint = stream_client(&[frame(true, Opcode::Ping, None, b"a")]);
    endpoint.settings.set(Policy::AUTO_PONG, false);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(endpoint.receive(9).unwrap().1.opcode, Opcode::Ping);
}

#[test]
fn an_error_that_a_poll_finds_is_the_next_receives() {
    let mut endpoint = stream_client(&[vec![0xF2, 0]]);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Protocol));
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::NotConnected));
    assert_eq!(endpoint.poll(), Readiness::Ended);

    let mut endpoint = stream_client(&[]);
    endpoint.fake.incoming.push_back(Incoming::Reset);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert!(matches!(
        receive_data(&mut endpoint, 9),
        Err(Error::Os(crate::platform::fake::RESET))
    ));
}

#[test]
fn the_end_and_a_close_are_told_from_data() {
    let mut endpoint = stream_client(&[]);
    endpoint.fake.incoming.push_back(Incoming::End);
    assert_eq!(endpoint.poll(), Readiness::Ended);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::NotConnected));
    let code = endpoint.fake.shared().peer_close_code();
    assert_eq!(code, Some(crate::protocol::CloseCode::ABNORMAL));

    let mut endpoint = stream_client(&[frame(true, Opcode::Close, None, b"\x03\xE9bye")]);
    assert_eq!(endpoint.poll(), Readiness::Ended);
    let reason = |endpoint: &Endpoint| {
        let len = endpoint.fake.shared().peer_reason_len();
        endpoint
            .receiver
            .peer_reason(&endpoint.buffer, len)
            .to_vec()
    };
    assert_eq!(reason(&endpoint), b"bye");
    let (payload, received) = endpoint.receive(3).unwrap();
    assert_eq!(
        (payload.as_slice(), received.remaining),
        (&b"\x03\xE9b"[..], 2)
    );
    assert_eq!(reason(&endpoint), b"bye");
    endpoint.receive(3).unwrap();
    assert_eq!(reason(&endpoint), b"bye");
    assert_eq!(endpoint.poll(), Readiness::Ended);
    let code = endpoint.fake.shared().peer_close_code();
    assert_eq!(code, Some(crate::protocol::CloseCode::GOING_AWAY));
}

#[test]
fn the_reason_of_a_masked_close_is_readable() {
    let mut endpoint = Endpoint::new(Role::Server, 64);
    let close = frame(true, Opcode::Close, Some([1, 2, 3, 4]), b"\x03\xE8why");
    endpoint.fake.peer_sends(&close, 3);
    assert_eq!(
        receive_data(&mut endpoint, 9),
        Err(Error::NotConnected),
        "a Close is the end of the data"
    );
    let len = endpoint.fake.shared().peer_reason_len();
    assert_eq!(endpoint.receiver.peer_reason(&endpoint.buffer, len), b"why");
}

#[test]
fn a_receive_after_a_poll_does_not_wait_for_the_rest_of_a_frame() {
    for polled in [true, false] {
        let mut endpoint = stream_client(&[vec![0x82, 70], vec![7; 64]]);
        endpoint.fake.incoming.push_back(Incoming::Pause(500));
        endpoint.fake.peer_sends(&[7; 6], 6);
        if polled {
            assert_eq!(endpoint.poll(), Readiness::Readable);
        }
        let received = receive_data(&mut endpoint, 99).unwrap();
        assert_eq!(received.len(), if polled { 64 } else { 70 });
        assert_eq!(endpoint.fake.now_ms, if polled { 0 } else { 500 });
    }
}

#[test]
fn readable_octets_are_those_of_data_frames() {
    let mut endpoint = stream_client(&[
        frame(true, Opcode::Binary, None, b"1234"),
        frame(true, Opcode::Ping, None, b"no"),
        vec![0x82, 9, b'5', b'6'],
    ]);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(readable(&mut endpoint), 6);
    receive_data(&mut endpoint, 1).unwrap();
    assert_eq!(readable(&mut endpoint), 5);
}

fn readable(endpoint: &mut Endpoint) -> usize {
    let (receiver, mut call) = endpoint.parts(Timeout::None);
    receiver.readable(&mut call)
}

#[test]
fn octets_that_come_later_are_readable_too() {
    let mut endpoint = stream_client(&[frame(true, Opcode::Binary, None, b"1234")]);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(readable(&mut endpoint), 4);
    let more = frame(true, Opcode::Binary, None, b"56");
    endpoint.fake.peer_sends(&more, more.len());
    assert_eq!(readable(&mut endpoint), 6);
    endpoint.fake.incoming.push_back(Incoming::End);
    assert_eq!(readable(&mut endpoint), 6);
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"1234");
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"56");
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::NotConnected));
}

#[test]
fn frames_that_wake_nobody_are_there_when_the_end_has_been_polled_for() {
    for (opcode, name) in [(Opcode::Text, "an empty text"), (Opcode::Pong, "a pong")] {
        let mut endpoint = stream_client(&[frame(true, opcode, None, b"")]);
        endpoint.fake.incoming.push_back(Incoming::End);
        assert_eq!(endpoint.poll(), Readiness::Ended);
        let received = endpoint.receive(9).expect(name).1;
        assert_eq!((received.opcode, received.len), (opcode, 0));
        assert_eq!(endpoint.receive(9).map(|_| ()), Err(Error::NotConnected));
    }
}

#[test]
#[cfg_attr(not(switch = "counters"), ignore = "needs the switch")]
fn a_message_over_the_limit_fails_the_connection_with_1009() {
    let mut endpoint = stream_client(&[
        frame(false, Opcode::Text, None, b"12345"),
        frame(true, Opcode::Continuation, None, b"6789"),
    ]);
    endpoint.settings.max_message_len = 8;
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"12345");
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::MessageSize));
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::NotConnected));
    let sent = parse_sent(&endpoint.fake.sent);
    assert_eq!(sent, [(true, Opcode::Close, vec![0x03, 0xF1])]);
    assert!(endpoint.fake.events.contains(&Event::ProtocolError(
        crate::protocol::ProtocolError::MessageTooBig
    )));
    // Two messages of that size are not one that is too long.
    let text = frame(true, Opcode::Text, None, b"12345678");
    let mut endpoint = stream_client(&[text.clone(), text]);
    endpoint.settings.max_message_len = 8;
    for _ in 0..2 {
        assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"12345678");
    }
    assert_eq!(endpoint.fake.shared().received.read(), (2, 16));
}

#[test]
fn an_empty_frame_before_a_control_frame_that_fills_the_buffer_is_nothing_to_receive() {
    let mut endpoint = Endpoint::client(8);
    endpoint.fake.peer_sends(&[0x02], 1);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Again));
    endpoint.fake.peer_sends(b"\x00\x8A\x0Atenoct", 9);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Again));
    endpoint.fake.peer_sends(b"etso\x80\x04data", 64);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"data");
}

#[test]
fn an_error_behind_half_a_header_is_the_next_receives_too() {
    let mut endpoint = stream_client(&[vec![0x80]]);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Again));
    endpoint.fake.peer_sends(b"\x04data", 9);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Protocol));
}

#[test]
fn the_rest_of_a_control_frame_longer_than_the_buffer_is_readable_as_it_comes() {
    let mut endpoint = Endpoint::client(8);
    let pong = frame(true, Opcode::Pong, None, &[7; 100]);
    endpoint.fake.peer_sends(&pong[..20], 20);
    let mut received = 0;
    while let Ok((octets, _)) = endpoint.receive(4) {
        received += octets.len();
    }
    assert_eq!(received, 18);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    endpoint.fake.peer_sends(&pong[20..23], 3);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert_eq!(endpoint.receive(4).map(|(octets, _)| octets.len()), Ok(3));
}

#[test]
fn who_is_woken_for_less_finds_no_promise_of_before() {
    let mut endpoint = stream_client(&[frame(true, Opcode::Ping, None, b"a")]);
    endpoint.fake.shared().set_wake_for(WakeFor::Frames);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    assert!(endpoint.receiver.has_promised());
    endpoint.fake.shared().set_wake_for(WakeFor::Data);
    assert_eq!(endpoint.poll(), Readiness::Nothing);
    assert!(!endpoint.receiver.has_promised());
}

#[test]
fn fionread_leaves_the_control_frames_that_a_poll_has_found() {
    let pongs = vec![frame(true, Opcode::Pong, None, b""); 33];
    let mut endpoint = stream_client(&pongs);
    endpoint.fake.shared().set_wake_for(WakeFor::Frames);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    let (receiver, mut call) = endpoint.parts(Timeout::None);
    assert_eq!(receiver.readable(&mut call), 0);
    for _ in 0..33 {
        let (_, received) = endpoint.receive(9).expect("every pong is still there");
        assert_eq!(received.opcode, Opcode::Pong);
    }
}

#[test]
fn what_is_shut_for_reading_is_worth_a_look_until_the_end_is_received() {
    let mut endpoint = stream_client(&[]);
    assert!(endpoint.receiver.has_nothing());
    endpoint.receiver.shut_read();
    assert!(!endpoint.receiver.has_nothing());
    let (receiver, mut call) = endpoint.parts(Timeout::None);
    assert_eq!(receiver.poll(&mut call, false), Readiness::Ended);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::NotConnected));
    let mut endpoint = stream_client(&[frame(true, Opcode::Text, None, b"rest")]);
    assert_eq!(endpoint.poll(), Readiness::Readable);
    endpoint.receiver.shut_read();
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"rest");
    let (receiver, mut call) = endpoint.parts(Timeout::None);
    assert_eq!(receiver.poll(&mut call, false), Readiness::Ended);
}

/// Then a poll does not look at them by itself.
#[test]
#[cfg_attr(switch = "exact_poll", ignore = "for polls that ask the socket below")]
fn octets_of_which_a_receive_can_make_nothing_are_nothing() {
    let mut endpoint = stream_client(&[b"\x89\x0At".to_vec()]);
    assert_eq!(receive_data(&mut endpoint, 9), Err(Error::Again));
    assert!(endpoint.receiver.has_nothing());
    endpoint.fake.peer_sends(b"en octets\x82\x04da", 64);
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"da");
    endpoint.fake.peer_sends(b"ta\x82\x04data", 64);
    assert_eq!(receive_data(&mut endpoint, 9).unwrap(), b"ta");
    assert!(!endpoint.receiver.has_nothing(), "a whole frame is there");
}
