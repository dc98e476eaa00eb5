// SPDX-License-Identifier: Apache-2.0
//! SHA-1 of one key and the GUID: 60 octets, which are two blocks (RFC 3174).
//!
//! By hand: `sha1_smol` costs 3 KB of flash more on Cortex-M, and its `update` and `digest` have panics that only some
//! optimisation levels remove. It is the oracle of the tests.

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

/// RFC 3174 §6.1: one block of 80 rounds. The schedule is extended first: an index modulo 16 in every round would
/// cost more than the rounds themselves.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every index is in 0..80"
)]
fn compress(state: &mut [u32; 5], block: [u32; 16]) {
    let mut schedule = [0; 80];
    for (word, value) in schedule.iter_mut().zip(block) {
        *word = value;
    }
    for t in 16..80 {
        schedule[t] = (schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16])
            .rotate_left(1);
    }
    let mut working = *state;
    let [first, second, third, fourth] = split(&schedule);
    rounds(&mut working, first, 0x5A82_7999, |b, c, d| {
        d ^ (b & (c ^ d))
    });
    rounds(&mut working, second, 0x6ED9_EBA1, |b, c, d| b ^ c ^ d);
    rounds(&mut working, third, 0x8F1B_BCDC, |b, c, d| {
        (b & c) | (d & (b | c))
    });
    rounds(&mut working, fourth, 0xCA62_C1D6, |b, c, d| b ^ c ^ d);
    for (total, value) in state.iter_mut().zip(working) {
        *total = total.wrapping_add(value);
    }
}

fn split(schedule: &[u32; 80]) -> [&[u32]; 4] {
    let (quarters, _) = schedule.as_chunks::<20>();
    match quarters {
        [first, second, third, fourth] => [first, second, third, fourth],
        _ => [&[]; 4],
    }
}

/// The 20 rounds that share a function and a constant.
#[inline(always)]
fn rounds(
    working: &mut [u32; 5],
    words: &[u32],
    constant: u32,
    function: impl Fn(u32, u32, u32) -> u32,
) {
    let [mut a, mut b, mut c, mut d, mut e] = *working;
    for word in words {
        let turned = a
            .rotate_left(5)
            .wrapping_add(function(b, c, d))
            .wrapping_add(e)
            .wrapping_add(constant)
            .wrapping_add(*word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, turned);
    }
    *working = [a, b, c, d, e];
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
