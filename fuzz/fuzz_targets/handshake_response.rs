// SPDX-License-Identifier: Apache-2.0
//! Any octets as a server's response: the verdict, and what the observer saw, are the same wherever they are cut.
//!
//! Input: one octet of seed for the cuts, whose top bit wants a body, then the response to the key of sixteen zeros,
//! which offers "chat" and "superchat".
#![no_main]

use libfuzzer_sys::fuzz_target;
use zephyr_websocket::handshake::{
    Failure, Observer, Progress, ResponseParser, SecWebSocketKey, Seen,
};

/// Puts pieces together again.
#[derive(Default, PartialEq, Eq, Debug)]
struct Record {
    seen: Vec<(Seen, u32, Vec<u8>)>,
    wants_body: bool,
}

impl Observer for Record {
    fn observe(&mut self, seen: Seen, octets: &[u8], number: u32) {
        match self.seen.last_mut() {
            Some((last, _, all)) if *last == seen => {
                assert!(!octets.is_empty() || all.is_empty());
                all.extend(octets);
            }
            _ => self.seen.push((seen, number, octets.to_vec())),
        }
    }

    fn wants_body(&self) -> bool {
        self.wants_body
    }
}

/// Verdict with the number of octets that were the response's.
fn parse<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    record: &mut Record,
) -> Result<Option<usize>, Failure> {
    let accept = SecWebSocketKey::new([0; 16]).accept();
    let mut text = [0; 28];
    let mut parser = ResponseParser::new(&accept, Some(b"chat,superchat,"), &mut text);
    let mut before = 0;
    for piece in pieces {
        match parser.push(piece, record) {
            Ok(Progress::NeedMore) => before += piece.len(),
            Ok(Progress::Done { consumed }) => {
                assert!(consumed <= piece.len());
                return Ok(Some(before + consumed));
            }
            Err(failure) => return Err(failure),
        }
    }
    parser.end(record);
    parser.refusal().map_or(Ok(None), Err)
}

fn cut<'a>(mut rest: &'a [u8], seed: u8) -> impl Iterator<Item = &'a [u8]> {
    let mut state = u32::from(seed);
    core::iter::from_fn(move || {
        state = state.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F);
        let len = if seed == 0 {
            1
        } else {
            1 + (state >> 24) as usize % 23
        };
        let (piece, behind) = rest.split_at(len.min(rest.len()));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

fuzz_target!(|data: &[u8]| {
    let [seed, octets @ ..] = data else { return };
    let record = || Record {
        seen: Vec::new(),
        wants_body: seed & 0x80 != 0,
    };
    let (mut whole, mut pieces) = (record(), record());
    let verdict = parse(core::iter::once(octets), &mut whole);
    let cut_verdict = parse(cut(octets, seed & 0x7F), &mut pieces);
    assert_eq!(verdict, cut_verdict);
    assert_eq!(whole, pieces);
    let begun = whole
        .seen
        .iter()
        .filter(|(seen, ..)| *seen == Seen::MessageBegin);
    assert!(begun.count() <= 1, "an interim response was seen");
    let body: usize = whole
        .seen
        .iter()
        .filter(|(seen, ..)| *seen == Seen::Body)
        .map(|(.., octets)| octets.len())
        .sum();
    match verdict {
        Ok(Some(consumed)) => {
            assert!(octets[..consumed].ends_with(b"\r\n\r\n"));
            assert_eq!(whole.seen[0].1, 101);
            assert!(matches!(
                whole.seen.last(),
                Some((Seen::HeadersComplete, ..))
            ));
            assert_eq!(body, 0);
        }
        Err(Failure::Status(status)) => {
            assert_eq!(whole.seen[0].1, u32::from(status));
            assert!(body <= 64 * 1024);
        }
        _ => assert_eq!(body, 0),
    }
});
