// SPDX-License-Identifier: Apache-2.0
//! Masking, a word at a time and in one pass with the copy (RFC 6455 §5.3).

/// The masking-key as it applies to the next payload octet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaskingKey([u8; 4]);

impl MaskingKey {
    /// The key of a frame whose payload starts with the next octet.
    pub const fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// The key of a frame that has none: it changes nothing.
    pub const NONE: Self = Self([0; 4]);

    /// In the order they go onto the wire.
    pub const fn bytes(self) -> [u8; 4] {
        self.0
    }

    /// The key as it applies after `by` more octets: "octet i MOD 4 of the masking key"
    /// (<https://www.rfc-editor.org/rfc/rfc6455#section-5.3>).
    #[must_use]
    pub const fn rotated(self, by: usize) -> Self {
        // Octet 0 is the least significant one: turning right brings octet `by` to its place.
        let bits = (by as u32 & 3) << 3;
        Self(u32::from_le_bytes(self.0).rotate_right(bits).to_le_bytes())
    }

    /// Copies as much of `source` as `target` holds, masked (or unmasked: it is the same), and returns the key for
    /// what follows.
    #[must_use = "the next octets need the key as it is after these"]
    pub fn mask_into(self, source: &[u8], target: &mut [u8]) -> Self {
        let len = source.len().min(target.len());
        let (Some(source), Some(target)) = (source.get(..len), target.get_mut(..len)) else {
            return self;
        };
        let key = self.word();
        let (words, rest) = source.as_chunks::<WORD>();
        let (groups, words) = words.as_chunks::<GROUP>();
        let (target_words, target_rest) = target.as_chunks_mut::<WORD>();
        let (target_groups, target_words) = target_words.as_chunks_mut::<GROUP>();
        for (source, target) in groups.iter().zip(target_groups) {
            // Written out: "s" does not unroll.
            let [a, b, c, d, e, f, g, h] = source;
            let [ta, tb, tc, td, te, tf, tg, th] = target;
            *ta = masked(*a, key);
            *tb = masked(*b, key);
            *tc = masked(*c, key);
            *td = masked(*d, key);
            *te = masked(*e, key);
            *tf = masked(*f, key);
            *tg = masked(*g, key);
            *th = masked(*h, key);
        }
        for (source, target) in words.iter().zip(target_words) {
            *target = masked(*source, key);
        }
        let mut key = u32::from_le_bytes(self.0);
        for (source, target) in rest.iter().zip(target_rest) {
            *target = *source ^ key as u8;
            key = key.rotate_right(8);
        }
        Self(key.to_le_bytes())
    }

    /// Masks (or unmasks) in place and returns the key for what follows.
    pub fn mask(self, data: &mut [u8]) -> Self {
        let key = self.word();
        let (words, rest) = data.as_chunks_mut::<WORD>();
        let (groups, words) = words.as_chunks_mut::<GROUP>();
        for [a, b, c, d, e, f, g, h] in groups {
            *a = masked(*a, key);
            *b = masked(*b, key);
            *c = masked(*c, key);
            *d = masked(*d, key);
            *e = masked(*e, key);
            *f = masked(*f, key);
            *g = masked(*g, key);
            *h = masked(*h, key);
        }
        for word in words {
            *word = masked(*word, key);
        }
        let mut key = u32::from_le_bytes(self.0);
        for octet in rest {
            *octet ^= key as u8;
            key = key.rotate_right(8);
        }
        Self(key.to_le_bytes())
    }

    /// The key once or twice, as a machine word holds it.
    const fn word(self) -> usize {
        (u32::from_ne_bytes(self.0) as usize).wrapping_mul(REPEAT)
    }
}

/// A word keeps the order of its octets in memory, so that neither byte order needs a swap, and is read from any
/// address: a core that needs alignment gets the narrower loads from the compiler.
#[inline(always)]
const fn masked(source: [u8; WORD], key: usize) -> [u8; WORD] {
    (usize::from_ne_bytes(source) ^ key).to_ne_bytes()
}

/// Octets of a machine word.
const WORD: usize = size_of::<usize>();
/// Words per turn of the loop.
const GROUP: usize = 8;
/// 1 for words of 32 bits, 2^32 + 1 for words of 64.
const REPEAT: usize = usize::MAX / u32::MAX as usize;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-5.3>, word for word.
    fn reference(key: [u8; 4], data: &[u8]) -> Vec<u8> {
        (0..data.len()).map(|i| data[i] ^ key[i % 4]).collect()
    }

    #[test]
    fn the_example_of_section_5_7() {
        let mut data = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let _ = MaskingKey::new([0x37, 0xfa, 0x21, 0x3d]).mask(&mut data);
        assert_eq!(&data, b"Hello");
    }

    #[test]
    fn the_key_turns_with_a_period_of_four() {
        let key = MaskingKey::new([1, 2, 3, 4]);
        assert_eq!(key.rotated(0).bytes(), [1, 2, 3, 4]);
        assert_eq!(key.rotated(1).bytes(), [2, 3, 4, 1]);
        assert_eq!(key.rotated(2).bytes(), [3, 4, 1, 2]);
        assert_eq!(key.rotated(3).bytes(), [4, 1, 2, 3]);
        assert_eq!(key.rotated(usize::MAX), key.rotated(3));
    }

    #[test]
    fn every_length_at_every_alignment() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let data: Vec<u8> = (0..300).map(|i| (i * 7 % 251) as u8).collect();
        for start in 0..16 {
            for end in start..data.len() {
                let source = &data[start..end];
                let expected = reference(key, source);
                let mut target = [0xEE; 320];
                let place = &mut target[(end & 7)..];
                let after = MaskingKey::new(key).mask_into(source, place);
                assert_eq!(after, MaskingKey::new(key).rotated(source.len()));
                assert_eq!(&place[..source.len()], expected);
                assert!(place[source.len()..].iter().all(|octet| *octet == 0xEE));
                let mut copy = data.clone();
                assert_eq!(MaskingKey::new(key).mask(&mut copy[start..end]), after);
                assert_eq!(&copy[start..end], expected);
                assert_eq!(&copy[..start], &data[..start]);
                assert_eq!(&copy[end..], &data[end..]);
            }
        }
    }

    #[test]
    fn the_shorter_slice_limits_the_copy() {
        let key = MaskingKey::new([1, 2, 3, 4]);
        let mut short = [0; 3];
        assert_eq!(key.mask_into(&[0; 9], &mut short), key.rotated(3));
        assert_eq!(short, [1, 2, 3]);
        let mut long = [9; 3];
        assert_eq!(key.mask_into(&[0], &mut long), key.rotated(1));
        assert_eq!(long, [1, 9, 9]);
        assert_eq!(key.mask_into(&[], &mut long), key);
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            key: [u8; 4],
            data in proptest::collection::vec(any::<u8>(), 0..200),
            cuts in proptest::collection::vec(0usize..60, 0..10),
        ) {
            let expected = reference(key, &data);
            let mut target = vec![0; data.len()];
            let mut in_place = data.clone();
            let (mut copied, mut turned) = (MaskingKey::new(key), MaskingKey::new(key));
            let mut at = 0;
            for len in cuts.into_iter().chain([data.len()]) {
                let end = (at + len).min(data.len());
                copied = copied.mask_into(&data[at..end], &mut target[at..end]);
                turned = turned.mask(&mut in_place[at..end]);
                at = end;
            }
            prop_assert_eq!(&target, &expected);
            prop_assert_eq!(&in_place, &expected);
            prop_assert_eq!(copied, turned);
        }
    }
}
