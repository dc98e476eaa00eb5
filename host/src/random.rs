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
        // The thread sanitizer sees what getrandom() writes, and not the library's locks: so it does not write there.
        let mut block = [0_u8; 64];
        let wanted = block.len().min(len - filled);
        // SAFETY: as long as that.
        match usize::try_from(unsafe { libc::getrandom(block.as_mut_ptr().cast(), wanted, 0) }) {
            Ok(count) => {
                for octet in block.iter().take(count) {
                    // SAFETY: the caller's buffer has so many bytes left.
                    let target = unsafe { dst.byte_add(filled) }.cast::<u8>();
                    // SAFETY: as above.
                    unsafe { target.write_volatile(*octet) };
                    filled += 1;
                }
            }
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
