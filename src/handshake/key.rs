// SPDX-License-Identifier: Apache-2.0
//! The client's nonce and the server's answer to it (RFC 6455 §1.3, §4.1, §4.2.2).

use super::sha1;
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD};

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
fn base64(source: &[u8], target: &mut [u8]) {
    let (groups, rest) = source.as_chunks::<3>();
    let mut last = [0; 3];
    for (octet, value) in last.iter_mut().zip(rest) {
        *octet = *value;
    }
    let (quads, _) = target.as_chunks_mut::<4>();
    for (group, quad) in groups.iter().chain([&last]).zip(quads) {
        // One group at a time: with sizes known to the compiler no panic stays in the object.
        let _ = ENGINE.encode_slice(group, quad);
    }
}

const ENGINE: GeneralPurpose = STANDARD_NO_PAD;
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
    fn the_example_of_section_4_1() {
        let nonce = core::array::from_fn(|i| i as u8 + 1);
        assert_eq!(
            SecWebSocketKey::new(nonce).bytes(),
            b"AQIDBAUGBwgJCgsMDQ4PEA=="
        );
    }
}
