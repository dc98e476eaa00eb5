// SPDX-License-Identifier: Apache-2.0
//! The tools that the commands need: finds them, and installs what is missing where that is possible.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{install, needs, paths, process};

/// The C compiler, its binary tools, and Python for the prelink.
///
/// # Errors
/// One is missing and cannot be installed.
pub(crate) fn compiler() -> Result<()> {
    install::have(needs::COMPILER)
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
    let python = directory.join("bin/python");
    once(directory, requirements, || {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        install::have(needs::PYTHON_ENVIRONMENTS)?;
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
    install::have(needs::BROWSER)?;
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join("chromium"))
        .find(|program| program.is_file())
        .context("chromium was installed and is not in PATH")
}

/// Whether programs find this library: Python looks for it as they do.
pub(crate) fn loads(library: &str) -> bool {
    let load = ["-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])"];
    let result = Command::new("python3").args(load).arg(library).output();
    result.is_ok_and(|result| result.status.success())
}

/// What the lock file in a directory of the source tree pins, in a directory of target/.
fn node_modules(source: &str, target: &str) -> Result<PathBuf> {
    install::have(needs::NPM)?;
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
                .args(["ci", "--loglevel=error"])
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
    install::attempt(&paths::shown(source), || {
        fill()?;
        fs::write(&stamp, wanted)?;
        Ok(())
    })
}

/// Installs the packages of the programs that are not there: for boards, whose needs are in their own tables.
///
/// # Errors
/// As [`install::install`].
pub(crate) fn programs(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<_> = programs
        .iter()
        .filter(|(program, _)| !needs::is_program(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        install(&missing)
    }
}

/// Installs packages.
///
/// # Errors
/// As [`install::install`].
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    install::install(packages)
}

/// The package of the compiler's libraries for 32 bits.
///
/// # Errors
/// There is no gcc.
pub(crate) fn multilib() -> Result<String> {
    needs::of_gcc(needs::MULTILIB)
}
