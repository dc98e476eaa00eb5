// SPDX-License-Identifier: Apache-2.0
//! The servers of the matrix: their names, their pinned versions, and how each is started.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::nginx;
use crate::server::Server;
use crate::{debian, paths, tools};

/// A server that nobody here wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Peer {
    Tungstenite,
    Websockets,
    Aiohttp,
    Tornado,
    Uvicorn,
    Granian,
    Socketify,
    Ws,
    Bun,
    Deno,
    Libwebsockets,
    Nginx,
}

/// What has to be installed for a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Source {
    Cargo,
    Python,
    Npm,
    Debian,
}

impl Source {
    /// Installs it where it is missing.
    ///
    /// # Errors
    /// The message of what failed.
    pub(crate) fn install(self) -> Result<()> {
        match self {
            Self::Cargo => Ok(()),
            Self::Python => tools::peers_python().map(|_| ()),
            Self::Npm => tools::peers_node_modules().map(|_| ()),
            Self::Debian => {
                // nginx stands in front of a Python server.
                tools::peers_python()?;
                debian::program("nginx").map(|_| ())
            }
        }
    }
}

impl Peer {
    pub(crate) const ALL: [Self; 12] = [
        Self::Tungstenite,
        Self::Websockets,
        Self::Aiohttp,
        Self::Tornado,
        Self::Uvicorn,
        Self::Granian,
        Self::Socketify,
        Self::Ws,
        Self::Bun,
        Self::Deno,
        Self::Libwebsockets,
        Self::Nginx,
    ];

    /// What `--server` calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tungstenite => "tungstenite",
            Self::Websockets => "websockets",
            Self::Aiohttp => "aiohttp",
            Self::Tornado => "tornado",
            Self::Uvicorn => "uvicorn",
            Self::Granian => "granian",
            Self::Socketify => "socketify",
            Self::Ws => "ws",
            Self::Bun => "bun",
            Self::Deno => "deno",
            Self::Libwebsockets => "libwebsockets",
            Self::Nginx => "nginx",
        }
    }

    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Tungstenite => "tungstenite (Rust)",
            Self::Websockets => "websockets (Python)",
            Self::Aiohttp => "aiohttp (Python)",
            Self::Tornado => "tornado (Python)",
            Self::Uvicorn => "uvicorn with wsproto (Python)",
            Self::Granian => "granian (Rust, Python)",
            Self::Socketify => "socketify (uWebSockets, C++)",
            Self::Ws => "ws (Node.js)",
            Self::Bun => "Bun",
            Self::Deno => "Deno",
            Self::Libwebsockets => "libwebsockets' test server (C)",
            Self::Nginx => "nginx in front of websockets",
        }
    }

    pub(crate) fn source(self) -> Source {
        match self {
            Self::Tungstenite => Source::Cargo,
            Self::Ws | Self::Bun | Self::Deno => Source::Npm,
            Self::Libwebsockets | Self::Nginx => Source::Debian,
            _ => Source::Python,
        }
    }

    /// Why there is no such server for this kind of machine.
    pub(crate) fn unavailable(self) -> Option<&'static str> {
        let has_binary = cfg!(all(
            target_arch = "x86_64",
            target_os = "linux",
            target_env = "gnu"
        ));
        (!has_binary && matches!(self, Self::Bun | Self::Deno))
            .then_some("its binary is pinned for x86-64 Linux only")
    }

    /// The version that is run.
    ///
    /// # Errors
    /// No lock file names it.
    pub(crate) fn version(self) -> Result<String> {
        match self {
            Self::Tungstenite => cargo_version("tungstenite"),
            Self::Uvicorn => Ok(format!(
                "{}, wsproto {}",
                python_version("uvicorn")?,
                python_version("wsproto")?
            )),
            Self::Ws => npm_version("ws"),
            Self::Bun => npm_version("@oven/bun-linux-x64-baseline"),
            Self::Deno => npm_version("@deno/linux-x64-glibc"),
            Self::Libwebsockets => debian::version("libwebsockets-test-server"),
            Self::Nginx => debian::version("nginx"),
            _ => python_version(self.name()),
        }
    }

    /// Starts the server, which is ready then.
    ///
    /// # Errors
    /// What is missing, or what the server says.
    pub(crate) fn start(self) -> Result<Running> {
        let own = |server: Result<Server>| {
            server.map(|server| Running {
                server,
                upstream: None,
                has_reports: true,
            })
        };
        match self {
            Self::Tungstenite => own(Server::tungstenite()),
            Self::Ws => own(node("ws_server.mjs")),
            Self::Bun => {
                let bun = tools::peers_node_modules()?.join("@oven/bun-linux-x64-baseline/bin/bun");
                own(Server::start(
                    Command::new(bun).arg("run").arg(script("bun_server.mjs")),
                ))
            }
            Self::Deno => {
                let deno = tools::peers_node_modules()?.join("@deno/linux-x64-glibc/deno");
                let options = ["run", "--quiet", "--no-prompt", "--no-config", "--no-lock"];
                own(Server::start(
                    Command::new(deno)
                        .args(options)
                        .args(["--no-remote", "--allow-net=127.0.0.1"])
                        .arg(script("deno_server.mjs"))
                        .env("DENO_NO_UPDATE_CHECK", "1")
                        .env("DENO_DIR", paths::target("peers/deno")),
                ))
            }
            Self::Libwebsockets => libwebsockets(),
            Self::Nginx => {
                let upstream = python("websockets_server.py")?;
                Ok(Running {
                    server: nginx::start(upstream.port())?,
                    upstream: Some(upstream),
                    has_reports: true,
                })
            }
            Self::Socketify => own(socketify()),
            _ => own(python(&format!("{}_server.py", self.name()))),
        }
    }
}

/// A server that runs, with what stands behind it.
pub(crate) struct Running {
    server: Server,
    upstream: Option<Server>,
    has_reports: bool,
}

impl Running {
    /// The server to which the client connects.
    pub(crate) fn front(&self) -> &Server {
        &self.server
    }

    /// The server that reports what it saw of a connection.
    pub(crate) fn reporter(&self) -> Option<&Server> {
        self.has_reports
            .then(|| self.upstream.as_ref().unwrap_or(&self.server))
    }
}

/// Starts a server of tests/peers in Python.
pub(crate) fn python(name: &str) -> Result<Server> {
    Server::start(Command::new(tools::peers_python()?).arg(script(name)))
}

/// Its library needs libuv, which is no package of pip.
fn socketify() -> Result<Server> {
    let mut command = Command::new(tools::peers_python()?);
    if !tools::loads("libuv.so.1") {
        command.env("LD_LIBRARY_PATH", debian::libraries()?);
    }
    Server::start(command.arg(script("socketify_server.py")))
}

/// Starts a server of tests/peers in Node.js.
pub(crate) fn node(name: &str) -> Result<Server> {
    let modules = tools::peers_node_modules()?;
    Server::start(
        Command::new("node")
            .arg(script(name))
            .env("NODE_PATH", modules),
    )
}

fn libwebsockets() -> Result<Running> {
    let port = nginx::free_port()?;
    let mut command = debian::program("libwebsockets-test-server")?;
    // It takes the name of an interface; an address makes it listen on all.
    command.args([&format!("--port={port}"), "-i", "lo"]);
    let server = Server::start_on(&mut debian::bounded(&command), port)?;
    Ok(Running {
        server,
        upstream: None,
        has_reports: false,
    })
}

fn script(name: &str) -> PathBuf {
    paths::source("tests/peers").join(name)
}

/// What stands behind `prefix` in the first line of the file that has it, up to a quote.
fn pinned(file: &str, prefix: &str) -> Result<String> {
    let path = paths::source(file);
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    text.lines()
        .find_map(|line| line.trim().strip_prefix(prefix))
        .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .with_context(|| format!("{file} has no {prefix}"))
}

fn python_version(name: &str) -> Result<String> {
    pinned("tests/peers/requirements.txt", &format!("{name}=="))
}

fn npm_version(name: &str) -> Result<String> {
    pinned("tests/peers/package.json", &format!("\"{name}\": \""))
}

fn cargo_version(name: &str) -> Result<String> {
    let path = paths::source("Cargo.lock");
    let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
    let mut lines = text
        .lines()
        .skip_while(|line| *line != format!("name = \"{name}\""));
    let version = lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \""));
    let version = version.and_then(|rest| rest.strip_suffix('"'));
    Ok(version
        .with_context(|| format!("Cargo.lock has no {name}"))?
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Peer, Source};

    #[test]
    fn every_version_that_is_pinned_here_is_found() {
        for peer in Peer::ALL {
            if peer.source() == Source::Debian {
                continue;
            }
            let version = peer.version().unwrap_or_else(|error| panic!("{error:#}"));
            assert!(version.starts_with(|first: char| first.is_ascii_digit()));
        }
    }
}
