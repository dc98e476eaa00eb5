//! Time: the monotonic clock, timeouts, points in time and sleeping. A tick is a microsecond.
//!
//! SPDX-License-Identifier: Apache-2.0

use core::ffi::c_int;

const TICKS_PER_MS: i64 = 1000;
const TICKS_PER_SECOND: i64 = 1_000_000;
const FOREVER: u64 = u64::MAX;

/// `k_timeout_t`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Timeout {
    ticks: i64,
}

impl Timeout {
    /// `K_FOREVER`.
    pub const FOREVER: Self = Self { ticks: -1 };
    /// `K_NO_WAIT`.
    pub const NO_WAIT: Self = Self { ticks: 0 };

    /// `K_MSEC()`.
    pub fn from_ms(ms: u64) -> Self {
        Self::from_us(
            i64::try_from(ms)
                .unwrap_or(i64::MAX)
                .saturating_mul(TICKS_PER_MS),
        )
    }

    /// `K_USEC()`.
    pub fn from_us(us: i64) -> Self {
        Self { ticks: us.max(0) }
    }

    /// Whole milliseconds, or -1 for ever.
    pub fn as_ms_floor(self) -> c_int {
        if self.ticks < 0 {
            return -1;
        }
        c_int::try_from(self.ticks / TICKS_PER_MS).unwrap_or(c_int::MAX)
    }
}

/// `k_timepoint_t`: 0 is over already, the greatest number never comes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Timepoint {
    tick: u64,
}

/// When to stop waiting; the Rust view of a `Timepoint`.
#[derive(Clone, Copy)]
pub struct Deadline(u64);

impl Deadline {
    /// The end of `timeout`, counted from now.
    pub fn after(timeout: Timeout) -> Self {
        Self(sys_timepoint_calc(timeout).tick)
    }

    /// The earlier of the two.
    pub fn earlier(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// Is it over?
    pub fn passed(self) -> bool {
        self.remaining() == Timeout::NO_WAIT
    }

    /// What is left.
    pub fn remaining(self) -> Timeout {
        sys_timepoint_timeout(Timepoint { tick: self.0 })
    }

    /// The time of `CLOCK_MONOTONIC`, or nothing for "never".
    pub fn as_timespec(self) -> Option<libc::timespec> {
        (self.0 != FOREVER).then(|| to_timespec(i64::try_from(self.0).unwrap_or(i64::MAX)))
    }

    /// What is left, for `ppoll()`; nothing for "no limit".
    pub fn remaining_timespec(self) -> Option<libc::timespec> {
        let remaining = self.remaining();
        (remaining != Timeout::FOREVER).then(|| to_timespec(remaining.ticks))
    }
}

#[unsafe(no_mangle)]
extern "C" fn sys_timepoint_calc(timeout: Timeout) -> Timepoint {
    let tick = match timeout.ticks {
        0 => 0,
        forever if forever < 0 => FOREVER,
        ticks => now().saturating_add(ticks).unsigned_abs(),
    };
    Timepoint { tick }
}

#[unsafe(no_mangle)]
extern "C" fn sys_timepoint_timeout(timepoint: Timepoint) -> Timeout {
    match timepoint.tick {
        0 => Timeout::NO_WAIT,
        FOREVER => Timeout::FOREVER,
        tick => Timeout::from_us(i64::try_from(tick).unwrap_or(i64::MAX) - now()),
    }
}

#[unsafe(no_mangle)]
extern "C" fn k_uptime_ticks() -> i64 {
    static START: std::sync::OnceLock<i64> = std::sync::OnceLock::new();
    let now = now();
    now - *START.get_or_init(|| now)
}

#[unsafe(no_mangle)]
extern "C" fn k_sleep(timeout: Timeout) -> i32 {
    let deadline = Deadline::after(timeout);
    while !deadline.passed() {
        sleep_until(deadline);
    }
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_usleep(us: i32) -> i32 {
    k_sleep(Timeout::from_us(i64::from(us)))
}

#[unsafe(no_mangle)]
extern "C" fn k_busy_wait(us: u32) {
    let deadline = Deadline::after(Timeout::from_us(i64::from(us)));
    while !deadline.passed() {
        core::hint::spin_loop();
    }
}

#[unsafe(no_mangle)]
extern "C" fn k_yield() {
    // SAFETY: the call has no arguments and no preconditions.
    unsafe { libc::sched_yield() };
}

/// One sleep, which a signal can cut short.
fn sleep_until(deadline: Deadline) {
    match deadline.as_timespec() {
        // SAFETY: the time is read during the call only, and nothing is written without a fourth argument.
        Some(until) => unsafe {
            libc::clock_nanosleep(
                libc::CLOCK_MONOTONIC,
                libc::TIMER_ABSTIME,
                &until,
                core::ptr::null_mut(),
            );
        },
        // SAFETY: the call has no preconditions.
        None => unsafe {
            libc::pause();
        },
    }
}

/// Ticks of the monotonic clock.
fn now() -> i64 {
    let mut time = to_timespec(0);
    // SAFETY: the clock writes to our variable.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec * TICKS_PER_SECOND + time.tv_nsec / 1000
}

fn to_timespec(ticks: i64) -> libc::timespec {
    libc::timespec {
        tv_sec: ticks / TICKS_PER_SECOND,
        tv_nsec: (ticks % TICKS_PER_SECOND) * 1000,
    }
}
