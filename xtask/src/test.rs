// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask test`: the list of checks, their progress, and the table at the end.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::{
    abi, autobahn, behaviour, bench, bindings, demo, fuzz, mqtt, page, paths, peers, samples,
    symbols, targets,
};

/// Name, and what is done; the list of [`checks`] is in the order of the run.
struct Check {
    name: &'static str,
    run: fn(&mut Shared) -> Result<Outcome>,
}

/// How a check ended that did not fail.
enum Outcome {
    /// With what was seen.
    Passed(String),
    /// With the reason.
    Skipped(String),
}

/// What checks build once for all of them.
#[derive(Default)]
struct Shared {
    build: Option<HostBuild>,
}

impl Shared {
    fn build(&mut self) -> Result<&mut HostBuild> {
        let build = match self.build.take() {
            Some(build) => build,
            None => HostBuild::new()?,
        };
        Ok(self.build.insert(build))
    }
}

const CARGO_LIMIT: Duration = Duration::from_secs(1200);

fn checks() -> Vec<Check> {
    let check = |name, run| Check { name, run };
    vec![
        check("rust", |_| cargo_test(&["--workspace"])),
        check("rust-fake-platform", |_| {
            cargo_test(&["--features", "fake-platform"])
        }),
        check("symbols", |shared| {
            let build = shared.build()?;
            Ok(Outcome::Passed(symbols::check(build.library())?))
        }),
        check("abi", |_| Ok(Outcome::Passed(abi::check()?))),
        check("bindings", |_| {
            bindings::check()?;
            Ok(Outcome::Passed(
                "library.h and bindings.rs are what would be generated".into(),
            ))
        }),
        check("port", |shared| suite(shared, "host/tests", Variant::Plain)),
        check("port-sanitized", |shared| {
            suite(shared, "host/tests", Variant::AddressUndefined)
        }),
        check("behaviour", |shared| {
            suite(shared, "tests/behaviour", Variant::Plain)
        }),
        check("behaviour-sanitized", |shared| {
            suite(shared, "tests/behaviour", Variant::AddressUndefined)
        }),
        check("behaviour-threads", |shared| {
            suite(shared, "tests/behaviour", Variant::Thread)
        }),
        check("samples", |shared| {
            Ok(Outcome::Passed(samples::rounds(
                shared.build()?,
                Variant::Plain,
            )?))
        }),
        check("samples-sanitized", |shared| {
            Ok(Outcome::Passed(samples::rounds(
                shared.build()?,
                Variant::AddressUndefined,
            )?))
        }),
        check("poll-many", |shared| {
            Ok(Outcome::Passed(samples::poll_many(
                shared.build()?,
                Variant::Plain,
            )?))
        }),
        check("poll-many-sanitized", |shared| {
            Ok(Outcome::Passed(samples::poll_many(
                shared.build()?,
                Variant::AddressUndefined,
            )?))
        }),
        check("page", |shared| {
            Ok(Outcome::Passed(page::check(
                shared.build()?,
                Variant::Plain,
            )?))
        }),
        check("page-sanitized", |shared| {
            Ok(Outcome::Passed(page::check(
                shared.build()?,
                Variant::AddressUndefined,
            )?))
        }),
        check("peers", |shared| {
            let found = peers::check(shared.build()?)?;
            Ok(match found.skipped.as_slice() {
                [] => Outcome::Passed(found.passed),
                skipped => Outcome::Skipped(format!("{}; {}", skipped.join("; "), found.passed)),
            })
        }),
        check("peers-sanitized", |shared| {
            Ok(Outcome::Passed(peers::check_sanitized(shared.build()?)?))
        }),
        check("mqtt", |shared| {
            Ok(Outcome::Passed(mqtt::check(shared.build()?)?))
        }),
        check("mqtt-sanitized", |shared| {
            Ok(Outcome::Passed(mqtt::check_sanitized(shared.build()?)?))
        }),
        check("autobahn", |shared| {
            let arguments = autobahn::Args::default();
            Ok(Outcome::Passed(autobahn::check(
                shared.build()?,
                &arguments,
            )?))
        }),
        check("autobahn-prove", |shared| {
            Ok(Outcome::Passed(autobahn::prove(shared.build()?)?))
        }),
        check("docs", |_| {
            let closing = |name: &str| -> Result<String> {
                let checker = paths::source("tests/docs").join(name);
                let output = process::build(
                    Command::new("python3").args(["-B".as_ref(), checker.as_os_str()]),
                )?;
                Ok(output.lines().last().unwrap_or_default().to_owned())
            };
            let links = closing("check_links.py")?;
            let requirements = closing("check_rfc6455.py")?;
            Ok(Outcome::Passed(format!(
                "links: {links}; RFC 6455: {requirements}"
            )))
        }),
        check("fuzz", |_| {
            fuzz::run(&fuzz::Args::for_seconds(60))?;
            Ok(Outcome::Passed("every target for 60 s".into()))
        }),
        check("bench", |_| {
            bench::run(&bench::Args::printing())?;
            Ok(Outcome::Passed("the table above; counts, not times".into()))
        }),
        check("targets", |_| {
            let found = targets::check(&targets::Args::default())?;
            Ok(match found.skipped.as_slice() {
                [] => Outcome::Passed(found.passed),
                // What was not run must not read as passed.
                skipped => Outcome::Skipped(format!("{}; {}", skipped.join("; "), found.passed)),
            })
        }),
        check("zephyr", |_| {
            Ok(Outcome::Skipped(
                "cargo xtask zephyr builds and runs on the boards, with ZEPHYR_BASE set".into(),
            ))
        }),
        check("demo-over-tls", |shared| {
            Ok(Outcome::Passed(demo::over_tls(shared.build()?)?))
        }),
        check("demo", |_| {
            demo::run(None, None)?;
            Ok(Outcome::Passed("the transcript above".into()))
        }),
    ]
}

/// Runs the checks whose name contains one of `only`, or all; names them only with `list`.
///
/// # Errors
/// A check failed, or none was run.
pub(crate) fn run(only: &[String], list: bool) -> Result<()> {
    let chosen =
        |check: &Check| only.is_empty() || only.iter().any(|word| check.name.contains(word));
    let checks: Vec<_> = checks().into_iter().filter(chosen).collect();
    if checks.is_empty() {
        bail!("no check has such a name: `cargo xtask test --list` names them");
    }
    if list {
        checks.iter().for_each(|check| println!("{}", check.name));
        return Ok(());
    }
    let mut shared = Shared::default();
    let mut rows = Vec::new();
    let total = checks.len();
    for (index, check) in checks.iter().enumerate() {
        println!("[{}/{total}] {} …", index + 1, check.name);
        let start = Instant::now();
        let result = (check.run)(&mut shared);
        let time = start.elapsed().as_secs_f64();
        match &result {
            Ok(Outcome::Passed(seen)) => println!("  passed ({time:.1} s): {seen}"),
            Ok(Outcome::Skipped(reason)) => println!("  SKIPPED: {reason}"),
            Err(error) => println!("  FAILED ({time:.1} s): {error:#}"),
        }
        rows.push((check.name, result, time));
    }
    summary(&rows)
}

fn summary(rows: &[(&str, Result<Outcome>, f64)]) -> Result<()> {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    println!("\n{:<30} {:<8} {:>8}", "check", "result", "seconds");
    for (name, result, time) in rows {
        let (count, word) = match result {
            Ok(Outcome::Passed(_)) => (&mut passed, "passed"),
            Ok(Outcome::Skipped(_)) => (&mut skipped, "skipped"),
            Err(_) => (&mut failed, "FAILED"),
        };
        *count += 1;
        println!("{name:<30} {word:<8} {time:>8.1}");
    }
    println!();
    if skipped == 0 {
        println!("{passed} passed, {failed} failed");
    } else {
        println!("{passed} passed, {failed} failed, {skipped} skipped");
    }
    match (failed, passed) {
        (0, 0) => bail!("nothing was run"),
        (0, _) => Ok(()),
        _ => bail!("{failed} of {} checks failed", rows.len()),
    }
}

/// `cargo test` with these words; counts what its lines say.
fn cargo_test(words: &[&str]) -> Result<Outcome> {
    let mut command = process::cargo();
    let output = process::run(
        command.args(["test", "--locked"]).args(words),
        CARGO_LIMIT,
        Show::Nothing,
    )?;
    let count = |word: &str| -> usize {
        let lines = output
            .lines()
            .filter_map(|line| line.strip_prefix("test result: ok. "));
        lines
            .flat_map(|line| line.split("; "))
            .filter_map(|part| part.strip_suffix(word)?.trim().parse::<usize>().ok())
            .sum()
    };
    match (count("passed"), count("ignored")) {
        (0, _) => bail!("cargo test ran no test"),
        (passed, 0) => Ok(Outcome::Passed(format!("{passed} tests"))),
        (passed, ignored) => Ok(Outcome::Passed(format!(
            "{passed} tests, {ignored} ignored"
        ))),
    }
}

fn suite(shared: &mut Shared, directory: &str, variant: Variant) -> Result<Outcome> {
    if let Some(reason) = behaviour::unsupported(variant)? {
        return Ok(Outcome::Skipped(reason));
    }
    Ok(match behaviour::run(shared.build()?, directory, variant)? {
        Some(closing) => Outcome::Passed(closing),
        None => Outcome::Skipped(format!("{directory} has no C files")),
    })
}
