// SPDX-License-Identifier: Apache-2.0
//! Why a call on a connection failed: one variant per errno that the C ABI documents.

use crate::platform::{OsError, SocketError};

/// The result of a failed call. The C side turns it into the errno of its C library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// EINVAL: an argument, or their combination, is not allowed.
    Invalid,
    /// EBADF: not an open descriptor.
    BadDescriptor,
    /// ENOENT: not a websocket, or no slot is free.
    NoEntry,
    /// EEXIST: the socket carries a websocket already.
    Exists,
    /// ENOSPC: no descriptor is free.
    NoSpace,
    /// EAGAIN: not without waiting; nothing was delivered, and a frame of which a part was sent goes on when the call is
    /// repeated.
    Again,
    /// ETIMEDOUT: not within the given time.
    TimedOut,
    /// EALREADY: another frame was begun, and has to be completed first by repeating its call.
    Already,
    /// ENOTCONN: the peer closed, or the connection was failed before.
    NotConnected,
    /// ECONNABORTED: the handshake failed, a frame was cut short earlier, or another thread closes the websocket.
    Aborted,
    /// EPROTO: the peer broke the protocol; the connection has been failed by this call.
    Protocol,
    /// EMSGSIZE: the payload is larger than the result can say.
    MessageSize,
    /// ECONNRESET: the peer closed before the handshake was complete.
    Reset,
    /// EBADMSG: the peer's response is not HTTP.
    BadMessage,
    /// ECONNREFUSED: the server answered with another status than 101.
    Refused,
    /// ENOPROTOOPT: there is no such option.
    NoOption,
    /// What the socket said.
    Os(OsError),
}

impl From<SocketError> for Error {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::WouldBlock => Self::Again,
            SocketError::Closing => Self::Aborted,
            SocketError::Os(os) => Self::Os(os),
        }
    }
}
