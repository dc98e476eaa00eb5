// SPDX-License-Identifier: Apache-2.0
//! SHA-1 of a key and the GUID: 60 octets, which are two blocks (RFC 3174).
//!
//! By hand: `sha1_smol` costs 3 KB of flash more on Cortex-M, and its `update` and `digest` have panics that only some
//! optimisation levels remove. It is the oracle of the tests.

/// Octets of the key, of the GUID, and bits of both together.
const KEY_LEN: usize = 24;
const GUID_LEN: usize = 36;
const INPUT_BITS: u32 = 480;

/// Words of a block.
const BLOCK: usize = 16;
/// Rounds that share a function and a constant.
const ROUNDS: usize = 20;
/// The words of that many rounds, and behind which 16 they come: the schedule is made of no others.
type Window = [u32; BLOCK + ROUNDS];

/// The hash of the key with the GUID behind it.
pub(super) fn digest(key: &[u8; KEY_LEN], guid: &[u8; GUID_LEN]) -> [u8; 20] {
    let mut state = [
        0x6745_2301_u32,
        0xEFCD_AB89,
        0x98BA_DCFE,
        0x1032_5476,
        0xC3D2_E1F0,
    ];
    // The input's words, the end mark, and zeros up to the length in bits: two blocks.
    let mut window: Window = [0; BLOCK + ROUNDS];
    let words = key.as_chunks::<4>().0.iter().chain(guid.as_chunks::<4>().0);
    let [.., end_mark, _, _, _, _] = &mut window;
    *end_mark = 0x8000_0000;
    for (target, word) in window.iter_mut().skip(BLOCK).zip(words) {
        *target = u32::from_be_bytes(*word);
    }
    compress(&mut state, &mut window);
    window = [0; BLOCK + ROUNDS];
    let [.., len, _, _, _, _] = &mut window;
    *len = INPUT_BITS;
    compress(&mut state, &mut window);

    let mut output = [0; 20];
    let (quads, _) = output.as_chunks_mut::<4>();
    for (target, word) in quads.iter_mut().zip(state) {
        *target = word.to_be_bytes();
    }
    output
}

/// RFC 3174 §6.1: one block, in 80 rounds. The schedule is made for 20 of them at a time: all of it would be a third
/// of the stack that connecting takes, and an index modulo 16 in every round would cost more than the rounds.
fn compress(state: &mut [u32; 5], window: &mut Window) {
    let mut working = *state;
    extend(window, BLOCK + BLOCK);
    rounds(&mut working, window, 0x5A82_7999, |b, c, d| {
        d ^ (b & (c ^ d))
    });
    advance(window);
    rounds(&mut working, window, 0x6ED9_EBA1, |b, c, d| b ^ c ^ d);
    advance(window);
    rounds(&mut working, window, 0x8F1B_BCDC, |b, c, d| {
        (b & c) | (d & (b | c))
    });
    advance(window);
    rounds(&mut working, window, 0xCA62_C1D6, |b, c, d| b ^ c ^ d);
    for (total, value) in state.iter_mut().zip(working) {
        *total = total.wrapping_add(value);
    }
}

/// Turns the window to the next 20 rounds.
#[inline(never)]
fn advance(window: &mut Window) {
    window.copy_within(ROUNDS.., 0);
    extend(window, BLOCK);
}

/// Makes the words from this index on.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "every index is in 16..36"
)]
#[inline(always)]
fn extend(window: &mut Window, first: usize) {
    for t in first..BLOCK + ROUNDS {
        window[t] =
            (window[t - 3] ^ window[t - 8] ^ window[t - 14] ^ window[t - 16]).rotate_left(1);
    }
}

/// The 20 rounds that share a function and a constant.
#[inline(always)]
fn rounds(
    working: &mut [u32; 5],
    window: &Window,
    constant: u32,
    function: impl Fn(u32, u32, u32) -> u32,
) {
    let [mut a, mut b, mut c, mut d, mut e] = *working;
    for word in window.iter().skip(BLOCK) {
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
        fn it_is_what_sha1_smol_says(key: [u8; KEY_LEN], low: [u8; 18], high: [u8; 18]) {
            let guid = core::array::from_fn(|i| low.iter().chain(&high).copied().nth(i).unwrap_or(0));
            let expected = sha1_smol::Sha1::from([key.as_slice(), &guid].concat());
            prop_assert_eq!(digest(&key, &guid), expected.digest().bytes());
        }
    }
}
