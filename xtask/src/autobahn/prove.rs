// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask autobahn --prove`: clients that do it wrong must fail, and in the way that they are known to.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::agent::{Agent, Ran};
use super::expected::{Expected, OK};
use super::suite::{Suite, Verdict};
use super::{Progress, Setup};

/// An agent of tests/conformance/flawed.c, and what the harness must find of it.
struct Flawed {
    agent: &'static str,
    what: &'static str,
    /// Cases that it does right: it is a client, and the harness does not fail everything.
    right: &'static [&'static str],
    wrong: &'static [&'static str],
    shown_by: ShownBy,
}

/// What alone gives it away in at least one case.
#[derive(Clone, Copy)]
enum ShownBy {
    BehaviorClose,
    Behavior,
    Contents,
}

const FLAWED: [Flawed; 3] = [
    Flawed {
        agent: "mute",
        what: "opens the connection, then neither says nor answers anything",
        right: &[],
        wrong: &[
            "1.1.2", "2.2", "2.7", "3.1", "3.5", "4.1.1", "5.19", "7.1.1", "7.3.1",
        ],
        shown_by: ShownBy::BehaviorClose,
    },
    Flawed {
        agent: "naive",
        what: "echoes messages and checks no rule and no text",
        right: &["1.1.2", "1.2.8", "2.2", "5.3", "7.1.1"],
        wrong: &[
            "2.5", "2.7", "3.1", "3.4", "4.1.1", "4.2.3", "5.1", "5.9", "5.18", "6.3.1", "6.4.3",
            "7.5.1", "7.9.1",
        ],
        shown_by: ShownBy::Behavior,
    },
    Flawed {
        agent: "corrupt",
        what: "the naive one, which also changes a bit in the middle of each message",
        right: &[],
        wrong: &["1.1.2", "9.1.1", "9.2.2"],
        shown_by: ShownBy::Contents,
    },
];

/// What was found of one.
pub(super) struct Proof {
    pub(super) agent: &'static str,
    pub(super) what: &'static str,
    pub(super) noticed: usize,
    pub(super) right: usize,
    /// Cases that one of the three kinds of comparison alone gives away.
    pub(super) only: usize,
    pub(super) shown_by: &'static str,
}

impl Proof {
    pub(super) fn line(&self) -> String {
        format!(
            "{} ({}): {} cases fail, {} of them by {} alone; {} that it does right pass",
            self.agent, self.what, self.noticed, self.only, self.shown_by, self.right
        )
    }
}

/// Runs all of them against one server.
///
/// # Errors
/// One is not noticed, or fails where it should not.
pub(super) fn run(setup: &Setup) -> Result<Vec<Proof>> {
    let suite = Suite::start("flawed", None)?;
    let expected = Expected::read(&suite.catalogue()?.ids())?;
    let progress = Progress::new("flawed".into());
    let (progress, port) = (&progress, suite.port());
    let ran = std::thread::scope(|scope| {
        let start = |name: &'static str, cases: Vec<&'static str>| {
            scope.spawn(move || -> Result<_> {
                let agent = Agent {
                    program: &setup.program,
                    name,
                    port,
                    authority: None,
                };
                let cases: Vec<_> = cases.into_iter().map(str::to_owned).collect();
                Ok((name, agent.run(&cases, progress)?))
            })
        };
        let mut threads = Vec::new();
        for flawed in &FLAWED {
            let cases: Vec<_> = flawed.right.iter().chain(flawed.wrong).copied().collect();
            // The suite waits long for an agent that is mute: a process for each case.
            let len = if flawed.agent == "mute" {
                1
            } else {
                cases.len()
            };
            threads.extend(
                cases
                    .chunks(len)
                    .map(|part| start(flawed.agent, part.to_vec())),
            );
        }
        let mut found = BTreeMap::<_, BTreeMap<_, _>>::new();
        for thread in threads {
            let Ok(ran) = thread.join() else {
                bail!("a thread ended early");
            };
            let (name, ran) = ran?;
            found.entry(name).or_default().extend(ran);
        }
        Ok(found)
    })?;
    let verdicts = suite.finish()?;
    let judged = FLAWED.iter().map(|flawed| {
        let of_agent = (verdicts.get(flawed.agent), ran.get(flawed.agent));
        let (Some(verdicts), Some(ran)) = of_agent else {
            bail!("the {} agent did not run", flawed.agent);
        };
        judge(flawed, &expected, verdicts, ran)
            .with_context(|| format!("the {} agent", flawed.agent))
    });
    judged.collect()
}

fn judge(
    flawed: &Flawed,
    expected: &Expected,
    verdicts: &BTreeMap<String, Verdict>,
    ran: &BTreeMap<String, Ran>,
) -> Result<Proof> {
    let of = |case: &str| (verdicts.get(case), ran.get(case));
    for case in flawed.right {
        let (verdict, ran) = of(case);
        if let Some(difference) = expected.differences(case, verdict, ran).first() {
            bail!("case {case} should pass: {difference}");
        }
    }
    let mut only = 0;
    for case in flawed.wrong {
        let (verdict, ran) = of(case);
        let verdict = verdict.with_context(|| format!("case {case} has no verdict"))?;
        if let Some(error) = ran.and_then(Ran::error) {
            // Noticed, but not by what is proved here.
            bail!("case {case}: {error}");
        }
        if expected.differences(case, Some(verdict), ran).is_empty() {
            bail!("case {case} was not noticed");
        }
        let is_only = match (
            flawed.shown_by,
            verdict.behavior == OK,
            verdict.behavior_close == OK,
        ) {
            (ShownBy::BehaviorClose, true, false)
            | (ShownBy::Behavior, false, true)
            | (ShownBy::Contents, true, true) => 1,
            _ => 0,
        };
        only += is_only;
    }
    let shown_by = match flawed.shown_by {
        ShownBy::BehaviorClose => "behaviorClose",
        ShownBy::Behavior => "behavior",
        ShownBy::Contents => "the comparison of contents",
    };
    if only == 0 {
        bail!("no case is shown by {shown_by} alone");
    }
    Ok(Proof {
        agent: flawed.agent,
        what: flawed.what,
        noticed: flawed.wrong.len(),
        right: flawed.right.len(),
        only,
        shown_by,
    })
}
