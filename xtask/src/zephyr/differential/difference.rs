// SPDX-License-Identifier: Apache-2.0
//! Where the two images differ in one sequence, and how far they can be compared.

use super::images::Pair;
use super::lines::{Outcome, Step};
use super::model::Model;
use super::rules::{self, Rule};

/// What a tick or two may take.
const MS: i64 = 10;

/// What of a step differs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Aspect {
    /// One image went another way before.
    Call,
    /// The result, why it failed, or that it never came.
    Result,
    /// errno, where the result says the same.
    Errno,
    /// Something that a call writes: its name.
    Output(String),
    /// The same, but later or earlier.
    Time,
    /// A frame that only this image sent.
    OnlyStock(String),
    OnlyOurs(String),
}

/// One difference, and what was before it.
pub(super) struct Difference<'a> {
    pub(super) aspect: Aspect,
    pub(super) stock: &'a Step,
    pub(super) ours: &'a Step,
    pub(super) model: &'a Model,
}

impl Difference<'_> {
    /// The call's.
    pub(super) fn name(&self) -> &str {
        self.ours.name()
    }

    pub(super) fn is_only_ours(&self, begin: &str) -> bool {
        matches!(&self.aspect, Aspect::OnlyOurs(saw) if saw.starts_with(begin))
    }

    pub(super) fn is_only_stock(&self, begin: &str) -> bool {
        matches!(&self.aspect, Aspect::OnlyStock(saw) if saw.starts_with(begin))
    }

    /// websocket_recv_msg() or websocket_send_msg().
    pub(super) fn is_message_call(&self) -> bool {
        ["recv_msg", "send_msg"].contains(&self.name())
    }

    pub(super) fn is_send(&self) -> bool {
        ["send", "send_msg"].contains(&self.name())
    }

    /// What a poll says, or when.
    pub(super) fn is_poll(&self) -> bool {
        self.name() == "poll"
            && (self.is_result() || self.is_output("revents") || self.aspect == Aspect::Time)
    }

    /// What a poll said.
    pub(super) fn bits(&self, step: &Step) -> i64 {
        step.got_number("revents").unwrap_or_default()
    }

    /// The two polls say the same but for these.
    pub(super) fn is_only_bits(&self, bits: i64) -> bool {
        (self.bits(self.stock) ^ self.bits(self.ours)) & !bits == 0
    }

    pub(super) fn is_result(&self) -> bool {
        self.aspect == Aspect::Result
    }

    pub(super) fn is_output(&self, name: &str) -> bool {
        matches!(&self.aspect, Aspect::Output(output) if output == name)
    }
}

/// What was found in one sequence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) aspect: Aspect,
    pub(super) row: Option<&'static str>,
    pub(super) kind: String,
}

/// All differences up to the first that no row explains, or behind which the images have nothing in common.
pub(super) fn differences(pair: &Pair) -> Vec<Found> {
    let mut model = Model::default();
    let mut found = Vec::new();
    for at in 0..pair.stock.len().max(pair.ours.len()) {
        let (Some(stock), Some(ours)) = (pair.stock.get(at), pair.ours.get(at)) else {
            found.push(unexplained(at, Aspect::Call, "one image has no such step"));
            break;
        };
        model.before(ours);
        for aspect in aspects(stock, ours) {
            let difference = Difference {
                aspect: aspect.clone(),
                stock,
                ours,
                model: &model,
            };
            match rules::of(&difference) {
                Some(Rule { row, what, .. }) => found.push(Found {
                    at,
                    aspect,
                    row: Some(row),
                    kind: (*what).to_owned(),
                }),
                None => {
                    let kind = format!("{}: {}", ours.name(), kind_of(&difference));
                    found.push(unexplained(at, aspect, &kind));
                    return found;
                }
            }
        }
        model.after(stock, ours);
        if !model.is_comparable() || is_last(stock, ours, &found) {
            break;
        }
    }
    found
}

/// Behind it the images have nothing in common, though both have received the same.
fn is_last(stock: &Step, ours: &Step, found: &[Found]) -> bool {
    let is_over = |step: &Step| matches!(step.outcome, Outcome::Hang | Outcome::Crash);
    let went_apart = stock.result() != ours.result()
        && ["connect", "shutdown", "send", "send_msg"].contains(&ours.name());
    // The stock client's stream is torn, or the next call would have to be this one again.
    let has_not_sent = ["send", "send_msg"].contains(&ours.name()) && stock.result() < Some(0);
    // What a poll passed over, the stock client still has before it.
    let was_passed_over = found.last().is_some_and(|found| found.row == Some("I-103"));
    is_over(stock) || is_over(ours) || went_apart || has_not_sent || was_passed_over
}

fn unexplained(at: usize, aspect: Aspect, kind: &str) -> Found {
    Found {
        at,
        aspect,
        row: None,
        kind: kind.to_owned(),
    }
}

/// For a difference that no rule names: what it looks like.
fn kind_of(difference: &Difference<'_>) -> String {
    let brief = |step: &Step| match &step.outcome {
        Outcome::Result(result, _) if *result > 0 => "octets".to_owned(),
        Outcome::Result(result, _) if *result < 0 => step.error().to_owned(),
        Outcome::Result(..) => "0".to_owned(),
        other => format!("{other:?}"),
    };
    match &difference.aspect {
        Aspect::Result => format!(
            "stock {}, ours {}",
            brief(difference.stock),
            brief(difference.ours)
        ),
        Aspect::Output(name) => format!(
            "{name}: stock {}, ours {}",
            difference.stock.got(name).unwrap_or("-"),
            difference.ours.got(name).unwrap_or("-")
        ),
        Aspect::OnlyStock(saw) => format!("stock sends {}", first_words(saw)),
        Aspect::OnlyOurs(saw) => format!("ours sends {}", first_words(saw)),
        Aspect::Errno => format!(
            "errno: stock {}, ours {}",
            difference.stock.got("errno").unwrap_or("-"),
            difference.ours.got("errno").unwrap_or("-")
        ),
        other => format!("{other:?}"),
    }
}

fn first_words(saw: &str) -> String {
    saw.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

fn aspects(stock: &Step, ours: &Step) -> Vec<Aspect> {
    if stock.call != ours.call {
        return vec![Aspect::Call];
    }
    let mut aspects = Vec::new();
    match (&stock.outcome, &ours.outcome) {
        (Outcome::Result(s, _), Outcome::Result(o, _))
            if s == o
                && (stock.error() == ours.error() || stock.got("error").is_none() && *s >= 0) =>
        {
            outputs(stock, ours, &mut aspects);
        }
        (one, other) if one == other => {}
        _ => aspects.push(Aspect::Result),
    }
    let mut rest = ours.saw.clone();
    for saw in &stock.saw {
        match rest.iter().position(|other| other == saw) {
            Some(at) => {
                rest.remove(at);
            }
            None => aspects.push(Aspect::OnlyStock(saw.clone())),
        }
    }
    aspects.extend(rest.into_iter().map(Aspect::OnlyOurs));
    aspects
}

fn outputs(stock: &Step, ours: &Step, aspects: &mut Vec<Aspect>) {
    if stock.got("errno") != ours.got("errno") {
        aspects.push(Aspect::Errno);
    }
    for name in ["type", "left", "data", "revents", "count", "value", "port"] {
        if stock.got(name) != ours.got(name) {
            aspects.push(Aspect::Output(name.to_owned()));
        }
    }
    let time = |step: &Step| step.got_number("ms").unwrap_or_default();
    if (time(stock) - time(ours)).abs() > MS {
        aspects.push(Aspect::Time);
    }
}
