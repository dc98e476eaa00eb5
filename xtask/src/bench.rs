// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask bench`: counts the instructions of every case of benches/ under callgrind and writes the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::{install, needs, tunnel};

/// The arguments of `cargo xtask bench`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Prints the table and leaves docs/performance.md as it is
    #[arg(long)]
    print_only: bool,
}

impl Args {
    /// Counts and prints, and writes no document.
    pub(crate) fn printing() -> Self {
        Self { print_only: true }
    }
}

const OURS: &str = "ours";
const PEERS: [&str; 2] = ["tungstenite", "embedded-websocket"];
/// The cargo profiles of benches/Cargo.toml and what the table calls them.
const PROFILES: [(&str, &str); 2] = [("release", "s"), ("speed", "3")];
const FUNCTION: &str = "bench_measured";
const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// One row: the case's name, and limit and goal of the specification in instructions per message.
const ROWS: [(&str, Option<f64>, Option<f64>); 19] = [
    ("send 16 B, TX buffer 128", Some(113.0), Some(190.0)),
    ("send 125 B, TX buffer 128", Some(124.0), Some(350.0)),
    ("send 125 B, TX buffer 1460", Some(124.0), Some(350.0)),
    ("send 1 KiB, TX buffer 128", None, None),
    ("send 1 KiB, TX buffer 1460", None, None),
    ("send 64 KiB, TX buffer 128", Some(6_273.0), Some(18_000.0)),
    ("send 64 KiB, TX buffer 1460", Some(6_273.0), Some(18_000.0)),
    ("receive packed 16 B", Some(130.0), Some(185.0)),
    ("receive packed 125 B", Some(144.0), Some(225.0)),
    ("receive packed 1 KiB", None, None),
    ("receive 64 x 1 KiB", None, None),
    ("receive 64 KiB in 1460-byte reads", None, None),
    ("receive 64 KiB whole", Some(6_286.0), Some(6_700.0)),
    ("mask and copy 64 KiB", None, None),
    ("memcpy of 64 KiB", None, None),
    ("UTF-8, ASCII", None, None),
    ("UTF-8, some accents", None, None),
    ("UTF-8, little ASCII", None, None),
    ("handshake", None, Some(8_000.0)),
];
/// Of the UTF-8 cases, times what core takes; and for octets moved per octet, where 64 KiB are received.
const UTF8_GOAL: f64 = 1.1;
const COPIES_GOAL: f64 = 1.05;

/// Instructions per message by case and by whose code it is.
type Counts = BTreeMap<(String, String), f64>;

/// What the socket of a case saw, per message; copies per octet of payload.
struct Traffic {
    case: String,
    reads: f64,
    sends: f64,
    copies: Option<f64>,
}

/// Counts, prints the table, and writes target/bench/bench.json and docs/performance.md.
///
/// # Errors
/// A tool is missing or fails, or the tunnel needs too many polls. A missed goal is no error: the table shows it.
pub(crate) fn run(args: &Args) -> Result<()> {
    install::have(needs::BENCH)?;
    let directory = source("target/bench");
    fs::create_dir_all(&directory).context("target/bench")?;
    let mut counts = Vec::new();
    let mut traffic = Vec::new();
    // At the same time: instructions are counted, not timed.
    let results = std::thread::scope(|scope| {
        let of_profile = |(profile, _)| {
            eprintln!("bench: building and counting with profile {profile} …");
            let program = build(profile, &directory)?;
            count(&program, &directory.join(format!("callgrind.{profile}")))
        };
        PROFILES
            .map(|profile| scope.spawn(move || of_profile(profile)))
            .map(|run| run.join())
    });
    for result in results {
        let Ok(result) = result else {
            bail!("the thread of a profile has panicked");
        };
        let (counted, seen) = result?;
        counts.push(counted);
        traffic = seen;
    }
    let [small, fast] = counts.as_slice() else {
        bail!("two profiles, two results");
    };
    let mut table = table(small, fast, &traffic);
    let _ = write!(table, "\n{}", tunnel::section()?);
    print!("{table}");
    let json = as_json(&counts, &traffic);
    fs::write(directory.join("bench.json"), json).context("target/bench/bench.json")?;
    println!("\ntarget/bench/bench.json has every figure.");
    if !args.print_only {
        write_document(&table)?;
        println!("docs/performance.md is written.");
    }
    Ok(())
}

fn source(path: &str) -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join(path)
}

fn build(profile: &str, directory: &Path) -> Result<PathBuf> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(source("benches"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--profile",
            profile,
            "--target-dir",
        ])
        .arg(directory)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .context("cannot start cargo")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "cargo build of benches/: {}\n{errors}",
        output.status
    );
    Ok(directory.join(profile).join("zephyr-websocket-bench"))
}

/// Runs all cases in one process: each run of a case is a part of callgrind's output, in the order of the lines.
fn count(program: &Path, parts: &Path) -> Result<(Counts, Vec<Traffic>)> {
    let _ = fs::remove_file(parts);
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--combine-dumps=yes"])
        .arg(format!("--toggle-collect={FUNCTION}"))
        .arg(format!("--dump-after={FUNCTION}"))
        .arg(format!("--callgrind-out-file={}", parts.display()))
        .arg(program)
        // Under valgrind `rep movsb` counts once per octet: memcpy shall use its loops, as on machines without.
        .env(
            "GLIBC_TUNABLES",
            "glibc.cpu.x86_rep_movsb_threshold=0x40000000",
        )
        .stdin(Stdio::null())
        .output()
        .context("cannot start valgrind")?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "valgrind: {}\n{lines}{errors}",
        output.status
    );
    let parts = fs::read_to_string(parts).context("callgrind's output")?;
    let totals: Vec<f64> = parts
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "))
        .map(str::parse)
        .collect::<Result<_, _>>()
        .context("callgrind's totals")?;
    per_message(&lines, &totals)
}

fn per_message(lines: &str, totals: &[f64]) -> Result<(Counts, Vec<Traffic>)> {
    let mut counts = Counts::new();
    let mut traffic = Vec::new();
    let mut totals = totals.iter();
    let mut single: Option<(f64, f64)> = None;
    for line in lines.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        match *words.as_slice() {
            ["ir", case, who, n] => {
                let n: f64 = n.parse().context("a run's number of messages")?;
                let total = *totals
                    .next()
                    .context("callgrind has fewer parts than the program has runs")?;
                match single.take() {
                    None => single = Some((n, total)),
                    Some((first_n, first)) => {
                        let each = (total - first) / (n - first_n);
                        counts.insert((case.to_owned(), who.to_owned()), each);
                    }
                }
            }
            ["io", case, OURS, messages, reads, sends, copied, payload] => {
                let number = |word: &str| word.parse::<f64>().context("a socket's figure");
                let messages = number(messages)?;
                let (copied, payload) = (number(copied)?, number(payload)?);
                traffic.push(Traffic {
                    case: case.to_owned(),
                    reads: number(reads)? / messages,
                    sends: number(sends)? / messages,
                    copies: (copied > 0.0 && payload > 0.0).then(|| copied / payload),
                });
            }
            _ => bail!("the program of benches/ wrote a line that is not known: {line}"),
        }
    }
    // The masking key's generator is not part of the comparison: ours is a counter.
    let key = counts
        .remove(&("key".to_owned(), PEERS[0].to_owned()))
        .unwrap_or(0.0);
    for ((case, who), each) in &mut counts {
        if case.starts_with("send") && who == PEERS[0] {
            *each -= key;
        }
    }
    if let Some(memcpy) = counts.remove(&("mask and copy 64 KiB".to_owned(), "memcpy".to_owned())) {
        counts.insert(("memcpy of 64 KiB".to_owned(), OURS.to_owned()), memcpy);
    }
    Ok((counts, traffic))
}

fn of(counts: &Counts, case: &str, who: &str) -> Option<f64> {
    // A peer has one send case per size, whatever the send buffer.
    let case = if who == OURS {
        case
    } else {
        case.split(", TX").next().unwrap_or(case)
    };
    counts.get(&(case.to_owned(), who.to_owned())).copied()
}

/// `!` stands at every figure that misses its goal.
fn cell(figure: Option<f64>, goal: Option<f64>, digits: usize) -> String {
    match (figure, goal) {
        (None, _) => "–".to_owned(),
        (Some(figure), Some(goal)) if figure > goal => format!("**{figure:.digits$}** !"),
        (Some(figure), _) => format!("{figure:.digits$}"),
    }
}

fn table(small: &Counts, fast: &Counts, traffic: &[Traffic]) -> String {
    let head = "x86-64, instructions per message|ours, opt-level s|ours, 3|tungstenite, 3|embedded-websocket, 3|limit|goal";
    let mut rows = vec![head.split('|').map(str::to_owned).collect()];
    for (case, limit, goal) in ROWS {
        let is_utf8 = case.starts_with("UTF-8");
        let core = |counts| of(counts, case, "core");
        let goal_of = |counts| {
            if is_utf8 {
                core(counts).map(|core| core * UTF8_GOAL)
            } else {
                goal
            }
        };
        let limit = if is_utf8 { core(fast) } else { limit };
        rows.push(vec![
            case.to_owned(),
            cell(of(small, case, OURS), goal_of(small), 0),
            cell(of(fast, case, OURS), goal_of(fast), 0),
            cell(of(fast, case, PEERS[0]), None, 0),
            cell(of(fast, case, PEERS[1]), None, 0),
            cell(limit, None, 0),
            cell(goal_of(fast), None, 0),
        ]);
    }
    let mut text = aligned(&rows);
    let head = "ours, per message|reads|sends|octets moved per octet of payload|goal";
    let mut rows = vec![head.split('|').map(str::to_owned).collect()];
    for seen in traffic {
        let sends_goal = (seen.case.starts_with("send 16 B")).then_some(1.0);
        let copies_goal = seen
            .case
            .starts_with("receive 64 KiB")
            .then_some(COPIES_GOAL);
        let goal = match (sends_goal, copies_goal) {
            (Some(_), _) => "1 send".to_owned(),
            (_, Some(copies)) => format!("{copies} moved"),
            _ => "–".to_owned(),
        };
        rows.push(vec![
            seen.case.clone(),
            cell(Some(seen.reads), None, 3),
            cell(Some(seen.sends), sends_goal, 0),
            cell(seen.copies, copies_goal, 3),
            goal,
        ]);
    }
    text.push('\n');
    text.push_str(&aligned(&rows));
    text.push_str(
        "\n`!`: over the goal. The limit of UTF-8 is `core::str::from_utf8` on the same text.\n",
    );
    text
}

/// A Markdown table that is also readable as it is.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column == 0 {
                write!(text, "| {cell:<width$} ")
            } else {
                write!(text, "| {cell:>width$} ")
            };
        }
        text.push_str("|\n");
        if index == 0 {
            for (column, width) in widths.iter().enumerate() {
                let _ = write!(
                    text,
                    "|{:-<width$}-{}",
                    "-",
                    if column == 0 { '-' } else { ':' }
                );
            }
            text.push_str("|\n");
        }
    }
    text
}

fn as_json(counts: &[Counts], traffic: &[Traffic]) -> String {
    let mut lines = Vec::new();
    for ((_, level), counts) in PROFILES.iter().zip(counts) {
        for ((case, who), each) in counts {
            lines.push(format!(
                "    {{\"case\": \"{case}\", \"who\": \"{who}\", \"opt_level\": \"{level}\", \"instructions\": {each:.1}}}"
            ));
        }
    }
    let mut sockets = Vec::new();
    for seen in traffic {
        let Traffic {
            case, reads, sends, ..
        } = seen;
        let copies = seen
            .copies
            .map_or("null".to_owned(), |copies| format!("{copies:.4}"));
        sockets.push(format!(
            "    {{\"case\": \"{case}\", \"reads\": {reads:.4}, \"sends\": {sends:.4}, \"copies_per_octet\": {copies}}}"
        ));
    }
    format!(
        "{{\n  \"instructions_per_message\": [\n{}\n  ],\n  \"socket_per_message\": [\n{}\n  ]\n}}\n",
        lines.join(",\n"),
        sockets.join(",\n")
    )
}

const DOCUMENT: &str = "\
<!-- SPDX-License-Identifier: Apache-2.0 -->
# What the library costs

Instructions, counted by callgrind and never timed: the figures are the same on every run and every machine with the
same compiler and C library. Between the two marks is what `cargo xtask bench` wrote; how it counts is in benches/src/main.rs.
";

/// Puts the table between the two marks of docs/performance.md.
fn write_document(table: &str) -> Result<()> {
    let path = source("docs/performance.md");
    let text = fs::read_to_string(&path).unwrap_or_else(|_| DOCUMENT.to_owned());
    let (before, after) = match (text.split_once(BEGIN), text.split_once(END)) {
        (Some((before, _)), Some((_, after))) => (before.trim_end(), after),
        _ => (text.trim_end(), "\n"),
    };
    fs::write(&path, format!("{before}\n\n{BEGIN}\n{table}{END}{after}"))
        .context("docs/performance.md")
}
