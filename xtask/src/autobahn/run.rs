// SPDX-License-Identifier: Apache-2.0
//! One run: all cases through one API over one transport, each compared with what is expected.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, bail};

use super::agent::{Agent, Ran};
use super::expected::{self, Expected, OK};
use super::suite::{Case, Catalogue, Suite, Verdict};
use super::{Api, Progress, Setup, Transport};

/// What came of a case.
pub(super) struct Row {
    pub(super) case: Case,
    pub(super) verdict: Option<Verdict>,
    pub(super) ran: Option<Ran>,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    AsExpected,
    /// The API has no means for it, with the reason.
    NotExpressible(String),
    Different(Vec<String>),
}

impl Row {
    /// The verdict in a word or two.
    pub(super) fn word(&self) -> String {
        match (&self.outcome, &self.verdict) {
            (Outcome::NotExpressible(_), _) => NOT_EXPRESSIBLE.to_owned(),
            (Outcome::AsExpected, Some(verdict)) => verdict.behavior.clone(),
            (Outcome::Different(_), Some(verdict)) if verdict.behavior_close == OK => {
                format!("{}, unexpected", verdict.behavior)
            }
            (Outcome::Different(_), Some(verdict)) => {
                format!(
                    "{} / {}, unexpected",
                    verdict.behavior, verdict.behavior_close
                )
            }
            (_, None) => "no verdict".to_owned(),
        }
    }
}

const NOT_EXPRESSIBLE: &str = "not expressible";

/// A run that is over.
pub(super) struct Run {
    pub(super) transport: Transport,
    pub(super) api: Api,
    pub(super) rows: Vec<Row>,
    pub(super) catalogue: Catalogue,
    pub(super) expected: Expected,
    seconds: f64,
}

impl Run {
    /// Starts a server, runs the cases that match a pattern, and ends it.
    ///
    /// # Errors
    /// A pattern that no case matches, or something does not run. Cases that fail are no error here.
    pub(super) fn new(
        setup: &Setup,
        transport: Transport,
        api: Api,
        patterns: &[String],
        progress: &Progress,
    ) -> Result<Self> {
        let start = Instant::now();
        let name = format!("{}-{}", transport.name(), api.name());
        let suite = Suite::start(&name, setup.files(transport))?;
        let catalogue = suite.catalogue()?;
        let all = catalogue.ids();
        let expected = Expected::read(&all)?;
        for pattern in patterns {
            let pattern = std::slice::from_ref(pattern);
            if !all.iter().any(|case| expected::matches(pattern, case)) {
                bail!("no case matches {pattern:?}");
            }
        }
        let is_chosen = |case: &&Case| patterns.is_empty() || expected::matches(patterns, &case.id);
        let chosen: Vec<_> = catalogue.cases.iter().filter(is_chosen).cloned().collect();
        let exclusion = |case: &str| expected.exclusion(api.name(), case);
        let to_run: Vec<_> = chosen
            .iter()
            .filter(|case| exclusion(&case.id).is_none())
            .map(|case| case.id.clone())
            .collect();
        progress.begin(to_run.len());
        let agent = Agent {
            program: &setup.program,
            name: api.name(),
            port: suite.port(),
            authority: setup.authority(transport),
        };
        let mut ran = agent.run(&to_run, progress)?;
        let mut verdicts = suite.finish()?.remove(api.name()).unwrap_or_default();
        let row = |case: Case| {
            let ran = ran.remove(&case.id);
            let verdict = verdicts.remove(&case.id);
            let outcome = match exclusion(&case.id) {
                Some(reason) => Outcome::NotExpressible(reason.to_owned()),
                None => {
                    let found = expected.differences(&case.id, verdict.as_ref(), ran.as_ref());
                    match found.is_empty() {
                        true => Outcome::AsExpected,
                        false => Outcome::Different(found),
                    }
                }
            };
            Row {
                case,
                verdict,
                ran,
                outcome,
            }
        };
        let rows = chosen.into_iter().map(row).collect();
        Ok(Self {
            transport,
            api,
            rows,
            catalogue,
            expected,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.transport.name(), self.api.name())
    }

    /// Case and what differs, for each difference.
    pub(super) fn differences(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().flat_map(|row| {
            let found = match &row.outcome {
                Outcome::Different(found) => found.as_slice(),
                _ => &[],
            };
            found
                .iter()
                .map(|found| (row.case.id.as_str(), found.as_str()))
        })
    }

    /// The highest peak of the agent's memory, in KiB.
    pub(super) fn peak_kib(&self) -> u64 {
        let peaks = self.rows.iter().filter_map(|row| row.ran.as_ref());
        peaks.map(|ran| ran.peak_kib).max().unwrap_or_default()
    }

    /// The run in a line.
    pub(super) fn line(&self) -> String {
        format!(
            "{}: {} of {} cases: {}; peak memory {} KiB; {:.0} s",
            self.name(),
            self.rows.len(),
            self.catalogue.cases.len(),
            counts(&self.rows),
            self.peak_kib(),
            self.seconds
        )
    }
}

/// How many rows have which word.
pub(super) fn counts<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut found = BTreeMap::<_, usize>::new();
    for row in rows {
        let word = row.word();
        let rank = [OK, "INFORMATIONAL", "UNIMPLEMENTED", NOT_EXPRESSIBLE]
            .iter()
            .position(|&known| known == word);
        // What is not good comes first.
        *found.entry((rank.map(|rank| rank + 1), word)).or_default() += 1;
    }
    let words: Vec<_> = found
        .iter()
        .map(|((_, word), count)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}
