// SPDX-License-Identifier: Apache-2.0
//! Builds the product for this machine: the Rust static library, prelinked to one object as on devices.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::switches::Configuration;
use crate::{paths, process, tools};

/// What the objects are built for; the same rustc flags as zephyr-module/cmake/rust_target.cmake gives native_sim.
const TARGET: &str = "x86_64-unknown-linux-gnu";
const FLAGS: &str = "-Cforce-unwind-tables=no";

/// Builds target/zephyr/libzephyr_websocket.a and returns its path.
///
/// # Errors
/// The build's own message.
pub(crate) fn build() -> Result<PathBuf> {
    build_with(None)
}

/// The same with these switches of Kconfig, in folders of their name.
///
/// # Errors
/// The build's own message.
pub(crate) fn build_with(configuration: Option<&Configuration>) -> Result<PathBuf> {
    tools::compiler()?;
    let name = configuration.map_or("", |all| &all.name);
    let directory = paths::target("library").join(name);
    let dotconfig = configuration.map(Configuration::dotconfig).transpose()?;
    process::build(
        process::cargo()
            .args([
                "rustc",
                "--release",
                "--locked",
                "--package",
                "zephyr-websocket",
                "--lib",
            ])
            .args([
                "--crate-type",
                "staticlib",
                "--features",
                "zephyr",
                "--target",
                TARGET,
            ])
            .arg("--target-dir")
            .arg(&directory)
            .envs(dotconfig.iter().map(|file| ("ZWS_DOTCONFIG", file)))
            .env("RUSTFLAGS", FLAGS)
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
    )?;
    let output = paths::target("zephyr").join(name);
    let output = output.join("libzephyr_websocket.a");
    let dotconfig = dotconfig.map(|file| format!("--dotconfig={}", file.display()));
    process::build(
        Command::new("python3")
            .arg(paths::source("zephyr-module/cmake/prelink.py"))
            .arg("--archive")
            .arg(directory.join(TARGET).join("release/libzephyr_websocket.a"))
            .arg("--exports")
            .arg(exports())
            .arg("--output")
            .arg(&output)
            .arg("--drop-compiler-builtins")
            .args(dotconfig),
    )?;
    Ok(output)
}

/// The list of what the object defines.
pub(crate) fn exports() -> PathBuf {
    paths::source("zephyr-module/exports.txt")
}

/// Builds the PC port, target/port/debug/libzephyr_host.a, and returns its path.
///
/// # Errors
/// The build's own message.
pub(crate) fn build_port() -> Result<PathBuf> {
    let directory = paths::target("port");
    process::build(
        process::cargo()
            .args([
                "build",
                "--locked",
                "--package",
                "zephyr-host",
                "--target-dir",
            ])
            .arg(&directory),
    )?;
    Ok(directory.join("debug/libzephyr_host.a"))
}
