// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask fuzz`: builds the targets of fuzz/ and runs all for a time; a finding ends it with the input's path.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::{install, needs};

/// The arguments of `cargo xtask fuzz`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// How long the targets run
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// Only this target; may be repeated
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
}

impl Args {
    /// Every target for so long.
    pub(crate) fn for_seconds(seconds: u64) -> Self {
        Self {
            seconds,
            target: Vec::new(),
        }
    }
}

const TARGETS: [&str; 3] = ["frame_parser", "handshake_response", "connection"];
const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// The version that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.2";
/// A single input that takes longer is a finding.
const INPUT_LIMIT_SECONDS: u64 = 10;
const INPUT_LEN_MAX: usize = 2048;
/// How often a running target says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

/// Builds the targets, and runs them at the same time.
///
/// # Errors
/// A target cannot be built, or an input breaks it: the message has the path of the input.
pub(crate) fn run(args: &Args) -> Result<()> {
    if let Some(unknown) = args
        .target
        .iter()
        .find(|name| !TARGETS.contains(&name.as_str()))
    {
        bail!("there is no target {unknown}: {}", TARGETS.join(", "));
    }
    install::have(needs::FUZZ)?;
    let tools = cargo_fuzz()?;
    let is_chosen =
        |name: &&str| args.target.is_empty() || args.target.iter().any(|wanted| wanted == name);
    let targets: Vec<_> = TARGETS.into_iter().filter(is_chosen).collect();
    for name in &targets {
        eprintln!("fuzz {name}: building …");
        build(&tools, name)?;
    }
    std::thread::scope(|scope| {
        let start = |name| scope.spawn(move || fuzz(name, args.seconds));
        let runs: Vec<_> = targets.into_iter().map(start).collect();
        let mut findings = Vec::new();
        for run in runs {
            match run.join() {
                Ok(Ok(())) => {}
                Ok(Err(finding)) => findings.push(format!("{finding:#}")),
                Err(_) => bail!("the thread of a target has panicked"),
            }
        }
        ensure!(findings.is_empty(), "{}", findings.join("\n"));
        Ok(())
    })
}

fn source(path: &str) -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join(path)
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(source(""))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// The program cargo-fuzz: one that is installed, or one that is put into target/tools.
fn cargo_fuzz() -> Result<PathBuf> {
    let works = |program: &Path| {
        let mut command = Command::new(program);
        command
            .args(["fuzz", "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let tools = source("target/tools");
    for program in [PathBuf::from("cargo-fuzz"), tools.join("bin/cargo-fuzz")] {
        if works(&program) {
            return Ok(program);
        }
    }
    eprintln!("fuzz: installing cargo-fuzz {CARGO_FUZZ} into target/tools …");
    install::attempt("cargo-fuzz", || {
        let status = cargo()
            .args([
                "install",
                "--quiet",
                "--locked",
                "cargo-fuzz",
                "--version",
                CARGO_FUZZ,
                "--root",
            ])
            .arg(&tools)
            .arg("--target-dir")
            .arg(source("target/tools/build"))
            .status()
            .context("cannot start cargo")?;
        ensure!(status.success(), "cargo install cargo-fuzz: {status}");
        Ok(tools.join("bin/cargo-fuzz"))
    })
}

fn build(cargo_fuzz: &Path, name: &str) -> Result<()> {
    let output = Command::new(cargo_fuzz)
        .current_dir(source(""))
        .args([
            "fuzz",
            "build",
            "--fuzz-dir",
            "fuzz",
            "--target",
            TRIPLE,
            "--target-dir",
        ])
        .arg(source("target/fuzz"))
        .arg(name)
        // Sanitizer and coverage flags are not stable; the toolchain is the pinned one all the same.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdin(Stdio::null())
        .output()
        .context("cannot start cargo-fuzz")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "cargo fuzz build {name}: {}\n{errors}",
        output.status
    );
    Ok(())
}

fn fuzz(name: &str, seconds: u64) -> Result<()> {
    let corpus = source("fuzz/corpus").join(name);
    let artifacts = source("fuzz/artifacts").join(name);
    for directory in [&corpus, &artifacts] {
        fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    }
    let program = source("target/fuzz")
        .join(TRIPLE)
        .join("release")
        .join(name);
    let mut child = Command::new(&program)
        .arg(&corpus)
        .arg(source("fuzz/seeds").join(name))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_LEN_MAX}"))
        .arg(format!("-timeout={INPUT_LIMIT_SECONDS}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg("-print_final_stats=1")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| program.display().to_string())?;
    let mut report = Report::new(name);
    if let Some(errors) = child.stderr.take() {
        for line in BufReader::new(errors).split(b'\n') {
            report.line(&String::from_utf8_lossy(&line?));
        }
    }
    let status = child.wait()?;
    if status.success() {
        println!(
            "fuzz {name}: {} in {seconds} s, nothing found",
            report.executions
        );
        return Ok(());
    }
    let input = report.input.as_deref().unwrap_or("no input was written");
    bail!(
        "fuzz {name}: {status}\n{}\ninput: {input}",
        report.finding.join("\n")
    )
}

/// What libFuzzer writes, reduced to progress, the sum, and the finding.
struct Report<'a> {
    name: &'a str,
    shown: Instant,
    executions: String,
    finding: Vec<String>,
    input: Option<String>,
}

impl<'a> Report<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            shown: Instant::now(),
            executions: "no executions".to_owned(),
            finding: Vec::new(),
            input: None,
        }
    }

    fn line(&mut self, line: &str) {
        // "#123 …" is progress, "####" a heading.
        let progress = line
            .strip_prefix('#')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(rest) = progress {
            let mut words = rest.split_whitespace();
            let count = words.next().unwrap_or("0");
            let rate = rest
                .split_once("exec/s: ")
                .and_then(|(_, rest)| rest.split_whitespace().next());
            self.executions = format!("{count} executions ({} a second)", rate.unwrap_or("?"));
            if self.shown.elapsed() >= PROGRESS {
                eprintln!("fuzz {}: {}", self.name, self.executions);
                self.shown = Instant::now();
            }
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.input = Some(path.trim().to_owned());
        } else if is_finding(line)
            || (self.finding.len() == 1 && self.finding[0].contains("panicked"))
        {
            self.finding.push(line.to_owned());
        }
    }
}

fn is_finding(line: &str) -> bool {
    ["panicked at", "ERROR: ", "SUMMARY: "]
        .iter()
        .any(|mark| line.contains(mark))
}
