// SPDX-License-Identifier: Apache-2.0
//! samples/server_page on this machine: builds it with its page inside, serves it, and has Chromium test it.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::{behaviour, paths, tools};

const LIMIT: Duration = Duration::from_secs(100);
/// The sample ends by itself after this time.
const SECONDS: u64 = 90;
const FILES: [&str; 3] = ["index.html", "page.css", "page.js"];
/// Octets in a line of a generated file.
const LINE_LEN: usize = 16;

/// Where it is served, and for how long.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port on 127.0.0.1; 0 is any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Ends by itself after this time
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    seconds: u32,
}

/// Builds the sample and serves its page.
///
/// # Errors
/// The compiler's messages, or no such port.
pub(crate) fn serve(args: &Args) -> Result<()> {
    tools::compiler()?;
    let program = program(&mut HostBuild::new()?, Variant::Plain)?;
    if args.port != 0 {
        println!("open http://127.0.0.1:{}/ in a browser", args.port);
    }
    let status = Command::new(program)
        .args([args.port.to_string(), args.seconds.to_string()])
        .stdin(Stdio::inherit())
        .status()?;
    if !status.success() {
        bail!("server_page: {status}");
    }
    Ok(())
}

/// Lets Chromium use the page, and the test beside it break it; returns the test's verdict.
///
/// # Errors
/// What the test says.
pub(crate) fn check(build: &mut HostBuild, variant: Variant) -> Result<String> {
    tools::compiler()?;
    tools::chromium()?;
    // The test starts and ends the sample itself: what it says at its end is a part of the test.
    let mut sample = behaviour::watched(program(build, variant)?, variant);
    sample.args(["0", &SECONDS.to_string()]);
    used_by_chromium(&sample, 0)
}

/// Lets Chromium use the page of a sample that this command starts; returns the test's verdict.
///
/// `board_port` is what leads to the sample from this machine; 0 where it says its port.
///
/// # Errors
/// What the test says.
pub(crate) fn used_by_chromium(sample: &Command, board_port: u16) -> Result<String> {
    let mut command = Command::new("node");
    command
        .env("NODE_PATH", tools::page_node_modules()?)
        .arg(paths::source("tests/page/page_test.cjs"))
        .arg(tools::chromium()?)
        .arg(paths::target("page"))
        .arg(board_port.to_string())
        .arg(sample.get_program())
        .args(sample.get_args());
    for (name, value) in sample.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let output = process::run(&mut command, LIMIT, Show::Nothing)?;
    let verdict = output.lines().last().unwrap_or_default();
    if !verdict.starts_with("page: PASS, ") {
        bail!("the test did not close with PASS:\n{output}");
    }
    Ok(verdict.to_owned())
}

fn program(build: &mut HostBuild, variant: Variant) -> Result<PathBuf> {
    let generated = generate()?;
    let mut sources = paths::files("samples/server_page/src", "c")?;
    sources.extend(paths::files("samples/server_page/src/pc", "c")?);
    build.program_including("server_page", &sources, Some(&generated), variant)
}

/// Writes the files of the page as lists of octets, as Zephyr's generate_inc_file_for_target() does.
fn generate() -> Result<PathBuf> {
    let directory = paths::target("pc/server_page.generated");
    fs::create_dir_all(&directory).with_context(|| paths::shown(&directory))?;
    for name in FILES {
        let source = paths::source("samples/server_page/page").join(name);
        let octets = fs::read(&source).with_context(|| paths::shown(&source))?;
        let mut text = String::new();
        for line in octets.chunks(LINE_LEN) {
            for octet in line {
                write!(text, "0x{octet:02x},")?;
            }
            text.push('\n');
        }
        fs::write(directory.join(format!("{name}.inc")), text)?;
    }
    Ok(directory)
}
