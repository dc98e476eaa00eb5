// SPDX-License-Identifier: Apache-2.0
//! The list of targets, and the flags of each: zephyr-module/cmake/rust_target.cmake is asked, as in a Zephyr build.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths;

/// One Rust target, and the Kconfig symbols of a board that gets it.
pub(super) struct Target {
    pub(super) name: &'static str,
    kconfig: &'static [&'static str],
    /// What LLVM's linker calls the object format.
    pub(super) emulation: &'static str,
    /// 64-bit divisions and such are calls into libgcc, because Rust's own copies are dropped.
    pub(super) libgcc: bool,
    /// Neither SSE nor x87: the kernel does not save their registers.
    pub(super) integer_only: bool,
}

const fn target(
    name: &'static str,
    kconfig: &'static [&'static str],
    emulation: &'static str,
) -> Target {
    Target {
        name,
        kconfig,
        emulation,
        libgcc: false,
        integer_only: false,
    }
}

pub(super) const TARGETS: [Target; 9] = [
    Target {
        libgcc: true,
        integer_only: true,
        ..target("i586-unknown-linux-gnu", &["X86"], "elf_i386")
    },
    Target {
        libgcc: true,
        ..target("i686-unknown-linux-gnu", &["ARCH_POSIX"], "elf_i386")
    },
    Target {
        integer_only: true,
        ..target("x86_64-unknown-none", &["X86", "X86_64"], "elf_x86_64")
    },
    target("thumbv6m-none-eabi", &["CPU_CORTEX_M0"], "armelf"),
    target("thumbv7m-none-eabi", &["CPU_CORTEX_M3"], "armelf"),
    target("thumbv7em-none-eabi", &["CPU_CORTEX_M4"], "armelf"),
    target(
        "thumbv8m.main-none-eabi",
        &["CPU_CORTEX_M33", "ARMV8_M_MAINLINE"],
        "armelf",
    ),
    target("riscv32imac-unknown-none-elf", &["RISCV"], "elf32lriscv"),
    target(
        "riscv64imac-unknown-none-elf",
        &["RISCV", "64BIT"],
        "elf64lriscv",
    ),
];

/// What a Zephyr build gives rustc and prelink.py.
pub(super) struct Flags {
    pub(super) rustc: Vec<String>,
    pub(super) prelink: Vec<String>,
}

impl Target {
    /// Asks rust_target.cmake for the flags.
    ///
    /// # Errors
    /// CMake's message, or that the board's CPU gets another target.
    pub(super) fn flags(&self) -> Result<Flags> {
        let script = paths::target("targets/flags.cmake");
        fs::create_dir_all(paths::target("targets"))?;
        fs::write(&script, SCRIPT).with_context(|| paths::shown(&script))?;
        let module: PathBuf = paths::source("zephyr-module/cmake/rust_target.cmake");
        let output = Command::new("cmake")
            .arg(format!("-DMODULE={}", module.display()))
            .arg("-DCMAKE_HOST_SYSTEM_PROCESSOR=x86_64")
            .args(self.kconfig.iter().map(|name| format!("-DCONFIG_{name}=y")))
            .arg("-P")
            .arg(&script)
            .stdin(Stdio::null())
            .output()
            .context("cmake")?;
        // CMake's message() writes to standard error.
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            bail!("rust_target.cmake: {text}");
        }
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.with_context(|| format!("rust_target.cmake: no {key} in {text}"))
        };
        let list = |key: &str| -> Result<Vec<String>> {
            let words = value(key)?.split(';').filter(|word| !word.is_empty());
            Ok(words.map(str::to_owned).collect())
        };
        let chosen = value("target=")?;
        if chosen != self.name {
            bail!("rust_target.cmake chooses {chosen}, not {}", self.name);
        }
        Ok(Flags {
            rustc: list("rustc=")?,
            prelink: list("prelink=")?,
        })
    }
}

const SCRIPT: &str = r#"include(${MODULE})
zws_rust_target(target rustc prelink)
message("target=${target}\nrustc=${rustc}\nprelink=${prelink}")
"#;
