// SPDX-License-Identifier: Apache-2.0
//! Builds the samples for the PC and runs them.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::server::Server;
use crate::{behaviour, paths};

const LIMIT: Duration = Duration::from_secs(120);
const ROUNDS: &str = "1000";
const POLL_MANY_WEBSOCKETS: usize = 4;
const POLL_MANY_MESSAGES: usize = 1000;

/// Builds samples/echo_client.
///
/// # Errors
/// The compiler's messages.
pub(crate) fn echo_client(build: &mut HostBuild, variant: Variant) -> Result<PathBuf> {
    build.program(
        "echo_client",
        &paths::files("samples/echo_client/src", "c")?,
        variant,
    )
}

/// Runs echo_client against an echo server; returns what it wrote.
///
/// # Errors
/// What it wrote, where it does not end with "PASS".
pub(crate) fn run_echo_client(
    program: PathBuf,
    variant: Variant,
    arguments: &[&str],
    show: Show,
) -> Result<String> {
    let mut command: Command = behaviour::watched(program, variant);
    let output = process::run(command.args(arguments), LIMIT, show)?;
    if output.lines().last() != Some("PASS") {
        bail!("echo_client did not close with PASS:\n{output}");
    }
    Ok(output)
}

/// Many round trips of every size; returns the sample's own summary.
///
/// # Errors
/// As [`run_echo_client`].
pub(crate) fn rounds(build: &mut HostBuild, variant: Variant) -> Result<String> {
    let program = echo_client(build, variant)?;
    let server = Server::tungstenite()?;
    let arguments = ["--rounds", ROUNDS, &server.url("/echo")];
    let output = run_echo_client(program, variant, &arguments, Show::Nothing)?;
    let report = server.report()?;
    if report.close != 1000 {
        bail!("the server saw close={}, not 1000", report.close);
    }
    let summary = output
        .lines()
        .rfind(|line| line.starts_with("echo_client: "));
    Ok(summary.unwrap_or_default().to_owned())
}

/// samples/poll_many against the tungstenite server and its UDP port; returns the sample's verdict.
///
/// # Errors
/// What the sample wrote, or what the server saw differently.
pub(crate) fn poll_many(build: &mut HostBuild, variant: Variant) -> Result<String> {
    let program = build.program(
        "poll_many",
        &paths::files("samples/poll_many/src", "c")?,
        variant,
    )?;
    let server = Server::tungstenite()?;
    let port = server.port().to_string();
    let mut command = behaviour::watched(program, variant);
    command.args([&port, &port, &POLL_MANY_MESSAGES.to_string()]);
    let output = process::run(&mut command, LIMIT, Show::Nothing)?;
    let verdict = output.lines().last().unwrap_or_default();
    if !verdict.starts_with("poll_many: PASS, ") {
        bail!("poll_many did not close with PASS:\n{output}");
    }
    for _ in 0..POLL_MANY_WEBSOCKETS {
        let report = server.report()?;
        if report.close != 1000 || report.messages != POLL_MANY_MESSAGES {
            bail!("the server saw {report:?}");
        }
    }
    Ok(verdict.to_owned())
}
