//! The C library's `errno`.
//!
//! SPDX-License-Identifier: Apache-2.0

use core::ffi::c_int;

/// The error of the last C call of this thread.
pub fn last() -> c_int {
    // SAFETY: it is valid as long as this thread.
    unsafe { *location() }
}

/// Sets `errno`.
pub fn set(error: c_int) {
    // SAFETY: it is valid as long as this thread.
    unsafe { *location() = error }
}

fn location() -> *mut c_int {
    // SAFETY: the call has no preconditions.
    unsafe { libc::__errno_location() }
}

/// Sets `errno` and returns the -1 that goes with it.
pub fn fail<T: From<i8>>(error: c_int) -> T {
    set(error);
    T::from(-1)
}

/// A result in the way BSD calls return it: the value, or -1 with `errno`.
pub fn answer<T: From<i8>>(result: Result<T, c_int>) -> T {
    result.unwrap_or_else(fail)
}

/// What a C call returned: its value, or `errno` if it is negative.
pub fn check<T: PartialOrd + From<i8>>(result: T) -> Result<T, c_int> {
    if result < T::from(0) {
        Err(last())
    } else {
        Ok(result)
    }
}
