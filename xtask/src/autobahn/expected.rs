// SPDX-License-Identifier: Apache-2.0
//! tests/conformance/expected.json: what each case must end with, and what differs from it.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::agent::Ran;
use super::suite::Verdict;
use crate::paths;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    #[expect(dead_code, reason = "for readers of the file")]
    licence: String,
    #[expect(dead_code, reason = "for readers of the file")]
    about: String,
    pub(super) suite: String,
    count: usize,
    pub(super) verdicts: Vec<Rule>,
    pub(super) not_expressible: Vec<Exclusion>,
}

/// Cases and their verdict.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) cases: Vec<String>,
    pub(super) count: usize,
    pub(super) behavior: String,
    pub(super) behavior_close: String,
    pub(super) reason: Option<String>,
}

/// Cases that an agent leaves out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exclusion {
    pub(super) agent: String,
    pub(super) cases: Vec<String>,
    pub(super) count: usize,
    pub(super) reason: String,
}

impl Expected {
    /// Reads the file and checks it against the cases that the suite has.
    ///
    /// # Errors
    /// A case without a rule, a count that is not true, a missing reason.
    pub(super) fn read(all: &[String]) -> Result<Self> {
        let file = paths::source("tests/conformance/expected.json");
        let text = fs::read_to_string(&file).with_context(|| paths::shown(&file))?;
        let expected: Self = serde_json::from_str(&text).with_context(|| paths::shown(&file))?;
        expected.check(all).with_context(|| paths::shown(&file))?;
        Ok(expected)
    }

    fn check(&self, all: &[String]) -> Result<()> {
        if all.len() != self.count {
            bail!("the suite has {} cases, not {}", all.len(), self.count);
        }
        if let Some(case) = all.iter().find(|case| self.rule(case).is_none()) {
            bail!("no rule is for case {case}");
        }
        for rule in &self.verdicts {
            let is_rule = |case: &&String| self.rule(case).is_some_and(|r| std::ptr::eq(r, rule));
            let count = all.iter().filter(is_rule).count();
            let is_good = rule.behavior == OK && rule.behavior_close == OK;
            if count != rule.count || (!is_good && rule.reason.is_none()) {
                bail!("{:?} decide {count} cases, or lack a reason", rule.cases);
            }
        }
        for exclusion in &self.not_expressible {
            let is_out = |case: &&String| matches(&exclusion.cases, case);
            let count = all.iter().filter(is_out).count();
            if count != exclusion.count || exclusion.reason.is_empty() {
                bail!("{:?} are {count} cases, or lack a reason", exclusion.cases);
            }
        }
        Ok(())
    }

    pub(super) fn rule(&self, case: &str) -> Option<&Rule> {
        self.verdicts.iter().find(|rule| matches(&rule.cases, case))
    }

    /// Why this agent leaves the case out.
    pub(super) fn exclusion(&self, agent: &str, case: &str) -> Option<&str> {
        let mut of_agent = self.not_expressible.iter();
        let found = of_agent.find(|one| one.agent == agent && matches(&one.cases, case))?;
        Some(&found.reason)
    }

    /// What is not as it must be in a case that was to be run; nothing is good.
    pub(super) fn differences(
        &self,
        case: &str,
        verdict: Option<&Verdict>,
        ran: Option<&Ran>,
    ) -> Vec<String> {
        let Some(rule) = self.rule(case) else {
            return vec!["expected.json has no rule".into()];
        };
        let mut found = Vec::new();
        match verdict {
            None => found.push("the suite has no verdict".into()),
            Some(verdict) => {
                if verdict.behavior != rule.behavior {
                    found.push(format!(
                        "behavior {}, not {}: {}",
                        verdict.behavior, rule.behavior, verdict.result
                    ));
                }
                if verdict.behavior_close != rule.behavior_close {
                    found.push(format!(
                        "behaviorClose {}, not {}: {}",
                        verdict.behavior_close, rule.behavior_close, verdict.result_close
                    ));
                }
            }
        }
        match ran {
            None => found.push("the agent did not run it".into()),
            Some(ran) => {
                found.extend(ran.error());
                found.extend(verdict.and_then(|verdict| contents(case, verdict, ran)));
            }
        }
        found
    }
}

pub(super) const OK: &str = "OK";

/// The suite does not compare what comes back in these cases.
fn contents(case: &str, verdict: &Verdict, ran: &Ran) -> Option<String> {
    let is_same =
        verdict.sent == ran.received && ran.received == ran.sent && ran.sent == verdict.received;
    (case.starts_with("9.") && !is_same).then(|| {
        format!(
            "contents differ: the suite sent {}, the agent got {}, sent {}, the suite got {}",
            verdict.sent, ran.received, ran.sent, verdict.received
        )
    })
}

/// `5.19` is one case; `9.*` is all of its section; `*` is all.
pub(super) fn matches(patterns: &[String], case: &str) -> bool {
    let is_match = |pattern: &String| match pattern.strip_suffix('*') {
        Some(start) if start.is_empty() || start.ends_with('.') => case.starts_with(start),
        _ => pattern == case,
    };
    patterns.iter().any(is_match)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expected {
        let text = r#"{"licence": "", "about": "", "suite": "", "count": 3, "verdicts": [
            {"cases": ["7.*"], "count": 1, "behavior": "INFORMATIONAL", "behavior_close": "OK", "reason": "so"},
            {"cases": ["*"], "count": 2, "behavior": "OK", "behavior_close": "OK"}],
            "not_expressible": [{"agent": "socket", "cases": ["1.1"], "count": 1, "reason": "so"}]}"#;
        serde_json::from_str(text).expect("an example")
    }

    fn cases(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn verdict(behavior: &str, behavior_close: &str) -> Verdict {
        Verdict {
            behavior: behavior.to_owned(),
            behavior_close: behavior_close.to_owned(),
            ..Verdict::default()
        }
    }

    #[test]
    fn patterns_end_at_a_dot() {
        assert!(matches(&cases(&["1.*"]), "1.1.8"));
        assert!(!matches(&cases(&["1.*"]), "10.1.1"));
        assert!(!matches(&cases(&["1*"]), "10.1.1"));
        assert!(!matches(&cases(&["5.1"]), "5.19"));
        assert!(matches(&cases(&["*"]), "5.19"));
    }

    #[test]
    fn a_suite_with_other_cases_is_noticed() {
        let expected = expected();
        assert!(expected.check(&cases(&["1.1", "1.2", "7.1"])).is_ok());
        assert!(expected.check(&cases(&["1.1", "7.1"])).is_err());
        assert!(expected.check(&cases(&["1.1", "1.2", "1.3"])).is_err());
        assert!(expected.check(&cases(&["1.4", "1.2", "7.1"])).is_err());
    }

    #[test]
    fn both_fields_count() {
        let good = Ran::default();
        let differences = |case: &str, behavior: &str, close: &str| {
            expected().differences(case, Some(&verdict(behavior, close)), Some(&good))
        };
        assert!(differences("1.1", "OK", "OK").is_empty());
        assert_eq!(differences("1.1", "OK", "UNCLEAN").len(), 1);
        assert_eq!(differences("1.1", "NON-STRICT", "OK").len(), 1);
        assert_eq!(differences("1.1", "INFORMATIONAL", "OK").len(), 1);
        assert!(differences("7.1", "INFORMATIONAL", "OK").is_empty());
    }

    #[test]
    fn what_is_missing_is_no_pass() {
        let good = verdict(OK, OK);
        let expected = expected();
        assert_eq!(
            expected
                .differences("1.1", None, Some(&Ran::default()))
                .len(),
            1
        );
        assert_eq!(expected.differences("1.1", Some(&good), None).len(), 1);
        let failed = Ran {
            failure: Some("signal 11".into()),
            ..Ran::default()
        };
        assert_eq!(
            expected
                .differences("1.1", Some(&good), Some(&failed))
                .len(),
            1
        );
    }

    #[test]
    fn contents_of_long_messages_are_compared() {
        let verdict = verdict(OK, OK);
        let ran = Ran {
            sent: "1 00000000".parse().expect("an example"),
            ..Ran::default()
        };
        let expected = expected();
        assert_eq!(
            expected
                .differences("9.1.1", Some(&verdict), Some(&ran))
                .len(),
            1
        );
        assert!(
            expected
                .differences("9.1.1", Some(&verdict), Some(&Ran::default()))
                .is_empty()
        );
    }
}
