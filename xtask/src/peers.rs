// SPDX-License-Identifier: Apache-2.0
//! Lets tests/peers/agent.c and the demonstration talk to servers that nobody here wrote.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::server::{Report, SUB_PROTOCOL, Server};
use crate::{behaviour, demo, paths, samples, tools};

const LIMIT: Duration = Duration::from_secs(60);

/// A server's library.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Peer {
    Tungstenite,
    Websockets,
    Ws,
    Aiohttp,
}

impl Peer {
    pub(crate) fn start(self) -> Result<Server> {
        let file = |name: &str| paths::source("tests/peers").join(name);
        match self {
            Self::Tungstenite => Server::tungstenite(),
            Self::Websockets => Server::start(
                Command::new(tools::peers_python()?).arg(file("websockets_server.py")),
            ),
            Self::Aiohttp => {
                Server::start(Command::new(tools::peers_python()?).arg(file("aiohttp_server.py")))
            }
            Self::Ws => node(&file("ws_server.cjs")),
        }
    }

    /// What the server can do beside echoing.
    fn paths(self) -> &'static [&'static str] {
        match self {
            // aiohttp sends neither fragments nor a ping between them.
            Self::Aiohttp => &["/echo"],
            _ => &["/echo", "/fragment", "/ping", "/close"],
        }
    }
}

fn node(script: &Path) -> Result<Server> {
    let modules = tools::peers_node_modules()?;
    Server::start(Command::new("node").arg(script).env("NODE_PATH", modules))
}

/// Runs the agent on every path of the server, then the demonstration; returns what was done.
///
/// # Errors
/// What the agent or the server says.
pub(crate) fn run(build: &mut HostBuild, peer: Peer, variant: Variant) -> Result<String> {
    let agent = build.program("agent", &paths::files("tests/peers", "c")?, variant)?;
    let client = samples::echo_client(build, variant)?;
    let server = peer.start()?;
    let mut bytes = 0;
    for path in peer.paths() {
        let mut command = behaviour::watched(agent.clone(), variant);
        command.args(["127.0.0.1", &server.port().to_string(), path]);
        process::run(&mut command, LIMIT, Show::Nothing)
            .with_context(|| format!("agent on {path}"))?;
        let report = server
            .report()
            .with_context(|| format!("server on {path}"))?;
        check(path, &report)?;
        bytes += report.bytes;
    }
    samples::run_echo_client(client, variant, &[&server.url("/echo")], Show::Nothing)?;
    let demonstration = demo::seen_by(&server)?;
    Ok(format!(
        "{}: {bytes} bytes; demo: {demonstration}",
        peer.paths().join(" ")
    ))
}

/// Compares what the server saw with what the path asks for.
fn check(path: &str, report: &Report) -> Result<()> {
    let close = if path == "/close" { 1001 } else { 1000 };
    let wanted = Report {
        path: path.to_owned(),
        protocol: SUB_PROTOCOL.to_owned(),
        pong: path == "/ping",
        close,
        ..report.clone()
    };
    if *report != wanted || report.messages == 0 {
        bail!("{path}: the server saw {report:?}, not {wanted:?}");
    }
    Ok(())
}
