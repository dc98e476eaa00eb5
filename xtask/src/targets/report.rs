// SPDX-License-Identifier: Apache-2.0
//! What was measured: a table on the screen, target/targets/report.json, and the table of docs/building.md.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::frames::Frames;
use super::object::Sizes;
use crate::paths;

const BEGIN: &str = "<!-- targets:begin -->";
const END: &str = "<!-- targets:end -->";

/// One target that was built and has passed the checks.
pub(super) struct Row {
    pub(super) target: &'static str,
    pub(super) toolchain: &'static str,
    pub(super) needed: usize,
    pub(super) sizes: Sizes,
    pub(super) frames: Frames,
}

impl Row {
    fn octets(&self) -> u64 {
        self.sizes.octets()
    }

    /// The deepest chain below one export.
    fn chain(&self, export: &str) -> u64 {
        let chains = self.frames.chains.iter();
        chains
            .filter(|(name, ..)| name == export)
            .map(|(_, octets, _)| *octets)
            .sum()
    }

    fn cells(&self) -> [String; 8] {
        let (name, octets) = match self.frames.largest.first() {
            Some((name, octets)) => (name.as_str(), *octets),
            None => ("", 0),
        };
        [
            self.target.to_owned(),
            self.octets().to_string(),
            (self.octets() - self.sizes.builtins).to_string(),
            self.sizes.data.to_string(),
            self.chain("websocket_connect").to_string(),
            self.chain("websocket_recv_msg").to_string(),
            self.chain("websocket_send_msg").to_string(),
            format!("{octets} {name}"),
        ]
    }
}

const HEAD: [&str; 8] = [
    "target",
    "text + rodata",
    "without memcpy",
    "data + bss",
    "connect",
    "recv_msg",
    "send_msg",
    "largest frame",
];

/// The table for the screen; the middle columns are octets of size, then of stack.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let cells = rows.iter().map(Row::cells);
    for line in [HEAD.map(str::to_owned)].into_iter().chain(cells) {
        let [target, size, own, data, connect, receive, send, largest] = line;
        let _ = writeln!(
            text,
            "{target:<30} {size:>13} {own:>14} {data:>10} {connect:>8} {receive:>8} {send:>8}  {largest}"
        );
    }
    text
}

/// What the object of a target is without each switch of Kconfig; nothing where none was built.
pub(super) fn switches(target: &str, rows: &[Row], switched: &[(String, u64)]) -> String {
    let all = rows.iter().find(|row| row.target == target);
    let all = all.map_or(0, Row::octets);
    let mut switched = switched.to_vec();
    switched.sort_by_key(|(_, octets)| std::cmp::Reverse(*octets));
    let mut text = String::new();
    for (name, octets) in switched {
        let less = all.saturating_sub(octets);
        let _ = writeln!(text, "{target}, {name:<24} {octets:>8} octets, {less} less");
    }
    text
}

/// Puts the table between the markers of docs/building.md.
///
/// # Errors
/// The document cannot be read or written, or has no markers.
pub(super) fn write(rows: &[Row]) -> Result<()> {
    let mut table = format!(
        "| {} |\n|---{}|\n",
        HEAD.join(" | "),
        "|---:".repeat(6) + "|---"
    );
    for row in rows {
        let mut cells = row.cells();
        cells[0] = format!("`{}`", cells[0]);
        cells[7] = cells[7].replacen(' ', " `", 1) + "`";
        let _ = writeln!(table, "| {} |", cells.join(" | "));
    }
    let file = paths::source("docs/building.md");
    let document = fs::read_to_string(&file).context("docs/building.md")?;
    let (head, rest) = document
        .split_once(BEGIN)
        .context("docs/building.md has no place for the table of targets")?;
    let (_, tail) = rest
        .split_once(END)
        .context("docs/building.md: the table of targets has no end")?;
    fs::write(&file, format!("{head}{BEGIN}\n{table}{END}{tail}"))?;
    Ok(())
}

/// Writes target/targets/report.json. Names and numbers need no escapes.
///
/// # Errors
/// The file cannot be written.
pub(super) fn json(rows: &[Row]) -> Result<()> {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    let rows = rows.iter().map(|row| {
        let frames = row.frames.largest.iter();
        let frames = frames.map(|(name, octets)| format!(r#"{{"function": "{name}", "octets": {octets}}}"#));
        let chains = row.frames.chains.iter().map(|(name, octets, chain)| {
            let chain = chain.iter().map(|name| format!("\"{name}\"")).collect();
            format!(r#"{{"export": "{name}", "octets": {octets}, "chain": {}}}"#, list(chain))
        });
        format!(
            concat!(
                "  {{\"target\": \"{}\", \"toolchain\": \"{}\", \"symbols_needed\": {},\n",
                "   \"text\": {}, \"rodata\": {}, \"data\": {}, \"of_which_compiler_builtins\": {},\n",
                "   \"largest_frames\": {},\n   \"deepest_chains\": {}}}"
            ),
            row.target,
            row.toolchain,
            row.needed,
            row.sizes.text,
            row.sizes.rodata,
            row.sizes.data,
            row.sizes.builtins,
            list(frames.collect()),
            list(chains.collect()),
        )
    });
    let rows: Vec<_> = rows.collect();
    let file = paths::target("targets/report.json");
    fs::write(&file, format!("[\n{}\n]\n", rows.join(",\n"))).with_context(|| paths::shown(&file))
}
