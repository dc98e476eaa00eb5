//! The operations behind a descriptor: C's `struct fd_op_vtable` and `struct socket_op_vtable`.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! The ioctl operation takes a `va_list`, which only C can make: it is called through `ioctl.c`.

use crate::event_poll::PollEvent;
use crate::mutex::KMutex;
use core::ffi::{c_int, c_void};
use libc::{msghdr, sockaddr, socklen_t, ssize_t};

/// What an operation is for: the `obj` of every method.
pub type Object = *mut c_void;

/// `struct fd_op_vtable`; close is called as close2, which is right for close as well: it does not look at the number.
#[repr(C)]
pub struct DescriptorVtable {
    /// Reads at an offset.
    pub read: Option<unsafe extern "C" fn(Object, *mut c_void, usize, usize) -> ssize_t>,
    /// Writes at an offset.
    pub write: Option<unsafe extern "C" fn(Object, *const c_void, usize, usize) -> ssize_t>,
    /// Closes; sockets need their number.
    pub close: Option<unsafe extern "C" fn(Object, c_int) -> c_int>,
    /// Everything else, called from C.
    pub ioctl: Option<unsafe extern "C" fn()>,
}

/// `struct socket_op_vtable`.
#[repr(C)]
#[allow(missing_docs, reason = "each field is the zsock_ function of its name")]
pub struct SocketVtable {
    pub descriptor: DescriptorVtable,
    pub shutdown: Option<unsafe extern "C" fn(Object, c_int) -> c_int>,
    pub bind: Option<unsafe extern "C" fn(Object, *const sockaddr, socklen_t) -> c_int>,
    pub connect: Option<unsafe extern "C" fn(Object, *const sockaddr, socklen_t) -> c_int>,
    pub listen: Option<unsafe extern "C" fn(Object, c_int) -> c_int>,
    pub accept: Option<unsafe extern "C" fn(Object, *mut sockaddr, *mut socklen_t) -> c_int>,
    pub sendto: Option<SendTo>,
    pub recvfrom: Option<ReceiveFrom>,
    pub getsockopt:
        Option<unsafe extern "C" fn(Object, c_int, c_int, *mut c_void, *mut socklen_t) -> c_int>,
    pub setsockopt:
        Option<unsafe extern "C" fn(Object, c_int, c_int, *const c_void, socklen_t) -> c_int>,
    pub sendmsg: Option<unsafe extern "C" fn(Object, *const msghdr, c_int) -> ssize_t>,
    pub recvmsg: Option<unsafe extern "C" fn(Object, *mut msghdr, c_int) -> ssize_t>,
    pub getpeername: Option<unsafe extern "C" fn(Object, *mut sockaddr, *mut socklen_t) -> c_int>,
    pub getsockname: Option<unsafe extern "C" fn(Object, *mut sockaddr, *mut socklen_t) -> c_int>,
}

/// The method of `zsock_sendto()`.
pub type SendTo = unsafe extern "C" fn(
    Object,
    *const c_void,
    usize,
    c_int,
    *const sockaddr,
    socklen_t,
) -> ssize_t;

/// The method of `zsock_recvfrom()`.
pub type ReceiveFrom = unsafe extern "C" fn(
    Object,
    *mut c_void,
    usize,
    c_int,
    *mut sockaddr,
    *mut socklen_t,
) -> ssize_t;

/// `struct zvfs_pollfd`, which is also `struct zsock_pollfd`.
#[repr(C)]
pub struct PollDescriptor {
    /// The descriptor; negative ones are skipped.
    pub fd: c_int,
    /// What is asked for.
    pub events: i16,
    /// What is there.
    pub revents: i16,
}

unsafe extern "C" {
    /// ZFD_IOCTL_SET_LOCK.
    pub fn port_ioctl_set_lock(
        vtable: *const DescriptorVtable,
        object: Object,
        lock: *const KMutex,
    ) -> c_int;
    /// ZFD_IOCTL_POLL_PREPARE.
    pub fn port_ioctl_poll_prepare(
        vtable: *const DescriptorVtable,
        object: Object,
        entry: *mut PollDescriptor,
        next: *mut *mut PollEvent,
        end: *mut PollEvent,
    ) -> c_int;
    /// ZFD_IOCTL_POLL_UPDATE.
    pub fn port_ioctl_poll_update(
        vtable: *const DescriptorVtable,
        object: Object,
        entry: *mut PollDescriptor,
        next: *mut *mut PollEvent,
    ) -> c_int;
    /// ZFD_IOCTL_POLL_OFFLOAD.
    pub fn port_ioctl_poll_offload(
        vtable: *const DescriptorVtable,
        object: Object,
        entries: *mut PollDescriptor,
        count: c_int,
        timeout_ms: c_int,
    ) -> c_int;
    /// The vtable of the PC's sockets, which C puts together.
    pub safe static port_host_socket_vtable: SocketVtable;
    /// That of TLS sockets.
    pub safe static port_tls_socket_vtable: SocketVtable;
}

/// `sizeof(struct socket_op_vtable)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_SOCKET_VTABLE: usize = size_of::<SocketVtable>();
