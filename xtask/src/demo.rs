// SPDX-License-Identifier: Apache-2.0
//! The demonstration: a C application over the library against a WebSocket server, and what was checked.

use anyhow::{Context, Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::samples;
use crate::server::Server;

/// The demonstration uses one connection for each of the two APIs.
const CONNECTIONS: usize = 2;

/// Builds everything and runs it against `url`, or against a server of its own.
///
/// # Errors
/// A message that says what differed.
pub(crate) fn run(url: Option<&str>) -> Result<()> {
    if let Some(url) = url {
        check_url(url)?;
    }
    let mut build = process::step(
        "building the library (Rust) and the PC port",
        HostBuild::new,
    )?;
    let program = process::step("building the glue and samples/echo_client (C)", || {
        samples::echo_client(&mut build, Variant::Plain)
    })?;
    let server = match url {
        Some(_) => None,
        None => Some(process::step(
            "starting a tungstenite server in a process of its own",
            Server::tungstenite,
        )?),
    };
    let address = match (&server, url) {
        (Some(server), _) => server.url("/echo"),
        (None, url) => url.unwrap_or_default().to_owned(),
    };
    let output = samples::run_echo_client(program, Variant::Plain, &[&address], Show::Output)
        .context("the demonstration failed")?;
    if let Some(server) = &server {
        println!("server:  {}", seen_by(server)?);
    }
    if !output.contains("checked: ") {
        bail!("the application did not say what it checked");
    }
    Ok(())
}

/// What the server saw of the connections of one run, where each was closed in order.
///
/// # Errors
/// A connection was not closed with 1000, or is missing.
pub(crate) fn seen_by(server: &Server) -> Result<String> {
    let (mut messages, mut bytes) = (0, 0);
    for _ in 0..CONNECTIONS {
        let report = server.report()?;
        if report.close != 1000 {
            bail!(
                "the server saw a connection end with code {}, not 1000: {report:?}",
                report.close
            );
        }
        messages += report.messages;
        bytes += report.bytes;
    }
    Ok(format!(
        "{messages} messages, {bytes} bytes, {CONNECTIONS} connections closed with code 1000"
    ))
}

fn check_url(url: &str) -> Result<()> {
    if url.starts_with("wss://") {
        bail!("{url}: TLS needs a Zephyr board, the PC port has plain TCP only; use ws://");
    }
    if !url.starts_with("ws://") {
        bail!("{url}: not a URL of the form ws://host:port/path");
    }
    Ok(())
}
