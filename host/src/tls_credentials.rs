//! Certificates and keys that programs register, and TLS sockets look up by their tags.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! As in the kernel the table has pointers only: the program keeps the octets in place until it deletes them.

use crate::native::Guard;
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};

/// `TLS_CREDENTIAL_NONE`
const NONE: c_int = 0;
/// `TLS_CREDENTIAL_CA_CERTIFICATE`
pub const AUTHORITY: c_int = 1;
/// `TLS_CREDENTIAL_PUBLIC_CERTIFICATE`
pub const CERTIFICATE: c_int = 2;
/// `TLS_CREDENTIAL_PRIVATE_KEY`
pub const PRIVATE_KEY: c_int = 3;
/// `TLS_CREDENTIAL_PSK_ID`
const LAST_KIND: c_int = 5;

const CAPACITY: usize = 16;

#[derive(Clone, Copy)]
struct Credential {
    tag: c_int,
    kind: c_int,
    octets: *const u8,
    len: usize,
}

const UNUSED: Credential = Credential {
    tag: -1,
    kind: NONE,
    octets: core::ptr::null(),
    len: 0,
};

static GUARD: Guard = Guard::new();
static TABLE: Table = Table(UnsafeCell::new([UNUSED; CAPACITY]));

struct Table(UnsafeCell<[Credential; CAPACITY]>);
// SAFETY: it is only reached through with_table(), which holds the guard.
unsafe impl Sync for Table {}

fn with_table<T>(action: impl FnOnce(&mut [Credential; CAPACITY]) -> T) -> T {
    let _held = GUARD.hold();
    // SAFETY: the guard is held, and `action` does not come here again: it is one of the closures in this file.
    action(unsafe { &mut *TABLE.0.get() })
}

fn position(table: &[Credential], tag: c_int, kind: c_int) -> Option<usize> {
    table
        .iter()
        .position(|credential| credential.tag == tag && credential.kind == kind)
}

/// A copy of a credential.
pub fn find(tag: c_int, kind: c_int) -> Option<Vec<u8>> {
    with_table(|table| {
        let found = table.get(position(table, tag, kind)?)?;
        // SAFETY: whoever added it keeps it in place until it is deleted, which takes the guard.
        Some(unsafe { core::slice::from_raw_parts(found.octets, found.len) }.to_vec())
    })
}

/// # Safety
/// `octets` is valid for reading `len` bytes until the credential is deleted.
#[unsafe(no_mangle)]
unsafe extern "C" fn tls_credential_add(
    tag: c_int,
    kind: c_int,
    octets: *const c_void,
    len: usize,
) -> c_int {
    if kind <= NONE || kind > LAST_KIND || octets.is_null() {
        return -libc::EINVAL;
    }
    with_table(|table| {
        if position(table, tag, kind).is_some() {
            return -libc::EEXIST;
        }
        let Some(free) = table.iter_mut().find(|entry| entry.kind == NONE) else {
            return -libc::ENOMEM;
        };
        *free = Credential {
            tag,
            kind,
            octets: octets.cast(),
            len,
        };
        0
    })
}

/// # Safety
/// `octets` is valid for writing `*len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn tls_credential_get(
    tag: c_int,
    kind: c_int,
    octets: *mut c_void,
    len: &mut usize,
) -> c_int {
    let Some(found) = find(tag, kind) else {
        *len = 0;
        return -libc::ENOENT;
    };
    let room = core::mem::replace(len, found.len());
    if room < found.len() {
        return -libc::EFBIG;
    }
    // SAFETY: the caller's room is large enough, and the copy is ours.
    unsafe {
        octets
            .cast::<u8>()
            .copy_from_nonoverlapping(found.as_ptr(), found.len())
    };
    0
}

#[unsafe(no_mangle)]
extern "C" fn tls_credential_delete(tag: c_int, kind: c_int) -> c_int {
    with_table(|table| match position(table, tag, kind) {
        Some(index) => {
            table[index] = UNUSED;
            0
        }
        None => -libc::ENOENT,
    })
}
