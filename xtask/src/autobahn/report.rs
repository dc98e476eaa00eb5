// SPDX-License-Identifier: Apache-2.0
//! The tables: every case in target/autobahn, a line a section in docs/autobahn.md.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::prove::Proof;
use super::run::{Outcome, Row, Run, counts};
use super::{Api, Transport};
use crate::paths;

/// Writes results.json and results.md of target/autobahn.
///
/// # Errors
/// A file cannot be written.
pub(super) fn write_results(runs: &[Run]) -> Result<()> {
    let directory = paths::target("autobahn");
    let of_run = |run: &Run| {
        json!({
            "transport": run.transport.name(),
            "api": run.api.name(),
            "peak_kib": run.peak_kib(),
            "cases": run.rows.iter().map(of_row).collect::<Vec<_>>(),
        })
    };
    let results = json!({
        "suite": runs.first().map(|run| &run.expected.suite),
        "runs": runs.iter().map(of_run).collect::<Vec<_>>(),
    });
    fs::write(
        directory.join("results.json"),
        serde_json::to_string_pretty(&results)?,
    )?;
    let mut table = String::from("| case | description |");
    for run in runs {
        write!(table, " {} |", run.name())?;
    }
    table += "\n|---|---|";
    table += &"---|".repeat(runs.len());
    table += "\n";
    // All runs have the same cases.
    for (index, row) in runs.iter().flat_map(|run| &run.rows).enumerate() {
        let words: Vec<_> = runs.iter().filter_map(|run| run.rows.get(index)).collect();
        if words.is_empty() {
            break;
        }
        let description = row.case.description.replace('|', "\\|");
        write!(table, "| {} | {description} |", row.case.id)?;
        for row in words {
            write!(table, " {} |", row.word())?;
        }
        table += "\n";
    }
    fs::write(directory.join("results.md"), table)?;
    println!(
        "each case: {0}/results.md, {0}/results.json; the suite's own reports: {0}/*/index.html",
        paths::shown(&directory)
    );
    Ok(())
}

fn of_row(row: &Row) -> Value {
    let (outcome, why) = match &row.outcome {
        Outcome::AsExpected => ("as expected", json!(null)),
        Outcome::NotExpressible(reason) => ("not expressible", json!(reason)),
        Outcome::Different(found) => ("different", json!(found)),
    };
    json!({
        "case": row.case.id,
        "outcome": outcome,
        "why": why,
        "behavior": row.verdict.as_ref().map(|verdict| &verdict.behavior),
        "behavior_close": row.verdict.as_ref().map(|verdict| &verdict.behavior_close),
        "close_code": row.verdict.as_ref().map(|verdict| verdict.close_code),
        "milliseconds": row.verdict.as_ref().map(|verdict| verdict.milliseconds),
        "peak_kib": row.ran.as_ref().map(|ran| ran.peak_kib),
    })
}

/// Cases by the size of whose messages the memory is shown.
const MEMORY: [(&str, &str); 3] = [
    ("1.1.2", "125 octets"),
    ("9.1.1", "64 KiB"),
    ("9.1.6", "16 MiB"),
];

/// Writes docs/autobahn.md.
///
/// # Errors
/// The runs are not all there are, or the file cannot be written.
pub(super) fn write_document(runs: &[Run], proofs: &[Proof]) -> Result<()> {
    let is_complete = |run: &Run| run.rows.len() == run.catalogue.cases.len();
    let Some(first) = runs.first() else {
        bail!("nothing was run");
    };
    if runs.len() != Api::ALL.len() * Transport::ALL.len() || !runs.iter().all(is_complete) {
        bail!("docs/autobahn.md is written of complete runs only");
    }
    let mut text = format!(
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n\
         <!-- Written by `cargo xtask autobahn --write`: do not edit. -->\n\
         # Autobahn|TestSuite\n\n\
         What {} says of this library as a client, through `websocket_recv_msg()` and `websocket_send_msg()` (\"message\") and\n\
         through `recvmsg()` and `sendmsg()` (\"socket\"), over TCP (\"ws\") and over TLS (\"wss\"), on the PC port. The agent is\n\
         [tests/conformance](../tests/conformance/README.md). A case counts only when both of the suite's verdicts, `behavior` and\n\
         `behaviorClose`, are those of [expected.json](../tests/conformance/expected.json), the agent ended the case without an\n\
         error, and, in section 9, whose contents the suite does not compare, length and CRC-32 are the same at both ends and in\n\
         both directions. `cargo xtask autobahn` repeats it.\n\n",
        first.expected.suite
    );
    sections(&mut text, runs, first)?;
    reasons(&mut text, first)?;
    memory(&mut text, runs)?;
    text += "\n## What the harness notices\n\n\
             `cargo xtask autobahn --prove` runs clients that do it wrong, and fails unless it finds this:\n\n\
             | client | cases that fail | of them by one comparison alone | cases that pass |\n|---|---|---|---|\n";
    for proof in proofs {
        writeln!(
            text,
            "| {}: {} | {} | {}, by {} | {} |",
            proof.agent, proof.what, proof.noticed, proof.only, proof.shown_by, proof.right
        )?;
    }
    let file = paths::source("docs/autobahn.md");
    fs::write(&file, text)?;
    println!("wrote {}", paths::shown(&file));
    Ok(())
}

fn sections(text: &mut String, runs: &[Run], first: &Run) -> Result<()> {
    let section = |row: &Row| {
        let parts: Vec<_> = row.case.id.split('.').collect();
        // Case 3.1 is of section 3, case 1.1.1 of section 1.1.
        parts
            .get(..parts.len().saturating_sub(1).clamp(1, 2))
            .unwrap_or_default()
            .join(".")
    };
    *text += "| section | | cases |";
    for run in runs {
        write!(text, " {} |", run.name())?;
    }
    *text += "\n|---|---|---|";
    *text += &"---|".repeat(runs.len());
    *text += "\n";
    let mut names: Vec<String> = first.rows.iter().map(section).collect();
    names.dedup();
    for name in names {
        let rows =
            |run: &Run| -> String { counts(run.rows.iter().filter(|row| section(row) == name)) };
        let count = first.rows.iter().filter(|row| section(row) == name).count();
        write!(
            text,
            "| {name} | {} | {count} |",
            first.catalogue.name(&name)
        )?;
        for run in runs {
            write!(text, " {} |", rows(run))?;
        }
        *text += "\n";
    }
    write!(text, "| all | | {} |", first.rows.len())?;
    for run in runs {
        write!(text, " {} |", counts(&run.rows))?;
    }
    *text += "\n";
    Ok(())
}

fn reasons(text: &mut String, first: &Run) -> Result<()> {
    *text += "\n## What is not OK, and what is left out\n\n";
    for rule in &first.expected.verdicts {
        if let Some(reason) = &rule.reason {
            let cases = rule.cases.join(", ");
            writeln!(text, "- **{}** ({cases}): {reason}", rule.behavior)?;
        }
    }
    for exclusion in &first.expected.not_expressible {
        let cases = exclusion.cases.join(", ");
        writeln!(
            text,
            "- **not expressible** through the {} API ({} cases: {cases}): {}",
            exclusion.agent, exclusion.count, exclusion.reason
        )?;
    }
    Ok(())
}

fn memory(text: &mut String, runs: &[Run]) -> Result<()> {
    *text += "\n## Memory\n\n\
              The library has fixed buffers: a message of any length goes through them. So the agent of the message API, which\n\
              echoes in fragments of 16 KiB while the rest is coming, needs hardly more for 16 MiB than for 125 octets. `send()` is one\n\
              message, so the agent of the socket API holds it whole. Peak of the process's resident memory (VmHWM, begun anew in\n\
              each case), in KiB, the PC port and the C library included:\n\n\
              | message |";
    for run in runs {
        write!(text, " {} |", run.name())?;
    }
    *text += "\n|---|";
    *text += &"---|".repeat(runs.len());
    *text += "\n";
    for (case, size) in MEMORY {
        write!(text, "| {size} ({case}) |")?;
        for run in runs {
            let row = run.rows.iter().find(|row| row.case.id == case);
            let peak = row.and_then(|row| row.ran.as_ref()).map(|ran| ran.peak_kib);
            match peak {
                Some(peak) => write!(text, " {peak} |")?,
                None => write!(text, " |")?,
            }
        }
        *text += "\n";
    }
    *text += "| the highest of all cases |";
    for run in runs {
        write!(text, " {} |", run.peak_kib())?;
    }
    *text += "\n";
    Ok(())
}
