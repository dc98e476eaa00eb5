// SPDX-License-Identifier: Apache-2.0
//! The two images: built, and run for some sequences; one that hangs or crashes is started again behind that sequence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::lines::{self, Outcome, Step};
use crate::zephyr::boards::{BOARDS, Board};
use crate::zephyr::image::Image;
use crate::zephyr::{BUILD_TOOLS, version};
use crate::{paths, tools};

const BOARD: &str = "native_sim/native/64";
/// For a sequence that spins without waiting: simulated time stands still in it.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) struct Images {
    stock: PathBuf,
    ours: PathBuf,
}

/// One sequence on both images.
pub(super) struct Pair {
    pub(super) stock: Vec<Step>,
    pub(super) ours: Vec<Step>,
}

impl Images {
    /// # Errors
    /// What does not build.
    pub(super) fn build(base: &Path) -> Result<Self> {
        let board = BOARDS
            .iter()
            .find(|board| board.name == BOARD)
            .context(BOARD)?;
        board.install()?;
        tools::programs(&BUILD_TOOLS)?;
        println!("differential: building with the stock client …");
        let stock = build(base, board, "stock")?;
        println!("differential: building with this module …");
        let ours = build(base, board, "ours")?;
        Ok(Self { stock, ours })
    }

    /// Sequences by their seeds.
    ///
    /// # Errors
    /// An image cannot be started, or writes nothing of a sequence.
    pub(super) fn run(&self, first: u32, count: u32, left_out: u32) -> Result<BTreeMap<u32, Pair>> {
        let mut stock = run(&self.stock, first, count, left_out)?;
        let ours = run(&self.ours, first, count, left_out)?;
        ours.into_iter()
            .map(|(seed, ours)| {
                let stock = stock.remove(&seed).context("one image left a seed out")?;
                Ok((seed, Pair { stock, ours }))
            })
            .collect()
    }
}

fn build(base: &Path, board: &Board, client: &str) -> Result<PathBuf> {
    let build = paths::target("zephyr-differential")
        .join(version(base)?)
        .join(client);
    let source = paths::source("tests/zephyr/differential");
    Image::new(board, &source, &build, client == "ours")?.make(&[])?;
    Ok(build.join("zephyr/zephyr.exe"))
}

fn run(image: &Path, first: u32, count: u32, left_out: u32) -> Result<BTreeMap<u32, Vec<Step>>> {
    let mut sequences = BTreeMap::new();
    let end = first + count;
    let mut next = first;
    while next < end {
        let (text, was_ended) = output(image, next, end - next, left_out)?;
        let begun = next;
        for part in text.split("BEGIN ").skip(1) {
            let mut lines = part.lines().map(str::trim_end);
            let seed = lines
                .next()
                .and_then(|line| line.split(' ').next()?.parse::<u32>().ok())
                .context("a sequence without a seed")?;
            let lines: Vec<_> = lines.collect();
            let last = if lines.iter().any(|line| line.starts_with("END ")) {
                Outcome::Nothing
            } else if was_ended || lines.contains(&"HANG") {
                Outcome::Hang
            } else {
                Outcome::Crash
            };
            let steps = lines
                .iter()
                .copied()
                .filter(|line| !line.starts_with("END ") && *line != "HANG");
            sequences.insert(seed, lines::steps(steps, last));
            next = seed + 1;
        }
        if next == begun {
            bail!("{} wrote nothing of sequence {next}", paths::shown(image));
        }
    }
    Ok(sequences)
}

/// What an image writes, and whether it had to be ended.
fn output(image: &Path, first: u32, count: u32, left_out: u32) -> Result<(String, bool)> {
    let file = image.with_extension("out");
    let mut child = Command::new(image)
        .arg(format!("-first={first}"))
        .arg(format!("-count={count}"))
        .arg(format!("-left_out={left_out}"))
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&file)?)
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", paths::shown(image)))?;
    let start = Instant::now();
    let mut was_ended = false;
    while child.try_wait()?.is_none() {
        if start.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            was_ended = true;
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let text = std::fs::read(&file)?;
    Ok((String::from_utf8_lossy(&text).into_owned(), was_ended))
}
