// SPDX-License-Identifier: Apache-2.0
//! Runs an image until it says how it went: QEMU does not exit by itself.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::applications::Verdict;
use crate::process::{self, Show};

/// What an image says when something is wrong.
const FAILED: &[&str] = &[
    "PROJECT EXECUTION FAILED",
    "mqtt_intree: FAIL",
    "mqtt_client: FAIL",
    "poll_many: FAIL",
    "data recv failure",
    ">>> ZEPHYR FATAL ERROR",
    "ASSERTION FAIL",
];

/// An image that runs.
struct Image {
    child: Child,
    lines: Receiver<String>,
    reader: JoinHandle<()>,
}

impl Image {
    fn start(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let output = child.stdout.take().context("no output")?;
        let (sender, lines) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if sender
                    .send(String::from_utf8_lossy(&line).trim().to_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            lines,
            reader,
        })
    }

    /// Ends it; what it wrote and nobody has read yet.
    fn end(mut self) -> Vec<String> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.reader.join();
        self.lines.try_iter().collect()
    }
}

/// Runs until the verdict is in, and returns all lines up to it.
///
/// # Errors
/// The last lines of what it wrote, when it says that it failed, ends, or is not done in time.
pub(super) fn until(command: Command, wanted: &Verdict, seconds: u64) -> Result<Vec<String>> {
    let image = Image::start(command)?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut last = Vec::new();
    let mut seen = 0;
    let verdict = loop {
        let left = end.saturating_duration_since(Instant::now());
        match image.lines.recv_timeout(left) {
            Ok(line) => {
                seen += usize::from(wanted.counts(&line));
                let done = seen >= wanted.times();
                let failed = is_failure(&line);
                last.push(line);
                if done || failed {
                    break done;
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                last.push(format!("(not done within {seconds} s)"));
                break false;
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
        }
    };
    image.end();
    if verdict {
        return Ok(last);
    }
    bail!("{}", tail(&last));
}

/// Runs an image while a visitor talks to it, and returns the visitor's last line.
///
/// # Errors
/// What the visitor says, and the last lines of what the image wrote.
pub(super) fn visited(image: Command, visitor: &mut Command, seconds: u64) -> Result<String> {
    let image = Image::start(image)?;
    let seen = process::run(visitor, Duration::from_secs(seconds), Show::Nothing);
    let lines = image.end();
    let seen = seen.with_context(|| tail(&lines))?;
    if lines.iter().any(|line| is_failure(line)) {
        bail!("{}", tail(&lines));
    }
    match seen.lines().last() {
        Some(line) if line.contains(": PASS") => Ok(line.to_owned()),
        _ => bail!("the visitor did not close with PASS:\n{seen}"),
    }
}

fn is_failure(line: &str) -> bool {
    line == "FAIL" || FAILED.iter().any(|word| line.contains(word))
}

fn tail(lines: &[String]) -> String {
    lines[lines.len().saturating_sub(30)..].join("\n")
}
