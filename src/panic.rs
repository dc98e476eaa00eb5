// SPDX-License-Identifier: Apache-2.0
//! The panic handler that a static library has to have: the end of the system. No path leads to it, which
//! `cargo xtask symbols` checks.
#![expect(unsafe_code, reason = "a call into C")]

use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        // SAFETY: takes nothing.
        unsafe { crate::platform::zephyr::bindings::zws_panic() };
    }
}
