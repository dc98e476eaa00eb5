// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask site`: the documentation as pages in target/site, made by the scripts of docs/site.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{host_build, install, needs, paths, pinned_python, process};

/// Writes the pages anew and follows every link in them.
///
/// # Errors
/// A page cannot be made, or a link leads nowhere.
pub(crate) fn write() -> Result<()> {
    println!("{}", build()?);
    println!("target/site/index.html");
    Ok(())
}

/// The same as a check: also the C code of docs/api.md is compiled.
///
/// # Errors
/// As [`write`], or the compiler's messages.
pub(crate) fn check() -> Result<String> {
    let built = build()?;
    Ok(format!("{built}; {}", recipes()?))
}

fn build() -> Result<String> {
    let programs = pinned_python::programs("site-environment", &["docs/site/requirements.txt"])?;
    let mut command = Command::new(programs.join("python"));
    // -B: nothing is left beside the scripts.
    command
        .arg("-B")
        .arg(paths::source("docs/site/build.py"))
        .arg(paths::target("site"));
    let output = process::build(&mut command)?;
    let closing = output.lines().last();
    Ok(closing.context("docs/site/build.py said nothing")?.into())
}

/// Compiles every piece of C in docs/api.md, so that what is copied from there compiles.
fn recipes() -> Result<String> {
    install::have(needs::COMPILER)?;
    let directory = paths::target("site-recipes");
    let script = paths::source("docs/site/recipes.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script).arg(&directory);
    process::build(&mut command)?;
    let mut files = Vec::new();
    for entry in directory.read_dir()? {
        files.push(entry?.path());
    }
    for file in &files {
        process::build(host_build::compiler().arg("-fsyntax-only").arg(file))?;
    }
    Ok(format!("{} recipes compile", files.len()))
}
