//! Names and addresses, answered by the PC's resolver.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::errno::{self, check};
use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use libc::{addrinfo, sa_family_t, sockaddr, sockaddr_storage, socklen_t};

const NAME_LENGTH: usize = 256;

unsafe extern "C" {
    fn inet_pton(family: c_int, from: *const c_char, to: *mut c_void) -> c_int;
}

/// `struct zsock_addrinfo`.
#[repr(C)]
struct AddressInfo {
    next: *mut Self,
    flags: c_int,
    family: c_int,
    kind: c_int,
    protocol: c_int,
    extra_flags: c_int,
    length: socklen_t,
    address: *mut sockaddr,
    canonical_name: *mut c_char,
    own_address: sockaddr_storage,
    own_name: [c_char; NAME_LENGTH],
}

/// # Safety
/// `name` is valid for writing `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn zsock_gethostname(name: *mut c_char, length: usize) -> c_int {
    // SAFETY: the caller's promise.
    errno::answer(check(unsafe { libc::gethostname(name, length) }))
}

/// # Safety
/// `from` is a terminated string; `to` has room for an address of the family.
#[unsafe(no_mangle)]
unsafe extern "C" fn zsock_inet_pton(
    family: sa_family_t,
    from: *const c_char,
    to: *mut c_void,
) -> c_int {
    // SAFETY: the caller's promise.
    let result = unsafe { inet_pton(c_int::from(family), from, to) };
    c_int::from(result == 1)
}

/// # Safety
/// `host` and `service` are terminated strings or null; `hints` is valid or null.
#[unsafe(no_mangle)]
unsafe extern "C" fn zsock_getaddrinfo(
    host: *const c_char,
    service: *const c_char,
    hints: Option<&AddressInfo>,
    result: &mut *mut AddressInfo,
) -> c_int {
    *result = ptr::null_mut();
    let wanted = hints.map(to_host);
    let wanted = wanted.as_ref().map_or(ptr::null(), ptr::from_ref);
    let mut found: *mut addrinfo = ptr::null_mut();
    // SAFETY: the caller's promise; the hints are ours; the list is written to our variable.
    let error = unsafe { libc::getaddrinfo(host, service, wanted, &mut found) };
    if error != 0 {
        // DNS_EAI_… are the PC's numbers.
        return error;
    }
    *result = copy_list(found);
    // SAFETY: the list comes from getaddrinfo() and is not used any more.
    unsafe { libc::freeaddrinfo(found) };
    0
}

fn to_host(hints: &AddressInfo) -> addrinfo {
    addrinfo {
        ai_flags: hints.flags,
        ai_family: hints.family,
        ai_socktype: hints.kind,
        ai_protocol: hints.protocol,
        ai_addrlen: 0,
        ai_addr: ptr::null_mut(),
        ai_canonname: ptr::null_mut(),
        ai_next: ptr::null_mut(),
    }
}

/// A copy of the list in Zephyr's structures, which zsock_freeaddrinfo() frees.
fn copy_list(found: *const addrinfo) -> *mut AddressInfo {
    // SAFETY: null, or an element of getaddrinfo()'s list.
    let Some(element) = (unsafe { found.as_ref() }) else {
        return ptr::null_mut();
    };
    let mut copy = Box::new(AddressInfo {
        next: copy_list(element.ai_next),
        flags: element.ai_flags,
        family: element.ai_family,
        kind: element.ai_socktype,
        protocol: element.ai_protocol,
        extra_flags: 0,
        length: element.ai_addrlen,
        address: ptr::null_mut(),
        canonical_name: ptr::null_mut(),
        // SAFETY: all bytes zero is a valid address of no family.
        own_address: unsafe { core::mem::zeroed() },
        own_name: [0; NAME_LENGTH],
    });
    let length = (element.ai_addrlen as usize).min(size_of::<sockaddr_storage>());
    let address = (&raw mut copy.own_address).cast::<u8>();
    // SAFETY: both addresses have `length` bytes and are different objects.
    unsafe { address.copy_from_nonoverlapping(element.ai_addr.cast(), length) };
    copy.address = address.cast();
    if !element.ai_canonname.is_null() {
        // SAFETY: a terminated string of getaddrinfo()'s; the last byte of ours stays zero.
        unsafe {
            libc::strncpy(
                copy.own_name.as_mut_ptr(),
                element.ai_canonname,
                NAME_LENGTH - 1,
            )
        };
        copy.canonical_name = copy.own_name.as_mut_ptr();
    }
    Box::into_raw(copy)
}

/// # Safety
/// `list` comes from `zsock_getaddrinfo()`, or is null, and is not used any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn zsock_freeaddrinfo(list: *mut AddressInfo) {
    let mut next = list;
    while !next.is_null() {
        // SAFETY: each element was made by copy_list() and is taken apart once.
        next = unsafe { Box::from_raw(next) }.next;
    }
}

#[unsafe(no_mangle)]
extern "C" fn zsock_gai_strerror(error: c_int) -> *const c_char {
    // SAFETY: the call accepts every number.
    unsafe { libc::gai_strerror(error) }
}

/// `sizeof(struct zsock_addrinfo)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_ADDRINFO: usize = size_of::<AddressInfo>();
