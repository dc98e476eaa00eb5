// SPDX-License-Identifier: Apache-2.0
//! The table of docs/peers.md: written from a run, and compared with one.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

use super::plan::Column;
use super::run::{Outcome, Row};
use super::servers::Source;
use crate::paths;

const BEGIN: &str = "<!-- peers:begin -->";
const END: &str = "<!-- peers:end -->";
/// The first must have the markers, the others may.
const DOCUMENTS: [&str; 2] = ["docs/peers.md", "README.md"];
/// Stands for a version that is Debian's business: a security update is no reason to write the table again.
const ANY_VERSION: &str = "(Debian's)";

/// Remarks below the table, each once.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn number(&mut self, text: &str) -> usize {
        if let Some(place) = self.0.iter().position(|note| note == text) {
            return place + 1;
        }
        self.0.push(text.to_owned());
        self.0.len()
    }
}

/// The table with its notes and what the agent said at the end.
pub(crate) fn markdown(rows: &[Row], closing: &str) -> String {
    let mut notes = Notes::default();
    let titles = Column::ALL.map(Column::title).join(" | ");
    let mut text = format!(
        "| server | version | {titles} |\n|---|---|{}\n",
        "---|".repeat(Column::ALL.len())
    );
    for row in rows {
        let cells: Vec<_> = row
            .cells
            .iter()
            .map(|(_, outcome)| shown(outcome, &mut notes))
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            row.peer.title(),
            row.version,
            cells.join(" | ")
        );
    }
    text.push('\n');
    for (index, note) in notes.0.iter().enumerate() {
        let _ = writeln!(text, "{}. {note}", index + 1);
    }
    let _ = writeln!(text, "\nIn {closing}.");
    text
}

fn shown(outcome: &Outcome, notes: &mut Notes) -> String {
    match outcome {
        Outcome::Passed(text, None) => text.clone(),
        Outcome::Passed(text, Some(remark)) => format!("{text} ({})", notes.number(remark)),
        Outcome::Impossible(reason) => format!("n/a ({})", notes.number(reason)),
        Outcome::Fault(fault) => {
            let note = format!("{}: {}", fault.words, fault.comment);
            format!("deviates ({})", notes.number(&note))
        }
        Outcome::Failed(reason) => {
            let first = reason.lines().next().unwrap_or_default();
            format!("FAILED ({})", notes.number(&first.replace('|', "/")))
        }
    }
}

/// Puts the table into every document that has a place for it; returns their names.
///
/// # Errors
/// docs/peers.md has none, or a document cannot be written.
pub(crate) fn write(table: &str) -> Result<Vec<&'static str>> {
    let mut written = Vec::new();
    for name in DOCUMENTS {
        let file = paths::source(name);
        let document = fs::read_to_string(&file).context(name)?;
        let Some((head, _, tail)) = parts(&document) else {
            continue;
        };
        fs::write(&file, format!("{head}{BEGIN}\n{table}{END}{tail}")).context(name)?;
        written.push(name);
    }
    if !written.contains(&DOCUMENTS[0]) {
        bail!("{} has no place for the table", DOCUMENTS[0]);
    }
    Ok(written)
}

/// Fails where a document's table is not what this run would write.
///
/// # Errors
/// It differs, or docs/peers.md has none.
pub(crate) fn compare(rows: &[Row], closing: &str) -> Result<()> {
    let wanted = without_debian_versions(&markdown(rows, closing), rows);
    let mut compared = 0;
    for name in DOCUMENTS {
        let document = fs::read_to_string(paths::source(name)).context(name)?;
        if let Some((_, table, _)) = parts(&document) {
            compared += 1;
            if without_debian_versions(table, rows).trim() != wanted.trim() {
                bail!(
                    "the table of {name} is not what was seen: run cargo xtask peers --write and look at the difference"
                );
            }
        }
    }
    if compared == 0 {
        bail!("{} has no place for the table", DOCUMENTS[0]);
    }
    Ok(())
}

/// What is before, between and behind the markers.
fn parts(document: &str) -> Option<(&str, &str, &str)> {
    let (head, rest) = document.split_once(BEGIN)?;
    let (table, tail) = rest.split_once(END)?;
    Some((head, table, tail))
}

fn without_debian_versions(table: &str, rows: &[Row]) -> String {
    let titles: Vec<_> = rows
        .iter()
        .filter(|row| row.peer.source() == Source::Debian)
        .map(|row| row.peer.title())
        .collect();
    let mut text = String::new();
    for line in table.lines() {
        let mut cells: Vec<_> = line.split(" | ").collect();
        let is_debians = titles
            .iter()
            .any(|title| line.starts_with(&format!("| {title} |")));
        if let (true, Some(version)) = (is_debians, cells.get_mut(1)) {
            *version = ANY_VERSION;
        }
        text.push_str(&cells.join(" | "));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{markdown, parts, without_debian_versions};
    use crate::peers::plan::Column;
    use crate::peers::run::{Outcome, Row};
    use crate::peers::servers::Peer;

    #[test]
    fn a_note_stands_once_and_debian_may_update() {
        let outcome = Outcome::Impossible("it cannot");
        let cells = Column::ALL.map(|column| (column, outcome.clone()));
        let row = |peer, version: &str| Row::of(peer, version, cells.clone().into());
        let rows = |version| [row(Peer::Ws, "1.0"), row(Peer::Nginx, version)];
        let (old, new) = (rows("2.0"), rows("2.1"));
        let (first, second) = (markdown(&old, "x"), markdown(&new, "x"));
        assert_eq!(first.matches("it cannot").count(), 1);
        assert_ne!(first, second);
        assert_eq!(
            without_debian_versions(&first, &old),
            without_debian_versions(&second, &new)
        );
        let pinned = markdown(&[row(Peer::Ws, "1.1"), row(Peer::Nginx, "2.0")], "x");
        assert_ne!(
            without_debian_versions(&first, &old),
            without_debian_versions(&pinned, &old)
        );
    }

    #[test]
    fn the_place_is_between_the_markers() {
        let document = "a<!-- peers:begin -->\nb\n<!-- peers:end -->c";
        assert_eq!(parts(document), Some(("a", "\nb\n", "c")));
        assert_eq!(parts("nothing"), None);
    }
}
