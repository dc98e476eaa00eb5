// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask autobahn`: the Autobahn suite against tests/conformance/agent.c, through both APIs, plain and TLS.

mod agent;
mod debian;
mod expected;
mod progress;
mod prove;
mod python2;
mod report;
mod run;
mod suite;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use progress::Progress;
use run::Run;

use crate::certificates::{Certificates, Files};
use crate::host_build::{HostBuild, Variant};
use crate::paths;

/// What is run, and where the tables go.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only these cases: 5.19 is one, 1.* is a section; separated by commas
    #[arg(long, value_name = "CASES", value_delimiter = ',')]
    cases: Vec<String>,
    /// Only through this API; both without it
    #[arg(long, value_enum)]
    api: Option<Api>,
    /// Only over this transport; both without it
    #[arg(long, value_enum)]
    transport: Option<Transport>,
    /// Runs clients that do it wrong, and fails unless it notices each
    #[arg(long, conflicts_with_all = ["cases", "api", "transport", "write"])]
    prove: bool,
    /// Runs everything and writes docs/autobahn.md
    #[arg(long, conflicts_with_all = ["cases", "api", "transport"])]
    write: bool,
}

/// What the agent calls.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Api {
    /// websocket_recv_msg() and websocket_send_msg()
    Message,
    /// poll(), recvmsg() and sendmsg()
    Socket,
}

impl Api {
    const ALL: [Self; 2] = [Self::Message, Self::Socket];

    /// The agent's own word for it.
    fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Socket => "socket",
        }
    }
}

/// What the octets go through.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Transport {
    /// ws:// over TCP
    Ws,
    /// wss:// over TLS
    Wss,
}

impl Transport {
    const ALL: [Self; 2] = [Self::Ws, Self::Wss];

    fn name(self) -> &'static str {
        match self {
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

/// A segment's size, as an application with large messages has it: the 128 octets of the port's other programs make
/// 16 MiB a matter of many small TLS records.
const SEND_BUFFER: &str = "CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE=1460";

/// What all runs need.
struct Setup {
    program: std::path::PathBuf,
    files: Files,
}

impl Setup {
    fn new(build: &mut HostBuild) -> Result<Self> {
        // Before the runs, which are at the same time.
        python2::with_suite()?;
        let sources = paths::files("tests/conformance", "c")?;
        Ok(Self {
            program: build.configured_program(
                "conformance",
                &sources,
                Variant::Plain,
                &[SEND_BUFFER],
            )?,
            files: Certificates::make()?.write_files(&paths::target("autobahn/certificates"))?,
        })
    }

    fn files(&self, transport: Transport) -> Option<&Files> {
        (transport == Transport::Wss).then_some(&self.files)
    }

    fn authority(&self, transport: Transport) -> Option<&Path> {
        Some(self.files(transport)?.authority.as_path())
    }
}

/// Runs what the arguments ask for.
///
/// # Errors
/// A case differs from tests/conformance/expected.json, or something does not run.
pub(crate) fn run(arguments: &Args) -> Result<()> {
    let mut build = HostBuild::new()?;
    if arguments.prove {
        println!("{}", prove(&mut build)?);
        return Ok(());
    }
    println!("{}", check(&mut build, arguments)?);
    Ok(())
}

/// Shows that clients that do it wrong are noticed; says how.
///
/// # Errors
/// One was not noticed.
pub(crate) fn prove(build: &mut HostBuild) -> Result<String> {
    let proofs = prove::run(&Setup::new(build)?)?;
    let lines: Vec<_> = proofs.iter().map(prove::Proof::line).collect();
    Ok(lines.join("\n"))
}

/// Runs the cases and compares; says what was seen.
///
/// # Errors
/// As [`run`].
pub(crate) fn check(build: &mut HostBuild, arguments: &Args) -> Result<String> {
    let setup = Setup::new(build)?;
    let chosen = |api: &Api| arguments.api.is_none_or(|only| only == *api);
    let apis: Vec<_> = Api::ALL.into_iter().filter(chosen).collect();
    let chosen = |transport: &Transport| arguments.transport.is_none_or(|only| only == *transport);
    let mut runs = Vec::new();
    for transport in Transport::ALL.into_iter().filter(chosen) {
        runs.extend(together(&setup, transport, &apis, &arguments.cases)?);
    }
    report::write_results(&runs)?;
    for run in &runs {
        for (case, difference) in run.differences() {
            println!("FAILED {}: {case}: {difference}", run.name());
        }
    }
    let lines: Vec<_> = runs.iter().map(Run::line).collect();
    let summary = lines.join("\n");
    let failed: usize = runs.iter().map(|run| run.differences().count()).sum();
    if failed > 0 {
        bail!("{failed} differences from tests/conformance/expected.json\n{summary}");
    }
    if arguments.write {
        report::write_document(&runs, &prove::run(&setup)?)?;
    }
    Ok(summary)
}

/// Both APIs at the same time: much of a run is the suite's deliberate waiting.
fn together(
    setup: &Setup,
    transport: Transport,
    apis: &[Api],
    patterns: &[String],
) -> Result<Vec<Run>> {
    let progress: BTreeMap<_, _> = apis
        .iter()
        .map(|&api| {
            let name = format!("{}/{}", transport.name(), api.name());
            (api, Progress::new(name))
        })
        .collect();
    std::thread::scope(|scope| {
        let runs: Vec<_> = progress
            .iter()
            .map(|(&api, progress)| {
                scope.spawn(move || Run::new(setup, transport, api, patterns, progress))
            })
            .collect();
        progress::show(&progress, || runs.iter().all(|run| run.is_finished()));
        runs.into_iter()
            .map(|run| match run.join() {
                Ok(run) => run,
                Err(_) => bail!("a run ended early"),
            })
            .collect::<Result<Vec<_>>>()
            .with_context(|| format!("over {}", transport.name()))
    })
}
