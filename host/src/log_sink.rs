//! Where log lines go: standard error, filtered by the environment variable `ZEPHYR_LOG`.
//!
//! SPDX-License-Identifier: Apache-2.0

use core::ffi::{c_char, c_int};
use std::sync::OnceLock;

const ERROR: c_int = 1;
const WARNING: c_int = 2;
const LEVELS: [(&str, c_int); 5] = [
    ("off", 0),
    ("err", ERROR),
    ("wrn", WARNING),
    ("inf", 3),
    ("dbg", 4),
];

/// Is a line of this level written?
#[unsafe(no_mangle)]
extern "C" fn port_log_enabled(level: c_int) -> bool {
    static LIMIT: OnceLock<c_int> = OnceLock::new();
    level <= *LIMIT.get_or_init(limit_from_environment)
}

fn limit_from_environment() -> c_int {
    let wanted = std::env::var("ZEPHYR_LOG").unwrap_or_default();
    LEVELS
        .iter()
        .find(|(name, _)| *name == wanted)
        .map_or(WARNING, |(_, level)| *level)
}

/// Writes one finished line in one piece, so that lines of threads do not mix.
///
/// # Safety
/// `line` is valid for reading `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn port_log_line(line: *const c_char, length: usize) {
    let error = crate::errno::last();
    // SAFETY: the caller's promise. A standard error that takes nothing is nobody's problem.
    unsafe { libc::write(libc::STDERR_FILENO, line.cast(), length) };
    crate::errno::set(error);
}

/// A line of a part of the port, at the level of errors.
pub fn error(module: &str, message: &str) {
    if port_log_enabled(ERROR) {
        let line = format!("<err> {module}: {message}\n");
        // SAFETY: pointer and length are of one string.
        unsafe { port_log_line(line.as_ptr().cast(), line.len()) };
    }
}

/// Ends the program with a message.
pub fn fatal(message: &str) -> ! {
    let line = format!("zephyr-host: {message}\n");
    // SAFETY: pointer and length are of one string.
    unsafe { port_log_line(line.as_ptr().cast(), line.len()) };
    std::process::abort()
}
