//! Random bytes from the PC's cryptographic generator.
//!
//! SPDX-License-Identifier: Apache-2.0

use core::ffi::{c_int, c_void};

/// # Safety
/// `dst` is valid for writing `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn sys_csrand_get(dst: *mut c_void, len: usize) -> c_int {
    let mut filled = 0;
    while filled < len {
        // SAFETY: `filled` bytes of the caller's `len` are behind us.
        let rest = unsafe { dst.byte_add(filled) };
        // SAFETY: the caller's buffer has that many bytes left.
        match usize::try_from(unsafe { libc::getrandom(rest, len - filled, 0) }) {
            Ok(count) => filled += count,
            Err(_) if crate::errno::last() == libc::EINTR => {}
            Err(_) => return -libc::EIO,
        }
    }
    0
}

/// # Safety
/// `dst` is valid for writing `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn sys_rand_get(dst: *mut c_void, len: usize) {
    // SAFETY: the caller's promise.
    if unsafe { sys_csrand_get(dst, len) } != 0 {
        crate::log_sink::fatal("sys_rand_get: the PC has no random numbers");
    }
}
