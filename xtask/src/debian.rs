// SPDX-License-Identifier: Apache-2.0
//! Servers of Debian: unpacked into target/, not installed, so that no service of the system is started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{install, needs, paths, process};

/// The packages whose servers are used, and the library of a server that is not Debian's.
const PACKAGES: [&str; 4] = ["nginx", "libwebsockets-test-server", "mosquitto", "libuv1"];
/// Where programs are that are no commands of users.
const DIRECTORIES: [&str; 4] = ["usr/sbin", "usr/bin", "usr/local/sbin", "usr/local/bin"];
/// No server runs longer than this.
const LIFETIME_SECONDS: &str = "120";

/// A call of the program: the one of the system where it is installed, else one that is unpacked.
///
/// # Errors
/// There is none, and none can be had.
pub(crate) fn program(name: &str) -> Result<Command> {
    let root = unpacked()?;
    let find = |root: &PathBuf| {
        let places = DIRECTORIES.map(|directory| root.join(directory).join(name));
        places.into_iter().find(|place| place.is_file())
    };
    if let Some(path) = find(&root) {
        let mut command = Command::new(path);
        command.env("LD_LIBRARY_PATH", below(&root));
        return Ok(command);
    }
    match find(&PathBuf::from("/")) {
        Some(path) => Ok(Command::new(path)),
        None => bail!("{name} is neither installed nor in {}", paths::shown(&root)),
    }
}

/// The folders with the libraries that the system does not have, as `LD_LIBRARY_PATH` takes them.
///
/// # Errors
/// They cannot be had.
pub(crate) fn libraries() -> Result<String> {
    Ok(below(&unpacked()?))
}

/// The version of a package, as Debian writes it.
///
/// # Errors
/// The package is neither unpacked nor installed.
pub(crate) fn version(package: &str) -> Result<String> {
    let archive = paths::target("debian").read_dir().ok().and_then(|files| {
        let mut names = files
            .flatten()
            .map(|file| file.file_name().to_string_lossy().into_owned());
        names.find(|name| name.starts_with(&format!("{package}_")) && name.ends_with(".deb"))
    });
    if let Some(version) = archive.as_deref().and_then(|name| name.split('_').nth(1)) {
        return Ok(version.replace("%3a", ":"));
    }
    let query = ["--show", "--showformat=${Version}", package];
    let output = Command::new("dpkg-query")
        .args(query)
        .output()
        .context("dpkg-query")?;
    if !output.status.success() {
        bail!("the version of {package} is not known");
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The call such that it ends with standard input, as our own servers do, and after [`LIFETIME_SECONDS`].
pub(crate) fn bounded(command: &Command) -> Command {
    let script =
        "timeout $0 \"$@\" </dev/null & child=$!; cat >/dev/null; kill $child; wait $child";
    let mut bounded = Command::new("sh");
    bounded
        .args(["-c", script, LIFETIME_SECONDS])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            bounded.env(name, value);
        }
    }
    bounded
}

/// Unpacks the packages, and those they need, which are not installed; returns where.
fn unpacked() -> Result<PathBuf> {
    let directory = paths::target("debian");
    let root = directory.join("root");
    let stamp = directory.join("complete");
    let wanted = PACKAGES.join(" ");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(root);
    }
    install::attempt(&wanted, || unpack(&directory, &root))?;
    fs::write(&stamp, wanted)?;
    Ok(root)
}

fn unpack(directory: &Path, root: &Path) -> Result<()> {
    let wanted = PACKAGES.join(" ");
    if !needs::is_program("apt-get") {
        bail!("missing: {wanted}, and there is no apt-get to fetch them with");
    }
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(root)?;
    println!("  unpacking {wanted} into {}", paths::shown(directory));
    let update = if install::is_root() {
        install::update()
    } else {
        Err("sudo apt-get update may help".to_owned())
    };
    let words = ["install", "--simulate", "--no-install-recommends"];
    let plan = process::build(Command::new("apt-get").args(words).args(PACKAGES));
    let plan = match (plan, update) {
        (Err(error), Err(update)) => return Err(error.context(update)),
        (plan, _) => plan?,
    };
    let missing = plan
        .lines()
        .filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next());
    for package in missing {
        process::build(
            Command::new("apt-get")
                .args(["download", package])
                // As root apt would download as another user, who may not write here.
                .args(["-o", "APT::Sandbox::User=root"])
                .current_dir(directory),
        )?;
    }
    for archive in directory.read_dir()? {
        let archive = archive?.path();
        if archive.extension().is_some_and(|found| found == "deb") {
            process::build(Command::new("dpkg-deb").arg("-x").arg(archive).arg(root))?;
        }
    }
    Ok(())
}

/// The folders of `root` that have libraries.
fn below(root: &Path) -> String {
    let folder = root.join("usr/lib");
    let below = folder
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let folders = below.filter(|path| path.is_dir() && path.to_string_lossy().ends_with("-gnu"));
    folders
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(":")
}
