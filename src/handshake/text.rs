// SPDX-License-Identifier: Apache-2.0
//! Where a text or a token of HTTP ends (RFC 9110 §5.5, §5.6.2).

/// What [`split_text`] and [`split_token`] return: the octets before the end of the text or token, and if it has an
/// end in the input, the octet that ends it and what follows.
pub(super) type Split<'a> = (&'a [u8], Option<(u8, &'a [u8])>);

/// The text before the first control character. Not inlined: it is used twice.
#[inline(never)]
pub(super) fn split_text(input: &[u8]) -> Split<'_> {
    // Most of a response is printable ASCII: whole words of it are passed over first.
    let (words, _) = input.as_chunks::<WORD>();
    let clean = words.iter().take_while(|word| is_printable(**word)).count();
    let mut len = clean.saturating_mul(WORD);
    for octet in input.get(len..).unwrap_or(&[]) {
        if (*octet < b' ' && *octet != b'\t') || *octet == 0x7F {
            break;
        }
        len = len.saturating_add(1);
    }
    split_behind(input, len)
}

/// The token (<https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>) that `input` starts with.
pub(super) fn split_token(input: &[u8]) -> Split<'_> {
    let mut len: usize = 0;
    for octet in input {
        // Letters first: most names have little else.
        let is_letter = (*octet | LOWER_CASE).wrapping_sub(b'a') < 26;
        if !is_letter
            && !matches!(*octet, b'-' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'.' | b'^'..=b'`' | b'|' | b'~')
        {
            break;
        }
        len = len.saturating_add(1);
    }
    split_behind(input, len)
}

fn split_behind(input: &[u8], len: usize) -> Split<'_> {
    match input.split_at_checked(len) {
        Some((piece, rest)) => (
            piece,
            rest.split_first().map(|(end, behind)| (*end, behind)),
        ),
        None => (input, None),
    }
}

/// Whether all octets are in 0x20–0x7E. Only the first one that is not matters: up to it nothing is carried or
/// borrowed from one octet to the next.
const fn is_printable(word: [u8; WORD]) -> bool {
    const EACH: usize = usize::MAX / 0xFF;
    let word = usize::from_le_bytes(word);
    let below = word.wrapping_sub(EACH.wrapping_mul(0x20));
    let delete = word.wrapping_add(EACH);
    (word | below | delete) & EACH.wrapping_mul(0x80) == 0
}

const WORD: usize = size_of::<usize>();

/// Turns a letter into lower case, and leaves the hyphen as it is. No other token becomes one of these.
pub(super) const LOWER_CASE: u8 = 0x20;
