// SPDX-License-Identifier: Apache-2.0
//! Starts WebSocket servers, reads their port and what they report of each connection, and ends them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;

/// A server stops by itself after this time.
pub(crate) const LIFETIME: Duration = Duration::from_secs(120);
/// The sub-protocol that servers know.
pub(crate) const SUB_PROTOCOL: &str = "chat";
/// Payload of the ping in the middle of a message, and the length of the message.
pub(crate) const PING: &[u8] = b"are you there";
pub(crate) const PING_MESSAGE_LEN: usize = 1 << 20;

const START_LIMIT: Duration = Duration::from_secs(20);
const REPORT_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// What a server saw of one connection.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Report {
    pub(crate) path: String,
    /// The sub-protocol agreed upon; empty without one.
    pub(crate) protocol: String,
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
    /// The pong to the server's ping came, while the rest of the message was held back.
    pub(crate) pong: bool,
    /// The status code of the client's Close frame, 1005 without code, 1006 without frame.
    pub(crate) close: u16,
}

impl Report {
    /// The line on which a server reports a connection.
    pub(crate) fn line(&self) -> String {
        let Self {
            path,
            protocol,
            messages,
            bytes,
            pong,
            close,
        } = self;
        format!(
            "connection path={path} protocol={protocol} messages={messages} bytes={bytes} pong={pong} close={close}"
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut report = Self::default();
        for word in line.strip_prefix("connection ")?.split_whitespace() {
            let (name, value) = word.split_once('=')?;
            match name {
                "path" => value.clone_into(&mut report.path),
                "protocol" => value.clone_into(&mut report.protocol),
                "messages" => report.messages = value.parse().ok()?,
                "bytes" => report.bytes = value.parse().ok()?,
                "pong" => report.pong = value.parse().ok()?,
                "close" => report.close = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(report)
    }
}

/// A server of this process: it ends with this value.
pub(crate) struct Server {
    child: Child,
    port: u16,
    lines: Receiver<String>,
}

impl Server {
    /// Starts the tungstenite server, in a process of its own.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn tungstenite() -> Result<Self> {
        // This very program, also where a build has replaced its file meanwhile.
        Self::start(Command::new("/proc/self/exe").arg("echo-server"))
    }

    /// Starts a server that writes `listening on 127.0.0.1:PORT` first.
    ///
    /// # Errors
    /// It does not start, or does not say its port.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let mut server = Self {
            child,
            port: 0,
            lines,
        };
        let first = server
            .lines
            .recv_timeout(START_LIMIT)
            .context("the server did not say its port")?;
        server.port = first
            .strip_prefix("listening on 127.0.0.1:")
            .and_then(|port| port.parse().ok())
            .with_context(|| format!("the server said {first:?} in place of its port"))?;
        Ok(server)
    }

    /// Starts a server that says nothing, on a port of our choice, and waits until it accepts connections.
    ///
    /// # Errors
    /// It does not start, or does not listen.
    pub(crate) fn start_on(command: &mut Command, port: u16) -> Result<Self> {
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let server = Self {
            child,
            port,
            lines: channel().1,
        };
        let end = std::time::Instant::now() + START_LIMIT;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if std::time::Instant::now() > end {
                bail!("nothing listens on port {port}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// Ends the server and waits for what it does at its end.
    ///
    /// # Errors
    /// It is not done in time, or does not end well.
    pub(crate) fn finish(&mut self, limit: Duration) -> Result<()> {
        drop(self.child.stdin.take());
        match process::wait(&mut self.child, limit)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("the server ended with {status}"),
            None => bail!("the server was not done within {} s", limit.as_secs()),
        }
    }

    /// What the server saw of the next connection that ended.
    ///
    /// # Errors
    /// Its own error, or no report in time.
    pub(crate) fn report(&self) -> Result<Report> {
        let line = self
            .lines
            .recv_timeout(REPORT_LIMIT)
            .context("no report from the server")?;
        match Report::parse(&line) {
            Some(report) => Ok(report),
            None => bail!("the server reported: {line}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = process::wait(&mut self.child, STOP_LIMIT);
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn report_survives_its_line() {
        let report = Report {
            path: "/ping".into(),
            protocol: "chat".into(),
            messages: 3,
            bytes: 70_000,
            pong: true,
            close: 1000,
        };
        assert_eq!(Report::parse(&report.line()), Some(report));
        assert_eq!(Report::parse("error handshake"), None);
    }
}
