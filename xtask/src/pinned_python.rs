// SPDX-License-Identifier: Apache-2.0
//! Environments of Python in target/ in which every package has the hash that a file of the source tree says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{install, needs, paths, process};

/// The directory of the programs of `target/NAME`, which has exactly what these files list, installed one file after the other.
///
/// # Errors
/// A file cannot be read, or the message of what failed.
pub(crate) fn programs(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let directory = paths::target(name);
    let files: Vec<_> = requirements
        .iter()
        .map(|file| paths::source(file))
        .collect();
    let mut wanted = Vec::new();
    for file in &files {
        wanted.extend(fs::read(file).with_context(|| paths::shown(file))?);
    }
    let stamp = directory.join("complete");
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(directory.join("bin"));
    }
    install::attempt(&requirements.join(", "), || {
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        install::have(needs::PYTHON_ENVIRONMENTS)?;
        process::build(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
        files.iter().try_for_each(|file| fill(&directory, file))?;
        fs::write(&stamp, wanted)?;
        Ok(())
    })?;
    Ok(directory.join("bin"))
}

/// What a file lists, and nothing that it does not: neither dependencies nor what builds a source.
fn fill(directory: &Path, file: &Path) -> Result<()> {
    let words = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
        "--no-build-isolation",
        "--requirement",
    ];
    let python = directory.join("bin/python");
    process::build(Command::new(python).args(words).arg(file))?;
    Ok(())
}
