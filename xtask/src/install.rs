// SPDX-License-Identifier: Apache-2.0
//! Installs what is missing, where that is possible, and remembers what could not be installed.

use std::process::Command;
use std::sync::{Mutex, OnceLock};

use anyhow::{Result, bail};

use crate::needs::{Need, is_program};
use crate::process;

/// What could not be installed since it was last asked for.
static FAILED: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Another program of the system may be installing something: seconds to wait for it.
const LOCK: &str = "DPkg::Lock::Timeout=300";

/// Installs the packages of what is not there.
///
/// # Errors
/// One line for each that is missing and cannot be installed.
pub(crate) fn have(needs: &[Need]) -> Result<()> {
    let mut missing: Vec<_> = needs.iter().filter(|need| !need.is_there()).collect();
    let mut packages: Vec<_> = missing.iter().map(|need| need.package()).collect();
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    attempt(&packages.join(", "), || {
        let reason = install(&packages).err();
        missing.retain(|need| !need.is_there());
        let lines: Vec<_> = missing
            .iter()
            .map(|need| line(need, reason.as_ref()))
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        bail!(lines.join("\n"))
    })
}

/// Installs these packages.
///
/// # Errors
/// This user cannot, or apt's own words.
pub(crate) fn install(packages: &[impl AsRef<str>]) -> Result<()> {
    let packages: Vec<_> = packages.iter().map(AsRef::as_ref).collect();
    let names = packages.join(" ");
    if !is_possible() {
        bail!("on Debian or Ubuntu: sudo apt-get install {names}");
    }
    println!("  installing {names}");
    // An update that fails may still leave lists that have the package.
    let update = update();
    let words = ["install", "--yes", "--no-install-recommends"];
    match (apt(&[words.as_slice(), &packages].concat()), update) {
        (Ok(()), _) => Ok(()),
        (Err(install), Ok(())) => bail!("apt-get install {names}: {install}"),
        (Err(install), Err(update)) => {
            bail!("apt-get update: {update}; apt-get install {names}: {install}")
        }
    }
}

/// Whether this user can install packages.
pub(crate) fn is_possible() -> bool {
    is_root() && is_program("apt-get")
}

pub(crate) fn is_root() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Brings apt's lists up to date, once. What is already in them can be had also where this fails.
///
/// # Errors
/// apt's own words.
pub(crate) fn update() -> Result<(), String> {
    static UPDATE: OnceLock<Result<(), String>> = OnceLock::new();
    UPDATE
        .get_or_init(|| apt(&["-o", "APT::Update::Error-Mode=any", "update"]))
        .clone()
}

/// Does the work, which installs `name`; remembers where it failed.
///
/// # Errors
/// That of the work.
pub(crate) fn attempt<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let result = work();
    if result.is_err() {
        let mut failed = FAILED.lock().unwrap_or_else(|error| error.into_inner());
        failed.push(name.to_owned());
    }
    result
}

/// What could not be installed since the last call.
pub(crate) fn failed() -> Vec<String> {
    let mut failed = FAILED.lock().unwrap_or_else(|error| error.into_inner());
    let mut names = std::mem::take(&mut *failed);
    names.sort();
    names.dedup();
    names
}

fn line(need: &Need, reason: Option<&anyhow::Error>) -> String {
    let reason = match (reason, update()) {
        (Some(reason), _) => reason.to_string(),
        // apt takes a name that it does not know for a pattern.
        (None, Err(update)) => format!("apt-get update: {update}"),
        (None, Ok(())) => format!("{} was installed and does not have it", need.package()),
    };
    format!("missing: {}, {}: {reason}", need.name, need.purpose)
}

/// Runs apt-get; its errors in one line.
fn apt(words: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command
        .args(["-o", LOCK])
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive");
    let Err(error) = process::build(&mut command) else {
        return Ok(());
    };
    let message = format!("{error:#}");
    let own: Vec<_> = message
        .lines()
        .filter_map(|line| line.strip_prefix("E: "))
        .collect();
    Err(match own.as_slice() {
        [] => message.lines().next().unwrap_or_default().to_owned(),
        own => own.join("; "),
    })
}
