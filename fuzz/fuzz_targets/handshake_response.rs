// SPDX-License-Identifier: Apache-2.0
//! Any octets as a server's response: the verdict, and what the observer saw, are the same wherever they are cut.
//!
//! Input: one octet of seed for the cuts, then the response to the key of sixteen zeros.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zephyr_websocket::handshake::{Failure, Observer, Progress, ResponseParser, SecWebSocketKey};

#[derive(PartialEq, Eq, Debug)]
enum Seen {
    Begin,
    Status(u16, Vec<u8>),
    Field(Vec<u8>),
    Value(Vec<u8>),
    Complete,
}

/// Puts pieces together again.
#[derive(Default, PartialEq, Eq, Debug)]
struct Record(Vec<Seen>);

impl Observer for Record {
    fn message_begin(&mut self) {
        self.0.push(Seen::Begin);
    }

    fn status(&mut self, code: u16, piece: &[u8]) {
        match self.0.last_mut() {
            Some(Seen::Status(same, all)) if *same == code => all.extend(piece),
            _ => self.0.push(Seen::Status(code, piece.to_vec())),
        }
    }

    fn header_field(&mut self, piece: &[u8]) {
        assert!(!piece.is_empty());
        match self.0.last_mut() {
            Some(Seen::Field(all)) => all.extend(piece),
            _ => self.0.push(Seen::Field(piece.to_vec())),
        }
    }

    fn header_value(&mut self, piece: &[u8]) {
        match self.0.last_mut() {
            Some(Seen::Value(all)) => all.extend(piece),
            _ => self.0.push(Seen::Value(piece.to_vec())),
        }
    }

    fn headers_complete(&mut self) {
        self.0.push(Seen::Complete);
    }
}

/// Verdict with the number of octets that were the response's.
fn parse<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    record: &mut Record,
) -> Result<Option<usize>, Failure> {
    let mut parser = ResponseParser::new(&SecWebSocketKey::new([0; 16]).accept());
    let mut before = 0;
    for piece in pieces {
        match parser.push(piece, record) {
            Ok(Progress::NeedMore) => before += piece.len(),
            Ok(Progress::Done { consumed }) => {
                assert!(consumed <= piece.len());
                return Ok(Some(before + consumed));
            }
            Err(failure) => {
                let seen = record.0.len();
                assert_eq!(parser.push(b"HTTP/1.1", record), Err(failure));
                assert_eq!(
                    record.0.len(),
                    seen,
                    "something was observed after the failure"
                );
                return Err(failure);
            }
        }
    }
    Ok(None)
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
    let (mut whole, mut pieces) = (Record::default(), Record::default());
    let verdict = parse(core::iter::once(octets), &mut whole);
    let cut_verdict = parse(cut(octets, *seed), &mut pieces);
    assert_eq!(verdict, cut_verdict);
    assert_eq!(whole, pieces);
    if let Ok(Some(consumed)) = verdict {
        assert!(octets[..consumed].ends_with(b"\r\n\r\n"));
        assert!(octets.starts_with(b"HTTP/1.") && octets[8..].starts_with(b" 101"));
        assert_eq!(whole.0.last(), Some(&Seen::Complete));
    }
});
