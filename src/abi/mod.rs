// SPDX-License-Identifier: Apache-2.0
//! What C calls: the eight functions of `<zephyr/net/websocket.h>` and its internal header, and the few that the
//! glue's socket methods use. Pointer checks here, then safe calls.
//!
//! Enums and bools cross as integers: an `enum websocket_opcode` is one octet on Cortex-M and four on x86.
//! On every negative result errno is its negative, but for -ECONNABORTED of a failed handshake, where errno is the
//! cause.
#![expect(unsafe_code, reason = "the boundary to C")]
#![expect(
    non_camel_case_types,
    reason = "the names are C's, cbindgen writes them"
)]

pub mod connect;
pub mod descriptor;
pub mod life;
pub mod message;
#[cfg(switch = "options")]
pub mod option;
pub mod stream;
pub mod view;
pub mod websocket_socket;

use core::ffi::{c_int, c_uint};

use crate::connection::{Error, Receiver, Sender, Shared, Timeout};
use crate::platform::OsError;
use crate::platform::zephyr::bindings as c;

/// `enum websocket_opcode`, whose width is the C ABI's affair: as an argument it arrives widened.
pub type websocket_opcode = c_uint;
/// C's `bool` as the integer that it is.
pub type c_bool = u8;

/// How many 64-bit words of storage C has to give for a [`Receiver`]; all-zero is a fresh one.
pub const ZWS_RECEIVER_WORDS: usize = 9;
/// How many 64-bit words of storage C has to give for a [`Sender`]; all-zero is a fresh one.
pub const ZWS_SENDER_WORDS: usize = 6;
/// How many 64-bit words of storage C has to give for the [`Shared`] atomics; all-zero is a fresh connection.
pub const ZWS_SHARED_WORDS: usize = 26;

/// How long the library may wait for the peer on its own behalf.
fn close_timeout() -> Timeout {
    // SAFETY: takes nothing.
    Timeout::Milliseconds(unsafe { c::zws_close_timeout_ms() })
}

const _: () = assert!(size_of::<Receiver>() <= ZWS_RECEIVER_WORDS * size_of::<u64>());
const _: () = assert!(size_of::<Sender>() <= ZWS_SENDER_WORDS * size_of::<u64>());
const _: () = assert!(size_of::<Shared>() <= ZWS_SHARED_WORDS * size_of::<u64>());
const _: () = assert!(align_of::<Receiver>() <= align_of::<u64>());
const _: () = assert!(align_of::<Sender>() <= align_of::<u64>());
const _: () = assert!(align_of::<Shared>() <= align_of::<u64>());

/// Sets errno and returns its negative.
pub(crate) fn fail(error: Error) -> c_int {
    let (status, number) = status(error);
    // SAFETY: takes numbers only.
    unsafe { c::zws_fail(status, number) }
}

/// One row per [`Error`]; the glue has the same table from these names to errno.
fn status(error: Error) -> (u8, i32) {
    let status = match error {
        Error::Os(OsError(number)) => return (c::ZWS_STATUS_OS, number),
        Error::Invalid => c::ZWS_STATUS_INVALID,
        Error::BadDescriptor => c::ZWS_STATUS_BAD_DESCRIPTOR,
        Error::NoEntry => c::ZWS_STATUS_NO_ENTRY,
        Error::Exists => c::ZWS_STATUS_EXISTS,
        Error::NoSpace => c::ZWS_STATUS_NO_SPACE,
        Error::Again => c::ZWS_STATUS_AGAIN,
        Error::TimedOut => c::ZWS_STATUS_TIMED_OUT,
        Error::Already => c::ZWS_STATUS_ALREADY,
        Error::NotConnected => c::ZWS_STATUS_NOT_CONNECTED,
        Error::Aborted => c::ZWS_STATUS_ABORTED,
        Error::Protocol => c::ZWS_STATUS_PROTOCOL,
        Error::MessageSize => c::ZWS_STATUS_MESSAGE_SIZE,
        Error::Reset => c::ZWS_STATUS_RESET,
        Error::BadMessage => c::ZWS_STATUS_BAD_MESSAGE,
        Error::Refused => c::ZWS_STATUS_REFUSED,
        Error::NoOption => c::ZWS_STATUS_NO_OPTION,
    };
    (status, 0)
}

/// A status of the glue's look-ups.
fn error(status: u8) -> Error {
    match status {
        c::ZWS_STATUS_BAD_DESCRIPTOR => Error::BadDescriptor,
        c::ZWS_STATUS_NO_ENTRY => Error::NoEntry,
        c::ZWS_STATUS_EXISTS => Error::Exists,
        _ => Error::Invalid,
    }
}

/// A count as C's `int`; what is larger is clamped, which callers prevent by limiting lengths.
fn count(len: usize) -> c_int {
    c_int::try_from(len).unwrap_or(c_int::MAX)
}

/// errno is set, and the result is what socket methods return then.
fn fail_method(error: Error) -> c_int {
    let _ = fail(error);
    -1
}

/// Octets that C gives to read.
///
/// # Safety
/// `data` is NULL or valid for `len` octets while the result is used.
unsafe fn octets<'a>(data: *const u8, len: usize) -> Result<&'a [u8], Error> {
    match (data.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Error::Invalid),
        // Before there is a slice: none can be so long.
        _ if c_int::try_from(len).is_err() => Err(Error::MessageSize),
        // SAFETY: not NULL, and the caller's promise.
        (false, _) => Ok(unsafe { core::slice::from_raw_parts(data, len) }),
    }
}

/// Memory that C gives to write: not NULL, not empty; what `int` cannot count is left out.
///
/// # Safety
/// `data` is NULL or valid for `len` octets, which nothing else refers to while the result is used.
unsafe fn target<'a>(data: *mut u8, len: usize) -> Result<&'a mut [u8], Error> {
    if data.is_null() || len == 0 {
        return Err(Error::Invalid);
    }
    let len = len.min(c_int::MAX.unsigned_abs() as usize);
    // SAFETY: not NULL, and the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts_mut(data, len) })
}
