// SPDX-License-Identifier: Apache-2.0
//! Python 2.7 out of Debian bullseye's packages, unpacked into target/ and not installed.
//!
//! apt fetches them with a configuration of its own: its lists, its cache and its one source are in target/, and it
//! takes nothing that is not signed with a key of Debian's keyring.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::python2::Python;
use crate::{install, needs, paths, process};

const RELEASE: &str = "bullseye";
/// The interpreter with its header files, and the libraries that newer releases have in other versions.
const PACKAGES: [&str; 7] = [
    "python2.7",
    "python2.7-minimal",
    "libpython2.7-minimal",
    "libpython2.7-stdlib",
    "libpython2.7-dev",
    "libssl1.1",
    "libffi7",
];

/// Where the unpacked libraries are.
pub(super) fn libraries(root: &Path) -> PathBuf {
    let directory = root.join("usr/lib");
    let is_triplet = |path: &PathBuf| path.join("libssl.so.1.1").exists();
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let found = entries.map(|entry| entry.path()).find(is_triplet);
    found.unwrap_or(directory)
}

/// Fetches and unpacks it, once.
///
/// # Errors
/// This is no Debian, or apt's message.
pub(super) fn python2() -> Result<Python> {
    let directory = paths::target("autobahn/debian");
    let root = directory.join("root");
    let stamp = directory.join("complete");
    let wanted = format!("{RELEASE} {}", PACKAGES.join(" "));
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(Python::unpacked(root));
    }
    process::step("Python 2.7 of Debian bullseye", || {
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        install::attempt(&format!("{RELEASE}'s Python 2.7"), || fetch(&directory))?;
        fs::create_dir_all(&root)?;
        for package in directory.join("packages").read_dir()? {
            process::build(
                Command::new("dpkg-deb")
                    .arg("-x")
                    .arg(package?.path())
                    .arg(&root),
            )?;
        }
        fs::write(&stamp, &wanted)?;
        Ok(())
    })?;
    Ok(Python::unpacked(root))
}

fn fetch(directory: &Path) -> Result<()> {
    let mirror = mirror()?;
    install::have(needs::KEYRING)?;
    for part in [
        "etc",
        "state/lists/partial",
        "cache/archives/partial",
        "packages",
    ] {
        fs::create_dir_all(directory.join(part))?;
    }
    fs::write(directory.join("status"), "")?;
    fs::write(
        directory.join("etc/sources.list"),
        format!(
            "deb [signed-by={}] {mirror} {RELEASE} main\n",
            needs::KEYRING_FILE
        ),
    )?;
    let apt = |words: &[&str]| {
        let at = |name: &str, part: &str| format!("{name}={}", directory.join(part).display());
        let mut command = Command::new("apt-get");
        for option in [
            at("Dir::Etc", "etc"),
            at("Dir::Etc::sourcelist", "etc/sources.list"),
            "Dir::Etc::sourceparts=-".to_owned(),
            at("Dir::State", "state"),
            at("Dir::State::status", "status"),
            at("Dir::Cache", "cache"),
            // The directory is this user's only.
            "APT::Sandbox::User=".to_owned(),
            "Acquire::AllowInsecureRepositories=false".to_owned(),
            "APT::Get::AllowUnauthenticated=false".to_owned(),
            "Acquire::Languages=none".to_owned(),
        ] {
            command.arg("-o").arg(option);
        }
        command.args(words).current_dir(directory.join("packages"));
        process::build(&mut command)
    };
    // Without these words apt takes a source that it cannot reach for no error.
    apt(&["-o", "APT::Update::Error-Mode=any", "update"])?;
    apt(&[&["download"], PACKAGES.as_slice()].concat())?;
    Ok(())
}

/// The Debian mirror that this machine uses, out of apt's lists: a machine where apt was never used has none.
fn mirror() -> Result<String> {
    if install::is_root() {
        // What fails is told by what is not found.
        let _ = install::update();
    }
    let targets = Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)"])
        .output()
        .context("apt-get is missing")?;
    let targets = String::from_utf8_lossy(&targets.stdout).into_owned();
    let mirrors: BTreeSet<_> = targets
        .lines()
        .filter(|uri| uri.trim_end_matches('/').ends_with("/debian"))
        .collect();
    match mirrors.first() {
        Some(mirror) => Ok((*mirror).to_owned()),
        None => bail!("apt has no lists of Debian here: sudo apt-get update makes them"),
    }
}
