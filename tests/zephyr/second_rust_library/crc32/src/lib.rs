// SPDX-License-Identifier: Apache-2.0
//! CRC-32 behind one C function, and all that makes a Rust archive clash with another: a panic handler that is used.

#![no_std]

use core::panic::PanicInfo;

/// The usual polynomial, reversed.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// CRC-32 of `len` octets.
///
/// # Safety
/// `data` has `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn crc32_second(data: *const u8, len: usize) -> u32 {
    // SAFETY: the caller's promise.
    let data = unsafe { core::slice::from_raw_parts(data, len) };
    let mut crc = u32::MAX;
    for octet in data {
        crc ^= u32::from(*octet);
        for _ in 0..8 {
            let carry = crc & 1;
            crc = crc >> 1 ^ (POLYNOMIAL * carry);
        }
    }
    !crc
}

/// Panics for an index of 8 or more: the compiler cannot leave the panic handler out.
#[unsafe(no_mangle)]
pub extern "C" fn crc32_second_test_octet(index: usize) -> u8 {
    b"12345678"[index]
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
