// SPDX-License-Identifier: Apache-2.0
//! Runs tests/conformance/agent.c over a list of cases and reads what it says of each.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Error, Result, bail};
use serde::Deserialize;

use super::Progress;
use crate::process;

/// The longest case takes a few seconds; the suite itself gives up after at most 100.
const CASE_LIMIT: Duration = Duration::from_secs(120);
const END_LIMIT: Duration = Duration::from_secs(10);

/// Number and CRC-32 of octets that went one way.
#[derive(Default, Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct Sum {
    octets: u64,
    crc: String,
}

impl FromStr for Sum {
    type Err = Error;

    fn from_str(words: &str) -> Result<Self> {
        let (octets, crc) = words.split_once(' ').context("no checksum")?;
        Ok(Self {
            octets: octets.parse()?,
            crc: crc.to_owned(),
        })
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} octets ({})", self.octets, self.crc)
    }
}

/// What the agent says of a case.
#[derive(Default, Clone, Debug)]
pub(super) struct Ran {
    /// 0 or a negative errno.
    pub(super) result: i32,
    pub(super) received: Sum,
    pub(super) sent: Sum,
    /// Peak of the process's resident memory in this case.
    pub(super) peak_kib: u64,
    /// It did not come to an end of the case.
    pub(super) failure: Option<String>,
}

impl Ran {
    pub(super) fn error(&self) -> Option<String> {
        match (&self.failure, self.result) {
            (Some(failure), _) => Some(format!("the agent: {failure}")),
            (None, 0) => None,
            (None, result) => Some(format!("the agent ended with {result}")),
        }
    }
}

/// Which program, which of its agents, and the server.
pub(super) struct Agent<'a> {
    pub(super) program: &'a Path,
    pub(super) name: &'a str,
    pub(super) port: u16,
    /// The certificate that a TLS connection trusts.
    pub(super) authority: Option<&'a Path>,
}

impl Agent<'_> {
    /// Runs the cases, all in one process: whatever one leaves behind, the next one meets. A process that dies or
    /// hangs fails its case, and another one goes on behind it.
    ///
    /// # Errors
    /// It does not start, or says something else.
    pub(super) fn run(
        &self,
        cases: &[String],
        progress: &Progress,
    ) -> Result<BTreeMap<String, Ran>> {
        let mut found = BTreeMap::new();
        let mut left = cases;
        while !left.is_empty() {
            let done = self.run_process(left, progress, &mut found)?;
            left = left.get(done..).unwrap_or_default();
        }
        Ok(found)
    }

    /// One process; returns how many cases it dealt with, the last one perhaps badly.
    fn run_process(
        &self,
        cases: &[String],
        progress: &Progress,
        found: &mut BTreeMap<String, Ran>,
    ) -> Result<usize> {
        let mut command = Command::new(self.program);
        command.args([&self.port.to_string(), "-", self.name]);
        if let Some(authority) = self.authority {
            command = Command::new(self.program);
            command
                .arg(self.port.to_string())
                .arg(authority)
                .arg(self.name);
        }
        let mut child = command
            .args(cases)
            // Its log would say at length what the cases are about.
            .env("ZEPHYR_LOG", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the agent")?;
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
        let mut done = 0;
        let mut failure = None;
        while done < cases.len() {
            match lines.recv_timeout(CASE_LIMIT) {
                Ok(line) => match line.split_once(' ') {
                    Some(("begin", case)) => progress.case(case),
                    Some(("end", rest)) => {
                        let (case, ran) = parse(rest).with_context(|| format!("agent: {line}"))?;
                        found.insert(case, ran);
                        done += 1;
                        progress.done();
                    }
                    _ => bail!("the agent said {line:?}"),
                },
                Err(RecvTimeoutError::Timeout) => {
                    failure = Some(format!("no end of the case in {} s", CASE_LIMIT.as_secs()));
                    child.kill()?;
                    break;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = process::wait(&mut child, END_LIMIT)?;
        if done < cases.len() {
            let status = status.map_or_else(|| "killed".to_owned(), |status| status.to_string());
            let ran = Ran {
                failure: Some(failure.unwrap_or(status)),
                ..Ran::default()
            };
            found.extend(cases.get(done).map(|case| (case.clone(), ran)));
            done += 1;
            progress.done();
        } else if !status.is_some_and(|status| status.success()) {
            bail!("the agent did not end well after its last case: {status:?}");
        }
        Ok(done)
    }
}

/// `CASE RESULT OCTETS CRC OCTETS CRC KIB`
fn parse(line: &str) -> Result<(String, Ran)> {
    let words: Vec<_> = line.split(' ').collect();
    let &[
        case,
        result,
        received,
        received_crc,
        sent,
        sent_crc,
        peak_kib,
    ] = words.as_slice()
    else {
        bail!("not seven words");
    };
    let sum = |octets: &str, crc: &str| format!("{octets} {crc}").parse();
    let ran = Ran {
        result: result.parse()?,
        received: sum(received, received_crc)?,
        sent: sum(sent, sent_crc)?,
        peak_kib: peak_kib.parse()?,
        failure: None,
    };
    Ok((case.to_owned(), ran))
}
