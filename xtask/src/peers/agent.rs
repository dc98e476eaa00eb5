// SPDX-License-Identifier: Apache-2.0
//! The running agent (tests/peers/agent.c): tells it what to do and hears how that went.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::{behaviour, paths, process};

const ORDER_LIMIT: Duration = Duration::from_secs(45);
const END_LIMIT: Duration = Duration::from_secs(10);

/// One process, which carries out any number of orders.
pub(crate) struct Agent {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    log: PathBuf,
}

impl Agent {
    /// Builds the agent.
    ///
    /// # Errors
    /// The compiler's messages.
    pub(crate) fn build(build: &mut HostBuild, variant: Variant) -> Result<PathBuf> {
        build.program("agent", &paths::files("tests/peers", "c")?, variant)
    }

    /// Starts the agent.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(program: PathBuf, variant: Variant) -> Result<Self> {
        let directory = paths::target("peers");
        fs::create_dir_all(&directory)?;
        let log = directory.join("agent.log");
        let mut command = behaviour::watched(program, variant);
        if std::env::var_os("ZEPHYR_LOG").is_none() {
            // Refused handshakes, which the library warns of, are part of the run.
            command.env("ZEPHYR_LOG", "err");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).with_context(|| paths::shown(&log))?)
            .spawn()
            .context("cannot start the agent")?;
        let (sender, answers) = channel();
        let output = child
            .stdout
            .take()
            .context("no standard output of the agent")?;
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let orders = child
            .stdin
            .take()
            .context("no standard input of the agent")?;
        Ok(Self {
            child,
            orders,
            answers,
            log,
        })
    }

    /// Has an order carried out; what went wrong is the inner error.
    ///
    /// # Errors
    /// The agent ended or says nothing: it cannot be used any more.
    pub(crate) fn carry_out(&mut self, order: &str) -> Result<Result<(), String>> {
        let sent = writeln!(self.orders, "{order}").and_then(|()| self.orders.flush());
        let answer = sent
            .map_err(anyhow::Error::from)
            .and_then(|()| Ok(self.answers.recv_timeout(ORDER_LIMIT)?));
        match answer {
            Ok(answer) if answer == "ok" => Ok(Ok(())),
            Ok(answer) => match answer.strip_prefix("failed ") {
                Some(reason) => Ok(Err(reason.to_owned())),
                None => bail!("the agent answered {answer:?} to {order:?}"),
            },
            Err(error) => bail!(
                "the agent has no answer to {order:?} ({error})\n{}",
                self.said()
            ),
        }
    }

    /// Ends the agent; returns what it says of itself.
    ///
    /// # Errors
    /// It has kept something, a sanitizer complains, or it does not end.
    pub(crate) fn end(self) -> Result<String> {
        let Self {
            mut child,
            orders,
            answers,
            log,
        } = self;
        drop(orders);
        let closing = answers.recv_timeout(END_LIMIT).unwrap_or_default();
        let status = process::wait(&mut child, END_LIMIT)?;
        let is_clean =
            closing.contains(", 0 of them still in use, 0 descriptors more than at the start");
        if !is_clean || !status.is_some_and(|status| status.success()) {
            let said = fs::read_to_string(&log).unwrap_or_default();
            bail!("the agent ended with {status:?} and {closing:?}\n{said}");
        }
        Ok(closing)
    }

    /// Ends an agent that cannot be used any more.
    pub(crate) fn abandon(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}
