// SPDX-License-Identifier: Apache-2.0
//! Any octets as a stream of frames: the verdict is the same wherever they are cut, and headers encode to themselves.
//!
//! Input: one octet of rules, one of seed for the cuts, then the stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zephyr_websocket::protocol::{
    Fragmentation, FrameDecoder, FrameHeader, MaskingKey, Opcode, ProtocolError, Rules,
    Utf8Validator,
};

/// A frame as it was understood.
#[derive(PartialEq, Eq, Debug)]
struct Seen {
    opcode: Opcode,
    message: Opcode,
    fin: bool,
    len: u64,
    key: Option<MaskingKey>,
}

/// What a receiver does with the layers below it.
#[derive(Default)]
struct Stream {
    decoder: FrameDecoder,
    sequence: Fragmentation,
    utf8: Utf8Validator,
    frames: Vec<Seen>,
    payload: Vec<u8>,
    header: Vec<u8>,
}

impl Stream {
    fn push(&mut self, mut piece: &[u8], rules: Rules) -> Result<(), ProtocolError> {
        while !piece.is_empty() || (self.decoder.in_payload() && self.decoder.remaining() == 0) {
            if !self.decoder.in_payload() {
                let taken = self.decoder.header(piece, rules)?;
                let complete = self.decoder.in_payload();
                assert!(
                    complete || taken == piece.len(),
                    "input left without a complete header"
                );
                self.header.extend(&piece[..taken]);
                piece = &piece[taken..];
                if complete {
                    self.begin(rules)?;
                }
                continue;
            }
            let limit = usize::try_from(self.decoder.remaining()).unwrap_or(usize::MAX);
            let (mine, behind) = piece.split_at(limit.min(piece.len()));
            piece = behind;
            self.payload(mine)?;
        }
        Ok(())
    }

    fn begin(&mut self, rules: Rules) -> Result<(), ProtocolError> {
        let decoder = &self.decoder;
        let (opcode, fin, len) = (decoder.opcode(), decoder.fin(), decoder.remaining());
        let masking_key = decoder.is_masked().then(|| decoder.masking_key());
        let mut encoded = [0; 14];
        let header = FrameHeader {
            fin,
            opcode,
            masking_key,
            payload_len: len,
        };
        let encoded_len = header.encode(&mut encoded);
        assert!(
            !rules.is_strict() || encoded[..encoded_len] == self.header,
            "encodes to something else"
        );
        self.header.clear();
        let message = self.sequence.next(opcode, fin)?;
        self.frames.push(Seen {
            opcode,
            message,
            fin,
            len,
            key: masking_key,
        });
        Ok(())
    }

    fn payload(&mut self, piece: &[u8]) -> Result<(), ProtocolError> {
        let mut plain = vec![0xEE; piece.len()];
        let key = self.decoder.masking_key();
        let after = key.mask_into(piece, &mut plain);
        let mut in_place = piece.to_vec();
        assert_eq!(key.mask(&mut in_place), after);
        assert_eq!(in_place, plain);
        self.decoder.take(piece.len(), after);
        let is_text = self
            .frames
            .last()
            .is_some_and(|frame| frame.message == Opcode::Text);
        let invalid = |_| ProtocolError::InvalidUtf8;
        if is_text {
            self.utf8.push(&plain).map_err(invalid)?;
        }
        self.payload.extend(plain);
        if self.decoder.remaining() == 0 {
            self.decoder.end();
            if is_text && self.frames.last().is_some_and(|frame| frame.fin) {
                self.utf8.finish().map_err(invalid)?;
            }
        }
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let [flags, seed, octets @ ..] = data else {
        return;
    };
    let rules = Rules::new(
        [None, Some(false), Some(true)][usize::from(flags & 3) % 3],
        flags & 4 != 0,
    );
    let mut whole = Stream::default();
    let verdict = whole.push(octets, rules);

    let mut cut = Stream::default();
    let mut cut_verdict = Ok(());
    let mut rest = octets;
    let mut state = u32::from(*seed);
    while cut_verdict.is_ok() && !rest.is_empty() {
        state = state.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F);
        let len = if *seed == 0 {
            1
        } else {
            1 + (state >> 24) as usize % 17
        };
        let (piece, behind) = rest.split_at(len.min(rest.len()));
        rest = behind;
        cut_verdict = cut.push(piece, rules);
    }
    assert_eq!(verdict, cut_verdict);
    assert_eq!(whole.frames, cut.frames);
    if verdict.is_ok() {
        assert_eq!(whole.payload, cut.payload);
    }
});
