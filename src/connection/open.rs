// SPDX-License-Identifier: Apache-2.0
//! The client's opening handshake over a connected socket: the request leaves through the send buffer, the response
//! comes in through `tmp_buf`.

use super::send::{Sent, push};
use super::{Deadline, Error};
use crate::handshake::response::MIN_TEXT_LEN;
use crate::handshake::{
    Failure, Observer, Progress, Request, ResponseParser, SecWebSocketAccept, SecWebSocketKey,
    optional_headers::append_offer,
};
use crate::platform::{Event, Interest, OsError, Part, Platform, SocketError};

/// What the application asks for.
#[derive(Clone, Copy, Debug)]
pub struct ConnectRequest<'a> {
    /// Value of the Host header.
    pub host: &'a [u8],
    /// Request target.
    pub url: &'a [u8],
}

/// Where the application's own headers come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OptionalHeaders {
    /// A list: [`Exchange::optional_header`].
    List,
    /// A callback that sends them itself: [`Exchange::send_optional_headers`].
    Callback,
}

/// The application's part in the handshake: its headers, and its callbacks for the response.
pub trait Exchange: Observer {
    /// Which of the two ways is used.
    fn optional_headers(&self) -> OptionalHeaders;

    /// The header lines of the list, sent as they are. Not asked for once the response is received.
    fn optional_header(&mut self, index: usize) -> Option<&[u8]>;

    /// This entry of the list does not end its line, or ends the header block: nothing is sent.
    fn optional_header_is_incomplete(&mut self, index: usize) {
        let _ = index;
    }

    /// Runs the callback, which sends header lines on the socket.
    ///
    /// # Errors
    /// The callback's own error number.
    fn send_optional_headers(&mut self) -> Result<(), OsError>;
}

/// Why the connection was not established. The C ABI reports -ECONNABORTED, with errno set to the cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandshakeError {
    /// Becomes errno.
    pub cause: Error,
}

impl From<SocketError> for HandshakeError {
    fn from(error: SocketError) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for HandshakeError {
    fn from(cause: Error) -> Self {
        Self { cause }
    }
}

/// The sub-protocols that the request offered: so many octets of the send buffer, separated by commas.
/// `None`: they are not known, because a callback sent them or the buffer is too short.
pub type Offer = Option<u16>;

/// Opens the connection and returns which octets of `buffer` came behind the response: they are the first frames'.
///
/// # Errors
/// Those of [`send_request`] and [`receive_response`].
pub fn open<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    request: &ConnectRequest<'_>,
    buffer: &mut [u8],
    deadline: &mut Deadline,
) -> Result<(usize, usize), HandshakeError> {
    let key = new_key(platform);
    let offer = send_request(platform, exchange, request, &key, deadline)?;
    receive_response(platform, exchange, &key.accept(), offer, buffer, deadline)
}

/// <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 7: "a nonce … randomly selected 16-byte value".
///
/// Not inlined, as the following two are not: the stack of one is free again before the next one runs, and the
/// network stack comes on top.
#[inline(never)]
pub fn new_key<P: Platform>(platform: &mut P) -> SecWebSocketKey {
    let mut nonce = [0; 16];
    platform.random(&mut nonce);
    SecWebSocketKey::new(nonce)
}

/// Sends the request. The receive buffer is not touched: host, URL and headers may lie in it.
///
/// # Errors
/// [`Error::Invalid`] before anything is sent: a host, URL or header that would break the request.
/// [`Error::TimedOut`]: not within the time, the header callback's included. [`Error::Os`]: the socket's own, or the
/// header callback's.
#[inline(never)]
pub fn send_request<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    request: &ConnectRequest<'_>,
    key: &SecWebSocketKey,
    deadline: &mut Deadline,
) -> Result<Offer, Error> {
    // The time runs from here on.
    let _ = deadline.remaining_ms(platform);
    let request = Request::new(request.host, request.url, key).ok_or(Error::Invalid)?;
    platform.with_sender(deadline, |platform, _, buffer, deadline| {
        // Nothing is sent of a list that is not right.
        read_list(exchange, buffer)?;
        let mut gather = Gather {
            platform,
            buffer,
            filled: 0,
            is_cut: false,
            deadline,
        };
        request.head(|piece| gather.put(piece))?;
        if exchange.optional_headers() == OptionalHeaders::List {
            let mut index: usize = 0;
            while let Some(lines) = exchange.optional_header(index) {
                gather.put(lines)?;
                index = index.wrapping_add(1);
            }
        } else {
            gather.flush(Part::Whole)?;
            exchange.send_optional_headers().map_err(Error::Os)?;
            if gather.deadline.remaining_ms(gather.platform) == 0 {
                return Err(Error::TimedOut);
            }
        }
        request.tail(|piece| gather.put(piece))?;
        gather.flush(if gather.is_cut {
            Part::End
        } else {
            Part::Whole
        })?;
        // Kept in the buffer from here on: the list may lie in the receive buffer.
        read_list(exchange, gather.buffer)
    })?
}

/// Checks the list of headers, and puts what it offers into `buffer`.
#[inline(never)]
fn read_list(exchange: &mut impl Exchange, buffer: &mut [u8]) -> Result<Offer, Error> {
    if exchange.optional_headers() != OptionalHeaders::List {
        return Ok(None);
    }
    let mut len: usize = 0;
    let mut index: usize = 0;
    while let Some(lines) = exchange.optional_header(index) {
        let Some(appended) = append_offer(lines, buffer, len) else {
            exchange.optional_header_is_incomplete(index);
            return Err(Error::Invalid);
        };
        len = appended;
        index = index.wrapping_add(1);
    }
    // There has to be room for the longest text too.
    let room = buffer.len().saturating_sub(len);
    Ok(if room < len || room < MIN_TEXT_LEN {
        None
    } else {
        u16::try_from(len).ok()
    })
}

/// Receives the response through `buffer`, and returns which octets of it came behind: they are the first frames'.
/// The body of a refusal is read, so that the socket stands behind it; see [`ResponseParser`].
///
/// # Errors
/// [`Error::Invalid`]: no buffer. [`Error::TimedOut`]: not within the time, for request and response together.
/// [`Error::Reset`]: the server closed. [`Error::BadMessage`]: not HTTP. [`Error::Refused`]: another status than 101,
/// whatever its body was like. [`Error::Protocol`]: 101, but not this handshake's answer. [`Error::MessageSize`]: the
/// header block is too large. [`Error::Os`]: the socket's own.
#[inline(never)]
pub fn receive_response<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    expected_accept: &SecWebSocketAccept,
    offer: Offer,
    buffer: &mut [u8],
    deadline: &mut Deadline,
) -> Result<(usize, usize), HandshakeError> {
    if buffer.is_empty() {
        return Err(Error::Invalid.into());
    }
    platform
        .with_sender(deadline, |platform, _, text, deadline| {
            let (names, text) = text
                .split_at_mut_checked(usize::from(offer.unwrap_or(0)))
                .unwrap_or_default();
            let names = offer.map(|_| &*names);
            let mut parser = ResponseParser::new(expected_accept, names, text);
            let result = receive(platform, exchange, &mut parser, buffer, deadline);
            // A refusal is one, also if its body has not come to an end.
            match parser.refusal() {
                Some(failure) => Err(failed(platform, failure)),
                None => result,
            }
        })?
        .map_err(HandshakeError::from)
}

fn receive<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    parser: &mut ResponseParser<'_>,
    buffer: &mut [u8],
    deadline: &mut Deadline,
) -> Result<(usize, usize), Error> {
    loop {
        let received = match platform.receive(buffer) {
            Ok(0) => {
                parser.end(exchange);
                return Err(Error::Reset);
            }
            Ok(received) => received,
            Err(SocketError::WouldBlock) => {
                if !platform.wait(Interest::Readable, deadline)? {
                    return Err(Error::TimedOut);
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        // A server that sends without end is stopped by the parser's limits, not by the clock alone.
        match parser.push(buffer.get(..received).unwrap_or(&[]), exchange) {
            Ok(Progress::NeedMore) => {}
            Ok(Progress::Done { consumed }) => return Ok((consumed.min(received), received)),
            Err(Failure::Status(_)) => return Err(Error::Refused),
            Err(failure) => return Err(failed(platform, failure)),
        }
    }
}

#[inline(never)]
fn failed<P: Platform>(platform: &mut P, failure: Failure) -> Error {
    if let Failure::Status(status) = failure {
        platform.log(Event::HandshakeStatus(status));
        return Error::Refused;
    }
    platform.log(Event::HandshakeFailed(failure.number()));
    match failure {
        Failure::HeaderTooLarge => Error::MessageSize,
        failure if failure.is_malformed() => Error::BadMessage,
        _ => Error::Protocol,
    }
}

/// Puts pieces together in the buffer, so that a request takes as few sends as it can hold.
struct Gather<'a, P> {
    platform: &'a mut P,
    buffer: &'a mut [u8],
    filled: usize,
    /// A part has been sent.
    is_cut: bool,
    deadline: &'a mut Deadline,
}

impl<P: Platform> Gather<'_, P> {
    fn put(&mut self, mut piece: &[u8]) -> Result<(), Error> {
        while !piece.is_empty() {
            let room = self.buffer.get_mut(self.filled..).unwrap_or(&mut []);
            if room.is_empty() {
                if self.filled == 0 {
                    return Err(Error::Invalid);
                }
                self.flush(Part::More)?;
                continue;
            }
            let len = room.len().min(piece.len());
            for (target, octet) in room.iter_mut().zip(piece) {
                *target = *octet;
            }
            self.filled = self.filled.saturating_add(len);
            piece = piece.get(len..).unwrap_or(&[]);
        }
        Ok(())
    }

    fn flush(&mut self, part: Part) -> Result<(), Error> {
        let full = self.buffer.get(..self.filled).unwrap_or(&[]);
        let sent = push(self.platform, full, &mut 0, part, self.deadline)?;
        self.filled = 0;
        self.is_cut = true;
        match sent {
            Sent::All => Ok(()),
            Sent::Part => Err(Error::TimedOut),
        }
    }
}
