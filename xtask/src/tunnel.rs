// SPDX-License-Identifier: Apache-2.0
//! The tunnel-like load of `cargo xtask bench`: small frames in bursts, one poll and one receive for each.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::{paths, tools};

const LIMIT: Duration = Duration::from_secs(150);
/// Calls of poll() per message.
const POLLS_LIMIT: f64 = 1.05;
/// Before the table.
const HEADING: &str = "\
## A tunnel's load

Twenty bursts of 1,000 frames of 100 octets over the PC port and this machine's loopback; for each frame the application
polls, with a time-out of 1,000 ms, and receives once. benches/tunnel/tunnel.c checks every octet. Calls of poll()
per message are counted, and more than 1.05 fail the command. Messages per second are of this machine at that time: they
are not tested. Plain TCP is the same octets in the same loop without a websocket.
";

struct Row {
    way: String,
    messages: f64,
    polls: f64,
    unkept: f64,
    microseconds: f64,
}

impl Row {
    fn parse(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split('\t').collect();
        let [way, messages, polls, _, unkept, microseconds] = *words.as_slice() else {
            bail!("the tunnel wrote a line that is not known: {line}");
        };
        let number = |word: &str| word.parse::<f64>().context("a figure of the tunnel");
        Ok(Self {
            way: way.to_owned(),
            messages: number(messages)?,
            polls: number(polls)?,
            unkept: number(unkept)?,
            microseconds: number(microseconds)?,
        })
    }

    fn polls_per_message(&self) -> f64 {
        self.polls / self.messages
    }

    fn per_second(&self) -> f64 {
        self.messages * 1e6 / self.microseconds
    }
}

/// Builds and runs it; the section of the document.
///
/// # Errors
/// Contents were wrong, or a websocket needs more polls than allowed.
pub(crate) fn section() -> Result<String> {
    tools::compiler()?;
    let mut sources = paths::files("benches/tunnel", "c")?;
    sources.push(paths::source("tests/behaviour/src/peer_handshake.c"));
    let mut build = HostBuild::new()?;
    let program = build.program_including(
        "tunnel",
        &sources,
        Some(&paths::source("tests/behaviour/src")),
        Variant::Plain,
    )?;
    let mut command = Command::new(program);
    command.env("ZEPHYR_LOG", "err");
    let output = process::run(&mut command, LIMIT, Show::Nothing)?;
    let rows: Vec<Row> = output.lines().map(Row::parse).collect::<Result<_>>()?;
    let [plain, websockets @ ..] = rows.as_slice() else {
        bail!("the tunnel wrote nothing");
    };
    ensure!(websockets.len() == 2, "two ways of a websocket:\n{output}");
    for row in websockets {
        let polls = row.polls_per_message();
        ensure!(
            polls <= POLLS_LIMIT,
            "{}: {polls:.3} polls per message, more than {POLLS_LIMIT}",
            row.way
        );
        ensure!(
            row.unkept == 0.0,
            "{}: after {} polls there was nothing to receive",
            row.way,
            row.unkept
        );
    }
    Ok(table(plain, &rows))
}

fn table(plain: &Row, rows: &[Row]) -> String {
    let mut text = format!("{HEADING}\n");
    text.push_str("| way                             | polls per message | limit | messages/s | of plain TCP |\n");
    text.push_str("|---------------------------------|------------------:|------:|-----------:|-------------:|\n");
    for row in rows {
        let is_plain = row.way == plain.way;
        let limit = if is_plain {
            "–".to_owned()
        } else {
            POLLS_LIMIT.to_string()
        };
        let _ = writeln!(
            text,
            "| {:31} | {:17.3} | {limit:>5} | {:10.0} | {:12.2} |",
            row.way,
            row.polls_per_message(),
            row.per_second(),
            row.per_second() / plain.per_second()
        );
    }
    text
}
