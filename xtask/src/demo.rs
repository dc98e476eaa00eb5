// SPDX-License-Identifier: Apache-2.0
//! The demonstration: a C application over the library against a WebSocket server, and what was checked.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::certificates::Certificates;
use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::server::Server;
use crate::{paths, samples, tools};

/// The demonstration uses one connection for each of the two APIs.
const CONNECTIONS: usize = 2;

/// Builds everything and runs it against `url`, or against a server of its own.
///
/// # Errors
/// A message that says what differed.
pub(crate) fn run(url: Option<&str>, authority: Option<&Path>) -> Result<()> {
    if let Some(url) = url {
        check_url(url)?;
    }
    if authority.is_some() && !url.is_some_and(|url| url.starts_with("wss://")) {
        bail!("--authority is for a wss:// URL");
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
    let authority = authority.map(|file| file.display().to_string());
    let mut arguments = vec![];
    if let Some(file) = &authority {
        arguments.extend(["--authority", file]);
    }
    arguments.push(&address);
    let output = samples::run_echo_client(program, Variant::Plain, &arguments, Show::Output)
        .context("the demonstration failed")?;
    if let Some(server) = &server {
        println!("server:  {}", seen_by(server)?);
    }
    if !output.contains("checked: ") {
        bail!("the application did not say what it checked");
    }
    Ok(())
}

/// The same over TLS, against the tungstenite server behind a front that ends TLS; and no connection at all where the
/// certificate is not one that the sample was told to trust. Returns what the server saw.
///
/// # Errors
/// A message that says what differed.
pub(crate) fn over_tls(build: &mut HostBuild) -> Result<String> {
    let program = samples::echo_client(build, Variant::Plain)?;
    let directory = paths::target("demo-tls");
    let files = Certificates::make()?.write_files(&directory)?;
    let stranger = Certificates::make()?.write_files(&directory.join("stranger"))?;
    tools::compiler()?;
    let server = Server::tungstenite()?;
    let front = Server::start(
        Command::new("python3")
            .arg(paths::source("tests/peers/tls_front.py"))
            .args([&files.server, &files.server_key])
            .arg(server.port().to_string()),
    )?;
    let client = |host: &str, authority: &Path| {
        let url = format!("wss://{host}:{}/echo", front.port());
        let authority = authority.display().to_string();
        let arguments = ["--authority", &authority, &url];
        samples::run_echo_client(program.clone(), Variant::Plain, &arguments, Show::Nothing)
    };
    for host in ["localhost", "127.0.0.1"] {
        let output = client(host, &files.authority)?;
        if !output.contains("connected to wss://") || !output.contains("checked: ") {
            bail!("the application did not say what it checked:\n{output}");
        }
    }
    let seen = (seen_by(&server)?, seen_by(&server)?);
    if client("localhost", &stranger.authority).is_ok() {
        bail!("the application talks to a server that nobody vouches for");
    }
    Ok(format!("wss: {}, {}", seen.0, seen.1))
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
    if !url.starts_with("ws://") && !url.starts_with("wss://") {
        bail!("{url}: not a URL of the form ws://host:port/path or wss://host:port/path");
    }
    Ok(())
}
