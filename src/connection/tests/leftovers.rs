// SPDX-License-Identifier: Apache-2.0
//! What a call leaves behind: it is announced, and a frame of a thread that is gone is nobody else's.

use super::send::{binary, pattern};
use super::*;

#[test]
fn what_is_left_is_announced_by_every_call_that_leaves_it() {
    let mut endpoint = Endpoint::client(64);
    endpoint.fake.room = [20, 0, 0, 0].into_iter().collect();
    endpoint.fake.stuck = true;
    let payload = pattern(50);
    let frame = binary(&payload, true);
    assert_eq!(endpoint.send(frame, Timeout::None), Ok(50));
    assert_eq!(endpoint.fake.left_over, 1);
    let later = endpoint.send(frame, Timeout::Milliseconds(10));
    assert_eq!(later, Err(Error::TimedOut));
    assert_eq!(endpoint.fake.left_over, 2, "the first frame is still there");
    let closed = endpoint.close(Timeout::Milliseconds(10));
    assert_eq!(closed, Err(Error::TimedOut));
    assert_eq!(endpoint.fake.left_over, 3, "and the Close with it");
}

#[test]
fn a_frame_of_a_thread_that_is_gone_is_forgotten_completed_or_torn() {
    let payload = pattern(150);
    let frame = binary(&payload, true);
    for (room, then) in [
        (vec![], Ok(150)),
        (vec![20], Err(Error::Aborted)),
        (vec![64], Err(Error::Aborted)),
    ] {
        let mut endpoint = Endpoint::client(64);
        endpoint.fake = Fake::new(64);
        endpoint.fake.room = room.into_iter().collect();
        endpoint.fake.stuck = true;
        assert_eq!(endpoint.send(frame, Timeout::None), Err(Error::Again));
        let now = Deadline::after(Timeout::None);
        as_sender(&mut endpoint.fake, &endpoint.settings, now, |sender, _| {
            sender.abandon();
        })
        .expect("nobody else sends");
        endpoint.fake.stuck = false;
        assert_eq!(endpoint.send(frame, Timeout::None), then);
        if then.is_ok() {
            let whole = (true, Opcode::Binary, payload.clone());
            assert_eq!(parse_sent(&endpoint.fake.sent), [whole]);
        }
    }
}
