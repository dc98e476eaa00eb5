// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask test`: which checks, what is said before they run, and their run.

mod checks;
mod runner;
mod times;

use anyhow::{Result, bail};

use crate::{install, needs};
use checks::{Check, Shared, checks};

/// The arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the checks whose name contains this; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Only what is worth its time between two edits
    #[arg(long, conflicts_with = "only")]
    quick: bool,
    /// Names the checks and runs none
    #[arg(long)]
    list: bool,
}

/// Runs the checks that the arguments choose.
///
/// # Errors
/// A check failed, or none was run.
pub(crate) fn run(args: &Args) -> Result<()> {
    let is_chosen = |check: &Check| match args.only.as_slice() {
        [] => check.is_quick || !args.quick,
        only => only.iter().any(|word| check.name.contains(word)),
    };
    let checks: Vec<_> = checks().into_iter().filter(is_chosen).collect();
    if checks.is_empty() {
        bail!("no check has such a name: `cargo xtask test --list` names them");
    }
    if args.list {
        checks.iter().for_each(|check| println!("{}", check.name));
        return Ok(());
    }
    println!("{}", times::estimate(&checks));
    print!("{}", packages(&checks));
    let rows = runner::run(&checks, &mut Shared::default());
    runner::summary(&rows).and(times::record(&rows))
}

/// What of the system is missing: what will be installed, or what this user cannot install.
fn packages(checks: &[Check]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for need in needs::all() {
        let of: Vec<_> = checks
            .iter()
            .map(|check| check.name)
            .filter(|name| need.is_of(name))
            .collect();
        if of.is_empty() || need.is_there() || names.contains(&need.package()) {
            continue;
        }
        let package = need.package();
        let purpose = need.purpose;
        lines.push(format!("  {package:<24} {purpose}: {}\n", of.join(", ")));
        names.push(package);
    }
    if lines.is_empty() {
        return "Nothing has to be installed.\n".into();
    }
    let lines = lines.concat();
    if install::is_possible() {
        return format!("Will be installed with apt-get, each before its first check:\n{lines}");
    }
    let names = names.join(" ");
    format!("Missing:\n{lines}Have them installed first: sudo apt-get install {names}\n")
}

#[cfg(test)]
mod tests {
    use super::checks::checks;
    use crate::needs;

    #[test]
    fn needs_name_checks_that_exist() {
        let checks = checks();
        for name in needs::all().flat_map(|need| need.checks) {
            assert!(checks.iter().any(|check| check.name == *name), "{name}");
        }
    }
}
