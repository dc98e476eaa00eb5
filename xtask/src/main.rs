// SPDX-License-Identifier: Apache-2.0
//! The project's commands: each subcommand is one call into the file of its name.

mod abi;
mod autobahn;
mod behaviour;
mod bench;
mod bindings;
mod brokers;
mod certificates;
mod debian;
mod demo;
mod echo_server;
mod fuzz;
mod host_build;
mod install;
mod library;
mod mqtt;
mod needs;
mod page;
mod paths;
mod peers;
mod pinned_python;
mod process;
mod release;
mod repository;
mod samples;
mod server;
mod site;
mod switches;
mod symbols;
mod targets;
mod test;
mod tools;
mod tunnel;
mod zephyr;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tries and tests the WebSocket library.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a C application against a WebSocket server and says what was checked.
    Demo {
        /// ws://host:port/path or wss://… of an echo server; without it, one is started on this machine
        url: Option<String>,
        /// For wss: a PEM file of the authorities to trust; without it, those of the system
        #[arg(long, value_name = "FILE")]
        authority: Option<std::path::PathBuf>,
    },
    /// Runs every test of the project but formatting and lints.
    Test(test::Args),
    /// Runs the Autobahn conformance suite against the library.
    Autobahn(autobahn::Args),
    /// Counts instructions and polls, and writes the tables of docs/performance.md.
    Bench(bench::Args),
    /// Talks to servers that nobody here wrote and writes the table of docs/peers.md.
    Peers(peers::Args),
    /// Feeds generated input to the library for a while, with sanitizers.
    Fuzz(fuzz::Args),
    /// Runs samples/mqtt_client against MQTT brokers that die and come back.
    Mqtt(mqtt::Args),
    /// Builds target/zephyr/libzephyr_websocket.a, the object that an image of this machine's kind links.
    Library,
    /// Builds the library and checks which symbols it defines and needs.
    Symbols,
    /// Serves the page of samples/server_page on this machine, until its standard input ends.
    Page(page::Args),
    /// Writes the documentation as pages into target/site, the C API and the options of Kconfig among them.
    Site,
    /// Builds, checks and measures the library for every kind of CPU, without a Zephyr tree.
    Targets(targets::Args),
    /// Builds and runs everything on the boards, against the Zephyr tree of ZEPHYR_BASE.
    Zephyr(zephyr::Args),
    /// Writes include/zws/library.h and src/platform/zephyr/bindings.rs from the sources of the contract.
    Bindings {
        /// Writes nothing and fails where the files are not what would be written
        #[arg(long)]
        check: bool,
    },
    /// An echo server, started by the other commands: says its port, stops with its standard input.
    #[command(hide = true)]
    EchoServer,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo { url, authority } => demo::run(url.as_deref(), authority.as_deref()),
        Command::Test(arguments) => test::run(&arguments),
        Command::Autobahn(arguments) => autobahn::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Peers(arguments) => peers::run(&arguments),
        Command::Library => library::build().map(|archive| println!("{}", paths::shown(&archive))),
        Command::Mqtt(arguments) => mqtt::run(&arguments),
        Command::Symbols => symbols::run(),
        Command::Page(arguments) => page::serve(&arguments),
        Command::Site => site::write(),
        Command::Targets(arguments) => targets::run(&arguments),
        Command::Zephyr(arguments) => zephyr::run(&arguments),
        Command::Bindings { check: true } => bindings::check(),
        Command::Bindings { check: false } => bindings::write(),
        Command::EchoServer => echo_server::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
