// SPDX-License-Identifier: Apache-2.0
//! The rules a server's response can break, one variant each.

/// Why the response does not open a WebSocket connection: the first malformed octet, or, if there is none, the
/// first rule of this list that the complete header block breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The first line is no HTTP status line.
    StatusLine,
    /// A header name is empty, is followed by white space or by no colon, or is no token.
    HeaderName,
    /// A control character in a header value or in the reason phrase.
    HeaderValue,
    /// A line that does not end in CRLF.
    LineEnding,
    /// A header that decides is continued on the next line (obs-fold, RFC 9112 §5.2).
    Folding,
    /// More than [`MAX_HEADER_LEN`](super::response::MAX_HEADER_LEN) octets without an end of the header block, or
    /// more than [`MAX_INTERIMS`](super::response::MAX_INTERIMS) responses before the final one.
    HeaderTooLarge,
    /// The status is this, not 101.
    Status(u16),
    /// The protocol is older than HTTP/1.1.
    HttpVersion,
    /// There is no Upgrade header.
    UpgradeMissing,
    /// An Upgrade header is not "websocket".
    UpgradeDiffers,
    /// No Connection header has the token "upgrade".
    ConnectionDiffers,
    /// There is no Sec-WebSocket-Accept header.
    AcceptMissing,
    /// There is more than one Sec-WebSocket-Accept header.
    AcceptRepeated,
    /// Sec-WebSocket-Accept does not answer this handshake's key.
    AcceptDiffers,
    /// Sec-WebSocket-Extensions names an extension, but none was offered.
    ExtensionNotOffered,
    /// Sec-WebSocket-Protocol names a sub-protocol that was not offered, or a second one.
    SubProtocolNotOffered,
}

impl Failure {
    /// The number written to the log; numbers do not change between versions.
    pub const fn number(self) -> u8 {
        match self {
            Self::StatusLine => 1,
            Self::HeaderName => 2,
            Self::HeaderValue => 3,
            Self::LineEnding => 4,
            Self::Folding => 5,
            Self::HeaderTooLarge => 6,
            Self::Status(_) => 7,
            Self::HttpVersion => 8,
            Self::UpgradeMissing => 9,
            Self::UpgradeDiffers => 10,
            Self::ConnectionDiffers => 11,
            Self::AcceptMissing => 12,
            Self::AcceptRepeated => 13,
            Self::AcceptDiffers => 14,
            Self::ExtensionNotOffered => 15,
            Self::SubProtocolNotOffered => 16,
        }
    }

    /// Whether the response is not HTTP at all, rather than an answer that refuses.
    pub const fn is_malformed(self) -> bool {
        matches!(
            self,
            Self::StatusLine
                | Self::HeaderName
                | Self::HeaderValue
                | Self::LineEnding
                | Self::Folding
        )
    }
}
