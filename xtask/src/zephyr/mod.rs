// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask zephyr`: builds the applications against the Zephyr tree of ZEPHYR_BASE, runs them on each board, and
//! records what was seen.

mod boards;
mod record;
mod run;

use std::env;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use boards::{BOARDS, Board, Machine, Need};

use crate::server::Server;
use crate::{brokers, peers};
use crate::{page, paths, process, tools};

/// Which boards and applications.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only boards of this name; may be repeated
    #[arg(long, value_name = "BOARD")]
    board: Vec<String>,
    /// Only applications of this name (in-tree-suite, behaviour, second-rust-library,
    /// userspace, shell, echo, mqtt, mqtt-aedes, mqtt-client, mqtt-client-aedes, poll-many, server-page);
    /// may be repeated
    #[arg(long, value_name = "APPLICATION")]
    application: Vec<String>,
    /// Writes what was seen to docs/boards.tsv and the table of README.md
    #[arg(long)]
    record: bool,
}

/// One application: where it is, what its peer is, and what it says when all is well.
struct Application {
    name: &'static str,
    directory: fn(&Path) -> PathBuf,
    /// It is left out on boards that lack any of these.
    needs: &'static [Need],
    peer: Option<fn() -> Result<Server>>,
    /// Where the peer is, on a board that has this machine's sockets.
    native_options: &'static [&'static str],
    passed: &'static str,
    seconds: u64,
}

/// Its peer is a browser, which comes when the image runs.
const SERVER_PAGE: &str = "server-page";

const APPLICATIONS: &[Application] = &[
    Application {
        name: "in-tree-suite",
        directory: |base| base.join("tests/net/socket/websocket"),
        needs: &[],
        peer: None,
        native_options: &[],
        passed: "PROJECT EXECUTION SUCCESSFUL",
        seconds: 60,
    },
    Application {
        name: "behaviour",
        directory: |_| paths::source("tests/zephyr/behaviour"),
        needs: &[Need::Memory],
        peer: None,
        native_options: &[],
        passed: "PROJECT EXECUTION SUCCESSFUL",
        seconds: 400,
    },
    Application {
        name: "second-rust-library",
        directory: |_| paths::source("tests/zephyr/second_rust_library"),
        needs: &[],
        peer: None,
        native_options: &[],
        passed: "PROJECT EXECUTION SUCCESSFUL",
        seconds: 60,
    },
    Application {
        name: "userspace",
        directory: |_| paths::source("tests/zephyr/userspace"),
        needs: &[Need::UserMode, Need::Memory],
        peer: None,
        native_options: &[],
        passed: "PROJECT EXECUTION SUCCESSFUL",
        seconds: 60,
    },
    Application {
        name: "shell",
        directory: |_| paths::source("tests/zephyr/shell"),
        needs: &[Need::Memory],
        peer: None,
        native_options: &[],
        passed: "PROJECT EXECUTION SUCCESSFUL",
        seconds: 60,
    },
    Application {
        name: "echo",
        directory: |_| paths::source("samples/echo_client"),
        needs: &[Need::Network],
        peer: Some(peers::websockets),
        native_options: &[
            "CONFIG_ECHO_CLIENT_SERVER=\"127.0.0.1\"",
            "CONFIG_ECHO_CLIENT_PORT=PORT_OF_PEER",
        ],
        passed: "0 errors",
        seconds: 300,
    },
    Application {
        name: "mqtt",
        directory: |_| paths::source("samples/mqtt_intree"),
        needs: &[Need::Network],
        peer: Some(brokers::mosquitto_on_free_port),
        native_options: &["CONFIG_MQTT_INTREE_PORT=PORT_OF_PEER"],
        passed: "mqtt_intree: PASS",
        seconds: 200,
    },
    Application {
        name: "mqtt-aedes",
        directory: |_| paths::source("samples/mqtt_intree"),
        needs: &[Need::Network],
        peer: Some(brokers::aedes_on_free_port),
        native_options: &["CONFIG_MQTT_INTREE_PORT=PORT_OF_PEER"],
        passed: "mqtt_intree: PASS",
        seconds: 200,
    },
    Application {
        name: "mqtt-client",
        directory: |_| paths::source("samples/mqtt_client"),
        needs: &[Need::Network],
        peer: Some(brokers::mosquitto_on_free_port),
        native_options: &["CONFIG_MQTT_CLIENT_PORT=PORT_OF_PEER"],
        passed: "mqtt_client: PASS",
        seconds: 200,
    },
    Application {
        name: "mqtt-client-aedes",
        directory: |_| paths::source("samples/mqtt_client"),
        needs: &[Need::Network],
        peer: Some(brokers::aedes_on_free_port),
        native_options: &["CONFIG_MQTT_CLIENT_PORT=PORT_OF_PEER"],
        passed: "mqtt_client: PASS",
        seconds: 200,
    },
    Application {
        name: "poll-many",
        directory: |_| paths::source("samples/poll_many"),
        needs: &[Need::Network, Need::Memory],
        // Echoes datagrams to the same port number as well.
        peer: Some(Server::tungstenite),
        native_options: &["CONFIG_POLL_MANY_PORT=PORT_OF_PEER"],
        passed: "poll_many: PASS",
        seconds: 200,
    },
    Application {
        name: SERVER_PAGE,
        directory: |_| paths::source("samples/server_page"),
        needs: &[Need::Network, Need::Memory],
        peer: None,
        native_options: &["CONFIG_SERVER_PAGE_PORT=PORT_OF_PEER"],
        passed: "page: PASS",
        seconds: 150,
    },
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
    let version = version(&base)?;
    let chosen = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let mut failed = 0;
    let mut passed = 0;
    for board in BOARDS
        .iter()
        .filter(|board| chosen(&args.board, board.name))
    {
        tools::programs(board.machine.packages())?;
        tools::programs(&[
            ("cmake", "cmake"),
            ("ninja", "ninja-build"),
            ("dtc", "device-tree-compiler"),
            ("gperf", "gperf"),
        ])?;
        for application in APPLICATIONS
            .iter()
            .filter(|application| chosen(&args.application, application.name))
            .filter(|application| !application.needs.iter().any(|n| board.lacks.contains(n)))
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
    let start = || application.peer.map(|start| start()).transpose();
    // On this machine's own sockets the image is built for the server's port; QEMU forwards, and servers live briefly.
    let (server, build) = if board.machine == Machine::Native {
        let server = start()?;
        let port = server.as_ref().map(Server::port);
        (server, build(base, board, application, port)?)
    } else {
        let build = build(base, board, application, None)?;
        (start()?, build)
    };
    let port = server.as_ref().map(Server::port);
    let command = board.machine.command(&build, port, application.seconds);
    run::until(command, application.passed, application.seconds)
}

/// Builds the page's server for a free port and has the browser test it; the test's last line.
fn used_by_chromium(base: &Path, board: &Board, application: &Application) -> Result<String> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let build = build(base, board, application, Some(port))?;
    let command = board
        .machine
        .command_with_page(&build, port, application.seconds);
    page::used_by_chromium(&command, port)
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
    let mut configure = Command::new("cmake");
    configure
        .args(["-GNinja", "-DBUILD_VERSION=zephyr-websocket", "-S"])
        .arg((application.directory)(base))
        .arg("-B")
        .arg(&build)
        .arg(format!("-DBOARD={}", board.name))
        .arg(modules())
        .args(board.toolchain()?);
    if let (Machine::Native, Some(port)) = (board.machine, port) {
        let options = application.native_options.iter();
        configure.args(
            options
                .map(|option| format!("-D{}", option.replace("PORT_OF_PEER", &port.to_string()))),
        );
    }
    let debian_pair = needs_debian_pair(board)?;
    if debian_pair {
        with_debian_pair(&mut configure);
        configure.arg("-DCONFIG_WEBSOCKET_RUST_BUILD_STD=y");
    }
    process::build(&mut configure).context("cmake")?;
    let mut ninja = Command::new("ninja");
    ninja
        .arg("-C")
        .arg(&build)
        .args(board.machine.ninja_targets());
    if debian_pair {
        with_debian_pair(&mut ninja);
    }
    process::build(&mut ninja).context("ninja")?;
    Ok(build)
}

/// The workspace's modules are west's affair; without west, ZEPHYR_MODULES lists them.
fn modules() -> String {
    let ours = paths::source("");
    let ours = ours.display().to_string();
    let ours = ours.trim_end_matches('/');
    match env::var("ZEPHYR_MODULES") {
        Ok(others) => format!("-DZEPHYR_MODULES={others};{ours}"),
        Err(_) => format!("-DEXTRA_ZEPHYR_MODULES={ours}"),
    }
}

/// Whether the core library has to be built: rustup's toolchain lacks the target, and Debian's pair takes its place.
fn needs_debian_pair(board: &Board) -> Result<bool> {
    let libdir = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", board.rust_target])
        .current_dir(paths::source(""))
        .output()
        .context("rustc")?;
    if Path::new(String::from_utf8_lossy(&libdir.stdout).trim()).exists() {
        return Ok(false);
    }
    if !Path::new("/usr/lib/rustlib/src/rust/library/core").exists() {
        tools::install(&["rustc-web", "cargo-web", "rust-web-src"])
            .with_context(|| format!("or run `rustup target add {}`", board.rust_target))?;
    }
    Ok(true)
}

fn with_debian_pair(command: &mut Command) {
    command
        .env("RUSTC", "/usr/bin/rustc")
        .env("CARGO", "/usr/bin/cargo");
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
