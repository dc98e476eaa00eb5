// SPDX-License-Identifier: Apache-2.0
//! Python 2.7 and an environment of it in target/ that has the suite: the suite knows no newer Python.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::{paths, process, tools};

/// An interpreter, and where its libraries are when they are not the system's.
#[derive(PartialEq)]
pub(super) struct Python {
    program: PathBuf,
    /// Root of packages that are unpacked and not installed.
    root: Option<PathBuf>,
}

/// It has what the suite imports, and the header files that one of its packages is compiled with.
const USABLE: &str = "import os, ssl, sys, sysconfig, zlib; \
    header = os.path.join(sysconfig.get_paths()['include'], 'Python.h'); \
    sys.exit(sys.version_info[:2] != (2, 7) or not os.path.exists(header))";

impl Python {
    pub(super) fn of_system(program: PathBuf) -> Self {
        Self {
            program,
            root: None,
        }
    }

    pub(super) fn unpacked(root: PathBuf) -> Self {
        Self {
            program: root.join("usr/bin/python2.7"),
            root: Some(root),
        }
    }

    pub(super) fn is_usable(&self) -> bool {
        self.runs(USABLE)
    }

    fn runs(&self, code: &str) -> bool {
        let result = self.command().args(["-c", code]).output();
        result.is_ok_and(|result| result.status.success())
    }

    /// A call of the interpreter.
    pub(super) fn command(&self) -> Command {
        self.adapted(Command::new(&self.program))
    }

    /// A call of anything that starts the interpreter or compiles for it.
    fn adapted(&self, mut command: Command) -> Command {
        if let Some(root) = &self.root {
            let include = root.join("usr/include");
            let includes = [include.join("python2.7"), include];
            command.env("LD_LIBRARY_PATH", debian::libraries(root)).env(
                "C_INCLUDE_PATH",
                env::join_paths(includes).unwrap_or_default(),
            );
        }
        command
    }
}

/// The environment with the suite; makes what is missing of it.
///
/// # Errors
/// No Python 2.7 is there and none can be fetched, or the message of what failed.
pub(super) fn with_suite() -> Result<Python> {
    let base = find()?;
    let directory = paths::target("autobahn/python2");
    let environment = Python {
        program: directory.join("bin/python"),
        root: base.root.clone(),
    };
    let requirements = paths::source("tests/conformance/requirements.txt");
    let wanted = format!(
        "{}\n{}",
        base.program.display(),
        fs::read_to_string(&requirements)?
    );
    let stamp = directory.join("complete");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted)
        && environment.runs("import ssl")
    {
        return Ok(environment);
    }
    process::step("the Autobahn suite and its Python 2.7 environment", || {
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        // One of the suite's packages is compiled.
        tools::compiler()?;
        let mut create = base.adapted(Command::new(python_with_virtualenv()?));
        create
            .args(["-m", "virtualenv", "--quiet", "--no-periodic-update"])
            .arg("--app-data")
            .arg(paths::target("autobahn/seeds"))
            .arg("--python")
            .arg(&base.program)
            .arg(&directory);
        process::build(&mut create)?;
        let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
        process::build(
            environment
                .command()
                .args(pip)
                .args(["install", "--no-deps", "--requirement"])
                .arg(&requirements),
        )?;
        process::build(environment.command().args(pip).arg("check"))
            .context("tests/conformance/requirements.txt is not complete")?;
        fs::write(&stamp, &wanted)?;
        Ok(())
    })?;
    Ok(environment)
}

/// A Python 3 that has virtualenv.
fn python_with_virtualenv() -> Result<PathBuf> {
    tools::python_environment(
        &paths::target("autobahn/python3"),
        &paths::source("tests/conformance/virtualenv_requirements.txt"),
    )
}

/// pyenv's, the system's, else Debian's.
fn find() -> Result<Python> {
    let mut candidates = of_pyenv();
    let path = env::var_os("PATH").unwrap_or_default();
    candidates.extend(env::split_paths(&path).map(|directory| directory.join("python2.7")));
    let installed = candidates
        .into_iter()
        .filter(|program| program.is_file())
        .map(Python::of_system)
        .find(Python::is_usable);
    if let Some(python) = installed {
        return Ok(python);
    }
    let python = debian::python2().context(
        "the Autobahn suite needs Python 2.7: there is none of pyenv or on PATH, and Debian bullseye's cannot be had",
    )?;
    if !python.is_usable() {
        bail!("Debian bullseye's Python 2.7 does not run on this system");
    }
    Ok(python)
}

/// Every 2.7 that pyenv has, whichever it has switched on.
fn of_pyenv() -> Vec<PathBuf> {
    let Ok(root) = Command::new("pyenv").arg("root").output() else {
        return Vec::new();
    };
    let root = String::from_utf8_lossy(&root.stdout).trim().to_owned();
    let Ok(versions) = Path::new(&root).join("versions").read_dir() else {
        return Vec::new();
    };
    let mut found: Vec<_> = versions
        .flatten()
        .filter(|version| version.file_name().to_string_lossy().starts_with("2.7"))
        .map(|version| version.path().join("bin/python2.7"))
        .collect();
    found.sort();
    found.reverse();
    found
}
