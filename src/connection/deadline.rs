// SPDX-License-Identifier: Apache-2.0
//! How long a call may take, over all its waits.

use core::num::NonZeroU64;

use crate::platform::{Interest, Platform};

/// A time limit as the caller gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timeout {
    /// Do not wait.
    None,
    /// At most so many milliseconds.
    Milliseconds(u32),
    /// As long as it takes.
    Forever,
    /// As the socket's options say, which are looked at when there is something to wait for.
    OfSocket(Interest),
}

impl Timeout {
    /// Zephyr's convention: -1 (`SYS_FOREVER_MS`) has no limit; other negative values are 0.
    pub const fn from_zephyr(milliseconds: i32) -> Self {
        match milliseconds {
            -1 => Self::Forever,
            ..=0 => Self::None,
            some => Self::Milliseconds(some as u32),
        }
    }
}

/// A [`Timeout`] that runs. The clock is read at the first wait, so that a call that never waits never reads it.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    timeout: Timeout,
    /// `None`: the clock has not been read.
    end_ms: Option<NonZeroU64>,
}

impl Deadline {
    /// Runs from the first wait.
    pub const fn after(timeout: Timeout) -> Self {
        Self {
            timeout,
            end_ms: None,
        }
    }

    /// The limit as it was given.
    pub const fn timeout(&self) -> Timeout {
        self.timeout
    }

    /// What is left, for a wait that begins now: Zephyr's convention, -1 for no limit.
    pub fn remaining_ms(&mut self, platform: &mut impl Platform) -> i32 {
        if let Timeout::OfSocket(interest) = self.timeout {
            self.timeout = platform.timeout_of_socket(interest);
        }
        let limit = match self.timeout {
            Timeout::None | Timeout::OfSocket(_) => return 0,
            Timeout::Forever => return -1,
            Timeout::Milliseconds(limit) => limit,
        };
        let now = platform.uptime_ms();
        let end = *self.end_ms.get_or_insert_with(|| {
            let end = now.saturating_add(u64::from(limit));
            NonZeroU64::new(end).unwrap_or(NonZeroU64::MIN)
        });
        i32::try_from(end.get().saturating_sub(now)).unwrap_or(i32::MAX)
    }

    /// The same limit, but at most `limit_ms`: for what the library does on its own behalf.
    pub fn at_most(&mut self, limit_ms: u32, platform: &mut impl Platform) -> Self {
        let left = match self.remaining_ms(platform) {
            -1 => limit_ms,
            left => limit_ms.min(left.unsigned_abs()),
        };
        Self::after(if left == 0 {
            Timeout::None
        } else {
            Timeout::Milliseconds(left)
        })
    }
}
