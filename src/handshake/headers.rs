// SPDX-License-Identifier: Apache-2.0
//! The headers of a response that decide: whether it opens the connection, and where its body ends.

use super::response::Observer;
use super::{Failure, SecWebSocketAccept};

/// Collects names and values, and keeps what they decide.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    expected_accept: &'a SecWebSocketAccept,
    /// The sub-protocols that were offered, separated by commas; `None`: they are not known.
    offer: Option<&'a [u8]>,
    /// The current name, value or element of a list.
    text: &'a mut [u8],
    text_len: u16,
    header: Header,
    upgrade: Finding,
    accept: Finding,
    sub_protocol: Finding,
    connection_upgrade: bool,
    accept_repeated: bool,
    extensions: bool,
    /// The status line's version.
    pub(super) http_1_0: bool,
    pub(super) transfer_encoding: bool,
    /// The last transfer coding is this one.
    pub(super) chunked: bool,
    /// Content-Length, [`NO_LENGTH`] or [`BAD_LENGTH`].
    pub(super) length: u32,
}

/// The headers that decide. Those from `Connection` on are lists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
#[repr(u8)]
enum Header {
    Other,
    /// No header has begun.
    None,
    Upgrade,
    Accept,
    Protocol,
    Connection,
    Extensions,
    ContentLength,
    TransferEncoding,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Finding {
    Missing,
    Matches,
    Differs,
}

impl<'a> Headers<'a> {
    pub(super) const fn new(
        expected_accept: &'a SecWebSocketAccept,
        offer: Option<&'a [u8]>,
        text: &'a mut [u8],
    ) -> Self {
        Self {
            expected_accept,
            offer,
            text,
            text_len: 0,
            header: Header::None,
            upgrade: Finding::Missing,
            accept: Finding::Missing,
            sub_protocol: Finding::Missing,
            connection_upgrade: false,
            accept_repeated: false,
            extensions: false,
            http_1_0: false,
            transfer_encoding: false,
            chunked: false,
            length: NO_LENGTH,
        }
    }

    /// Before the first name of a block.
    pub(super) const fn begin_block(&mut self) {
        self.header = Header::None;
    }

    /// A value may go on in the next line.
    pub(super) fn may_be_folded(&self) -> bool {
        self.header == Header::Other
    }

    pub(super) const fn begin_name(&mut self) {
        self.text_len = 0;
    }

    /// A piece of the name.
    pub(super) fn name(&mut self, piece: &[u8]) {
        for octet in piece {
            self.collect(*octet);
        }
    }

    /// The name is complete; `counts`: its header may decide.
    pub(super) fn end_name(&mut self, counts: bool) {
        let text = self.text.get(..usize::from(self.text_len));
        self.header = Header::Other;
        for (name, header) in NAMES {
            if counts && text.is_some_and(|text| is(text, name)) {
                self.header = *header;
            }
        }
        self.text_len = 0;
    }

    /// A piece of the value.
    pub(super) fn value(&mut self, piece: &[u8], observer: &mut impl Observer) {
        if self.header == Header::Other {
            return;
        }
        for octet in piece {
            if *octet == b',' && self.header >= Header::Connection {
                self.end_element(observer);
            } else {
                self.collect(*octet);
            }
        }
    }

    /// Keeps an octet of a name or value, without white space before it and that for which there is no room.
    fn collect(&mut self, octet: u8) {
        let is_space = matches!(octet, b' ' | b'\t');
        if self.text_len == 0 && is_space {
            return;
        }
        if let Some(target) = self.text.get_mut(usize::from(self.text_len)) {
            *target = octet;
            self.text_len = self.text_len.wrapping_add(1);
        } else if !is_space {
            self.text_len = TOO_LONG;
        }
    }

    /// Judges a value, or the element of a list.
    pub(super) fn end_element(&mut self, observer: &mut impl Observer) {
        let kept = self.text.get(..usize::from(self.text_len));
        // What is too long is not empty, and is nothing that counts.
        let text = kept.map_or(b"\0".as_slice(), <[u8]>::trim_ascii_end);
        self.text_len = 0;
        match self.header {
            Header::Other | Header::None => {}
            // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 2: of several, none may have another value.
            Header::Upgrade => self.upgrade = self.upgrade.and(is(text, b"websocket")),
            Header::Accept => {
                self.accept_repeated = self.accept != Finding::Missing;
                self.accept = Finding::Missing.and(is_same(text, self.expected_accept.bytes()));
            }
            // An empty one selects none.
            Header::Protocol => {
                if !text.is_empty() {
                    observer.sub_protocol(kept.map(|_| text));
                    // <https://www.rfc-editor.org/rfc/rfc6455#section-11.3.4>: "MUST NOT appear more than once".
                    let is_right = self.offer.is_none_or(|offer| {
                        self.sub_protocol == Finding::Missing
                            && offer
                                .split(|octet| *octet == b',')
                                .any(|name| is_same(name, text))
                    });
                    self.sub_protocol = self.sub_protocol.and(is_right);
                }
            }
            Header::Connection => self.connection_upgrade |= is(text, b"upgrade"),
            Header::Extensions => self.extensions |= !text.is_empty(),
            // <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>: several that say the same count once.
            Header::ContentLength => {
                let len = if text.is_empty() {
                    None
                } else {
                    text.iter()
                        .try_fold(0, |number, octet| append_digit(number, *octet, 10))
                };
                let len = len.unwrap_or(BAD_LENGTH);
                self.length = if self.length == NO_LENGTH || self.length == len {
                    len
                } else {
                    BAD_LENGTH
                };
            }
            Header::TransferEncoding => {
                self.transfer_encoding = true;
                self.chunked = is(text, b"chunked");
            }
        }
    }

    /// Judges the complete header block.
    pub(super) fn verdict(&self, status: u16) -> Result<(), Failure> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 1: "If the status code received from the server is
        // not 101, the client handles the response per HTTP [RFC2616] procedures." The application does, or not.
        if status != 101 {
            return Err(Failure::Status(status));
        }
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>: "the HTTP version MUST be at least 1.1".
        if self.http_1_0 {
            return Err(Failure::HttpVersion);
        }
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 2: "lacks an |Upgrade| header field or […] contains a
        // value that is not an ASCII case-insensitive match for the value "websocket"".
        match self.upgrade {
            Finding::Missing => return Err(Failure::UpgradeMissing),
            Finding::Differs => return Err(Failure::UpgradeDiffers),
            Finding::Matches => {}
        }
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 3: "lacks a |Connection| header field or […] doesn't
        // contain a token that is an ASCII case-insensitive match for the value "Upgrade"".
        if !self.connection_upgrade {
            return Err(Failure::ConnectionDiffers);
        }
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 4, "ignoring any leading and trailing whitespace";
        // <https://www.rfc-editor.org/rfc/rfc6455#section-11.3.3>: "MUST NOT appear more than once".
        if self.accept_repeated {
            return Err(Failure::AcceptRepeated);
        }
        match self.accept {
            Finding::Missing => return Err(Failure::AcceptMissing),
            Finding::Differs => return Err(Failure::AcceptDiffers),
            Finding::Matches => {}
        }
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 5: "the use of an extension that was not present in
        // the client's handshake".
        if self.extensions {
            return Err(Failure::ExtensionNotOffered);
        }
        // The same, 6: "the use of a subprotocol that was not present in the client's handshake".
        if self.sub_protocol == Finding::Differs {
            return Err(Failure::SubProtocolNotOffered);
        }
        Ok(())
    }
}

impl Finding {
    /// With a further value, which matches or not.
    const fn and(self, matches: bool) -> Self {
        match self {
            Self::Missing | Self::Matches if matches => Self::Matches,
            _ => Self::Differs,
        }
    }
}

/// Octet for octet: `==` of slices needs bcmp, which not every C library has.
fn is_same(text: &[u8], other: &[u8]) -> bool {
    text.len() == other.len() && text.iter().zip(other).all(|(a, b)| a == b)
}

/// Not inlined: it is used often.
#[inline(never)]
fn is(text: &[u8], word: &[u8]) -> bool {
    text.eq_ignore_ascii_case(word)
}

/// The number with a further digit; `None`: it is none, or the number is longer than anything that is read.
#[inline(never)]
pub(super) fn append_digit(number: u32, octet: u8, radix: u32) -> Option<u32> {
    let digit = char::from(octet).to_digit(radix)?;
    (number <= u32::MAX >> 5).then(|| number.wrapping_mul(radix).wrapping_add(digit))
}

/// How many octets of text there must be room for: the value of Sec-WebSocket-Accept.
pub const MIN_TEXT_LEN: usize = 28;

/// In place of a length: none was given; what was given is none. Both are the end of the stream.
pub(super) const NO_LENGTH: u32 = u32::MAX;
pub(super) const BAD_LENGTH: u32 = NO_LENGTH - 1;
/// In place of the text's.
const TOO_LONG: u16 = u16::MAX;

const NAMES: &[(&[u8], Header); 7] = &[
    (b"upgrade", Header::Upgrade),
    (b"connection", Header::Connection),
    (b"sec-websocket-accept", Header::Accept),
    (b"sec-websocket-protocol", Header::Protocol),
    (b"sec-websocket-extensions", Header::Extensions),
    (b"content-length", Header::ContentLength),
    (b"transfer-encoding", Header::TransferEncoding),
];
