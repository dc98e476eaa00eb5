// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask zephyr --measure`: flash, RAM and instructions of an image for Cortex-M3 beside those of the stock client,
//! written to docs/performance.md.
//!
//! QEMU counts: an instruction takes 64 ns of its clock, and the system's timer runs at 12 MHz. So the figures are the same on
//! every run and every machine with the same tree and compiler.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::applications::Verdict;
use super::boards::{BOARDS, Board};
use super::image::Image;
use super::{run, version};
use crate::{paths, process, tools};

pub(super) const BOARD: &str = "qemu_cortex_m3";
const BEGIN: &str = "<!-- measure:begin -->";
const END: &str = "<!-- measure:end -->";
/// Instructions in a cycle of the timer.
const PER_CYCLE: f64 = 1000.0 / 12.0 / 64.0;
const SECONDS: u64 = 60;

/// What is below the application.
#[derive(Clone, Copy, PartialEq)]
enum Client {
    None,
    Stock,
    Ours,
    /// With zephyr-module/smallest.conf.
    Smallest,
}

/// The calls of tests/zephyr/measure_calls: name, what it is, goal.
const CALLS: [(&str, &str, Option<u32>); 17] = [
    // Without what the server does, which is not counted here.
    ("connect", "`websocket_connect()`", Some(17_500)),
    (
        "send_msg_16",
        "`websocket_send_msg()`, 16 octets",
        Some(900),
    ),
    ("send_msg_125", "125 octets", Some(1_000)),
    ("send_msg_400", "400 octets", Some(1_300)),
    ("send_msg_1024", "1,024 octets", None),
    ("send_msg_4096", "4,096 octets", None),
    (
        "recv_msg_16",
        "`websocket_recv_msg()`, many frames of 16 octets",
        Some(700),
    ),
    ("recv_msg_125", "of 125 octets", Some(1_600)),
    ("recv_msg_1024", "of 1,024 octets", None),
    ("recv_msg_8000", "one of 8,000 octets", None),
    (
        "recv_msg_ping",
        "pings of 16 octets; the stock client answers none",
        None,
    ),
    (
        "poll_recv_msg",
        "`poll()` and `websocket_recv_msg()`, 50 octets",
        Some(1_900),
    ),
    ("recv", "`recv()`, 50 octets", Some(1_200)),
    ("send", "`send()`, 50 octets", Some(1_100)),
    ("disconnect", "`websocket_disconnect()`", Some(966)),
    (
        "tcp_poll_recv",
        "the socket below alone: `poll()` and `recv()`",
        None,
    ),
    ("tcp_recv", "`recv()`", None),
];

/// Goals for what the module adds to a TCP application: with everything, and with the least.
const FLASH_GOAL: u64 = 16_000;
const SMALLEST_GOAL: u64 = 9_500;

/// Builds the two applications and writes the tables.
///
/// # Errors
/// What does not build, or a call that did not give what it has to.
pub(super) fn measure(base: &Path) -> Result<()> {
    let board = BOARDS
        .iter()
        .find(|board| board.name == BOARD)
        .context(BOARD)?;
    board.install()?;
    tools::programs(&super::BUILD_TOOLS)?;
    let mut sizes = BTreeMap::new();
    for (client, name) in [
        (Client::None, "none"),
        (Client::Stock, "stock"),
        (Client::Ours, "ours"),
        (Client::Smallest, "smallest"),
    ] {
        println!("measure: building measure_size, client: {name} …");
        let image = build(base, board, "measure_size", client, name)?;
        sizes.insert(name, flash_of(&image)?);
        match client {
            Client::Ours => sizes.insert("slots", symbol_size(&image, "zws_slots")?),
            Client::Smallest => sizes.insert("small slots", symbol_size(&image, "zws_slots")?),
            _ => None,
        };
    }
    let mut calls = Vec::new();
    for (client, name) in [(Client::Stock, "stock"), (Client::Ours, "ours")] {
        println!("measure: building and counting measure_calls, client: {name} …");
        let image = build(base, board, "measure_calls", client, name)?;
        calls.push(count(&image)?);
    }
    let [stock, ours] = calls.as_slice() else {
        bail!("two images were counted");
    };
    let table = table(&version(base)?, &sizes, stock, ours)?;
    println!("\n{table}");
    write_document(&table)
}

fn build(base: &Path, board: &Board, app: &str, client: Client, name: &str) -> Result<PathBuf> {
    let build = paths::target("zephyr-measure")
        .join(version(base)?)
        .join(format!("{app}-{name}"));
    let source = paths::source("tests/zephyr").join(app);
    let with_ours = matches!(client, Client::Ours | Client::Smallest);
    let mut image = Image::new(board, &source, &build, with_ours)?;
    match client {
        Client::None => image.configure.arg("-DCONFIG_WEBSOCKET_CLIENT=n"),
        Client::Stock => image
            .configure
            .args(["-DCONFIG_WEBSOCKET_CLIENT=y", "-DCONFIG_HTTP_CLIENT=y"]),
        Client::Ours => image.configure.arg("-DCONFIG_WEBSOCKET_CLIENT=y"),
        Client::Smallest => {
            let fragment = paths::source("zephyr-module/smallest.conf");
            let fragment = format!("-DEXTRA_CONF_FILE={}", fragment.display());
            image
                .configure
                .args(["-DCONFIG_WEBSOCKET_CLIENT=y", &fragment])
        }
    };
    image.make(&[])?;
    Ok(build.join("zephyr/zephyr.elf"))
}

/// Octets of code and constants.
pub(super) fn flash_of(image: &Path) -> Result<u64> {
    let listing = process::build(Command::new("arm-none-eabi-size").arg(image))?;
    let text = listing
        .lines()
        .nth(1)
        .and_then(|line| line.split_whitespace().next()?.parse().ok());
    text.with_context(|| format!("arm-none-eabi-size says:\n{listing}"))
}

fn symbol_size(image: &Path, symbol: &str) -> Result<u64> {
    let listing = process::build(Command::new("arm-none-eabi-nm").arg("-S").arg(image))?;
    let size = listing.lines().find_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, size, _, name] if *name == symbol => u64::from_str_radix(size, 16).ok(),
            _ => None,
        }
    });
    size.with_context(|| format!("{symbol} is not in {}", paths::shown(image)))
}

/// Instructions per call of each line of the image.
fn count(image: &Path) -> Result<BTreeMap<String, f64>> {
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args("-cpu cortex-m3 -machine lm3s6965evb -nographic -vga none -net none".split(' '))
        .args("-icount shift=6,align=off,sleep=off".split(' '))
        .args(["-serial", "mon:stdio", "-kernel"])
        .arg(image);
    let lines = run::until(qemu, &Verdict::Line(&["MEASURE done"], 1), SECONDS)?;
    if let Some(wrong) = lines.iter().find(|line| line.contains("MEASURE_WRONG")) {
        bail!("{wrong}");
    }
    Ok(lines.iter().filter_map(|line| parse(line)).collect())
}

/// `MEASURE name cycles=… sends=… receives=… polls=… calls=…`
fn parse(line: &str) -> Option<(String, f64)> {
    let mut words = line.strip_prefix("MEASURE ")?.split_whitespace();
    let name = words.next()?.to_owned();
    let number = |word: &str| word.split_once('=')?.1.parse::<f64>().ok();
    let cycles = number(words.next()?)?;
    let calls = number(words.next_back()?)?;
    Some((name, cycles * PER_CYCLE / calls))
}

fn table(
    version: &str,
    sizes: &BTreeMap<&str, u64>,
    stock: &BTreeMap<String, f64>,
    ours: &BTreeMap<String, f64>,
) -> Result<String> {
    let compiler = process::build(Command::new("arm-none-eabi-gcc").arg("-dumpversion"))?;
    let size = |name: &str| sizes.get(name).copied().unwrap_or_default();
    let above_tcp = |name: &str| size(name).saturating_sub(size("none"));
    let mut text = format!(
        "Zephyr {version}, {BOARD}, arm-none-eabi-gcc {}, minimal C library, no log.\n\n",
        compiler.trim()
    );
    let mut line = |cells: &str| writeln!(text, "{cells}");
    line("| octets | stock | ours | goal | ours, smallest.conf | goal |")?;
    line("|---|---:|---:|---:|---:|---:|")?;
    line(&format!(
        "| flash above a TCP application ({}) | {} | {} | {FLASH_GOAL} | {} | {SMALLEST_GOAL} |",
        size("none"),
        above_tcp("stock"),
        marked(above_tcp("ours"), Some(FLASH_GOAL)),
        marked(above_tcp("smallest"), Some(SMALLEST_GOAL)),
    ))?;
    line(&format!(
        "| RAM of a connection, with its send buffer of 512 | heap | {} | 712 | {} | – |",
        marked(size("slots"), Some(712)),
        size("small slots"),
    ))?;
    line("\n| instructions of a call | stock | ours | of stock | goal |")?;
    line("|---|---:|---:|---:|---:|")?;
    for (name, what, goal) in CALLS {
        let stock = *stock.get(name).with_context(|| format!("no line {name}"))?;
        let ours = *ours.get(name).with_context(|| format!("no line {name}"))?;
        let goal_text = goal.map_or("–".to_owned(), |goal| goal.to_string());
        line(&format!(
            "| {what} | {stock:.0} | {} | {:.2} | {goal_text} |",
            marked(ours.round() as u64, goal.map(u64::from)),
            ours / stock,
        ))?;
    }
    line("\n`!`: over the goal.")?;
    Ok(text)
}

/// With a mark where it is over the goal.
fn marked(number: u64, goal: Option<u64>) -> String {
    match goal {
        Some(goal) if number > goal => format!("**{number}** !"),
        _ => number.to_string(),
    }
}

/// Puts the tables between the two marks of docs/performance.md.
fn write_document(table: &str) -> Result<()> {
    let path = paths::source("docs/performance.md");
    let text = fs::read_to_string(&path).context("docs/performance.md")?;
    let (Some((before, _)), Some((_, after))) = (text.split_once(BEGIN), text.split_once(END))
    else {
        bail!("docs/performance.md has no marks for the tables");
    };
    fs::write(&path, format!("{before}{BEGIN}\n{table}{END}{after}"))
        .context("docs/performance.md")?;
    println!("docs/performance.md is written.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_image_is_instructions_per_call() {
        let line = "MEASURE send cycles=49152 sends=64 receives=0 polls=0 calls=64";
        let (name, instructions) = parse(line).expect("a line of the image");
        assert_eq!((name.as_str(), instructions.round()), ("send", 1000.0));
        assert_eq!(parse("MEASURE done"), None);
    }

    #[test]
    fn what_is_over_the_goal_is_marked() {
        assert_eq!(marked(900, Some(900)), "900");
        assert_eq!(marked(901, Some(900)), "**901** !");
        assert_eq!(marked(901, None), "901");
    }
}
