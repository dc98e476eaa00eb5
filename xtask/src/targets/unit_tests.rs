// SPDX-License-Identifier: Apache-2.0
//! Runs the library's unit tests where integers are of other sizes and orders: on i686, and under QEMU on s390x and in Thumb-2.

use std::time::Duration;

use anyhow::{Result, bail};

use super::build::{self, Toolchain};
use crate::install;
use crate::needs::{self, Need};
use crate::process::{self, Show};

/// A machine that this one can stand in for.
pub(super) struct Machine {
    pub(super) target: &'static str,
    /// What is special about it.
    pub(super) kind: &'static str,
    /// A compiler with its C library, and the emulator.
    needs: &'static [Need],
    /// The linker and the program that runs the tests, where they are not this machine's own.
    environment: &'static [(&'static str, &'static str)],
}

pub(super) const MACHINES: [Machine; 3] = [
    Machine {
        target: "i686-unknown-linux-gnu",
        kind: "32 bits",
        needs: needs::I686,
        environment: &[],
    },
    Machine {
        target: "s390x-unknown-linux-gnu",
        kind: "big-endian, under qemu-user",
        needs: needs::S390X,
        environment: &[
            (
                "CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER",
                "s390x-linux-gnu-gcc",
            ),
            (
                "CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUNNER",
                "qemu-s390x -L /usr/s390x-linux-gnu",
            ),
        ],
    },
    Machine {
        // Cortex-M has no operating system to run tests on; this is its instruction set on one.
        target: "thumbv7neon-unknown-linux-gnueabihf",
        kind: "Thumb-2, under qemu-user",
        needs: needs::ARM,
        environment: &[
            (
                "CARGO_TARGET_THUMBV7NEON_UNKNOWN_LINUX_GNUEABIHF_LINKER",
                "arm-linux-gnueabihf-gcc",
            ),
            (
                "CARGO_TARGET_THUMBV7NEON_UNKNOWN_LINUX_GNUEABIHF_RUNNER",
                "qemu-arm -L /usr/arm-linux-gnueabihf",
            ),
            // The emulator is slow; all cases of the property tests run on this machine.
            ("PROPTEST_CASES", "32"),
        ],
    },
];

/// The standard library is built once, then the tests are.
const LIMIT: Duration = Duration::from_secs(900);

impl Machine {
    /// Installs what is missing; `None` when all is there, else why the tests cannot be run.
    pub(super) fn unavailable(&self) -> Option<String> {
        let install = install::have(self.needs).and_then(|()| Toolchain::of(self.target));
        install.err().map(|error| format!("{error:#}"))
    }

    /// Builds and runs the tests; returns how many passed.
    ///
    /// # Errors
    /// A test failed, or none was run.
    pub(super) fn run(&self) -> Result<usize> {
        let toolchain = Toolchain::of(self.target)?;
        let words = [
            "test",
            "--locked",
            "--package",
            "zephyr-websocket",
            "--lib",
            "--features",
            "fake-platform",
            "--target",
            self.target,
        ];
        let mut command =
            toolchain.cargo(&words, &["-Zbuild-std=std,test,panic_abort,panic_unwind"]);
        command
            .arg("--target-dir")
            .arg(build::directory(self.target))
            .envs(self.environment.iter().copied())
            // The standard library's debug information is a large part of its build.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            // Most of the time would be spent in the emulator.
            .env("CARGO_PROFILE_TEST_OPT_LEVEL", "1");
        let output = process::run(&mut command, LIMIT, Show::Nothing)?;
        let passed = output
            .lines()
            .filter_map(|line| line.strip_prefix("test result: ok. "))
            .filter_map(|line| line.split_once(" passed")?.0.parse::<usize>().ok())
            .sum();
        match passed {
            0 => bail!("cargo test ran no test"),
            passed => Ok(passed),
        }
    }
}
