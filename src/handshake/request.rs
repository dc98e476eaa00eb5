// SPDX-License-Identifier: Apache-2.0
//! The client's request, octet for octet what Zephyr's own client sends (RFC 6455 §4.1).

use super::SecWebSocketKey;

/// A request whose host and URL cannot break out of their lines.
///
/// The application's own header lines come between [`head`](Self::head) and [`tail`](Self::tail).
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    host: &'a [u8],
    url: &'a [u8],
    key: &'a SecWebSocketKey,
}

impl<'a> Request<'a> {
    /// `None` if the server, or a proxy before it, would read something else than one request for `url`.
    pub fn new(host: &'a [u8], url: &'a [u8], key: &'a SecWebSocketKey) -> Option<Self> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>: "MUST be a valid HTTP request as specified by
        // [RFC2616]": white space ends the request target, a control character may end the line.
        let url_is_valid =
            !url.is_empty() && url.iter().all(|octet| *octet > b' ' && *octet != DELETE);
        let host_is_valid = host.iter().all(|octet| *octet >= b' ' && *octet != DELETE);
        (url_is_valid && host_is_valid).then_some(Self { host, url, key })
    }

    /// Request line and Host, piece by piece.
    ///
    /// # Errors
    /// Those of `put`.
    pub fn head<E>(&self, mut put: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        put(b"GET ")?;
        put(self.url)?;
        put(b" HTTP/1.1\r\nHost: ")?;
        put(self.host)?;
        put(b"\r\n")
    }

    /// The handshake's own headers and the empty line, piece by piece.
    ///
    /// # Errors
    /// Those of `put`.
    pub fn tail<E>(&self, mut put: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        put(b"Sec-WebSocket-Key: ")?;
        put(self.key.bytes())?;
        put(b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n")
    }
}

const DELETE: u8 = 0x7F;

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecWebSocketKey {
        SecWebSocketKey::new(*b"the sample nonce")
    }

    #[test]
    fn the_request_is_what_zephyrs_client_sends() {
        let key = key();
        let request = Request::new(b"server.example.com:80", b"/chat?a=b", &key).unwrap();
        let optional = b"Origin: http://example.com\r\n".as_slice();
        let mut octets = Vec::new();
        let mut put = |piece: &[u8]| -> Result<(), ()> {
            octets.extend_from_slice(piece);
            Ok(())
        };
        request.head(&mut put).unwrap();
        put(optional).unwrap();
        request.tail(&mut put).unwrap();
        assert_eq!(
            String::from_utf8(octets).unwrap(),
            "GET /chat?a=b HTTP/1.1\r\n\
             Host: server.example.com:80\r\n\
             Origin: http://example.com\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\n\
             \r\n"
        );
    }

    #[test]
    fn a_url_or_host_cannot_smuggle_a_line() {
        let key = key();
        for octet in (0..=u8::MAX).filter(|octet| octet.is_ascii_control() || *octet == b' ') {
            let url = [b'/', octet, b'x'];
            assert!(Request::new(b"host", &url, &key).is_none(), "{octet}");
            let host = [b'h', octet, b'x'];
            assert_eq!(
                Request::new(&host, b"/", &key).is_some(),
                octet == b' ',
                "{octet}"
            );
        }
        assert!(Request::new(b"host", b"", &key).is_none());
        assert!(Request::new(b"", b"/", &key).is_some());
        assert!(Request::new(b"[2001:db8::1]:443", b"/\xC3\xBC%20#", &key).is_some());
    }
}
