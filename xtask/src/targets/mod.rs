// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask targets`: builds the library for every kind of CPU without a Zephyr tree, and checks the objects.

mod build;
mod frames;
mod object;
mod report;
mod table;
mod unit_tests;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use build::Toolchain;
use frames::Frames;
use object::Listings;
use report::Row;
use table::{TARGETS, Target};
use unit_tests::MACHINES;

use crate::switches::Configuration;
use crate::{install, needs};

/// Which targets, and where the table goes.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only targets whose name contains this, and no unit tests of others; may be repeated
    #[arg(long, value_name = "TARGET")]
    only: Vec<String>,
    /// Writes the table of docs/building.md too
    #[arg(long)]
    write: bool,
}

/// The target whose object is also built without each of the switches of Kconfig, and without all.
const SWITCHED: &str = "thumbv7m-none-eabi";

/// What CONFIG_SIZE_OPTIMIZATIONS_AGGRESSIVE and CONFIG_SPEED_OPTIMIZATIONS make of it: checked for the same target.
const LEVELS: [&str; 2] = ["z", "3"];

/// What was found, in words.
pub(crate) struct Summary {
    pub(crate) passed: String,
    /// What could not be run, with the reason.
    pub(crate) skipped: Vec<String>,
}

/// One piece of work: a target's object, or a machine's unit tests.
#[derive(Clone)]
enum Job {
    Object(&'static Target, Toolchain),
    /// The objects of one target without some of the switches of Kconfig.
    Switches(&'static Target, Toolchain),
    UnitTests(&'static unit_tests::Machine),
}

/// What the pieces of work leave.
#[derive(Default)]
struct Results {
    rows: Vec<Row>,
    tested: Vec<String>,
    /// Configurations, and the octets of their objects.
    switched: Vec<(String, u64)>,
    failed: Vec<String>,
}

/// Runs everything, and says what was found and what was skipped.
///
/// # Errors
/// The targets that failed.
pub(crate) fn run(args: &Args) -> Result<()> {
    let summary = check(args)?;
    println!("\n{}", summary.passed);
    for reason in &summary.skipped {
        println!("skipped: {reason}");
    }
    Ok(())
}

/// As [`run`], for `cargo xtask test`.
///
/// # Errors
/// The targets that failed.
pub(crate) fn check(args: &Args) -> Result<Summary> {
    let chosen = |name: &str| args.only.is_empty() || args.only.iter().any(|o| name.contains(o));
    let targets: Vec<_> = TARGETS.iter().filter(|t| chosen(t.name)).collect();
    if targets.is_empty() {
        bail!("no target has such a name");
    }
    if args.write && targets.len() < TARGETS.len() {
        bail!("the table of docs/building.md is written from all targets");
    }
    install::have(needs::TARGET_TOOLS)?;
    // What takes longest comes first: two are at work, and should end together.
    let mut jobs = Vec::new();
    let mut skipped = Vec::new();
    for machine in MACHINES.iter().filter(|machine| chosen(machine.target)) {
        match machine.unavailable() {
            None => jobs.push(Job::UnitTests(machine)),
            Some(reason) => {
                let reason = format!("unit tests on {}: {reason}", machine.target);
                println!("  skipped: {reason}");
                skipped.push(reason);
            }
        }
    }
    for target in targets {
        let toolchain = Toolchain::of(target.name)?;
        if target.name == SWITCHED {
            jobs.push(Job::Switches(target, toolchain));
        }
        jobs.push(Job::Object(target, toolchain));
    }
    let mut results = work(&jobs);
    let place = |row: &Row| TARGETS.iter().position(|t| t.name == row.target);
    results.rows.sort_by_key(place);
    println!(
        "\nOctets of size, then of stack in the deepest chain of Rust functions below the call:"
    );
    print!("{}", report::table(&results.rows));
    print!(
        "{}",
        report::switches(SWITCHED, &results.rows, &results.switched)
    );
    report::json(&results.rows)?;
    if !results.failed.is_empty() {
        bail!(
            "{} of {} failed:\n  {}",
            results.failed.len(),
            jobs.len(),
            results.failed.join("\n  ")
        );
    }
    if args.write {
        report::write(&results.rows)?;
    }
    let tested = match results.tested.as_slice() {
        [] => "none".to_owned(),
        tested => tested.join(", "),
    };
    Ok(Summary {
        passed: format!(
            "{} targets and {} configurations built and checked; unit tests: {tested}",
            results.rows.len(),
            results.switched.len()
        ),
        skipped,
    })
}

/// Whether rustup has installed every target, so that Debian's compiler is not needed.
pub(crate) fn rustup_has_all() -> bool {
    let targets = TARGETS.iter().map(|target| target.name);
    let mut all = targets.chain(MACHINES.iter().map(|machine| machine.target));
    all.all(|target| build::is_of_rustup(target).unwrap_or(false))
}

/// Does the work, two pieces at a time: a core library is built by one thread mostly.
fn work(jobs: &[Job]) -> Results {
    let queue = Mutex::new(jobs.iter());
    let results = Mutex::new(Results::default());
    let next = || queue.lock().unwrap_or_else(|e| e.into_inner()).next();
    let worker = || {
        while let Some(job) = next() {
            let start = Instant::now();
            let outcome = one(job);
            let mut results = results.lock().unwrap_or_else(|e| e.into_inner());
            results.add(job, outcome, start.elapsed().as_secs_f64());
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(worker);
        worker();
    });
    results.into_inner().unwrap_or_else(|e| e.into_inner())
}

/// What one piece of work comes to.
enum Done {
    Object(Row),
    Switches(Vec<(String, u64)>),
    UnitTests(usize),
}

/// Builds an object, and checks it.
fn object(
    target: &Target,
    toolchain: Toolchain,
    configuration: Option<&Configuration>,
    level: Option<&str>,
) -> Result<(PathBuf, Listings)> {
    let object = build::build(target, toolchain, configuration, level)?;
    let listings = Listings::of(&object, target)?;
    let deviations = listings.deviations(target, configuration)?;
    if !deviations.is_empty() {
        bail!("\n    {}", deviations.join("\n    "));
    }
    Ok((object, listings))
}

fn one(job: &Job) -> Result<Done> {
    match job {
        Job::UnitTests(machine) => Ok(Done::UnitTests(machine.run()?)),
        Job::Switches(target, toolchain) => {
            let configurations = Configuration::every()?;
            let sizes = configurations.iter().map(|configuration| {
                let (_, listings) = object(target, *toolchain, Some(configuration), None)
                    .with_context(|| configuration.name.clone())?;
                Ok((configuration.name.clone(), listings.sizes().octets()))
            });
            let sizes = sizes.collect::<Result<_>>()?;
            for level in LEVELS {
                object(target, *toolchain, None, Some(level)).context(level)?;
            }
            Ok(Done::Switches(sizes))
        }
        Job::Object(target, toolchain) => {
            let (object, listings) = object(target, *toolchain, None, None)?;
            Ok(Done::Object(Row {
                target: target.name,
                toolchain: toolchain.name(),
                needed: listings.needed(),
                sizes: listings.sizes(),
                frames: Frames::of(&object, &listings.relocations)?,
            }))
        }
    }
}

impl Results {
    /// Notes one result and prints its line.
    fn add(&mut self, job: &Job, outcome: Result<Done>, seconds: f64) {
        let name = match job {
            Job::Object(target, _) => target.name.to_owned(),
            Job::Switches(target, _) => format!("{}, switches off", target.name),
            Job::UnitTests(machine) => format!("unit tests on {}", machine.target),
        };
        let line = match outcome {
            Ok(Done::Object(row)) => {
                let line = format!("{} symbols needed ({})", row.needed, row.toolchain);
                self.rows.push(row);
                line
            }
            Ok(Done::Switches(sizes)) => {
                self.switched = sizes;
                format!(
                    "{} configurations, levels {}",
                    self.switched.len(),
                    LEVELS.join(", ")
                )
            }
            Ok(Done::UnitTests(passed)) => {
                let kind = match job {
                    Job::UnitTests(machine) => machine.kind,
                    Job::Object(..) | Job::Switches(..) => "",
                };
                let line = format!("{passed} passed ({kind})");
                let target = name.trim_start_matches("unit tests on ");
                self.tested.push(format!("{target} {line}"));
                line
            }
            Err(error) => {
                let line = format!("FAILED: {error:#}");
                self.failed.push(format!("{name}: {error:#}"));
                line
            }
        };
        println!("  {name:<40} {seconds:>6.1} s  {line}");
    }
}
