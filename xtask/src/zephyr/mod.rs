// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask zephyr`: builds the applications against the Zephyr tree of ZEPHYR_BASE, runs them on each board, and
//! records what was seen.

mod applications;
mod boards;
mod differential;
mod image;
mod measure;
mod record;
mod relay;
mod run;
mod suites;
mod switches;

use std::env;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use applications::{APPLICATIONS, Application, SERVER_PAGE, Verdict};
use boards::{BOARDS, Board, Machine};
use image::Image;

use relay::Relay;

use crate::server::Server;
use crate::{page, paths, tools};

/// Which boards and applications.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only boards of this name; may be repeated
    #[arg(long, value_name = "BOARD")]
    board: Vec<String>,
    /// Only applications of this name (see xtask/src/zephyr/applications.rs); may be repeated
    #[arg(long, value_name = "APPLICATION")]
    application: Vec<String>,
    /// Writes what was seen to docs/boards.tsv and the table of README.md
    #[arg(long)]
    record: bool,
    /// Compares flash, RAM and instructions on qemu_cortex_m3 with the stock client's, and writes docs/performance.md
    #[arg(long, conflicts_with_all = ["board", "application", "record"])]
    measure: bool,
    /// Builds an image for qemu_cortex_m3 without each switch of Kconfig, and without all, and writes what each saves to
    /// docs/building.md
    #[arg(long, conflicts_with_all = ["board", "application", "record", "measure"])]
    switches: bool,
    /// Plays random sequences of calls (10,000 unless told) on the stock client and on this module, on native_sim, and says
    /// which row of docs/compatibility.md explains each difference
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "10000", conflicts_with_all = ["board", "application", "record", "measure"])]
    differential: Option<u32>,
    /// Only this sequence, side by side
    #[arg(long, value_name = "N", requires = "differential")]
    seed: Option<u32>,
}

/// What CMake's builds of Zephyr call, and the packages.
const BUILD_TOOLS: [(&str, &str); 4] = [
    ("cmake", "cmake"),
    ("ninja", "ninja-build"),
    ("dtc", "device-tree-compiler"),
    ("gperf", "gperf"),
];

/// Builds and runs; without ZEPHYR_BASE it says that it skipped everything.
///
/// # Errors
/// The first word of every board and application that failed.
pub(crate) fn run(args: &Args) -> Result<()> {
    let Some(base) = env::var_os("ZEPHYR_BASE").map(PathBuf::from) else {
        println!("zephyr: skipped: ZEPHYR_BASE is not set (the path of a Zephyr tree)");
        return Ok(());
    };
    if args.measure {
        return measure::measure(&base);
    }
    if args.switches {
        return switches::measure(&base);
    }
    if let Some(count) = args.differential {
        return match args.seed {
            Some(seed) => differential::show(&base, seed),
            None => differential::compare(&base, count),
        };
    }
    let version = version(&base)?;
    let chosen = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let mut failed = 0;
    let mut passed = 0;
    for board in BOARDS
        .iter()
        .filter(|board| chosen(&args.board, board.name))
    {
        board.install()?;
        tools::programs(&BUILD_TOOLS)?;
        for application in APPLICATIONS
            .iter()
            .filter(|application| chosen(&args.application, application.name))
            .filter(|application| application.fits(board))
        {
            print!("{version}  {:22} {:19} ", board.name, application.name);
            let seen = try_one(&base, board, application);
            let (result, line) = match &seen {
                Ok(line) => ("passed", line.clone()),
                Err(error) => ("failed", format!("{error:#}")),
            };
            println!("{result}: {}", line.lines().last().unwrap_or(""));
            if seen.is_ok() {
                passed += 1;
            } else {
                failed += 1;
                eprintln!("{line}");
            }
            if args.record {
                record::add(&version, board.name, application.name, result, &line)?;
            }
        }
    }
    println!("\n{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("{failed} of {} failed on Zephyr {version}", passed + failed);
    }
    Ok(())
}

/// Builds and runs one application on one board; the line that says all is well.
fn try_one(base: &Path, board: &Board, application: &Application) -> Result<String> {
    if application.name == SERVER_PAGE {
        return used_by_chromium(base, board, application);
    }
    if let Some(script) = application.visitor {
        return visited(base, board, application, script);
    }
    // Servers live briefly, builds may be long: on this machine's own sockets the image is built for a relay's port,
    // for the others QEMU forwards.
    let is_relayed = board.machine == Machine::Native && application.peer.is_some();
    let relay = is_relayed.then(Relay::start).transpose()?;
    let build = build(base, board, application, relay.as_ref().map(Relay::port))?;
    let server = application.peer.map(|start| start()).transpose()?;
    let port = server.as_ref().map(Server::port);
    if let (Some(relay), Some(port)) = (&relay, port) {
        relay.forward_to(port);
    }
    let command = board
        .machine
        .command(&build, port, application.guest, application.seconds);
    let lines = run::until(command, &application.verdict, application.seconds)?;
    match application.verdict {
        Verdict::Suite => suites::summary(&lines),
        Verdict::Line(..) => Ok(lines.last().cloned().unwrap_or_default()),
    }
}

/// Builds the page's server for a free port and has the browser test it; the test's last line.
fn used_by_chromium(base: &Path, board: &Board, application: &Application) -> Result<String> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let build = build(base, board, application, Some(port))?;
    let command =
        board
            .machine
            .command_visited(&build, port, application.guest, application.seconds);
    page::used_by_chromium(&command, port)
}

/// Runs the image while a script talks to its server; the script's last line.
fn visited(base: &Path, board: &Board, application: &Application, script: &str) -> Result<String> {
    let build = build(base, board, application, None)?;
    let python = tools::peers_python()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let seconds = application.seconds;
    let image = board
        .machine
        .command_visited(&build, port, application.guest, seconds);
    let mut visitor = Command::new(python);
    visitor
        .arg(paths::source(script))
        .args([port.to_string(), seconds.to_string()]);
    run::visited(image, &mut visitor, seconds)
}

fn build(
    base: &Path,
    board: &Board,
    application: &Application,
    port: Option<u16>,
) -> Result<PathBuf> {
    let name = format!("{}-{}", board.name.replace('/', "_"), application.name);
    let build = paths::target("zephyr-boards")
        .join(version(base)?)
        .join(name);
    let mut image = Image::new(board, &(application.directory)(base), &build, true)?;
    let configure = &mut image.configure;
    if application.in_tree_network {
        configure.args(board.ethernet);
    }
    configure.args(application.options);
    if let (Machine::Native, Some(port)) = (board.machine, port) {
        let options = application.native_options.iter();
        configure.args(
            options
                .map(|option| format!("-D{}", option.replace("PORT_OF_PEER", &port.to_string()))),
        );
    }
    image.make(board.machine.ninja_targets())?;
    Ok(build)
}

fn version(base: &Path) -> Result<String> {
    let file = base.join("VERSION");
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("{}: is ZEPHYR_BASE a Zephyr tree?", file.display()))?;
    let number = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))
            .map_or("?", str::trim)
    };
    Ok(format!(
        "{}.{}.{}",
        number("VERSION_MAJOR"),
        number("VERSION_MINOR"),
        number("PATCHLEVEL")
    ))
}
