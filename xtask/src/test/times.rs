// SPDX-License-Identifier: Apache-2.0
//! How long checks take: as long as when they last passed in this tree, or as the list of checks says.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::checks::{Check, Outcome};
use super::runner::Row;
use crate::paths;

/// Seconds by name of the check.
type Times = BTreeMap<String, f64>;

/// The line that says how long these checks take.
pub(super) fn estimate(checks: &[Check]) -> String {
    expected(checks, &recorded())
}

/// Keeps what the checks that passed took.
///
/// # Errors
/// The file cannot be written.
pub(super) fn record(rows: &[Row]) -> Result<()> {
    let mut times = recorded();
    for row in rows {
        if let Ok(Outcome::Passed(_)) = row.result {
            times.insert(row.name.to_owned(), row.seconds);
        }
    }
    let file = file();
    fs::write(&file, serde_json::to_string_pretty(&times)?).with_context(|| paths::shown(&file))
}

fn expected(checks: &[Check], recorded: &Times) -> String {
    let timed = |check: &Check| recorded.get(check.name).copied();
    let seconds = |check: &Check| timed(check).unwrap_or(f64::from(check.seconds));
    let total = (checks.iter().map(seconds).sum::<f64>() / 60.0).ceil();
    let known = checks.iter().filter_map(timed).count();
    let checks = checks.len();
    format!(
        "Checks: {checks}, about {total} min; {known} of them were timed here, the others from nothing on two cores."
    )
}

fn recorded() -> Times {
    let text = fs::read(file()).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn file() -> PathBuf {
    paths::target("test-seconds.json")
}

#[cfg(test)]
mod tests {
    use super::super::checks::checks;
    use super::{Times, expected};

    #[test]
    fn what_was_timed_here_takes_the_place_of_the_list() {
        let checks = checks();
        let times: Times = checks
            .iter()
            .map(|check| (check.name.to_owned(), 60.0))
            .collect();
        let line = expected(&checks, &times);
        let count = checks.len();
        assert!(line.contains(&format!("about {count} min; {count} of them")));
        assert!(expected(&checks, &Times::new()).contains("; 0 of them"));
    }
}
