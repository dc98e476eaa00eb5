// SPDX-License-Identifier: Apache-2.0
//! Masking and UTF-8 alone, beside what cannot be beaten: a copy, and core's own validation.

use std::hint::black_box;

use zephyr_websocket::protocol::{MaskingKey, Utf8Validator};

use crate::Case;

const LEN: usize = 65536;
/// The pieces of the UTF-8 cases: a segment of the smallest MTU.
const PIECE: usize = 536;

/// 64 KiB copied and masked in one pass.
pub fn masking() {
    let source: Vec<u8> = (0..LEN).map(|i| i as u8).collect();
    let mut target = vec![0; LEN];
    let name = "mask and copy 64 KiB";
    Case {
        name,
        who: "ours",
        n: 4,
    }
    .run(|n| {
        for _ in 0..n {
            let key = MaskingKey::new(black_box([1, 2, 3, 4]));
            black_box(key.mask_into(black_box(&source), &mut target));
        }
    });
    Case {
        name,
        who: "memcpy",
        n: 4,
    }
    .run(|n| {
        for _ in 0..n {
            target.copy_from_slice(black_box(&source));
            black_box(target.as_ptr());
        }
    });
}

/// 64 KiB of text in pieces that cut characters.
pub fn utf8() {
    let ascii = "The quick brown fox jumps over the lazy dog. ".repeat(LEN / 45);
    let mixed =
        "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ".repeat(LEN / 128);
    let dense =
        "Съешь же ещё этих мягких французских булок, да выпей чаю. 日本語 😀 ".repeat(LEN / 256);
    for (name, text) in [
        ("UTF-8, ASCII", ascii),
        ("UTF-8, some accents", mixed),
        ("UTF-8, little ASCII", dense),
    ] {
        // Core cannot go on inside a character: its pieces are as long, but end between two.
        let mut whole = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
            whole.push(piece.as_bytes());
            rest = behind;
        }
        Case {
            name,
            who: "ours",
            n: 2,
        }
        .run(|n| {
            for _ in 0..n {
                let mut validator = Utf8Validator::new();
                for piece in text.as_bytes().chunks(PIECE) {
                    assert!(validator.push(black_box(piece)).is_ok());
                }
                assert!(validator.finish().is_ok());
            }
        });
        Case {
            name,
            who: "core",
            n: 2,
        }
        .run(|n| {
            for _ in 0..n {
                for piece in &whole {
                    assert!(core::str::from_utf8(black_box(piece)).is_ok());
                }
            }
        });
    }
}
