// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask peers`: the C agent (tests/peers) against servers that nobody here wrote, and the table of what was seen.

mod agent;
mod loopback;
mod nginx;
mod plan;
mod run;
mod servers;
mod table;

use anyhow::{Result, bail};

use self::run::Row;
use self::servers::Peer;
use crate::host_build::{HostBuild, Variant};
use crate::process;
use crate::server::Server;

/// The arguments of `cargo xtask peers`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only the servers whose name contains this; may be repeated
    #[arg(long, value_name = "NAME")]
    server: Vec<String>,
    /// Names the servers and their versions, and runs nothing
    #[arg(long)]
    list: bool,
    /// Writes the table of docs/peers.md, and of README.md where that has the markers
    #[arg(long, conflicts_with_all = ["server", "sanitize", "list"])]
    write: bool,
    /// Builds the agent with AddressSanitizer and UndefinedBehaviorSanitizer
    #[arg(long)]
    sanitize: bool,
}

/// What a run has shown.
pub(crate) struct Found {
    pub(crate) passed: String,
    /// Servers that this machine cannot run, with the reason.
    pub(crate) skipped: Vec<String>,
}

/// Runs the matrix, or a part of it, and prints the table.
///
/// # Errors
/// What differed, of all servers.
pub(crate) fn run(args: &Args) -> Result<()> {
    let is_chosen = |peer: &Peer| {
        args.server.is_empty() || args.server.iter().any(|word| peer.name().contains(word))
    };
    let chosen: Vec<_> = Peer::ALL.into_iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        bail!("no server has such a name: `cargo xtask peers --list` names them");
    }
    if args.list {
        for peer in chosen {
            let version = peer.version();
            let shown = version.unwrap_or_else(|_| "the version that Debian has".into());
            println!("{:<14} {} {shown}", peer.name(), peer.title());
        }
        return Ok(());
    }
    let variant = if args.sanitize {
        Variant::AddressUndefined
    } else {
        Variant::Plain
    };
    let mut build = process::step("building the library, the PC port and the agent", || {
        HostBuild::new()
    })?;
    let (rows, closing) = matrix(&mut build, &chosen, variant)?;
    let said = closing.as_ref().map_or("an unclean run", |closing| closing);
    let table = table::markdown(&rows, said);
    print!("\n{table}");
    verdict(&rows)?;
    closing?;
    if args.write {
        for file in table::write(&table)? {
            println!("{file} is written.");
        }
    }
    Ok(())
}

/// The whole matrix; fails also where docs/peers.md says something else.
///
/// # Errors
/// What differed, of all servers.
pub(crate) fn check(build: &mut HostBuild) -> Result<Found> {
    let (rows, closing) = matrix(build, &Peer::ALL, Variant::Plain)?;
    let passed = verdict(&rows)?;
    let closing = closing?;
    let skipped: Vec<_> = rows.iter().filter_map(Row::skipped).collect();
    if skipped.is_empty() {
        table::compare(&rows, &closing)?;
    }
    Ok(Found {
        passed: format!("{passed}; {closing}"),
        skipped,
    })
}

/// One server, with the agent watched by sanitizers.
///
/// # Errors
/// What differed.
pub(crate) fn check_sanitized(build: &mut HostBuild) -> Result<String> {
    let (rows, closing) = matrix(build, &[Peer::Tungstenite], Variant::AddressUndefined)?;
    Ok(format!("{}; {}", verdict(&rows)?, closing?))
}

/// The Python websockets server, for others who need one.
///
/// # Errors
/// As [`Server::start`].
pub(crate) fn websockets() -> Result<Server> {
    servers::python("websockets_server.py")
}

/// The central system for a charge point that runs on a board.
pub(crate) fn ocpp() -> Result<Server> {
    servers::python("ocpp_server.py")
}

/// Runs these servers one after the other, with one agent; returns its closing line too, or why that is not clean.
fn matrix(
    build: &mut HostBuild,
    peers: &[Peer],
    variant: Variant,
) -> Result<(Vec<Row>, Result<String>)> {
    let mut matrix = run::Matrix::new(build, variant)?;
    matrix.install(peers);
    let mut rows = Vec::new();
    for (index, peer) in peers.iter().enumerate() {
        print!("[{:>2}/{}] ", index + 1, peers.len());
        rows.push(matrix.row(*peer));
    }
    Ok((rows, matrix.end()))
}

/// Counts what passed.
fn verdict(rows: &[Row]) -> Result<String> {
    let failures: Vec<_> = rows.iter().flat_map(Row::failures).collect();
    if !failures.is_empty() {
        bail!("the matrix has failures:\n{}", failures.join("\n"));
    }
    let passed: usize = rows.iter().map(Row::passed).sum();
    if passed == 0 {
        bail!("nothing was run");
    }
    Ok(format!("{} servers, {passed} cells ok", rows.len()))
}
