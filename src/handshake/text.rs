// SPDX-License-Identifier: Apache-2.0
//! Where a text or a token of HTTP ends (RFC 9110 §5.5, §5.6.2).

/// The text before the first control character.
pub(super) fn text(input: &[u8]) -> &[u8] {
    start(input, |octet| {
        octet == b'\t' || (octet >= b' ' && octet != 0x7F)
    })
}

/// The token (<https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2>) that `input` starts with.
pub(super) fn token(input: &[u8]) -> &[u8] {
    start(input, |octet| {
        octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
    })
}

fn start(input: &[u8], belongs: impl Fn(u8) -> bool) -> &[u8] {
    let end = input.iter().position(|octet| !belongs(*octet));
    input.get(..end.unwrap_or(input.len())).unwrap_or(input)
}
