// SPDX-License-Identifier: Apache-2.0
//! Running programs: output kept for the message of a failure, time bounded, ended by their own handle only.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// For builds, which are long on a small machine.
pub(crate) const BUILD_LIMIT: Duration = Duration::from_secs(1200);

/// Whether a program's standard output is also shown while it runs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Show {
    Nothing,
    Output,
}

/// Runs a program to its end and returns what it wrote.
///
/// # Errors
/// It cannot be started, is not done within `limit`, or does not exit with 0; the message holds what it wrote
/// and was not shown.
pub(crate) fn run(command: &mut Command, limit: Duration, show: Show) -> Result<String> {
    let name = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let output = collect(child.stdout.take(), show);
    let errors = collect(child.stderr.take(), Show::Nothing);
    let status = wait(&mut child, limit)?;
    let Some(status) = status else {
        // Children of the ended program may hold the pipes: what has not come is not waited for.
        std::thread::sleep(Duration::from_millis(200));
        let rest = |reader: JoinHandle<_>| reader.is_finished().then(|| text(reader));
        let last = last_lines(&rest(output).unwrap_or_default());
        bail!(
            "{name}: not done within {} s, ended\n{last}",
            limit.as_secs()
        );
    };
    let (output, errors) = (text(output), text(errors));
    if !status.success() {
        let unseen = if show == Show::Output { "" } else { &output };
        bail!("{name}: {status}\n{unseen}{errors}");
    }
    Ok(output)
}

/// Runs a part of a build.
///
/// # Errors
/// As [`run`].
pub(crate) fn build(command: &mut Command) -> Result<String> {
    run(command, BUILD_LIMIT, Show::Nothing)
}

/// The program that these commands were started with, so that the toolchain is the same.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::paths::source(""));
    command
}

/// Waits for the end of a program and ends it when the time is up, which is `None`.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs `work` and prints one line with its name and its time.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    print!("{name} ... ");
    std::io::stdout().flush()?;
    let result = work();
    let outcome = if result.is_ok() { "done" } else { "failed" };
    println!("{outcome} ({:.1} s)", start.elapsed().as_secs_f64());
    result
}

fn collect(stream: Option<impl Read + Send + 'static>, show: Show) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        let mut piece = [0; 4096];
        let Some(mut stream) = stream else {
            return all;
        };
        while let Ok(len @ 1..) = stream.read(&mut piece) {
            let read = piece.get(..len).unwrap_or_default();
            all.extend_from_slice(read);
            if show == Show::Output {
                let mut screen = std::io::stdout();
                let _ = screen.write_all(read).and_then(|()| screen.flush());
            }
        }
        all
    })
}

fn text(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}

fn last_lines(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    let start = lines.len().saturating_sub(10);
    lines.get(start..).unwrap_or_default().join("\n")
}

fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let mut words = vec![name];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    let line = words.join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}
