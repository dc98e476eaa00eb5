// SPDX-License-Identifier: Apache-2.0
//! Runs checks one after the other, whatever becomes of each, and says how they ended.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use super::checks::{Check, Outcome, Shared};
use crate::install;

// Otherwise a check that panics would end all.
const _: () = assert!(cfg!(panic = "unwind"));

/// How a check ended.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) result: Result<Outcome>,
    pub(super) seconds: f64,
    /// What it could not install.
    not_installed: Vec<String>,
}

/// Runs every check; one that panics has failed.
pub(super) fn run(checks: &[Check], shared: &mut Shared) -> Vec<Row> {
    let mut rows = Vec::new();
    let total = checks.len();
    for (index, check) in checks.iter().enumerate() {
        println!("[{}/{total}] {} …", index + 1, check.name);
        let start = Instant::now();
        // What a check leaves half done in `shared` is a build that is not there and is made anew.
        let result = catch_unwind(AssertUnwindSafe(|| (check.run)(shared)))
            .unwrap_or_else(|panic| Err(anyhow!("it panicked: {}", words(panic.as_ref()))));
        let seconds = start.elapsed().as_secs_f64();
        match &result {
            Ok(Outcome::Passed(seen)) => println!("  passed ({seconds:.1} s): {seen}"),
            Ok(Outcome::Skipped(reason)) => println!("  SKIPPED: {reason}"),
            Err(error) => println!("  FAILED ({seconds:.1} s): {error:#}"),
        }
        rows.push(Row {
            name: check.name,
            result,
            seconds,
            not_installed: install::failed(),
        });
    }
    rows
}

/// Prints the table of all checks and the line that closes it.
///
/// # Errors
/// A check failed, or none was run.
pub(super) fn summary(rows: &[Row]) -> Result<()> {
    println!("\n{:<30} {:<8} {:>8}", "check", "result", "seconds");
    for row in rows {
        let word = match row.result {
            Ok(Outcome::Passed(_)) => "passed",
            Ok(Outcome::Skipped(_)) => "skipped",
            Err(_) => "FAILED",
        };
        println!("{:<30} {word:<8} {:>8.1}", row.name, row.seconds);
    }
    println!("\n{}", closing(rows));
    let failed = rows.iter().filter(|row| row.result.is_err()).count();
    let is_passed = |row: &Row| matches!(row.result, Ok(Outcome::Passed(_)));
    match failed {
        0 if !rows.iter().any(is_passed) => bail!("nothing was run"),
        0 => Ok(()),
        _ => bail!("{failed} of {} checks failed", rows.len()),
    }
}

fn closing(rows: &[Row]) -> String {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let mut not_installed = BTreeMap::<&str, Vec<&str>>::new();
    for row in rows {
        match row.result {
            Ok(Outcome::Passed(_)) => passed += 1,
            Ok(Outcome::Skipped(_)) => skipped += 1,
            Err(_) => failed += 1,
        }
        for name in &row.not_installed {
            not_installed.entry(name).or_default().push(row.name);
        }
    }
    let mut line = format!("{passed} passed, {failed} failed");
    if skipped > 0 {
        line += &format!(", {skipped} skipped");
    }
    if !not_installed.is_empty() {
        let one = |(name, checks): (&str, Vec<_>)| format!("{name} ({})", checks.join(", "));
        let all: Vec<_> = not_installed.into_iter().map(one).collect();
        line += &format!("; not installed: {}", all.join(", "));
    }
    line
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied())
        .unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::{Check, Outcome, Shared, closing, run};
    use crate::install;

    fn check(name: &'static str, run: fn(&mut Shared) -> anyhow::Result<Outcome>) -> Check {
        Check {
            name,
            seconds: 0,
            is_quick: false,
            run,
        }
    }

    fn no_package(_: &mut Shared) -> anyhow::Result<Outcome> {
        install::attempt("a-package", || bail!("no network"))
    }

    #[test]
    fn a_check_that_panics_has_failed_and_the_others_run() {
        let checks = [
            check("panics", |_| panic!("no {}", "library")),
            check("passes", |_| Ok(Outcome::Passed("seen".into()))),
            check("is-skipped", |_| Ok(Outcome::Skipped("no kernel".into()))),
            check("cannot-install", no_package),
            check("neither", no_package),
        ];
        let rows = run(&checks, &mut Shared::default());
        let failure = |index: usize| match &rows[index].result {
            Ok(_) => String::new(),
            Err(error) => format!("{error:#}"),
        };
        assert_eq!(failure(0), "it panicked: no library");
        assert_eq!(failure(3), "no network");
        assert_eq!(
            closing(&rows),
            "1 passed, 3 failed, 1 skipped; not installed: a-package (cannot-install, neither)"
        );
    }
}
