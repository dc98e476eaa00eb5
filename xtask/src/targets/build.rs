// SPDX-License-Identifier: Apache-2.0
//! Builds and prelinks the library for one target, as zephyr-module/cmake/rust_library.cmake does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::table::Target;
use crate::switches::Configuration;
use crate::{install, library, needs, paths, process};

/// Where the core library of a target comes from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Toolchain {
    /// Precompiled, from rustup.
    Rustup,
    /// Built from source, by Debian's compiler.
    Debian,
}

impl Toolchain {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "Debian, build-std",
        }
    }

    /// The toolchain that builds for this target; installs Debian's where rustup's has no such target.
    ///
    /// # Errors
    /// Neither is there, and nothing can be installed.
    pub(super) fn of(target: &str) -> Result<Self> {
        if is_of_rustup(target)? {
            return Ok(Self::Rustup);
        }
        install::have(needs::DEBIAN_RUST)
            .with_context(|| format!("or run `rustup target add {target}`"))?;
        Ok(Self::Debian)
    }

    /// A cargo that builds with this toolchain; the words that select the core library come last.
    pub(super) fn cargo(self, words: &[&str], std: &[&str]) -> Command {
        let mut command = match self {
            Self::Rustup => process::cargo(),
            Self::Debian => {
                let mut command = Command::new("/usr/bin/cargo");
                command
                    .current_dir(paths::source(""))
                    .env("RUSTC", "/usr/bin/rustc");
                command
            }
        };
        command.args(words);
        if self == Self::Debian {
            command.args(std);
        }
        command
            // -Zplt, -Zemit-stack-sizes and -Zbuild-std are unstable flags.
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTFLAGS");
        command
    }
}

/// Whether rustup has installed this target.
///
/// # Errors
/// There is no rustc.
pub(super) fn is_of_rustup(target: &str) -> Result<bool> {
    let libdir = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(paths::source(""))
        .output()
        .context("rustc")?;
    Ok(Path::new(String::from_utf8_lossy(&libdir.stdout).trim()).exists())
}

/// The target directory of one target: two can be built at the same time.
pub(super) fn directory(target: &str) -> PathBuf {
    paths::target("targets").join(target)
}

/// Builds the static library and returns the prelinked object, with its local symbols; with these switches of Kconfig, or all, and
/// at this level of optimization, or Cargo.toml's.
///
/// # Errors
/// The build's own message.
pub(super) fn build(
    target: &Target,
    toolchain: Toolchain,
    configuration: Option<&Configuration>,
    level: Option<&str>,
) -> Result<PathBuf> {
    let mut flags = target.flags()?;
    // One for each level, as all that has one has the core library in common.
    let directory = match (configuration, level) {
        (None, None) => directory(target.name),
        (_, level) => directory(&format!("level-{}", level.unwrap_or("of-cargo-toml"))),
    };
    let mut environment: Vec<(&str, PathBuf)> = Vec::new();
    environment.extend(level.map(|level| ("CARGO_PROFILE_RELEASE_OPT_LEVEL", level.into())));
    if let Some(configuration) = configuration {
        let file = configuration.dotconfig()?;
        flags
            .prelink
            .push(format!("--dotconfig={}", file.display()));
        if !configuration.has("OWN_MEMCPY") {
            flags.prelink.push("--drop-compiler-builtins".to_owned());
        }
        environment.push(("ZWS_DOTCONFIG", file));
    }
    let mut rustflags = flags.rustc;
    rustflags.push("-Zemit-stack-sizes".to_owned());
    let words = [
        "rustc",
        "--release",
        "--locked",
        "--package",
        "zephyr-websocket",
        "--lib",
        "--crate-type",
        "staticlib",
        "--features",
        "zephyr",
        "--target",
        target.name,
    ];
    let std = [
        "-Zbuild-std=core,compiler_builtins",
        "-Zbuild-std-features=compiler-builtins-mem",
    ];
    process::build(
        toolchain
            .cargo(&words, &std)
            .arg("--target-dir")
            .arg(&directory)
            .envs(environment)
            .env("RUSTFLAGS", rustflags.join(" ")),
    )?;
    let archive = format!("{}/release/libzephyr_websocket.a", target.name);
    let object = directory.join("zephyr_websocket.o");
    process::build(
        Command::new("python3")
            .arg(paths::source("zephyr-module/cmake/prelink.py"))
            .arg("--archive")
            .arg(directory.join(archive))
            .arg("--exports")
            .arg(library::exports())
            .arg("--output")
            .arg(&object)
            .args([
                "--ld=ld.lld",
                "--objcopy=llvm-objcopy",
                "--ar=llvm-ar",
                &format!("--ld-flag=-m{}", target.emulation),
            ])
            .args(flags.prelink),
    )?;
    Ok(object)
}
