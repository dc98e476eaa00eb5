//! Options and names of TLS sockets: SOL_TLS here, time limits here, everything else below.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::errno::{self, check};
use crate::socket_calls::{
    zsock_bind, zsock_getpeername, zsock_getsockname, zsock_getsockopt, zsock_listen,
    zsock_setsockopt, zsock_shutdown,
};
use crate::tls_configuration::{Hostname, PeerVerification};
use crate::tls_socket::{self, State};
use crate::vtable::Object;
use core::ffi::{CStr, c_char, c_int, c_void};
use libc::{sockaddr, socklen_t, timeval};

const MICROSECONDS: i64 = 1_000_000;
/// `CONFIG_NET_SOCKETS_TLS_MAX_CREDENTIALS`
const TAGS_MAX: usize = 4;
const SOL_TLS: c_int = 282;
const TLS_SEC_TAG_LIST: c_int = 1;
const TLS_HOSTNAME: c_int = 2;
const TLS_PEER_VERIFY: c_int = 5;

/// # Safety
/// `value` is valid for reading `length` bytes; a hostname is null or terminated.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_setsockopt(
    object: Object,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> c_int {
    errno::answer(tls_socket::enter(object).and_then(|socket| {
        match (level, name) {
            // SAFETY: the caller's promise.
            (SOL_TLS, _) => socket.with(|state| unsafe { set(state, name, value, length) }),
            (libc::SOL_SOCKET, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) => {
                // SAFETY: the caller's promise.
                let limit = unsafe { limit_us(value, length) }?;
                socket.with(|state| {
                    let field = if name == libc::SO_RCVTIMEO {
                        &mut state.receive_limit_us
                    } else {
                        &mut state.send_limit_us
                    };
                    *field = limit;
                    Ok(0)
                })
            }
            _ => check(zsock_setsockopt(socket.below(), level, name, value, length)),
        }
    }))
}

/// # Safety
/// As `port_tls_setsockopt()`.
unsafe fn set(
    state: &mut State,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> Result<c_int, c_int> {
    let len = length as usize;
    match name {
        TLS_SEC_TAG_LIST => {
            let count = len / size_of::<c_int>();
            if value.is_null() || !len.is_multiple_of(size_of::<c_int>()) || count > TAGS_MAX {
                return Err(libc::EINVAL);
            }
            let tags = value.cast::<c_int>();
            state.options.tags = (0..count)
                // SAFETY: the caller's promise.
                .map(|index| unsafe { tags.wrapping_add(index).read_unaligned() })
                .collect();
        }
        TLS_HOSTNAME if value.is_null() => state.options.hostname = Hostname::Any,
        TLS_HOSTNAME => {
            // As the kernel: terminated, whatever the length says.
            // SAFETY: the caller's promise.
            let name = unsafe { CStr::from_ptr(value.cast::<c_char>()) };
            let name = name.to_str().map_err(|_| libc::EINVAL)?;
            state.options.hostname = Hostname::Name(name.to_owned());
        }
        TLS_PEER_VERIFY => {
            if value.is_null() || len != size_of::<c_int>() {
                return Err(libc::EINVAL);
            }
            // SAFETY: the caller's promise.
            let wanted = unsafe { value.cast::<c_int>().read_unaligned() };
            state.options.verification = Some(match wanted {
                0 => PeerVerification::None,
                1 => PeerVerification::Optional,
                2 => PeerVerification::Required,
                _ => return Err(libc::EINVAL),
            });
        }
        _ => return Err(libc::ENOPROTOOPT),
    }
    Ok(0)
}

/// # Safety
/// `value` is valid for reading `length` bytes.
unsafe fn limit_us(value: *const c_void, length: socklen_t) -> Result<i64, c_int> {
    if value.is_null() || length as usize != size_of::<timeval>() {
        return Err(libc::EINVAL);
    }
    // SAFETY: the caller's promise.
    let time = unsafe { value.cast::<timeval>().read_unaligned() };
    Ok(time
        .tv_sec
        .saturating_mul(MICROSECONDS)
        .saturating_add(time.tv_usec))
}

/// # Safety
/// `value` is valid for writing `*length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_tls_getsockopt(
    object: Object,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: &mut socklen_t,
) -> c_int {
    errno::answer(tls_socket::enter(object).and_then(|socket| {
        let number = match (level, name) {
            (SOL_TLS, _) => return Err(libc::ENOPROTOOPT),
            (libc::SOL_SOCKET, libc::SO_PROTOCOL) => {
                Some(socket.with(|state| Ok(state.options.protocol))?)
            }
            (libc::SOL_SOCKET, libc::SO_ERROR) => socket
                .with_session(|session| Ok(session.error()))
                .ok()
                .filter(|error| *error != 0),
            _ => None,
        };
        let Some(number) = number else {
            return check(zsock_getsockopt(socket.below(), level, name, value, length));
        };
        if value.is_null() || *length as usize != size_of::<c_int>() {
            return Err(libc::EINVAL);
        }
        // SAFETY: the caller's room has that length.
        unsafe { value.cast::<c_int>().write_unaligned(number) };
        Ok(0)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_bind(object: Object, address: *const sockaddr, length: socklen_t) -> c_int {
    pass_on(object, |below| zsock_bind(below, address, length))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_listen(object: Object, backlog: c_int) -> c_int {
    pass_on(object, |below| zsock_listen(below, backlog))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_shutdown(object: Object, how: c_int) -> c_int {
    pass_on(object, |below| zsock_shutdown(below, how))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_getpeername(
    object: Object,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    pass_on(object, |below| zsock_getpeername(below, address, length))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_getsockname(
    object: Object,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    pass_on(object, |below| zsock_getsockname(below, address, length))
}

fn pass_on(object: Object, call: impl FnOnce(c_int) -> c_int) -> c_int {
    errno::answer(tls_socket::enter(object).and_then(|socket| check(call(socket.below()))))
}
