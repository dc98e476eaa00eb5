// SPDX-License-Identifier: Apache-2.0
//! Text that arrives in pieces, refused at the first octet that no valid text can have there (RFC 6455 §8.1).

use core::str::{Utf8Error, from_utf8};

/// Validates one text message after the other. All-zero is its start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Utf8Validator {
    /// The character that the last piece left incomplete.
    carry: [u8; 3],
    carry_len: u8,
}

/// The octets are not UTF-8 (RFC 3629).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidUtf8;

impl Utf8Validator {
    /// Between two messages.
    pub const fn new() -> Self {
        Self {
            carry: [0; 3],
            carry_len: 0,
        }
    }

    /// Takes the next piece of the message.
    ///
    /// # Errors
    /// As soon as no continuation can make the message valid. The validator is at the start of a message then.
    #[inline]
    pub fn push(&mut self, piece: &[u8]) -> Result<(), InvalidUtf8> {
        let piece = if self.carry_len == 0 {
            piece
        } else {
            self.complete_carry(piece)?
        };
        match from_utf8(piece) {
            Ok(_) => Ok(()),
            Err(error) => self.keep_incomplete(piece, error),
        }
    }

    /// A character is incomplete: the message must not end here.
    pub const fn is_in_character(&self) -> bool {
        self.carry_len != 0
    }

    /// Ends the message.
    ///
    /// # Errors
    /// The message ends inside a character.
    pub const fn finish(&mut self) -> Result<(), InvalidUtf8> {
        let complete = self.carry_len == 0;
        self.carry_len = 0;
        if complete { Ok(()) } else { Err(InvalidUtf8) }
    }

    /// Adds octets to the carried character until it is complete, and returns what comes after it.
    fn complete_carry<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], InvalidUtf8> {
        let mut rest = piece;
        while let Some((octet, behind)) = rest.split_first() {
            rest = behind;
            let [first, second, third] = self.carry;
            let (character, len) = match self.carry_len {
                0 => break,
                1 => ([first, *octet, 0, 0], 2),
                2 => ([first, second, *octet, 0], 3),
                _ => ([first, second, third, *octet], 4),
            };
            self.carry_len = 0;
            let character = character.get(..len).unwrap_or(&[]);
            match from_utf8(character) {
                Ok(_) => break,
                Err(error) => self.keep_incomplete(character, error)?,
            }
        }
        Ok(rest)
    }

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-8.1>: "When an endpoint is to interpret a byte stream as
    /// UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the
    /// WebSocket Connection_." Octets that may still become a character are carried over instead.
    fn keep_incomplete(&mut self, piece: &[u8], error: Utf8Error) -> Result<(), InvalidUtf8> {
        // Core reports an "unexpected end" only if all octets up to the end can start a character.
        if error.error_len().is_some() {
            return Err(InvalidUtf8);
        }
        let incomplete = piece.get(error.valid_up_to()..).unwrap_or(&[]);
        self.carry_len = 0;
        for (carried, octet) in self.carry.iter_mut().zip(incomplete) {
            *carried = *octet;
            self.carry_len = self.carry_len.wrapping_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(pieces: &[&[u8]]) -> Result<(), InvalidUtf8> {
        let mut validator = Utf8Validator::new();
        pieces.iter().try_for_each(|piece| validator.push(piece))?;
        validator.finish()
    }

    #[test]
    fn the_state_is_four_octets() {
        assert_eq!(size_of::<Utf8Validator>(), 4);
    }

    #[test]
    fn every_character_cut_everywhere() {
        for character in [
            '\0',
            '\x7F',
            '\u{80}',
            '\u{7FF}',
            '\u{800}',
            '\u{D7FF}',
            '\u{E000}',
            '\u{FFFF}',
            '\u{10000}',
            '\u{10FFFF}',
        ] {
            let text = format!("a{character}b{character}");
            let octets = text.as_bytes();
            for first in 0..=octets.len() {
                for second in first..=octets.len() {
                    let pieces = [&octets[..first], &octets[first..second], &octets[second..]];
                    assert_eq!(verdict(&pieces), Ok(()), "{pieces:x?}");
                }
            }
            let single: Vec<&[u8]> = octets.chunks(1).collect();
            assert_eq!(verdict(&single), Ok(()));
        }
    }

    #[test]
    fn refused_at_the_first_octet_that_cannot_continue() {
        // All octets but the last one are the start of a valid text; with the last one nothing is.
        let vectors: [&[u8]; 22] = [
            b"\x80",
            b"\xBF",
            b"\xC0",
            b"\xC1",
            b"\xF5",
            b"\xFF",
            b"\xFE",
            b"\xC2\x7F",
            b"\xC2\xC2",
            b"\xDF\xC0",
            b"\xE0\x9F",
            b"\xED\xA0",
            b"\xEF\xC0",
            b"\xE2\x82\x7F",
            b"\xE2\x82\xC0",
            b"\xF0\x8F",
            b"\xF4\x90",
            b"\xF1\x7F",
            b"\xF0\x90\x7F",
            b"\xF0\x90\x80\x7F",
            b"\xF0\x90\x80\xC0",
            b"Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!\xED\xA0",
        ];
        for vector in vectors {
            for cut in 0..vector.len() {
                let mut validator = Utf8Validator::new();
                assert_eq!(validator.push(&vector[..cut]), Ok(()), "{vector:x?}");
                assert_eq!(
                    validator.push(&vector[cut..]),
                    Err(InvalidUtf8),
                    "{vector:x?}"
                );
            }
            let mut validator = Utf8Validator::new();
            let (last, before) = vector.split_last().unwrap();
            for octet in before {
                assert_eq!(validator.push(&[*octet]), Ok(()), "{vector:x?}");
            }
            assert_eq!(validator.push(&[*last]), Err(InvalidUtf8), "{vector:x?}");
        }
    }

    #[test]
    fn a_message_must_not_end_inside_a_character() {
        for text in ["\u{80}", "\u{800}", "\u{10000}"] {
            for len in 1..text.len() {
                let mut validator = Utf8Validator::new();
                assert_eq!(validator.push(&text.as_bytes()[..len]), Ok(()));
                assert_eq!(validator.push(&[]), Ok(()));
                assert_eq!(validator.finish(), Err(InvalidUtf8));
                assert_eq!(validator.push(b"next message"), Ok(()));
                assert_eq!(validator.finish(), Ok(()));
            }
        }
    }

    proptest! {
        #[test]
        fn the_verdict_is_cores_whatever_the_cut(
            octets in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..24),
                proptest::collection::vec(prop_oneof![Just(0xF4), Just(0x8F), Just(0xBF), Just(0xE2), Just(0x82), Just(0xC3), Just(0x61)], 0..24),
                any::<String>().prop_map(String::into_bytes),
            ],
            cuts in proptest::collection::vec(0usize..6, 0..24),
        ) {
            let mut pieces = Vec::new();
            let mut rest = &octets[..];
            for cut in cuts {
                let (piece, behind) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            pieces.push(rest);
            prop_assert_eq!(verdict(&pieces).is_ok(), from_utf8(&octets).is_ok());
            // And as early as core can know.
            let hopeless_at = from_utf8(&octets).err().filter(|e| e.error_len().is_some()).map(|_| {
                (0..octets.len()).find(|end| from_utf8(&octets[..=*end]).is_err_and(|e| e.error_len().is_some())).unwrap()
            });
            let mut validator = Utf8Validator::new();
            prop_assert_eq!(octets.iter().position(|octet| validator.push(&[*octet]).is_err()), hopeless_at);
        }
    }
}
