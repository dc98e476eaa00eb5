// SPDX-License-Identifier: Apache-2.0
//! SHA-1 of one key and the GUID: 60 octets, which are two blocks (RFC 3174).
//!
//! By hand, because nothing in the registry fits: `sha1_smol` leaves the panics of `update` and `digest` in the object on
//! thumbv7m at every optimisation level, and costs 3 KB of flash. It is the oracle of the tests.

/// Octets hashed: 24 of the key and 36 of the GUID.
const INPUT_LEN: usize = 60;
const INPUT_BITS: u32 = 480;

/// The hash of exactly [`INPUT_LEN`] octets.
pub(super) fn digest(input: &[u8; INPUT_LEN]) -> [u8; 20] {
    let mut state = [
        0x6745_2301_u32,
        0xEFCD_AB89,
        0x98BA_DCFE,
        0x1032_5476,
        0xC3D2_E1F0,
    ];
    // The input's words, the end mark, and zeros up to the length in bits: two blocks.
    let mut first = [0_u32; 16];
    let (words, _) = input.as_chunks::<4>();
    for (target, word) in first.iter_mut().zip(words) {
        *target = u32::from_be_bytes(*word);
    }
    first[15] = 0x8000_0000;
    let mut second = [0_u32; 16];
    second[15] = INPUT_BITS;
    compress(&mut state, first);
    compress(&mut state, second);

    let mut output = [0; 20];
    let (quads, _) = output.as_chunks_mut::<4>();
    for (target, word) in quads.iter_mut().zip(state) {
        *target = word.to_be_bytes();
    }
    output
}

/// RFC 3174 §6.2: one block of 80 rounds over a schedule of 16 words that is extended in place.
#[expect(clippy::indexing_slicing, reason = "every index is modulo the length")]
fn compress(state: &mut [u32; 5], mut schedule: [u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for round in 0..80_usize {
        let (function, constant) = match round {
            0..20 => (d ^ (b & (c ^ d)), 0x5A82_7999),
            20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
            40..60 => ((b & c) | (d & (b | c)), 0x8F1B_BCDC_u32),
            _ => (b ^ c ^ d, 0xCA62_C1D6),
        };
        let word = schedule[round % 16];
        let next = word
            ^ schedule[round.wrapping_add(2) % 16]
            ^ schedule[round.wrapping_add(8) % 16]
            ^ schedule[round.wrapping_add(13) % 16];
        schedule[round % 16] = next.rotate_left(1);
        let rotated = a
            .rotate_left(5)
            .wrapping_add(function)
            .wrapping_add(e)
            .wrapping_add(constant)
            .wrapping_add(word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, rotated);
    }
    for (total, value) in state.iter_mut().zip([a, b, c, d, e]) {
        *total = total.wrapping_add(value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_sha1_smol_says(head: [u8; 32], tail: [u8; 28]) {
            let mut input = [0; INPUT_LEN];
            input[..32].copy_from_slice(&head);
            input[32..].copy_from_slice(&tail);
            prop_assert_eq!(digest(&input), sha1_smol::Sha1::from(input).digest().bytes());
        }
    }
}
