// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask mqtt`: samples/mqtt_client against MQTT brokers, which are killed and started again under it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::brokers::{Broker, Running};
use crate::host_build::{HostBuild, Variant};
use crate::process;
use crate::{behaviour, paths};

/// Which brokers, and how often they die.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this broker; may be repeated
    #[arg(long, value_enum, value_name = "BROKER")]
    broker: Vec<Broker>,
    /// How often the broker is killed and started again while the client runs
    #[arg(long, value_name = "N", default_value_t = ROUNDS)]
    rounds: u32,
    /// Builds the client with AddressSanitizer and UndefinedBehaviorSanitizer
    #[arg(long)]
    sanitized: bool,
}

const ROUNDS: u32 = 20;
/// For the brokers behind the first in a check that is run often: they take a second to start.
const ROUNDS_SHORT: u32 = 8;
/// A client that says nothing for so long hangs.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(10);
/// The frames without payload that [`Broker::Fragmenting`] sends on its second path.
const EMPTY_FRAMES: &str = "/empty";

/// One slot and few descriptors: what is not given back is missing in the next session.
const ONE_SLOT: [&str; 2] = ["CONFIG_WEBSOCKET_MAX_CONTEXTS=1", "CONFIG_ZVFS_OPEN_MAX=8"];
const SWALLOW_CONTROL: &str = "CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL=1";

/// Runs the client against each broker and says what was exchanged.
///
/// # Errors
/// What the client, the broker or a sanitizer says.
pub(crate) fn run(args: &Args) -> Result<()> {
    let brokers = match args.broker.as_slice() {
        [] => &Broker::ALL[..],
        some => some,
    };
    let variant = match args.sanitized {
        true => Variant::AddressUndefined,
        false => Variant::Plain,
    };
    let build = process::step(
        "building the library (Rust) and the PC port",
        HostBuild::new,
    )?;
    let seen = all(&build, brokers, variant, args.rounds)?;
    println!("{seen}");
    Ok(())
}

/// Every broker; the first is killed [`ROUNDS`] times.
///
/// # Errors
/// As [`run`].
pub(crate) fn check(build: &HostBuild) -> Result<String> {
    let [first, rest @ ..] = &Broker::ALL;
    let first = all(build, &[*first], Variant::Plain, ROUNDS)?;
    let rest = all(build, rest, Variant::Plain, ROUNDS_SHORT)?;
    Ok(format!("{first}; {rest}"))
}

/// The broker that is the hardest, with sanitizers.
///
/// # Errors
/// As [`run`].
pub(crate) fn check_sanitized(build: &HostBuild) -> Result<String> {
    all(
        build,
        &[Broker::Fragmenting],
        Variant::AddressUndefined,
        ROUNDS_SHORT,
    )
}

fn all(build: &HostBuild, brokers: &[Broker], variant: Variant, rounds: u32) -> Result<String> {
    let client = program(build, "mqtt_client", variant, true)?;
    let mut seen = Vec::new();
    for &broker in brokers {
        let start = Instant::now();
        let summary = killed(&client, broker, variant, rounds)
            .with_context(|| format!("samples/mqtt_client with {}", broker.name()))?;
        let line = format!("{}: {summary}", broker.name());
        println!("  {line} ({:.1} s)", start.elapsed().as_secs_f64());
        seen.push(line);
    }
    if brokers.contains(&Broker::Fragmenting) {
        let client = program(build, "mqtt_client-reported", variant, false)?;
        let line = interrupted(&client, variant)?;
        println!("  {line}");
        seen.push(line);
    }
    Ok(seen.join("; "))
}

fn program(build: &HostBuild, name: &str, variant: Variant, swallow: bool) -> Result<PathBuf> {
    let mut values = ONE_SLOT.to_vec();
    if swallow {
        values.push(SWALLOW_CONTROL);
    }
    let sources = paths::files("samples/mqtt_client/src", "c")?;
    build.configured_program(name, &sources, variant, &values)
}

/// What the client says of all its sessions.
#[derive(Default, PartialEq, Debug)]
struct Summary {
    sessions: u32,
    /// By QoS.
    messages: Vec<u32>,
    kib: u32,
    interrupted: u32,
}

impl Summary {
    /// `mqtt_client: PASS: 2 of 2 sessions, 57+57+57 messages of QoS 0+1+2, 9 KiB each way, 0 interrupted reads`
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.strip_prefix("mqtt_client: PASS: ")?.split(", ");
        let mut first = || parts.next()?.split(' ').next();
        Some(Self {
            sessions: first()?.parse().ok()?,
            messages: first()?
                .split('+')
                .map(|count| count.parse().ok())
                .collect::<Option<_>>()?,
            kib: first()?.parse().ok()?,
            interrupted: first()?.parse().ok()?,
        })
    }

    fn check(&self, sessions: u32) -> Result<()> {
        let is_complete = self.messages.len() == 3 && !self.messages.contains(&0);
        if self.sessions != sessions || !is_complete {
            bail!("the client saw {self:?}, not {sessions} sessions");
        }
        Ok(())
    }
}

/// One client; its broker dies in every session but the last.
fn killed(client: &Path, broker: Broker, variant: Variant, rounds: u32) -> Result<String> {
    let mut running = Some(broker.start(None)?);
    let port = running.as_ref().map(|running| running.server.port());
    let path = "/mqtt";
    let mut deaths = 0;
    let summary = {
        let url = url(running.as_ref(), path)?;
        let sessions = (rounds + 1).to_string();
        let arguments = ["--sessions", sessions.as_str(), "--stay", url.as_str()];
        client_run(client, variant, &arguments, || {
            // At another point of what the client is doing each time.
            std::thread::sleep(Duration::from_millis(u64::from(deaths % 7) * 5));
            drop(running.take());
            deaths += 1;
            running = Some(broker.start(port)?);
            if deaths % 5 == 0 {
                println!("  {}: restarted {deaths} of {rounds} times", broker.name());
            }
            Ok(())
        })?
    };
    summary.check(rounds + 1)?;
    if deaths != rounds {
        bail!("the broker was restarted {deaths} times, not {rounds}");
    }
    if summary.interrupted > 0 {
        // Zephyr's own MQTT library would have given up there.
        bail!(
            "{} reads ended without payload though control frames are swallowed",
            summary.interrupted
        );
    }
    if let (Broker::Fragmenting, Some(running)) = (broker, &running) {
        check_report(running, path)?;
    }
    Ok(format!(
        "{deaths} restarts, {} sessions, {:?} messages of QoS 0, 1, 2, {} KiB each way",
        summary.sessions, summary.messages, summary.kib
    ))
}

/// Control frames and empty frames that are reported do interrupt reads: what shows that the other runs had them.
fn interrupted(client: &Path, variant: Variant) -> Result<String> {
    let running = Broker::Fragmenting.start(None)?;
    let mut line = "reported control frames interrupt reads:".to_owned();
    for path in ["/mqtt", EMPTY_FRAMES] {
        let url = url(Some(&running), path)?;
        let summary = client_run(client, variant, &[&url], || Ok(()))?;
        summary.check(1)?;
        check_report(&running, path)?;
        if summary.interrupted == 0 {
            bail!("{path}: no read was interrupted: the broker sent no ping inside a payload");
        }
        line += &format!(" {} on {path}", summary.interrupted);
    }
    Ok(line)
}

/// What the front of the broker saw of the last session.
fn check_report(running: &Running, path: &str) -> Result<()> {
    let report = running.server.report()?;
    let is_good = report.path == path && report.protocol == "mqtt" && report.close == 1000;
    if !is_good || !report.pong || report.messages == 0 {
        bail!("the broker saw {report:?}");
    }
    Ok(())
}

fn url(running: Option<&Running>, path: &str) -> Result<String> {
    Ok(running.context("no broker")?.server.url(path))
}

/// Runs the client to its end; `kill` is called when it has done its work and waits for the broker to die.
fn client_run(
    client: &Path,
    variant: Variant,
    arguments: &[&str],
    mut kill: impl FnMut() -> Result<()>,
) -> Result<Summary> {
    let mut command = behaviour::watched(client.to_owned(), variant);
    // That a frame is torn when the broker dies is no news.
    command.args(arguments).env("ZEPHYR_LOG", "off");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start mqtt_client")?;
    let lines = lines_of(&mut child)?;
    let errors = child.stderr.take().context("no standard error")?;
    let errors = std::thread::spawn(move || text_of(errors));
    let mut said = Vec::new();
    let result = follow(&lines, &mut said, &mut kill);
    if result.is_err() {
        child.kill()?;
    }
    let status = process::wait(&mut child, END_LIMIT)?;
    let errors = errors.join().unwrap_or_default();
    let last = said.last().map_or("", String::as_str);
    match (result, status, Summary::parse(last)) {
        (Ok(()), Some(status), Some(summary)) if status.success() && errors.is_empty() => {
            Ok(summary)
        }
        (result, status, _) => {
            let tail = said.len().saturating_sub(10);
            let said = said.get(tail..).unwrap_or_default().join("\n");
            let reason =
                result.map_or_else(|error| format!("{error:#}"), |()| format!("{status:?}"));
            bail!("{reason}\n{said}\n{errors}");
        }
    }
}

fn lines_of(child: &mut Child) -> Result<Receiver<String>> {
    let output = child.stdout.take().context("no standard output")?;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    Ok(lines)
}

fn text_of(mut stream: impl Read) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Until the client has closed its output.
fn follow(
    lines: &Receiver<String>,
    said: &mut Vec<String>,
    kill: &mut impl FnMut() -> Result<()>,
) -> Result<()> {
    use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
    loop {
        match lines.recv_timeout(SILENCE_LIMIT) {
            Ok(line) => {
                let waits = line.ends_with("stays until the broker goes");
                said.push(line);
                if waits {
                    kill()?;
                }
            }
            Err(Disconnected) => return Ok(()),
            Err(Timeout) => bail!(
                "the client has said nothing for {} s",
                SILENCE_LIMIT.as_secs()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Summary;

    #[test]
    fn the_summary_of_the_client_is_understood() {
        let line = "mqtt_client: PASS: 2 of 2 sessions, 10+11+12 messages of QoS 0+1+2, 9 KiB each way, 4 interrupted reads";
        let summary = Summary {
            sessions: 2,
            messages: vec![10, 11, 12],
            kib: 9,
            interrupted: 4,
        };
        assert_eq!(Summary::parse(line), Some(summary));
        assert_eq!(Summary::parse(&line.replace("PASS", "FAIL")), None);
    }
}
