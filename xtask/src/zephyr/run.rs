// SPDX-License-Identifier: Apache-2.0
//! Runs an image until it says how it went: QEMU does not exit by itself.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::applications::Verdict;

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

/// Runs until the verdict is in, and returns all lines up to it.
///
/// # Errors
/// The last lines of what it wrote, when it says that it failed, ends, or is not done in time.
pub(super) fn until(mut command: Command, wanted: &Verdict, seconds: u64) -> Result<Vec<String>> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let output = child.stdout.take().context("no output")?;
    let (lines, received) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if lines
                .send(String::from_utf8_lossy(&line).trim().to_owned())
                .is_err()
            {
                break;
            }
        }
    });
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut last = Vec::new();
    let mut seen = 0;
    let verdict = loop {
        let left = end.saturating_duration_since(Instant::now());
        match received.recv_timeout(left) {
            Ok(line) => {
                seen += usize::from(wanted.counts(&line));
                let done = seen >= wanted.times();
                let failed = line == "FAIL" || FAILED.iter().any(|word| line.contains(word));
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
    drop(received);
    let _ = child.kill();
    let _ = child.wait();
    let _ = reader.join();
    if verdict {
        return Ok(last);
    }
    let tail = last.len().saturating_sub(30);
    bail!("{}", last[tail..].join("\n"));
}
