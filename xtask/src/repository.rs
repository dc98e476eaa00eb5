// SPDX-License-Identifier: Apache-2.0
//! Checks of the repository itself: its workflows, the licence of every file, the manifest for west.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, pinned_python, process};

/// The first has what builds those of the second that come as source.
const REQUIREMENTS: [&str; 2] = [
    "tests/repository/build_requirements.txt",
    "tests/repository/requirements.txt",
];

/// The workflows by every rule that needs no network, and their scripts by shellcheck.
///
/// # Errors
/// What is wrong with them, or there are none.
pub(crate) fn workflows() -> Result<String> {
    let files = paths::files(".github/workflows", "yml")?;
    if files.is_empty() {
        bail!("there is no file in .github/workflows");
    }
    let programs = programs()?;
    let mut option = "--shellcheck=".to_owned();
    option.push_str(&programs.join("shellcheck").to_string_lossy());
    let mut command = Command::new(programs.join("jactionlint"));
    command.args(["--no-color", "--strict-exit", &option]);
    process::build(command.current_dir(paths::source("")))?;
    Ok(format!("{} workflows", files.len()))
}

/// The licence and the copyright of every file that git knows or would take.
///
/// # Errors
/// The files without, or the program's own words.
pub(crate) fn licences() -> Result<String> {
    if !paths::source(".git").exists() {
        bail!("reuse asks git which files are the project's: run it in a clone");
    }
    let mut command = Command::new(programs()?.join("reuse"));
    // What tells the encoding of a file: not a library of the system, which is not everywhere.
    command.env("REUSE_ENCODING_MODULE", "charset_normalizer");
    let output = process::build(command.arg("lint").current_dir(paths::source("")))?;
    let counted = output
        .lines()
        .find_map(|line| line.strip_prefix("* Files with license information: "));
    let counted = counted.context("reuse did not say how many files have a licence")?;
    Ok(format!("{counted} files have licence and copyright"))
}

/// west.yml by west's own schema; what it imports is not fetched.
///
/// # Errors
/// west's own words.
pub(crate) fn manifest() -> Result<String> {
    const READ: &str = "import sys
from west.manifest import ImportFlag, Manifest
manifest = Manifest.from_data(open(sys.argv[1]).read(), import_flags=ImportFlag.IGNORE)
print(*(f'{project.name} {project.revision}' for project in manifest.projects[1:]), sep=', ')";
    let mut command = Command::new(programs()?.join("python"));
    let output = process::build(command.args(["-c", READ]).arg(paths::source("west.yml")))?;
    Ok(format!("west.yml: {}", output.trim()))
}

fn programs() -> Result<PathBuf> {
    pinned_python::programs("repository", &REQUIREMENTS)
}
