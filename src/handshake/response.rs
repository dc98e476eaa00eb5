// SPDX-License-Identifier: Apache-2.0
//! The server's response, checked while it arrives in pieces of any size (RFC 6455 §4.1, §4.2.2).

use super::text::{LOWER_CASE, split_text, split_token};
use super::{Failure, SecWebSocketAccept};

/// What an application may see of the response, as http_parser reports it.
///
/// A piece ends where the input ended or where the name, value or phrase ends; pieces are never empty except that
/// an empty value or phrase is one empty piece. White space before a value is left out, white space behind it is not.
pub trait Observer {
    /// The first octet is there.
    fn message_begin(&mut self) {}
    /// The status, and a piece of the reason phrase.
    fn status(&mut self, code: u16, piece: &[u8]) {
        let _ = (code, piece);
    }
    /// A piece of a header's name.
    fn header_field(&mut self, piece: &[u8]) {
        let _ = piece;
    }
    /// A piece of a header's value.
    fn header_value(&mut self, piece: &[u8]) {
        let _ = piece;
    }
    /// The empty line is complete: nothing follows.
    fn headers_complete(&mut self) {}
}

/// Where the response is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// All input was taken; the header block goes on.
    NeedMore,
    /// The connection is open.
    Done {
        /// How much of the input was the response's; what follows are the first frames.
        consumed: usize,
    },
}

/// Parses one response. Its verdict is the same wherever the input is cut.
#[derive(Clone, Debug)]
pub struct ResponseParser {
    expected_accept: SecWebSocketAccept,
    /// Octets taken so far.
    len: u16,
    status: u16,
    failure: Option<Failure>,
    state: State,
    /// Octets of the current name, or of the expected value that the current one has matched.
    index: u8,
    /// Bit i: the current name may still become `NAMES[i]`.
    candidates: u8,
    header: Header,
    upgrade: Finding,
    accept: Finding,
    connection_upgrade: bool,
    accept_repeated: bool,
    extensions: bool,
    http_1_0: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum State {
    StatusLine,
    ReasonStart,
    Reason,
    LineFeed,
    LineStart,
    Name,
    ValueStart,
    Value,
    LastLineFeed,
    Done,
}

/// The headers that decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Header {
    Upgrade,
    Connection,
    Accept,
    Extensions,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Finding {
    Missing,
    Matches,
    Differs,
}

impl ResponseParser {
    /// Before the first octet.
    pub const fn new(expected_accept: &SecWebSocketAccept) -> Self {
        Self {
            expected_accept: *expected_accept,
            len: 0,
            status: 0,
            failure: None,
            state: State::StatusLine,
            index: 0,
            candidates: 0,
            header: Header::Other,
            upgrade: Finding::Missing,
            accept: Finding::Missing,
            connection_upgrade: false,
            accept_repeated: false,
            extensions: false,
            http_1_0: false,
        }
    }

    /// Takes the next piece of what the server sent.
    ///
    /// # Errors
    /// At the first malformed octet, or behind the header block if it does not open the connection: the observer
    /// has seen all of it then. The same failure is the result of every later call.
    pub fn push(
        &mut self,
        input: &[u8],
        observer: &mut impl Observer,
    ) -> Result<Progress, Failure> {
        let result = match self.failure {
            Some(failure) => Err(failure),
            None => self.take(input, observer),
        };
        self.failure = result.err();
        result
    }

    fn take(&mut self, input: &[u8], observer: &mut impl Observer) -> Result<Progress, Failure> {
        let limit = usize::from(MAX_HEADER_LEN.saturating_sub(self.len));
        let block = input.get(..limit).unwrap_or(input);
        let mut rest = block;
        while self.state != State::Done
            && let Some(next) = rest.first()
        {
            rest = self.step(*next, rest, observer)?;
        }
        let consumed = block.len().saturating_sub(rest.len());
        // No more than the limit, which fits.
        self.len = self.len.saturating_add(consumed as u16);
        if self.state == State::Done {
            self.verdict()?;
            Ok(Progress::Done { consumed })
        } else if block.len() < input.len() {
            Err(Failure::HeaderTooLarge)
        } else {
            Ok(Progress::NeedMore)
        }
    }

    /// Takes at least one octet of `rest`, which starts with `next`, and returns what follows.
    fn step<'a>(
        &mut self,
        next: u8,
        rest: &'a [u8],
        observer: &mut impl Observer,
    ) -> Result<&'a [u8], Failure> {
        let behind_next = rest.get(1..).unwrap_or(&[]);
        match self.state {
            State::StatusLine => {
                if self.index == 0 {
                    observer.message_begin();
                }
                return self.status_line(rest);
            }
            State::ReasonStart => match next {
                b' ' => self.state = State::Reason,
                b'\r' => {
                    observer.status(self.status, &[]);
                    self.state = State::LineFeed;
                }
                _ => return Err(Failure::StatusLine),
            },
            State::Reason => {
                let (piece, end) = split_text(rest);
                // An empty phrase is reported too: the observer learns the status from it.
                if !piece.is_empty() || (self.index == 0 && end.is_some()) {
                    observer.status(self.status, piece);
                    self.index = 1;
                }
                return self.end_line(end);
            }
            State::LineFeed => self.line_feed(next, State::LineStart)?,
            State::LineStart => match next {
                b'\r' => self.state = State::LastLineFeed,
                // <https://www.rfc-editor.org/rfc/rfc9112#section-5.2>: obs-fold is how a header is hidden from, or
                // shown to, only one of two parsers.
                b' ' | b'\t' => return Err(Failure::Folding),
                _ => {
                    self.state = State::Name;
                    self.index = 0;
                    self.candidates = ALL_NAMES;
                    return self.name(rest, observer);
                }
            },
            State::Name => return self.name(rest, observer),
            State::ValueStart => match next {
                b' ' | b'\t' => {}
                b'\r' => {
                    observer.header_value(&[]);
                    self.end_value();
                    self.state = State::LineFeed;
                }
                _ => {
                    self.state = State::Value;
                    return self.value(rest, observer);
                }
            },
            State::Value => return self.value(rest, observer),
            State::LastLineFeed => {
                self.line_feed(next, State::Done)?;
                observer.headers_complete();
            }
            State::Done => {}
        }
        Ok(behind_next)
    }

    /// <https://www.rfc-editor.org/rfc/rfc9112#section-4>: `HTTP-name "/" DIGIT "." DIGIT SP 3DIGIT`.
    fn status_line<'a>(&mut self, mut rest: &'a [u8]) -> Result<&'a [u8], Failure> {
        while let Some(expected) = STATUS_LINE.get(usize::from(self.index)) {
            let Some((octet, behind)) = rest.split_first() else {
                return Ok(rest);
            };
            if *expected != ANY_DIGIT {
                if octet != expected {
                    return Err(Failure::StatusLine);
                }
            } else if octet.is_ascii_digit() {
                // The minor version is the first digit, and gives way to the three of the status.
                let digit = u16::from(octet & 0xF);
                if self.index == MINOR_VERSION {
                    self.http_1_0 = digit == 0;
                } else {
                    self.status = self.status.wrapping_mul(10).wrapping_add(digit);
                }
            } else {
                return Err(Failure::StatusLine);
            }
            self.index = self.index.wrapping_add(1);
            rest = behind;
        }
        self.index = 0;
        self.state = State::ReasonStart;
        Ok(rest)
    }

    fn name<'a>(
        &mut self,
        rest: &'a [u8],
        observer: &mut impl Observer,
    ) -> Result<&'a [u8], Failure> {
        let (piece, end) = split_token(rest);
        if !piece.is_empty() {
            observer.header_field(piece);
        }
        self.match_name(piece, end.is_some());
        let Some((end, behind)) = end else {
            return Ok(&[]);
        };
        // <https://www.rfc-editor.org/rfc/rfc9112#section-5.1>: "No whitespace is allowed between the field name and
        // colon."
        if end != b':' || self.index == 0 {
            return Err(Failure::HeaderName);
        }
        self.state = State::ValueStart;
        self.index = 0;
        Ok(behind)
    }

    fn value<'a>(
        &mut self,
        rest: &'a [u8],
        observer: &mut impl Observer,
    ) -> Result<&'a [u8], Failure> {
        let (piece, end) = split_text(rest);
        if !piece.is_empty() {
            observer.header_value(piece);
            self.match_value(piece);
        }
        if end.is_some() {
            self.end_value();
        }
        self.end_line(end)
    }

    /// Names are matched as a whole: neither a prefix nor an extension of one counts.
    fn match_name(&mut self, piece: &[u8], is_complete: bool) {
        let at = usize::from(self.index);
        let len = at.saturating_add(piece.len());
        self.header = Header::Other;
        let mut bit = 1;
        for (name, header) in NAMES {
            let may_match = if is_complete {
                name.len() == len
            } else {
                name.len() >= len
            };
            if may_match
                && self.candidates & bit != 0
                && let Some(name) = name.get(at..)
                && name.iter().zip(piece).all(|(a, b)| *a == *b | LOWER_CASE)
            {
                self.header = *header;
            } else {
                self.candidates &= !bit;
            }
            bit <<= 1;
        }
        // A name that is too long to count has no candidate.
        self.index = u8::try_from(len).unwrap_or(u8::MAX);
    }

    fn match_value(&mut self, piece: &[u8]) {
        let expected: &[u8] = match self.header {
            Header::Upgrade => b"websocket",
            Header::Connection => b"upgrade",
            Header::Accept => self.expected_accept.bytes(),
            Header::Extensions | Header::Other => return,
        };
        // The two values without case have letters only, so that the bit makes no other octet one of theirs.
        let case = if self.header == Header::Accept {
            0
        } else {
            LOWER_CASE
        };
        let mut index = self.index;
        for octet in piece {
            if expected.get(usize::from(index)) == Some(&(*octet | case)) {
                index = index.wrapping_add(1);
                continue;
            }
            let complete = expected.len() == usize::from(index);
            index = match octet {
                b',' if self.header == Header::Connection => {
                    self.connection_upgrade |= complete;
                    0
                }
                // White space around the value, and around each element of the list.
                b' ' | b'\t' if complete || index == 0 => index,
                _ => NO_MATCH,
            };
        }
        self.index = index;
    }

    fn end_value(&mut self) {
        let matches = |expected_len: usize| {
            if usize::from(self.index) == expected_len {
                Finding::Matches
            } else {
                Finding::Differs
            }
        };
        match self.header {
            // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 2: of several, none may have another value.
            Header::Upgrade if self.upgrade == Finding::Differs => {}
            Header::Upgrade => self.upgrade = matches(9),
            Header::Connection => {
                self.connection_upgrade |= matches(7) == Finding::Matches;
            }
            Header::Accept => {
                self.accept_repeated = self.accept != Finding::Missing;
                self.accept = matches(self.expected_accept.bytes().len());
            }
            Header::Extensions => self.extensions = true,
            Header::Other => {}
        }
    }

    fn end_line<'a>(&mut self, end: Option<(u8, &'a [u8])>) -> Result<&'a [u8], Failure> {
        match end {
            None => Ok(&[]),
            Some((b'\r', behind)) => {
                self.state = State::LineFeed;
                Ok(behind)
            }
            Some((b'\n', _)) => Err(Failure::LineEnding),
            Some(_) => Err(Failure::HeaderValue),
        }
    }

    fn line_feed(&mut self, octet: u8, next: State) -> Result<(), Failure> {
        // <https://www.rfc-editor.org/rfc/rfc9112#section-2.2>: a recipient "MAY recognize a single LF as a line
        // terminator". This one does not: what a proxy takes for one line must not be two here.
        if octet != b'\n' {
            return Err(Failure::LineEnding);
        }
        self.state = next;
        Ok(())
    }

    /// Judges the complete header block.
    fn verdict(&self) -> Result<(), Failure> {
        // <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 1: "If the status code received from the server is
        // not 101, the client handles the response per HTTP [RFC2616] procedures." The application does, or not.
        if self.status != 101 {
            return Err(Failure::Status(self.status));
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
        Ok(())
    }
}

/// The longest header block, both CRLFs at its end included.
pub const MAX_HEADER_LEN: u16 = 16 * 1024;

const STATUS_LINE: &[u8; 12] = b"HTTP/1.# ###";
const ANY_DIGIT: u8 = b'#';
const MINOR_VERSION: u8 = 7;

/// In lower case.
const NAMES: &[(&[u8], Header); 4] = &[
    (b"upgrade", Header::Upgrade),
    (b"connection", Header::Connection),
    (b"sec-websocket-accept", Header::Accept),
    (b"sec-websocket-extensions", Header::Extensions),
];
const ALL_NAMES: u8 = 0b1111;
/// An index that no expected value has.
const NO_MATCH: u8 = u8::MAX;

#[cfg(test)]
mod tests;
