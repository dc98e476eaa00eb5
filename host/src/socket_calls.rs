//! The zsock_ functions: each finds its descriptor's object and calls the method under the descriptor's lock.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::descriptor_io::zvfs_close;
use crate::descriptor_table;
use crate::errno;
use crate::host_methods;
use crate::tls_socket;
use crate::vtable::{Object, SocketVtable};
use core::ffi::{c_int, c_void};
use core::ptr;
use libc::{msghdr, sockaddr, socklen_t, ssize_t};

/// Calls the method that `method` picks; without one the call fails with `missing`.
fn call<M, T: From<i8>>(
    sock: c_int,
    missing: c_int,
    method: impl FnOnce(&SocketVtable) -> Option<M>,
    invoke: impl FnOnce(M, Object) -> T,
) -> T {
    let found = descriptor_table::look_up(sock).and_then(|(entry, target)| {
        // SAFETY: a socket's vtable is one of this type, valid while the descriptor is open.
        let methods = unsafe { target.vtable.cast::<SocketVtable>().as_ref() };
        match methods {
            Some(methods) if !target.object.is_null() => {
                Ok((entry, target, method(methods).ok_or(missing)?))
            }
            _ => Err(libc::EBADF),
        }
    });
    match found {
        Ok((entry, target, method)) => {
            let _locked = entry.lock.hold();
            invoke(method, target.object)
        }
        Err(error) => errno::fail(error),
    }
}

#[unsafe(no_mangle)]
extern "C" fn zsock_get_context_object(sock: c_int) -> Object {
    descriptor_table::look_up(sock).map_or(ptr::null_mut(), |(_, target)| target.object)
}

#[unsafe(no_mangle)]
extern "C" fn zsock_socket(family: c_int, kind: c_int, protocol: c_int) -> c_int {
    errno::answer(match protocol {
        tls_socket::TLS_1_2 | tls_socket::TLS_1_3 => tls_socket::create(family, kind, protocol),
        _ => host_methods::create(family, kind, protocol),
    })
}

#[unsafe(no_mangle)]
extern "C" fn zsock_socketpair(
    family: c_int,
    kind: c_int,
    protocol: c_int,
    pair: &mut [c_int; 2],
) -> c_int {
    errno::answer(
        host_methods::create_pair(family, kind, protocol).map(|created| {
            *pair = created;
            0
        }),
    )
}

#[unsafe(no_mangle)]
extern "C" fn zsock_close(sock: c_int) -> c_int {
    zvfs_close(sock)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_shutdown(sock: c_int, how: c_int) -> c_int {
    // SAFETY: the method accepts its object.
    call(
        sock,
        libc::ENOTSUP,
        |methods| methods.shutdown,
        |shutdown, object| unsafe { shutdown(object, how) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_bind(
    sock: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.bind,
        |bind, object| unsafe { bind(object, address, length) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_connect(
    sock: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.connect,
        |connect, object| unsafe { connect(object, address, length) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_listen(sock: c_int, backlog: c_int) -> c_int {
    // SAFETY: the method accepts its object.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.listen,
        |listen, object| unsafe { listen(object, backlog) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_accept(
    sock: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.accept,
        |accept, object| unsafe { accept(object, address, length) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_sendto(
    sock: c_int,
    buf: *const c_void,
    len: usize,
    flags: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> ssize_t {
    // SAFETY: the method accepts its object; the caller answers for the buffer and the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.sendto,
        |sendto, object| unsafe { sendto(object, buf, len, flags, address, length) },
    )
}

#[unsafe(no_mangle)]
extern "C" fn zsock_sendmsg(sock: c_int, message: *const msghdr, flags: c_int) -> ssize_t {
    // SAFETY: the method accepts its object; the caller answers for the message.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.sendmsg,
        |sendmsg, object| unsafe { sendmsg(object, message, flags) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_recvfrom(
    sock: c_int,
    buf: *mut c_void,
    max_len: usize,
    flags: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> ssize_t {
    // SAFETY: the method accepts its object; the caller answers for the buffer and the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.recvfrom,
        |recvfrom, object| unsafe { recvfrom(object, buf, max_len, flags, address, length) },
    )
}

#[unsafe(no_mangle)]
extern "C" fn zsock_recvmsg(sock: c_int, message: *mut msghdr, flags: c_int) -> ssize_t {
    // SAFETY: the method accepts its object; the caller answers for the message.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.recvmsg,
        |recvmsg, object| unsafe { recvmsg(object, message, flags) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_getsockopt(
    sock: c_int,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: *mut socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the value.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.getsockopt,
        |getsockopt, object| unsafe { getsockopt(object, level, name, value, length) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_setsockopt(
    sock: c_int,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the value.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.setsockopt,
        |setsockopt, object| unsafe { setsockopt(object, level, name, value, length) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_getpeername(
    sock: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.getpeername,
        |getpeername, object| unsafe { getpeername(object, address, length) },
    )
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn zsock_getsockname(
    sock: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    // SAFETY: the method accepts its object; the caller answers for the address.
    call(
        sock,
        libc::EOPNOTSUPP,
        |methods| methods.getsockname,
        |getsockname, object| unsafe { getsockname(object, address, length) },
    )
}
