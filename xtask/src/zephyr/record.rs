// SPDX-License-Identifier: Apache-2.0
//! What was seen on which board: docs/boards.tsv, a line a run, and the table of README.md made from it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{paths, process};

const BEGIN: &str = "<!-- boards:begin -->";
const END: &str = "<!-- boards:end -->";

/// Puts the result of one run in the place of the older one, and writes the table anew.
///
/// # Errors
/// Files that cannot be read or written.
pub(super) fn add(
    version: &str,
    board: &str,
    application: &str,
    result: &str,
    line: &str,
) -> Result<()> {
    let file = paths::source("docs/boards.tsv");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let mut rows: BTreeMap<(String, String, String), String> = text
        .lines()
        .filter_map(|row| {
            let mut cells = row.splitn(4, '\t');
            let mut cell = || cells.next().map(str::to_owned);
            Some(((cell()?, cell()?, cell()?), cell()?))
        })
        .collect();
    let output = |program: &str, words: &[&str]| -> Result<String> {
        let text = process::build(
            Command::new(program)
                .args(words)
                .current_dir(paths::source("")),
        )?;
        Ok(text.trim().to_owned())
    };
    let date = output("date", &["+%Y-%m-%d"])?;
    let mut commit = output("git", &["rev-parse", "--short", "HEAD"])?;
    // What this command writes changes no image.
    let others = [
        "status",
        "--porcelain",
        "--",
        ":/",
        ":!docs/boards.tsv",
        ":!README.md",
    ];
    if !output("git", &others)?.is_empty() {
        commit.push_str(" with changes");
    }
    let line = plain(line.lines().last().unwrap_or(""));
    let key = (version.to_owned(), board.to_owned(), application.to_owned());
    rows.insert(key, format!("{result}\t{date}\t{commit}\t{line}"));
    let text: String = rows
        .iter()
        .map(|((version, board, application), rest)| {
            format!("{version}\t{board}\t{application}\t{rest}\n")
        })
        .collect();
    fs::write(&file, text)?;
    write_table(&rows)
}

/// A line of a terminal without colours and cursor movements (`ESC [`, parameters, a letter).
fn plain(line: &str) -> String {
    let mut pieces = line.split("\u{1b}[");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text += piece
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .get(1..)
            .unwrap_or_default();
    }
    text.replace(char::is_control, " ").trim().to_owned()
}

fn write_table(rows: &BTreeMap<(String, String, String), String>) -> Result<()> {
    let mut table = String::from(
        "| Zephyr | board | application | result | date | commit | last line |\n|---|---|---|---|---|---|---|\n",
    );
    for ((version, board, application), rest) in rows {
        let cells: Vec<&str> = rest.split('\t').collect();
        table += &format!(
            "| {version} | {board} | {application} | {} |\n",
            cells.join(" | ")
        );
    }
    let file = paths::source("README.md");
    let readme = fs::read_to_string(&file).context("README.md")?;
    let (head, rest) = readme
        .split_once(BEGIN)
        .context("README.md has no place for the table of boards")?;
    let (_, tail) = rest
        .split_once(END)
        .context("README.md: the table of boards has no end")?;
    fs::write(&file, format!("{head}{BEGIN}\n{table}{END}{tail}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn colours_are_no_part_of_a_line() {
        let line = "\u{1b}[1;32muart:~$ \u{1b}[m\u{1b}[8D\u{1b}[J[00:00:12.630,000] \u{1b}[0m<dbg> sample: 5 bytes\u{1b}[0m\r";
        assert_eq!(
            plain(line),
            "uart:~$ [00:00:12.630,000] <dbg> sample: 5 bytes"
        );
    }
}
