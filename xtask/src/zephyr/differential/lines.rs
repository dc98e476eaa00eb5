// SPDX-License-Identifier: Apache-2.0
//! The lines of tests/zephyr/differential: what the peer sent, what a call gave, what the peer saw.

use std::collections::BTreeMap;

/// One step of a sequence, and the frames that the peer had received after it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// Up to the result: the same on both images.
    pub(super) call: String,
    pub(super) outcome: Outcome,
    pub(super) saw: Vec<String>,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It is the peer's.
    Nothing,
    /// Result and what is behind it.
    Result(i64, BTreeMap<String, String>),
    /// It never returned.
    Hang,
    /// The image ended in it.
    Crash,
}

impl Step {
    pub(super) fn name(&self) -> &str {
        self.call.split(' ').next().unwrap_or_default()
    }

    /// A number of the call.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.word(name)?.parse().ok()
    }

    pub(super) fn word(&self, name: &str) -> Option<&str> {
        word(&self.call, name)
    }

    pub(super) fn result(&self) -> Option<i64> {
        match self.outcome {
            Outcome::Result(result, _) => Some(result),
            _ => None,
        }
    }

    /// Something of the outcome.
    pub(super) fn got(&self, name: &str) -> Option<&str> {
        match &self.outcome {
            Outcome::Result(_, words) => words.get(name).map(String::as_str),
            _ => None,
        }
    }

    pub(super) fn got_number(&self, name: &str) -> Option<i64> {
        self.got(name)?.parse().ok()
    }

    /// Why it failed: the negative result where it is one, else errno.
    pub(super) fn error(&self) -> &str {
        self.got("error").or(self.got("errno")).unwrap_or("0")
    }

    /// For a reader.
    pub(super) fn shown(&self) -> String {
        let mut text = match &self.outcome {
            Outcome::Nothing => String::new(),
            Outcome::Hang => "HANG".to_owned(),
            Outcome::Crash => "CRASH".to_owned(),
            Outcome::Result(result, words) => {
                let words = words.iter().filter(|(name, value)| {
                    !(["errno", "ms"].contains(&name.as_str()) && *value == "0")
                });
                let words: String = words
                    .map(|(name, value)| format!(" {name}={value}"))
                    .collect();
                format!("{result}{words}")
            }
        };
        for saw in &self.saw {
            text += &format!(" [peer got {saw}]");
        }
        text.trim().to_owned()
    }
}

/// `name=value` of a line.
pub(super) fn word<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split(' ')
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// The steps of one sequence, from the lines between BEGIN and END.
pub(super) fn steps<'a>(lines: impl Iterator<Item = &'a str>, last: Outcome) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        if let Some(saw) = line.strip_prefix("saw ") {
            if let Some(step) = steps.last_mut() {
                step.saw.push(saw.to_owned());
            }
            continue;
        }
        let (call, outcome) = match line.split_once(" = ") {
            Some((call, rest)) => (call, result(rest)),
            None => (line, Outcome::Nothing),
        };
        steps.push(Step {
            call: call.to_owned(),
            outcome,
            saw: Vec::new(),
        });
    }
    if last != Outcome::Nothing
        && let Some(step) = steps.last_mut()
    {
        step.outcome = last;
    }
    steps
}

fn result(text: &str) -> Outcome {
    let mut words = text.split(' ');
    let result = words.next().and_then(|word| word.parse().ok());
    let words = words
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    result.map_or(Outcome::Crash, |result| Outcome::Result(result, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_its_outcome_and_what_the_peer_saw() {
        let lines = [
            "recv_msg size=16 timeout=0 = 5 errno=0 ms=0 type=3 left=0",
            "saw op=10 fin=1 len=4",
            "frame op=1 fin=1 len=5 header=2 sent=7",
        ];
        let steps = steps(lines.into_iter(), Outcome::Nothing);
        assert_eq!(steps[0].name(), "recv_msg");
        assert_eq!(steps[0].number("size"), Some(16));
        assert_eq!(
            (steps[0].result(), steps[0].got("type")),
            (Some(5), Some("3"))
        );
        assert_eq!(steps[0].saw, ["op=10 fin=1 len=4"]);
        assert_eq!(steps[1].outcome, Outcome::Nothing);
    }

    #[test]
    fn what_never_returned_is_the_last_step() {
        let steps = steps(["fionread"].into_iter(), Outcome::Hang);
        assert_eq!(steps[0].outcome, Outcome::Hang);
    }
}
