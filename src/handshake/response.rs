// SPDX-License-Identifier: Apache-2.0
//! The server's response, checked while it arrives in pieces of any size (RFC 6455 §4.1, §4.2.2).
//!
//! A refusal goes on with its body, so that an application can read it, and the socket stands behind it in the end.

use super::headers::{BAD_LENGTH, Headers, NO_LENGTH, append_digit};
use super::text::{text, token};
use super::{Failure, SecWebSocketAccept};

pub use super::headers::MIN_TEXT_LEN;

/// What an application may see of the final response, as http_parser reports it. Interim ones are not seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Seen {
    /// The status is there: it is the number.
    MessageBegin,
    /// A piece of the reason phrase.
    Status,
    /// A piece of a header's name.
    HeaderField,
    /// A piece of a header's value.
    HeaderValue,
    /// The empty line is there. The number is the Content-Length; [`u32::MAX`]: none that counts.
    HeadersComplete,
    /// A piece of the body.
    Body,
    /// The body is there, or the end of a response without one. Not reported for 101.
    MessageComplete,
}

/// Who looks on while a response is parsed.
///
/// A piece ends where the input ended or where the name, value or phrase ends; pieces are never empty except that
/// an empty value or phrase is one empty piece. White space before a value is left out, white space behind it is not.
/// The line break of a folded value is a piece that is one space.
pub trait Observer {
    /// What there was to see, its octets, and its number.
    fn observe(&mut self, seen: Seen, octets: &[u8], number: u32) {
        let _ = (seen, octets, number);
    }
    /// The sub-protocol that the server selected; `None`: its name is too long to keep. Of several, the last counts.
    fn sub_protocol(&mut self, name: Option<&[u8]>) {
        let _ = name;
    }
    /// Whether a body is worth waiting for that is longer than [`MAX_BODY_LEN`], or has no length.
    fn wants_body(&self) -> bool {
        false
    }
}

/// Where the response is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// All input was taken; the response goes on.
    NeedMore,
    /// The connection is open.
    Done {
        /// How much of the input was the response's; what follows are the first frames.
        consumed: usize,
    },
}

/// Without callbacks nobody looks on: a refusal ends with its header block, and its body is not read.
const CALLBACKS: bool = cfg!(switch = "handshake_callbacks");

/// Parses one response, and the interim ones before it. Its verdict is the same wherever the input is cut.
#[derive(Debug)]
pub struct ResponseParser<'a> {
    headers: Headers<'a>,
    /// How many octets may still come: of all header blocks, then of the body.
    room: u32,
    /// What is left of the body or the chunk.
    remaining: u32,
    status: u16,
    state: State,
    /// What follows the line feed; `Done`: the header block ends with it.
    next: State,
    /// Octets of the status line; whether a reason phrase or a chunk size has begun.
    index: u8,
    interims: u8,
    /// The header block is complete, and does not open the connection.
    refused: bool,
    /// The body comes in chunks.
    chunked: bool,
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
    Body,
    ChunkSize,
    ChunkExtension,
    ChunkEnd,
    Done,
}

impl<'a> ResponseParser<'a> {
    /// Before the first octet. `offer`: the sub-protocols of the request, separated by commas; `None`: they are
    /// not known, and any is accepted. `text`: for names and values, at least [`MIN_TEXT_LEN`] octets, and as
    /// many as the longest sub-protocol has.
    pub const fn new(
        expected_accept: &'a SecWebSocketAccept,
        offer: Option<&'a [u8]>,
        text: &'a mut [u8],
    ) -> Self {
        Self {
            headers: Headers::new(expected_accept, offer, text),
            room: MAX_HEADER_LEN,
            remaining: 0,
            status: 0,
            state: State::StatusLine,
            next: State::StatusLine,
            index: 0,
            interims: 0,
            refused: false,
            chunked: false,
        }
    }

    /// Takes the next piece of what the server sent.
    ///
    /// # Errors
    /// At the first malformed octet, or behind the response if it does not open the connection: the observer
    /// has seen all of it then. Nothing may be pushed any more.
    pub fn push(
        &mut self,
        input: &[u8],
        observer: &mut impl Observer,
    ) -> Result<Progress, Failure> {
        self.take(input, observer)
            // Whatever its body is like, a refusal is one.
            .map_err(|failure| self.refusal().unwrap_or(failure))
    }

    /// The stream has ended. It may have been the end of the response too.
    pub fn end(&mut self, observer: &mut impl Observer) {
        if self.state == State::Body && !self.chunked && self.remaining > NO_LENGTH / 2 {
            self.complete(observer);
        }
    }

    /// The status, if it does not open the connection and the header block is complete.
    pub fn refusal(&self) -> Option<Failure> {
        self.refused.then_some(Failure::Status(self.status))
    }

    fn take(&mut self, input: &[u8], observer: &mut impl Observer) -> Result<Progress, Failure> {
        let mut rest = input;
        while self.state != State::Done
            && let Some((next, behind)) = rest.split_first()
        {
            if self.room == 0 {
                return Err(Failure::HeaderTooLarge);
            }
            if self.state == State::ValueStart && !matches!(next, b' ' | b'\t' | b'\r') {
                self.state = State::Value;
            }
            let most = match self.state {
                State::Body => self.remaining.min(self.room),
                _ => self.room,
            };
            let block = rest.get(..most as usize).unwrap_or(rest);
            let piece = match self.state {
                State::Reason | State::Value | State::ChunkExtension => text(block),
                State::Name | State::LineStart => token(block),
                State::Body => block,
                _ => &[],
            };
            if piece.is_empty() {
                self.room = self.room.wrapping_sub(1);
                rest = behind;
                self.octet(*next, observer)?;
            } else {
                self.room = self.room.wrapping_sub(piece.len() as u32);
                rest = rest.get(piece.len()..).unwrap_or(&[]);
                self.piece(piece, observer);
            }
        }
        if self.state != State::Done {
            return Ok(Progress::NeedMore);
        }
        self.headers.verdict(self.status)?;
        let consumed = input.len().wrapping_sub(rest.len());
        Ok(Progress::Done { consumed })
    }

    /// Takes octets of which there may be many.
    fn piece(&mut self, piece: &[u8], observer: &mut impl Observer) {
        let seen = match self.state {
            State::Reason => {
                self.index = 1;
                Seen::Status
            }
            State::Name => Seen::HeaderField,
            State::LineStart => {
                self.headers.begin_name();
                self.state = State::Name;
                Seen::HeaderField
            }
            State::Value => Seen::HeaderValue,
            State::Body if CALLBACKS => Seen::Body,
            _ => return,
        };
        self.report(observer, seen, piece);
        match seen {
            Seen::HeaderField => self.headers.name(piece),
            Seen::HeaderValue => self.headers.value(piece, observer),
            Seen::Body if CALLBACKS => {
                self.remaining = self.remaining.wrapping_sub(piece.len() as u32);
                match self.remaining {
                    0 if self.chunked => self.state = State::ChunkEnd,
                    0 => self.complete(observer),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Takes an octet that means something.
    fn octet(&mut self, next: u8, observer: &mut impl Observer) -> Result<(), Failure> {
        match self.state {
            // <https://www.rfc-editor.org/rfc/rfc9112#section-2.2>: an empty line before the start line is ignored.
            State::StatusLine if self.index == 0 && next == b'\r' => {}
            State::StatusLine => return self.status_line(next),
            State::ReasonStart => {
                self.report(observer, Seen::MessageBegin, &[]);
                if next == b' ' {
                    self.state = State::Reason;
                    return Ok(());
                }
                if next != b'\r' {
                    return Err(Failure::StatusLine);
                }
                self.report(observer, Seen::Status, &[]);
            }
            State::Reason => {
                // An empty phrase is reported too.
                if self.index == 0 {
                    self.report(observer, Seen::Status, &[]);
                }
            }
            State::LineFeed => {
                // <https://www.rfc-editor.org/rfc/rfc9112#section-2.2>: a recipient "MAY recognize a single LF as a
                // line terminator". This one does not: what a proxy takes for one line must not be two here.
                if next != b'\n' {
                    return Err(Failure::LineEnding);
                }
                self.state = self.next;
                return match self.next {
                    State::Done => self.end_block(observer),
                    _ => Ok(()),
                };
            }
            State::LineStart => match next {
                b'\r' => self.next = State::Done,
                // <https://www.rfc-editor.org/rfc/rfc9112#section-5.2>: a user agent puts a space in place of an
                // obs-fold. Not in a header that decides: it would be hidden from, or shown to, only one of two
                // parsers.
                b' ' | b'\t' => {
                    if !self.headers.may_be_folded() {
                        return Err(Failure::Folding);
                    }
                    self.report(observer, Seen::HeaderValue, b" ");
                    self.state = State::Value;
                    return Ok(());
                }
                _ => return Err(Failure::HeaderName),
            },
            State::Name => {
                // <https://www.rfc-editor.org/rfc/rfc9112#section-5.1>: "No whitespace is allowed between the field
                // name and colon."
                if next != b':' {
                    return Err(Failure::HeaderName);
                }
                // An interim response and a trailer decide nothing.
                let counts = !self.is_interim() && !self.refused;
                self.headers.end_name(counts);
                self.state = State::ValueStart;
                return Ok(());
            }
            State::ValueStart => {
                if next != b'\r' {
                    return Ok(());
                }
                self.report(observer, Seen::HeaderValue, &[]);
                self.headers.end_element(observer);
            }
            State::Value => self.headers.end_element(observer),
            // <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>
            State::ChunkSize if CALLBACKS => {
                if let Some(remaining) = append_digit(self.remaining, next, 16) {
                    self.remaining = remaining;
                    self.index = 1;
                    return Ok(());
                }
                if self.index == 0 {
                    return Err(Failure::HeaderValue);
                }
                if matches!(next, b';' | b' ' | b'\t') {
                    self.state = State::ChunkExtension;
                    return Ok(());
                }
                self.start_chunk_data();
            }
            State::ChunkExtension if CALLBACKS => self.start_chunk_data(),
            State::ChunkEnd if CALLBACKS => self.start_chunk(),
            State::ChunkSize
            | State::ChunkExtension
            | State::ChunkEnd
            | State::Body
            | State::Done => {}
        }
        self.state = State::LineFeed;
        match next {
            b'\r' => Ok(()),
            b'\n' => Err(Failure::LineEnding),
            _ => Err(Failure::HeaderValue),
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc9112#section-4>: `HTTP-name "/" DIGIT "." DIGIT SP 3DIGIT`.
    fn status_line(&mut self, next: u8) -> Result<(), Failure> {
        let expected = STATUS_LINE.get(usize::from(self.index));
        if expected != Some(&ANY_DIGIT) {
            if expected != Some(&next) {
                return Err(Failure::StatusLine);
            }
        } else if next.is_ascii_digit() {
            // The minor version is the first digit, and gives way to the three of the status.
            let digit = u16::from(next & 0xF);
            if self.index == MINOR_VERSION {
                self.headers.http_1_0 = digit == 0;
            } else {
                self.status = self.status.wrapping_mul(10).wrapping_add(digit);
            }
        } else {
            return Err(Failure::StatusLine);
        }
        self.index = self.index.wrapping_add(1);
        if usize::from(self.index) == STATUS_LINE.len() {
            self.index = 0;
            self.state = State::ReasonStart;
            self.next = State::LineStart;
            self.headers.begin_block();
        }
        Ok(())
    }

    /// Behind the empty line: what follows is another response, frames, or the body.
    fn end_block(&mut self, observer: &mut impl Observer) -> Result<(), Failure> {
        // <https://www.rfc-editor.org/rfc/rfc9110#section-15.2>: "A client MUST be able to parse one or more 1xx
        // responses received prior to a final response".
        if self.is_interim() {
            self.interims = self.interims.wrapping_add(1);
            self.status = 0;
            self.index = 0;
            self.state = State::StatusLine;
            self.next = State::StatusLine;
            return if self.interims > MAX_INTERIMS {
                Err(Failure::HeaderTooLarge)
            } else {
                Ok(())
            };
        }
        if self.refused {
            self.complete(observer);
            return Ok(());
        }
        if !CALLBACKS {
            self.refused = self.status != 101;
            return Ok(());
        }
        let headers = &self.headers;
        if !headers.transfer_encoding && headers.length != BAD_LENGTH {
            self.remaining = headers.length;
        } else {
            self.remaining = NO_LENGTH;
        }
        self.report(observer, Seen::HeadersComplete, &[]);
        if self.status == 101 {
            return Ok(());
        }
        // <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>
        self.chunked = headers.chunked && !headers.http_1_0;
        if matches!(self.status, 204 | 304) {
            self.chunked = false;
            self.remaining = 0;
        }
        self.refused = true;
        self.room = MAX_BODY_LEN;
        if self.chunked {
            self.state = State::ChunkSize;
            self.start_chunk();
        } else if self.remaining == 0 {
            self.complete(observer);
        } else if self.remaining <= MAX_BODY_LEN || observer.wants_body() {
            self.state = State::Body;
        }
        Ok(())
    }

    fn start_chunk_data(&mut self) {
        self.next = State::Body;
        if self.remaining == 0 {
            // The trailer: headers that decide nothing.
            self.headers.begin_block();
            self.next = State::LineStart;
        }
    }

    fn start_chunk(&mut self) {
        self.next = State::ChunkSize;
        self.remaining = 0;
        self.index = 0;
    }

    #[inline(never)]
    fn complete(&mut self, observer: &mut impl Observer) {
        self.state = State::Done;
        self.report(observer, Seen::MessageComplete, &[]);
    }

    fn is_interim(&self) -> bool {
        self.status.wrapping_sub(100) < 100 && self.status != 101
    }

    /// Not inlined: it is used often. Without callbacks the status alone is told.
    #[cfg_attr(switch = "handshake_callbacks", inline(never))]
    #[cfg_attr(not(switch = "handshake_callbacks"), inline(always))]
    fn report(&self, observer: &mut impl Observer, seen: Seen, octets: &[u8]) {
        let is_told = CALLBACKS || seen == Seen::MessageBegin;
        if is_told && !self.is_interim() {
            let number = if seen == Seen::HeadersComplete {
                self.remaining
            } else {
                u32::from(self.status)
            };
            observer.observe(seen, octets, number);
        }
    }
}

/// The longest header blocks, those of interim responses and the CRLFs at their ends included.
pub const MAX_HEADER_LEN: u32 = 16 * 1024;
/// The longest body of a refusal that is read, with all that its framing adds.
pub const MAX_BODY_LEN: u32 = 64 * 1024;
/// How many interim responses may come before the final one.
pub const MAX_INTERIMS: u8 = 16;
const STATUS_LINE: &[u8; 12] = b"HTTP/1.# ###";
const ANY_DIGIT: u8 = b'#';
const MINOR_VERSION: u8 = 7;

#[cfg(test)]
mod tests;
