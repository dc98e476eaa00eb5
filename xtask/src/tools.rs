// SPDX-License-Identifier: Apache-2.0
//! The tools that the commands need: finds them, and installs what is missing where that is possible.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// The C compiler, its binary tools, and Python for the prelink.
///
/// # Errors
/// One is missing and cannot be installed.
pub(crate) fn compiler() -> Result<()> {
    programs(&[("cc", "gcc"), ("ld", "binutils"), ("python3", "python3")])?;
    // A compiler without the C library's headers compiles nothing.
    if !Path::new("/usr/include/stdlib.h").exists() {
        install(&["libc6-dev"])?;
    }
    Ok(())
}

/// libclang, which bindgen loads.
///
/// # Errors
/// It is missing and cannot be installed.
pub(crate) fn libclang() -> Result<()> {
    let is_there = || {
        let from_environment = env::var_os("LIBCLANG_PATH").is_some();
        let cached = Command::new("ldconfig").arg("-p").output();
        from_environment
            || cached.is_ok_and(|list| String::from_utf8_lossy(&list.stdout).contains("libclang"))
            || clang_libraries().is_some_and(|found| found)
    };
    if !is_there() {
        install(&["libclang-dev"])?;
    }
    Ok(())
}

/// The Python of an environment in target/ that has the pinned peers.
///
/// # Errors
/// The message of what failed.
pub(crate) fn peers_python() -> Result<PathBuf> {
    python_environment(
        &paths::target("venv"),
        &paths::source("tests/peers/requirements.txt"),
    )
}

/// The Python of an environment in this directory that has what the file asks for.
///
/// # Errors
/// The message of what failed.
pub(crate) fn python_environment(directory: &Path, requirements: &Path) -> Result<PathBuf> {
    programs(&[("python3", "python3")])?;
    let python = directory.join("bin/python");
    once(directory, requirements, || {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        let has_venv = Command::new("python3")
            .args(["-c", "import ensurepip, venv"])
            .output();
        if !has_venv.is_ok_and(|result| result.status.success()) {
            install(&["python3-venv"])?;
        }
        process::build(Command::new("python3").args(["-m", "venv"]).arg(directory))?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ];
        process::build(Command::new(&python).args(pip).arg(requirements))?;
        Ok(())
    })?;
    Ok(python)
}

/// The node_modules in target/ that has the pinned peers.
///
/// # Errors
/// The message of what failed.
pub(crate) fn peers_node_modules() -> Result<PathBuf> {
    node_modules("tests/peers", "npm")
}

/// The node_modules in target/ that has what drives the browser.
///
/// # Errors
/// The message of what failed.
pub(crate) fn page_node_modules() -> Result<PathBuf> {
    node_modules("tests/page", "npm-page")
}

/// Chromium, as Debian has it.
///
/// # Errors
/// It is missing and cannot be installed.
pub(crate) fn chromium() -> Result<PathBuf> {
    programs(&[("chromium", "chromium")])?;
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join("chromium"))
        .find(|program| program.is_file())
        .context("chromium was installed and is not in PATH")
}

/// What the lock file in a directory of the source tree pins, in a directory of target/.
fn node_modules(source: &str, target: &str) -> Result<PathBuf> {
    programs(&[("node", "nodejs"), ("npm", "npm")])?;
    let directory = paths::target(target);
    let source = paths::source(source);
    once(&directory, &source.join("package-lock.json"), || {
        fs::create_dir_all(&directory)?;
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            let file = source.join(file);
            let name = file.file_name().unwrap_or_default();
            fs::copy(&file, directory.join(name)).with_context(|| paths::shown(&file))?;
        }
        process::build(
            Command::new("npm")
                .args(["ci", "--silent"])
                .current_dir(&directory),
        )?;
        Ok(())
    })?;
    Ok(directory.join("node_modules"))
}

/// Fills `directory` unless it was filled for this very content of `source`.
fn once(directory: &Path, source: &Path, fill: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = fs::read(source).with_context(|| paths::shown(source))?;
    let stamp = directory.join("complete");
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    fill()?;
    fs::write(&stamp, wanted)?;
    Ok(())
}

/// Installs the packages of the programs that are not there.
pub(crate) fn programs(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<_> = programs
        .iter()
        .filter(|(program, _)| !is_program(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        install(&missing)
    }
}

fn is_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(name).is_file())
}

/// Whether Debian's directories have a libclang; `None` where they cannot be read.
fn clang_libraries() -> Option<bool> {
    let versions = Path::new("/usr/lib").read_dir().ok()?;
    let found = versions
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm-"))
        .filter_map(|entry| entry.path().join("lib").read_dir().ok())
        .flatten()
        .flatten()
        .any(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("libclang.so")
        });
    Some(found)
}

pub(crate) fn is_root() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if !is_root() || !is_program("apt-get") {
        bail!("missing: {names}. On Debian or Ubuntu: sudo apt-get install {names}");
    }
    println!("installing {names}");
    let apt = |words: &[&str]| {
        process::build(
            Command::new("apt-get")
                .args(words)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
        .with_context(|| format!("installing {names}"))
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())?;
    Ok(())
}

/// The package of the compiler's libraries for 32 bits. Not `gcc-multilib`: with it, Debian removes the compilers for
/// other machines.
///
/// # Errors
/// There is no gcc.
pub(crate) fn multilib() -> Result<String> {
    let version = process::build(Command::new("gcc").arg("-dumpversion"))?;
    Ok(format!("gcc-{}-multilib", version.trim()))
}
