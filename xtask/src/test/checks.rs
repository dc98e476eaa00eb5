// SPDX-License-Identifier: Apache-2.0
//! The list of checks, in the order of the run.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::switches::Configuration;
use crate::{
    abi, autobahn, behaviour, bench, bindings, demo, fuzz, mqtt, page, paths, peers, release,
    repository, samples, site, symbols, targets,
};

/// One check.
pub(super) struct Check {
    pub(super) name: &'static str,
    /// On two cores, with nothing built or installed before but by the checks above it.
    pub(super) seconds: u32,
    /// Whether it is one of those between two edits.
    pub(super) is_quick: bool,
    pub(super) run: fn(&mut Shared) -> Result<Outcome>,
}

/// How a check ended that did not fail.
pub(super) enum Outcome {
    /// With what was seen.
    Passed(String),
    /// With the reason.
    Skipped(String),
}

/// What checks build once for all of them.
#[derive(Default)]
pub(super) struct Shared {
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

/// What is worth its time between two edits: minutes, and no package installed.
const QUICK: [&str; 5] = ["rust", "rust-fake-platform", "behaviour", "docs", "demo"];
const CARGO_LIMIT: Duration = Duration::from_secs(1200);

pub(super) fn checks() -> Vec<Check> {
    let check = |name, seconds, run| Check {
        name,
        seconds,
        is_quick: QUICK.contains(&name),
        run,
    };
    vec![
        check("rust", 161, |_| {
            cargo_test(&mut process::cargo(), &["--workspace"])
        }),
        check("rust-fake-platform", 28, |_| {
            cargo_test(&mut process::cargo(), &["--features", "fake-platform"])
        }),
        check("rust-smallest", 60, |_| smallest()),
        check("loom", 145, |_| models("loom", "models::")),
        check("shuttle", 60, |_| models("shuttle", "random_models::")),
        check("symbols", 116, |shared| {
            let build = shared.build()?;
            Ok(Outcome::Passed(symbols::check(build.library())?))
        }),
        check("abi", 15, |_| Ok(Outcome::Passed(abi::check()?))),
        check("bindings", 36, |_| {
            bindings::check()?;
            Ok(Outcome::Passed(
                "library.h and bindings.rs are what would be generated".into(),
            ))
        }),
        check("port", 11, |shared| {
            suite(shared, "host/tests", Variant::Plain)
        }),
        check("port-sanitized", 13, |shared| {
            suite(shared, "host/tests", Variant::AddressUndefined)
        }),
        check("behaviour", 92, |shared| {
            suite(shared, "tests/behaviour", Variant::Plain)
        }),
        check("behaviour-smallest", 40, |shared| {
            let closing = behaviour::run_smallest(shared.build()?)?;
            Ok(Outcome::Passed(format!("without any switch: {closing}")))
        }),
        check("behaviour-sanitized", 109, |shared| {
            suite(shared, "tests/behaviour", Variant::AddressUndefined)
        }),
        check("behaviour-threads", 42, |shared| {
            suite(shared, "tests/behaviour", Variant::Thread)
        }),
        check("samples", 2, |shared| {
            Ok(Outcome::Passed(samples::rounds(
                shared.build()?,
                Variant::Plain,
            )?))
        }),
        check("samples-sanitized", 2, |shared| {
            Ok(Outcome::Passed(samples::rounds(
                shared.build()?,
                Variant::AddressUndefined,
            )?))
        }),
        check("poll-many", 3, |shared| {
            Ok(Outcome::Passed(samples::poll_many(
                shared.build()?,
                Variant::Plain,
            )?))
        }),
        check("poll-many-sanitized", 4, |shared| {
            Ok(Outcome::Passed(samples::poll_many(
                shared.build()?,
                Variant::AddressUndefined,
            )?))
        }),
        check("page", 52, |shared| {
            Ok(Outcome::Passed(page::check(
                shared.build()?,
                Variant::Plain,
            )?))
        }),
        check("page-sanitized", 16, |shared| {
            Ok(Outcome::Passed(page::check(
                shared.build()?,
                Variant::AddressUndefined,
            )?))
        }),
        check("peers", 87, |shared| {
            let found = peers::check(shared.build()?)?;
            Ok(match found.skipped.as_slice() {
                [] => Outcome::Passed(found.passed),
                skipped => Outcome::Skipped(format!("{}; {}", skipped.join("; "), found.passed)),
            })
        }),
        check("peers-sanitized", 5, |shared| {
            Ok(Outcome::Passed(peers::check_sanitized(shared.build()?)?))
        }),
        check("mqtt", 44, |shared| {
            Ok(Outcome::Passed(mqtt::check(shared.build()?)?))
        }),
        check("mqtt-sanitized", 20, |shared| {
            Ok(Outcome::Passed(mqtt::check_sanitized(shared.build()?)?))
        }),
        check("autobahn", 129, |shared| {
            let arguments = autobahn::Args::default();
            Ok(Outcome::Passed(autobahn::check(
                shared.build()?,
                &arguments,
            )?))
        }),
        check("autobahn-prove", 10, |shared| {
            Ok(Outcome::Passed(autobahn::prove(shared.build()?)?))
        }),
        check("docs", 1, |_| {
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
        check("release", 0, |_| Ok(Outcome::Passed(release::check()?))),
        check("workflows", 15, |_| {
            Ok(Outcome::Passed(repository::workflows()?))
        }),
        check("reuse", 5, |_| Ok(Outcome::Passed(repository::licences()?))),
        check("manifest", 1, |_| {
            Ok(Outcome::Passed(repository::manifest()?))
        }),
        check("site", 40, |_| Ok(Outcome::Passed(site::check()?))),
        check("fuzz", 279, |_| {
            fuzz::run(&fuzz::Args::for_seconds(60))?;
            Ok(Outcome::Passed("every target for 60 s".into()))
        }),
        check("bench", 7, |_| {
            bench::run(&bench::Args::printing())?;
            Ok(Outcome::Passed("the table above; counts, not times".into()))
        }),
        check("targets", 763, |_| {
            let found = targets::check(&targets::Args::default())?;
            Ok(match found.skipped.as_slice() {
                [] => Outcome::Passed(found.passed),
                // What was not run must not read as passed.
                skipped => Outcome::Skipped(format!("{}; {}", skipped.join("; "), found.passed)),
            })
        }),
        check("zephyr", 0, |_| {
            Ok(Outcome::Skipped(
                "cargo xtask zephyr builds and runs on the boards, with ZEPHYR_BASE set".into(),
            ))
        }),
        check("demo-over-tls", 4, |shared| {
            Ok(Outcome::Passed(demo::over_tls(shared.build()?)?))
        }),
        check("demo", 5, |_| {
            demo::run(None, None)?;
            Ok(Outcome::Passed("the transcript above".into()))
        }),
    ]
}

/// `cargo test` with these words; counts what its lines say.
fn cargo_test(cargo: &mut Command, words: &[&str]) -> Result<Outcome> {
    let output = process::run(
        cargo.args(["test", "--locked"]).args(words),
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

/// The library's unit tests without any switch of Kconfig; those that need one are ignored. In a folder of their own, as models are.
fn smallest() -> Result<Outcome> {
    let mut cargo = process::cargo();
    cargo.env("ZWS_DOTCONFIG", Configuration::all_off()?.dotconfig()?);
    cargo.env("CARGO_TARGET_DIR", paths::target("switches/unit-tests"));
    cargo.env("CARGO_PROFILE_TEST_DEBUG", "0");
    cargo_test(&mut cargo, &["--package", "zephyr-websocket", "--lib"])
}

/// The models of src/slot. They take another flag of the compiler: in a folder of their own, so that nothing else is built again.
fn models(explorer: &str, filter: &str) -> Result<Outcome> {
    let mut cargo = process::cargo();
    cargo.env("RUSTFLAGS", format!("--cfg {explorer}"));
    cargo.env("CARGO_TARGET_DIR", paths::target(explorer));
    cargo_test(&mut cargo, &["--release", "--lib", filter])
}
