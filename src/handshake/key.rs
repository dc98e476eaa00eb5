// SPDX-License-Identifier: Apache-2.0
//! The client's nonce and the server's answer to it (RFC 6455 §1.3, §4.1, §4.2.2).

use super::sha1;

/// The value of the `Sec-WebSocket-Key` header: 16 random octets in base64.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecWebSocketKey([u8; KEY_LEN]);

/// The value of the `Sec-WebSocket-Accept` header that answers a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecWebSocketAccept([u8; ACCEPT_LEN]);

impl SecWebSocketKey {
    /// <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 7: "a nonce consisting of a randomly selected 16-byte
    /// value that has been base64-encoded. The nonce MUST be selected randomly for each connection."
    pub fn new(nonce: [u8; 16]) -> Self {
        let mut key = [0; KEY_LEN];
        base64(&nonce, &mut key);
        let [.., first, second] = &mut key;
        (*first, *second) = (b'=', b'=');
        Self(key)
    }

    /// As it stands in the request.
    pub const fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// <https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2>, 5.4: the key and the GUID, "taking the SHA-1 hash of
    /// this concatenated value to obtain a 20-byte value and base64-encoding this 20-byte hash".
    ///
    /// Not inlined: its stack is free again before anything is sent.
    #[inline(never)]
    pub fn accept(&self) -> SecWebSocketAccept {
        let mut accept = [0; ACCEPT_LEN];
        base64(&sha1::digest(&self.0, GUID), &mut accept);
        let [.., last] = &mut accept;
        *last = b'=';
        SecWebSocketAccept(accept)
    }
}

impl SecWebSocketAccept {
    /// As it must stand in the response.
    pub const fn bytes(&self) -> &[u8; ACCEPT_LEN] {
        &self.0
    }
}

/// Encodes `source`, which is followed by zeros up to a group of three. The caller sets the padding.
///
/// By hand: the crate base64 brings a table for decoding, which nothing here uses. It is the oracle of the tests.
fn base64(source: &[u8], target: &mut [u8]) {
    let (quads, _) = target.as_chunks_mut::<4>();
    for (group, quad) in source.chunks(3).zip(quads) {
        let mut bits: u32 = 0;
        for index in 0..3 {
            bits = bits << 8 | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for digit in quad.iter_mut().rev() {
            *digit = ALPHABET.get(bits as usize & 0x3F).copied().unwrap_or(0);
            bits >>= 6;
        }
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const GUID: &[u8; 36] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_LEN: usize = 24;
const ACCEPT_LEN: usize = 28;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_section_1_3() {
        let key = SecWebSocketKey::new(*b"the sample nonce");
        assert_eq!(key.bytes(), b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(key.accept().bytes(), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn base64_is_what_the_crate_makes() {
        use base64::Engine;
        for len in 0..64_u8 {
            let source: Vec<u8> = (0..len).map(|i| i.wrapping_mul(151) ^ len).collect();
            let mut expected = [0; 88];
            let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
            let expected_len = engine.encode_slice(&source, &mut expected).unwrap();
            let mut target = [0; 88];
            base64(&source, &mut target);
            assert_eq!(target[..expected_len], expected[..expected_len]);
        }
    }

    #[test]
    fn the_example_of_section_4_1() {
        let nonce = core::array::from_fn(|i| i as u8 + 1);
        assert_eq!(
            SecWebSocketKey::new(nonce).bytes(),
            b"AQIDBAUGBwgJCgsMDQ4PEA=="
        );
    }
}
