// SPDX-License-Identifier: Apache-2.0
//! The client's opening handshake over a connected socket: request out, response in, both through `tmp_buf`.

use super::send::{Sent, push};
use super::{Deadline, Error};
use crate::handshake::{
    Failure, Observer, Progress, Request, ResponseParser, SecWebSocketAccept, SecWebSocketKey,
};
use crate::platform::{Event, Interest, OsError, Platform, SocketError};

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

    /// The header lines of the list, sent as they are.
    fn optional_header(&mut self, index: usize) -> Option<&[u8]>;

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

impl From<Error> for HandshakeError {
    fn from(cause: Error) -> Self {
        Self { cause }
    }
}

/// Opens the connection and returns which octets of `buffer` came behind the response: they are the first frames'.
///
/// # Errors
/// With the cause [`Error::Invalid`] before anything is sent: no buffer, or a host or URL that would break the
/// request. [`Error::TimedOut`]: not within the time, for request and response together. [`Error::Reset`]: the
/// server closed. [`Error::BadMessage`]: not HTTP. [`Error::Refused`]: another status than 101. [`Error::Protocol`]:
/// 101, but not this handshake's answer. [`Error::MessageSize`]: the header block is too large. [`Error::Os`]: the
/// socket's own, or the header callback's.
pub fn open<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    request: &ConnectRequest<'_>,
    buffer: &mut [u8],
    deadline: &mut Deadline,
) -> Result<(usize, usize), HandshakeError> {
    if buffer.is_empty() {
        return Err(Error::Invalid.into());
    }
    let key = new_key(platform);
    let request = Request::new(request.host, request.url, &key).ok_or(Error::Invalid)?;
    send_request(platform, exchange, &request, buffer, deadline)?;
    receive_response(platform, exchange, &key.accept(), buffer, deadline)
}

/// <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>, 7: "a nonce … randomly selected 16-byte value".
///
/// Not inlined, as the following two are not: the stack of one is free again before the next one runs, and the
/// network stack comes on top.
#[inline(never)]
fn new_key<P: Platform>(platform: &mut P) -> SecWebSocketKey {
    let mut nonce = [0; 16];
    platform.random(&mut nonce);
    SecWebSocketKey::new(nonce)
}

#[inline(never)]
fn send_request<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    request: &Request<'_>,
    buffer: &mut [u8],
    deadline: &mut Deadline,
) -> Result<(), Error> {
    let mut gather = Gather {
        platform,
        buffer,
        filled: 0,
        deadline,
    };
    request.head(|piece| gather.put(piece))?;
    match exchange.optional_headers() {
        OptionalHeaders::List => {
            let mut index: usize = 0;
            while let Some(line) = exchange.optional_header(index) {
                gather.put(line)?;
                index = index.wrapping_add(1);
            }
        }
        OptionalHeaders::Callback => {
            gather.flush()?;
            exchange.send_optional_headers().map_err(Error::Os)?;
        }
    }
    request.tail(|piece| gather.put(piece))?;
    gather.flush()
}

#[inline(never)]
fn receive_response<P: Platform>(
    platform: &mut P,
    exchange: &mut impl Exchange,
    expected_accept: &SecWebSocketAccept,
    buffer: &mut [u8],
    deadline: &mut Deadline,
) -> Result<(usize, usize), HandshakeError> {
    let mut parser = ResponseParser::new(expected_accept);
    loop {
        let received = match platform.receive(buffer) {
            Ok(0) => return Err(Error::Reset.into()),
            Ok(received) => received,
            Err(SocketError::WouldBlock) => {
                if !platform
                    .wait(Interest::Readable, deadline)
                    .map_err(Error::from)?
                {
                    return Err(Error::TimedOut.into());
                }
                continue;
            }
            Err(error) => return Err(Error::from(error).into()),
        };
        // A server that sends without end is stopped by the parser's limit, not by the clock alone.
        match parser.push(buffer.get(..received).unwrap_or(&[]), exchange) {
            Ok(Progress::NeedMore) => {}
            Ok(Progress::Done { consumed }) => return Ok((consumed.min(received), received)),
            Err(failure) => return Err(failed(platform, failure)),
        }
    }
}

fn failed<P: Platform>(platform: &mut P, failure: Failure) -> HandshakeError {
    if let Failure::Status(status) = failure {
        platform.log(Event::HandshakeStatus(status));
        return Error::Refused.into();
    }
    platform.log(Event::HandshakeFailed(failure.number()));
    let cause = match failure {
        Failure::HeaderTooLarge => Error::MessageSize,
        failure if failure.is_malformed() => Error::BadMessage,
        _ => Error::Protocol,
    };
    cause.into()
}

/// Puts pieces together in the buffer, so that a request takes as few sends as it can hold.
struct Gather<'a, P> {
    platform: &'a mut P,
    buffer: &'a mut [u8],
    filled: usize,
    deadline: &'a mut Deadline,
}

impl<P: Platform> Gather<'_, P> {
    fn put(&mut self, mut piece: &[u8]) -> Result<(), Error> {
        while !piece.is_empty() {
            let room = self.buffer.get_mut(self.filled..).unwrap_or(&mut []);
            if room.is_empty() {
                self.flush()?;
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

    fn flush(&mut self) -> Result<(), Error> {
        let full = self.buffer.get(..self.filled).unwrap_or(&[]);
        let sent = push(self.platform, full, &mut 0, self.deadline)?;
        self.filled = 0;
        match sent {
            Sent::All => Ok(()),
            Sent::Part => Err(Error::TimedOut),
        }
    }
}
