// SPDX-License-Identifier: Apache-2.0
//! `websocket_connect`: the opening handshake between the application's request and its callbacks.

use core::ffi::{CStr, c_char, c_int, c_void};

use super::descriptor::{claim, publish};
use super::{fail, status};
use crate::connection::{
    ConnectRequest, Deadline, Error, Exchange, HandshakeError, OptionalHeaders, Timeout, new_key,
    receive_response, send_request,
};
use crate::handshake::{Observer, Seen};
use crate::platform::OsError;
use crate::platform::zephyr::Slot;
use crate::platform::zephyr::bindings as c;

/// Opens a websocket over a connected socket; returns its descriptor, or a negative errno: -EINVAL (`http_sock` < 0;
/// NULL `req`, host or url; control characters in them; an entry of the optional headers that does not end in CRLF or
/// has an empty line), -EEXIST (the socket carries a websocket already), -ENOENT
/// (no slot is free), -ENOSPC (no descriptor is free), the connect callback's negative result, or -ECONNABORTED for
/// every failure of the handshake. errno is the negative of the result, but for -ECONNABORTED, where it is the cause:
/// ETIMEDOUT, ECONNRESET (the server closed), ECONNREFUSED (status not 101), EPROTO (101, but not this handshake's
/// answer), EBADMSG (not HTTP), EMSGSIZE (header block too large), EINVAL (no `tmp_buf`), EBADF, or the socket's own.
///
/// # Safety
/// - `req`: NULL, or a valid `struct websocket_request`; its `tmp_buf` stays valid for as long as the websocket exists.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn websocket_connect(
    http_sock: c_int,
    req: *mut c::websocket_request,
    timeout: i32,
    user_data: *mut c_void,
) -> c_int {
    if http_sock < 0 || req.is_null() {
        return fail(Error::Invalid);
    }
    let mut fields = core::mem::MaybeUninit::uninit();
    // SAFETY: `req` is valid (this function's contract), `fields` is writable.
    unsafe { c::zws_connect_request_read(req, fields.as_mut_ptr()) };
    // SAFETY: zws_connect_request_read() fills every field.
    let fields: c::zws_connect_request = unsafe { fields.assume_init() };
    if fields.host.is_null() || fields.url.is_null() {
        return fail(Error::Invalid);
    }
    // SAFETY: `req` is valid.
    if !CALLBACKS && unsafe { c::zws_has_callbacks(req) } {
        // SAFETY: takes nothing.
        return unsafe { c::zws_not_supported() };
    }
    let slot = match claim(http_sock, true, fields.tmp_buf, fields.tmp_buf_len) {
        Ok(slot) => slot,
        Err(error @ Error::BadDescriptor) => return aborted(error),
        Err(error) => return fail(error),
    };
    let mut connect = Connect {
        slot,
        fields: &fields,
        deadline: Deadline::after(Timeout::from_zephyr(timeout)),
    };
    let context = (&raw mut connect).cast();
    if !CALLBACKS {
        // SAFETY: as zws_exchange_run() calls it, but that there is nobody who looks on.
        return unsafe { run(context, core::ptr::null_mut()) };
    }
    // SAFETY: `req` is valid; run() is called back before this returns, with `context` and nothing else.
    unsafe { c::zws_exchange_run(req, slot, http_sock, user_data, Some(run), context) }
}

/// Without them nobody looks on: there is no exchange of the glue's.
const CALLBACKS: bool = cfg!(switch = "handshake_callbacks");

/// What one call of `websocket_connect` works on.
struct Connect<'a> {
    slot: *mut c::zws_slot,
    fields: &'a c::zws_connect_request,
    deadline: Deadline,
}

/// # Safety
/// `context` is the [`Connect`] of `websocket_connect`, `exchange` the glue's for this call.
unsafe extern "C" fn run(context: *mut c_void, exchange: *mut c::zws_exchange) -> c_int {
    // SAFETY: websocket_connect() passed it, and lends it to this call alone.
    let connect = unsafe { &mut *context.cast::<Connect<'_>>() };
    let exchange = Application {
        slot: connect.slot,
        exchange,
        headers: connect.fields.optional_headers,
        callback: connect.fields.has_header_callback,
        wants_body: connect.fields.wants_body,
    };
    let slot = connect.slot;
    match handshake(connect, exchange) {
        Ok(()) => publish(slot).unwrap_or_else(fail),
        Err(HandshakeError { cause }) => {
            // SAFETY: claimed, not published, and nobody else knows it.
            unsafe { Slot::new(slot) }.release();
            let has_buffer = !connect.fields.tmp_buf.is_null() && connect.fields.tmp_buf_len > 0;
            if cause == Error::Invalid && has_buffer {
                fail(cause)
            } else {
                aborted(cause)
            }
        }
    }
}

/// Runs the handshake and hands the octets behind the response to the receive half.
fn handshake(connect: &mut Connect<'_>, mut exchange: Application) -> Result<(), HandshakeError> {
    // SAFETY: claimed by this call and given back by it.
    let mut slot = unsafe { Slot::new(connect.slot) };
    if connect.fields.tmp_buf.is_null() || connect.fields.tmp_buf_len == 0 {
        return Err(Error::Invalid.into());
    }
    let deadline = &mut connect.deadline;
    let key = new_key(&mut slot);
    // Host, URL and headers may lie in the receive buffer: they are not looked at once it is in use.
    let request = ConnectRequest {
        // SAFETY: websocket_connect() refused NULL; a C string by the ABI.
        host: unsafe { CStr::from_ptr(connect.fields.host) }.to_bytes(),
        // SAFETY: as for the host.
        url: unsafe { CStr::from_ptr(connect.fields.url) }.to_bytes(),
    };
    let offer = send_request(&mut slot, &mut exchange, &request, &key, deadline)?;
    let accept = key.accept();
    let settings = slot.settings();
    let opened = slot.as_receiver(&settings, *deadline, |receiver, call| {
        let (slot, deadline) = (&mut *call.platform, &mut call.deadline);
        let (start, end) =
            receive_response(slot, &mut exchange, &accept, offer, call.buffer, deadline)?;
        receiver.begin(start, end, call.buffer);
        Ok::<_, HandshakeError>((start, receiver.buffered()))
    });
    let (consumed, leftover) = opened??;
    if !CALLBACKS {
        return Ok(());
    }
    // SAFETY: the glue's exchange of this call.
    unsafe { c::zws_exchange_opened(exchange.exchange, consumed, leftover) };
    Ok(())
}

/// -ECONNABORTED, as the stock client says of every failed handshake, with the cause in errno.
fn aborted(cause: Error) -> c_int {
    let result = fail(Error::Aborted);
    let (status, number) = status(cause);
    // SAFETY: takes numbers only.
    unsafe { c::zws_set_errno(status, number) };
    result
}

/// The application's callbacks, through the glue.
#[derive(Clone, Copy)]
struct Application {
    slot: *mut c::zws_slot,
    exchange: *mut c::zws_exchange,
    headers: *const *const c_char,
    callback: bool,
    wants_body: bool,
}

impl Exchange for Application {
    fn optional_headers(&self) -> OptionalHeaders {
        if CALLBACKS && self.callback {
            OptionalHeaders::Callback
        } else {
            OptionalHeaders::List
        }
    }

    fn optional_header(&mut self, index: usize) -> Option<&[u8]> {
        if self.headers.is_null() {
            return None;
        }
        // SAFETY: a NULL-terminated list by the ABI, and indices come in order until NULL.
        let line = unsafe { *self.headers.wrapping_add(index) };
        if line.is_null() {
            return None;
        }
        // SAFETY: a C string by the ABI.
        Some(unsafe { CStr::from_ptr(line) }.to_bytes())
    }

    fn optional_header_is_incomplete(&mut self, index: usize) {
        let number = i32::try_from(index).unwrap_or(i32::MAX);
        // SAFETY: takes numbers only.
        unsafe { c::zws_log(c::ZWS_EVENT_HEADER_INCOMPLETE, number, 0) };
    }

    fn send_optional_headers(&mut self) -> Result<(), OsError> {
        // SAFETY: the glue's exchange of this call.
        match unsafe { c::zws_exchange_optional_headers(self.exchange) } {
            0.. => Ok(()),
            error => Err(OsError(error.wrapping_neg())),
        }
    }
}

impl Observer for Application {
    fn observe(&mut self, seen: Seen, octets: &[u8], number: u32) {
        if seen == Seen::MessageBegin {
            // SAFETY: claimed by this call.
            unsafe { c::zws_slot_set_handshake_status(self.slot, number as u16) };
        }
        if !CALLBACKS {
            return;
        }
        let (data, len) = (octets.as_ptr(), octets.len());
        // SAFETY: the glue's exchange of this call; pointer and length are one slice's.
        unsafe { c::zws_exchange_observe(self.exchange, seen as u8, number, data, len) };
    }

    fn sub_protocol(&mut self, name: Option<&[u8]>) {
        // What is longer than the buffer is longer than what can be read.
        let (data, len) = name.map_or((core::ptr::null(), usize::MAX), |name| {
            (name.as_ptr(), name.len())
        });
        // SAFETY: claimed by this call and not published; pointer and length are one slice's, or the length is none
        // that fits.
        unsafe { c::zws_protocol_set(self.slot, data, len) };
    }

    fn wants_body(&self) -> bool {
        self.wants_body
    }
}

const _: () = assert!(Seen::MessageBegin as u8 == c::ZWS_SEEN_MESSAGE_BEGIN);
const _: () = assert!(Seen::Status as u8 == c::ZWS_SEEN_STATUS);
const _: () = assert!(Seen::HeaderField as u8 == c::ZWS_SEEN_HEADER_FIELD);
const _: () = assert!(Seen::HeaderValue as u8 == c::ZWS_SEEN_HEADER_VALUE);
const _: () = assert!(Seen::HeadersComplete as u8 == c::ZWS_SEEN_HEADERS_COMPLETE);
const _: () = assert!(Seen::Body as u8 == c::ZWS_SEEN_BODY);
const _: () = assert!(Seen::MessageComplete as u8 == c::ZWS_SEEN_MESSAGE_COMPLETE);
