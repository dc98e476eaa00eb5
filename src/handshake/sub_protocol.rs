// SPDX-License-Identifier: Apache-2.0
//! Finds the sub-protocol that the server selected among the header pieces of its response (RFC 6455 §4.2.2, §11.3.4).

/// Follows the pieces; the value's are the caller's to keep.
#[derive(Clone, Copy, Default, Debug)]
pub struct SubProtocol {
    /// Octets of the name that match so far; [`OTHER`] for another header.
    matched: u8,
    in_value: bool,
    started: bool,
}

const NAME: &[u8] = b"sec-websocket-protocol";
const OTHER: u8 = u8::MAX;

impl SubProtocol {
    /// A piece of a header's name.
    pub fn field(&mut self, piece: &[u8]) {
        if self.in_value {
            *self = Self::default();
        }
        for octet in piece {
            let expected = NAME.get(usize::from(self.matched));
            self.matched = if expected == Some(&octet.to_ascii_lowercase()) {
                self.matched.wrapping_add(1)
            } else {
                OTHER
            };
        }
    }

    /// A piece of a header's value: what of it belongs to the sub-protocol's name, and whether that begins here.
    pub fn value<'a>(&mut self, piece: &'a [u8]) -> Option<(bool, &'a [u8])> {
        self.in_value = true;
        if usize::from(self.matched) != NAME.len() {
            return None;
        }
        let piece = piece.trim_ascii_end();
        let piece = if self.started {
            piece
        } else {
            piece.trim_ascii_start()
        };
        if piece.is_empty() {
            return None;
        }
        let begins = !self.started;
        self.started = true;
        Some((begins, piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(headers: &[(&str, &str)], piece_len: usize) -> String {
        let mut finder = SubProtocol::default();
        let mut text = Vec::new();
        for (name, value) in headers {
            for piece in name.as_bytes().chunks(piece_len) {
                finder.field(piece);
            }
            for piece in value.as_bytes().chunks(piece_len) {
                match finder.value(piece) {
                    Some((true, piece)) => text = piece.to_vec(),
                    Some((false, piece)) => text.extend(piece),
                    None => {}
                }
            }
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn it_is_found_at_every_cut_and_under_its_own_name_only() {
        for piece_len in 1..30 {
            let headers = [
                ("Upgrade", "websocket"),
                ("sec-WebSocket-PROTOCOL", " ocpp1.6 "),
                ("Sec-WebSocket-Protocol-X", "no"),
                ("Sec-WebSocket-Protoco", "no"),
            ];
            assert_eq!(selected(&headers, piece_len), "ocpp1.6");
            assert_eq!(selected(&headers[..1], piece_len), "");
        }
    }
}
