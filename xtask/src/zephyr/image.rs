// SPDX-License-Identifier: Apache-2.0
//! One image: an application for a board, with this module or without, configured by cmake and made by ninja.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::boards::Board;
use crate::{paths, process, tools};

pub(super) struct Image {
    /// To which a caller adds its options.
    pub(super) configure: Command,
    ninja: Command,
}

impl Image {
    /// The application in `source`, to be made in `build`.
    pub(super) fn new(board: &Board, source: &Path, build: &Path, with_ours: bool) -> Result<Self> {
        let mut configure = Command::new("cmake");
        configure
            .args(["-GNinja", "-DBUILD_VERSION=zephyr-websocket", "-S"])
            .arg(source)
            .arg("-B")
            .arg(build)
            .arg(format!("-DBOARD={}", board.name))
            .args(modules(with_ours))
            .args(board.toolchain()?);
        let mut ninja = Command::new("ninja");
        ninja.arg("-C").arg(build);
        if with_ours && needs_debian_pair(board)? {
            configure.arg("-DCONFIG_WEBSOCKET_RUST_BUILD_STD=y");
            with_debian_pair(&mut configure);
            with_debian_pair(&mut ninja);
        }
        // CMake compiles too: what a compiler can do.
        if let Some(directory) = board.kernel_headers() {
            configure.env("C_INCLUDE_PATH", directory);
            ninja.env("C_INCLUDE_PATH", directory);
        }
        Ok(Self { configure, ninja })
    }

    pub(super) fn make(mut self, targets: &[&str]) -> Result<()> {
        process::build(&mut self.configure).context("cmake")?;
        process::build(self.ninja.args(targets)).context("ninja")?;
        Ok(())
    }
}

/// The modules: those that ZEPHYR_MODULES lists, else what west finds, and this one.
fn modules(with_ours: bool) -> Option<String> {
    let others = env::var("ZEPHYR_MODULES");
    let ours = paths::source("");
    let ours = ours.display().to_string();
    let ours = ours.trim_end_matches('/');
    match others {
        Ok(others) if with_ours => Some(format!("-DZEPHYR_MODULES={others};{ours}")),
        Ok(others) => Some(format!("-DZEPHYR_MODULES={others}")),
        Err(_) => with_ours.then(|| format!("-DEXTRA_ZEPHYR_MODULES={ours}")),
    }
}

/// Whether the core library has to be built: rustup's toolchain lacks the target, and Debian's pair takes its place.
fn needs_debian_pair(board: &Board) -> Result<bool> {
    let libdir = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", board.rust_target])
        .current_dir(paths::source(""))
        .output()
        .context("rustc")?;
    if Path::new(String::from_utf8_lossy(&libdir.stdout).trim()).exists() {
        return Ok(false);
    }
    if !Path::new("/usr/lib/rustlib/src/rust/library/core").exists() {
        tools::install(&["rustc-web", "cargo-web", "rust-web-src"])
            .with_context(|| format!("or run `rustup target add {}`", board.rust_target))?;
    }
    Ok(true)
}

fn with_debian_pair(command: &mut Command) {
    command
        .env("RUSTC", "/usr/bin/rustc")
        .env("CARGO", "/usr/bin/cargo");
}
